"""Reading models' files once, so that they lie in the page cache and load at memory speed when they are asked for.

The pages stay free memory to everyone else: the system drops them first. Still nothing is read that would push out
other files, and the thread runs at low priority.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

logger = logging.getLogger(__name__)

PIECE = 4 * 2**20
LOOK_EVERY = 16  # pieces between two looks at what is free
NICENESS = 15


def read_once(files: Sequence[Path], free: Callable[[], int], stopped: threading.Event) -> list[Path]:
    """Read the files from beginning to end and return those that were read whole; runs in a thread.

    `free` says how many bytes may be filled. A file that is larger is left out, and reading ends where less is free
    than is still to be read, or when `stopped` is set (S0-24).
    """
    _step_back()
    whole = []
    for file in files:
        try:
            if _read(file, free, stopped):
                whole.append(file)
        except OSError as error:
            logger.info("%s is not read ahead: %s", file.name, error.strerror)
    return whole


def _read(file: Path, free: Callable[[], int], stopped: threading.Event) -> bool:
    left, piece, buffer = file.stat().st_size, 0, bytearray(PIECE)
    with file.open("rb", buffering=0) as opened:
        while not stopped.is_set():
            if piece % LOOK_EVERY == 0 and left > free():
                logger.info("%s is not read ahead: memory is short", file.name)
                return False
            count = opened.readinto(buffer)
            if not count:
                return True
            left, piece = left - count, piece + 1
    return False


def _step_back() -> None:
    """Let this thread go last; only Linux gives a thread a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
