"""PDF files: the text layer, OCR for the pages without one, and the pages as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trayassist.api import Page, PageView, ReadOptions, UnreadableFile
from trayassist.api.normal_text import normal, skeleton
from trayassist_ingest import drawing, legible, letters, mupdf, ocr, pdf_forms, pdf_lines, pdf_text

DAMAGED = "damaged, left out"
RUBBISH = "its text cannot be read, as its fonts do not say which letters they show"


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a page gave: its text, the parsed page that the text is from, and how it went.

    `places` and `hidden` say where words of the parsed page stand in the text, as `drawing.mark_words` takes them;
    `extras` are pieces at the end of the text that lie in rectangles of their own.
    """

    text: str
    parsed: Any
    headings: tuple[str, ...] = ()
    ocr: bool = False
    note: str = ""
    places: Mapping[tuple[int, int], int] = field(default_factory=dict)
    hidden: tuple[pdf_lines.Box, ...] = ()
    extras: tuple[tuple[str, Any], ...] = ()
    words: Sequence[Any] | None = None  # in the order of the text, where tables change it


class PdfIngestor:
    """Reads PDF files page by page."""

    name = "pdf"
    suffixes: Sequence[str] = (".pdf",)

    def __init__(self) -> None:
        self._last: tuple[tuple[object, ...], PageReading] | None = None  # OCR of the page that is being looked at

    def prepare(self) -> None:
        """Import what reading needs, so that the first file does not wait for it."""
        mupdf.load()

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the pages; a damaged page is left out with a note. Raises UnreadableFile or PasswordNeeded."""
        language = ocr.find(options.settings)
        with mupdf.open_document(path, options.password) as document:
            title = _title(document)
            pages = PageReader(document, language)
            for number in range(options.first_page, document.page_count + 1):
                note = _attachments(document) if number == 1 else ""
                yield _page(pages, number, title, note)

    def draw(self, path: Path, number: int, width: int, mark: tuple[int, int], options: ReadOptions) -> PageView:
        """Return the page as a picture, from the same extraction as `read`. Raises UnreadableFile or PasswordNeeded."""
        with mupdf.open_document(path, options.password) as document:
            if not 1 <= number <= document.page_count:
                raise UnreadableFile(
                    f"{path.name} has {document.page_count} pages, not {number}: it changed since it was read.",
                    "Drop it again to have the new version remembered.",
                )
            reading = self._seen_before(path, number, document, options.settings)
            page = document.load_page(number - 1)
            return drawing.view(
                page,
                reading.parsed,
                reading.text,
                width,
                mark,
                document.page_count,
                reading.extras,
                reading.places,
                reading.hidden,
                reading.words,
            )

    def _seen_before(self, path: Path, number: int, document: Any, settings: Mapping[str, Any]) -> PageReading:
        state = path.stat()
        key = (path, number, state.st_mtime_ns, state.st_size)
        if self._last is not None and self._last[0] == key:
            return self._last[1]
        reading = PageReader(document, ocr.find(settings)).read(number)
        if reading.ocr:
            self._last = key, reading
        return reading


@dataclass(frozen=True, slots=True)
class _Layer:
    """A page with its text layer as MuPDF has it."""

    page: Any
    parsed: Any
    text: str
    markup: str
    margins: Mapping[str, int]


class PageReader:
    """Reads the pages of an open document in any order; each knows its neighbours, as running titles are told so."""

    def __init__(self, document: Any, language: ocr.Ocr) -> None:
        self._document, self._language = document, language
        self._layers: dict[int, _Layer | None] = {}
        self._titles: dict[int, list[str]] | None = None
        self._named: bool | None = None  # whether the document names its pages

    @property
    def count(self) -> int:
        """The number of pages."""
        return int(self._document.page_count)

    def read(self, number: int) -> PageReading:
        """Return what page `number` (from 1) gives. Raises what MuPDF raises on a damaged page."""
        layer = self._layer(number)
        if layer is None:
            layer = _look(self._document, number)  # for the error that is to be told
        around = range(number - pdf_lines.NEIGHBOURS, number + pdf_lines.NEIGHBOURS + 1)
        margins: set[int] = set()
        if layer.margins:
            others = [self._layer(near) for near in around if near != number]
            seen = [other.margins for other in others if other is not None]
            margins = pdf_lines.find_repeats(layer.margins, seen, first=number == 1)
        self._layers = {near: kept for near, kept in self._layers.items() if near in around}
        reading = _read_layer(layer, margins, self._language)
        if number == 1 and layer.margins and not reading.ocr:
            kept = pdf_lines.find_repeats(layer.margins, seen, first=False) - margins
            reading = replace(reading, text=_set_apart(reading.text, [layer.text.split("\n")[at] for at in kept]))
        if number == 1 and (values := pdf_forms.xfa_values(self._document)) is not None:
            reading = _as_xfa(reading, values)
        return _with_titles(reading, self._titles_of(number))

    def label_of(self, number: int) -> str:
        """Return what the document calls the page ("128", "iv"); "" where it names no pages."""
        try:
            if self._named is None:
                self._named = bool(self._document.get_page_labels())
            return str(self._document.load_page(number - 1).get_label()) if self._named else ""
        except mupdf.errors():
            return ""

    def _layer(self, number: int) -> _Layer | None:
        if not 1 <= number <= self._document.page_count:
            return None
        if number not in self._layers:
            try:
                self._layers[number] = _look(self._document, number)
            except MemoryError:
                raise
            except mupdf.errors():  # told when it is that page's turn
                self._layers[number] = None
        return self._layers[number]

    def _titles_of(self, number: int) -> list[str]:
        """Return the titles of the outline that lead to the page."""
        if self._titles is None:
            self._titles = {}
            try:
                outline = self._document.get_toc(simple=True)
            except mupdf.errors():
                outline = []
            for _, title, page in outline[:MOST_TITLES]:
                words = " ".join(normal(str(title)).split())[:LONGEST_TITLE]
                if words and words not in self._titles.setdefault(page, []):
                    self._titles[page].append(words)
        return self._titles.get(number, [])


def _look(document: Any, number: int) -> _Layer:
    page = document.load_page(number - 1)
    parsed = pdf_text.parse(page)
    text, markup = str(parsed.extractText()), pdf_text.markup_of(parsed)
    return _Layer(page, parsed, text, markup, pdf_lines.margin_lines(page, text, markup))


def _read_layer(layer: _Layer, margins: set[int], language: ocr.Ocr) -> PageReading:
    """Return the text layer, or what OCR reads where the layer is missing or rubbish."""
    page, parsed = layer.page, layer.parsed
    lines = pdf_text.read_lines(page, parsed, layer.markup, margins)
    text, extras, words = pdf_text.text_of(page, parsed, lines)
    own = PageReading(
        text,
        parsed,
        pdf_text.headings(lines.markup),
        places=lines.places,
        hidden=lines.hidden,
        extras=tuple(extras),
        words=words,
    )
    if not needs_ocr(page, parsed, layer.text):
        return own
    corrupt = legible.is_corrupt(layer.text)
    if corrupt:  # what it says is not what the page shows
        own = replace(own, text="", headings=(), extras=(), note=RUBBISH)
    if language.problem:
        return replace(own, note=_why_unread(language.problem, corrupt))
    try:
        found = ocr.read(page, language)
    except UnreadableFile as error:
        return replace(own, note=str(error).rstrip("."))
    scan = PageReading(letters.write_out(found.text), found, ocr=True)
    if not found.legible:
        return replace(own, note=own.note or ("" if text.strip() else "OCR found no words"))
    if corrupt or (legible.looks_shifted(layer.text) and not legible.looks_shifted(scan.text)):
        return scan
    if len(scan.text.split()) > len(text.split()):
        return scan
    return own


def _why_unread(problem: str, corrupt: bool) -> str:
    if corrupt:
        return f"its text cannot be read, as its fonts do not say which letters they show: {problem}"
    return f"not read as it is a scan: {problem}"


def _set_apart(text: str, lines: Sequence[str]) -> str:
    """Return the text with these lines as paragraphs of their own, so that no sentence runs into them."""
    for line in lines:
        shown = normal(line.strip())
        if f"{shown}\n" in text:
            text = text.replace(f"{shown}\n", f"\n{shown}\n\n", 1).lstrip("\n")
    return text


def _as_xfa(reading: PageReading, values: list[str]) -> PageReading:
    """Return the first page of an XFA form with what is filled in, in place of "please wait"."""
    if len(reading.text) > pdf_forms.PLACEHOLDER:
        text = "".join(f"{line}\n" for line in values) + reading.text
    else:
        text = "".join(f"{line}\n" for line in values)
    note = pdf_forms.XFA_READ if values else pdf_forms.XFA_UNREAD
    return replace(reading, text=normal(text), headings=(), extras=(), note=note)


def _with_titles(reading: PageReading, titles: list[str]) -> PageReading:
    """Return the page headed by those titles of the outline that it does not show."""
    if not titles:
        return reading
    bare = "".join(sign for sign, _ in skeleton(reading.text))
    missing = [title for title in titles if "".join(sign for sign, _ in skeleton(title)) not in bare]
    headings = (*reading.headings, *(title for title in titles if title not in reading.headings))
    head = "".join(f"{title}\n" for title in missing)
    text = f"{head}\n{reading.text}" if head and reading.text.strip() else head + reading.text
    return replace(reading, text=text, headings=headings)


MOST_TITLES = 5000  # of an outline
LONGEST_TITLE = 200


def _page(pages: PageReader, number: int, title: str, note: str) -> Page:
    total = pages.count
    try:
        reading = pages.read(number)
    except MemoryError:
        raise
    except mupdf.errors():  # the other pages are worth having
        return Page(number=number, text="", total=total, title=title, note="; ".join(filter(None, (note, DAMAGED))))
    return Page(
        number=number,
        text=reading.text,
        headings=reading.headings,
        ocr=reading.ocr,
        total=total,
        title=title,
        note="; ".join(filter(None, (note, reading.note))),
        label=pages.label_of(number),
    )


def _title(document: Any) -> str:
    try:
        title = str((document.metadata or {}).get("title") or "").replace("\x00", "")
    except mupdf.errors():
        return ""
    return " ".join(title.split())[:300]


def _attachments(document: Any) -> str:
    try:
        names = document.embfile_names()
    except mupdf.errors():  # a damaged list of attachments hides no page
        return ""
    if not names:
        return ""
    shown = ", ".join(str(name) for name in names[:5]) + (" and more" if len(names) > 5 else "")
    return f"files attached to this PDF were not read ({shown})"


# ---- which pages need OCR: decided page by page, never for a whole file

ENOUGH_WORDS = 100  # a page with so many words is a text page, whatever pictures lie on it
INTERIOR_WORDS = 4  # fewer than this inside the margins (a stamp, a page number) is no text layer
MARGIN = 0.125  # of the page's width and height, on each side
COVER_WITH_WORDS = 0.5  # share of the page under pictures: with a few words they must be the page ...
COVER_WITHOUT_WORDS = 0.05  # ... without any, a small one may hold all there is
MANY_STROKES = 50  # letters drawn as outlines: a page without words and pictures, but with many paths


def needs_ocr(page: Any, parsed: Any, text: str) -> bool:
    """Return whether the text layer of the page is missing, a mere stamp, or rubbish."""
    if legible.is_corrupt(text) or legible.looks_shifted(text):
        return True
    if len(text.split()) >= ENOUGH_WORDS:
        return False
    words = _interior_words(page, parsed)
    if words >= INTERIOR_WORDS:
        return False
    cover = picture_cover(page)
    if words:
        return cover >= COVER_WITH_WORDS
    return cover >= COVER_WITHOUT_WORDS or (not text.strip() and _strokes(page) >= MANY_STROKES)


def picture_cover(page: Any) -> float:
    """Return the share of the page that lies under pictures, overlaps counted twice, at most 1."""
    area = float(abs(page.rect.width * page.rect.height))
    if not area:
        return 0.0
    frame = page.rect * page.derotation_matrix
    covered = sum(abs((frame & picture["bbox"]).get_area()) for picture in page.get_image_info())
    return float(min(1.0, covered / area))


def _interior_words(page: Any, parsed: Any) -> int:
    frame = page.rect * page.derotation_matrix
    left, right = frame.x0 + MARGIN * frame.width, frame.x1 - MARGIN * frame.width
    top, bottom = frame.y0 + MARGIN * frame.height, frame.y1 - MARGIN * frame.height
    return sum(
        left <= (word[0] + word[2]) / 2 <= right and top <= (word[1] + word[3]) / 2 <= bottom
        for word in parsed.extractWORDS()
    )


def _strokes(page: Any) -> int:
    return sum(len(drawing["items"]) for drawing in page.get_cdrawings())
