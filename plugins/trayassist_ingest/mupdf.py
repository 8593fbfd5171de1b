"""Loads PyMuPDF, opens documents with it, and turns its errors into sentences."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trayassist.api import PasswordNeeded, UnreadableFile

# `import pymupdf` also imports its layout analyser (onnxruntime, networkx, numpy) and its Markdown writer where
# they are installed: 0.5 s and 70 MB more. A None in sys.modules makes these imports fail, which pymupdf allows for.
UNUSED = ("pymupdf.layout", "pymupdf4llm")


def load() -> Any:
    """Return pymupdf, imported on first use, silent on the standard streams."""
    if (known := sys.modules.get("pymupdf")) is not None:
        return known
    for name in UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None is how an import is barred
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    return pymupdf


def errors() -> tuple[type[Exception], ...]:
    """Return what pymupdf raises on broken files: its own errors, and what its Python part trips over."""
    fz_error: type[Exception] = load().mupdf.FzErrorBase
    python = (RuntimeError, OSError, ValueError, LookupError, AttributeError, TypeError, AssertionError)
    return (fz_error, *python)


def too_large() -> type[Exception]:
    """Return what pymupdf raises on a picture of more pixels than it takes."""
    limit: type[Exception] = load().mupdf.FzErrorLimit
    return limit


@contextmanager
def open_document(path: Path, password: str | None = None, *, png: bytes | None = None) -> Iterator[Any]:
    """Open a document (or `png`, the picture it holds) and close it at the end.

    Raises UnreadableFile or PasswordNeeded, in words.
    """
    pymupdf = load()
    try:
        document = pymupdf.open(path) if png is None else pymupdf.open(stream=png, filetype="png")
        encrypted, count = bool(document.needs_pass), 0
        if not encrypted:
            count = document.page_count
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path.name} is gone.", "Drop it again from where it is now.") from error
    except pymupdf.EmptyFileError as error:
        raise UnreadableFile(f"{path.name} is empty.", "There is nothing to read in it.") from error
    except errors() as error:
        raise UnreadableFile(
            f"{path.name} is damaged and does not open.", "Open it in its own program and save it again."
        ) from error
    try:
        if encrypted:
            count = _unlock(document, path, password)
        if count == 0:
            raise UnreadableFile(f"{path.name} has no pages.", "Open it in its own program and save it again.")
        yield document
    finally:
        document.close()
        pymupdf.TOOLS.store_shrink(100)  # fonts and pictures of this file are of no use to the next


def _unlock(document: Any, path: Path, password: str | None) -> int:
    """Open the encrypted document with the password; return the number of its pages."""
    if password is None:
        raise PasswordNeeded(f"{path.name} needs a password.", "Enter it to have the file remembered.")
    forms = dict.fromkeys([password, *(unicodedata.normalize(form, password) for form in ("NFC", "NFKC"))])
    if not any(map(document.authenticate, forms)):  # some keyboards and clipboards give "ä" as two characters
        raise PasswordNeeded(f"The password does not open {path.name}.", "Try another one.")
    return int(document.page_count)
