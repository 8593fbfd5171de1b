"""What is done while no file is read: memory's indexes are tended, then the readers give their memory back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from trayassist.api import TrayassistError

logger = logging.getLogger(__name__)

UPKEEP_AFTER_S = 5.0  # of rest before memory's indexes are tended
READERS_KEPT_S = 300.0  # of rest before the readers end and give their memory back


class Rest:
    """Begins when reading ends, and is broken off when it begins again.

    `settle` is awaited first; `tend` and `end_readers` after their times. `to_tend` says that something was written.
    """

    def __init__(
        self,
        settle: Callable[[], Awaitable[None]],
        tend: Callable[[], Awaitable[None]],
        end_readers: Callable[[], Awaitable[None]],
    ) -> None:
        self._settle, self._tend, self._end_readers = settle, tend, end_readers
        self.to_tend = False
        self.task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Nothing is read any more."""
        self.task = asyncio.get_running_loop().create_task(self._use())

    def end(self) -> None:
        """Something is read again."""
        if self.task is not None:
            self.task.cancel()

    async def _use(self) -> None:
        await self._settle()
        await asyncio.sleep(UPKEEP_AFTER_S)
        if self.to_tend:
            self.to_tend = False
            try:
                await self._tend()
            except TrayassistError as error:
                logger.warning("memory was not tended: %s", error)
        await asyncio.sleep(READERS_KEPT_S)
        await self._end_readers()
