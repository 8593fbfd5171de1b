"""Text, data and source code as they are, cut into pages; Markdown with its headings and its title."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from trayassist.api import Page, ReadOptions, UnreadableFile
from trayassist.api.normal_text import join_broken_words, normal
from trayassist_ingest import pieces
from trayassist_ingest.letters import join_wide_lines

COUNTED_BYTES = 4_000_000  # files up to this size are cut first, so that their number of pages is known
PROSE = ".txt .text .log .rst .adoc .asciidoc .org .tex .bib .po .diff .patch"
DATA = ".csv .tsv .json .jsonl .ndjson .yaml .yml .toml .ini .cfg .conf .env .properties .xml .sql .proto"
CODE = (
    ".py .pyi .js .mjs .cjs .ts .tsx .jsx .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hpp .hh .cs .go .rs .swift"
    " .m .mm .rb .php .pl .pm .lua .r .jl .hs .ml .mli .fs .ex .exs .erl .clj .lisp .el .scm .dart .zig .nim .v .vhd"
    " .sh .bash .zsh .fish .ps1 .bat .cmd .awk .sed .vim .cmake .mk .gradle .tf .nix .css .scss .less .vue .svelte"
)


class TextIngestor:
    """Reads plain text; a page is up to 80 lines or 4,000 characters, cut at a paragraph's end."""

    name = "text"
    suffixes: Sequence[str] = tuple(f"{PROSE} {DATA} {CODE}".split())

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the pieces as pages. Raises UnreadableFile when the file is no text."""
        suffix = path.suffix.lower()
        if suffix in TABLES:
            yield from _with_head_row(number_pages(path, 1), options.first_page)
        elif suffix in WRAPPED:
            for page in number_pages(path, options.first_page):
                yield replace(page, text=join_wide_lines(join_broken_words(normal(page.text))))
        else:
            yield from number_pages(path, options.first_page)


TABLES = (".csv", ".tsv")
WRAPPED = (".txt", ".text", ".rst", ".adoc", ".asciidoc", ".org", ".tex")  # lines that an editor or a person wrapped
HEAD_CHARACTERS = 1000
DELIMITERS = ",;\t|"


def _with_head_row(pages: Iterator[Page], first_page: int) -> Iterator[Page]:
    """Yield the pages of a table with tabs between cells, each headed by the first row where that names the columns."""
    head = delimiter = ""
    for page in pages:
        if page.number == 1:
            delimiter = _delimiter(page.text)
        text = _with_tabs(page.text, delimiter) if delimiter else page.text
        if page.number == 1:
            head = _head_row(text)
        elif head:
            text = f"{head}\n{text}"
        if page.number >= first_page:
            yield replace(page, text=text)


def _delimiter(text: str) -> str:
    """Return what stands between the cells: what the first rows have alike, "" when there is nothing."""
    rows = [line for line in text.split("\n")[:20] if line.strip()]
    counts = {sign: min((line.count(sign) for line in rows), default=0) for sign in DELIMITERS}
    best = max(DELIMITERS, key=lambda sign: counts[sign])
    return best if counts[best] and len(rows) > 1 else ""


def _with_tabs(text: str, delimiter: str) -> str:
    """Return rows with tabs between their cells, without the quotation marks of the format."""
    rows = csv.reader(text.split("\n"), delimiter=delimiter, strict=False)
    try:
        return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows)
    except csv.Error:
        return text


def _head_row(text: str) -> str:
    """Return the first row if it names columns: several cells, each once, no number among them."""
    first, *rest = [line for line in text.split("\n")[:20] if line.strip()] or [""]
    cells = [cell for cell in first.split("\t") if cell]
    names = len(cells) > 1 and not any(cell[:1].isdigit() for cell in cells) and len(set(cells)) == len(cells)
    return first if names and rest and len(first) <= HEAD_CHARACTERS else ""


def number_pages(path: Path, first_page: int) -> Iterator[Page]:
    """Yield the pages of a text file from `first_page` on."""
    with pieces.open_text(path) as file:
        small = path.stat().st_size <= COUNTED_BYTES
        texts = list(pieces.stream(file)) if small else pieces.stream(file)
        total = len(texts) if isinstance(texts, list) else 0
        number = 0
        for number, text in enumerate(texts, 1):
            if number >= first_page:
                yield Page(number=number, text=text, total=total)
        if number == 0:
            raise UnreadableFile(f"{path.name} is empty.", "There is nothing to read in it.")


ATX = re.compile(r" {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$")
UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
FRONT_TITLE = re.compile(r"title[ \t]*[:=][ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.IGNORECASE)
FRONT = {"---": ("---", "..."), "+++": ("+++",)}  # front matter in YAML and in TOML: the first line, and the last


class MarkdownIngestor:
    """Reads Markdown as its page is shown, with its headings and its title; tables and code stay as they are."""

    name = "markdown"
    suffixes: Sequence[str] = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the pages. Raises UnreadableFile when the file is no text."""
        outline = Outline()
        for page in number_pages(path, 1):  # from the start: a code fence may open pages before
            headings = outline.headings(page.text)
            text = outline.as_shown(page.text)
            if page.number >= options.first_page:
                headings = tuple(shown for one in headings if (shown := show_line(one)))
                yield Page(number=page.number, text=text, headings=headings, total=page.total, title=outline.title)


class Outline:
    """The headings of a Markdown text that comes piece by piece; `title` is the front matter's or the first."""

    def __init__(self) -> None:
        self.title = ""
        self._fence = ""
        self._begun = False
        self._open_fence = ""  # of the text that is shown

    def headings(self, text: str) -> tuple[str, ...]:
        """Return the headings of the next piece."""
        found: list[str] = []
        before, lines = "", text.splitlines()
        if not self._begun:
            self._begun = True
            lines = self._after_front(lines)
        for line in lines:
            before = self._line(line, before, found)
        self.title = self.title or (found[0] if found else "")
        return tuple(found)

    def as_shown(self, text: str) -> str:
        """Return the next piece without the marks of Markdown and HTML; code between fences stays as it is."""
        shown: list[str] = []
        done = ""
        for line in normal(text).split("\n"):
            if match := FENCE.match(line):
                if not self._open_fence:  # what is prose so far is mended; code is not
                    done, shown = done + join_broken_words("".join(f"{one}\n" for one in shown)), []
                    self._open_fence = match[1]
                elif match[1].startswith(self._open_fence):
                    done, shown = done + "".join(f"{one}\n" for one in (*shown, line)), []
                    self._open_fence = ""
                    continue
            elif not self._open_fence:
                heading = ATX.match(line)
                if UNDERLINE.match(line) and shown and shown[-1].strip():
                    shown.append("")
                    continue
                line = show_line(heading[1]) if heading else show_line(line)
                shown += [line, ""] if heading else [line]
                continue
            shown.append(line)
        rest = "\n".join(shown)
        return done + (rest if self._open_fence else join_broken_words(rest))

    def _after_front(self, lines: list[str]) -> list[str]:
        """Take the title out of the front matter and return the lines below it; a lone line of dashes is none."""
        ends = FRONT.get(lines[0].strip(), ()) if lines else ()
        last = next((at for at, line in enumerate(lines[1:], 1) if line.strip() in ends), 0)
        titles = [match[1] for line in lines[1:last] if (match := FRONT_TITLE.match(line))]
        self.title = titles[-1] if titles else ""
        return lines[last + 1 :] if last else lines

    def _line(self, line: str, before: str, found: list[str]) -> str:
        """Add the heading that `line` is or ends; return the line when the next one may underline it."""
        if match := FENCE.match(line):
            if not self._fence:
                self._fence = match[1]
            elif match[1].startswith(self._fence):
                self._fence = ""
            return ""
        if self._fence:
            return ""
        if match := ATX.match(line):
            found.append(match[1])
            return ""
        if before.strip() and UNDERLINE.match(line):
            found.append(before.strip())
            return ""
        return line


# ---- a line of Markdown as it is shown

_CODE = re.compile(r"(`{1,3})([^`\n]{1,400})\1")
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\](?:\([^()\s]{0,400}(?:\s+\"[^\"\n]{0,200}\")?\)|\[[^\]\n]{0,100}\])")
_LINK = re.compile(
    r"\[([^\[\]\n]{1,400})\](?:\((?:<[^>\n]{0,400}>|[^()\s]{0,400}(?:\([^()\s]{0,100}\))?[^()\s]{0,100})"
    r"(?:\s+[\"'][^\"'\n]{0,200}[\"'])?\)|\[[^\]\n]{0,100}\])"
)
_WIKI = re.compile(r"!?\[\[(?:[^\[\]|\n]{1,200}\|)?([^\[\]|\n]{1,200})\]\]")
_BARE_LINK = re.compile(r"<((?:https?://|mailto:)?[^\s<>@]{1,200}[@.][^\s<>]{1,200})>")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,20}(?:\s[^<>\n]{0,300})?/?>|<!--[^\n]{0,400}?-->")
_STRONG = re.compile(r"(\*\*|__|~~|==)(?=\S)([^\n]{1,400}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*\\])(\*|_)(?=[^\s*_])([^*_\n]{1,400}?)(?<=[^\s*_])\1(?![\w*])")
_CALLOUT = re.compile(r"^[ \t]*(?:>[ \t]?){1,6}\[!(\w{1,20})\][+-]?[ \t]*")
_QUOTED = re.compile(r"^[ \t]*(?:>[ \t]?){1,6}")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]{1,40})\](:?)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]^\n]{1,100}\]:[ \t]+\S{1,400}[ \t]*(?:[\"'(][^\n]{0,200}[\"')])?[ \t]*$")


def show_line(line: str) -> str:
    """Return a line of Markdown without its marks: emphasis, links and pictures by their words, no tags."""
    if _REFERENCE.match(line):
        return ""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[2])
        return f"\x00{len(kept) - 1}\x00"

    line = _CODE.sub(keep, line)
    line = _QUOTED.sub("", _CALLOUT.sub(lambda found: f"{found[1].capitalize()}: ", line))
    line = line.removesuffix(": ") if line.count(" ") == 1 and line.endswith(": ") else line
    line = _WIKI.sub(r"\1", _IMAGE.sub(r"\1", line))
    line = _TAG.sub("", _BARE_LINK.sub(r"\1", _LINK.sub(r"\1", line)))
    for _ in range(2):  # strong inside emphasis
        line = _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", line))
    line = _FOOTNOTE.sub(lambda found: f"({found[1]}){':' if found[2] else ''}", line)
    line = html.unescape(_ESCAPED.sub(r"\1", line)) if "\\" in line or "&" in line else line
    return re.sub("\x00(\\d+)\x00", lambda found: kept[int(found[1])], normal(line) if "\x00" not in line else line)
