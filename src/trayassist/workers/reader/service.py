"""The reader worker: turns files into batches of pages, and pages into pictures, with the plugins' ingestors.

Batches are asked for one by one, so that a slow memory holds a fast reader back and nothing piles up between.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import pickle
import re
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NamedTuple

from trayassist.api import Ingestor, Page, PageDrawer, PageView, ReadOptions, TrayassistError, UnreadableFile
from trayassist.api.normal_text import normal
from trayassist.plugins.validation import describe_error
from trayassist.workers.child import Channel, limit_memory
from trayassist.workers.reader import kinds as reader_kinds

FIRST_BATCHES = (1, 4, 16)  # pages: the first page is searchable at once, later ones are written many at a time
BATCH_PAGES = 32
BATCH_S = 0.15  # a batch is not held back for longer, so that slow pages show as progress
SMALL_FILES_S = 1.0  # small files are read together for as long
SMALL_FILE_PAGES = 8
BATCH_CHARACTERS = 2_000_000
PAGE_CHARACTERS = 5_000_000  # no page has as many; memory would take minutes over it
LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # no UTF-8 for these

# plain text drawn as a page: lengths are in points
MIN_WIDTH, MAX_WIDTH = 16, 6000
LINE_WIDTH = 100  # characters of a line
FONT_SIZE = 10.0  # points, as all lengths here
LEADING = 14.0
BORDER = 36.0
MAX_LINES = 2000

Quad = tuple[float, float, float, float]


class FileState(NamedTuple):
    """What a file is before it is read. `mtime` is in seconds, `size` in bytes."""

    sha256: str
    size: int
    mtime: float


class ReadBatch(NamedTuple):
    """Pages of a file, in order. `payload` is a pickled list of api.Page that only the memory worker opens.

    `total` is the document's number of pages, 0 if not known; `with_text` counts the pages that have text;
    `notes` are (page number, why it has no text or what was left out).
    """

    pages: int
    ocr_pages: int
    with_text: int
    last_page: int
    total: int
    title: str
    payload: bytes
    notes: tuple[tuple[int, str], ...] = ()


class SmallFile(NamedTuple):
    """A file that was read whole: what it is, and all its pages."""

    state: FileState
    batch: ReadBatch


@dataclass(frozen=True, slots=True)
class ReaderSetup:
    """How a reader works. `entries` are (name, "module:object") that stand in for the installed plugins (tests)."""

    disabled: tuple[str, ...] = ()
    plugin_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)  # ocr, ocr_language, tessdata
    memory_mb: int = 2048
    entries: tuple[tuple[str, str], ...] | None = None


def main(channel: Channel, setup: ReaderSetup) -> None:
    """Load the ingestors, warm them up, and serve look, begin, next, end and draw."""
    limit_memory(setup.memory_mb, data=True)  # for loading them; below, for reading
    reader = Reader(channel, load_ingestors(setup), setup)
    for ingestor, _ in reader.ingestors:
        prepare = getattr(ingestor, "prepare", None)
        if prepare is not None:
            with suppress(Exception):  # barrier: a plugin's warm-up; what is wrong shows when it reads
                prepare()
    limit_memory(setup.memory_mb)
    channel.serve(
        {
            "look": reader.look,
            "begin": reader.begin,
            "next": reader.next,
            "end": reader.end,
            "draw": reader.draw,
            "read_small": reader.read_small,
        }
    )


def load_ingestors(setup: ReaderSetup) -> list[tuple[Ingestor, Mapping[str, Any]]]:
    """Return the ingestors of the plugins that are on, each with its plugin's settings."""
    from trayassist.paths import current
    from trayassist.plugins import discovery  # here, as the tray process imports this module for its values only
    from trayassist.plugins.host import host_for

    if setup.entries is None:
        entries = discovery.discover()
    else:
        entries = [EntryPoint(name, value, discovery.GROUP) for name, value in setup.entries]
    found: list[tuple[Ingestor, Mapping[str, Any]]] = []
    for entry in entries:
        if entry.name not in setup.disabled:
            host = host_for(entry.name, setup.plugin_settings, current())
            found += [(ingestor, host.settings) for ingestor in discovery.load_one(entry, host).part.ingestors]
    return found


class Reader:
    """One file at a time."""

    def __init__(
        self, channel: Channel, ingestors: Sequence[tuple[Ingestor, Mapping[str, Any]]], setup: ReaderSetup
    ) -> None:
        self.ingestors = ingestors
        self._channel, self._setup = channel, setup
        self._sessions = itertools.count(1)
        self._session = 0
        self._batches: Iterator[ReadBatch] = iter(())

    def look(self, path: str, max_mb: int, real: str = "") -> FileState | None:
        """Return the file's hash, size and time. Raises FileRefused when it is not for reading, or UnreadableFile.

        `real` is where the file lay when it was found. If a link leads elsewhere now, it is not the user's choice.
        """
        if real and os.path.realpath(path) != real:
            raise replaced_by_link(path)
        return self._examine(Path(path), max_mb)[1]

    def _examine(self, file: Path, max_mb: int) -> tuple[Ingestor, FileState | None]:
        """Return who reads the file, and its state: None when the request is given up meanwhile."""
        chosen = self._choose(file)
        try:
            state = file.stat()
            if state.st_size > max_mb * 2**20:
                raise reader_kinds.FileRefused(
                    f"{file.name} has {state.st_size / 2**20:,.0f} MB; the limit is {max_mb:,} MB.",
                    "Raise memory.max_file_mb in the settings to have it read.",
                )
            digest = hashlib.sha256()
            with file.open("rb", buffering=0) as stream:
                while block := stream.read(min(2**20, state.st_size + 1)):
                    digest.update(block)
                    if self._channel.cancelled():
                        return chosen, None
        except OSError as error:
            raise UnreadableFile(f"{file.name} cannot be read: {error.strerror}.", "Check it and try again.") from error
        return chosen, FileState(digest.hexdigest(), state.st_size, state.st_mtime)

    def begin(self, path: str, first_page: int, password: str | None, careful: bool) -> int:
        """Open a file; return the number to ask for its batches with. `careful` makes every page a batch of its own."""
        self.end()
        file = Path(path)
        ingestor = self._choose(file)
        options = self._options(ingestor, first_page, password)
        self._session = next(self._sessions)
        self._batches = self._read(file, ingestor, options, careful)
        return self._session

    def next(self, session: int) -> ReadBatch | None:
        """Return the next pages, or None after the last."""
        if session != self._session:
            raise TrayassistError("This file is no longer open in the reader.", "Try again.")
        return next(self._batches, None)

    def read_small(self, files: Sequence[tuple[str, str]], max_mb: int) -> list[SmallFile | None]:
        """Return small files, given as (path, real path), read whole: as many as a second allows, in order.

        None stands for one that is to be read alone, which tells what is wrong with it.
        """
        self.end()
        began = time.perf_counter()
        found = []
        places: dict[str, str] = {}
        for path, real in files:
            found.append(self._read_whole(path, max_mb) if _lies_at(path, real, places) else None)
            if time.perf_counter() - began > SMALL_FILES_S or self._channel.cancelled():
                break
        places.clear()  # a link may have come meanwhile
        return [small if _lies_at(*file, places) else None for file, small in zip(files, found, strict=False)]

    def _read_whole(self, path: str, max_mb: int) -> SmallFile | None:
        file = Path(path)
        try:
            chosen, state = self._examine(file, max_mb)
            read = self._valid_pages(file, chosen, self._options(chosen, 1, None))
            pages = list(itertools.islice(read, SMALL_FILE_PAGES + 1))
            after = file.stat()
        except (TrayassistError, MemoryError, OSError):
            return None
        if state is None or (after.st_size, after.st_mtime) != (state.size, state.mtime):
            return None
        whole = len(pages) <= SMALL_FILE_PAGES and any(page.text.strip() for page in pages)
        return SmallFile(state, _batch(pages)) if whole else None

    def end(self) -> None:
        """Close the open file."""
        self._session = 0
        batches, self._batches = self._batches, iter(())
        close = getattr(batches, "close", None)
        if close is not None:
            close()

    def draw(self, path: str, page: int, width: int, start: int, end: int, password: str | None) -> PageView:
        """Return a page as a picture with the characters [start, end) of its text marked."""
        file = Path(path)
        ingestor = self._choose(file)
        options = self._options(ingestor, page, password)
        try:
            if isinstance(ingestor, PageDrawer):
                return ingestor.draw(file, page, width, (start, end), options)
            return self._draw_text(file, page, width, (start, end), ingestor, options)
        except (TrayassistError, MemoryError):
            raise
        except BaseException as error:  # barrier: an ingestor's code runs here, and no signal arrives
            raise _ingestor_failed(file, ingestor, error) from error

    def _draw_text(
        self, path: Path, page: int, width: int, mark: tuple[int, int], ingestor: Ingestor, options: ReadOptions
    ) -> PageView:
        for read in ingestor.read(path, options):
            if read.number == page:
                return text_view(normal(read.text), width, mark, max(read.total, page))
        raise UnreadableFile(
            f"{path.name} has no page {page}: it changed since it was read.",
            "Drop it again to have the new version remembered.",
        )

    def _choose(self, path: Path) -> Ingestor:
        return reader_kinds.choose(path, [ingestor for ingestor, _ in self.ingestors])

    def _options(self, chosen: Ingestor, first_page: int, password: str | None) -> ReadOptions:
        own = next(settings for ingestor, settings in self.ingestors if ingestor is chosen)
        return ReadOptions(password=password, first_page=first_page, settings={**own, **self._setup.reading})

    def _read(self, path: Path, ingestor: Ingestor, options: ReadOptions, careful: bool) -> Iterator[ReadBatch]:
        sizes = itertools.repeat(1) if careful else itertools.chain(FIRST_BATCHES, itertools.repeat(BATCH_PAGES))
        pages: list[Page] = []
        size, began = next(sizes), time.perf_counter()
        characters = 0
        for page in self._valid_pages(path, ingestor, options):
            pages.append(page)
            characters += len(page.text)
            full = len(pages) >= size or characters >= BATCH_CHARACTERS
            if full or self._channel.cancelled() or time.perf_counter() - began > BATCH_S:
                yield _batch(pages)
                pages, characters = [], 0
                size, began = next(sizes), time.perf_counter()
        if pages:
            yield _batch(pages)

    def _valid_pages(self, path: Path, ingestor: Ingestor, options: ReadOptions) -> Iterator[Page]:
        """Yield the ingestor's pages; anything but pages in order is an error in words."""
        last = options.first_page - 1
        try:
            for page in ingestor.read(path, options):
                _check(page, last)
                last = page.number
                if page.number == 1 and (told := reader_kinds.tell_misnamed(path)):
                    page = replace(page, note="; ".join(filter(None, (told, page.note))))
                yield _normal(_storable(page))
        except (TrayassistError, MemoryError, GeneratorExit):
            raise
        except BaseException as error:  # barrier: an ingestor's code runs here, and no signal arrives
            raise _ingestor_failed(path, ingestor, error) from error


def _check(page: object, last: int) -> None:
    if not isinstance(page, Page):
        raise TypeError(f"it gave {type(page).__name__}, not a page")
    if not all(isinstance(text, str) for text in (page.text, page.title, page.note, page.label, *page.headings)):
        raise TypeError("it gave a page whose text, title, note, label or headings are no text")
    if not isinstance(page.total, int):
        raise TypeError(f"it gave a page of {page.total!r} pages")
    if len(page.text) > PAGE_CHARACTERS:
        raise ValueError(f"it gave a page of {len(page.text):,} characters, and one may have {PAGE_CHARACTERS:,}")
    if not isinstance(page.number, int) or page.number <= last:
        raise ValueError(f"it gave page {page.number} after page {last}")


def _storable(page: Page) -> Page:
    """Return the page with every character storable as UTF-8; the length of its text stays the same."""
    texts = (page.text, page.title, page.note, page.label, *page.headings)
    if all(text.isascii() or not LONE_SURROGATE.search(text) for text in texts):
        return page
    return replace(
        page,
        text=LONE_SURROGATE.sub("\ufffd", page.text),
        headings=tuple(LONE_SURROGATE.sub("\ufffd", heading) for heading in page.headings),
        title=LONE_SURROGATE.sub("\ufffd", page.title),
        note=LONE_SURROGATE.sub("\ufffd", page.note),
        label=LONE_SURROGATE.sub("\ufffd", page.label),
    )


def _normal(page: Page) -> Page:
    """Return the page in the letters that people type, with words whole that soft hyphens part.

    An ingestor that draws its pages gives normal text itself: marks are offsets into what it gave.
    """
    text, headings = normal(page.text), tuple(normal(heading) for heading in page.headings)
    title = normal(page.title)
    if text == page.text and headings == page.headings and title == page.title:
        return page
    return replace(page, text=text, headings=headings, title=title)


def _batch(pages: list[Page]) -> ReadBatch:
    return ReadBatch(
        pages=len(pages),
        ocr_pages=sum(page.ocr for page in pages),
        with_text=sum(bool(page.text.strip()) for page in pages),
        last_page=pages[-1].number,
        total=pages[-1].total,
        title=pages[-1].title,
        payload=pickle.dumps(pages, protocol=pickle.HIGHEST_PROTOCOL),
        notes=tuple((page.number, page.note) for page in pages if page.note),
    )


def _lies_at(path: str, real: str, places: dict[str, str]) -> bool:
    """Return whether the file lies at `real` ("": anywhere), all links followed. `places` keeps what folders are."""
    if not real:
        return True
    folder, name = os.path.split(path)
    if folder not in places:
        places[folder] = os.path.realpath(folder)
    return os.path.join(places[folder], name) == real and not os.path.islink(path)  # noqa: PTH114,PTH118  # in a third


def replaced_by_link(path: str) -> UnreadableFile:
    """Return the error about a file that lies elsewhere than it did when it was found."""
    name = Path(path).name
    return UnreadableFile(f"{name} was replaced by a link after it was dropped.", "Drop it again if that is meant.")


def _ingestor_failed(path: Path, ingestor: Ingestor, error: BaseException) -> UnreadableFile:
    return UnreadableFile(
        f"{path.name} could not be read: the reader “{ingestor.name}” failed ({describe_error(error)}).",
        "Save the file again in another form, or switch that plugin off.",
    )


def text_view(text: str, width: int, mark: tuple[int, int], pages: int) -> PageView:
    """Return plain text as a picture of a page, the characters of `mark` as quads."""
    import pymupdf

    lines = wrap_lines(text)[:MAX_LINES]
    paper = pymupdf.Rect(0, 0, 2 * BORDER + LINE_WIDTH * 0.6 * FONT_SIZE, 2 * BORDER + LEADING * max(1, len(lines)))
    with pymupdf.open() as document:
        page = document.new_page(width=paper.width, height=paper.height)
        writer = pymupdf.TextWriter(page.rect)
        font, fallback = pymupdf.Font("cour"), None
        step = font.glyph_advance(ord("x")) * FONT_SIZE
        quads: list[Quad] = []
        for row, (begin, line) in enumerate(lines):
            base = BORDER + (row + 0.8) * LEADING
            if not all(font.has_glyph(ord(sign)) for sign in line):
                fallback = fallback or pymupdf.Font("cjk")  # the widest built-in coverage
                ends = _write(writer, line, base, fallback)
            else:
                writer.append((BORDER, base), line, font=font, fontsize=FONT_SIZE)
                ends = [BORDER + step * (index + 1) for index in range(len(line))]
            first, last = max(mark[0], begin) - begin, min(mark[1], begin + len(line)) - begin
            if first < last:
                left = BORDER if first == 0 else ends[first - 1]
                quads.append((left, base - 0.8 * LEADING, ends[last - 1], base + 0.2 * LEADING))
        writer.write_text(page)
        zoom = max(MIN_WIDTH, min(width, MAX_WIDTH)) / paper.width
        picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False, colorspace=pymupdf.csRGB)
        scaled = tuple((a * zoom, b * zoom, c * zoom, d * zoom) for a, b, c, d in quads)
        return PageView(
            width=picture.width,
            height=picture.height,
            stride=picture.stride,
            rgb=bytes(picture.samples_mv),
            quads=scaled,
            pages=pages,
            text=text,
        )


def wrap_lines(text: str) -> list[tuple[int, str]]:
    """Return the text in lines of at most 100 characters, each with the offset of its first character."""
    lines: list[tuple[int, str]] = []
    begin = 0
    for line in text.split("\n"):
        plain = line.expandtabs(1).replace("\r", " ")
        pieces = textwrap.wrap(plain, LINE_WIDTH, drop_whitespace=False, replace_whitespace=False) or [""]
        offset = begin
        for piece in pieces:
            lines.append((offset, piece))
            offset += len(piece)
        begin += len(line) + 1
    return lines


def _write(writer: Any, line: str, base: float, font: Any) -> list[float]:
    ends, x = [], BORDER
    for sign in line:
        writer.append((x, base), sign if font.has_glyph(ord(sign)) else "?", font=font, fontsize=FONT_SIZE)
        x += font.glyph_advance(ord(sign)) * FONT_SIZE
        ends.append(x)
    return ends
