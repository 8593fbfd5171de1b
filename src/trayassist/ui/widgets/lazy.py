"""The place of a part of a window that is built when it is first used, or when the window has time for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget


class Later[W: QWidget](QWidget):
    """Holds what `build` makes, once; until then it is empty."""

    def __init__(self, build: Callable[[], W]) -> None:
        super().__init__()
        self._build = build
        self.part: W | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def built(self) -> W:
        """Return the part; the first call builds it."""
        if self.part is None:
            self.part = self._build()
            self._layout.addWidget(self.part)
            if not self.part.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
                self.part.show()  # now: a layout shows what it is given a turn later
        return self.part
