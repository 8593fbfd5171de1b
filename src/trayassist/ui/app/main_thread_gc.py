"""Collecting garbage in the main thread only.

Python collects in whichever thread allocates; a window in a cycle of references would then be destroyed outside
Qt's thread, which crashes. So the automatic collector is off, and what makes garbage asks for a collection.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

AFTER_MS = 3000


class IdleCollector(QObject):
    """Collects a while after something happened, once however much happened meanwhile; rests when nothing does."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._timer.timeout.connect(gc.collect)
        gc.collect()
        gc.freeze()  # what is there now stays: collections need not walk it while an answer streams
        gc.disable()

    def soon(self) -> None:
        """Collect in a while."""
        if not self._timer.isActive():
            self._timer.start()

    def end(self) -> None:
        """Leave collecting to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
