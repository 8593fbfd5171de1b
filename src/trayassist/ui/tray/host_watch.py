"""Noticing on X11 that a tray host came or went. Qt docks by itself; we want to say so and look at the new panel."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from trayassist.ui.tray.x11 import XConnection

SETTLE_MS = 300  # a new host announces itself before it takes icons


class TrayHostWatch(QObject):
    """Emits `changed` a moment after the X selection of the tray got another owner, or none."""

    changed = Signal()

    def __init__(self, connection: XConnection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.changed)
        connection.on_event(self._on_event)
        self._selection = connection.watch_selection(f"_NET_SYSTEM_TRAY_S{connection.display.get_default_screen()}")

    def _on_event(self, event: Any) -> None:
        if getattr(event, "selection", None) == self._selection and hasattr(event, "owner"):
            self._settle.start()
