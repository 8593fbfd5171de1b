"""Worker processes: native code may crash, hang or eat memory, and only its own request pays (DESIGN, F-28)."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.workers import faulty_worker
from trayassist import logs
from trayassist.api import NotAllowed, TrayassistError, WorkerDied
from trayassist.paths import Paths
from trayassist.workers.pool import Worker, WorkerKilled, WorkerNotStarted

ROOT = Path(__file__).parents[2]


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


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals, limits and forks of POSIX")


@POSIX
async def test_a_worker_that_gets_little_of_the_processor_is_waited_for() -> None:
    """A tenth of the processor stretches its work to more than its limit by the clock; the work itself is within."""
    async with worker() as one:
        pid = await one.call("pid")
        task = asyncio.create_task(one.call_within(1.5, "work", cpu_s=0.2))
        while not task.done():
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(0.15)
            worked = one.work_s()
            os.kill(pid, signal.SIGCONT)
            while one.work_s() == worked and not task.done():  # noqa: ASYNC110  # one tick of the system's clock
                await asyncio.sleep(0.002)
        assert await task == "worked"


@POSIX
@pytest.mark.parametrize("operation", ["spin", "hang"])
async def test_a_worker_that_never_ends_its_work_is_ended(operation: str) -> None:
    async with worker() as one:
        pid = await one.call("pid")
        with pytest.raises(TimeoutError):
            await one.call_within(0.5, operation)
        assert not psutil.pid_exists(pid)
        assert await one.call_within(30, "echo", value=1) == 1


@POSIX
async def test_a_stopped_worker_is_ended() -> None:
    async with worker() as one:
        pid = await one.call("pid")
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            await one.call_within(0.5, "echo", value=1)
        assert not psutil.pid_exists(pid)


@POSIX
async def test_who_ended_a_worker_is_told_apart() -> None:
    async with worker() as one:
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP):
            with pytest.raises(WorkerKilled, match=f"killed by signal {number} from outside"):
                await one.call("die_by", number=number)
        for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE):
            with pytest.raises(WorkerDied, match="ended unexpectedly") as died:
                await one.call("die_by", number=number)
            assert not isinstance(died.value, WorkerKilled)


@POSIX
async def test_a_worker_that_is_ended_from_outside_while_it_starts_is_started_again(tmp_path: Path) -> None:
    async with worker(killed_starts=str(tmp_path), kills=2) as one:
        assert await one.call("echo", value=1) == 1
    (tmp_path / "again").mkdir()
    async with worker(killed_starts=str(tmp_path / "again"), kills=3) as one:
        with pytest.raises(WorkerKilled):
            await one.call("echo", value=1)


@POSIX
async def test_a_copy_that_was_forked_in_a_worker_does_not_answer_in_its_place() -> None:
    async with worker() as one:
        pid = await one.call("pid")
        assert [await one.call("fork") for _ in range(3)] == ["answered"] * 3
        assert [await one.call("pid") for _ in range(5)] == [pid] * 5
        for _ in range(100):
            if not psutil.Process(pid).children():
                break
            await asyncio.sleep(0.1)
        assert all(copy.status() == psutil.STATUS_ZOMBIE for copy in psutil.Process(pid).children())


@POSIX
async def test_what_a_worker_logs_goes_to_the_one_log_masked_and_not_to_the_terminal(
    home: Paths, capfd: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:]
    logs.set_up(home.app_log)
    try:
        async with worker() as one:
            await one.call("log", text="PASSWORD=Kx93mmQ2vv")
            assert await one.call("log_while_sending") == "answered"
            assert await one.call("echo", value=1) == 1
    finally:
        for handler in set(logging.getLogger().handlers) - set(before):
            handler.close()
            logging.getLogger().removeHandler(handler)
    lines = [line.partition(" a.library: ")[2] for line in home.app_log.read_text().splitlines()]
    assert lines == ["PASSWORD=[secret: password]", "from a thread"]
    assert "Kx93mmQ2vv" not in "".join(capfd.readouterr())


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's")
async def test_a_limit_of_the_session_is_named_when_a_worker_does_not_start_or_lacks_memory() -> None:
    async with limited_session(600) as here:
        async with worker(memory_mb=100_000) as one:  # ours is above, and does not raise the session's
            with pytest.raises(TrayassistError, match="more memory") as refused:
                await one.call("eat", mb=100_000)
            assert f"This session allows a program {here:,} MB of memory (ulimit -v)" in refused.value.todo
        async with worker(start_mb=100_000) as one:
            with pytest.raises(WorkerNotStarted, match="did not start: there is not enough memory") as failed:
                await one.call("echo", value=1)
            assert "ulimit -v" in failed.value.todo


@asynccontextmanager
async def limited_session(mb: int) -> AsyncIterator[int]:
    """Have children started with `mb` MB of memory; the limit of this process is set back afterwards."""
    import resource

    old = resource.getrlimit(resource.RLIMIT_AS)
    limit = psutil.Process().memory_info().vms + mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, old[1]))
    try:
        yield limit >> 20
    finally:
        resource.setrlimit(resource.RLIMIT_AS, old)


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
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not psutil.pid_exists(pid)
