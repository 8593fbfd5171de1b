"""OCR by the Tesseract that MuPDF brings; only the language data must be there."""

from __future__ import annotations

import math
import os
import platform
import struct
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trayassist.api import UnreadableFile
from trayassist_ingest import legible, mupdf

DPI = 200  # of a page; FACTS: 0.1-0.6 s a page
MAX_PIXELS = 25_000_000  # a larger page (a plan, a poster) is read at a lower resolution
LSTM = 17  # the place of the recogniser in a traineddata file's table of contents
SYSTEM_FOLDERS = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "/opt/local/share/tessdata",
    "C:/Program Files/Tesseract-OCR/tessdata",
)


@dataclass(frozen=True, slots=True)
class Ocr:
    """Language data that can be used; or, with `problem` set, why there is none and what to do."""

    folder: str = ""
    language: str = ""
    problem: str = ""


def find(settings: Mapping[str, Any]) -> Ocr:
    """Return the first folder that has data for the wished languages (those of them that it has)."""
    if not settings.get("ocr", True):
        return Ocr(problem="OCR is switched off in the settings")
    wished = [code for code in str(settings.get("ocr_language") or "eng").split("+") if code]
    unusable = ""
    for folder in folders(str(settings.get("tessdata") or "")):
        there = [code for code in wished if (folder / f"{code}.traineddata").is_file()]
        usable = [code for code in there if has_recogniser(folder / f"{code}.traineddata")]
        if usable:
            return Ocr(str(folder), "+".join(usable))
        unusable = unusable or next((str(folder / f"{code}.traineddata") for code in there), "")
    return Ocr(problem=_missing(wished[0] if wished else "eng", unusable, str(settings.get("tessdata") or "")))


def folders(own: str) -> Iterator[Path]:
    """Yield where language data may lie: the user's own folder, TESSDATA_PREFIX, the system's."""
    if own:
        yield Path(own)
    if prefix := os.environ.get("TESSDATA_PREFIX"):
        yield Path(prefix)
        yield Path(prefix) / "tessdata"
    for pattern in SYSTEM_FOLDERS:
        root = Path(pattern.split("*")[0])
        if "*" in pattern:
            yield from sorted(root.glob("*" + pattern.split("*")[1]), reverse=True)
        else:
            yield root


def has_recogniser(file: Path) -> bool:
    """Return whether the data holds the recogniser that MuPDF's Tesseract needs.

    Data of Tesseract 3, and data made to start a training, have none: with them Tesseract crashes.
    """
    try:
        with file.open("rb") as stream:
            (count,) = struct.unpack("<i", stream.read(4))
            if not LSTM < count < 1000:
                return False
            offsets = struct.unpack(f"<{count}q", stream.read(8 * count))
    except (OSError, struct.error):
        return False
    return bool(offsets[LSTM] > 0)


class Scan:
    """A page that OCR read: its text, and where its words lie on the unrotated page."""

    def __init__(self, parsed: Any, back: Any) -> None:
        self._parsed, self._back = parsed, back
        self.text = str(parsed.extractText())
        self.legibility = legible.legibility(self.text)
        self.signs = sum(map(str.isalnum, self.text))

    @property
    def legible(self) -> bool:
        """Whether these are words, not specks and strokes that were taken for letters."""
        return self.signs >= FEWEST_SIGNS and self.legibility >= legible.LEGIBLE

    def extractWORDS(self) -> list[tuple[Any, ...]]:  # noqa: N802  # the name that a parsed page of MuPDF has
        """Return (x0, y0, x1, y1, word, block, line, number) of each word in points of the unrotated page."""
        rect = mupdf.load().Rect
        return [(*(rect(word[:4]) * self._back), *word[4:]) for word in self._parsed.extractWORDS()]


TURNS = (180, 90, 270)  # degrees
FEWEST_SIGNS = 3


def read(page: Any, ocr: Ocr, zoom: float = DPI / 72) -> Scan:
    """Return what OCR reads of the page, turned until it reads words. Raises UnreadableFile.

    Tesseract finds letters in anything, also in what stands on its head; words are rarely among them. Of the four ways
    to hold a page the one with most signs in words is taken. A page on which it sees nothing at all is not turned.
    """
    best = parse(page, ocr, zoom)
    if not best.text.strip() or legible.reads_well(best.text):
        return best
    for turn in TURNS:
        other = parse(page, ocr, zoom, turn)
        if other.legibility * other.signs > best.legibility * best.signs:
            best = other
        if legible.reads_well(other.text):
            break
    return best


def parse(page: Any, ocr: Ocr, zoom: float = DPI / 72, turn: int = 0) -> Scan:
    """Return what OCR reads of the page when it is turned by `turn` degrees. Raises UnreadableFile."""
    pymupdf = mupdf.load()
    area = max(1.0, page.rect.width * page.rect.height)
    zoom = min(zoom, math.sqrt(MAX_PIXELS / area))
    there = pymupdf.Matrix(turn) * pymupdf.Matrix(zoom, zoom)
    picture = page.get_pixmap(matrix=there, alpha=False, colorspace=pymupdf.csRGB)
    left, top = picture.x, picture.y
    picture.set_origin(0, 0)
    document = pymupdf.open(stream=recognise(picture, ocr), filetype="pdf")
    scan = document[0]
    scale = picture.width / scan.rect.width
    back = pymupdf.Matrix(scale, 0, 0, scale, left, top) * ~there * page.derotation_matrix
    return Scan(scan.get_textpage(flags=pymupdf.TEXTFLAGS_TEXT), back)


def recognise(picture: Any, ocr: Ocr) -> bytes:
    """Return a PDF of one page with the picture's words as invisible text. Raises UnreadableFile."""
    with _quiet():
        try:
            return bytes(picture.pdfocr_tobytes(compress=False, language=ocr.language, tessdata=ocr.folder))
        except mupdf.errors() as error:
            todo = f"Look at the page in its own program, and check the language data in {ocr.folder}."
            raise UnreadableFile("OCR failed on a page.", todo) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Tesseract's chatter off the standard error of the application (readers have one thread)."""
    sys.stderr.flush()
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)


def _missing(code: str, unusable: str, own: str) -> str:
    place = f"put {code}.traineddata into {own}" if own else f"put {code}.traineddata into the tessdata folder"
    if unusable:
        return f"{unusable} has no recogniser for today's Tesseract; {place} from the project tessdata_fast"
    if platform.system() != "Linux":
        return f"OCR language data is missing; {place}"
    package = f"install tesseract-ocr-{code}"
    return f"OCR language data is missing; {package} or {place}"
