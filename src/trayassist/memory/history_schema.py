"""The history's tables, and how its database is opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

BUSY_MS = 5000  # how long a write waits for another process's write

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY,
    request TEXT NOT NULL,
    conversation TEXT NOT NULL,
    at TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    role TEXT NOT NULL,
    kind TEXT NOT NULL,
    model TEXT,
    finish TEXT NOT NULL,
    citations TEXT NOT NULL,
    verdict TEXT NOT NULL,
    adapters TEXT NOT NULL DEFAULT '[]',
    mode TEXT NOT NULL DEFAULT '',
    host TEXT NOT NULL DEFAULT '',
    pinned INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS turns_conversation ON turns(conversation, id);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    question, answer, content='turns', content_rowid='id', prefix='2 3', tokenize='unicode61 remove_diacritics 2'
);
CREATE TRIGGER IF NOT EXISTS turn_added AFTER INSERT ON turns BEGIN
    INSERT INTO words(rowid, question, answer) VALUES (new.id, new.question, new.answer);
END;
CREATE INDEX IF NOT EXISTS turns_pinned ON turns(pinned, id);
PRAGMA user_version = 4;
"""
_STEPS = {  # from a version to the next one
    1: (
        "ALTER TABLE turns ADD COLUMN adapters TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE turns ADD COLUMN mode TEXT NOT NULL DEFAULT ''",
        "PRAGMA user_version = 2",
    ),
    2: ("ALTER TABLE turns ADD COLUMN host TEXT NOT NULL DEFAULT ''", "PRAGMA user_version = 3"),
    3: (
        "ALTER TABLE turns ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX IF NOT EXISTS turns_pinned ON turns(pinned, id)",
        "PRAGMA user_version = 4",
    ),
}


def connect(path: Path) -> sqlite3.Connection:
    """Open (or begin) the history at `path`, readable by this user only. Raises sqlite3.Error, OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives -wal and -shm the same rights
    database = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None)
    try:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute("PRAGMA secure_delete=ON")  # what is forgotten is overwritten
        database.execute("PRAGMA temp_store=MEMORY")
        if _version(database) == 0:
            database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        elif _version(database) in _STEPS:
            _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _migrate(database: sqlite3.Connection) -> None:
    """Add what an older version lacks; of two processes that open the file at once, one does it."""
    database.execute("BEGIN IMMEDIATE")
    try:
        while (version := _version(database)) in _STEPS:
            for statement in _STEPS[version]:
                database.execute(statement)
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def move_aside(path: Path, stamp: str) -> Path:
    """Rename a damaged database and its side files; return its new name."""
    kept = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    for suffix in ("", "-wal", "-shm"):
        side = path.with_name(path.name + suffix)
        if side.exists():
            side.rename(kept.with_name(kept.name + suffix))
    return kept


def fts_query(words: Sequence[str]) -> str:
    """Return a query that finds rows with all words, the last one also as a beginning. The words have letters only."""
    return " ".join([f'"{word}"' for word in words[:-1]] + [f'"{word}"*' for word in words[-1:]])
