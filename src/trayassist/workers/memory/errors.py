"""Turns errors of LanceDB and of the disk into messages for the user."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trayassist.api import Busy, TrayassistError


class CannotWrite(TrayassistError):
    """The memory folder takes nothing at present: its disk is full, or it may not be written."""

    code = "cannot_write"


class CannotRead(TrayassistError):
    """The tables do not work: they are damaged, their disk fails, or a writer replaces their files at this moment."""

    code = "cannot_read"


class MemoryInUse(Busy):
    """Another process writes to the memory folder; what was asked for can be asked again when it is done."""

    code = "memory_in_use"


class OtherEmbedder(TrayassistError):
    """Vectors of another embedder than the table's: they are never mixed (S0-21)."""

    code = "other_embedder"


_CAUSES = (
    (
        CannotWrite,
        re.compile(r"no space left|disk quota|os error 28|os error 122|file too large|os error 27", re.IGNORECASE),
        "There is no room left on the disk of the memory folder {folder}.",
        "Free some space, then try again: what was remembered so far is kept.",
    ),
    (
        CannotWrite,
        re.compile(r"permission denied|os error 13|read-only file system|os error 30|not permitted", re.IGNORECASE),
        "The memory folder {folder} cannot be written.",
        "Give yourself write permission to it, then try again.",
    ),
    (
        TrayassistError,
        re.compile(r"too many open files|os error 24", re.IGNORECASE),
        "The memory needs more open files than this system allows.",
        "Raise the limit of open files (ulimit -n), then try again.",
    ),
)
# What LanceDB 0.40 says of files that were cut, overwritten, or are gone; tried with each file of real tables.
_CORRUPT = re.compile(
    r"corrupt|magic|not found|no such file|invalid format|length does not match|size is too small|sufficient data"
    r"|invalid range|range was invalid|failed to decode|fill whole buffer|lanceerror\(arrow\)",
    re.IGNORECASE,
)
_DAMAGED = (
    "The memory in {folder} is damaged and cannot be read ({cause}).",
    "Forget everything (trayassist memory forget --all) and add the files again.",
)
_OTHER = (
    "The memory in {folder} did not work ({cause}).",
    "Try again. If that does not help, check the disk of that folder.",
)
# LanceDB's name of the kind before what happened, and the place in its source after it, with the builder's folders.
_WRAPPING = re.compile(r"^(?:lance error: )?(?:LanceError\(\w+\): )?|,? /\S+\.rs\b.*$")
_PANICS = ("PanicException", "RustPanic")  # native code that gave up, as on half a list of versions
_PANICKED = (
    _OTHER[0],
    "Try again. If that does not help, forget everything (trayassist memory forget --all) and add the files again.",
)


@contextmanager
def translate_errors(folder: Path) -> Iterator[None]:
    """Turn what LanceDB or the disk raises inside into a TrayassistError that says what to do."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:  # the plain types LanceDB uses for its native errors
        raise in_words(error, folder) from error
    except BaseException as error:  # barrier: a panic in native code; all others go on
        if type(error).__name__ not in _PANICS:
            raise
        raise in_words(error, folder) from error


def in_words(error: BaseException, folder: Path) -> TrayassistError:
    """Return the error to show for `error`, which came out of the tables in `folder`."""
    text = str(error)
    for kind, pattern, what, todo in _CAUSES:
        if pattern.search(text):
            return kind(what.format(folder=folder), todo)
    cause = _WRAPPING.sub("", next(iter(text.strip().splitlines()), ""))[:160] or type(error).__name__
    damaged = _CORRUPT.search(text) or isinstance(error, json.JSONDecodeError | UnicodeDecodeError)  # of our own files
    what, todo = _DAMAGED if damaged else _PANICKED if type(error).__name__ in _PANICS else _OTHER
    return CannotRead(what.format(folder=folder, cause=cause), todo)
