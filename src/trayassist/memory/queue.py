"""The files that wait to be read, in SQLite, so that nothing is forgotten when the process ends."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any, Concatenate

from trayassist.memory import database
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
_BELOW = "(? = '' OR spelling(path) = ? OR substr(spelling(path), 1, length(?)) = ?)"
PROBLEMS_KEPT = 500
AT_ONCE = 500  # values in one question to the database
_TABLES = {"roots": ("path",), "files": ("path", "size", "state", "deaths", "reason", "real")}
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


def is_below(path: str, place: str) -> bool:
    """Return whether `path` is `place` or lies below that folder, however its letters are composed."""
    path, place = _spelling(path), _spelling(place)
    return path == place or path.startswith(place.rstrip(os.sep) + os.sep)


def _spelling(path: str) -> str:
    return path if path.isascii() else unicodedata.normalize("NFC", path)


class FileQueue:
    """The queue. All methods are to be called one at a time; they raise TrayassistError in words.

    A damaged file is moved aside; what can be read of it goes into a new one, and `notice` says so.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = database.Database(path, "The list of files to read", _open_queue, _TABLES)
        self._rows("SELECT 1 FROM files LIMIT 1")

    @property
    def notice(self) -> str:
        """What became of a damaged file, in words, or ""."""
        return self._database.notice

    def add_roots(self, paths: Iterable[str]) -> None:
        """Keep dropped files and folders until all below them is in the queue."""
        self._change("INSERT OR IGNORE INTO roots VALUES (?)", [(path,) for path in paths])

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

    def waiting_among(self, paths: Sequence[str]) -> set[str]:
        """Return which of these wait already, or are being read."""
        marks = ",".join("?" * len(paths))
        sql = f"SELECT path FROM files WHERE state = 'waiting' AND path IN ({marks})"  # noqa: S608  # only question marks
        return {path for (path,) in self._rows(sql, paths)}

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
        reason = reason.encode("utf-8", "replace").decode()  # a reader's words may quote what is no text
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

    def remove_all(self, paths: Sequence[str]) -> None:
        """Remove files, in one transaction."""
        self._change("DELETE FROM files WHERE path = ?", [(path,) for path in paths])

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
        """Forget about the file that was not read at `path`, or all below that folder, or all of them.

        With all of them go the damaged files that were set aside.
        """
        self._change(f"DELETE FROM files WHERE state != 'waiting' AND {_BELOW}", [_below(path)])  # noqa: S608
        if not path:
            for file in self._path.parent.glob(f"{self._path.name}.damaged-*"):
                file.unlink(missing_ok=True)

    def cancel(self, path: str = "") -> list[str]:
        """Remove what waits at `path` or below that folder, files and roots, or all; return the paths of the files."""
        self._change(f"DELETE FROM roots WHERE {_BELOW}", [_below(path)])  # noqa: S608
        sql = f"DELETE FROM files WHERE state = 'waiting' AND {_BELOW} RETURNING path"  # noqa: S608
        return [name for (name,) in self._rows(sql, _below(path))]

    def cancel_these(self, roots: Sequence[str], files: Sequence[str]) -> list[str]:
        """Remove these roots, and those of these files that wait; return the paths of the files."""
        self._change("DELETE FROM roots WHERE path = ?", [(root,) for root in roots])
        waiting = [path for some in batched(files, AT_ONCE) for path in self.waiting_among(some)]
        self.remove_all(waiting)
        return waiting

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._database.close()

    def _change(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        def change(db: sqlite3.Connection) -> None:
            db.execute("BEGIN IMMEDIATE")
            try:
                db.executemany(sql, rows)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

        self._database.work(change)

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        def fetch(db: sqlite3.Connection) -> list[Any]:
            with closing(db.execute(sql, values)) as cursor:
                return cursor.fetchall()

        return self._database.work(fetch)


def _below(path: str) -> tuple[str, ...]:
    """Return the values of the condition _BELOW."""
    path = _spelling(path)
    folder = path.rstrip(os.sep) + os.sep
    return (path, path, folder, folder)


def _open_queue(path: Path) -> sqlite3.Connection:
    opened = database.connect(path)
    try:
        opened.create_function("spelling", 1, _spelling, deterministic=True)
        opened.executescript(SCHEMA)
        if not any(column[1] == "real" for column in opened.execute("PRAGMA table_info(files)")):
            opened.execute("ALTER TABLE files ADD COLUMN real TEXT NOT NULL DEFAULT ''")
    except BaseException:
        opened.close()
        raise
    return opened


class QueueThread:
    """The queue as the event loop uses it: opened at first use, and always used on one thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: FileQueue | None = None
        self.notice = ""  # that the file was damaged, and what became of it
        self.on_notice: list[Callable[[], None]] = []  # called when there is such a notice
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="queue")

    async def run[**P, T](self, method: Callable[Concatenate[FileQueue, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the method of FileQueue returns. Raises TrayassistError."""

        def work() -> T:
            if self._queue is None:
                self._queue = FileQueue(self._path)
            try:
                return method(self._queue, *args, **kwargs)
            finally:
                self.notice = self._queue.notice or self.notice

        known = self.notice
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            if self.notice != known:
                for callback in list(self.on_notice):
                    callback()

    async def close(self) -> None:
        """Close the file; the next use opens it again."""

        def work() -> None:
            if self._queue is not None:
                self._queue.close()
                self._queue = None

        await asyncio.get_running_loop().run_in_executor(self._thread, work)
