"""Reading one file: checked, read by a reader worker in batches of pages, written to memory, reported."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from trayassist.api import PasswordNeeded, TrayassistError, UnreadableFile, WorkerDied
from trayassist.api.words import count
from trayassist.memory.reports import FileReport, FileStatus, summary_of_notes
from trayassist.memory.store import DocumentWrite
from trayassist.paths import Paths
from trayassist.workers.memory.errors import CannotWrite, MemoryInUse
from trayassist.workers.memory.messages import WholeFile, WriteResult
from trayassist.workers.pool import STRETCH, Worker, WorkerKilled, WorkerNotStarted
from trayassist.workers.reader import service
from trayassist.workers.reader.kinds import FileRefused
from trayassist.workers.reader.service import FileState, ReadBatch, ReaderSetup, replaced_by_link

if TYPE_CHECKING:
    from trayassist.config import MemorySettings  # pydantic and yaml are not needed to begin

FILES_PER_READER = 200  # then a fresh one: leaks of native code end with the process
DEATHS_IN_A_ROW = 3  # readers that may die of a file without one more page read
KILLS_IN_A_ROW = 10  # readers that may be ended from outside without one more page read
STARTS_TRIED = 3
LATE_IN_A_ROW = 3  # pages that may take too long without one that does not
SHORT_S = 0.25  # of a request; shorter ones count by the clock
DEATHS_IN_ALL = 20  # a file whose pages crash one by one: each is left out, but not for ever
ROOM_BYTES = 64 * 2**20  # with less room on the disk nothing is begun


class ReadersUnavailable(TrayassistError):
    """No reader can be started on this machine at present: files wait."""

    code = "readers_unavailable"


class PageStore(Protocol):
    """The side of memory that takes pages in. `claim` waits until no other process writes; the others raise."""

    async def claim(self, purpose: str) -> None: ...
    async def try_claim(self, purpose: str) -> bool: ...
    async def release(self, purpose: str) -> None: ...
    async def begin(self, path: str, sha256: str, size: int, mtime: float) -> DocumentWrite: ...
    async def add_pages(self, token: str, payload: bytes) -> int: ...
    async def add_files(self, files: Sequence[WholeFile]) -> list[WriteResult]: ...
    async def finish(self, token: str, title: str = "") -> None: ...
    async def abandon(self, token: str) -> None: ...
    async def optimize(self) -> None: ...
    async def renew_large_worker(self) -> None: ...
    async def forget(self, path: str) -> int: ...
    async def forget_all(self) -> int: ...


@dataclass
class FileReading:
    """Reads one file. `gate` is set while the queue is not paused; `on_batch` is awaited after every batch."""

    path: str
    worker: Worker
    memory: PageStore
    folder: Path  # on the disk that memory writes to
    settings: MemorySettings
    gate: asyncio.Event
    on_batch: Callable[[FileReading], Awaitable[None]]
    password: str | None = None
    deaths: int = 0  # in a row
    kept_deaths: int = 0  # what the queue has of them
    size: int = 0
    real: str = ""  # where the file lay when it was found, all links followed
    page: int = 0  # the last page that is in memory
    total: int = 0
    batch_pages: int = 0
    ocr_pages: int = 0
    passages: int = 0
    _title: str = ""
    _token: str = ""
    _with_text: int = 0
    _all_deaths: int = 0
    _kills: int = 0  # from outside, in a row
    _failed_starts: int = 0
    _late: int = 0  # pages that took too long, in a row
    _careful: bool = False  # whether the reader gives its pages one by one
    _spent_s: float = 0.0
    _notes: list[tuple[int, str]] = field(default_factory=list)
    _state: FileState | None = None

    async def run(self) -> FileReport:
        """Return how it went. Raises CannotWrite, MemoryInUse and ReadersUnavailable.

        Cancelled, it leaves what was written to resume or to `abandon`.
        """
        began = time.perf_counter()
        try:
            status, reason = await self._read()
        except FileRefused as error:
            status, reason = "refused", str(error)
        except PasswordNeeded as error:
            status, reason = "needs_password", str(error)
        except (CannotWrite, MemoryInUse, ReadersUnavailable):
            raise
        except TrayassistError as error:
            status, reason = "failed", str(await self._cause(error))
        if status not in ("ingested", "unchanged"):
            await self.abandon()
        done = status == "ingested"
        return FileReport(
            path=self.path,
            status=status,
            pages=max(self.total, self.page) if done else 0,
            ocr_pages=self.ocr_pages if done else 0,
            passages=self.passages if done else 0,
            ms=round((time.perf_counter() - began) * 1e3, 1),
            reason=reason,
        )

    @property
    def bytes_read(self) -> float:
        """About how much of the file is in memory."""
        return self.size * self.page / self.total if self.total else 0.0

    async def abandon(self) -> None:
        """Remove what was written of this file."""
        token, self._token = self._token, ""
        if token:
            with suppress(TrayassistError):  # memory is gone or full: it clears what is not finished when it starts
                await self.memory.abandon(token)

    async def _read(self) -> tuple[FileStatus, str]:
        while True:
            try:
                return await self._attempt()
            except WorkerDied as error:
                await self._survive(error)
                await self.on_batch(self)
            except _TimeOver as over:
                self._late += 1
                if over.whole_file or self._late > LATE_IN_A_ROW:
                    return await self._finish_early(over)
                if self._careful:  # else the page is not known yet: the next attempt goes page by page
                    self._leave_out("left out, as it took too long")

    async def _attempt(self) -> tuple[FileStatus, str]:
        """Read what is not in memory yet, and finish."""
        if self._state is None:
            self._state = await self._ask_reader("look", max_mb=self.settings.max_file_mb, real=self.real)
        state = self._state
        assert state is not None
        if not self._token:
            await check_room(self.folder)
            begun = await self._begin(state)
            if begun.known is not None:
                return "unchanged", "" if begun.known == self.path else f"The same as {begun.known}."
            self._token, self.page = begun.token, begun.first_page - 1
            self._with_text += self.page  # of a file that is resumed: pages were kept, so there was text
        await self._pages()
        await self._check_unchanged(state)
        if not self._with_text:
            return "failed", self._no_text()
        await self._await_memory(self.memory.finish(self._token, self._title))
        self._token = ""
        return "ingested", summary_of_notes(self._notes)

    async def _begin(self, state: FileState) -> DocumentWrite:
        task = asyncio.ensure_future(self.memory.begin(self.path, state.sha256, state.size, state.mtime))
        try:
            return await self._await_memory(task)
        except asyncio.CancelledError:
            if not task.cancelled() and task.exception() is None:
                self._token = task.result().token  # for abandon()
            raise

    async def _pages(self) -> None:
        self._careful = self.deaths > 0 or self._late > 0
        session = await self.worker.call(
            "begin", path=self.path, first_page=self.page + 1, password=self.password, careful=self._careful
        )
        ask = asyncio.create_task(self._next(session))
        try:
            while (batch := await ask) is not None:
                await self.gate.wait()
                ask = asyncio.create_task(self._next(session))  # the reader reads on while memory writes
                self.passages += await self._await_memory(self.memory.add_pages(self._token, batch.payload))
                self._count(batch)
                await self.on_batch(self)
        finally:
            if not ask.done():
                ask.cancel()
                with suppress(asyncio.CancelledError, TrayassistError):
                    await ask

    async def _next(self, session: int) -> ReadBatch | None:
        batch: ReadBatch | None = await self._ask_reader("next", session=session, _path=False)
        return batch

    async def _ask_reader(self, operation: str, *, _path: bool = True, **arguments: Any) -> Any:
        """Ask the reader within the time limits; it is killed when it does not answer in time."""
        if _path:
            arguments["path"] = self.path
        left = self.settings.file_time_limit_s - self._spent_s
        limit = min(left, self.settings.page_time_limit_s) if operation == "next" else left
        began, worked = time.monotonic(), self.worker.work_s()
        try:
            return await self.worker.call_within(max(0.0, limit), operation, **arguments)
        except TimeoutError:
            self.worker.kill()
            raise _TimeOver(whole_file=limit >= left) from None
        finally:
            passed = time.monotonic() - began
            if passed > SHORT_S:  # on a busy machine its own work may be much less
                passed = min(passed, max(self.worker.work_s() - worked, passed / STRETCH))
            self._spent_s += passed

    async def _finish_early(self, over: _TimeOver) -> tuple[FileStatus, str]:
        """Keep the pages that are in memory and say which are not read; raise UnreadableFile when there are none."""
        name, settings = Path(self.path).name, self.settings
        if over.whole_file:
            why = f"it took longer than {count(settings.file_time_limit_s, 'second')}"
        else:
            why = f"a page took longer than {count(settings.page_time_limit_s, 'second')}"
        if self._state is None or not self._with_text:
            where = f"after page {self.page}" if self.page else "at its first page"
            raise UnreadableFile(f"{name} was given up {where}: {why}.", "The other files are read on.")
        self.total = self.page
        await self._check_unchanged(self._state)
        await self._await_memory(self.memory.finish(self._token, self._title))
        self._token = ""
        rest = f"What comes after page {self.page} is not read: {why}. Forget the file and drop it again to try anew."
        return "ingested", f"{summary_of_notes(self._notes)} {rest}".strip()

    def _leave_out(self, why: str) -> None:
        """Read on after the page that is next."""
        self.page += 1
        self._notes.append((self.page, why))

    def _count(self, batch: ReadBatch) -> None:
        self.page, self.total = batch.last_page, batch.total or self.total
        self.batch_pages = batch.pages
        self.ocr_pages += batch.ocr_pages
        self._with_text += batch.with_text
        self._title = batch.title or self._title
        self._notes += batch.notes
        self.deaths = self._kills = self._failed_starts = self._late = 0

    async def _survive(self, error: WorkerDied) -> None:
        """Count a dead worker. Raises UnreadableFile when the file ended too many, ReadersUnavailable when none starts.

        A worker that was ended from outside, or that did not start, says nothing about the file.
        """
        self.batch_pages = 0
        name = Path(self.path).name
        if isinstance(error, WorkerNotStarted):
            self._failed_starts += 1
            if self._failed_starts >= STARTS_TRIED:
                raise ReadersUnavailable(error.what, error.todo or "Resume reading to try again.")
            await asyncio.sleep(self._failed_starts)
            return
        if isinstance(error, WorkerKilled):
            self._kills += 1
            if self._kills >= KILLS_IN_A_ROW:
                raise UnreadableFile(
                    f"{name} was not read: something else ended its reader {self._kills} times. {error.what}",
                    "Drop it again when that is found.",
                )
        else:
            self.deaths += 1
            self._all_deaths += 1
        if self.deaths >= DEATHS_IN_A_ROW or self._all_deaths >= DEATHS_IN_ALL:
            times = max(self.deaths, self._all_deaths)
            raise UnreadableFile(
                f"{name} ended its reader {times} times and was set aside. {error.what}",
                "Open it in its own program and save it again.",
            )
        if self.deaths > 1 and not isinstance(error, WorkerKilled | _MemoryDied):
            # the last attempt went page by page: it is the next page that the reader dies of
            self._leave_out("left out, as its reader crashed on it")

    async def _await_memory[T](self, work: Awaitable[T]) -> T:
        """Await memory's work; a dead memory worker is told apart from a dead reader."""
        task = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            with suppress(TrayassistError):  # memory writes to the end what it has begun to write
                await task
            raise
        except WorkerDied as error:
            self._token = ""  # it was of the worker that died
            if isinstance(error, WorkerKilled | WorkerNotStarted):
                raise
            raise _MemoryDied(error.what, error.todo) from error

    async def _check_unchanged(self, state: FileState) -> None:
        name = Path(self.path).name
        try:
            now = await asyncio.to_thread(Path(self.path).stat)
            if self.real and await asyncio.to_thread(os.path.realpath, self.path) != self.real:
                raise replaced_by_link(self.path)
        except OSError:
            raise UnreadableFile(f"{name} vanished while it was read.", "Drop it again from where it is now.") from None
        if (now.st_size, now.st_mtime) != (state.size, state.mtime):
            raise UnreadableFile(f"{name} changed while it was read.", "Drop it again when it is complete.")

    async def _cause(self, error: TrayassistError) -> TrayassistError:
        """Return why reading failed: a file that changed or vanished meanwhile reads badly for that reason."""
        if self._state is not None:
            try:
                await self._check_unchanged(self._state)
            except UnreadableFile as cause:
                return cause
        return error

    def _no_text(self) -> str:
        pages = max(self.total, self.page)
        what = "It has no text." if pages == 1 else f"None of its {pages} pages has text."
        why = summary_of_notes(self._notes) or "There is nothing in it to remember."
        return f"{Path(self.path).name}: {what} {why}"


class _TimeOver(Exception):
    """The time for a page, or with `whole_file` for the file, is over; the reader was killed."""

    def __init__(self, *, whole_file: bool) -> None:
        super().__init__()
        self.whole_file = whole_file


class _MemoryDied(WorkerDied):
    """It was the memory worker that died, not the reader."""


async def check_room(folder: Path) -> None:
    """Raise CannotWrite when there is hardly any room left on the disk of `folder`."""
    try:
        free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    except OSError:
        return  # what cannot be told is no reason to stop
    if free < ROOM_BYTES:
        raise CannotWrite(f"The disk is almost full ({free / 2**20:.0f} MB left).", "Free some space and resume.")


def reader_setup(
    paths: Paths,
    settings: MemorySettings,
    disabled: tuple[str, ...],
    plugin_settings: Mapping[str, Mapping[str, Any]],
    entries: tuple[tuple[str, str], ...] | None,
) -> ReaderSetup:
    """Return what a reader worker needs to know."""
    return ReaderSetup(
        disabled=disabled,
        plugin_settings={name: dict(values) for name, values in plugin_settings.items()},
        reading={"ocr": settings.ocr, "ocr_language": settings.ocr_language, "tessdata": str(paths.tessdata)},
        memory_mb=settings.reader_memory_mb,
        entries=entries,
    )


@dataclass
class PooledReader:
    """A reader worker, the set-up it was started with and how many files it has read."""

    worker: Worker
    setup: ReaderSetup
    files: int = 0


class Readers:
    """Hands out readers, the one used last first, so that few are kept busy and warm."""

    def __init__(self, setup: ReaderSetup) -> None:
        self._setup = setup
        self._free: list[PooledReader] = []
        self._lent: list[PooledReader] = []
        self._ending: set[asyncio.Task[None]] = set()

    def use(self, setup: ReaderSetup) -> None:
        """Read with this set-up from now on; readers with another end."""
        if setup == self._setup:
            return
        self._setup = setup
        for kept in self._free:
            self._end(kept)
        self._free.clear()

    def take(self) -> PooledReader:
        """Return a reader; it starts when it is first asked."""
        kept = (
            self._free.pop()
            if self._free
            else PooledReader(Worker("reader", service.main, setup=self._setup), self._setup)
        )
        self._lent.append(kept)
        return kept

    def give(self, kept: PooledReader, good: bool) -> None:
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

    def _end(self, kept: PooledReader) -> None:
        task = asyncio.get_running_loop().create_task(kept.worker.stop())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
