"""The local socket: real clients against the real server."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from trayassist.paths import Paths
from trayassist.ui.app.single import Instance, Server

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the client here speaks to Unix sockets")


class Verbs:
    """What the server asks; keeps what was cancelled."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()
        self.sent = 0

    async def answer(self, verb: str, arguments: Mapping[str, Any], token: str) -> AsyncIterator[dict[str, Any]]:
        if verb == "count":
            for number in range(arguments["to"]):
                yield {"number": number, "token": token}
            yield {"exit": 3}
        elif verb == "wait":
            try:
                yield {"waiting": True}
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        elif verb == "flood":
            for self.sent in range(100_000):
                yield {"text": "x" * 1000}
        elif verb == "break":
            raise ValueError("that was wrong")


@pytest.fixture
def socket_name(home: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return home.socket


class Client:
    """Another process, as far as the server can tell: a plain socket, read in a thread."""

    def __init__(self, name: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(name)
        self._file = self.socket.makefile("rb")

    def send(self, request: str | dict[str, Any]) -> None:
        text = request if isinstance(request, str) else json.dumps(request)
        self.socket.sendall(text.encode() + b"\n")

    async def line(self) -> bytes:
        return await asyncio.to_thread(self._file.readline)

    def close(self) -> None:
        self._file.close()
        self.socket.close()


async def ask(name: str, *requests: str | dict[str, Any]) -> list[dict[str, Any]]:
    """Send requests over one connection; return all lines up to as many ends."""
    client = Client(name)
    for request in requests:
        client.send(request)
    result: list[dict[str, Any]] = []
    while sum(line.keys() == {"end"} for line in result) < len(requests):
        result.append(json.loads(await client.line()))
    client.close()
    return result


async def test_objects_stream_back_and_the_exit_code_ends_them(socket_name: str) -> None:
    server = Server(socket_name, Verbs().answer)
    server.listen()
    assert Path(socket_name).stat().st_mode & 0o077 == 0, "other users must not get in"
    lines = await ask(socket_name, {"verb": "count", "arguments": {"to": 2}, "token": "t"})
    assert lines == [{"number": 0, "token": "t"}, {"number": 1, "token": "t"}, {"end": 3}]
    await server.close()


async def test_requests_on_one_connection_are_answered_in_order(socket_name: str) -> None:
    server = Server(socket_name, Verbs().answer)
    server.listen()
    one, two = {"verb": "count", "arguments": {"to": 1}}, {"verb": "break"}
    lines = await ask(socket_name, one, two, one)
    assert [line.get("end", "-") for line in lines] == ["-", 3, "-", 4, "-", 3]
    assert "that was wrong" in lines[2]["error"]
    await server.close()


@pytest.mark.parametrize(
    "rubbish", ["", "no json", "[1]", '{"verb": 1}', '{"verb": "x", "arguments": [1]}', "\x00\xff"]
)
async def test_rubbish_is_refused_in_words(socket_name: str, rubbish: str) -> None:
    server = Server(socket_name, Verbs().answer)
    server.listen()
    error, end = await ask(socket_name, rubbish)
    assert error["error"] == "This is no request."
    assert end == {"end": 2}
    await server.close()


async def test_a_client_that_goes_away_cancels_its_request(socket_name: str) -> None:
    verbs = Verbs()
    server = Server(socket_name, verbs.answer)
    server.listen()
    client = Client(socket_name)
    client.send({"verb": "wait"})
    await client.line()
    client.close()
    await asyncio.wait_for(verbs.cancelled.wait(), 5)
    await server.close()


async def test_closing_cancels_what_runs(socket_name: str) -> None:
    verbs = Verbs()
    server = Server(socket_name, verbs.answer)
    server.listen()
    client = Client(socket_name)
    client.send({"verb": "wait"})
    await client.line()
    await server.close()
    assert verbs.cancelled.is_set()
    assert await client.line() == b""
    client.close()


async def test_a_slow_reader_makes_the_verb_wait(socket_name: str) -> None:
    verbs = Verbs()
    server = Server(socket_name, verbs.answer)
    server.listen()
    client = Client(socket_name)
    client.send({"verb": "flood"})
    await client.line()
    sent = -1
    while sent != verbs.sent:  # until it waits for its reader
        sent = verbs.sent
        await asyncio.sleep(0.5)
    assert sent < 50_000
    client.close()
    await server.close()


async def test_a_socket_left_over_is_replaced(socket_name: str) -> None:
    Path(socket_name).write_text("left over")
    server = Server(socket_name, Verbs().answer)
    server.listen()
    assert (await ask(socket_name, {"verb": "count", "arguments": {"to": 0}})) == [{"end": 3}]
    await server.close()


def test_only_one_process_is_the_instance_until_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "app.lock"
    code = (
        "import sys, pathlib; from trayassist.ui.app.single import Instance; "
        "i = Instance(pathlib.Path(sys.argv[1])); print(i.claim(), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        ours = Instance(file)
        assert not ours.claim()
        other.kill()
        other.wait(10)
        assert ours.claim(), "a process that was killed holds nothing"
    ours.give_up()
    again = Instance(file)
    assert again.claim()
    again.give_up()


LAST_HOLD = """
import asyncio, gc, socket, sys
from PySide6.QtCore import QCoreApplication, QEvent
from qasync import QEventLoop
from trayassist.ui.app.single import Server

async def story(name):
    server = Server(name, lambda verb, arguments, token: None)
    server.listen()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(name)
        while not server.sessions:
            await asyncio.sleep(0.01)
        for session in list(server._sessions):
            session._hang_up()
        del server, session
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

gc.disable()
app = QCoreApplication([])
with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
    runner.run(story(sys.argv[1]))
"""


def test_a_server_that_only_a_socket_holds_ends_with_it(tmp_path: Path) -> None:
    """Both are deleted once; the socket was deleted twice, and the process with it."""
    done = subprocess.run(
        [sys.executable, "-c", LAST_HOLD, str(tmp_path / "s")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
