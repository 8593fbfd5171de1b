"""Past questions and answers, dated, in SQLite with full-text search. One thread of its own does all the work."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from trayassist.api import Busy, Citation, Finished, Request, Risk, TrayassistError, Turn
from trayassist.memory import database
from trayassist.paths import Paths

T = TypeVar("T")

logger = logging.getLogger(__name__)

REPEATED = 20  # times a question may come on average before those for recall become fewer

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
    pinned INTEGER NOT NULL DEFAULT 0,
    masked INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS turns_conversation ON turns(conversation, id);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    question, answer, content='turns', content_rowid='id', prefix='2 3', tokenize='unicode61 remove_diacritics 2'
);
CREATE TRIGGER IF NOT EXISTS turn_added AFTER INSERT ON turns BEGIN
    INSERT INTO words(rowid, question, answer) VALUES (new.id, new.question, new.answer);
END;
CREATE INDEX IF NOT EXISTS turns_pinned ON turns(pinned, id);
PRAGMA user_version = 5;
"""
_COLUMNS = (
    *("request", "conversation", "at", "question", "answer", "role", "kind", "model", "finish"),
    *("citations", "verdict", "adapters", "mode", "host", "pinned", "masked"),
)
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
    4: ("ALTER TABLE turns ADD COLUMN masked INTEGER NOT NULL DEFAULT 0", "PRAGMA user_version = 5"),
}
_OPTIMIZE = "INSERT INTO words(words) VALUES ('optimize')"  # else the index keeps removed words for a while
_TRUNCATE_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"  # left to the next one while another program reads
MASK_REST_S = 0.05
MASKED_AT_ONCE = 20  # turns; between two such batches others have the file


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One past turn in full. `at` is ISO 8601 with time zone; `risk` is the verdict's label.

    `adapters` are the ids of those that were applied, `mode` is the one that was in force, `host` who was asked when
    that was another machine or costs money, else "" (F-17).
    `snippet` is the part of question or answer that a search found, `marks` the found words in it (start, end).
    """

    id: int
    request_id: str
    conversation: str
    at: str
    question: str
    answer: str
    role: str
    kind: str
    model: str | None
    finish: str
    citations: tuple[Citation, ...]
    risk: str
    reason: str
    adapters: tuple[str, ...] = ()
    mode: str = ""
    host: str = ""
    pinned: bool = False
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()


class History:
    """The history file of one installation; several processes may use it at once.

    A damaged file is moved aside, never removed; what can be read of it goes into a new one, and `notice` says so.
    `problem` says in words why the last turn was not kept, or is empty. Who keeps texts of it elsewhere (a list on
    screen) reads them anew at `on_forget`.
    """

    def __init__(self, paths: Paths) -> None:
        self.problem = ""
        self.on_forget: list[Callable[[], None]] = []  # called when turns were removed, or secrets in them masked
        self._path = paths.history
        self._database = database.Database(self._path, "The history", _open_history, {"turns": _COLUMNS})
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        self._closed = False

    @property
    def notice(self) -> str:
        """What became of a damaged file, in words, or ""."""
        return self._database.notice

    async def add(self, request: Request, finished: Finished, *, mode: str = "", masked: bool = False) -> None:
        """Keep a question and how its answer ended, and the mode in force (F-17).

        `masked` says that the secrets in them were masked, so that `mask_older` need not look at them.
        Raises TrayassistError when it cannot be written.
        """
        verdict = finished.verdict
        row = {
            "request": request.id,
            "conversation": request.conversation,
            "at": datetime.now().astimezone().isoformat(timespec="milliseconds"),
            "question": request.text,
            "answer": finished.answer,
            "role": finished.route.role,
            "kind": finished.route.kind.value,
            "model": finished.model,
            "adapters": json.dumps(finished.adapters, ensure_ascii=False),
            "mode": mode,
            "host": finished.host,
            "masked": int(masked),
            "finish": finished.finish.value,
            "citations": json.dumps([asdict(c) for c in finished.citations], ensure_ascii=False),
            "verdict": json.dumps(
                {"risk": verdict.risk.label, "score": verdict.score, "tags": verdict.tags, "reason": verdict.reason},
                ensure_ascii=False,
            ),
        }
        sql = f"INSERT INTO turns ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"  # noqa: S608  # our own names
        storable = {name: _storable(value) if isinstance(value, str) else value for name, value in row.items()}
        try:
            await self._run(lambda db: db.execute(sql, storable))
        except TrayassistError as error:
            self.problem = f"The last answer was not kept. {error}"
            raise
        self.problem = ""

    async def turns(self, conversation: str, limit: int = 6) -> list[Turn]:
        """Return the last turns of a conversation, oldest first."""
        if not conversation:
            return []
        sql = "SELECT * FROM turns WHERE conversation = ? ORDER BY id DESC LIMIT ?"
        rows = await self._rows(sql, (_storable(conversation), limit))
        return [_turn(row) for row in reversed(rows)]

    async def recent(self, limit: int = 50) -> list[HistoryEntry]:
        """Return the last turns of all conversations, newest first."""
        return await self._entries("SELECT * FROM turns ORDER BY id DESC LIMIT ?", (limit,))

    async def questions_of(self, requests: Sequence[str]) -> dict[str, str]:
        """Return the question of each of these requests that is kept, by the request's id."""
        found: dict[str, str] = {}
        for start in range(0, len(requests), 500):  # SQLite takes so many values in one statement on every platform
            part = tuple(map(_storable, requests[start : start + 500]))
            marks = ",".join("?" * len(part))
            rows = await self._rows(f"SELECT request, question FROM turns WHERE request IN ({marks})", part)  # noqa: S608  # marks only
            found |= {row["request"]: row["question"] for row in rows}
        return found

    async def questions(self, limit: int = 100) -> list[str]:
        """Return the last questions, newest first, each once. Repetitions make them fewer than `limit`."""
        sql = (
            "SELECT question FROM (SELECT id, question FROM turns WHERE question <> '' ORDER BY id DESC LIMIT ?)"
            " GROUP BY question ORDER BY max(id) DESC LIMIT ?"
        )
        return [row["question"] for row in await self._rows(sql, (REPEATED * limit, limit))]

    async def search(self, text: str, limit: int = 50) -> list[HistoryEntry]:
        """Return turns that hold all words of `text` (the last one may be begun only), best first.

        A single letter, which half of all turns hold, finds the newest; without a word in it: those that are pinned,
        then the recent ones. No characters of `text` are search syntax.
        """
        words = words_of(_storable(text))
        if not words:
            return await self._entries("SELECT * FROM turns ORDER BY pinned DESC, id DESC LIMIT ?", (limit,))
        inner, outer = ("rank", "score, place DESC") if len("".join(words)) > 1 else ("rowid DESC", "place DESC")
        best = f"SELECT rowid AS place, rank AS score FROM words WHERE words MATCH ? ORDER BY {inner} LIMIT ?"  # noqa: S608  # our own words
        sql = f"SELECT turns.* FROM ({best}) JOIN turns ON turns.id = place ORDER BY {outer}"  # noqa: S608
        return await self._entries(sql, (fts_query(words), limit), words)

    async def pin(self, turn: int, pinned: bool) -> None:
        """Let a turn stand before all others in lists, or no more."""
        await self._run(lambda db: db.execute("UPDATE turns SET pinned = ? WHERE id = ?", (int(pinned), turn)))

    async def mask_older(self, mask: Callable[[str], str]) -> int:
        """Rewrite the turns that were kept as they were said, so that no secret of them is left in the file.

        Returns how many held one. Done for some turns at a time; what is done stays done when it is broken off.
        """
        changed = 0
        try:
            while (found := await self._run(partial(_mask_some, mask=mask))) is not None:
                changed += found
                await asyncio.sleep(MASK_REST_S)
        finally:
            if changed:
                self._tell_forgotten()
        return changed

    async def forget(self, turns: Sequence[int]) -> int:
        """Remove these turns, so that no text of them is left in the file. Return how many there were."""
        gone = await self._run(lambda db: _forget(db, turns))
        self._tell_forgotten()
        return gone

    async def forget_all(self) -> int:
        """Remove every turn, so that no text of it is left, also not in damaged files that were moved aside.

        Return how many there were.
        """
        try:
            count = await self._run(_forget_all)
            for file in self._path.parent.glob(f"{self._path.name}.damaged-*"):
                file.unlink(missing_ok=True)
        finally:  # it may be empty although something went wrong behind that
            self._tell_forgotten()
        return count

    async def close(self) -> None:
        """Close the file; the history cannot be used afterwards."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._database.close)
        self._thread.shutdown(wait=False)

    def _tell_forgotten(self) -> None:
        for callback in list(self.on_forget):
            callback()

    # ------------------------------------------------------------ in the history's thread

    async def _entries(self, sql: str, values: Sequence[Any], words: Sequence[str] = ()) -> list[HistoryEntry]:
        """Return the turns of a query; what `words` found in them is looked for in the history's thread, too."""
        return await self._run(lambda db: [_entry(row, words) for row in db.execute(sql, values)])

    async def _rows(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        return await self._run(lambda db: db.execute(sql, values).fetchall())

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise TrayassistError("The history is closed.", "Start trayassist again.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._database.work, work)


def _turn(row: sqlite3.Row) -> Turn:
    paths = (one.path for one in _citations(row["citations"]) if not one.path.startswith("fact:"))
    return Turn(
        question=row["question"],
        answer=row["answer"],
        role=row["role"],
        at=row["at"],
        request_id=row["request"],
        cited=tuple(dict.fromkeys(paths)),
    )


def _open_history(path: Path) -> sqlite3.Connection:
    """Open (or begin) the history at `path`. Raises sqlite3.Error, OSError."""
    opened = database.connect(path)
    try:
        opened.row_factory = sqlite3.Row
        opened.text_factory = lambda data: data.decode("utf-8", "replace")  # a spoilt byte costs that character only
        if _version(opened) == 0:
            opened.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        elif _version(opened) in _STEPS:
            _migrate(opened)
    except BaseException:
        opened.close()
        raise
    return opened


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _migrate(database: sqlite3.Connection) -> None:
    """Add what an older version lacks; of two processes that open the file at once, one does it."""
    with _transaction(database):
        while (version := _version(database)) in _STEPS:
            for statement in _STEPS[version]:
                database.execute(statement)


def fts_query(words: Sequence[str]) -> str:
    """Return a query that finds rows with all words, the last one also as a beginning. The words have letters only."""
    return " ".join([f'"{word}"' for word in words[:-1]] + [f'"{word}"*' for word in words[-1:]])


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # on a full disk SQLite has gone back by itself
            database.execute("ROLLBACK")
        raise


def _empty_log(database: sqlite3.Connection) -> None:
    """Take the log's text off the disk. On a full one that is left to the next time; what is done is done."""
    try:
        database.execute(_TRUNCATE_LOG)
    except sqlite3.OperationalError as error:
        logger.warning("the log of the history is not emptied: %s", error)


def _take_out_of_index(database: sqlite3.Connection, turn: int) -> None:
    database.execute(
        "INSERT INTO words(words, rowid, question, answer) "
        "SELECT 'delete', id, question, answer FROM turns WHERE id = ?",
        (turn,),
    )


def _forget(database: sqlite3.Connection, turns: Sequence[int]) -> int:
    gone = 0
    with _transaction(database):
        for turn in turns:
            _take_out_of_index(database, turn)
            gone += database.execute("DELETE FROM turns WHERE id = ?", (turn,)).rowcount
        database.execute(_OPTIMIZE)
    _empty_log(database)
    return gone


def _mask_some(database: sqlite3.Connection, mask: Callable[[str], str]) -> int | None:
    """Mask the secrets in some turns that were not looked at yet; return how many had one, None when there are none."""
    with _transaction(database):
        rows = database.execute(
            "SELECT id, question, answer, citations FROM turns WHERE masked = 0 ORDER BY id DESC LIMIT ?",
            (MASKED_AT_ONCE,),
        ).fetchall()
        changed = 0
        for row in rows:
            question, answer, citations = mask(row["question"]), mask(row["answer"]), _mask_quotes(row, mask)
            if (question, answer, citations) != (row["question"], row["answer"], row["citations"]):
                changed += 1
                _take_out_of_index(database, row["id"])
                database.execute(
                    "UPDATE turns SET question = ?, answer = ?, citations = ? WHERE id = ?",
                    (question, answer, citations, row["id"]),
                )
                database.execute(
                    "INSERT INTO words(rowid, question, answer) VALUES (?, ?, ?)", (row["id"], question, answer)
                )
            database.execute("UPDATE turns SET masked = 1 WHERE id = ?", (row["id"],))
        if changed:
            database.execute(_OPTIMIZE)
    if changed:
        _empty_log(database)
    return changed if rows else None


def _mask_quotes(row: sqlite3.Row, mask: Callable[[str], str]) -> str:
    kept = str(row["citations"])
    citations = _parse(kept, list)
    if not citations or not all(isinstance(one, dict) and "quote" in one for one in citations):
        return kept if kept == "[]" else mask(kept)  # a damaged row: as the text that it is
    masked = [{**one, "quote": mask(str(one["quote"]))} for one in citations]
    return kept if masked == citations else json.dumps(masked, ensure_ascii=False)


def _forget_all(database: sqlite3.Connection) -> int:
    count: int = database.execute("SELECT count(*) FROM turns").fetchone()[0]
    with _transaction(database):
        database.execute("INSERT INTO words(words) VALUES ('delete-all')")
        database.execute("DELETE FROM turns")
    try:
        database.execute("VACUUM")
    except sqlite3.OperationalError as error:  # no room for it; what was removed is overwritten without it
        logger.warning("the file of the history does not become smaller: %s", error)
    try:
        in_use = database.execute(_TRUNCATE_LOG).fetchone()[0]
    except sqlite3.OperationalError as error:
        raise TrayassistError(
            f"The history is emptied, but text of it may still be on the disk: {error}.",
            "Free some space, then forget it once more.",
        ) from error
    if in_use:
        raise Busy(
            "The history is emptied, but another program still reads its log file.",
            "Close other trayassist programs and forget it once more.",
        )
    return count


def _entry(row: sqlite3.Row, words: Sequence[str] = ()) -> HistoryEntry:
    verdict = _parse(row["verdict"], dict)
    snippet, marks = found_part((row["question"], row["answer"]), words) if words else ("", ())
    return HistoryEntry(
        id=row["id"],
        request_id=row["request"],
        conversation=row["conversation"],
        at=row["at"],
        question=row["question"],
        answer=row["answer"],
        role=row["role"],
        kind=row["kind"],
        model=row["model"],
        finish=row["finish"],
        citations=_citations(row["citations"]),
        risk=str(verdict.get("risk", Risk.UNCHECKED.label)),
        reason=str(verdict.get("reason", "")),
        adapters=tuple(map(str, _parse(row["adapters"], list))),
        mode=row["mode"],
        host=row["host"],
        pinned=bool(row["pinned"]),
        snippet=snippet,
        marks=marks,
    )


def _parse[V](text: str, kind: type[V]) -> V:
    """Return the value of a column that holds JSON, an empty one where it is damaged: that costs no other turn."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    return value if isinstance(value, kind) else kind()


def _citations(text: str) -> tuple[Citation, ...]:
    """Return the citations of a turn, none where they are damaged."""
    known = {field.name for field in fields(Citation)}
    try:
        return tuple(Citation(**{k: v for k, v in item.items() if k in known}) for item in _parse(text, list))
    except (TypeError, AttributeError):
        return ()


def _storable(text: str) -> str:
    """Return the text without what no database takes: halves of characters, as in names of files that are no text."""
    return text.encode("utf-8", "replace").decode()


SHOWN = 24  # words of a part
LEAD = 4  # of them before the first found one
LOOKED_AT = 20_000  # characters of a text: two hundred are looked at while somebody types
WORD = re.compile(r"[^\W_]+")

Marks = tuple[tuple[int, int], ...]


def words_of(text: str) -> list[str]:
    """Return the words to search for in what somebody typed, at most sixteen."""
    return WORD.findall(text[:400])[:16]


def found_part(texts: Sequence[str], words: Sequence[str]) -> tuple[str, Marks]:
    """Return the part of the text that has the most of the words, the last one also as a beginning; and where they are.

    Case and accents do not matter. Without any of the words: an empty part.
    """
    wanted = [_fold(word) for word in words]
    found = [_best(text[:LOOKED_AT], wanted) for text in texts]
    score, part, marks = max(found, key=lambda one: one[0])
    return (part, marks) if score else ("", ())


def _best(text: str, wanted: Sequence[str]) -> tuple[int, str, Marks]:
    """Return how many of the words the best part of the text has, the part and its marks."""
    tokens = list(WORD.finditer(text))
    hits = {at: word for at, token in enumerate(tokens) if (word := _hit(token[0], wanted)) is not None}
    if not hits:
        return 0, "", ()
    scores = {at: len({hits[near] for near in range(at, at + SHOWN - LEAD) if near in hits}) for at in hits}
    best = max(scores, key=lambda at: (scores[at], -at))
    first, last = max(0, best - LEAD), min(len(tokens), max(0, best - LEAD) + SHOWN) - 1
    begin = 0 if first == 0 else tokens[first].start()
    end = len(text) if last == len(tokens) - 1 else tokens[last].end()
    lead = "…" if begin else ""
    part = f"{lead}{text[begin:end]}{'…' if end < len(text) else ''}"
    shift = len(lead) - begin
    marks = (tokens[at] for at in range(first, last + 1) if at in hits)
    return scores[best], part, tuple((token.start() + shift, token.end() + shift) for token in marks)


def _hit(token: str, wanted: Sequence[str]) -> int | None:
    """Return which of the words a token is, None for none."""
    folded = _fold(token)
    if folded.startswith(wanted[-1]):
        return len(wanted) - 1
    return wanted.index(folded) if folded in wanted else None


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
