"""Talking to the running app over its local socket: one JSON object a line, both ways.

The request is `{"verb": ..., "arguments": {...}}`; the answer is the verb's objects, then `{"end": exit code}`.
Only the standard library is imported here: this is what a second start waits for.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Protocol

from trayassist.paths import Paths


class Connection(Protocol):
    """A two-way byte stream. `lines` yields whole lines only; both raise OSError when the other end is gone."""

    def write(self, data: bytes) -> None: ...
    def lines(self) -> Iterator[bytes]: ...


def tell(paths: Paths, verb: str, **arguments: Any) -> bool:
    """Send a verb that has no answer to read; return whether an app took it."""
    with connect_to_app(paths) as connection:
        if connection is None:
            return False
        return any(is_end(line) for line in request(connection, verb, arguments))


def request(connection: Connection, verb: str, arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the answer's objects as they come, `{"end": code}` last. Ends early when the app goes away or hangs up."""
    token = os.environ.get("XDG_ACTIVATION_TOKEN") or os.environ.get("DESKTOP_STARTUP_ID", "")
    message = {"verb": verb, "arguments": dict(arguments), "token": token}
    with suppress(OSError):  # the app is gone, or wants no more of this: what it said before can be read
        connection.write(json.dumps(message).encode() + b"\n")
    lines = connection.lines()
    while (line := _next_line(lines)) is not None:
        item = json.loads(line)
        yield item
        if is_end(item):
            return


def _next_line(lines: Iterator[bytes]) -> bytes | None:
    try:
        return next(lines, None)
    except OSError:
        return None


def is_end(item: Mapping[str, Any]) -> bool:
    """Return whether this is the answer's last object, which carries the exit code."""
    return item.keys() == {"end"}  # a citation has an "end", too


@contextmanager
def connect_to_app(paths: Paths) -> Iterator[Connection | None]:
    """Give a connection to the running app, or None when none runs."""
    stream = _open(paths)
    if stream is None:
        yield None
        return
    with stream:
        yield _Pipe(stream) if sys.platform == "win32" else _Socket(stream)


def _open(paths: Paths) -> Any:
    """Return the open pipe or socket, or None when nobody listens."""
    if sys.platform == "win32":
        try:
            return open(paths.socket, "r+b", buffering=0)  # noqa: PTH123  # a named pipe is no path
        except OSError:
            return None
    import socket

    unix = socket.socket(socket.AF_UNIX)
    try:
        if os.lstat(paths.socket).st_uid != os.getuid():  # where others can write, too, one of them may listen
            raise PermissionError
        unix.connect(paths.socket)
    except OSError:
        unix.close()
        return None
    return unix


class _Socket:
    def __init__(self, unix: Any) -> None:
        self._unix = unix

    def write(self, data: bytes) -> None:
        self._unix.sendall(data)

    def lines(self) -> Iterator[bytes]:
        with self._unix.makefile("rb") as file:
            for line in file:
                if line.endswith(b"\n"):  # else the app went away in the middle of it
                    yield line


class _Pipe:
    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def write(self, data: bytes) -> None:
        self._pipe.write(data)

    def lines(self) -> Iterator[bytes]:
        rest = b""
        while data := self._pipe.read(65536):
            *whole, rest = (rest + data).split(b"\n")
            yield from whole
