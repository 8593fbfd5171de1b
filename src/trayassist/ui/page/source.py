"""Where the page view gets its pictures: the viewer, with what the user said about a file meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trayassist import api
from trayassist.api import UnreadableFile
from trayassist.ui.widgets.formats import tr

if TYPE_CHECKING:
    from trayassist.assistant import Assistant


@dataclass(frozen=True, slots=True)
class PageTarget:
    """A page and the characters of its text that are marked (none when both are 0)."""

    path: str
    page: int
    start: int = 0
    end: int = 0

    @property
    def is_fact(self) -> bool:
        """Whether it is something the user asked to remember, which has no page."""
        return self.path.startswith("fact:")


class FileMoved(UnreadableFile):
    """The remembered file is no longer where it was."""


class PageSource:
    """Draws places. Remembers, while the window is open, where a file went and which password opens it."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._moved: dict[str, Path] = {}
        self._passwords: dict[str, str] = {}

    async def picture(self, place: PageTarget, width: int) -> api.PageView:
        """Return the page `width` pixels wide. Raises FileMoved, PasswordNeeded or UnreadableFile."""
        path = self.file(place)
        if not await asyncio.to_thread(path.is_file):
            raise FileMoved(tr("{} is no longer there.").format(path), tr("Choose where it is now."))
        return await self._assistant.viewer.render(
            path, place.page, width, place.start, place.end, password=self._passwords.get(place.path)
        )

    def file(self, place: PageTarget) -> Path:
        """Return where the file of this place is, as far as we know."""
        return self._moved.get(place.path, Path(place.path))

    def set_new_place(self, place: PageTarget, path: Path) -> None:
        """Take the file of this place from `path` from now on, and let memory know that place too."""
        self._moved[place.path] = path
        self._assistant.ingest.enqueue([path])

    def unlock(self, place: PageTarget, password: str) -> None:
        """Open the file of this place with this password from now on."""
        self._passwords[place.path] = password

    def had_password(self, place: PageTarget) -> bool:
        """Return whether a password was given for this file."""
        return place.path in self._passwords
