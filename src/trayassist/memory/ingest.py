"""Files on their way into memory: queued, read by a few workers, reported. Survives the end of the process.

What is to be read lies in the queue's file; who waits for which file (`ingest()`, the tray) is only known here.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trayassist.api import TrayassistError, WorkerDied
from trayassist.memory.filereading import (
    FileReading,
    PageStore,
    PooledReader,
    Readers,
    ReadersUnavailable,
    check_room,
    reader_setup,
)
from trayassist.memory.ingest_jobs import IngestJobs, Listener
from trayassist.memory.queue import FileQueue, QueueThread, WaitingFile, is_below
from trayassist.memory.reports import Auditor, FileReport, FileStatus, Meter, Progress, audit_line, summary_of_notes
from trayassist.memory.walk import FileDiscovery, FoundFile, absolute
from trayassist.paths import Paths
from trayassist.workers.background import BackgroundTasks
from trayassist.workers.memory.errors import CannotWrite, MemoryInUse
from trayassist.workers.memory.messages import WholeFile, WriteResult
from trayassist.workers.reader.service import SmallFile

if TYPE_CHECKING:
    from trayassist.config import MemorySettings  # pydantic and yaml are not needed to begin

__all__ = ["FileReport", "FileStatus", "Ingest", "Progress"]

logger = logging.getLogger(__name__)

SMALL_FILES, SMALL_FILES_BYTES = 250, 2 * 2**20  # are read and written together at the most
SMALL_FILE_BYTES = 64 * 1024
UPKEEP_AFTER_S = 5.0  # of rest before memory's indexes are tended
LOST = "It went from the list of files to read before it was read. Drop it again if it is missing in memory."
READERS_KEPT_S = 300.0  # of rest before the readers end and give their memory back


class Ingest:
    """The queue of files and the readers that empty it. All methods belong to one event loop."""

    def __init__(
        self,
        paths: Paths,
        memory: PageStore,
        settings: MemorySettings,
        audit: Auditor,
        plugins_disabled: Sequence[str] = (),
        *,
        plugin_settings: Mapping[str, Mapping[str, Any]] | None = None,
        reader_entries: tuple[tuple[str, str], ...] | None = None,
    ) -> None:
        self._paths, self._memory, self._audit, self._settings = paths, memory, audit, settings
        self._plugin_settings, self._entries = plugin_settings or {}, reader_entries
        self.readers = Readers(self._setup(plugins_disabled))
        self.paused_reason = ""
        self.on_pause: list[Callable[[], None]] = []  # called when reading is paused, or goes on
        self._gate = asyncio.Event()
        self._gate.set()
        self._queue, self._drops = QueueThread(paths.queue), IngestJobs()
        self._discovery = FileDiscovery(
            self._queue,
            self._drops,
            lambda: self._settings.skip_hidden,
            self._count_found,
            self._kick,
            self._claim_queue,
            paths.data,
            self._on_walked,
        )
        self._meter, self._turn = Meter(), asyncio.Lock()
        self._reading: dict[str, tuple[FileReading, asyncio.Task[FileReport]]] = {}
        self._together: set[str] = set()  # small files that are read with one request
        self._small_turn = asyncio.Lock()  # one reader is enough: it reads the next ones while memory writes
        self._alone: set[str] = set()  # small files that are not simple
        self._cancelled: set[str] = set()
        self._slots: set[asyncio.Task[None]] = set()
        self._idle = IdleUpkeep(memory, self._settle, lambda: self.readers.stop())
        self._adds, self._tasks = (
            BackgroundTasks(what, lambda error: self._drops.end_with_reason(str(error)))
            for what in ("queueing files", "tending the queue")
        )
        self._looked_for: set[str] = set()  # files that were queued again, as they had gone from the queue unread
        self._stopping = False

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Go on with what the queue still holds from an earlier run."""
        self._stopping = False
        self._discovery.go_on()
        await self._kick()

    async def stop(self) -> None:
        """End all reading; what is not done stays in the queue, and is resumed at its next page."""
        self._stopping = True
        await self._discovery.stop()
        running = [*self._slots, *([self._idle.task] if self._idle.task is not None else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._adds.stop()
        await self._tasks.stop()
        await self.readers.stop()
        await self._queue.close()
        self._drops.end_all()

    def use(
        self,
        settings: MemorySettings,
        plugins_disabled: Sequence[str],
        plugin_settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Take over changed settings; a file that is being read keeps its reader to the end."""
        self._settings = settings
        self._plugin_settings = plugin_settings or {}
        self.readers.use(self._setup(plugins_disabled))

    async def warm_up(self) -> None:
        """Start a reader, so that a file that is about to be dropped is read at once."""
        await self.readers.warm_up()

    def set_file_handler(self, aside: Callable[[str], Awaitable[FileReport | None]]) -> None:
        """Ask `aside` about every dropped path first; what it reports on is not read, and not walked."""
        self._discovery.aside = aside

    # ------------------------------------------------------------ in

    async def ingest(
        self, paths: Sequence[Path], *, password: str | None = None
    ) -> AsyncGenerator[FileReport | Progress, None]:
        """Queue files and folders; yield progress and a report per file, until all of them are reported.

        Closing the iterator cancels nothing: the files stay in the queue.
        """
        drop = self._drops.add(absolute(paths), password, kept=True)
        self._adds.start(self._discovery.add(sorted(drop.roots), at_once=False))
        try:
            async for item in drop.news():
                yield item
        finally:
            self._drops.remove(drop)

    def enqueue(self, paths: Sequence[Path], password: str | None = None) -> int:
        """Queue files and folders; reports go to the subscribers. Returns how many paths were taken."""
        drop = self._drops.add(absolute(paths), password, kept=False)
        self._adds.start(self._discovery.add(sorted(drop.roots), at_once=True))
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
        """Read no further after the batch under way. A `reason` means that it was not the user who paused it."""
        self.paused_reason = reason
        self._gate.clear()
        self._tell_of_pause()

    def resume(self) -> None:
        """Read on."""
        self.paused_reason = ""
        self._gate.set()
        self._tell_of_pause()
        self._discovery.go_on()
        self._tasks.start(self._kick())

    def cancel(self, *, path: str | Path | None = None) -> None:
        """Give up one file, or all that wait and are read; what was written of unfinished ones is removed."""
        self._tasks.start(self._cancel_waiting("" if path is None else absolute([Path(path)])[0]))

    async def forget(self, path: str = "") -> int:
        """Forget the document at `path` or all below the folder `path`, and the files there that wait to be read.

        Without a path everything is forgotten, facts too. Returns how many documents were in memory.
        """
        self._look_no_more(path)
        await self._memory.claim("forget")
        try:
            tasks = [task for name, (_, task) in self._reading.items() if not path or is_below(name, path)]
            problem = await self._forget_waiting(path)
            await asyncio.gather(*tasks, return_exceptions=True)
            forgotten = await (self._memory.forget(path) if path else self._memory.forget_all())
            if problem is not None and (problem := await self._forget_waiting(path)) is not None:
                raise problem
            return forgotten
        finally:
            await self._memory.release("forget")

    async def _forget_waiting(self, path: str) -> TrayassistError | None:
        """Take files off the list; return what was wrong with it, so that memory is emptied all the same.

        On a full disk the list cannot be opened before memory has given room back.
        """
        try:
            await self._cancel_waiting(path)
            await self._queue.run(FileQueue.clear_problems, path)
        except TrayassistError as error:
            return error
        return None

    def subscribe(self, callback: Listener) -> Callable[[], None]:
        """Call `callback` with every progress and report from now on; returns what ends that."""
        return self._drops.subscribe(callback)

    @property
    def notice(self) -> str:
        """What became of a damaged list of files to read, in words, or ""."""
        return self._queue.notice

    @property
    def on_notice(self) -> list[Callable[[], None]]:
        """What is called when there is such a notice."""
        return self._queue.on_notice

    def waiting(self) -> int:
        """Return how many files are not done yet."""
        return max(0, self._meter.files_total - self._meter.files_done)

    async def problems(self) -> list[FileReport]:
        """Return the files that were not read, of earlier runs too, with the reasons."""
        return [
            FileReport(problem.path, status=problem.state, reason=problem.reason)
            for problem in await self._queue.run(FileQueue.problems)
        ]

    async def clear_problems(self, path: str = "") -> None:
        """Forget about one file that was not read, or about all."""
        await self._queue.run(FileQueue.clear_problems, path)

    # ------------------------------------------------------------ reading

    def _count_found(self, files: Sequence[FoundFile]) -> None:
        if not self._slots:
            self._meter.reset()
        self._meter.more(len(files), sum(file.size for file in files))

    async def _kick(self) -> None:
        """Make sure that enough tasks read."""
        files, size = await self._queue.run(FileQueue.count)
        if self._stopping:
            return
        if files and not self._slots and not self.waiting():  # they were left by an earlier run
            self._meter.reset()
            self._meter.more(files, size)
        for _ in range(min(files, self._settings.readers - len(self._slots))):
            self._idle.end()
            slot = asyncio.create_task(self._read_files())
            self._slots.add(slot)
            slot.add_done_callback(self._slot_done)

    def _slot_done(self, slot: asyncio.Task[None]) -> None:
        self._slots.discard(slot)
        if not slot.cancelled() and (error := slot.exception()) is not None:
            self._hold(str(error))
            logger.error("reading stopped: %s", error, exc_info=error)
        if not self._slots and not self._stopping:
            self._idle.begin()

    async def _read_files(self) -> None:
        """Read files until none waits: small ones many at a time, the others one by one."""
        while True:
            await self._gate.wait()
            async with self._turn:
                await self._claim()
                left_out = [*self._reading, *self._together]
                files = await self._queue.run(FileQueue.waiting, left_out, SMALL_FILES)
                if not files:
                    return
                small = self._small_ones(files)
                if len(small) > 1:
                    self._together.update(file.path for file in small)
                else:
                    reader, reading, task = self._begin_alone(files[0])
            if len(small) > 1:
                await self._read_together(small)
            else:
                await self._read_alone(files[0], reader, reading, task)

    def _begin_alone(self, file: WaitingFile) -> tuple[PooledReader, FileReading, asyncio.Task[FileReport]]:
        reader = self.readers.take()
        reading = self._reading_of(file, reader.worker)
        task = asyncio.create_task(reading.run())
        self._reading[file.path] = (reading, task)
        return reader, reading, task

    async def _read_alone(
        self, file: WaitingFile, reader: PooledReader, reading: FileReading, task: asyncio.Task[FileReport]
    ) -> None:
        try:
            report = await self._await_end(file, reading, task)
        finally:
            del self._reading[file.path]
            self._alone.discard(file.path)
            self._cancelled.discard(file.path)
            self.readers.give(reader, good=task.done() and not task.cancelled() and task.exception() is None)
        if report is not None:
            self._tell(report, file.size)

    def _small_ones(self, files: Sequence[WaitingFile]) -> list[WaitingFile]:
        """Return the small ones among the files that wait, for one request; none when the first is none."""
        small = [file for file in files if self._is_small(file)] if self._is_small(files[0]) else []
        sums = itertools.accumulate(file.size for file in small)
        return [file for file, size in zip(small, sums, strict=True) if size <= SMALL_FILES_BYTES]

    def _is_small(self, file: WaitingFile) -> bool:
        """Return whether a file may be read together with others."""
        known = file.path in self._alone or file.path in self._drops.passwords
        return file.size <= SMALL_FILE_BYTES and not file.deaths and not known

    async def _read_together(self, files: Sequence[WaitingFile]) -> None:
        """Read small files with one request and write them in one go. What is not that simple is read alone later."""
        paths = [file.path for file in files]
        try:
            reports = await self._try_together(files)
            gone = self._cancelled - {file.path for file, _ in reports}
            reports += [
                (f, FileReport(f.path, status="cancelled", reason="Cancelled.")) for f in files if f.path in gone
            ]
            await self._queue.run(FileQueue.remove_all, [file.path for file, _ in reports])
        except CannotWrite as error:
            self._hold(str(error))
            return
        except MemoryInUse:  # memory's worker died, and another process was quicker: the files wait for its end
            return
        except TrayassistError:  # each by itself tells what is wrong
            self._alone.update(paths)
            return
        finally:  # not before the queue has let go of them: somebody else would take them
            self._cancelled -= set(paths)
            self._together -= set(paths)
        for file, report in reports:
            self._tell(report, file.size)
        if reports and self._meter.due():
            self._drops.progress(self._meter.progress(reports[-1][0].path, 1, 1, 0))

    async def _try_together(self, files: Sequence[WaitingFile]) -> list[tuple[WaitingFile, FileReport]]:
        """Return the reports of the files that were written, or were in memory."""
        began = time.perf_counter()
        await check_room(self._paths.data)
        found = list(zip(files, await self._ask_small(files), strict=False))
        self._alone.update(file.path for file, small in found if small is None)
        await self._gate.wait()
        whole = [(f, small) for f, small in found if small is not None and f.path not in self._cancelled]
        results = await self._write_whole(whole) if whole else []
        ms = round((time.perf_counter() - began) * 1e3 / max(1, len(found)), 1)
        reports = []
        for (file, small), (outcome, passages) in zip(whole, results, strict=True):
            if outcome == "alone":
                self._alone.add(file.path)
            elif outcome == "unchanged":
                reports.append((file, FileReport(file.path, status="unchanged", ms=ms)))
            else:
                pages, ocr, reason = small.batch.pages, small.batch.ocr_pages, summary_of_notes(small.batch.notes)
                self._meter.read(pages)
                report = FileReport(
                    file.path, status="ingested", pages=pages, ocr_pages=ocr, passages=passages, ms=ms, reason=reason
                )
                reports.append((file, report))
        return reports

    async def _ask_small(self, files: Sequence[WaitingFile]) -> Sequence[SmallFile | None]:
        """Return what a reader gives for the first of these files; when it dies of them, that all are read alone."""
        limit, most = self._settings.page_time_limit_s, self._settings.max_file_mb
        async with self._small_turn:
            reader, good = self.readers.take(), False
            try:
                found: Sequence[SmallFile | None] = await reader.worker.call_within(
                    limit, "read_small", files=[(file.path, file.real) for file in files], max_mb=most
                )
                good = True
            except (TimeoutError, TrayassistError):
                reader.worker.kill()
                return [None] * len(files)
            finally:
                self.readers.give(reader, good=good)
        return found

    async def _write_whole(self, files: Sequence[tuple[WaitingFile, SmallFile]]) -> list[WriteResult]:
        """Write documents; a stop waits until it is done, as memory writes to the end what it has begun."""
        whole = [
            WholeFile(file.path, small.state.sha256, small.state.size, small.state.mtime, small.batch.title, payload)
            for file, small in files
            for payload in (small.batch.payload,)
        ]
        task = asyncio.ensure_future(self._memory.add_files(whole))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.gather(task, return_exceptions=True)
            raise

    async def _claim(self) -> None:
        await self._memory.claim("ingest")

    async def _claim_queue(self) -> None:
        """Wait until no other process reads files. A memory that cannot be written, or opened, has no other writer."""
        with suppress(CannotWrite, WorkerDied):
            await self._claim()

    def _tell_of_pause(self) -> None:
        for callback in list(self.on_pause):
            callback()

    def _hold(self, reason: str) -> None:
        """Read no further until the user resumes, and tell everyone who waits."""
        self.pause(reason)
        self._drops.end_with_reason(f"{reason} What waits stays in the queue.")

    def _reading_of(self, file: WaitingFile, worker: Any) -> FileReading:
        return FileReading(
            path=file.path,
            worker=worker,
            memory=self._memory,
            folder=self._paths.data,
            settings=self._settings,
            gate=self._gate,
            on_batch=self._on_batch,
            password=self._drops.passwords.get(file.path),
            deaths=file.deaths,
            kept_deaths=file.deaths,
            size=file.size,
            real=file.real,
        )

    async def _await_end(
        self, file: WaitingFile, reading: FileReading, task: asyncio.Task[FileReport]
    ) -> FileReport | None:
        """Return how the file ended; None when it stays in the queue, nothing can be written, or read."""
        try:
            report = await task
        except (CannotWrite, ReadersUnavailable) as error:
            self._hold(str(error))
            return None
        except MemoryInUse:  # memory's worker died, and another process was quicker: the file waits for its end
            return None
        except asyncio.CancelledError:
            if file.path not in self._cancelled:
                raise
            await reading.abandon()
            report = FileReport(file.path, status="cancelled", reason="Cancelled.")
        except Exception as error:  # barrier: a mistake of ours costs this file, not the queue
            logger.exception("a file was not read")
            await reading.abandon()
            report = FileReport(file.path, status="failed", reason=f"It was not read: {type(error).__name__}: {error}.")
        await self._queue.run(FileQueue.record_end, file.path, report.status, report.reason)
        return report

    async def _on_batch(self, reading: FileReading) -> None:
        """A batch is in memory, or a reader died: say so."""
        self._meter.read(reading.batch_pages)
        if reading.deaths != reading.kept_deaths:
            reading.kept_deaths = reading.deaths
            await self._queue.run(FileQueue.record_deaths, reading.path, reading.deaths)
        if self._meter.due():
            open_bytes = sum(one.bytes_read for one, _ in self._reading.values())
            self._drops.progress(self._meter.progress(reading.path, reading.page, reading.total, open_bytes))

    def _tell(self, report: FileReport, size: int) -> None:
        self._meter.count_done(size)
        self._idle.to_tend = self._idle.to_tend or report.status == "ingested"
        audit_line(self._audit, report)
        self._drops.report(report)

    # ------------------------------------------------------------ rest

    async def _cancel_waiting(self, only: str) -> None:
        """Give up the file `only` or all below that folder, or everything; while another process reads, all of ours."""
        self._look_no_more(only)
        self._cancel_reading(only)
        if not only:
            await self._discovery.stop()
        gone = await self._take_from_queue(only)
        _, files = self._drops.find_unfinished()
        lost = sorted(file for file in files if not only or is_below(file, only))  # that wait to be looked for
        for path in dict.fromkeys((*gone, *lost)):
            if path not in self._reading and path not in self._together:
                self._tell(FileReport(path, status="cancelled", reason="Cancelled."), 0)
        self._cancel_reading(only)  # what was taken from the queue meanwhile
        if not only:
            self._drops.roots_gone()

    def _look_no_more(self, only: str) -> None:
        if only:
            self._discovery.leave_out(only)
        else:
            self._adds.cancel()

    async def _take_from_queue(self, only: str) -> list[str]:
        """Take what is given up from the queue, which belongs to who writes to memory; return the files."""
        writes = True
        with suppress(CannotWrite, WorkerDied):  # then there is no other writer
            writes = await self._memory.try_claim("cancel")
        try:
            if only or writes:
                return await self._queue.run(FileQueue.cancel, only)
            roots, files = self._drops.find_unfinished()
            return await self._queue.run(FileQueue.cancel_these, sorted(roots), sorted(files))
        finally:
            await self._memory.release("cancel")

    def _cancel_reading(self, only: str) -> None:
        for name in [*self._reading, *self._together]:
            if name not in self._cancelled and (not only or is_below(name, only)):
                self._cancelled.add(name)
                if name in self._reading:
                    self._reading[name][1].cancel()

    async def _settle(self) -> None:
        await self._kick()  # a file may have come while the last task found none
        if not self._slots:
            self._meter.files_total = self._meter.files_done  # a file that was dropped twice was done once
            if not self._discovery.running and not self._stopping and not len(self._adds):
                self._look_for_lost()

    def _look_for_lost(self) -> None:
        """Queue what somebody waits for and the queue has no more: a process that took it over may have read it."""
        _, lost = self._drops.find_unfinished()
        again, first = sorted(lost & self._looked_for), sorted(lost - self._looked_for)
        self._looked_for = set(first)
        for path in again:
            self._drops.report(FileReport(path, status="failed", reason=LOST))
        if first:
            self._adds.start(self._discovery.add(first, at_once=False))

    def _on_walked(self, problem: str) -> None:
        if problem:
            self._drops.end_with_reason(problem)
        if not self._stopping:
            self._tasks.start(self._settle())

    def _setup(self, plugins_disabled: Sequence[str]) -> Any:
        return reader_setup(self._paths, self._settings, tuple(plugins_disabled), self._plugin_settings, self._entries)


class IdleUpkeep:
    """Begins when reading ends, and is broken off when it begins again.

    `settle` is awaited first, `end_readers` at the end. `to_tend` says that something was written.
    """

    def __init__(
        self, memory: PageStore, settle: Callable[[], Awaitable[None]], end_readers: Callable[[], Awaitable[None]]
    ) -> None:
        self._memory, self._settle, self._end_readers = memory, settle, end_readers
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
        try:
            if self.to_tend:
                self.to_tend = False
                await self._memory.optimize()
            await self._memory.release("ingest")
            await self._memory.renew_large_worker()
        except TrayassistError as error:
            logger.warning("memory was not tended: %s", error)
        await asyncio.sleep(READERS_KEPT_S)
        await self._end_readers()
