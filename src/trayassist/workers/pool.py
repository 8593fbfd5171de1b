"""The outside of worker processes: start, ask, stream, cancel, end. Only asyncio; no Qt, nothing heavy."""

from __future__ import annotations

import asyncio
import itertools
import logging
import multiprocessing
import multiprocessing.util
import subprocess
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from trayassist.api import WorkerDied
from trayassist.workers import child

logger = logging.getLogger(__name__)

CANCEL_GRACE_S = 1.0  # a worker that ignores a cancel for longer is killed
START_TIMEOUT_S = 60.0
Messages = AsyncIterator[tuple[str, Any]]  # ("item" or "done", its value)
_numbers = itertools.count(1)


def _interpreter_flags() -> list[str]:
    """Return the flags of this interpreter and -P, without which a child imports from the current folder first."""
    return [*subprocess._args_from_interpreter_flags(), "-P"]  # type: ignore[attr-defined]


# multiprocessing has no setting for it. It asks this function for the flags of a spawned child and of the resource
# tracker; an environment variable instead would reach the programs that the user opens from here.
multiprocessing.util._args_from_interpreter_flags = _interpreter_flags  # type: ignore[attr-defined]


class Worker:
    """One worker process that is started when first asked and replaced when it dies.

    Requests are answered one at a time, in order. A request that is cancelled (its task is cancelled,
    or its stream is closed) is given up by the worker; one that does not give up is killed.
    """

    def __init__(self, name: str, main: Callable[..., None], **options: Any) -> None:
        self.name = name
        self._main, self._options = main, options
        self._turn = asyncio.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._inbox: asyncio.Queue[tuple[str, int, Any]] = asyncio.Queue()
        self._cancel_flag: Any = None
        self.requests = 0  # answered by the current process

    @property
    def pid(self) -> int | None:
        """The process id while the worker runs."""
        return self._process.pid if self._process and self._process.is_alive() else None

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        return self._turn.locked()

    async def call(self, operation: str, /, **arguments: Any) -> Any:
        """Return the operation's result. Raises its TrayassistError, or WorkerDied."""
        result = None
        async with self._request(operation, arguments) as messages:
            async for kind, value in messages:
                if kind == "done":
                    result = value
        return result

    async def stream(self, operation: str, /, **arguments: Any) -> AsyncGenerator[Any, None]:
        """Yield the operation's items. Close it (aclosing) to cancel."""
        async with self._request(operation, arguments) as messages:
            async for kind, value in messages:
                if kind == "item":
                    yield value

    async def start(self) -> None:
        """Make sure that the process runs and is ready."""
        async with self._turn:
            await self._ensure()

    async def stop(self, grace_s: float = 2.0) -> None:
        """End the process: ask it to, wait, then kill. Safe to call twice."""
        process, connection = self._process, self._connection
        if process is None or connection is None:
            return
        with suppress(OSError):
            connection.send((0, child.STOP, {}))
        await asyncio.to_thread(process.join, grace_s)
        await self._forget()

    def kill(self) -> None:
        """End the process now; the request in flight raises WorkerDied."""
        if self._process is not None and self._process.is_alive():
            self._process.kill()

    # ------------------------------------------------------------ inside

    @asynccontextmanager
    async def _request(self, operation: str, arguments: dict[str, Any]) -> AsyncIterator[Messages]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._turn)
            await self._ensure()
            number = next(_numbers)
            state = {"open": True}
            try:
                await self._send(number, operation, arguments)
                yield self._messages(number, state)
            finally:
                if state["open"]:
                    await asyncio.shield(self._give_up(number))

    async def _messages(self, number: int, state: dict[str, bool]) -> AsyncIterator[tuple[str, Any]]:
        while True:
            kind, of, value = await self._inbox.get()
            if kind == "died":
                state["open"] = False
                await self._forget()
                raise WorkerDied(
                    f"The {self.name} worker ended unexpectedly ({value}).", "Try again: a new one starts."
                )
            if of != number:
                continue  # the tail of a request that was given up
            if kind == "error":
                state["open"] = False
                error, trace = value
                if trace:
                    logger.error("%s worker: %s", self.name, trace)
                raise error
            if kind == "done":
                state["open"] = False
                self.requests += 1
                yield kind, value
                return
            yield kind, value

    async def _give_up(self, number: int) -> None:
        """Tell the worker to leave the request; kill it when it does not."""
        self._cancel_flag.value = number
        try:
            async with asyncio.timeout(CANCEL_GRACE_S):
                while True:
                    kind, of, _ = await self._inbox.get()
                    if kind == "died" or (of == number and kind in ("done", "error")):
                        break
        except TimeoutError:
            logger.warning("%s worker did not give up within %s s and is killed", self.name, CANCEL_GRACE_S)
            self.kill()
            kind = "died"
        if kind == "died":
            await self._forget()

    async def _send(self, number: int, operation: str, arguments: dict[str, Any]) -> None:
        assert self._connection is not None
        message = (number, operation, arguments)
        try:
            self._connection.send(message)
        except OSError as error:
            await self._forget()
            raise WorkerDied(f"The {self.name} worker is gone.", "Try again: a new one starts.") from error

    async def _ensure(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        await self._forget()
        self._launch()
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                kind, _, value = await self._inbox.get()
        except TimeoutError:
            self.kill()
            kind, value = "died", "did not start in time"
        if kind != "ready":
            await self._forget()
            raise WorkerDied(f"The {self.name} worker did not start ({value}).")

    def _launch(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._inbox = asyncio.Queue()
        self._cancel_flag = context.RawValue("Q", 0)
        self._process = context.Process(
            target=child.start,
            args=(self._main, theirs, self._cancel_flag, self._options),
            name=f"trayassist-{self.name}",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self._connection, self.requests = ours, 0
        reader = _PipeReader(ours, self._process, asyncio.get_running_loop(), self._inbox)
        threading.Thread(target=reader.run, name=f"read-{self.name}", daemon=True).start()

    async def _forget(self) -> None:
        process, self._process, self._connection = self._process, None, None
        if process is not None and process.pid is not None:  # None: the spawn itself failed
            process.kill()
            await asyncio.to_thread(process.join, 2.0)


class _PipeReader:
    """Moves messages from one worker's pipe to the event loop; ends, and closes our end, when the process does."""

    def __init__(
        self,
        connection: Connection,
        process: multiprocessing.process.BaseProcess,
        loop: asyncio.AbstractEventLoop,
        inbox: asyncio.Queue[tuple[str, int, Any]],
    ) -> None:
        self._connection, self._process, self._loop, self._inbox = connection, process, loop, inbox

    def run(self) -> None:
        try:
            while True:
                self._deliver(self._connection.recv())
        except (EOFError, OSError):
            self._connection.close()
            self._process.join(2.0)
            self._deliver(("died", 0, _exit_reason(self._process.exitcode)))

    def _deliver(self, message: tuple[str, int, Any]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._inbox.put_nowait, message)


def _exit_reason(exit_code: int | None) -> str:
    if exit_code is None:
        return "closed its pipe"
    return f"killed by signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
