"""HTML: the text a reader sees, without menus and scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trayassist.api import Page, ReadOptions, UnreadableFile
from trayassist.api.normal_text import normal
from trayassist_ingest import html_tables, pieces
from trayassist_ingest.pdf_lines import add_raised

LEFT_OUT = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "svg",
        "math",
        "canvas",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "map",
        "head",
        "rt",
        "rp",
        "datalist",
        "button",
        "dialog",
    }
)
BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "legend",
        "li",
        "main",
        "menu",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "option",
    }
)
PARAGRAPHS = frozenset(
    {
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "dl",
        "table",
        "blockquote",
        "pre",
        "section",
        "article",
        "figure",
    }
)
HEADINGS = frozenset(
    {
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    }
)
CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "iso-8859-1": "cp1252", "euc-kr": "cp949"}
SPACE = re.compile(r"[ \t\r\n\f\xa0]+")


class HtmlIngestor:
    """Reads HTML files."""

    name = "html"
    suffixes: Sequence[str] = (".html", ".htm", ".xhtml", ".shtml")

    def prepare(self) -> None:
        """Import what reading needs, so that the first file does not wait for it."""
        import selectolax.lexbor  # noqa: F401

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the text in pages. Raises UnreadableFile when there is none."""
        from selectolax.lexbor import LexborHTMLParser

        tree = LexborHTMLParser(decode(path))
        yield from pages_of(tree, path, options.first_page)


def pages_of(tree: Any, path: Path, first_page: int) -> Iterator[Page]:
    """Yield the text of a parsed page in pieces. Raises UnreadableFile when there is none."""
    title_node = tree.css_first("title")
    title = SPACE.sub(" ", title_node.text()).strip()[:300] if title_node is not None else ""
    seen = _Text(unseen=_find_unseen(tree))
    if tree.root is not None:
        _walk(tree.root, seen)
    text = normal(seen.text())
    parts = list(pieces.split(text))
    if not parts:
        raise UnreadableFile(f"{path.name} has no text.", "Save the page from the browser as PDF and drop that.")
    for number, (offset, part) in enumerate(parts, 1):
        if number >= first_page:
            heads = tuple(text[a:b] for a, b in seen.headings if offset <= a < offset + len(part))
            yield Page(number=number, text=part, headings=heads, total=len(parts), title=title)


def decode(path: Path) -> str:
    """Return the file's text in the encoding it declares. Raises UnreadableFile."""
    with pieces.open_text(path) as file:
        guessed = file.encoding
        raw = path.read_bytes()
    match = CHARSET.search(raw[:4096])
    marked = guessed.startswith("utf-") and guessed != "utf-8"  # the file says it in its first bytes
    for encoding in (match[1].decode("ascii") if match and not marked else guessed, guessed):
        try:
            return raw.decode(SUPERSETS.get(encoding.lower(), encoding))
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode(guessed, errors=pieces.WESTERN_BYTES if guessed.startswith("utf-8") else "replace")


@dataclass
class _Text:
    """The text so far, in lines; `headings` are (begin, end) offsets into it.

    `unseen` are the nodes that style sheets hide, `numbers` the next number of each open list (None: no numbers).
    """

    parts: list[str] = field(default_factory=list)
    length: int = 0
    line: list[str] = field(default_factory=list)
    headings: list[tuple[int, int]] = field(default_factory=list)
    unseen: set[int] = field(default_factory=set)
    numbers: list[tuple[int | None, int, str]] = field(default_factory=list)  # next, step, kind

    def words(self, text: str, as_written: bool) -> None:
        self.line.append(text if as_written else SPACE.sub(" ", text))

    def end_line(self, heading: bool = False, as_written: bool = False) -> None:
        text = "".join(self.line)
        self.line.clear()
        if as_written:
            text = text.strip("\n").rstrip()
        else:
            text = "\n".join(re.sub(r" {2,}", " ", row).strip() for row in text.split("\n")).strip()
        text = normal(text)
        if text:
            if heading:
                self.headings.append((self.length, self.length + len(text)))
            self._add(f"{text}\n")

    def row(self, cells: Sequence[str]) -> None:
        self._add("\t".join(cells) + "\n")

    def end_paragraph(self) -> None:
        if self.parts and self.parts[-1] != "\n":
            self._add("\n")

    def text(self) -> str:
        self.end_line()
        return "".join(self.parts)

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)


def _walk(root: Any, seen: _Text) -> None:
    """Visit the tree without recursion: pages nest deeper than Python's stack."""
    stack: list[tuple[Any, bool, bool]] = [(root, False, False)]
    while stack:
        node, leaving, as_written = stack.pop()
        tag = str(node.tag or "")
        if leaving:
            seen.end_line(tag in HEADINGS, as_written)
            if tag in ("ol", "ul", "menu", "dir") and seen.numbers:
                seen.numbers.pop()
            if tag in PARAGRAPHS:
                seen.end_paragraph()
            continue
        if tag == "-text":
            seen.words(node.text(deep=False) or "", as_written)
            continue
        if tag in LEFT_OUT or tag.startswith(("-", "!", "_")) or _is_unseen(node, tag, seen):
            continue
        if tag == "select":
            chosen = (option.text() for option in node.css("option") if "selected" in (option.attributes or {}))
            seen.words(f" {', '.join(SPACE.sub(' ', text).strip() for text in chosen)} ", as_written=False)
            continue
        if tag in ("sup", "sub"):
            _raise(node, tag, seen)
            continue
        if tag == "table" and _write_table(node, seen):
            continue
        _enter(node, tag, seen)
        written = as_written or tag in ("pre", "textarea")
        if tag in BLOCKS:
            seen.end_line()
            stack.append((node, True, written))
        if tag == "li":
            _number(node, seen)
        children = list(node.iter(include_text=True))
        stack.extend((child, False, written) for child in reversed(children))


def _raise(node: Any, tag: str, seen: _Text) -> None:
    """Write what stands above or below the line: an exponent as 10⁶, the mark of a footnote apart from the word."""
    raised = SPACE.sub(" ", node.text() or "").strip()
    before = "".join(seen.line)
    if tag == "sub" or not before.strip():
        seen.line.append(raised)
    else:
        seen.line[:] = [add_raised(before, raised.strip("[]"))]


def _number(node: Any, seen: _Text) -> None:
    """Write the number or sign that the page shows before the item of a list."""
    if not seen.numbers:
        return
    number, step, kind = seen.numbers[-1]
    if number is None:
        return
    own = (node.attributes or {}).get("value") or ""
    if re.fullmatch(r"-?\d{1,9}", own):
        number = int(own)
    seen.numbers[-1] = (number + step, step, kind)
    seen.line.append(f"{_as_counted(number, kind)}. ")


def _as_counted(number: int, kind: str) -> str:
    if kind.lower() == "a" and 1 <= number <= 26:
        return chr(ord(kind) + number - 1)
    if kind.lower() == "i" and 1 <= number < 4000:
        roman, left = "", number
        for value, sign in ROMAN:
            roman += sign * (left // value)
            left %= value
        return roman if kind == "I" else roman.lower()
    return str(number)


ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X")),
    *((9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)


# ---- what the page does not show

_NONE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?:^|[;\s{])opacity\s*:\s*0?\.?0+\s*(?:[;}!]|$)"
    r"|font-size\s*:\s*0*\.?[01]?(?:px|pt|em|rem|%)?\s*(?:[;}!]|$)"
    r"|(?:left|top|right|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}(?:px|em|rem|pt|vw)?"
    r"|transform\s*:\s*scale\(0\)|clip\s*:\s*rect\((?:0|1)(?:px)?[ ,]|clip-path\s*:\s*(?:inset\((?:50|100)%|circle\(0)"
    r"|content-visibility\s*:\s*hidden",
    re.IGNORECASE,
)
_FLAT = re.compile(r"(?:^|[;\s{])(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:[;}!]|$)", re.IGNORECASE)
_COLOR = re.compile(r"(?:^|[;\s{])color\s*:\s*([^;}!]{1,60})", re.IGNORECASE)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;}!]{1,60})", re.IGNORECASE)
_WHITE = ("white", "#fff", "#ffffff", "rgb(255,255,255)", "rgb(100%,100%,100%)", "hsl(0,0%,100%)")
_CLEAR = ("transparent", "rgba(0,0,0,0)", "#0000", "#00000000")
_RULE = re.compile(r"([^{}@]{1,1000})\{([^{}]{0,4000})\}")
_COMMENT = re.compile(r"/\*[^*]{0,5000}(?:\*(?!/)[^*]{0,5000}){0,200}\*/")
_SELECTOR = re.compile(
    r"(?:[a-z][\w-]{0,60})?(?:[.#][\w-]{1,80}|\[[\w-]{1,40}(?:=[\"']?[\w -]{0,60}[\"']?)?\]){0,4}", re.IGNORECASE
)
MOST_RULES = 500


def _hides(style: str) -> bool:
    """Return whether a style leaves nothing to see: not shown, of no size, off the page, in the ground's colour."""
    if _NONE.search(style) or (_FLAT.search(style) and "hidden" in style):
        return True
    found = _COLOR.search(style)
    if found is None:
        return False
    color = found[1].replace(" ", "").lower()
    ground = _GROUND.search(style)
    if ground is not None:
        return ground[1].replace(" ", "").lower() == color
    return color in _WHITE or color in _CLEAR


def _find_unseen(tree: Any) -> set[int]:
    """Return the nodes that rules of the page's style sheets hide; a rule for white letters is not judged."""
    unseen: set[int] = set()
    for sheet in tree.css("style"):
        for count, rule in enumerate(_RULE.finditer(_COMMENT.sub("", sheet.text() or ""))):
            if count >= MOST_RULES:
                break
            if not (_NONE.search(rule[2]) or (_FLAT.search(rule[2]) and "hidden" in rule[2])):
                continue
            for selector in rule[1].split(","):
                if selector.strip() and all(map(_SELECTOR.fullmatch, selector.split())):
                    unseen |= {node.mem_id for node in tree.css(selector.strip())}
    return unseen


def _is_unseen(node: Any, tag: str, seen: _Text) -> bool:
    attributes = node.attributes or {}
    if "hidden" in attributes or (tag == "input" and attributes.get("type") in ("hidden", "password")):
        return True
    style = attributes.get("style")
    if (style and _hides(style)) or (seen.unseen and node.mem_id in seen.unseen):
        return True
    return tag == "font" and str(attributes.get("color") or "").lower() in _WHITE


def _write_table(table: Any, seen: _Text) -> bool:
    """Write the rows of a table, its caption first; return whether it is one."""

    def words_of(node: Any) -> str:
        inside = _Text(unseen=seen.unseen)
        _walk(node, inside)
        return " ".join(inside.text().split())

    rows = html_tables.rows_of(table, words_of, lambda row: _is_unseen(row, "tr", seen))
    if not rows:
        return False
    seen.end_line()
    seen.end_paragraph()
    if (caption := table.css_first("caption")) is not None:
        seen.words(words_of(caption), as_written=False)
        seen.end_line()
    for row in rows:
        seen.row(row)
    seen.end_paragraph()
    return True


def _enter(node: Any, tag: str, seen: _Text) -> None:
    attributes = node.attributes or {}
    if tag == "br":
        seen.line.append("\n")
    elif tag in ("td", "th"):
        seen.line.append("\t")
    elif tag == "img" and (text := attributes.get("alt")):
        seen.words(f" {text} ", as_written=False)
    elif tag == "rp":
        seen.line.append("")
    elif tag == "input":
        seen.words(_input_value(attributes), as_written=False)
    elif tag == "ol":
        start = attributes.get("start") or ""
        items = sum(child.tag == "li" for child in node.iter())
        back = "reversed" in attributes
        first = int(start) if re.fullmatch(r"-?\d{1,9}", start) else items if back else 1
        seen.numbers.append((first, -1 if back else 1, str(attributes.get("type") or "1")))
    elif tag in ("ul", "menu", "dir"):
        seen.numbers.append((None, 0, ""))


def _input_value(attributes: Mapping[str, str | None]) -> str:
    """Return what a field shows: its value, or whether it is ticked."""
    kind = (attributes.get("type") or "text").lower()
    if kind in ("checkbox", "radio"):
        return " ☒ " if "checked" in attributes else " ☐ "
    if kind in ("submit", "button", "reset", "image", "file"):
        return ""
    return f" {attributes.get('value') or ''} "
