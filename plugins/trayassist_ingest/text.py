"""Text, data and source code as they are, cut into pages; Markdown with its headings and its title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from trayassist.api import Page, ReadOptions, UnreadableFile
from trayassist_ingest import pieces

COUNTED_BYTES = 4_000_000  # files up to this size are cut first, so that their number of pages is known
PROSE = ".txt .text .log .rst .adoc .asciidoc .org .tex .bib .srt .vtt .po .diff .patch"
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
        yield from number_pages(path, options.first_page)


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
    """Reads Markdown as it is written, with its headings and its title."""

    name = "markdown"
    suffixes: Sequence[str] = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the pages. Raises UnreadableFile when the file is no text."""
        outline = Outline()
        for page in number_pages(path, 1):  # from the start: a code fence may open pages before
            headings = outline.headings(page.text)
            if page.number >= options.first_page:
                yield Page(number=page.number, text=page.text, headings=headings, total=page.total, title=outline.title)


class Outline:
    """The headings of a Markdown text that comes piece by piece; `title` is the front matter's or the first."""

    def __init__(self) -> None:
        self.title = ""
        self._fence = ""
        self._begun = False

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
