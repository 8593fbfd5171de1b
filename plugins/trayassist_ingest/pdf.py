"""PDF files: the text layer, OCR for the pages without one, and the pages as pictures."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trayassist.api import Page, PageView, ReadOptions, UnreadableFile
from trayassist_ingest import drawing, mupdf, ocr, pdf_text

DAMAGED = "damaged, left out"


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a page gave: its text, the parsed page that the text is from, and how it went."""

    text: str
    parsed: Any
    headings: tuple[str, ...] = ()
    ocr: bool = False
    note: str = ""


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
            for number in range(options.first_page, document.page_count + 1):
                note = _attachments(document) if number == 1 else ""
                yield _page(document, number, title, note, language)

    def draw(self, path: Path, number: int, width: int, mark: tuple[int, int], options: ReadOptions) -> PageView:
        """Return the page as a picture, from the same extraction as `read`. Raises UnreadableFile or PasswordNeeded."""
        with mupdf.open_document(path, options.password) as document:
            if not 1 <= number <= document.page_count:
                raise UnreadableFile(
                    f"{path.name} has {document.page_count} pages, not {number}: it changed since it was read.",
                    "Drop it again to have the new version remembered.",
                )
            page = document.load_page(number - 1)
            reading = self._seen_before(path, number, page, options.settings)
            extras = pdf_text.comments(page, reading.text) if not reading.ocr else []
            return drawing.view(page, reading.parsed, reading.text, width, mark, document.page_count, extras)

    def _seen_before(self, path: Path, number: int, page: Any, settings: Mapping[str, Any]) -> PageReading:
        state = path.stat()
        key = (path, number, state.st_mtime_ns, state.st_size)
        if self._last is not None and self._last[0] == key:
            return self._last[1]
        reading = read_page(page, ocr.find(settings))
        if reading.ocr:
            self._last = key, reading
        return reading


def read_page(page: Any, language: ocr.Ocr) -> PageReading:
    """Return the text layer, or what OCR reads where the layer is missing or rubbish."""
    parsed = pdf_text.parse(page)
    markup = pdf_text.markup_of(parsed)
    text, heads = pdf_text.text_of(page, parsed, markup), pdf_text.headings(markup)
    if not needs_ocr(page, parsed, text):
        return PageReading(text, parsed, heads)
    if language.problem:
        return PageReading(text, parsed, heads, note=f"not read as it is a scan: {language.problem}")
    try:
        seen = ocr.parse(page, language)
    except UnreadableFile as error:
        return PageReading(text, parsed, heads, note=str(error).rstrip("."))
    found = str(seen.extractText())
    if is_corrupt(text) or len(found.split()) > len(text.split()):
        return PageReading(found, seen, ocr=True)
    return PageReading(text, parsed, heads, note="" if text.strip() else "OCR found no words")


def _page(document: Any, number: int, title: str, note: str, language: ocr.Ocr) -> Page:
    total = document.page_count
    try:
        reading = read_page(document.load_page(number - 1), language)
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
CORRUPT_SHARE = 0.3  # of the characters that are not white space
COVER_WITH_WORDS = 0.5  # share of the page under pictures: with a few words they must be the page ...
COVER_WITHOUT_WORDS = 0.05  # ... without any, a small one may hold all there is
MANY_STROKES = 50  # letters drawn as outlines: a page without words and pictures, but with many paths


def needs_ocr(page: Any, parsed: Any, text: str) -> bool:
    """Return whether the text layer of the page is missing, a mere stamp, or rubbish."""
    if is_corrupt(text):
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


def is_corrupt(text: str) -> bool:
    """Return whether more than 30 % of the characters stand for nothing: unknown, private or control."""
    bad = {sign for sign in set(text) if not sign.isspace() and _stands_for_nothing(sign)}
    if not bad:
        return False
    signs = [sign for sign in text if not sign.isspace()]
    return sum(sign in bad for sign in signs) > CORRUPT_SHARE * len(signs)


def picture_cover(page: Any) -> float:
    """Return the share of the page that lies under pictures, overlaps counted twice, at most 1."""
    area = float(abs(page.rect.width * page.rect.height))
    if not area:
        return 0.0
    frame = page.rect * page.derotation_matrix
    covered = sum(abs((frame & picture["bbox"]).get_area()) for picture in page.get_image_info())
    return float(min(1.0, covered / area))


def _stands_for_nothing(sign: str) -> bool:
    return sign == "\ufffd" or unicodedata.category(sign) in ("Co", "Cc", "Cn", "Cs")


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
