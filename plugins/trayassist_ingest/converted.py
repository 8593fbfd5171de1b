"""Pictures that PyMuPDF does not open, made into PNG by Pillow first."""

from __future__ import annotations

import io
from pathlib import Path

from trayassist.api import UnreadableFile

SUFFIXES = (".webp", ".avif")  # what they are is read off the content: many a .png from the web is WebP
MOST_PIXELS = 100_000_000  # a picture of more would take a gigabyte; a decompression bomb claims more than it holds


def png(path: Path) -> bytes | None:
    """Return the picture (its first frame) as PNG; None for a file that PyMuPDF opens itself.

    Raises UnreadableFile, in words.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        if not _is_meant(path):
            return None
        with Image.open(path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise UnreadableFile(f"{path.name} is too large a picture.", "Save it smaller, as PNG or JPEG.")
            held = io.BytesIO()
            picture.convert("RGBA" if picture.has_transparency_data else "RGB").save(held, "PNG", compress_level=1)
            return held.getvalue()
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path.name} is gone.", "Drop it again from where it is now.") from error
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableFile(
            f"{path.name} is damaged and does not open.", "Open it in its own program and save it again."
        ) from error


def _is_meant(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    return (head[:4] == b"RIFF" and head[8:] == b"WEBP") or (head[4:8] == b"ftyp" and head[8:] in (b"avif", b"avis"))
