"""Text, data and source code: as they are, cut into pages."""

from __future__ import annotations

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
        yield from numbered(path, options.first_page)


def numbered(path: Path, first_page: int) -> Iterator[Page]:
    """Yield the pages of a text file from `first_page` on."""
    with pieces.opened(path) as file:
        small = path.stat().st_size <= COUNTED_BYTES
        texts = list(pieces.stream(file)) if small else pieces.stream(file)
        total = len(texts) if isinstance(texts, list) else 0
        number = 0
        for number, text in enumerate(texts, 1):
            if number >= first_page:
                yield Page(number=number, text=text, total=total)
        if number == 0:
            raise UnreadableFile(f"{path.name} is empty.", "There is nothing to read in it.")
