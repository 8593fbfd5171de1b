"""Background tasks of one event loop: kept until they end, failures logged, all cancelled together at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

logger = logging.getLogger(__name__)


class BackgroundTasks:
    """Tasks that nobody waits for. A task that raises is logged as `what`, then `failed` is called with the error."""

    def __init__(self, what: str = "a background task", failed: Callable[[BaseException], None] | None = None) -> None:
        self._what, self._failed = what, failed
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        """Return how many tasks run."""
        return len(self._running)

    def start[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task and return it."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._on_done)
        return task

    def cancel(self) -> None:
        """Cancel all tasks without waiting for their end."""
        for task in list(self._running):
            task.cancel()

    async def stop(self) -> None:
        """Cancel all tasks and wait for their end."""
        self.cancel()
        await self.settle()

    async def settle(self) -> None:
        """Wait until all tasks that run now have ended; raises none of their errors."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s failed", self._what, exc_info=error)
            if self._failed is not None:
                self._failed(error)
