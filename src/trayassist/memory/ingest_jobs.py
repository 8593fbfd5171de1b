"""Ingest jobs: who waits for which files, and is told of progress and results."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from trayassist.memory.queue import is_below
from trayassist.memory.reports import FileReport, Progress

Listener = Callable[[Progress | FileReport], None]


class IngestJob:
    """Files and folders that came together. It is done when all below them is reported."""

    def __init__(self, roots: Sequence[str], password: str | None, kept: bool) -> None:
        self.roots, self.password = set(roots), password
        self.files: set[str] = set()
        self._kept = kept  # whether anyone takes the news
        self._news: asyncio.Queue[Progress | FileReport | None] = asyncio.Queue()

    @property
    def done(self) -> bool:
        """Whether everything was reported."""
        return not self.roots and not self.files

    def tell(self, item: Progress | FileReport | None) -> None:
        """Add to the news; None ends them."""
        if self._kept:
            self._news.put_nowait(item)

    async def news(self) -> AsyncIterator[Progress | FileReport]:
        """Yield the news until the drop is done."""
        while (item := await self._news.get()) is not None:
            yield item


class IngestJobs:
    """All drops that are not done, the passwords that came with them, and the listeners to everything."""

    def __init__(self) -> None:
        self._drops: list[IngestJob] = []
        self._listeners: list[Listener] = []
        self.passwords: dict[str, str] = {}  # by path; never written anywhere

    def add(self, roots: Sequence[str], password: str | None, kept: bool) -> IngestJob:
        """Return a new drop; with `kept` its news are kept until they are taken."""
        drop = IngestJob(roots, password, kept)
        self._drops.append(drop)
        self._end_done()
        return drop

    def remove(self, drop: IngestJob) -> None:
        """Listen no more for this drop."""
        if drop in self._drops:
            self._drops.remove(drop)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with everything from now on; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def meet(self, root: str, paths: Iterable[str]) -> None:
        """These files were found at or below `root`."""
        known = list(paths)
        for drop in self._drops:
            if root in drop.roots:
                drop.files.update(known)
                if drop.password is not None:
                    self.passwords.update(dict.fromkeys(known, drop.password))

    def root_done(self, root: str) -> None:
        """All below `root` was found."""
        for drop in self._drops:
            drop.roots.discard(root)
        self._end_done()

    def progress(self, progress: Progress) -> None:
        """Tell how far a file is."""
        for drop in self._drops:
            if progress.path in drop.files:
                drop.tell(progress)
        self._announce(progress)

    def report(self, report: FileReport, root: str = "") -> None:
        """Tell how a file ended; `root` names where it was found when it never came into the queue."""
        self.passwords.pop(report.path, None)
        for drop in self._drops:
            if report.path in drop.files or root in drop.roots:
                drop.files.discard(report.path)
                drop.tell(report)
        self._end_done()
        self._announce(report)

    def end_with_reason(self, reason: str) -> None:
        """The queue waits for the user: tell everyone, so that nobody waits without knowing."""
        for drop in self._drops:
            for path in sorted(drop.files | drop.roots):
                report = FileReport(path, status="failed", reason=reason)
                drop.tell(report)
                self._announce(report)
        self.end_all()

    def roots_gone(self, place: str = "") -> None:
        """Nothing more is looked for at or below `place`, or anywhere."""
        for drop in self._drops:
            drop.roots = {root for root in drop.roots if place and not is_below(root, place)}
        self._end_done()

    def find_unfinished(self) -> tuple[set[str], set[str]]:
        """Return the roots that are not walked to the end, and the files that are not reported yet."""
        return set().union(*(drop.roots for drop in self._drops)), set().union(*(drop.files for drop in self._drops))

    def end_all(self) -> None:
        """Keep nobody waiting."""
        for drop in self._drops:
            drop.files.clear()
            drop.roots.clear()
        self._end_done()

    def _end_done(self) -> None:
        for drop in [drop for drop in self._drops if drop.done]:
            self._drops.remove(drop)
            drop.tell(None)

    def _announce(self, item: Progress | FileReport) -> None:
        for listener in list(self._listeners):
            listener(item)
