"""What other programs send over the socket: wrong requests cost their sender, and nobody and nothing else."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.memory.ingest.conftest import until
from tests.ui.app.test_single import Client, Verbs, ask
from trayassist.assistant import Assistant
from trayassist.cli import verbs
from trayassist.memory.queue import FileQueue
from trayassist.paths import Paths
from trayassist.ui.app import single
from trayassist.ui.app.single import Server

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the client here speaks to Unix sockets")

SEED, ROUNDS = 20260, 400


@asynccontextmanager
async def app(home: Paths, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Assistant, str]]:
    """Yield an assistant that answers on the socket, and the socket's name."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    assistant = Assistant(home)
    await assistant.start()

    async def answer(verb: str, arguments: Mapping[str, Any], token: str) -> AsyncIterator[dict[str, Any]]:
        async with aclosing(verbs.run(assistant, verb, arguments)) as lines:
            async for line in lines:
                yield line

    server = Server(home.socket, answer)
    server.listen()
    try:
        yield assistant, home.socket
    finally:
        await server.close()
        await assistant.stop()


WRONG = [
    ("route", {"text": ["a"]}, "“route” cannot use this “text”. Give a text."),
    ("route", {"text": "x", "colour": 1}, "“route” takes no “colour”. It takes: text, batch."),
    ("ingest", {"paths": "/"}, "“ingest” cannot use this “paths”. Give a list of texts."),
    ("ingest", {}, "“ingest” needs “paths”. Give a list of texts."),
    ("ingest", {"paths": ["/x"], "password": 1}, "“ingest” cannot use this “password”. Give a text."),
    ("search", {"query": "x", "limit": -1}, "“search” cannot use this “limit”. Give a whole number from 1 to 1000."),
    ("search", {"query": "x", "limit": True}, "Give a whole number from 1 to 1000."),
    ("search", {"batch": [1]}, "Give a list of objects."),
    ("inspect", {"text": "x", "part": "mood"}, "Give one of: prompt, context, answer, command."),
    ("memory", {"action": "burn"}, "Give one of: list, show, forget."),
    ("memory", {"action": "forget"}, "“memory forget” needs either “path” or “everything”. Nothing was forgotten."),
    ("memory", {"action": "forget", "path": ""}, "Nothing was forgotten."),
    ("memory", {"action": "forget", "path": "/x", "everything": True}, "Nothing was forgotten."),
    ("models", {"action": "burn"}, "“models” has no action “burn”."),
    ("models", {"action": ["list"]}, "“models” has no action of that kind."),
    ("models", {"action": "fetch", "confirmed": {"wants": 1}}, "This is no plan of a download."),
    ("models", {"action": "bench", "name": "x", "tokens": 1e9}, "Give a whole number from 8 to 4096."),
    ("adapters", {"action": "activate", "id": "x", "slot": "top"}, "Give one of: history, recent."),
    ("adapters", {"action": "scale", "id": "x", "scale": "1"}, "Give a number."),
    ("providers", {"action": "enable", "confirmed": "yes"}, "Give true or false."),
    ("fly", {}, "There is no verb “fly”."),
    ("__class__", {}, "There is no verb “__class__”."),
    ("status", {"assistant": 1}, "“status” takes no “assistant”."),
]


async def test_wrong_arguments_are_refused_in_words(
    home: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app(home, tmp_path, monkeypatch) as (_, name):
        for verb, arguments, told in WRONG:
            error, end = await ask(name, {"verb": verb, "arguments": arguments})
            assert told in f"{error['error']} {error['todo']}", (verb, arguments)
            assert end == {"end": 2}, (verb, arguments)


async def _empty(server: Server) -> bool:
    return not server.sessions


async def _idle(assistant: Assistant) -> bool:
    return not assistant.ingest.waiting()


@pytest.mark.parametrize("path", ["/half\ud800name", "/nul\0name", "/nowhere"])
async def test_a_path_that_memory_cannot_hold_is_not_in_it(
    home: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async with app(home, tmp_path, monkeypatch) as (_, name):
        error, end = await ask(name, {"verb": "memory", "arguments": {"action": "forget", "path": path}})
        assert error["error"] == f"{path} is not in memory."
        assert end == {"end": 1}


async def test_a_path_that_is_none_costs_itself(home: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = tmp_path / "good.txt"
    good.write_text("The late fee is five percent.")
    queue = FileQueue(home.queue)
    queue.add_roots(["/left\0over"])  # of a version that took it
    queue.add([("/tmp/left\0over", 1, "")])
    queue.close()
    async with app(home, tmp_path, monkeypatch) as (assistant, name):
        paths = ["/x\0y", "", "relative.txt", "/half\ud800name", str(good)]
        *lines, end = await ask(name, {"verb": "ingest", "arguments": {"paths": paths}})
        status = {line["path"]: line["status"] for line in lines if "path" in line}
        assert status == dict.fromkeys(paths[:-1], "failed") | {str(good): "ingested"}
        assert all(line["reason"].endswith(".") for line in lines if line.get("status") == "failed")
        assert end == {"end": 3}
        again = await ask(name, {"verb": "ingest", "arguments": {"paths": [str(good)]}})
        assert again[-1] == {"end": 0}
        await until(lambda: _idle(assistant))
    queue = FileQueue(home.queue)
    assert queue.roots() == []
    assert queue.count() == (0, 0)
    queue.close()


TEXTS = ["", "\0", "\ud800", "\u202e", "x" * 5000, "list", "run", "forget", "/nowhere\0", "nowhere", "/nowhere"]


def anything(dice: random.Random, depth: int = 0) -> Any:
    """Return a JSON value that a hostile or broken client may send; no path of it leads to a real file."""
    kinds = [
        lambda: None,
        lambda: dice.choice([True, False, 0, -1, 1.5, 1e308, 2**70, float("inf")]),
        lambda: dice.choice(TEXTS),
        lambda: "".join(chr(dice.randrange(1, 0x3000)) for _ in range(dice.randrange(20))),
        lambda: [anything(dice, depth + 1) for _ in range(dice.randrange(4) if depth < 4 else 0)],
        lambda: {
            str(anything(dice, 9))[:20]: anything(dice, depth + 1) for _ in range(dice.randrange(4) if depth < 4 else 0)
        },
    ]
    return dice.choice(kinds)()


NAMES = ["text", "query", "limit", "batch", "paths", "path", "action", "name", "arguments", "id", "yes", "part", "role"]
SLOW = {"doctor", "tune_draft", "reindex"}  # they look at the whole machine


def request(dice: random.Random) -> bytes:
    verb = dice.choice([one for one in verbs.VERBS if one not in SLOW])
    arguments = {dice.choice(NAMES): anything(dice) for _ in range(dice.randrange(4))}
    whole = {"verb": verb, "arguments": arguments, "token": anything(dice)}
    line = json.dumps(
        dice.choice([whole, whole, whole, anything(dice), {**whole, "arguments": anything(dice)}])
    ).encode()
    match dice.randrange(12):
        case 0:
            return line[: dice.randrange(len(line) + 1)]
        case 1:
            return bytes(dice.choice(line) for _ in line).replace(b"\n", b" ")
        case 2:
            return b"[" * dice.choice([100, 5_000, 200_000]) + line
        case 3:
            return b'{"verb": "route", "arguments": {"text": ' + b'{"a":' * 900 + b"1" + b"}" * 902
    return line


async def test_every_session_is_answered_or_closed(
    home: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(SEED)
    async with app(home, tmp_path, monkeypatch) as (_, name):
        for number in range(ROUNDS):
            line = request(dice)
            client = Client(name)
            client.socket.sendall(line + b"\n")
            last = b""
            while (got := await client.line()) and json.loads(got).keys() != {"end"}:
                last = got
            assert not got or json.loads(got)["end"] in (0, 1, 2, 3, 4), (number, line[:200], last)
            client.close()
        route, end = await ask(name, {"verb": "route", "arguments": {"text": "2 + 2"}})
        assert (route["kind"], end) == ("math", {"end": 0})


async def test_clients_that_send_slowly_or_too_much_are_sent_away(
    home: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "REQUEST_WAIT_S", 0.3)
    monkeypatch.setattr(single, "REQUEST_LIMIT", 2**20)
    monkeypatch.setattr(single, "MOST_SESSIONS", 3)
    async with app(home, tmp_path, monkeypatch) as (_, name):
        slow = Client(name)
        slow.socket.sendall(b'{"verb": ')
        assert await slow.line() == b""
        large = Client(name)
        with suppress(OSError):  # it is not read to its end
            await asyncio.to_thread(large.socket.sendall, b"x" * 2**23)
        assert json.loads(await large.line())["error"] == "The request is too long: the app takes up to 1 MB at once."
        assert json.loads(await large.line()) == {"end": 2}
        monkeypatch.setattr(single, "REQUEST_WAIT_S", 30.0)
        held = [Client(name) for _ in range(3)]
        for client in held:
            client.send({"verb": "route", "arguments": {"text": "2 + 2"}})
            await client.line()
        fourth = Client(name)
        assert json.loads(await fourth.line())["error"] == "The app answers 3 requests at once, and has that many."
        assert json.loads(await fourth.line()) == {"end": 4}
        assert await fourth.line() == b""
        for client in (slow, large, fourth, *held):
            client.close()
        await asyncio.sleep(0.1)
        assert (await ask(name, {"verb": "route", "arguments": {"text": "2 + 2"}}))[-1] == {"end": 0}


async def test_a_client_that_never_reads_is_sent_away_in_the_end(
    home: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(single, "READ_WAIT_S", 0.2)
    program = Verbs()
    server = Server(home.socket, program.answer)
    server.listen()
    client = Client(home.socket)
    client.send({"verb": "flood"})
    client.send({"verb": "wait"})
    assert (await ask(home.socket, {"verb": "count", "arguments": {"to": 0}}))[-1] == {"end": 3}
    await until(lambda: _empty(server))
    assert program.sent < 50_000
    client.close()
    await server.close()
