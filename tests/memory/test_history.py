"""The history: dated turns, full-text search, and what happens when its file is damaged, full or shared."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from trayassist.api import (
    Busy,
    Citation,
    Finish,
    Finished,
    Kind,
    Request,
    Risk,
    Route,
    Timings,
    TrayassistError,
    Verdict,
)
from trayassist.memory.history import History, found_part, fts_query, words_of
from trayassist.paths import Paths

CITED = Citation(number=1, path="/d/lease.pdf", title="Lease", page=4, quote="Five per cent.", start=10, end=24)


def make_finished(answer: str, **more: Any) -> Finished:
    route = Route(kind=Kind.CHAT, role="persona", text="", confidence=0.5, method="default", reason="No rule hit.")
    verdict = Verdict(risk=Risk.MEDIUM, score=0.4, reason="It asks for a secret")
    values = {"finish": Finish.STOP, "answer": answer, "route": route, "verdict": verdict, "timings": Timings()}
    return Finished(**(values | more))


def make_request(text: str, conversation: str = "c") -> Request:
    return Request(text=text, conversation=conversation)


def run[T](work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@asynccontextmanager
async def open_history(home: Path) -> AsyncIterator[History]:
    history = History(Paths(config=home / "config", data=home / "data"))
    try:
        yield history
    finally:
        await history.close()


def file_of(home: Path) -> Path:
    return home / "data" / "history.sqlite"


def test_a_turn_comes_back_whole_and_dated(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            await history.add(
                make_request("What is the late fee?"),
                make_finished("Five per cent [1].", citations=(CITED,), model="m", adapters=("mine",)),
                mode="agent",
            )
        async with open_history(tmp_path) as history:
            (entry,) = await history.recent()
            assert (entry.question, entry.answer) == ("What is the late fee?", "Five per cent [1].")
            assert (entry.role, entry.kind, entry.model, entry.finish) == ("persona", "chat", "m", "stop")
            assert (entry.adapters, entry.mode) == (("mine",), "agent")
            assert entry.citations == (CITED,)
            assert (entry.risk, entry.reason) == ("medium", "It asks for a secret")
            at = datetime.fromisoformat(entry.at)
            assert at.tzinfo is not None
            assert abs((datetime.now().astimezone() - at).total_seconds()) < 3600

    run(go())


def test_turns_are_those_of_one_conversation_oldest_first(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            for number in range(5):
                await history.add(make_request(f"mine {number}"), make_finished(f"answer {number}"))
                await history.add(make_request(f"other {number}", "d"), make_finished("no"))
            await history.add(make_request("alone", ""), make_finished("no"))
            assert [turn.question for turn in await history.turns("c", 3)] == ["mine 2", "mine 3", "mine 4"]
            assert await history.turns("", 3) == []
            assert await history.turns("unknown", 3) == []

    run(go())


def test_questions_for_recall_are_newest_first_and_each_once(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            for text in ("one", "two", "one", "three"):
                await history.add(make_request(text), make_finished("x"))
            assert await history.questions(10) == ["three", "one", "two"]
            assert await history.questions(2) == ["three", "one"]

    run(go())


def test_search_finds_words_in_questions_and_answers_with_marks(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            await history.add(make_request("When is rent due?"), make_finished("On the fifth, before the café opens."))
            await history.add(make_request("Capital of France?"), make_finished("Paris."))
            (hit,) = await history.search("cafe fif")
            assert hit.question == "When is rent due?"
            assert [hit.snippet[start:end] for start, end in hit.marks] == ["fifth", "café"]
            assert [entry.question for entry in await history.search("paris")] == ["Capital of France?"]
            assert await history.search("nowhere") == []
            assert len(await history.search("  ")) == 2

    run(go())


@pytest.mark.parametrize(
    "text", ['"', "rent AND", "NEAR(", "question:rent", "rent*", "^rent", "-rent", "(rent", "a'b", "{x}:", "\x00"]
)
def test_no_character_is_search_syntax(tmp_path: Path, text: str) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            await history.add(make_request("rent"), make_finished("and near a b x question"))
            await history.search(text)  # raises nothing

    run(go())


def test_a_query_keeps_only_words() -> None:
    assert fts_query(words_of('late "fee" AND (x')) == '"late" "fee" "AND" "x"*'
    assert words_of("?!") == []
    assert len(words_of("word " * 5000)) == 16


def test_a_found_part_is_short_and_marks_what_was_found() -> None:
    text = f"{'blah ' * 500}the late fee of the Café, due_soon {'blah ' * 500}"
    part, marks = found_part(("nothing here", text), ["fee", "cafe", "du"])
    assert [part[start:end] for start, end in marks] == ["fee", "Café", "due"]
    assert (part[0], part[-1]) == ("…", "…")
    assert len(part.split()) <= 25
    assert found_part(("late", "x"), ["fee"]) == ("", ())
    assert found_part(("a fee", ""), ["fee"]) == ("a fee", ((2, 5),))


@pytest.mark.parametrize("odd", ["caf\udce9 rent", "nul\x00rent", "rent \u2028 \x1b[31m", "日本語 rent"])
def test_odd_characters_are_kept_and_found(tmp_path: Path, odd: str) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            await history.add(make_request(odd, conversation=odd), make_finished(odd, host=odd, error=odd))
            (entry,) = await history.search("rent")
            assert entry.question == odd.replace("\udce9", "?")
            assert len(await history.turns(odd)) == 1
            await history.search(odd)

    run(go())


def test_a_letter_finds_the_newest(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            for number in range(5):
                await history.add(make_request(f"fee {number}"), make_finished("fine " * (number + 1)))
            assert [entry.question for entry in await history.search("f", limit=2)] == ["fee 4", "fee 3"]

    run(go())


def test_forgetting_all_leaves_no_text_in_the_files(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            for number in range(200):
                await history.add(
                    make_request(f"secret zanzibar {number}"), make_finished("the quetzalcoatl answer " * 20)
                )
            aside = file_of(tmp_path).with_name("history.sqlite.damaged-20260101-000000")
            aside.write_text("secret zanzibar")
            assert await history.forget_all() == 200
            assert not aside.exists()
            assert await history.recent() == []
            assert await history.search("zanzibar") == []
            for file in file_of(tmp_path).parent.iterdir():
                content = file.read_bytes().lower()
                assert b"zanzibar" not in content, file
                assert b"quetzalcoatl" not in content, file
            await history.add(make_request("after"), make_finished("still works"))
            assert len(await history.search("works")) == 1

    run(go())


def test_one_turn_is_forgotten_without_a_trace_and_the_others_stay(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            await history.add(make_request("secret zanzibar"), make_finished("the quetzalcoatl answer " * 20))
            await history.add(make_request("plain question"), make_finished("plain answer"))
            (secret,) = await history.search("zanzibar")
            assert await history.forget([secret.id, 9999]) == 1
            assert await history.search("quetzalcoatl") == []
            assert [entry.question for entry in await history.recent()] == ["plain question"]
            assert len(await history.search("plain")) == 1
            for file in file_of(tmp_path).parent.iterdir():
                content = file.read_bytes().lower()
                assert b"zanzibar" not in content, file
                assert b"quetzalcoatl" not in content, file

    run(go())


def test_who_keeps_texts_of_it_is_told_when_they_are_gone(tmp_path: Path) -> None:
    told: list[str] = []

    async def go() -> None:
        async with open_history(tmp_path) as history:
            for text in ("one", "two", "the key is sesame"):
                await history.add(make_request(text), make_finished("x"))
            history.on_forget.append(lambda: told.append("told"))
            await history.mask_older(lambda text: text.replace("sesame", "[secret]"))
            assert len(told) == 1
            await history.mask_older(lambda text: text)
            assert len(told) == 1, "nothing changed"
            (one,) = await history.search("one")
            await history.forget([one.id])
            assert len(told) == 2
            await history.forget_all()
            assert len(told) == 3

    run(go())


def test_a_pinned_turn_comes_first_until_it_is_let_go(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            for text in ("one", "two", "three"):
                await history.add(make_request(text), make_finished("x"))
            (one,) = await history.search("one")
            await history.pin(one.id, True)
            listed = await history.search("")
            assert [(entry.question, entry.pinned) for entry in listed] == [
                ("one", True),
                ("three", False),
                ("two", False),
            ]
            await history.pin(one.id, False)
            assert [entry.question for entry in await history.search("")] == ["three", "two", "one"]

    run(go())


@pytest.mark.parametrize("damage", ["not a database", "torn"])
def test_a_damaged_file_is_kept_and_a_new_one_begun(tmp_path: Path, damage: str) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            for number in range(300):
                await history.add(make_request(f"question {number}"), make_finished("a longer answer " * 20))
        file = file_of(tmp_path)
        if damage == "torn":
            whole = file.read_bytes()
            file.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
        else:
            file.write_text("this is no database at all\n" * 500)
        broken = file.read_bytes()
        async with open_history(tmp_path) as history:
            assert await history.recent() == []
            assert "was damaged" in history.notice
            assert "None of its entries" in history.notice
            await history.add(make_request("after"), make_finished("x"))
            assert [entry.question for entry in await history.recent()] == ["after"]
        (kept,) = [p for p in file.parent.iterdir() if ".damaged-" in p.name and not p.name.endswith(("-wal", "-shm"))]
        assert kept.read_bytes() == broken
        assert str(kept) in history.notice

    run(go())


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_a_history_of_an_older_shape_goes_on(tmp_path: Path, version: int) -> None:
    """Turns that were kept before adapters, modes and hosts were: they stay, with none of them."""

    async def before() -> None:
        async with open_history(tmp_path) as history:
            await history.add(make_request("an old question"), make_finished("an old answer"))

    async def after() -> None:
        async with open_history(tmp_path) as history:
            new = make_finished("a new answer", adapters=("mine",), host="there.example")
            await history.add(make_request("a new question"), new, mode="agent")
            entries = await history.search("question")
        assert sorted((entry.question, entry.adapters, entry.mode, entry.host) for entry in entries) == [
            ("a new question", ("mine",), "agent", "there.example"),
            ("an old question", (), "", ""),
        ]

    run(before())
    database = sqlite3.connect(file_of(tmp_path))
    newer = {1: ("adapters", "mode", "host", "pinned"), 2: ("host", "pinned"), 3: ("pinned",), 4: ()}
    missing = (*newer[version], "masked")
    drops = ("DROP INDEX turns_pinned;" if version < 4 else "") + "".join(
        f"ALTER TABLE turns DROP COLUMN {name};" for name in missing
    )
    database.executescript(f"{drops} PRAGMA user_version = {version};")
    database.close()
    run(after())


def test_older_turns_are_masked_once_and_nothing_of_the_secret_stays(tmp_path: Path) -> None:
    secret, other = "sesame4711", "open8811"
    looked_at: list[str] = []

    def mask(text: str) -> str:
        looked_at.append(text)
        return text.replace(secret, "[secret]")

    async def go() -> None:
        async with open_history(tmp_path) as history:
            for number in range(50):
                await history.add(make_request(f"plain question {number}"), make_finished("plain answer"))
            cited = replace(CITED, quote=f"the word is {secret}")
            await history.add(
                make_request(f"why is {secret} wrong?"), make_finished(f"{secret} is right", citations=(cited,))
            )
            await history.add(make_request(f"kept by this version: {other}"), make_finished("yes"), masked=True)
            assert await history.search(secret)
            assert await history.mask_older(mask) == 1
            assert not await history.search(secret)
            (entry,) = await history.search("wrong")
            assert (entry.question, entry.answer) == ("why is [secret] wrong?", "[secret] is right")
            assert entry.citations[0].quote == "the word is [secret]"
            assert len(await history.search("plain question")) == 50
            assert not any(other in text for text in looked_at)
            looked_at.clear()
            assert await history.mask_older(mask) == 0
            assert not looked_at
            assert not [file for file in file_of(tmp_path).parent.iterdir() if secret.encode() in file.read_bytes()]

    run(go())


def test_files_are_readable_by_the_user_only(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            await history.add(make_request("x"), make_finished("y"))
            for file in file_of(tmp_path).parent.iterdir():
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file

    old = os.umask(0o022)
    try:
        run(go())
    finally:
        os.umask(old)


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            await history.add(make_request("first"), make_finished("x"))

            def fill(database: sqlite3.Connection) -> None:
                pages = database.execute("PRAGMA page_count").fetchone()[0]
                database.execute(f"PRAGMA max_page_count={pages}")  # SQLite's own way to be out of space

            await history._run(fill)
            with pytest.raises(TrayassistError, match="no space left"):
                await history.add(make_request("second"), make_finished("y" * 500_000))
            assert [entry.question for entry in await history.recent()] == ["first"]

    run(go())


def test_a_full_disk_is_named_when_turns_are_forgotten_or_masked(tmp_path: Path) -> None:
    """SQLite goes back by itself then, and a second ROLLBACK would hide why."""

    async def go() -> None:
        async with open_history(tmp_path) as history:
            for number in range(100):
                await history.add(make_request(f"word{number} " * 20), make_finished(f"answer{number} " * 100))
            turns = [entry.id for entry in await history.recent(100)]

            def fill(database: sqlite3.Connection) -> None:
                pages = database.execute("PRAGMA page_count").fetchone()[0]
                database.execute(f"PRAGMA max_page_count={pages}")

            await history._run(fill)
            for work in (history.forget(turns[:2]), history.mask_older(lambda text: text + " more" * 800)):
                with pytest.raises(TrayassistError, match="no space left"):
                    await work
            assert len(await history.recent(200)) == 100

    run(go())


class Full(sqlite3.Connection):
    """A database on a disk that is full when `refused` is done."""

    refused: tuple[str, ...] = ()

    def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
        if sql.startswith(self.refused):
            raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *more)


def test_what_is_gone_although_the_disk_is_full_is_not_called_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr("sqlite3.connect", lambda *given, **named: connect(*given, **named, factory=Full))

    async def go() -> None:
        async with open_history(tmp_path) as history:
            await history.add(make_request("secret zanzibar"), make_finished("quetzalcoatl"))
            monkeypatch.setattr(Full, "refused", ("VACUUM",))
            assert await history.forget_all() == 1
            assert not any(b"zanzibar" in file.read_bytes() for file in file_of(tmp_path).parent.iterdir())
            await history.add(make_request("one"), make_finished("x"))
            await history.add(make_request("two"), make_finished("x"))
            monkeypatch.setattr(Full, "refused", ("VACUUM", "PRAGMA wal_checkpoint"))
            assert await history.forget([1]) == 1
            with pytest.raises(
                TrayassistError, match=r"is emptied, but text of it may .* disk is full.*Free some space"
            ):
                await history.forget_all()
            assert await history.recent() == []

    run(go())


@pytest.mark.parametrize("column", ["citations", "verdict", "adapters", "question"])
@pytest.mark.parametrize("spoilt", [b"\xff]", b"Z]", b"[1]", b'{"a": 1}', b"[{}]", b"null"])
def test_a_spoilt_row_costs_no_other(tmp_path: Path, column: str, spoilt: bytes) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            for number in range(3):
                await history.add(make_request(f"question {number}"), make_finished("an answer", citations=(CITED,)))
            sql = f"UPDATE turns SET {column} = CAST(? AS TEXT) WHERE id = 2"
            await history._run(lambda db: db.execute(sql, (spoilt,)))
            entries = await history.recent()
            assert [entry.id for entry in entries] == [3, 2, 1]
            assert [entry.citations for entry in entries[::2]] == [(CITED,), (CITED,)]
            assert {1, 3} <= {entry.id for entry in await history.search("answer")}
            assert await history.mask_older(lambda text: text.replace("per cent", "…")) == (
                2 if column == "citations" else 3
            )
            assert await history.mask_older(str) == 0

    run(go())


def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    async def go() -> None:
        file_of(tmp_path).mkdir(parents=True)
        async with open_history(tmp_path) as history:
            with pytest.raises(TrayassistError, match=r"cannot be read or written.*permissions"):
                await history.recent()

    run(go())


def test_another_programs_lock_is_said_and_the_loop_never_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trayassist.memory.database.BUSY_MS", 300)

    async def go() -> None:
        async with open_history(tmp_path) as history:
            await history.add(make_request("x"), make_finished("y"))
            other = sqlite3.connect(file_of(tmp_path), isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            ticks = 0
            waiting = asyncio.ensure_future(history.add(make_request("z"), make_finished("y")))
            while not waiting.done():
                await asyncio.sleep(0.01)
                ticks += 1
            with pytest.raises(Busy, match="another program"):
                await waiting
            assert ticks > 5  # the loop went on meanwhile
            other.execute("ROLLBACK")
            other.close()
            await history.add(make_request("z"), make_finished("y"))

    run(go())


def test_work_is_done_in_one_thread_of_its_own(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            names = {await history._run(lambda _: threading.current_thread().name) for _ in range(3)}
            assert len(names) == 1
            assert names != {threading.current_thread().name}

    run(go())


WRITER = """
import asyncio, sys
from pathlib import Path
from trayassist.api import Finish, Finished, Kind, Request, Risk, Route, Timings, Verdict
from trayassist.memory.history import History
from trayassist.paths import Paths

home, name = Path(sys.argv[1]), sys.argv[2]
route = Route(kind=Kind.CHAT, role="persona", text="", confidence=0.5, method="default", reason="")
done = Finished(finish=Finish.STOP, answer="x", route=route, verdict=Verdict(risk=Risk.LOW), timings=Timings())

async def go():
    history = History(Paths(config=home / "config", data=home / "data"))
    for number in range(40):
        await history.add(Request(text=f"{name} {number}", conversation=name), done)
    await history.close()

asyncio.run(go())
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), f"writer{n}"]) for n in range(4)]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]

    async def go() -> None:
        async with open_history(tmp_path) as history:
            for n in range(4):
                turns = await history.turns(f"writer{n}", 100)
                assert [turn.question for turn in turns] == [f"writer{n} {i}" for i in range(40)]

    run(go())


def test_a_closed_history_says_so(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_history(tmp_path) as history:
            pass
        with pytest.raises(TrayassistError, match="closed"):
            await history.recent()
        await history.close()

    run(go())
