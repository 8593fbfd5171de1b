"""The reader workers: started when needed, kept warm, replaced after many files or a failure."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from trayassist.workers.pool import Worker
from trayassist.workers.reader import service

FILES_PER_READER = 200  # then a fresh one: leaks of native code end with the process


@dataclass
class _Kept:
    worker: Worker
    setup: service.ReaderSetup
    files: int = 0


class Readers:
    """Hands out readers, the one used last first, so that few are kept busy and warm."""

    def __init__(self, setup: service.ReaderSetup) -> None:
        self._setup = setup
        self._free: list[_Kept] = []
        self._lent: list[_Kept] = []
        self._ending: set[asyncio.Task[None]] = set()

    def use(self, setup: service.ReaderSetup) -> None:
        """Read with this set-up from now on; readers with another end."""
        if setup == self._setup:
            return
        self._setup = setup
        for kept in self._free:
            self._end(kept)
        self._free.clear()

    def take(self) -> _Kept:
        """Return a reader; it starts when it is first asked."""
        kept = self._free.pop() if self._free else _Kept(Worker("reader", service.main, setup=self._setup), self._setup)
        self._lent.append(kept)
        return kept

    def give(self, kept: _Kept, good: bool) -> None:
        """Take a reader back. One that was disturbed (`good` is False), is old or outdated ends."""
        self._lent.remove(kept)
        kept.files += 1
        if good and kept.files < FILES_PER_READER and kept.setup == self._setup:
            self._free.append(kept)
        else:
            self._end(kept)

    async def warm_up(self) -> None:
        """Have one free reader running."""
        if self._free or self._lent:
            return
        kept = self.take()
        try:
            await kept.worker.start()
        finally:
            self._lent.remove(kept)
            self._free.append(kept)

    def pids(self) -> list[int]:
        """Return the process ids of the running readers."""
        return [kept.worker.pid for kept in (*self._free, *self._lent) if kept.worker.pid is not None]

    async def stop(self) -> None:
        """End all readers."""
        every = [*self._free, *self._lent]
        self._free.clear()
        await asyncio.gather(*(kept.worker.stop() for kept in every), *self._ending)

    def _end(self, kept: _Kept) -> None:
        task = asyncio.get_running_loop().create_task(kept.worker.stop())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
