"""HTML: the text a reader sees, without menus and scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trayassist.api import Page, ReadOptions, UnreadableFile
from trayassist_ingest import pieces

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
        "select",
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
        title_node = tree.css_first("title")
        title = SPACE.sub(" ", title_node.text()).strip()[:300] if title_node is not None else ""
        seen = _Text()
        if tree.root is not None:
            _walk(tree.root, seen)
        text = seen.text()
        parts = list(pieces.split(text))
        if not parts:
            raise UnreadableFile(f"{path.name} has no text.", "Save the page from the browser as PDF and drop that.")
        for number, (offset, part) in enumerate(parts, 1):
            if number >= options.first_page:
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
    return raw.decode(guessed, errors="replace")


@dataclass
class _Text:
    """The text so far, in lines; `headings` are (begin, end) offsets into it."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    line: list[str] = field(default_factory=list)
    headings: list[tuple[int, int]] = field(default_factory=list)

    def words(self, text: str, as_written: bool) -> None:
        self.line.append(text if as_written else SPACE.sub(" ", text))

    def end_line(self, heading: bool = False, as_written: bool = False) -> None:
        text = "".join(self.line)
        self.line.clear()
        if as_written:
            text = text.strip("\n").rstrip()
        else:
            text = "\n".join(re.sub(r" {2,}", " ", row).strip() for row in text.split("\n")).strip()
        if text:
            if heading:
                self.headings.append((self.length, self.length + len(text)))
            self._add(f"{text}\n")

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
            if tag in PARAGRAPHS:
                seen.end_paragraph()
            continue
        if tag == "-text":
            seen.words(node.text(deep=False) or "", as_written)
            continue
        if tag in LEFT_OUT or tag.startswith(("-", "!", "_")):
            continue
        _enter(node, tag, seen)
        written = as_written or tag in ("pre", "textarea")
        if tag in BLOCKS:
            seen.end_line()
            stack.append((node, True, written))
        children = list(node.iter(include_text=True))
        stack.extend((child, False, written) for child in reversed(children))


def _enter(node: Any, tag: str, seen: _Text) -> None:
    if tag == "br":
        seen.line.append("\n")
    elif tag in ("td", "th"):
        seen.line.append("\t")
    elif tag == "img" and (text := (node.attributes or {}).get("alt")):
        seen.words(f" {text} ", as_written=False)
