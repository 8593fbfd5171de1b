"""Worker processes: native code may crash, hang or eat memory, and only its own request pays (DESIGN, F-28)."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.workers import faulty_worker
from trayassist.api import NotAllowed, TrayassistError, WorkerDied
from trayassist.workers.pool import Worker


@asynccontextmanager
async def worker(**options: object) -> AsyncIterator[Worker]:
    one = Worker("faulty", faulty_worker.main, **options)
    try:
        yield one
    finally:
        await one.stop()


async def test_calls_and_streams() -> None:
    async with worker() as one:
        assert await one.call("echo", value={"a": [1, 2]}) == {"a": [1, 2]}
        assert [number async for number in one.stream("count", n=5)] == [0, 1, 2, 3, 4]
        assert one.requests == 2


async def test_requests_are_answered_one_at_a_time_and_in_order() -> None:
    async with worker() as one:
        answers = await asyncio.gather(*(one.call("echo", value=number) for number in range(20)))
        assert answers == list(range(20))


@pytest.mark.parametrize(
    ("operation", "said"), [("segfault", "signal 11"), ("exit", "exit code 3"), ("os_exit", "exit code 7")]
)
async def test_a_worker_that_ends_fails_its_request_and_the_next_gets_a_fresh_one(operation: str, said: str) -> None:
    async with worker() as one:
        first = await one.call("pid")
        with pytest.raises(WorkerDied, match=said):
            await one.call(operation)
        assert await one.call("pid") != first


async def test_a_worker_killed_while_idle_is_replaced() -> None:
    async with worker() as one:
        os.kill(await one.call("pid"), 9)
        await asyncio.sleep(0.2)
        assert await one.call("echo", value=1) == 1


async def test_errors_cross_the_pipe_whole() -> None:
    async with worker() as one:
        with pytest.raises(NotAllowed) as refused:
            await one.call("refuse")
        assert (refused.value.what, refused.value.todo) == ("This is not allowed.", "Ask for something else.")
        with pytest.raises(TrayassistError, match="ZeroDivisionError"):
            await one.call("raise")
        with pytest.raises(TrayassistError, match="pickle"):
            await one.call("unpicklable")
        assert await one.call("echo", value=1) == 1


async def test_a_closed_stream_is_given_up_by_the_same_process() -> None:
    async with worker() as one:
        pid = await one.call("pid")
        async with aclosing(one.stream("slow", n=10_000)) as items:
            async for number in items:
                if number == 3:
                    break
        assert await one.call("pid") == pid


async def test_a_cancelled_call_that_hangs_costs_the_process() -> None:
    async with worker() as one:
        pid = await one.call("pid")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await one.call("hang")
        assert not psutil.pid_exists(pid)
        assert await one.call("echo", value=1) == 1


async def test_stop_ends_a_hanging_worker() -> None:
    async with worker() as one:
        task = asyncio.create_task(one.call("hang"))
        await asyncio.sleep(0.5)
        pid = one.pid
        assert pid is not None
        await one.stop(grace_s=0.2)
        with suppress(WorkerDied):
            await task
        assert not psutil.pid_exists(pid)


async def test_a_worker_that_cannot_start_says_so() -> None:
    async with worker(fail_at_start=True) as one:
        with pytest.raises(WorkerDied, match="did not start"):
            await one.call("echo", value=1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a process's address space")
async def test_a_worker_over_its_memory_limit_fails_only_that_request() -> None:
    async with worker(memory_mb=200) as one:
        assert await one.call("eat", mb=50) == 50 * 2**20
        with pytest.raises(TrayassistError, match="more memory"):
            await one.call("eat", mb=400)
        assert await one.call("echo", value=1) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's; elsewhere a worker ends with its pipe")
def test_kill_minus_nine_of_the_parent_leaves_no_worker() -> None:
    import subprocess
    import time

    code = (
        "import asyncio, time\n"
        "from tests.workers import faulty_worker\n"
        "from trayassist.workers.pool import Worker\n"
        "async def main():\n"
        "    one = Worker('faulty', faulty_worker.main)\n"
        "    print(await one.call('pid'), flush=True)\n"
        "    await one.call('hang')\n"
        "if __name__ == '__main__': asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path.cwd(), text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not psutil.pid_exists(pid)
