"""Who may write to a memory folder: one process at a time, whatever it is. Reading needs no permission.

The right is a lock of the operating system on a file in the folder, so it ends with the process that holds it, also
after kill -9. A file system without locks is refused before (paths.py).
"""

from __future__ import annotations

import errno
import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from trayassist.ipc import locks
from trayassist.workers.memory.errors import MemoryInUse

LOCK_FILE = "writer.lock"
# Another computer's lock is believed for this long after its last sign of life: some network drives grant the same
# lock to two computers.
OTHER_HOST_S = 120.0
ALIVE_EVERY_S = 10.0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class WriterLock:
    """The right to write to `folder`. It is not reentrant, and belongs to this process, not to a thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        self._file: IO[bytes] | None = None
        self._shown = 0.0

    @property
    def held(self) -> bool:
        """Whether this process may write."""
        return self._file is not None

    def take(self) -> None:
        """Get the right. Raises MemoryInUse while another process has it, or OSError."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._path.open("a+b")
        try:
            taken = not locks.try_lock(file)
            owner = self._owner(file)
            if taken or _lives_elsewhere(owner, file):
                raise _in_use(owner)
            self._file = file
            self._sign()
        except BaseException:
            self._file = None
            file.close()
            raise

    def show_life(self) -> None:
        """Note that the holder lives, at most every ten seconds."""
        if self._file is not None and time.monotonic() - self._shown > ALIVE_EVERY_S:
            self._shown = time.monotonic()
            with suppress(OSError):
                os.utime(self._path)

    def release(self) -> None:
        """Give the right back; without it nothing is done."""
        if self._file is None:
            return
        with suppress(OSError):
            self._file.truncate(0)
        self._file.close()
        self._file = None

    # ------------------------------------------------------------ inside

    def _sign(self) -> None:
        """Say who writes. On a full disk nobody is named: the right is the lock, and forgetting makes room."""
        assert self._file is not None
        self._file.truncate(0)
        try:
            os.write(self._file.fileno(), _signature())  # not buffered: what is left of it would be written at the end
        except OSError as error:
            if error.errno not in _FULL:
                raise
            self._file.truncate(0)
        self._shown = time.monotonic()

    @staticmethod
    def _owner(file: IO[bytes]) -> dict[str, Any]:
        file.seek(0)
        return _parse(file.read(1000))


def _signature() -> bytes:
    return json.dumps({"program": os.getppid(), "host": socket.gethostname()}).encode()


def _parse(data: bytes) -> dict[str, Any]:
    try:
        owner = json.loads(data)
    except ValueError:
        return {}
    return owner if isinstance(owner, dict) else {}


def _lives_elsewhere(owner: dict[str, Any], file: IO[bytes]) -> bool:
    """Return whether another computer signed, and showed life just now: this drive gives its locks to both."""
    if not owner or owner.get("host") == socket.gethostname():
        return False
    return time.time() - os.fstat(file.fileno()).st_mtime < OTHER_HOST_S


def _in_use(owner: dict[str, Any]) -> MemoryInUse:
    program, host = owner.get("program", "?"), owner.get("host")
    where = f" on the computer {host}" if host and host != socket.gethostname() else ""
    return MemoryInUse(
        f"Another trayassist (process {program}{where}) is writing to this memory.",
        "Wait until it is done, or end it.",
    )
