"""From dropped files and folders to files in the queue, off the event loop, a few hundred at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import batched
from pathlib import Path

from trayassist.memory.ingest_jobs import Drops
from trayassist.memory.queue import FileQueue, QueueThread
from trayassist.memory.reports import FileReport
from trayassist.memory.walk import FoundFile, walk

AT_ONCE = 200
BAD_NAME = "The name of this file is not valid text. Rename it and drop it again."


class Gathering:
    """Walks the roots one after the other; `found` is called with the files before they are in the queue.

    `own` is the folder of our own data, which is never walked.
    """

    def __init__(
        self,
        queue: QueueThread,
        drops: Drops,
        skip_hidden: Callable[[], bool],
        found: Callable[[Sequence[FoundFile]], None],
        kick: Callable[[], Awaitable[None]],
        own: Path,
    ) -> None:
        self._queue, self._drops, self._own = queue, drops, own
        self._skip_hidden, self._found, self._kick = skip_hidden, found, kick
        self._task: asyncio.Task[None] | None = None
        self.aside: Callable[[str], Awaitable[FileReport | None]] | None = None

    @property
    def running(self) -> bool:
        """Whether roots are being walked."""
        return self._task is not None and not self._task.done()

    async def add(self, roots: Sequence[str]) -> None:
        """Keep the roots in the queue, then walk them; `aside` first takes those that are no documents."""
        for root in roots:
            if self.aside is not None and (report := await self.aside(root)) is not None:
                self._drops.report(report, root)
                self._drops.root_done(root)
            elif _storable(root):
                await self._queue.run(FileQueue.add_root, root)
            else:
                self._drops.report(FileReport(root, status="failed", reason=BAD_NAME), root)
                self._drops.root_done(root)
        self.go_on()

    def go_on(self) -> None:
        """Walk what the queue holds."""
        if not self.running:
            self._task = asyncio.create_task(self._walk())

    async def stop(self) -> None:
        """Stop walking; the roots stay in the queue."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _walk(self) -> None:
        while roots := await self._queue.run(FileQueue.roots):
            for root in roots:
                await self._walk_root(root)

    async def _walk_root(self, root: str) -> None:
        found = batched(walk(root, self._skip_hidden(), self._own), AT_ONCE)
        while (some := await asyncio.to_thread(next, found, None)) is not None:
            good = [file for file in some if not file.problem and _storable(file.path)]
            self._drops.meet(root, [file.path for file in good])
            self._found(good)
            await self._queue.run(FileQueue.add, [(file.path, file.size) for file in good])
            for file in some:
                if file.problem or not _storable(file.path):
                    reason = file.problem or BAD_NAME
                    self._drops.report(FileReport(file.path, status="failed", reason=reason), root)
            await self._kick()
        await self._queue.run(FileQueue.drop_root, root)
        self._drops.root_done(root)


def _storable(path: str) -> bool:
    """Return whether SQLite and the memory can hold the path: names that are no UTF-8 cannot be stored."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
