"""Pages of remembered files as pictures, with the cited words marked; drawn in a reader worker of its own."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trayassist.api import PageView, UnreadableFile, WorkerDied
from trayassist.memory.filereading import reader_setup
from trayassist.paths import Paths
from trayassist.workers.pool import Worker
from trayassist.workers.reader import service

if TYPE_CHECKING:
    from trayassist.config import MemorySettings  # pydantic and yaml are not needed to begin

PAGES_KEPT = 4  # a page of 1,000 x 1,300 pixels is 4 MB
DRAW_LIMIT_S = 60.0  # OCR of a scanned page is part of drawing it


class Viewer:
    """Draws pages. The worker starts with the first page and is kept."""

    def __init__(
        self,
        paths: Paths,
        settings: MemorySettings,
        plugins_disabled: Sequence[str] = (),
        *,
        plugin_settings: Mapping[str, Mapping[str, Any]] | None = None,
        reader_entries: tuple[tuple[str, str], ...] | None = None,
    ) -> None:
        self._setup = reader_setup(paths, settings, tuple(plugins_disabled), plugin_settings or {}, reader_entries)
        self.worker = Worker("page view", service.main, setup=self._setup)
        self._kept: OrderedDict[tuple[object, ...], PageView] = OrderedDict()

    async def use(
        self,
        paths: Paths,
        settings: MemorySettings,
        plugins_disabled: Sequence[str],
        *,
        plugin_settings: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Draw with changed settings from now on; the worker ends if they are others."""
        setup = reader_setup(paths, settings, tuple(plugins_disabled), plugin_settings, self._setup.entries)
        if setup != self._setup:
            self._setup = setup
            old, self.worker = self.worker, Worker("page view", service.main, setup=setup)
            self._kept.clear()
            await old.stop()

    async def render(
        self, path: str | Path, page: int, width_px: int, start: int = 0, end: int = 0, password: str | None = None
    ) -> PageView:
        """Return the page drawn `width_px` wide, the characters [start, end) of its text marked.

        Raises UnreadableFile (the file is gone, or has no such page any more), PasswordNeeded or WorkerDied, in words.
        A citation into a file that changed since it was read may mark other words: `text` tells.
        """
        name = os.path.abspath(path)  # noqa: PTH100  # resolve() would follow links: memory knows the path as given
        key = (name, page, width_px, start, end, await asyncio.to_thread(_version, name))
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        try:
            view: PageView = await self.worker.call_within(
                DRAW_LIMIT_S, "draw", path=name, page=page, width=width_px, start=start, end=end, password=password
            )
        except TimeoutError:
            raise UnreadableFile(
                f"Page {page} of {Path(name).name} could not be drawn within {DRAW_LIMIT_S:.0f} seconds.",
                "Open the file in its own program.",
            ) from None
        except WorkerDied as error:
            raise UnreadableFile(
                f"Page {page} of {Path(name).name} cannot be drawn: {error.what}", "Open the file in its own program."
            ) from error
        if password is None:  # what a password opened is not kept
            self._kept[key] = view
            while len(self._kept) > PAGES_KEPT:
                self._kept.popitem(last=False)
        return view

    async def start(self) -> None:
        """Start the worker now, so that the first page does not wait for it."""
        await self.worker.start()

    async def stop(self) -> None:
        """End the worker."""
        self._kept.clear()
        await self.worker.stop()


def _version(name: str) -> tuple[int, int]:
    try:
        state = Path(name).stat()
    except FileNotFoundError:
        raise UnreadableFile(
            f"{Path(name).name} is gone: it was moved or removed since it was read.",
            "Drop it again from where it is now.",
        ) from None
    except OSError as error:
        raise UnreadableFile(
            f"{Path(name).name} cannot be read: {error.strerror}.", "Check its permissions."
        ) from error
    return state.st_mtime_ns, state.st_size
