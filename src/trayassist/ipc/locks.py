"""Locks on files that processes of one home share. The system frees a lock when its process ends, however it ends."""

from __future__ import annotations

import errno
import functools
import random
import sys
import threading
import time
from pathlib import Path
from typing import IO

_FAR = 2**40  # the byte that is locked, which no file has: on Windows a locked byte could not be written
_TAKEN = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
POLL_S = 0.01  # between two tries; each waits up to twice as long, so that many waiting processes do not march in step


def try_lock(file: IO[bytes]) -> bool:
    """Return whether the right to this open file is ours now, until it is closed; False when another has it.

    Raises OSError where the file system has no locks; `paths.Paths.make` refuses such a folder in words.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


class FileLock:
    """A lock on the file `path`, held by one thread of one process at a time, as a context manager.

    The thread that holds it may enter it again. The file is made, and stays. Entering raises OSError when the file
    cannot be opened or locked, and TimeoutError when another process holds it longer than `wait_s`.
    """

    def __init__(self, path: Path, wait_s: float = 30.0) -> None:
        self._path, self._wait_s = path, wait_s
        self._thread = threading.RLock()
        self._depth = 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> None:
        self._thread.acquire()
        try:
            if not self._depth:
                self._file = self._open()
            self._depth += 1
        except BaseException:
            self._thread.release()
            raise

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth and self._file is not None:
            self._file.close()
            self._file = None
        self._thread.release()

    def _open(self) -> IO[bytes]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._path.open("ab")
        end = time.monotonic() + self._wait_s
        try:
            while not try_lock(file):
                if time.monotonic() > end:
                    raise TimeoutError(errno.ETIMEDOUT, "another process holds it", str(self._path))
                time.sleep(POLL_S * (1 + random.random()))  # noqa: S311  # no secret
        except OSError:
            file.close()
            raise
        return file


@functools.cache
def lock_of(path: Path) -> FileLock:
    """Return this process's one lock on the file `path`, so that code that holds it may call code that takes it."""
    return FileLock(path)
