"""A text that shows the focus: a frame when the keyboard comes to it as a whole, none for the mouse."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QTextBrowser, QWidget

from trayassist.ui.widgets.theme import Theme

BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
RADIUS = 4


class FramedBrowser(QTextBrowser):
    """Links show the focus themselves; the frame is there before the first of them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._came_by_key = False

    @property
    def framed(self) -> bool:
        """Whether the frame is shown."""
        return self._came_by_key and self.hasFocus() and not self.textCursor().hasSelection()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Remember how the focus came."""
        self._came_by_key = event.reason() in BY_KEY
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, then the frame."""
        super().paintEvent(event)
        if self.framed:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._theme.colors.accent), 1))
            edge = QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5)  # on whole pixels
            painter.drawRoundedRect(edge, RADIUS, RADIUS)
            painter.end()
