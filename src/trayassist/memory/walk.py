"""The files below a dropped file or folder."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import unicodedata
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

from trayassist.api import TrayassistError
from trayassist.memory.ingest_jobs import IngestJobs
from trayassist.memory.queue import FileQueue, QueueThread, is_below
from trayassist.memory.reports import FileReport


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read, or with `problem` set a place that cannot be read and why.

    `real` is where the file lies once the links in the root's own path are followed.
    """

    path: str
    size: int = 0
    problem: str = ""
    real: str = ""


def walk(root: str, skip_hidden: bool = True, own: Path | None = None) -> Iterator[FoundFile]:
    """Yield the regular files at and below `root`, in order of name, each real folder once.

    A hidden root is walked (it was asked for by name); hidden ones below are not, with `skip_hidden`.
    Pipes, sockets and devices are left out, and said of the root itself. So is `own`, the folder that memory and
    logs are in: reading them would change them, without an end.

    A root that is a link is followed: it was asked for by name. Links below it (and a Windows folder's junctions) are
    not: what they lead to inside the root is found under its own name, and what lies outside was not given to us. A
    last problem counts those that lead out. A hard link cannot be told from the file itself, and is read.
    """
    try:
        state = Path(root).stat()
        real = os.path.realpath(root, strict=True)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and (spelt := _other_spelling(root)):
            yield from walk(spelt, skip_hidden, own)
        else:
            yield FoundFile(root, problem=_missing_reason(root, error))
        return
    except ValueError:  # it has a NUL in it
        yield FoundFile(root, problem=BAD_NAME)
        return
    if stat.S_ISREG(state.st_mode):
        yield FoundFile(root, state.st_size, real=real)
    elif stat.S_ISDIR(state.st_mode):
        identity, left_out = (state.st_dev, state.st_ino), _identity(own)
        if identity == left_out:
            yield FoundFile(root, problem=f"{root} is where trayassist keeps its own data. Drop folders of your own.")
        else:
            yield from _below(root, real, {identity, left_out}, skip_hidden)
    else:
        yield FoundFile(root, problem=f"{Path(root).name} is neither a file nor a folder. Drop files or folders.")


def _other_spelling(path: str) -> str:
    """Return the path as it is on the disk where names are spelt with other code points (é as one or as two), or ""."""
    if path.isascii():
        return ""
    found = Path(path).anchor
    for name in Path(path).parts[1:]:
        exact = os.path.join(found, name)  # noqa: PTH118
        if os.path.lexists(exact):
            found = exact
            continue
        wanted = unicodedata.normalize("NFC", name)
        try:
            same = [entry for entry in os.listdir(found) if unicodedata.normalize("NFC", entry) == wanted]  # noqa: PTH208
        except OSError:
            return ""
        if not same:
            return ""
        found = os.path.join(found, same[0])  # noqa: PTH118
    return found


def _identity(folder: Path | None) -> tuple[int, int] | None:
    try:
        state = folder.stat() if folder is not None else None
    except OSError:
        return None
    return (state.st_dev, state.st_ino) if state is not None else None


def _below(root: str, real: str, seen: set[tuple[int, int] | None], skip_hidden: bool) -> Iterator[FoundFile]:
    """Yield the files below `root`, which lies at `real`; folders in `seen` are passed over."""
    folders, leading_out = [root], list[str]()
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield FoundFile(folder, problem=_unreadable_reason(folder, error))
            continue
        inner: list[str] = []
        for entry in listed:
            if skip_hidden and entry.name.startswith("."):
                continue
            try:
                if entry.is_symlink() or entry.is_junction():
                    if _leads_out(entry.path, real):
                        leading_out.append(entry.path)
                    continue
                state = entry.stat(follow_symlinks=False)
            except OSError as error:
                yield FoundFile(entry.path, problem=_missing_reason(entry.path, error))
                continue
            if stat.S_ISREG(state.st_mode):
                yield FoundFile(entry.path, state.st_size, real=real + entry.path[len(root) :])
            elif stat.S_ISDIR(state.st_mode) and (key := (state.st_dev, state.st_ino)) not in seen:
                seen.add(key)
                inner.append(entry.path)
        folders += reversed(inner)
    if leading_out:
        yield FoundFile(leading_out[0], problem=_not_followed(root, leading_out))


def _leads_out(link: str, real: str) -> bool:
    """Return whether a link leads to a file or folder outside the folder at `real`; one that leads nowhere does not."""
    try:
        target = os.path.realpath(link, strict=True)
    except OSError:
        return False
    return target != real and not target.startswith(os.path.join(real, ""))  # a separator at its end  # noqa: PTH118


def _not_followed(root: str, links: Sequence[str]) -> str:
    first, folder = Path(links[0]).name, Path(root).name
    if len(links) == 1:
        return f"{first} is a link that leads out of {folder}, and is not followed. Drop what it leads to."
    others = f"{first} and {len(links) - 1} other"
    return f"{others} links lead out of {folder}, and are not followed. Drop what they lead to."


def _missing_reason(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{Path(path).name} does not exist. Check the path and try again."
    return f"{Path(path).name} cannot be read: {error.strerror}. Check its permissions."


def _unreadable_reason(folder: str, error: OSError) -> str:
    return f"The folder {folder} cannot be read: {error.strerror}. Check its permissions; the other folders were read."


def absolute(paths: Sequence[Path]) -> list[str]:
    """Return paths as text, absolute; links stay what they are."""
    return [os.path.abspath(path) for path in paths]  # resolve() would follow links  # noqa: PTH100


logger = logging.getLogger(__name__)

AT_ONCE = 200
BAD_NAME = "This name is not valid text. Rename the file, or its folder, and drop it again."


class FileDiscovery:
    """Walks the roots one after the other; `found` is called with the files that have come into the queue.

    `claim` waits for the right to write to memory: the queue belongs to who has it. `own` is the folder of our own
    data, which is never walked. `ended` is called after the last root, or with what was wrong with the queue.
    """

    def __init__(
        self,
        queue: QueueThread,
        drops: IngestJobs,
        skip_hidden: Callable[[], bool],
        found: Callable[[Sequence[FoundFile]], None],
        kick: Callable[[], Awaitable[None]],
        claim: Callable[[], Awaitable[None]],
        own: Path,
        ended: Callable[[str], None],
    ) -> None:
        self._queue, self._drops, self._own, self._ended = queue, drops, own, ended
        self._left_out: set[str] = set()  # files and folders that were forgotten while they may still be found
        self._skip_hidden, self._found, self._kick, self._claim = skip_hidden, found, kick, claim
        self._task: asyncio.Task[None] | None = None
        self.aside: Callable[[str], Awaitable[FileReport | None]] | None = None

    @property
    def running(self) -> bool:
        """Whether roots are being walked."""
        return self._task is not None and not self._task.done()

    async def add(self, roots: Sequence[str], *, at_once: bool) -> None:
        """Keep the roots in the queue, then walk them; `aside` first takes those that are no documents.

        While another process writes to memory they are kept `at_once` all the same, so that they outlast this one
        (the other one may read them then); else only when it is done, so that each process reports on its own.
        """
        self._left_out = {p for p in self._left_out if not any(is_below(p, r) or is_below(r, p) for r in roots)}
        wanted = []
        for root in roots:
            if not _storable(root):
                self._drops.report(FileReport(root, status="failed", reason=BAD_NAME), root)
                self._drops.root_done(root)
            elif self.aside is not None and (report := await self.aside(root)) is not None:
                self._drops.report(report, root)
                self._drops.root_done(root)
            else:
                wanted.append(root)
        if wanted and at_once:
            await self._queue.run(FileQueue.add_roots, wanted)
        if wanted:
            await self._claim()
            await self._queue.run(FileQueue.add_roots, wanted)
            self.go_on()

    def go_on(self) -> None:
        """Walk what the queue holds."""
        if not self.running:
            self._task = asyncio.create_task(self._walk())
            self._task.add_done_callback(self._on_end)

    def leave_out(self, place: str) -> None:
        """Find nothing at or below `place` any more, until it is dropped again."""
        self._left_out.add(place)
        self._drops.roots_gone(place)

    async def stop(self) -> None:
        """Stop walking; the roots stay in the queue."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            logger.error("looking for files ended", exc_info=error)
        self._ended("" if error is None else str(error))

    async def _walk(self) -> None:
        while roots := await self._queue.run(FileQueue.roots):
            await self._claim()
            for root in roots:
                try:
                    await self._walk_root(root)
                except TrayassistError:  # the queue cannot be used: all roots stay in it
                    raise
                except Exception as error:  # barrier: what cannot be walked costs itself, not the roots behind it
                    logger.exception("a dropped path was not walked")
                    reason = f"It was not read: {type(error).__name__}: {error}."
                    self._drops.report(FileReport(root, status="failed", reason=reason), root)
                    await self._queue.run(FileQueue.drop_root, root)
                    self._drops.root_done(root)

    async def _walk_root(self, root: str) -> None:
        found = batched(walk(root, self._skip_hidden(), self._own), AT_ONCE)
        while (some := await asyncio.to_thread(next, found, None)) is not None:
            there = await self._queue.run(FileQueue.waiting_among, [file.path for file in some if _storable(file.path)])
            wanted = [file for file in some if not self._is_left_out(file.path)]  # no await from here to `add`
            good = [file for file in wanted if not file.problem and _storable(file.path)]
            self._drops.meet(root, [file.path for file in good])
            await self._queue.run(FileQueue.add, [(file.path, file.size, file.real) for file in good])
            self._found([file for file in good if file.path not in there])  # dropped twice, it is read once
            for file in wanted:
                if file.problem or not _storable(file.path):
                    reason = file.problem or BAD_NAME
                    self._drops.report(FileReport(file.path, status="failed", reason=reason), root)
            await self._kick()
        await self._queue.run(FileQueue.drop_root, root)
        self._drops.root_done(root)

    def _is_left_out(self, path: str) -> bool:
        return any(is_below(path, place) for place in self._left_out)


def _storable(path: str) -> bool:
    """Return whether memory can hold the path and a file can have it: not a name that is no UTF-8, nor a NUL."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in path
