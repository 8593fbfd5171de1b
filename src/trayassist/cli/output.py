"""Standard output is for a verb's own lines. What plugins print in this process goes to standard error."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _OfMainThread(io.TextIOWrapper):
    """Standard output for the main thread, which runs the verb; plugins' code runs in other threads."""

    def write(self, text: str, /) -> int:
        if threading.current_thread() is not threading.main_thread():
            return sys.stderr.write(text)
        return super().write(text)


@contextmanager
def kept_clean() -> Iterator[None]:
    """Keep standard output for the main thread, whichever way others write to it. No-op where it was replaced."""
    before = sys.stdout
    if not isinstance(before, io.TextIOWrapper) or before is not sys.__stdout__ or sys.stderr is None:
        yield
        return
    before.flush()
    real = os.dup(1)
    raw = open(real, "wb", closefd=False)  # noqa: SIM115  # it must outlive the block: threads may still hold it
    own = _OfMainThread(raw, before.encoding, before.errors, line_buffering=before.line_buffering)
    os.dup2(sys.stderr.fileno(), 1)
    sys.stdout = own
    try:
        yield
    finally:
        try:
            own.flush()
        finally:
            os.dup2(real, 1)
            sys.stdout = before
            os.close(real)
