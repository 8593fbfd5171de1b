"""Qt's application object."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """Qt's application, which asks before it quits: our processes are to be ended first."""

    quit_wanted = Signal()

    def event(self, event: QEvent) -> bool:
        """Turn Qt's own quit (a session that ends, the Dock's menu) into a wish."""
        if event.type() == QEvent.Type.Quit:
            self.quit_wanted.emit()
            return True
        return super().event(event)
