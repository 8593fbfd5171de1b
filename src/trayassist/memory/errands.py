"""Work that somebody began and does not wait for: kept until it ends, and told when it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

logger = logging.getLogger(__name__)


class Errands:
    """Tasks of one event loop. `failed` is called with the reason of each that ended in an error."""

    def __init__(self, failed: Callable[[str], None]) -> None:
        self._failed = failed
        self.tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin `work`."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(str(error))
            logger.error("files could not be queued: %s", error, exc_info=error)
