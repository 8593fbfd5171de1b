"""Runs plugin code in threads of its own, apart from the main loop, with limits on time.

A role answers on an event loop in a thread of its own. One that blocks that loop costs its own answer:
the thread is left behind (a daemon), and the next answer gets a new one.
"""

from __future__ import annotations

import asyncio
import ctypes
import functools
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import aclosing, nullcontext, suppress
from typing import Any

from trayassist.api import TrayassistError
from trayassist.plugins.validation import describe_error

logger = logging.getLogger(__name__)

UNREAD = 1000  # items that may wait to be read; then the plugin waits
MEMORY_MB = 1024  # that the process may grow by while code of somebody else's plugin runs
MEMORY_LOOK_S = 0.2
PING_S = 5.0  # a plugin's loop that does not answer for this long is blocked
STRETCH = 10  # a thread that works, but gets little of the processor, has this many times its limit by the clock
IDLE_SHARE = 0.005  # of the processor; a thread that takes less does not work
LOOKS = 4  # at the thread, in the time of its limit
_END = object()


class PluginLoop:
    """An event loop in a daemon thread, replaced when plugin code blocks it."""

    def __init__(self, ping_s: float | None = None) -> None:
        self._ping_s = PING_S if ping_s is None else ping_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread()

    async def run[T](
        self,
        name: str,
        items: Callable[[], AsyncIterator[T]],
        take: Callable[[T], None],
        *,
        silence_s: float,
        waiting: Callable[[], bool] = lambda: False,
        memory_mb: int = 0,
    ) -> None:
        """Run `items()` on the plugin loop to its end; `take` gets each item on this loop. Cancelling stops it.

        Raises what `items` raises; TrayassistError when it blocks its loop, yields nothing for `silence_s` while it
        waits for nothing of ours (`waiting` tells), or the process grows by more than `memory_mb` meanwhile (0: no
        limit).
        """
        main = asyncio.get_running_loop()
        queue: asyncio.Queue[Any] = asyncio.Queue()
        room = threading.Semaphore(UNREAD)

        async def put(item: Any) -> None:
            while not room.acquire(blocking=False):  # noqa: ASYNC110  # it is released in another thread
                await asyncio.sleep(0.01)
            if not main.is_closed():
                main.call_soon_threadsafe(queue.put_nowait, item)
            await asyncio.sleep(0)  # one that yields without end can be cancelled here

        loop = self._running()
        watch = _MemoryWatch(self._thread, memory_mb) if memory_mb else None
        future = asyncio.run_coroutine_threadsafe(_pump(name, items, put, watch), loop)
        if watch is not None:
            watch.start(future.cancel)
        try:
            while (item := await self._next(name, loop, queue, silence_s, waiting)) is not _END:
                room.release()
                if isinstance(item, _RaisedError):
                    raise item.error
                take(item)
        except TrayassistError:
            if watch is not None and watch.exceeded:
                raise TrayassistError(
                    f"{name} was stopped: it took more than {memory_mb:,} MB of memory.",
                    "Try again; if it happens again, switch its plugin off in the settings.",
                ) from None
            raise
        finally:
            future.cancel()
            if watch is not None:
                watch.end()

    async def _next(
        self,
        name: str,
        loop: asyncio.AbstractEventLoop,
        queue: asyncio.Queue[Any],
        silence_s: float,
        waiting: Callable[[], bool],
    ) -> Any:
        silent = 0.0
        while True:
            pong = threading.Event()
            _in(loop, pong.set)
            try:
                return await asyncio.wait_for(queue.get(), self._ping_s)
            except TimeoutError:
                silent = 0.0 if waiting() else silent + self._ping_s
            if not pong.is_set():
                if self._loop is loop:
                    self._loop = None  # left behind: nothing can end a thread that does not give way
                _in(loop, loop.stop)  # should it ever come back
                logger.error("%s blocks its event loop, or ended it", name)
                raise TrayassistError(
                    f"{name} stopped responding and was left behind.",
                    "Try again; if it happens again, switch its plugin off in the settings.",
                )
            if silent >= silence_s:
                raise TrayassistError(
                    f"{name} gave no answer for {silence_s:.0f} seconds and was stopped.",
                    "Try again; if it happens again, switch its plugin off in the settings.",
                )

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or not self._thread.is_alive():
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._run, args=(self._loop,), name="plugins", daemon=True)
            self._thread.start()
        return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            _run_on(loop)
        finally:
            if self._loop is loop:  # a plugin ended it
                self._loop = None
            for task in asyncio.all_tasks(loop):
                task.cancel()
            with suppress(BaseException):
                loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    def stop(self) -> None:
        """End the loop's thread; running answers are dropped."""
        if self._loop is not None:
            _in(self._loop, self._loop.stop)
            self._loop = None
            self._thread.join(1.0)


def _run_on(loop: asyncio.AbstractEventLoop) -> None:
    """Run the loop until it is stopped, or a plugin's callback raises what ends it. A late MemoryError does not."""
    while True:
        try:
            loop.run_forever()
        except MemoryError:
            logger.warning("a plugin took too much memory while the loop of the plugins worked")
            continue
        except BaseException:  # barrier: a plugin's callback may raise SystemExit
            logger.exception("a plugin ended its event loop")
        return


class _MemoryWatch:
    """Stops a run when the process has grown by more than a limit, by MemoryError in the run's own code.

    `thread` is that of the plugin loop, where other runs and the loop itself work, too: the error is raised while
    `step` drives the run's code, not before or after. A run that waits is cancelled; only when it goes on, in a task
    of its own, the error may hit the loop, which survives it. Native code hears nothing.
    """

    def __init__(self, thread: threading.Thread, limit_mb: int) -> None:
        self.exceeded = False
        self._of, self._limit = thread, limit_mb * 2**20
        self._over = threading.Event()
        self._turn = threading.Lock()  # held while the error is raised, and where that begins and ends to be right
        self._is_inside = False
        import psutil  # here: most processes run no code of others

        self._process = psutil.Process()
        self._before = self._process.memory_info().rss

    def start(self, cancel: Callable[[], object]) -> None:
        """Watch from now on; `cancel` cancels the run."""
        threading.Thread(target=self._watch, args=(cancel,), name="plugin memory", daemon=True).start()

    def end(self) -> None:
        """Watch no longer."""
        with self._turn:
            self._over.set()

    def step[T](self, work: Callable[[], T]) -> T:
        """Return what one step of the run's code returns. Raises what it raises, and MemoryError over the limit."""
        try:
            self._enter()
            return work()
        finally:
            while True:
                try:
                    self._leave()
                    break
                except MemoryError:  # it came only now: the next step raises it
                    continue

    def _enter(self) -> None:
        with self._turn:
            self._is_inside = True

    def _leave(self) -> None:
        with self._turn:
            self._is_inside = False
            self._raise_in_thread(None)  # one that has not come yet is taken back

    def _watch(self, cancel: Callable[[], object]) -> None:
        while not self._over.wait(MEMORY_LOOK_S):
            if self._process.memory_info().rss - self._before <= self._limit:
                continue
            with self._turn:
                if self._over.is_set():
                    return
                if self._is_inside or self.exceeded:
                    self._raise_in_thread(MemoryError)
                else:
                    cancel()
                self.exceeded = True

    def _raise_in_thread(self, error: type[BaseException] | None) -> None:
        raised = ctypes.py_object(error) if error is not None else None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._of.ident or 0), raised)


class _WatchedItems[T]:
    """The items of a stream; the watch knows of each step of its code."""

    def __init__(self, stream: AsyncIterator[T], watch: _MemoryWatch) -> None:
        self._stream, self._watch = stream, watch

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        return await _WatchedSteps(self._stream.__anext__(), self._watch)


class _WatchedSteps[T]:
    def __init__(self, awaited: Awaitable[T], watch: _MemoryWatch) -> None:
        self._awaited, self._watch = awaited, watch

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._watch.step(self._awaited.__await__)
        error: BaseException | None = None
        while True:
            if error is None and self._watch.exceeded:
                error = MemoryError()
            try:
                wanted = self._watch.step(functools.partial(_resume, steps, error))
            except StopIteration as ended:
                result: T = ended.value
                return result
            try:
                yield wanted
                error = None
            except BaseException as raised:  # what the run waited for failed, or the run is cancelled: it is told
                error = raised


def _resume(steps: Any, error: BaseException | None) -> Any:
    if error is None:
        return next(steps)
    if not hasattr(steps, "throw"):
        raise error
    return steps.throw(error)


def _in(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    """Have the loop make this call, unless it is closed."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call)


class _RaisedError:
    def __init__(self, error: BaseException) -> None:
        self.error = error


async def _pump(
    name: str,
    items: Callable[[], AsyncIterator[Any]],
    put: Callable[[Any], Awaitable[None]],
    watch: _MemoryWatch | None,
) -> None:
    try:
        stream = items()
        if not isinstance(stream, AsyncIterator):
            if isinstance(stream, Coroutine):
                stream.close()
            raise TypeError(f"it gave {type(stream).__name__}, not an async generator")
        async with aclosing(stream) if isinstance(stream, AsyncGenerator) else nullcontext():
            async for item in stream if watch is None else _WatchedItems(stream, watch):
                await put(item)
    except asyncio.CancelledError:
        await put(
            _RaisedError(TrayassistError(f"{name} gave up.", "Try again."))
        )  # read only where it cancelled itself
        raise
    except TrayassistError as error:
        await put(_RaisedError(error))
    except BaseException as error:  # barrier: a plugin's code runs here; SystemExit must not end the app either
        logger.warning("%s failed", name, exc_info=True)
        await put(_RaisedError(TrayassistError(f"{name} failed: {describe_error(error)}.")))
    else:
        await put(_END)


async def in_time[T](function: Callable[..., T], *arguments: Any, limit_s: float) -> T:
    """Return `function(*arguments)`, run in a daemon thread. Raises what it raises, or TimeoutError.

    A thread that exceeds the limit is left behind; callers stop asking whatever does so twice. On a busy machine time
    alone does not exceed it: a thread that works has until it has used `limit_s` of processor time, or STRETCH times
    as long by the clock.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def run() -> None:
        result, problem = None, None  # type: Any, BaseException | None
        try:
            result = function(*arguments)
        except TrayassistError as error:
            problem = error
        except BaseException as error:  # barrier: plugin code; SystemExit here ends a thread, not the app
            problem = RuntimeError(describe_error(error))
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, problem)

    thread = threading.Thread(target=run, name="plugin-call", daemon=True)
    thread.start()
    spent: deque[float] = deque(maxlen=LOOKS)  # processor time used, at each look within the last limit_s
    for look in range(1, STRETCH * LOOKS + 1):
        await asyncio.wait({future}, timeout=limit_s / LOOKS)
        if future.done():
            return future.result()
        now = _thread_cpu_s(thread)
        if look >= LOOKS and (now is None or now >= limit_s or now - spent[0] < IDLE_SHARE * limit_s):
            break
        spent.append(now or 0.0)
    raise TimeoutError


def _thread_cpu_s(thread: threading.Thread) -> float | None:
    """Return the processor time that a thread has used so far, in seconds; None where the system does not tell."""
    if not hasattr(time, "pthread_getcpuclockid") or thread.ident is None or not thread.is_alive():
        return None
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    except OSError:
        return None
