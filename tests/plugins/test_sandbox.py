"""Plugin code runs apart from the main loop: one that blocks, hangs or exits costs its own answer only."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from trayassist.api import NotAllowed, TrayassistError
from trayassist.plugins.sandbox import UNREAD, PluginLoop, in_time


@contextmanager
def plugin_loop(ping_s: float = 5.0) -> Iterator[PluginLoop]:
    loop = PluginLoop(ping_s)
    yield loop
    loop.stop()


async def collect(loop: PluginLoop, items: Any, name: str = "r", **limits: Any) -> list[Any]:
    """Run the items to their end on the plugin loop, and return them."""
    taken: list[Any] = []
    await loop.run(name, items, taken.append, **({"silence_s": 5} | limits))
    return taken


async def numbers() -> AsyncIterator[int]:
    for number in range(3):
        yield number


async def test_items_come_through_in_order() -> None:
    with plugin_loop() as loop:
        assert await collect(loop, numbers) == [0, 1, 2]


async def test_a_role_that_blocks_its_loop_is_left_behind_and_the_next_works() -> None:
    released = threading.Event()

    async def blocking() -> AsyncIterator[int]:
        released.wait(30)
        yield 1

    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    with plugin_loop(ping_s=0.2) as loop:
        ticking = asyncio.create_task(tick())
        with pytest.raises(TrayassistError, match="stopped responding"):
            await collect(loop, blocking, "slow", silence_s=60)
        ticking.cancel()
        assert ticks  # the main loop went on meanwhile
        assert await collect(loop, numbers) == [0, 1, 2]
    released.set()
    for thread in threading.enumerate():
        if thread.name == "plugins":
            thread.join(5)


async def test_a_silent_role_is_stopped_unless_it_waits_for_us() -> None:
    async def hanging() -> AsyncIterator[int]:
        await asyncio.Event().wait()
        yield 1

    with plugin_loop(ping_s=0.05) as loop:
        with pytest.raises(TrayassistError, match="gave no answer"):
            await collect(loop, hanging, "quiet", silence_s=0.1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await collect(loop, hanging, "quiet", silence_s=0.1, waiting=lambda: True)


async def test_exit_and_errors_become_words() -> None:
    async def exits() -> AsyncIterator[int]:
        sys.exit(3)
        yield 1

    async def refuses() -> AsyncIterator[int]:
        raise NotAllowed("No.", "Ask differently.")
        yield 1

    with plugin_loop() as loop:
        with pytest.raises(TrayassistError, match="SystemExit"):
            await collect(loop, exits, "r", silence_s=5)
        with pytest.raises(NotAllowed, match="Ask differently"):
            await collect(loop, refuses, "r", silence_s=5)


@pytest.mark.parametrize(
    ("rubbish", "said"),
    [
        (lambda: [1, 2], "it gave list, not an async generator"),
        (lambda: asyncio.sleep(0), "it gave coroutine, not an async generator"),
        (lambda: raising(asyncio.CancelledError()), "gave up"),
        (lambda: raising(GeneratorExit()), "GeneratorExit"),
        (lambda: raising(KeyboardInterrupt()), "KeyboardInterrupt"),
        (lambda: raising(Unspeakable()), "failed: Unspeakable"),
    ],
)
async def test_what_is_no_stream_or_raises_what_nobody_expects_fails_in_words(rubbish: Any, said: str) -> None:
    with plugin_loop() as loop:
        with pytest.raises(TrayassistError, match=said):
            await collect(loop, rubbish, "The role r", silence_s=5)
        assert await collect(loop, numbers) == [0, 1, 2]


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


async def raising(error: BaseException) -> AsyncIterator[int]:
    raise error
    yield 1


async def test_one_that_ends_its_loop_costs_its_own_answer() -> None:
    async def ends() -> AsyncIterator[int]:
        asyncio.get_running_loop().stop()
        await asyncio.sleep(1)
        yield 1

    with plugin_loop(ping_s=0.2) as loop:
        with pytest.raises(TrayassistError, match=r"gave up|stopped responding"):
            await collect(loop, ends, "r", silence_s=5)
        assert await collect(loop, numbers) == [0, 1, 2]


async def test_one_that_exits_in_a_callback_costs_its_own_answer() -> None:
    async def exits() -> AsyncIterator[int]:
        asyncio.get_running_loop().call_soon(sys.exit, 3)
        await asyncio.sleep(1)
        yield 1

    with plugin_loop(ping_s=0.2) as loop:
        with pytest.raises(TrayassistError, match=r"gave up|stopped responding"):
            await collect(loop, exits, "r", silence_s=5)
        assert await collect(loop, numbers) == [0, 1, 2]


class Hoard:
    """Takes memory until it is closed, in one of several ways; `told` are the errors that its code heard."""

    def __init__(self) -> None:
        self.held: list[bytes] = []
        self.told: list[str] = []

    async def work(self) -> AsyncIterator[int]:
        try:
            while True:
                self._take()
        except MemoryError:
            self.told.append("MemoryError")
            raise
        yield 1

    async def wait(self) -> AsyncIterator[int]:
        self.held = [b"x" * 2**20 * 64]
        yield 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.told.append("CancelledError")
            raise

    async def go_on(self) -> AsyncIterator[int]:
        self.held = [b"x" * 2**20 * 64]
        while True:
            try:
                await asyncio.sleep(0.01)
            except (asyncio.CancelledError, MemoryError) as error:
                self.told.append(type(error).__name__)
                if len(self.told) > 2:
                    raise
        yield 1

    async def task(self) -> AsyncIterator[int]:
        await asyncio.create_task(self._fill())
        yield 1

    async def _fill(self) -> None:
        while True:
            self._take()

    def _take(self) -> None:
        if len(self.held) < 100:
            self.held.append(b"x" * 2**20)


@pytest.mark.parametrize("way", ["work", "wait", "go_on", "task"])
async def test_one_that_takes_too_much_memory_is_stopped_and_the_loop_goes_on(way: str) -> None:
    hoard = Hoard()

    async def slow() -> AsyncIterator[int]:
        for number in range(100):
            await asyncio.sleep(0.01)
            yield number

    with plugin_loop(ping_s=5) as loop:
        other = asyncio.create_task(collect(loop, slow))
        with pytest.raises(TrayassistError, match="took more than 16 MB"):
            await collect(loop, getattr(hoard, way), "r", memory_mb=16, silence_s=60)
        if way != "task":  # the task hears it, or the loop
            assert hoard.told
            assert await other == list(range(100)), "another run hears nothing"
        else:
            await asyncio.gather(other, return_exceptions=True)
        thread = next(thread for thread in threading.enumerate() if thread.name == "plugins")
        assert await collect(loop, numbers) == [0, 1, 2]
        assert thread.is_alive()
    hoard.held.clear()  # or the next one's growth would not show


async def test_memory_that_is_given_back_in_time_stops_nothing() -> None:
    async def brief() -> AsyncIterator[int]:
        for number in range(30):
            held = b"x" * 2**20 * 64
            yield len(held) and number
            del held
            await asyncio.sleep(0)

    with plugin_loop() as loop:
        for _ in range(3):
            taken = await asyncio.gather(collect(loop, brief, memory_mb=512), collect(loop, numbers, memory_mb=512))
            assert taken == [list(range(30)), [0, 1, 2]]


async def test_one_that_never_stops_waits_for_its_reader_and_ends_with_it() -> None:
    made = 0
    ended = threading.Event()

    async def endless() -> AsyncIterator[int]:
        nonlocal made
        try:
            while True:
                made += 1
                yield made
        finally:
            ended.set()

    with plugin_loop() as loop:
        running = asyncio.create_task(collect(loop, endless))
        await asyncio.sleep(0)
        while not made:  # noqa: ASYNC110  # another thread counts
            await asyncio.sleep(0)
        time.sleep(1)  # noqa: ASYNC251  # this loop reads nothing meanwhile
        assert made <= UNREAD + 2
        running.cancel()
        assert await asyncio.to_thread(ended.wait, 30)


async def test_cancelling_the_run_cancels_the_role() -> None:
    first, ended = asyncio.Event(), asyncio.Event()
    here = asyncio.get_running_loop()

    async def endless() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
                await asyncio.sleep(0)
        finally:
            here.call_soon_threadsafe(ended.set)

    with plugin_loop() as loop:
        running = asyncio.create_task(loop.run("r", endless, lambda _: first.set(), silence_s=5))
        await asyncio.wait_for(first.wait(), 5)
        running.cancel()
        await asyncio.wait_for(ended.wait(), 5)


async def test_in_time() -> None:
    assert await in_time(lambda a, b: a + b, 1, 2, limit_s=5) == 3
    with pytest.raises(TimeoutError):
        await in_time(time.sleep, 2, limit_s=0.05)
    with pytest.raises(RuntimeError, match="SystemExit"):
        await in_time(sys.exit, 1, limit_s=5)


async def test_work_that_gets_little_of_the_processor_has_more_time() -> None:
    def work() -> str:  # as on a machine where others get nearly all: some work, and long gaps
        for _ in range(20):
            until = time.thread_time() + 0.005
            while time.thread_time() < until:
                pass
            time.sleep(0.05)
        return "done"

    assert await in_time(work, limit_s=0.4) == "done"  # a second by the clock, 0.1 s of work

    def endless() -> None:
        while not over.is_set():
            pass

    over = threading.Event()
    try:
        with pytest.raises(TimeoutError):
            await in_time(endless, limit_s=0.2)
    finally:
        over.set()
