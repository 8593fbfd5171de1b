"""The outside of worker processes: start, ask, stream, cancel, end. Only asyncio; no Qt, nothing heavy."""

from __future__ import annotations

import asyncio
import itertools
import logging
import multiprocessing
import multiprocessing.util
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trayassist.api import WorkerDied
from trayassist.workers import child

if TYPE_CHECKING:
    import psutil  # imported when the first process starts: talking to the running app does without

logger = logging.getLogger(__name__)

CANCEL_GRACE_S = 1.0  # a worker that ignores a cancel for longer is killed
START_LIMIT_S = 60.0
STARTS = 3  # tries, when each is ended from outside before it is ready
STRETCH = 30  # a process that works, but gets little of the processor, has this many times its limit by the clock
IDLE_SHARE = 0.005  # of the processor; one that takes less, and reads and writes nothing, does not work
LOOKS = 4  # at the process, in the time of its limit
NOTHING = (0.0, 0)  # seconds of processor time, bytes read and written
TRY_AGAIN = "Try again: a new one starts."
OUTSIDE = {signal.SIGTERM, signal.SIGINT} | ({signal.SIGKILL, signal.SIGHUP} if sys.platform != "win32" else set())
Receive = Callable[[], Awaitable[tuple[str, Any]]]  # ("item" or "done", its value)
_numbers = itertools.count(1)


def _interpreter_flags() -> list[str]:
    """Return the flags of this interpreter and -P, without which a child imports from the current folder first."""
    return [*subprocess._args_from_interpreter_flags(), "-P"]  # type: ignore[attr-defined]


# multiprocessing has no setting for it. It asks this function for the flags of a spawned child and of the resource
# tracker; an environment variable instead would reach the programs that the user opens from here.
multiprocessing.util._args_from_interpreter_flags = _interpreter_flags  # type: ignore[attr-defined]


class WorkerKilled(WorkerDied):
    """Somebody ended the process from outside; what it worked on is not to blame."""


class WorkerNotStarted(WorkerDied):
    """The process did not come up; what it was to work on is not to blame."""


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
        self._effort: _Effort | None = None
        self._oom_kills = 0  # on this machine, when the process was started
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
        async with self._request(operation, arguments) as receive:
            while (message := await receive())[0] != "done":
                pass
        return message[1]

    async def stream(self, operation: str, /, **arguments: Any) -> AsyncGenerator[Any, None]:
        """Yield the operation's items. Close it (aclosing) to cancel."""
        async with self._request(operation, arguments) as receive:
            while (message := await receive())[0] != "done":
                yield message[1]

    async def call_within(self, limit_s: float, operation: str, /, **arguments: Any) -> Any:
        """Like `call`, for at most `limit_s` of work. Raises TimeoutError, with the process gone or about to be.

        The limit counts from when the process is ready. On a busy machine time alone does not end it: a process that
        gets on has until it has used `limit_s` of processor time, or STRETCH times as long by the clock.
        """
        await self.start()
        async with self._working_for(limit_s):
            return await self.call(operation, **arguments)

    def work_s(self) -> float:
        """Return the processor time of the running process and of its ended children so far, in seconds."""
        return self._effort.cpu_s() if self._effort is not None else 0.0

    def resident_bytes(self) -> int:
        """Return the memory that the running process holds; 0 when none runs."""
        import psutil

        with suppress(psutil.Error):  # it has ended just now
            return int(psutil.Process(self.pid).memory_info().rss) if self.pid is not None else 0
        return 0

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

    async def retire(self) -> None:
        """End the process when everything asked of it so far is answered."""
        async with self._turn:
            await self.stop()

    def kill(self) -> None:
        """End the process now; the request in flight raises WorkerDied."""
        if self._process is not None and self._process.is_alive():
            self._process.kill()

    # ------------------------------------------------------------ inside

    @asynccontextmanager
    async def _request(self, operation: str, arguments: dict[str, Any]) -> AsyncIterator[Receive]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._turn)
            await self._ensure()
            number = next(_numbers)
            state = {"open": True}
            try:
                await self._send(number, operation, arguments)
                yield partial(self._receive, number, state)
            finally:
                if state["open"]:
                    await asyncio.shield(self._give_up(number))

    async def _receive(self, number: int, state: dict[str, bool]) -> tuple[str, Any]:
        """Return the next message about a request: an item, or that it is done. Raises the request's error."""
        while True:
            kind, of, value = await self._inbox.get()
            if kind == "died":
                state["open"] = False
                await self._forget()
                raise self._death(value)
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
            return kind, value

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
            raise WorkerDied(f"The {self.name} process is gone.", TRY_AGAIN) from error

    def _death(self, exit_code: int | None) -> WorkerDied:
        """Return the error that says how the process ended."""
        outside = exit_code is not None and -exit_code in OUTSIDE
        out_of_memory = outside and _oom_kills() > self._oom_kills
        why = "the system ran out of memory" if out_of_memory else _exit_reason(exit_code)
        kind = WorkerKilled if outside and not out_of_memory else WorkerDied
        why = f"{why} from outside" if kind is WorkerKilled else why
        return kind(f"The {self.name} process ended unexpectedly ({why}).", TRY_AGAIN)

    async def _ensure(self) -> None:
        """Have a process that is ready. Raises WorkerKilled when those that start are ended, WorkerNotStarted."""
        for _ in range(STARTS - 1):
            try:
                return await self._start_once()
            except WorkerKilled as error:  # nothing was asked of it yet
                logger.warning("%s", error.what)
        return await self._start_once()

    async def _start_once(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        await self._forget()
        try:
            self._launch()
        except (OSError, MemoryError, RuntimeError) as error:  # no process, thread, memory or open file more
            await self._forget()
            why = getattr(error, "strerror", None) or str(error) or "there is not enough memory"
            raise self._not_started(why) from error
        try:
            async with self._working_for(START_LIMIT_S):
                kind, _, value = await self._inbox.get()
        except TimeoutError:
            kind, value = "late", "it was not ready in time"
        if kind == "ready":
            return
        await self._forget()
        if kind == "died" and value is not None and -value in OUTSIDE:
            raise self._death(value)
        why, trace = value if kind == "error" else (_exit_reason(value) if kind == "died" else value, "")
        if trace:
            logger.error("%s worker: %s", self.name, trace)
        raise self._not_started(str(why))

    def _not_started(self, why: str) -> WorkerNotStarted:
        return WorkerNotStarted(
            f"The {self.name} process did not start: {why.removesuffix('.')}.", child.machine_limit()
        )

    @asynccontextmanager
    async def _working_for(self, limit_s: float) -> AsyncIterator[None]:
        """Raise TimeoutError inside when the process has worked for `limit_s` since, or does nothing for as long."""
        loop, began = asyncio.get_running_loop(), time.monotonic()
        samples: deque[tuple[float, int]] = deque(maxlen=LOOKS)  # of the last limit_s
        cpu_at_first = 0.0
        next_look: asyncio.TimerHandle

        def look() -> None:
            nonlocal next_look, cpu_at_first
            now = self._effort.sample(children=True) if self._effort is not None else NOTHING
            passed = time.monotonic() - began
            if not samples:  # most requests end before this, and cost no sample
                cpu_at_first = now[0]  # what it worked before this is given to it
            elif passed >= limit_s:
                idle = now[0] - samples[0][0] < IDLE_SHARE * limit_s and now[1] == samples[0][1]
                if idle or now[0] - cpu_at_first >= limit_s or passed >= STRETCH * limit_s:
                    scope.reschedule(loop.time())
                    return
            samples.append(now)
            next_look = loop.call_later(limit_s / LOOKS, look)

        async with asyncio.timeout(None) as scope:
            next_look = loop.call_later(limit_s / LOOKS, look)
            try:
                yield
            finally:
                next_look.cancel()

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
        self._oom_kills = _oom_kills()
        self._process.start()
        theirs.close()
        self._connection, self.requests = ours, 0
        self._effort = _Effort(self._process.pid or 0)
        reader = _PipeReader(ours, self._process, asyncio.get_running_loop(), self._inbox)
        threading.Thread(target=reader.run, name=f"read-{self.name}", daemon=True).start()

    async def _forget(self) -> None:
        process, self._process, self._connection = self._process, None, None
        if process is not None and process.pid is not None:  # None: the spawn itself failed
            process.kill()
            await asyncio.to_thread(process.join, 2.0)


class _PipeReader:
    """Moves messages from one worker's pipe to the event loop, log records to the log.

    It ends, and closes our end, when the process does.
    """

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
                message = self._connection.recv()
                if message[0] == child.LOG:
                    name, level, text = message[2]
                    logging.getLogger(name).log(level, "%s", text)
                else:
                    self._deliver(message)
        except (EOFError, OSError):
            self._connection.close()
            self._process.join(2.0)
            self._deliver(("died", 0, self._process.exitcode))

    def _deliver(self, message: tuple[str, int, Any]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._inbox.put_nowait, message)


def _exit_reason(exit_code: int | None) -> str:
    if exit_code is None:
        return "closed its pipe"
    return f"killed by signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"


class _Effort:
    """What a process has done so far."""

    def __init__(self, pid: int) -> None:
        import psutil

        self._process: psutil.Process | None = None
        with suppress(psutil.Error):  # it has ended already
            self._process = psutil.Process(pid)

    def cpu_s(self) -> float:
        """Return its processor time and that of its ended children, in seconds; 0 when it has ended."""
        return self.sample()[0]

    def sample(self, *, children: bool = False) -> tuple[float, int]:
        """Return the processor time, and the bytes that were read and written where the system tells.

        `children` adds those that still run; to find them takes some milliseconds.
        """
        import psutil

        if self._process is None:
            return NOTHING
        try:
            seconds = sum(self._process.cpu_times()[:4])
            for one in self._process.children(recursive=True) if children else ():
                seconds += sum(one.cpu_times()[:2])
        except psutil.Error:
            return NOTHING
        try:
            counted = self._process.io_counters()
        except (psutil.Error, AttributeError, NotImplementedError):  # not on macOS
            return seconds, 0
        return seconds, sum(getattr(counted, name, 0) for name in ("read_chars", "write_chars"))


def _oom_kills() -> int:
    """Return how many processes Linux has ended for want of memory since it started; 0 where that is not told."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
