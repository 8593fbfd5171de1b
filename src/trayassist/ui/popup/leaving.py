"""When the popup hides by itself: another window was clicked, and no file is on its way to us.

A press in a file manager takes the focus away before anybody can know whether a file will be dragged. So while
the mouse button is held the popup stays, and after a drag it stays until the drop had time to arrive.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

LEFT_MS = 80  # a click into a dialog of ours takes this long to arrive
HELD_MS = 40  # how often the button is asked for while it is held, and only then
DROP_MS = 250  # a drop reaches its target this long after the button went up


class Leaving(QObject):
    """Emits `left` when the popup should hide. `begin` when the focus goes, `stop` when it comes back."""

    left = Signal()

    def __init__(self, button_held: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._button_held = button_held
        self._from = QPoint()
        self._held = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """The focus went to another window."""
        self._from, self._held = QCursor.pos(), False
        self._timer.start(LEFT_MS)

    def stop(self) -> None:
        """The focus is back, or the popup is hidden: an earlier leave must not end the next showing."""
        self._timer.stop()

    def _look(self) -> None:
        if self._button_held():
            self._held = True
            self._timer.start(HELD_MS)
        elif self._held and self._dragged():
            self._held = False
            self._timer.start(DROP_MS)
        else:
            self.left.emit()

    def _dragged(self) -> bool:
        return (QCursor.pos() - self._from).manhattanLength() >= QApplication.startDragDistance()
