"""What goes on behind the scenes: tasks that nobody waits for, and telling those who want to know of a change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Behind:
    """Keeps background tasks until they end. `listeners` are called on the loop, once for many changes."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._telling = False

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start a task that is cancelled when the engine stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Cancel what still runs, and wait for its end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def tell(self) -> None:
        """Call the listeners when the loop comes round."""
        if self.listeners and not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._told)

    def _told(self) -> None:
        self._telling = False
        for listener in list(self.listeners):
            listener()
