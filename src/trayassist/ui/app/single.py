"""The running app's local socket: other starts of trayassist and the command line hand their requests over here.

One JSON object a line: `{"verb": ..., "arguments": {...}, "token": ...}` in, the verb's objects out, then
`{"end": exit code}`. A client that goes away cancels its request.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import IO, Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from trayassist.api import Busy
from trayassist.ipc import EXIT_FAILED, EXIT_USAGE, locks

logger = logging.getLogger(__name__)

Answer = Callable[[str, Mapping[str, Any], str], AsyncIterator[dict[str, Any]]]

REQUEST_LIMIT = 64 * 2**20  # bytes in one line; a batch of thousands of cases fits
UNSENT_LIMIT = 2**20  # bytes that wait for a slow reader before the verb waits, too
MOST_SESSIONS = 64  # at the same time
REQUEST_WAIT_S = 30.0  # a client that has not sent a whole request by then is sent away
READ_WAIT_S = 600.0  # a client that reads nothing so long, while more waits than UNSENT_LIMIT, is sent away
LONGEST_TOKEN = 1_000  # characters


class Instance:
    """The right to be the one running app of a data folder, held until this process ends, however it ends."""

    def __init__(self, file: Path) -> None:
        self._path = file
        self._file: IO[bytes] | None = None

    def claim(self) -> bool:
        """Return whether the right is ours. Raises OSError when the file cannot be made or locked."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._path.open("ab")
        try:
            if locks.try_lock(file):
                self._file = file
        finally:
            if self._file is None:
                file.close()
        return self._file is not None

    def give_up(self) -> None:
        """Let another process claim it."""
        if self._file is not None:
            self._file.close()
        self._file = None


class Server(QObject):
    """Answers requests on the socket `name`; `answer(verb, arguments, token)` makes the objects."""

    def __init__(self, name: str, answer: Answer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name, self._answer = name, answer
        self._sessions: set[_Session] = set()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def listen(self) -> None:
        """Take requests from now on; the caller holds the Instance, so what lies at the name is left over.

        Raises Busy when the socket cannot be made.
        """
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            reason = self._server.errorString()
            raise Busy(f"The socket {self._name} cannot be made: {reason}.", "The command line runs without the app.")

    @property
    def sessions(self) -> int:
        """How many clients are connected."""
        return len(self._sessions)

    async def close(self) -> None:
        """Take no more requests and cancel those under way."""
        self._server.close()
        await asyncio.gather(*(session.end() for session in list(self._sessions)))

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if len(self._sessions) >= MOST_SESSIONS:
                logger.warning("more than %s clients at once: one was sent away", MOST_SESSIONS)
                many = f"The app answers {MOST_SESSIONS} requests at once, and has that many."
                _send_away(socket, many, "Try again when one of them has ended.", EXIT_FAILED)
                socket.deleteLater()
                continue
            # Not the server's child: a socket that ends lets go of its slots, they of this server, and where nobody
            # else holds it, it would delete its children, among them the socket that is being deleted.
            socket.setParent(QCoreApplication.instance())
            session = _Session(socket, self._answer)
            self._sessions.add(session)
            socket.disconnected.connect(lambda session=session: self._sessions.discard(session))
            session.read()


class _Session:
    """One client: its requests are answered one after the other. Whatever it sends costs nobody else."""

    def __init__(self, socket: QLocalSocket, answer: Answer) -> None:
        self._socket, self._answer = socket, answer
        self._unread = bytearray()
        self._searched = 0  # bytes of it that hold no end of a line
        self._gone = False
        self._sent = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._patience = QTimer(socket, singleShot=True, interval=round(REQUEST_WAIT_S * 1e3))
        self._patience.timeout.connect(self._hang_up)
        self._patience.start()
        socket.readyRead.connect(self.read)
        socket.bytesWritten.connect(lambda _count: self._sent.set())
        socket.disconnected.connect(self._on_disconnected)

    def read(self) -> None:
        """Take in what has come; start on the next whole line."""
        self._unread += self._socket.readAll().data()
        if self._task is not None:
            if len(self._unread) > REQUEST_LIMIT:
                self._refuse()
            return
        end = self._unread.find(b"\n", self._searched)
        if 0 <= end <= REQUEST_LIMIT:
            line = bytes(self._unread[:end])
            del self._unread[: end + 1]
            self._searched = 0
            self._patience.stop()
            self._task = asyncio.get_running_loop().create_task(self._serve(line))
            self._task.add_done_callback(self._on_served)
        elif len(self._unread) > REQUEST_LIMIT:
            self._refuse()
        else:
            self._searched = len(self._unread)

    def _refuse(self) -> None:
        logger.warning("a request of more than %s bytes was refused", REQUEST_LIMIT)
        self._unread.clear()
        long = f"The request is too long: the app takes up to {REQUEST_LIMIT // 2**20} MB at once."
        _send_away(self._socket, long, "Send it in parts.", EXIT_USAGE)

    def _hang_up(self) -> None:
        self._socket.abort()

    async def end(self) -> None:
        """Cancel what runs and hang up."""
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not self._gone:
            self._socket.disconnectFromServer()

    async def _serve(self, line: bytes) -> None:
        code = 0
        request = _parse(line)
        if request is None:
            await self._send({"error": "This is no request.", "todo": "Send one JSON object a line."})
            await self._send({"end": EXIT_USAGE})
            return
        verb = str(request["verb"])
        try:
            objects = self._answer(verb, request.get("arguments") or {}, _token(request.get("token")))
            async with aclosing(objects) as items:  # type: ignore[type-var]  # answers are async generators
                async for item in items:
                    code = int(item.pop("exit", code))
                    if item:
                        await self._send(item)
        except Exception as error:  # barrier: a request from outside ends here, as an answer to its sender
            logger.exception("the request %r failed", verb[:40])
            await self._send({"error": f"“{verb[:40]}” failed: {error}.", "todo": "The log file says more."})
            code = EXIT_FAILED
        await self._send({"end": code})

    async def _send(self, item: Mapping[str, Any]) -> None:
        if self._gone:
            return
        text = json.dumps(item, ensure_ascii=False)
        self._socket.write(text.encode("utf-8", "backslashreplace") + b"\n")  # half a character stays a \u escape
        try:
            async with asyncio.timeout(READ_WAIT_S) as patience:
                while not self._gone and self._socket.bytesToWrite() > UNSENT_LIMIT:
                    self._sent.clear()
                    await self._sent.wait()
                    patience.reschedule(asyncio.get_running_loop().time() + READ_WAIT_S)
        except TimeoutError:
            logger.warning("a client that reads nothing was sent away")
            self._hang_up()
            await asyncio.sleep(0)  # the task was cancelled by that, and ends here

    def _on_served(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if task.cancelled() or self._gone:
            return
        if (error := task.exception()) is not None:  # it cannot be answered any more, so it is not left waiting
            logger.error("a client could not be answered", exc_info=error)
            self._socket.abort()
            return
        self._patience.start()
        self.read()

    def _on_disconnected(self) -> None:
        self._gone = True
        self._patience.stop()
        self._sent.set()
        if self._task is not None:
            self._task.cancel()
        self._socket.deleteLater()


def _send_away(socket: QLocalSocket, error: str, todo: str, code: int) -> None:
    """Hang up with the reason, as far as the client's end of the socket has room for it."""
    for item in ({"error": error, "todo": todo}, {"end": code}):
        socket.write(json.dumps(item).encode() + b"\n")
    socket.flush()
    socket.abort()


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):  # no JSON, or nested so deeply that nobody meant it
        return None
    good = isinstance(request, dict) and isinstance(request.get("verb"), str)
    return request if good and isinstance(request.get("arguments") or {}, dict) else None


def _token(given: object) -> str:
    """Return the desktop's activation token; "" for what cannot be one."""
    return given if isinstance(given, str) and len(given) <= LONGEST_TOKEN and given.isprintable() else ""
