"""A connection of our own to the X server, beside Qt's: for what Qt does not offer (hotkeys, drags, tray hosts)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal
from Xlib import X, Xatom, error
from Xlib.ext import xfixes
from Xlib.protocol import event as xevent

from trayassist.ui.hotkey.x11 import Keyboard, log_error

BUTTONS = X.Button1Mask | X.Button2Mask | X.Button3Mask
SOURCE_IS_A_PAGER = 2  # EWMH: asked for by the user, so focus stealing prevention lets it pass
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
        self._dragging = self._drag_is_known = False
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
        if (not types or FILES in types) and not self._drag_is_known:
            self._drag_is_known = True
            self.started.emit()

    def _look_at_buttons(self) -> None:
        if self._x.button_held():
            return
        self._poll.stop()
        self._guess.stop()
        self._dragging = False
        self._over.start()

    def _tell_end(self) -> None:
        if self._drag_is_known:
            self._drag_is_known = False
            self.ended.emit()

    def _names(self, window: Any, name: int) -> list[str]:
        answer = window.get_full_property(name, Xatom.ATOM)
        return [self._x.display.get_atom_name(atom) for atom in answer.value] if answer else []


class XConnection(QObject):
    """Tells handlers of X events, without a thread and without polling."""

    def __init__(self, parent: QObject | None = None, *, opened: Any, keyboard: Keyboard) -> None:
        super().__init__(parent)
        self.display, self._keyboard = opened, keyboard
        self.display.set_error_handler(log_error)
        self.root = self.display.screen().root
        self._handlers: list[Callable[[Any], None]] = []
        self._atoms: dict[str, int] = {}
        self._notifier = QSocketNotifier(self.display.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self.drain)
        self._compositor = self.watch_selection(f"_NET_WM_CM_S{self.display.get_default_screen()}")
        self._composited = bool(self.display.get_selection_owner(self._compositor) != X.NONE)
        self.on_event(self._on_compositor)

    def on_event(self, handler: Callable[[Any], None]) -> None:
        """Call `handler` with every event from now on."""
        self._handlers.append(handler)

    def drain(self) -> None:
        """Hand out the events that wait."""
        try:
            while self.display.pending_events():
                event = self.display.next_event()
                for handler in self._handlers:
                    handler(event)
        except error.ConnectionClosedError:
            self._notifier.setEnabled(False)  # the X server is gone, and Qt ends the program

    def settle(self) -> None:
        """Wait until the server did what was asked; events that came meanwhile are handed out soon."""
        self.display.sync()
        QTimer.singleShot(0, self, self.drain)  # they were read off the socket: it will not call for them again

    def atom(self, name: str) -> int:
        """Return the number of an atom; the server is asked once."""
        if name not in self._atoms:
            self._atoms[name] = int(self.display.intern_atom(name))
        return self._atoms[name]

    def window(self, identifier: int) -> Any:
        """Return the window with this number, also one of another program."""
        return self.display.create_resource_object("window", identifier)

    def watch_selection(self, name: str) -> int:
        """Ask for an event when a selection changes its owner; return the selection's atom."""
        atom = self.atom(name)
        self.display.xfixes_query_version()
        self.display.xfixes_select_selection_input(self.root, atom, xfixes.XFixesSetSelectionOwnerNotifyMask)
        self.settle()
        return atom

    def activate(self, identifier: int, time: int) -> None:
        """Ask the window manager to focus our window because of a key pressed at `time`."""
        message = xevent.ClientMessage(
            window=self.window(identifier),
            client_type=self.atom("_NET_ACTIVE_WINDOW"),
            data=(32, [SOURCE_IS_A_PAGER, time, 0, 0, 0]),
        )
        self.root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        self.display.flush()

    def hold_keys(self, identifier: int) -> None:
        """Take all keys from now on for our window, which is about to get the focus."""
        self._keyboard.hold(identifier)

    def drop_keys(self) -> None:
        """Hold no keys any more: our window is hidden."""
        self._keyboard.drop()

    def follow_focus(self, *, focused: bool) -> None:
        """Say whether our window has the focus; it gets the keys that were held for it when it has."""
        self._keyboard.follow_focus(focused=focused)

    def skip_taskbar(self, identifier: int) -> None:
        """Keep a window that is not mapped yet out of taskbar and pager; Qt keeps states it does not know."""
        states = [self.atom("_NET_WM_STATE_SKIP_TASKBAR"), self.atom("_NET_WM_STATE_SKIP_PAGER")]
        self.window(identifier).change_property(self.atom("_NET_WM_STATE"), Xatom.ATOM, 32, states)
        self.display.sync()

    def button_held(self) -> bool:
        """Return whether a mouse button is down, wherever the pointer is."""
        down = bool(self.root.query_pointer().mask & BUTTONS)
        QTimer.singleShot(0, self, self.drain)  # the reply may have come with events behind it
        return down

    def has_compositor(self) -> bool:
        """Return whether a compositor runs: windows can be see-through then. The server tells; it is not asked."""
        return self._composited

    def _on_compositor(self, event: Any) -> None:
        if getattr(event, "selection", None) == self._compositor and hasattr(event, "owner"):
            self._composited = bool(getattr(event.owner, "id", event.owner) != X.NONE)

    def close(self) -> None:
        """End the connection; all grabs end with it."""
        self._notifier.setEnabled(False)
        self._handlers.clear()
        self.display.close()
