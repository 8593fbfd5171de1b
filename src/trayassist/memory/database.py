"""The SQLite files of memory (queue, history): opened at first use; one that is damaged is replaced by a new one.

Only a file that SQLite itself calls malformed is set aside. A full disk, a lock, missing permissions or a failing disk
are errors in words, and the file stays.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from trayassist.api import Busy, TrayassistError

logger = logging.getLogger(__name__)

BUSY_MS = 5000  # how long a write waits for another process's write
_ENOSPC, _EDQUOT = 28, 122
# SQLite's primary result codes
_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26


def connect(path: Path) -> sqlite3.Connection:
    """Open (or begin) the database at `path`, readable by this user only. Raises sqlite3.Error, OSError.

    It may be used from any thread, one at a time.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives -wal and -shm the same rights
    database = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")  # safe against kill -9; a power cut may lose the last second
        database.execute("PRAGMA secure_delete=ON")  # what is removed is overwritten
        database.execute("PRAGMA temp_store=MEMORY")
    except BaseException:
        database.close()
        raise
    return database


class Database:
    """One file, which `make` opens or begins, for one thread at a time; `what` is its name in messages.

    A damaged file is set aside, and a new one begins with the rows of `tables` (columns by name) that can be read of
    it; `notice` then says so.
    """

    def __init__(
        self,
        path: Path,
        what: str,
        make: Callable[[Path], sqlite3.Connection],
        tables: Mapping[str, Sequence[str]],
    ) -> None:
        self.notice = ""
        self._path, self._what, self._make, self._tables = path, what, make, tables
        self._connection: sqlite3.Connection | None = None

    def work[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` returns, done once more on the new file after a damaged one. Raises TrayassistError."""
        try:
            try:
                return work(self._connect())
            except sqlite3.DatabaseError as error:
                if not _is_damaged(error):
                    raise
                self._begin_anew()
                return work(self._connect())
        except (sqlite3.Error, OSError) as error:
            raise _explain(error, self._what, self._path) from error

    def close(self) -> None:
        """Close the file; the next use opens it again. Safe to call twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._make(self._path)
        return self._connection

    def _begin_anew(self) -> None:
        self.close()
        kept = _set_aside(self._path)
        database = self._connect()
        carried = sum(_carry_over(kept, database, name, columns) for name, columns in self._tables.items())
        entries = "None of its entries" if not carried else f"{carried} of its entries"
        self.notice = f"{self._what} was damaged. {entries} could be read and were taken over; the old file is {kept}."
        logger.warning("%s", self.notice)


def _is_damaged(error: BaseException) -> bool:
    """Return whether SQLite says that the file is malformed, or no database at all."""
    return _code(error) in (_CORRUPT, _NOTADB)


def _explain(error: BaseException, what: str, path: Path) -> TrayassistError:
    """Return in words why `what` ("The history"), which lies at `path`, could not be used."""
    code = _code(error)
    if code in (_BUSY, _LOCKED):
        return Busy(f"{what} is held by another program.", f"Close what uses {path}, then try again.")
    if code == _FULL or getattr(error, "errno", None) in (_ENOSPC, _EDQUOT):
        return TrayassistError(
            f"There is no space left on the disk, so {what[0].lower()}{what[1:]} was not changed.",
            f"Free some space for {path}, then try again.",
        )
    if code in (_READONLY, _CANTOPEN, _IOERR) or isinstance(error, OSError):
        return TrayassistError(
            f"{what} cannot be read or written: {error}.", f"Check {path}, its disk and its permissions."
        )
    return TrayassistError(f"{what} did not work: {error}.", f"Move {path} away to begin a new one.")


def _set_aside(path: Path) -> Path:
    """Rename a database and its side files; return its new name."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    kept, number = path.with_name(f"{path.name}.damaged-{stamp}"), 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    for suffix in ("-wal", "-shm", ""):
        side = path.with_name(path.name + suffix)
        if side.exists():
            side.rename(kept.with_name(kept.name + suffix))
    return kept


def _carry_over(kept: Path, database: sqlite3.Connection, table: str, columns: Sequence[str]) -> int:
    """Copy the rows that can be read: from the first one on and from the last one back, each up to the damage."""
    rows: dict[int, Sequence[object]] = {}
    names = ""
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error), closing(sqlite3.connect(f"{kept.as_uri()}?mode=ro", uri=True)) as old:
            old.text_factory = lambda data: data.decode("utf-8", "replace")
            there = {row[1] for row in old.execute(f"PRAGMA table_info({table})")}
            names = ", ".join(column for column in columns if column in there)  # a later version has more
            for row in old.execute(f"SELECT rowid, {names} FROM {table} ORDER BY rowid {order}"):  # noqa: S608  # our own names
                if row[0] in rows:
                    break
                rows[row[0]] = row[1:]
    carried = 0
    for number in sorted(rows):
        marks = ", ".join("?" * len(rows[number]))
        with suppress(sqlite3.IntegrityError):  # a row that the damage has changed
            database.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", rows[number])  # noqa: S608
            carried += 1
    return carried


def _code(error: BaseException) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
