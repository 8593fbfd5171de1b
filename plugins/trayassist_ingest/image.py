"""Pictures: their words by OCR. Those that PyMuPDF does not open are made into PNG by Pillow first."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from trayassist.api import Page, PageView, ReadOptions, UnreadableFile
from trayassist_ingest import drawing, letters, mupdf, ocr

PILLOW_SUFFIXES = (".webp", ".avif")  # what they are is read off the content: many a .png from the web is WebP
MOST_PIXELS = 100_000_000  # a picture of more would take a gigabyte; a decompression bomb claims more than it holds


def as_png(path: Path) -> bytes | None:
    """Return the picture (its first frame) as PNG; None for a file that PyMuPDF opens itself.

    Raises UnreadableFile, in words.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        if not _needs_pillow(path):
            return None
        with Image.open(path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise UnreadableFile(f"{path.name} is too large a picture.", "Save it smaller, as PNG or JPEG.")
            held = io.BytesIO()
            clear = picture.has_transparency_data
            (_on_ground(picture) if clear else picture.convert("RGB")).save(held, "PNG", compress_level=1)
            return held.getvalue()
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path.name} is gone.", "Drop it again from where it is now.") from error
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableFile(
            f"{path.name} is damaged and does not open.", "Open it in its own program and save it again."
        ) from error


def _needs_pillow(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(64)
        if head.startswith(PNG) and (head[25:26] in b"\x04\x06" or b"tRNS" in file.read(8192)):
            return True  # a ground must be chosen for what is transparent
    return (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or (head[4:8] == b"ftyp" and head[8:12] in AVIF)


def _on_ground(picture: Any) -> Any:
    """Return a transparent picture on white, or where what is drawn is light, on black: light letters stay visible."""
    from PIL import Image, ImageStat

    whole = picture.convert("RGBA")
    drawn = whole.getchannel("A").point(lambda alpha: 255 if alpha > FAINT else 0)
    light = whole.convert("L")
    shade = ImageStat.Stat(light, drawn).mean[0] if drawn.getbbox() else 0.0
    ground = Image.new("RGBA", whole.size, "black" if shade > LIGHT and drawn.getextrema()[0] == 0 else "white")
    return Image.alpha_composite(ground, whole).convert("RGB")


PNG = b"\x89PNG\r\n\x1a\n"
AVIF = (b"avif", b"avis")
FAINT = 40  # of 255: what is less opaque does not count
LIGHT = 170  # of 255: mean brightness of letters that would vanish on white
ENOUGH_PIXELS = 2_000_000  # a smaller picture (a screenshot) is read at twice its size: its letters are small


class ImageIngestor:
    """Reads pictures; every frame of a TIFF is a page."""

    name = "image"
    suffixes: Sequence[str] = (
        ".png",
        ".jpg",
        ".jpeg",
        ".tif",
        ".tiff",
        ".bmp",
        ".gif",
        ".jp2",
        ".pnm",
        ".ppm",
        ".pgm",
        ".pbm",
        *PILLOW_SUFFIXES,
    )

    def __init__(self) -> None:
        self._last: tuple[tuple[object, ...], Any] | None = None  # OCR of the frame that is being looked at

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the words of each frame. Raises UnreadableFile when OCR is not possible."""
        language = ocr.find(options.settings)
        with mupdf.open_document(path, png=as_png(path)) as document:
            if language.problem:
                raise UnreadableFile(f"{path.name} is a picture and was not read: {language.problem}.")
            total = document.page_count
            for number in range(options.first_page, total + 1):
                scan = _scan(path, document, number, language)
                text = letters.write_out(scan.text) if scan.legible else ""
                yield Page(number=number, text=text, ocr=True, total=total, note="" if text else "OCR found no words")

    def draw(self, path: Path, number: int, width: int, mark: tuple[int, int], options: ReadOptions) -> PageView:
        """Return the frame with the words of `mark` marked. Raises UnreadableFile."""
        with mupdf.open_document(path, png=as_png(path)) as document:
            if not 1 <= number <= document.page_count:
                raise UnreadableFile(f"{path.name} changed since it was read.", "Drop it again.")
            frame = document.load_page(number - 1)
            state = path.stat()
            key = (path, number, state.st_mtime_ns, state.st_size)
            if self._last is None or self._last[0] != key:
                language = ocr.find(options.settings)
                seen = frame.get_textpage() if language.problem else ocr.read(frame, language, _zoom(frame))
                self._last = key, seen
            seen = self._last[1]
            text = letters.write_out(seen.text) if isinstance(seen, ocr.Scan) and seen.legible else ""
            return drawing.view(frame, seen, text, width, mark, document.page_count)


def _scan(path: Path, document: Any, number: int, language: ocr.Ocr) -> ocr.Scan:
    """Return what OCR reads of a frame. Raises UnreadableFile."""
    try:
        frame = document.load_page(number - 1)
        return ocr.read(frame, language, _zoom(frame))
    except mupdf.too_large() as error:
        raise UnreadableFile(f"{path.name} is too large a picture.", "Save it smaller, as PNG or JPEG.") from error
    except mupdf.errors() as error:
        raise UnreadableFile(
            f"{path.name} is damaged and cannot be shown.", "Open it in its own program and save it again."
        ) from error


def _zoom(frame: Any) -> float:
    """Return the scale at which a picture is read: its own pixels, or twice as many."""
    pictures = frame.get_image_info()
    own = pictures[0]["width"] / max(1.0, frame.rect.width) if pictures else 1.0
    pixels = frame.rect.width * frame.rect.height * own * own
    return float(own if pixels >= ENOUGH_PIXELS else 2 * own)
