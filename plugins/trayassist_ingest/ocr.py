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
from trayassist_ingest import mupdf

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


def parse(page: Any, ocr: Ocr, zoom: float = DPI / 72) -> Any:
    """Return the page parsed from OCR; positions are those of the unrotated page. Raises UnreadableFile."""
    pymupdf = mupdf.load()
    area = max(1.0, page.rect.width * page.rect.height)
    zoom = min(zoom, math.sqrt(MAX_PIXELS / area))
    picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False, colorspace=pymupdf.csRGB)
    document = pymupdf.open(stream=recognise(picture, ocr), filetype="pdf")
    read = document[0]
    scale = page.rect.width / read.rect.width
    back = pymupdf.Matrix(scale, scale) * page.derotation_matrix
    # no TEXT_CLIP: the matrix moves the text out of the frame that would be clipped to
    return read.get_textpage(flags=pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_CLIP, matrix=back)


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
