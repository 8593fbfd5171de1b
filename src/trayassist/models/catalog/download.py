"""Downloads of models: confirmed plans, carried out one after the other in a worker, paused, resumed, cancelled.

What is under way is written down, so that after a crash or a quit it can be resumed; it never resumes by itself.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from trayassist.api import NotAllowed, TrayassistError
from trayassist.config.state_file import StateFile
from trayassist.models.adapters.bases import sha256_of
from trayassist.models.catalog import fetch_plan
from trayassist.models.catalog.fetch_plan import FetchPlan, PlannedFile, Want
from trayassist.paths import Paths
from trayassist.safety.audit import Audit
from trayassist.workers import download as worker_side
from trayassist.workers.background import BackgroundTasks
from trayassist.workers.download import HubFile, part_of
from trayassist.workers.pool import Worker

logger = logging.getLogger(__name__)

State = Literal["waiting", "checking", "fetching", "paused", "failed", "done", "cancelled"]
OPEN: tuple[State, ...] = ("waiting", "checking", "fetching", "paused", "failed")
RATE_WINDOW_S = 8.0
BLOCK = 2**22
WORKER_KEPT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadProgress:
    """How far a model's download is. Sizes in bytes, `rate` in bytes a second; `seconds_left` None = not known.

    `problem` says in words why it failed, and what to do.
    """

    model: str
    state: State
    bytes: int
    total: int
    rate: float = 0.0
    seconds_left: float | None = None
    problem: str = ""


@dataclass(slots=True)
class Download:
    """One model on its way. `sums` are the sha256 of the files that arrived, by target.

    `stop` is the state that it is about to have, while the worker leaves it.
    """

    want: Want
    files: tuple[PlannedFile, ...]
    state: State = "waiting"
    done: int = 0
    problem: str = ""
    stop: State | None = None
    sums: dict[str, str] = field(default_factory=dict)
    meter: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def total(self) -> int:
        return sum(file.bytes for file in self.files)

    def progress(self) -> DownloadProgress:
        """Return where it stands; the rate is that of the last seconds."""
        rate = 0.0
        if self.state == "fetching" and len(self.meter) > 1:
            (first, low), (last, high) = self.meter[0], self.meter[-1]
            rate = max(0.0, (high - low) / max(0.1, last - first))
        left = (self.total - self.done) / rate if rate else None
        return DownloadProgress(
            model=self.want.name, state=self.state, bytes=self.done, total=self.total, rate=rate, seconds_left=left,
            problem=self.problem,
        )  # fmt: skip

    def count(self, done: int, state: State) -> None:
        """Take in how many bytes are there now."""
        if state != self.state:
            self.meter.clear()
        self.done, self.state = done, state
        now = time.monotonic()
        self.meter.append((now, done))
        while now - self.meter[0][0] > RATE_WINDOW_S and len(self.meter) > 2:
            self.meter.popleft()


def has_ended(state: State) -> bool:
    """Return whether a download does not move by itself any more."""
    return state in ("done", "paused", "failed", "cancelled")


def _bytes_there(files: Sequence[PlannedFile]) -> int:
    """Return how many bytes of the files are on the disk."""
    total = 0
    for file in files:
        target = Path(file.target)
        for path in (target, part_of(target, file.sha256, file.commit)):
            if path.is_file():
                total += path.stat().st_size
                break
    return total


def remove_parts(files: Sequence[PlannedFile]) -> None:
    """Remove what was fetched of files that are not whole."""
    for file in files:
        part_of(Path(file.target), file.sha256, file.commit).unlink(missing_ok=True)


def _as_paused(given: Any) -> list[Download]:
    """Return the downloads that were kept, as paused."""
    found = []
    for item in given:
        want = Want(**{**item["want"], "roles": tuple(item["want"]["roles"])})
        files = tuple(PlannedFile(**file) for file in item["files"])
        found.append(Download(want, files, "paused", _bytes_there(files)))
    return found


class Downloads:
    """All downloads of an installation. `arrived` is awaited with each model whose files are in their place."""

    def __init__(
        self,
        paths: Paths,
        audit: Audit,
        arrived: Callable[[Want, Sequence[PlannedFile]], Awaitable[None]],
        *,
        wait_s: float = 1.0,
    ) -> None:
        self._paths, self._audit, self._arrived = paths, audit, arrived
        self._worker = Worker("download", worker_side.main, folder=str(paths.models / ".downloads"), wait_s=wait_s)
        self._downloads: dict[str, Download] = {}
        self._running: asyncio.Task[None] | None = None
        self._current: asyncio.Task[None] | None = None
        self._kept = StateFile(paths.data / "downloads.json", _as_paused, "downloads cannot be resumed", empty=[])
        self._tidying = BackgroundTasks("leaving a download")
        self._listeners: list[Callable[[DownloadProgress], None]] = []
        self.offline = False  # app.yaml's network.offline: then nothing is asked or fetched

    # ------------------------------------------------------------ plans

    async def plan(self, wants: Sequence[Want]) -> FetchPlan:
        """Return what fetching these models would mean. The hub is asked; nothing is fetched.

        Raises NotAllowed while everything is offline, TrayassistError when the worker cannot ask.
        """
        self._check_allowed()
        asked = [{"repo": want.repo, "file": want.file, "revision": want.revision} for want in wants]
        try:
            found = [await self._worker.call("plan", wanted=[item]) for item in asked]
        finally:
            self._rest()
        answers: dict[str, Sequence[HubFile]] = {want.name: list(f) for want, f in zip(wants, found, strict=True)}
        return await asyncio.to_thread(fetch_plan.make, wants, answers, self._paths.models)

    def start(self, plan: FetchPlan) -> None:
        """Fetch what the user confirmed, behind what is fetched already. Raises NotAllowed, in words."""
        self._check_allowed()
        if plan.refusal:
            raise NotAllowed(plan.refusal)
        for want in plan.wants:
            old = self._downloads.get(want.name)
            if old is not None and old.state in ("checking", "fetching", "waiting"):
                continue
            self._downloads[want.name] = Download(want, plan.of(want.name))
            self._audit.write(
                "download_started", model=want.name, repo=want.repo, bytes=sum(f.bytes for f in plan.of(want.name))
            )
            self._tell(self._downloads[want.name])
        self._go()

    # ------------------------------------------------------------ control

    def pause(self, model: str) -> None:
        """Stop fetching a model; what is there stays."""
        self._leave(model, "paused")

    def resume(self, model: str) -> None:
        """Go on with a model that was paused, or failed, where it ended."""
        self._check_allowed()
        download = self._downloads.get(model)
        if download is not None and download.stop == "paused":
            download.stop = "waiting"
        elif download is not None and download.state in ("paused", "failed"):
            download.state, download.problem = "waiting", ""
            self._tell(download)
            self._go()

    async def cancel(self, model: str) -> None:
        """Give a model up, and remove what was fetched of it; files that are whole already stay.

        Raises NotAllowed when it is not being fetched.
        """
        if model not in self._downloads or self._downloads[model].state not in OPEN:
            raise NotAllowed(f"{model} is not being fetched.", "See `trayassist models list`.")
        self._leave(model, "cancelled")
        await self.until_ended(model)
        await self._tidying.settle()

    def list(self) -> list[DownloadProgress]:
        """Return all downloads that are open, and those that ended since the start."""
        return [download.progress() for download in self._downloads.values()]

    def subscribe(self, callback: Callable[[DownloadProgress], None]) -> Callable[[], None]:
        """Call `callback` with every change from now on; returns what ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    async def until_ended(self, model: str) -> DownloadProgress:
        """Wait until a download is done, paused, failed or cancelled; return how."""
        end = asyncio.Event()
        stop = self.subscribe(lambda p: end.set() if p.model == model and has_ended(p.state) else None)
        try:
            if not has_ended(self._downloads[model].state):
                await end.wait()
        finally:
            stop()
        return self._downloads[model].progress()

    # ------------------------------------------------------------ life

    async def remember(self) -> None:
        """Take up, as paused, what an earlier run left unfinished."""
        for download in await asyncio.to_thread(self._kept.read):
            self._downloads.setdefault(download.want.name, download)

    async def stop(self) -> None:
        """End all work; what is not done can be resumed."""
        await self._tidying.settle()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._worker.stop()

    # ------------------------------------------------------------ inside

    def _check_allowed(self) -> None:
        if self.offline:
            raise NotAllowed(
                "trayassist is set to stay offline, so nothing is fetched.",
                "Switch network.offline off in the settings, or put the file into the models folder yourself.",
            )

    def _go(self) -> None:
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while (download := next((d for d in self._downloads.values() if d.state == "waiting"), None)) is not None:
            await self._write_down()
            self._current = asyncio.create_task(self._one(download))
            try:
                await self._current
            except asyncio.CancelledError:
                if download.stop is None:  # not this one is left, but all
                    self._current.cancel()
                    await asyncio.gather(self._current, return_exceptions=True)
                    download.state = "paused"
                    raise
                download.state = download.stop
            except TrayassistError as error:
                download.state, download.problem = "failed", str(error)
            except Exception as error:  # barrier: a mistake of ours costs this download, and says so
                logger.exception("a download failed")
                download.state, download.problem = "failed", f"It was not fetched: {type(error).__name__}: {error}."
            download.stop = None
            self._audit.write("download_ended", model=download.want.name, state=download.state, bytes=download.done)
            if download.state == "cancelled":
                await asyncio.to_thread(remove_parts, download.files)
            await self._write_down()
            self._tell(download)
        self._rest()

    async def _one(self, download: Download) -> None:
        before = 0
        for file in download.files:
            if await asyncio.to_thread(Path(file.target).is_file):
                download.sums[file.target] = await self._whole(download, file, before)
            else:
                await self._fetch(download, file, before)
            before += file.bytes
        download.count(download.total, "fetching")
        await self._arrived(download.want, [replace(f, sha256=download.sums[f.target]) for f in download.files])
        download.state = "done"

    async def _fetch(self, download: Download, file: PlannedFile, before: int) -> None:
        stream = self._worker.stream(
            "fetch", repo=file.repo, file=file.file, commit=file.commit, size=file.bytes, sha256=file.sha256,
            target=file.target,
        )  # fmt: skip
        async with aclosing(stream) as steps:
            async for step in steps:
                if "sha256" in step:
                    download.sums[file.target] = step["sha256"]
                    return
                download.count(before + step["bytes"], step["stage"])
                self._tell(download)
        raise TrayassistError(f"{file.file} was not fetched to its end.", "Resume it.")

    async def _whole(self, download: Download, file: PlannedFile, before: int) -> str:
        """Return the sha256 of a file that is there already. Raises TrayassistError when it is another content."""
        download.count(before, "checking")
        self._tell(download)
        found = await asyncio.to_thread(sha256_of, (Path(file.target),))
        if file.sha256 and found != file.sha256:
            raise TrayassistError(
                f"{file.target} is there, with another content than {file.repo} has.", "Move it away, then resume."
            )
        return found

    def _leave(self, model: str, state: State) -> None:
        download = self._downloads.get(model)
        if download is None or download.state not in OPEN:
            return
        if download.state in ("checking", "fetching") and self._current is not None:
            download.stop = state
            self._current.cancel()  # the rest of the story is told by _run
            return
        download.state, download.problem = state, ""
        self._tell(download)
        self._tidying.start(self._tidy(download))

    async def _tidy(self, download: Download) -> None:
        if download.state == "cancelled":
            await asyncio.to_thread(remove_parts, download.files)
        await self._write_down()

    async def _write_down(self) -> None:
        """Keep what is open; a disk that is full costs resuming it later, and no more."""
        kept = [
            {"want": asdict(one.want), "files": [asdict(file) for file in one.files]}
            for one in self._downloads.values()
            if one.state in OPEN
        ]
        await asyncio.to_thread(self._keep, kept)

    def _keep(self, kept: Sequence[dict[str, Any]]) -> None:
        if kept:
            self._kept.keep(kept)
        else:
            with suppress(OSError):
                self._kept.path.unlink(missing_ok=True)

    def _tell(self, download: Download) -> None:
        for listener in list(self._listeners):
            listener(download.progress())

    def _rest(self) -> None:
        """End the worker when nothing was asked of it for a while."""
        loop = asyncio.get_running_loop()
        loop.call_later(WORKER_KEPT_S, lambda: None if self._busy else loop.create_task(self._worker.stop()))

    @property
    def _busy(self) -> bool:
        return self._worker.busy or (self._running is not None and not self._running.done())
