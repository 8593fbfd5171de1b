"""The copy button of a code block in an answer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QToolButton, QWidget

from trayassist.ui.answer.markdown_stream import CodeRange
from trayassist.ui.widgets.theme import Theme

COPIED_MS = 1_500


class CopyButton(QToolButton):
    """Copies `code` by `copy`, which returns False where that is locked, and shows a while that it did."""

    def __init__(self, parent: QWidget, theme: Theme, copy: Callable[[CodeRange], bool]) -> None:
        super().__init__(parent)
        self.code: CodeRange | None = None
        self._theme, self._copy_code, self._locked = theme, copy, False
        self.setProperty("look", "overlay")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setFixedSize(26, 26)
        self.setIconSize(QSize(16, 16))
        self.clicked.connect(self._copy)
        self._back = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._back.timeout.connect(lambda: self.lock(locked=self._locked))
        self.lock(locked=False)

    def lock(self, *, locked: bool) -> None:
        """Show whether the code may be copied."""
        self._locked = locked
        self._theme.show_icon(self, "lock" if locked else "copy", "muted")
        text = self.tr("Locked: open the warning first") if locked else self.tr("Copy this code")
        self.setToolTip(text)
        self.setAccessibleName(text)

    def _copy(self) -> None:
        if self.code is not None and self._copy_code(self.code):
            self._theme.show_icon(self, "check", "good")
            self.setAccessibleName(self.tr("Copied"))
            self._back.start()
