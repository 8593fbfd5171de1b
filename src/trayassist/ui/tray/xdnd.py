"""Knowing on X11 that some program drags files, without polling while nobody drags.

XFixes tells when the XdndSelection gets an owner. What is dragged is asked by a TARGETS conversion;
Qt's drags do not answer it, so their XdndTypeList is read, and who says nothing is taken to drag files.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from Xlib import X, Xatom

from trayassist.ui.tray.x11 import XConnection

FILES = "text/uri-list"
BUTTON_POLL_MS = 120  # only while a drag runs: nobody else tells that the button went up
ANSWER_WAIT_MS = 150
DROP_WAIT_MS = 250  # the drop reaches its target after the button went up


class XdndWatch(QObject):
    """Emits `started` when a drag of files begins anywhere, and `ended` a moment after its button went up."""

    started = Signal()
    ended = Signal()

    def __init__(self, connection: XConnection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._x = connection
        self._dragging = self._told = False
        self._owner: Any = None
        self._targets = connection.atom("TARGETS")
        self._property = connection.atom("TRAYASSIST_TARGETS")
        self._window = connection.root.create_window(-5, -5, 1, 1, 0, 0, X.InputOnly)
        self._poll = QTimer(self, interval=BUTTON_POLL_MS)
        self._poll.timeout.connect(self._look_at_buttons)
        self._guess = QTimer(self, singleShot=True, interval=ANSWER_WAIT_MS)
        self._guess.timeout.connect(self._read_type_list)
        self._over = QTimer(self, singleShot=True, interval=DROP_WAIT_MS)
        self._over.timeout.connect(self._tell_end)
        connection.on_event(self._on_event)
        self._selection = connection.watch_selection("XdndSelection")

    def _on_event(self, event: Any) -> None:
        if event.type == X.SelectionNotify:
            if event.requestor == self._window and event.property != X.NONE and self._guess.isActive():
                self._guess.stop()
                self._decide(self._names(self._window, self._property))
        elif getattr(event, "selection", None) == self._selection and getattr(event, "owner", None):
            self._begin(event.owner)

    def _begin(self, owner: Any) -> None:
        if self._dragging or not self._x.button_held():
            return
        self._dragging, self._owner = True, self._x.window(getattr(owner, "id", owner))
        self._over.stop()
        self._poll.start()
        self._guess.start()
        self._window.convert_selection(self._selection, self._targets, self._property, X.CurrentTime)
        self._x.display.flush()

    def _read_type_list(self) -> None:
        if self._dragging:
            self._decide(self._names(self._owner, self._x.atom("XdndTypeList")))

    def _decide(self, types: list[str]) -> None:
        if (not types or FILES in types) and not self._told:
            self._told = True
            self.started.emit()

    def _look_at_buttons(self) -> None:
        if self._x.button_held():
            return
        self._poll.stop()
        self._guess.stop()
        self._dragging = False
        self._over.start()

    def _tell_end(self) -> None:
        if self._told:
            self._told = False
            self.ended.emit()

    def _names(self, window: Any, name: int) -> list[str]:
        answer = window.get_full_property(name, Xatom.ATOM)
        return [self._x.display.get_atom_name(atom) for atom in answer.value] if answer else []
