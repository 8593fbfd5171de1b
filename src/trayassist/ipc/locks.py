"""The right to a file, held by one process at a time, which ends with the process however it ends."""

from __future__ import annotations

import sys
from typing import IO

_FAR = 2**40  # the byte that is locked, which no file has: on Windows a locked byte could not be written


def claim(file: IO[bytes]) -> bool:
    """Return whether the right to this open file is ours now, until it is closed; False when another has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
