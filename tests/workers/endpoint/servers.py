"""Servers for the tests of endpoints: llama-cpp-python's own, and a small one that does what a test tells it to."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

START_S = 60


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Script = Callable[[Got], Iterable[bytes]]


@dataclass
class Server:
    """A server on a free port. `received` is every byte that came; `left` counts clients that hung up in mid-answer."""

    script: Script
    received: bytearray = field(default_factory=bytearray)
    requests: list[Got] = field(default_factory=list)
    connections: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def close(self) -> None:
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            while (got := self._request(connection)) is not None:
                self.requests.append(got)
                threading.Thread(target=self._watch, args=(connection,), daemon=True).start()
                for piece in self.script(got):
                    connection.sendall(piece)
                connection.shutdown(socket.SHUT_RDWR)
                return

    def _watch(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if connection.recv(1, socket.MSG_PEEK) == b"":
                self.left += 1

    def _request(self, connection: socket.socket) -> Got | None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None
            self.received += more
            data += more
            if data.startswith(b"\x16"):  # somebody speaks TLS
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return None
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            more = connection.recv(65536)
            self.received += more
            body += more
        method, path, _ = first.split()
        return Got(method, path, headers, body)


@contextmanager
def serving(script: Script) -> Iterator[Server]:
    server = Server(script)
    try:
        yield server
    finally:
        server.close()


def reply(status: str, body: Any, kind: str = "application/json", **headers: str) -> list[bytes]:
    """Return a whole answer."""
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(data)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ["\r\n".join(lines).encode() + b"\r\n\r\n" + data]


def models(*names: str, **more: Any) -> list[bytes]:
    return reply("200 OK", {"object": "list", "data": [{"id": name, "object": "model", **more} for name in names]})


EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def event(finish: str | None = None, usage: dict[str, int] | None = None, **delta: Any) -> bytes:
    """Return one event of a streamed answer."""
    chunk: dict[str, Any] = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    chunk["choices"] = [] if usage else [{"index": 0, "delta": delta, "finish_reason": finish}]
    if usage:
        chunk["usage"] = usage
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
USAGE = {"prompt_tokens": 21, "completion_tokens": 3, "total_tokens": 24}


def answers(*words: str, model: str = "big") -> Script:
    """Return a script that has one model and answers with these words."""

    def script(got: Got) -> Iterable[bytes]:
        if got.method == "GET":
            return models(model)
        pieces = [event(content=word) for word in words]
        return [EVENTS, *pieces, event(finish="stop"), event(usage=USAGE), DONE]

    return script


@contextmanager
def llama_server(file: Path, alias: str) -> Iterator[str]:
    """Run llama-cpp-python's own server for a GGUF on a free loopback port; give the address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(file), "--model_alias", alias]
    command += ["--host", "127.0.0.1", "--port", str(port), "--n_ctx", "1024", "--n_threads", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/v1"
    try:
        _wait(f"{url}/models", process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    opener, until = build_opener(ProxyHandler({})), time.monotonic() + START_S
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            with opener.open(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")
