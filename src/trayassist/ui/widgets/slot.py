"""A page of the settings that is built when it is first wanted: opening the window costs one page, not all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module

from PySide6.QtWidgets import QVBoxLayout, QWidget

from trayassist.ui.settings.rows import Page


class Slot(QWidget):
    """The place of a page, by its `name` (for code) and `title` (for people). `page` is None until it is begun.

    `module` is where the page's code is, for `grow` to import.
    """

    def __init__(self, name: str, title: str, module: str, build: Callable[[], Page]) -> None:
        super().__init__()
        self.name, self.title, self._module, self._build = name, title, module, build
        self.page: Page | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    async def grow(self) -> None:
        """Build the page in steps that the window does not feel: imports in a thread, the rest a turn at a time."""
        if self.page is None:
            await asyncio.to_thread(import_module, self._module)
        self._made()
        await asyncio.sleep(0)
        page = self._begun()
        await asyncio.sleep(0)
        for _ in iter(page.step, False):
            await asyncio.sleep(0)

    def built(self) -> Page:
        """Return the whole page, building at once what is missing."""
        page = self._begun()
        while page.step():
            pass
        return page

    def look_for(self, words: Sequence[str]) -> int:
        """Show what is about all of `words` and return how much that is; 0 while the page is not built."""
        return self.page.look_for(words) if self.page is not None else 0

    def _made(self) -> Page:
        if self.page is None:
            self.page = self._build()
        return self.page

    def _begun(self) -> Page:
        page = self._made()
        if not self._layout.count():
            self._layout.addWidget(page)
            page.show()  # now: a layout shows what it is given a turn later
        return page
