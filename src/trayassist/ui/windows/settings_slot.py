"""A page of the settings that is built when it is first wanted: opening the window costs one page, not all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from trayassist.ui.windows.settings_rows import Page


class Slot(QWidget):
    """The place of a page, by its `name` (for code) and `title` (for people). `page` is None until it is built."""

    def __init__(self, name: str, title: str, build: Callable[[], Page]) -> None:
        super().__init__()
        self.name, self.title, self._build = name, title, build
        self.page: Page | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def built(self) -> Page:
        """Return the page, building it the first time."""
        if self.page is None:
            self.page = self._build()
            self._layout.addWidget(self.page)
            self.page.show()  # now: a layout shows what it is given a turn later
        return self.page

    def look_for(self, words: Sequence[str]) -> int:
        """Show what is about all of `words` and return how much that is; 0 while the page is not built."""
        return self.page.look_for(words) if self.page is not None else 0
