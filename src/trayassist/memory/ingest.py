"""Files on their way into memory: queued, read by a few workers, reported. Survives the end of the process.

What is to be read lies in the queue's file; who waits for which file (`ingest()`, the tray) is only known here.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import batched
from pathlib import Path
from typing import Any, Protocol

from trayassist.api import TrayassistError
from trayassist.config import MemorySettings
from trayassist.memory.filereading import DiskFull, FileReading, PageStore, reader_setup
from trayassist.memory.queue import FileQueue, Waiting
from trayassist.memory.readers import Readers
from trayassist.memory.reports import FileReport, FileStatus, Meter, Progress
from trayassist.memory.walk import Found, walk
from trayassist.paths import Paths

__all__ = ["FileReport", "FileStatus", "Ingest", "Progress"]

logger = logging.getLogger(__name__)

UPKEEP_AFTER_S = 5.0  # of rest before memory's indexes are tended
READERS_KEPT_S = 300.0  # of rest before the readers end and give their memory back
ADDED_AT_ONCE = 200
Listener = Callable[[Progress | FileReport], None]


class Auditor(Protocol):
    """Where a line per file goes."""

    def write(self, event: str, **fields: Any) -> None: ...


class MemoryStore(PageStore, Protocol):
    """Memory, as far as files are written to it."""

    async def optimize(self) -> None: ...


class _Drop:
    """One call of `ingest` or `enqueue`: what it still waits for, and where its news goes."""

    def __init__(self, roots: Sequence[str], password: str | None) -> None:
        self.roots, self.password = set(roots), password
        self.files: set[str] = set()
        self.news: asyncio.Queue[Progress | FileReport | None] = asyncio.Queue()

    def end_when_done(self) -> None:
        if not self.roots and not self.files:
            self.news.put_nowait(None)


class Ingest:
    """The queue of files and the readers that empty it. All methods belong to one event loop."""

    def __init__(
        self,
        paths: Paths,
        memory: MemoryStore,
        settings: MemorySettings,
        audit: Auditor,
        plugins_disabled: Sequence[str] = (),
        *,
        plugin_settings: Mapping[str, Mapping[str, Any]] | None = None,
        reader_entries: tuple[tuple[str, str], ...] | None = None,
    ) -> None:
        self._paths, self._memory, self._audit = paths, memory, audit
        self._settings, self._plugin_settings, self._entries = settings, plugin_settings or {}, reader_entries
        self.readers = Readers(
            reader_setup(paths, settings, tuple(plugins_disabled), self._plugin_settings, self._entries)
        )
        self._queue: FileQueue | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="queue")
        self._gate = asyncio.Event()
        self._gate.set()
        self.paused_reason = ""
        self._meter = Meter()
        self._take_turn = asyncio.Lock()
        self._reading: dict[str, tuple[FileReading, asyncio.Task[FileReport]]] = {}
        self._cancelled: set[str] = set()
        self._slots: set[asyncio.Task[None]] = set()
        self._walking: asyncio.Task[None] | None = None
        self._rest: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._drops: list[_Drop] = []
        self._passwords: dict[str, str] = {}  # never written anywhere
        self._listeners: list[Listener] = []
        self._to_tend = False
        self._stopping = False

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Go on with what the queue still holds from an earlier run."""
        self._stopping = False
        await self._open()
        self._walk_on()
        await self._kick()

    async def stop(self) -> None:
        """End all reading; what is not done stays in the queue, and is resumed at its next page."""
        self._stopping = True
        running = [*self._slots, *self._tasks, *(task for task in (self._walking, self._rest) if task is not None)]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self.readers.stop()
        if self._queue is not None:
            await self._in_queue(self._queue.close)
            self._queue = None
        for drop in self._drops:
            drop.news.put_nowait(None)

    def use(self, settings: MemorySettings, plugins_disabled: Sequence[str]) -> None:
        """Take over changed settings; a file that is being read keeps its reader to the end."""
        self._settings = settings
        self.readers.use(
            reader_setup(self._paths, settings, tuple(plugins_disabled), self._plugin_settings, self._entries)
        )

    async def warm_up(self) -> None:
        """Start a reader, so that a file that is about to be dropped is read at once."""
        await self.readers.warm_up()

    # ------------------------------------------------------------ in

    async def ingest(
        self, paths: Sequence[Path], *, password: str | None = None
    ) -> AsyncIterator[FileReport | Progress]:
        """Queue files and folders; yield progress and a report per file, until all of them are reported.

        Closing the iterator cancels nothing: the files stay in the queue.
        """
        await self._open()
        drop = self._add(paths, password)
        try:
            while (item := await drop.news.get()) is not None:
                yield item
        finally:
            self._drops.remove(drop)

    def enqueue(self, paths: Sequence[Path], password: str | None = None) -> int:
        """Queue files and folders; reports go to the subscribers. Returns how many paths were taken."""
        drop = self._add(paths, password)
        self._later(self._forget_drop(drop))
        return len(drop.roots)

    async def give_password(self, path: str | Path, password: str) -> None:
        """Read a file that needed a password again, with this one. It is kept in memory only."""
        self.enqueue([Path(path)], password)

    # ------------------------------------------------------------ control

    @property
    def paused(self) -> bool:
        """Whether reading waits for `resume`; `paused_reason` says why, "" when the user paused it."""
        return not self._gate.is_set()

    def pause(self, reason: str = "") -> None:
        """Read no further after the batch under way."""
        self.paused_reason = reason
        self._gate.clear()

    def resume(self) -> None:
        """Read on."""
        self.paused_reason = ""
        self._gate.set()
        self._later(self._kick())

    def cancel(self, path: str | Path | None = None) -> None:
        """Give up one file, or all that wait and are read; what was written of unfinished ones is removed."""
        only = None if path is None else os.path.abspath(path)
        if only is None and self._walking is not None:
            self._walking.cancel()
        for name, (_, task) in self._reading.items():
            if only in (None, name):
                self._cancelled.add(name)
                task.cancel()
        self._later(self._cancel_waiting(only))

    def subscribe(self, callback: Listener) -> Callable[[], None]:
        """Call `callback` with every progress and report from now on; returns what ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    def waiting(self) -> int:
        """Return how many files are not done yet."""
        return max(0, self._meter.files_total - self._meter.files_done)

    async def problems(self) -> list[FileReport]:
        """Return the files of earlier runs and this one that were not read, with the reasons."""
        queue = await self._open()
        return [
            FileReport(problem.path, status=problem.state, reason=problem.reason)  # type: ignore[arg-type]  # written by _report
            for problem in await self._in_queue(queue.problems)
        ]

    async def clear_problems(self, path: str = "") -> None:
        """Forget about one file that was not read, or about all."""
        queue = await self._open()
        await self._in_queue(queue.clear_problems, path)

    # ------------------------------------------------------------ walking

    def _add(self, paths: Sequence[Path], password: str | None) -> _Drop:
        drop = _Drop([os.path.abspath(path) for path in paths], password)
        self._drops.append(drop)
        drop.end_when_done()
        self._later(self._add_roots(sorted(drop.roots)))
        return drop

    async def _add_roots(self, roots: Sequence[str]) -> None:
        queue = await self._open()
        for root in roots:
            if _storable(root):
                await self._in_queue(queue.add_root, root)
            else:
                self._tell_problem(root, root, "The file's name is not valid text. Rename it and drop it again.")
                self._root_done(root)
        self._walk_on()

    def _walk_on(self) -> None:
        if self._stopping or (self._walking is not None and not self._walking.done()):
            return
        self._walking = asyncio.create_task(self._walk())

    async def _walk(self) -> None:
        queue = await self._open()
        while roots := await self._in_queue(queue.roots):
            for root in roots:
                await self._walk_root(queue, root)

    async def _walk_root(self, queue: FileQueue, root: str) -> None:
        found = batched(walk(root, self._settings.skip_hidden), ADDED_AT_ONCE)
        while (some := await asyncio.to_thread(next, found, None)) is not None:
            good = [file for file in some if not file.problem and _storable(file.path)]
            self._meet(root, good)
            await self._in_queue(queue.add, [(file.path, file.size) for file in good])
            for file in some:
                if file.problem:
                    self._tell_problem(root, file.path, file.problem)
                elif not _storable(file.path):
                    self._tell_problem(
                        root, file.path, "The file's name is not valid text. Rename it and drop it again."
                    )
            await self._kick()
        await self._in_queue(queue.drop_root, root)
        self._root_done(root)

    def _meet(self, root: str, files: Sequence[Found]) -> None:
        """Note who waits for these files."""
        if self._idle():
            self._meter.reset()
        self._meter.files_total += len(files)
        self._meter.bytes_total += sum(file.size for file in files)
        for drop in self._drops:
            if root in drop.roots:
                drop.files.update(file.path for file in files)
                if drop.password is not None:
                    self._passwords.update((file.path, drop.password) for file in files)

    def _root_done(self, root: str) -> None:
        for drop in self._drops:
            if root in drop.roots:
                drop.roots.discard(root)
                drop.end_when_done()

    def _tell_problem(self, root: str, path: str, reason: str) -> None:
        report = FileReport(path, status="failed", reason=reason)
        for drop in self._drops:
            if root in drop.roots:
                drop.news.put_nowait(report)
        self._announce(report)

    # ------------------------------------------------------------ reading

    def _idle(self) -> bool:
        return not self._reading and not self._slots

    async def _kick(self) -> None:
        """Make sure that enough tasks read."""
        if self._stopping:
            return
        queue = await self._open()
        files, size = await self._in_queue(queue.count)
        if files and self._idle() and self._meter.files_total <= self._meter.files_done:  # left by an earlier run
            self._meter.reset()
            self._meter.files_total, self._meter.bytes_total = files, size
        for _ in range(min(files, self._settings.readers - len(self._slots))):
            if self._rest is not None:
                self._rest.cancel()
            slot = asyncio.create_task(self._read_files())
            self._slots.add(slot)
            slot.add_done_callback(self._slot_done)

    def _slot_done(self, slot: asyncio.Task[None]) -> None:
        self._slots.discard(slot)
        if not slot.cancelled() and (error := slot.exception()) is not None:
            logger.error("reading stopped: %s", error, exc_info=error)
        if not self._slots and not self._stopping:
            self._rest = asyncio.create_task(self._use_the_rest())

    async def _read_files(self) -> None:
        while True:
            await self._gate.wait()
            async with self._take_turn:
                queue = await self._open()
                files = await self._in_queue(queue.waiting, list(self._reading))
                if not files:
                    return
                file = files[0]
                reader = self.readers.take()
                reading = self._reading_of(file, reader.worker)
                task = asyncio.create_task(reading.run())
                self._reading[file.path] = (reading, task)
            try:
                await self._finish(queue, file, reading, task)
            finally:
                self.readers.give(reader, good=not task.cancelled() and task.exception() is None)

    def _reading_of(self, file: Waiting, worker: Any) -> FileReading:
        return FileReading(
            path=file.path,
            worker=worker,
            memory=self._memory,
            folder=self._paths.data,
            settings=self._settings,
            gate=self._gate,
            told=self._told,
            password=self._passwords.get(file.path),
            deaths=file.deaths,
            size=file.size,
        )

    async def _finish(
        self, queue: FileQueue, file: Waiting, reading: FileReading, task: asyncio.Task[FileReport]
    ) -> None:
        """Wait for the file and report it. A cancelled one is abandoned; one that is stopped stays in the queue."""
        try:
            report = await task
        except DiskFull as error:
            del self._reading[file.path]
            self.pause(str(error))
            self._announce_stuck(str(error))
            return
        except asyncio.CancelledError:
            if file.path not in self._cancelled:
                task.cancel()
                with suppress(asyncio.CancelledError, TrayassistError):
                    await task
                self._reading.pop(file.path, None)
                raise
            await reading.abandon()
            report = FileReport(file.path, status="cancelled", reason="Cancelled.")
        self._cancelled.discard(file.path)
        if report.status in ("failed", "refused", "needs_password"):
            await self._in_queue(queue.park, file.path, report.status, report.reason)
        else:
            await self._in_queue(queue.done, file.path)
        del self._reading[file.path]
        self._report(report, file.size)

    async def _told(self, reading: FileReading) -> None:
        """A batch is in memory, or a reader died: say so."""
        self._meter.read(reading.batch_pages)
        if reading.deaths and self._queue is not None:
            await self._in_queue(self._queue.died, reading.path, reading.deaths)
        if not self._meter.due():
            return
        open_bytes = sum(r.size * r.page / r.total for r, _ in self._reading.values() if r.total)
        progress = self._meter.progress(reading.path, reading.page, reading.total, open_bytes)
        for drop in self._drops:
            if reading.path in drop.files:
                drop.news.put_nowait(progress)
        self._announce(progress)

    # ------------------------------------------------------------ telling

    def _report(self, report: FileReport, size: int) -> None:
        self._meter.files_done += 1
        self._meter.bytes_done += size
        self._passwords.pop(report.path, None)
        self._to_tend = self._to_tend or report.status == "ingested"
        self._audit.write(
            "ingest",
            path_hash=hashlib.sha256(report.path.encode()).hexdigest()[:16],
            pages=report.pages,
            ocr_pages=report.ocr_pages,
            passages=report.passages,
            ms=report.ms,
            status=report.status,
        )
        for drop in self._drops:
            if report.path in drop.files:
                drop.files.discard(report.path)
                drop.news.put_nowait(report)
                drop.end_when_done()
        self._announce(report)

    def _announce(self, item: Progress | FileReport) -> None:
        for listener in list(self._listeners):
            listener(item)

    def _announce_stuck(self, reason: str) -> None:
        """The queue is paused for a reason of its own: nobody may wait for it without knowing."""
        todo = "It stays in the queue and is read when the queue is resumed."
        for drop in self._drops:
            for path in sorted(drop.files):
                drop.news.put_nowait(FileReport(path, status="failed", reason=f"{reason} {todo}"))
            drop.files.clear()
            drop.roots.clear()
            drop.end_when_done()

    # ------------------------------------------------------------ rest

    async def _cancel_waiting(self, only: str | None) -> None:
        queue = await self._open()
        reading = set(self._reading)
        for path in await self._in_queue(queue.cancel, only or ""):
            if path not in reading:
                self._report(FileReport(path, status="cancelled", reason="Cancelled."), 0)
        if only is None:
            for drop in self._drops:
                drop.roots.clear()
                drop.end_when_done()

    async def _use_the_rest(self) -> None:
        """When nothing was read for a while, tend memory's indexes; after a longer while, end the readers."""
        await asyncio.sleep(UPKEEP_AFTER_S)
        if self._to_tend:
            self._to_tend = False
            try:
                await self._memory.optimize()
            except TrayassistError as error:
                logger.warning("memory was not tended: %s", error)
        await asyncio.sleep(READERS_KEPT_S)
        await self.readers.stop()

    async def _forget_drop(self, drop: _Drop) -> None:
        """Take the news of a drop nobody listens to, until it is done."""
        while await drop.news.get() is not None:
            pass
        self._drops.remove(drop)

    async def _open(self) -> FileQueue:
        if self._queue is None:
            self._queue = await self._in_queue(FileQueue, self._paths.queue)
        return self._queue

    async def _in_queue[T](self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _storable(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
