"""The application's own log: rotating, without secrets and personal data, readable by this user only."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from io import TextIOWrapper
from pathlib import Path

from trayassist.safety.redaction import mask_for_log

FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


class _RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return mask_for_log(super().format(record))


class _PrivateFileHandler(logging.handlers.RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return TextIOWrapper(
            os.fdopen(descriptor, "ab"), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )


def set_up(file: Path, *, verbose: bool = False) -> None:
    """Send log records to `file` (three of 1 MB are kept); with `verbose` also to the terminal."""
    logging.raiseExceptions = False  # a full disk must not print tracebacks over the answer
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    handlers: list[logging.Handler] = []
    try:
        handlers.append(_PrivateFileHandler(file, maxBytes=1_000_000, backupCount=2, delay=True))
    except OSError as error:
        print(f"The log {file} cannot be opened: {error.strerror}.", file=sys.stderr)
    if verbose:
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(_RedactingFormatter(FORMAT))
        root.addHandler(handler)
