"""What the tray tells of models: which role has to do without its own, and why (F-27)."""

from __future__ import annotations

from PySide6.QtCore import QObject

from trayassist.models.serving.engine import Engine
from trayassist.ui.tray.tray import Tray


class ModelNews(QObject):
    """Follows the models of one engine until `close`; what is right again is not told any more."""

    def __init__(self, engine: Engine, tray: Tray, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._tray = engine, tray
        self._told: set[str] = set()
        engine.changed.append(self.look)

    def close(self) -> None:
        """Follow no more."""
        if self.look in self._engine.changed:
            self._engine.changed.remove(self.look)

    def look(self) -> None:
        """Tell of each model that is missed, once, until it is there."""
        found = self._engine.trouble()
        for gone in self._told - set(found):
            self._tray.set_problem(f"model {gone}", "")
        for sentence in found:
            self._tray.set_problem(f"model {sentence}", sentence)
        self._told = set(found)
