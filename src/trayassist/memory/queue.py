"""The files that wait to be read, in SQLite, so that nothing is forgotten when the process ends."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate

from trayassist.api import TrayassistError
from trayassist.memory.reports import FileStatus

SCHEMA = """
CREATE TABLE IF NOT EXISTS roots (path TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    deaths INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    real TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS waiting ON files (state, id);
"""
PROBLEMS_KEPT = 500
NOT_READ = ("failed", "refused", "needs_password")


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file to read. `deaths` is how many readers died of it since it last got on.

    `real` is where it lay, all links followed, when it was found; "" for a file of an earlier version.
    """

    path: str
    size: int
    deaths: int
    real: str


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file that was not read: `state` is failed, refused or needs_password, `reason` a sentence."""

    path: str
    state: FileStatus
    reason: str


class FileQueue:
    """The queue. All methods are to be called from one thread; they raise TrayassistError in words."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._open(path)
        except sqlite3.DatabaseError:
            # not a database any more: the queue only says what is still to be read, so begin with an empty one
            path.replace(path.with_name(f"{path.name}.damaged"))
            for extra in ("-wal", "-shm"):
                path.with_name(path.name + extra).unlink(missing_ok=True)
            self._open(path)

    def _open(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=10.0, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")  # safe against kill -9; a power cut may lose the last second
            self._db.executescript(SCHEMA)
            if not any(column[1] == "real" for column in self._db.execute("PRAGMA table_info(files)")):
                self._db.execute("ALTER TABLE files ADD COLUMN real TEXT NOT NULL DEFAULT ''")
        except sqlite3.DatabaseError:
            self._db.close()
            raise

    def add_root(self, path: str) -> None:
        """Keep a dropped file or folder until all below it is in the queue."""
        self._change("INSERT OR IGNORE INTO roots VALUES (?)", [(path,)])

    def roots(self) -> list[str]:
        """Return the dropped files and folders that are not walked to the end yet."""
        return [path for (path,) in self._rows("SELECT path FROM roots ORDER BY rowid")]

    def drop_root(self, path: str) -> None:
        """Forget a root: all below it is in the queue."""
        self._change("DELETE FROM roots WHERE path = ?", [(path,)])

    def add(self, files: Iterable[tuple[str, int, str]]) -> None:
        """Add (path, size, real path); a file that is there waits again, at its old place."""
        self._change(
            "INSERT INTO files (path, size, real) VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE"
            " SET size = excluded.size, real = excluded.real, state = 'waiting', deaths = 0, reason = ''",
            list(files),
        )

    def waiting(self, leave_out: Sequence[str], limit: int = 1) -> list[WaitingFile]:
        """Return the next files to read, oldest first, without those that are being read."""
        marks = ",".join("?" * len(leave_out))
        rows = self._rows(
            f"SELECT path, size, deaths, real FROM files WHERE state = 'waiting' AND path NOT IN ({marks})"  # noqa: S608  # only question marks are put in
            " ORDER BY id LIMIT ?",
            (*leave_out, limit),
        )
        return [WaitingFile(*row) for row in rows]

    def count(self) -> tuple[int, int]:
        """Return how many files wait, and their bytes."""
        ((files, size),) = self._rows("SELECT count(*), coalesce(sum(size), 0) FROM files WHERE state = 'waiting'")
        return files, size

    def record_deaths(self, path: str, deaths: int) -> None:
        """Set how many readers died of this file."""
        self._change("UPDATE files SET deaths = ? WHERE path = ?", [(deaths, path)])

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._change("DELETE FROM files WHERE path = ?", [(path,)])

    def park(self, path: str, state: str, reason: str) -> None:
        """Keep a file that was not read, with the reason, out of the way of the others."""
        self._change(
            "INSERT INTO files (path, size, state, reason) VALUES (?, 0, ?, ?) ON CONFLICT (path) DO UPDATE"
            " SET state = excluded.state, reason = excluded.reason",
            [(path, state, reason)],
        )
        self._change(
            "DELETE FROM files WHERE state != 'waiting' AND id NOT IN"
            " (SELECT id FROM files WHERE state != 'waiting' ORDER BY id DESC LIMIT ?)",
            [(PROBLEMS_KEPT,)],
        )

    def record_end(self, path: str, status: str, reason: str) -> None:
        """A file is off the queue: kept among the problems when it was not read."""
        if status in NOT_READ:
            self.park(path, status, reason)
        else:
            self.remove(path)

    def problems(self) -> list[UnreadFile]:
        """Return the files that were not read, oldest first."""
        return [
            UnreadFile(*row) for row in self._rows("SELECT path, state, reason FROM files WHERE state != 'waiting'")
        ]

    def clear_problems(self, path: str = "") -> None:
        """Forget about one file that was not read, or about all of them."""
        self._change("DELETE FROM files WHERE state != 'waiting' AND (? = '' OR path = ?)", [(path, path)])

    def cancel(self, path: str = "") -> list[str]:
        """Remove one waiting file, or all and the roots; return their paths."""
        if not path:
            self._change("DELETE FROM roots", [()])
        gone = self._rows(
            "DELETE FROM files WHERE state = 'waiting' AND (? = '' OR path = ?) RETURNING path", (path, path)
        )
        return [name for (name,) in gone]

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._db.close()

    def _change(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(sql, rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise _in_words(error) from error

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            with closing(self._db.execute(sql, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            raise _in_words(error) from error


class QueueThread:
    """The queue as the event loop uses it: opened at first use, and always used on one thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: FileQueue | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="queue")

    async def run[**P, T](self, method: Callable[Concatenate[FileQueue, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the method of FileQueue returns. Raises TrayassistError."""

        def work() -> T:
            if self._queue is None:
                self._queue = FileQueue(self._path)
            return method(self._queue, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Close the file; the next use opens it again."""

        def work() -> None:
            if self._queue is not None:
                self._queue.close()
                self._queue = None

        await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _in_words(error: sqlite3.Error) -> TrayassistError:
    if "full" in str(error):
        return TrayassistError("The disk is full: there is no room left for the queue.", "Free some space and resume.")
    return TrayassistError(
        f"The queue of files cannot be used ({error}).", "Check the data folder and its permissions."
    )
