"""Background tasks: none is lost, each failure is logged and reported, stopping waits for what still cleans up."""

from __future__ import annotations

import asyncio
import logging

import pytest

from trayassist.workers.background import BackgroundTasks


async def test_tasks_are_kept_until_they_end_and_their_results_can_be_awaited() -> None:
    tasks = BackgroundTasks()

    async def add(one: int, other: int) -> int:
        await asyncio.sleep(0)
        return one + other

    task = tasks.start(add(1, 2))
    assert len(tasks) == 1
    assert await task == 3
    await asyncio.sleep(0)
    assert len(tasks) == 0


async def test_a_failure_is_logged_and_reported_and_costs_no_other_task(caplog: pytest.LogCaptureFixture) -> None:
    errors: list[BaseException] = []
    tasks = BackgroundTasks("reading files", errors.append)
    ended = asyncio.Event()

    async def fail() -> None:
        raise ValueError("no such file")

    async def end() -> None:
        ended.set()

    tasks.start(fail())
    tasks.start(end())
    with caplog.at_level(logging.ERROR):
        await tasks.settle()
        await asyncio.sleep(0)
    assert ended.is_set()
    assert [str(error) for error in errors] == ["no such file"]
    assert "reading files failed" in caplog.text


async def test_stopping_cancels_all_and_waits_for_their_last_steps() -> None:
    tasks, steps = BackgroundTasks(failed=lambda error: steps.append(str(error))), list[str]()

    async def clean_up_late() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            steps.append("cleaned up")

    tasks.start(clean_up_late())
    await asyncio.sleep(0)
    await tasks.stop()
    assert steps == ["cleaned up"], "and a cancelled task is no failure"
    assert len(tasks) == 0
