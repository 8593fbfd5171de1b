"""Waits for the network in the worker's one thread, and lets go at once when the parent gave the request up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from trayassist.workers.child import Channel

CHECK_S = 0.01  # how often the parent's flag is looked at while the network is waited for
LETTING_GO_S = 0.5  # longest that ending a request may take


class GivenUp(Exception):
    """The parent gave the request up; its connection is closed."""


class Waiting:
    """An event loop that runs only while something is waited for."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._loop = asyncio.new_event_loop()

    def wait[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns. Raises GivenUp, with `work` cancelled, when the parent gave up."""
        return self._loop.run_until_complete(self._watched(work))

    def finish(self, work: Coroutine[Any, Any, object]) -> None:
        """Run the end of something, whatever the parent thinks, for at most half a second."""

        async def in_time() -> None:
            await asyncio.wait({asyncio.ensure_future(work)}, timeout=LETTING_GO_S)

        self._loop.run_until_complete(in_time())

    def begin[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Return a task that goes on while anything is waited for."""
        return self._loop.create_task(work)

    def close(self) -> None:
        """End the loop; nothing can be waited for any more."""
        self._loop.close()

    async def _watched[T](self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            if self._channel.cancelled():
                task.cancel()
                await asyncio.wait({task}, timeout=LETTING_GO_S)
                raise GivenUp
            await asyncio.wait({task}, timeout=CHECK_S)
        return task.result()
