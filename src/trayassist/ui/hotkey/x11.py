"""The keyboard on X11: the hotkey (XGrabKey), and the keys typed between it and the moment our window has the focus.

All of it runs in a thread with a connection of its own: while Qt's thread is busy, no key may go to another program.
Nor before this thread has its turn: the server keeps all keys from the hotkey on until it is told where they go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import selectors
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from itertools import combinations
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from Xlib import XK, X, display, error
from Xlib.protocol import event as xevent
from Xlib.protocol import request

from trayassist.api import TrayassistError
from trayassist.config.hotkeys import HotkeyRefused, KeyCombination
from trayassist.ui.hotkey.base import HotkeyTaken, Lost, Pressed, key_text

logger = logging.getLogger(__name__)

MASKS = {"ctrl": X.ControlMask, "alt": X.Mod1Mask, "shift": X.ShiftMask, "super": X.Mod4Mask}
KEYS_ONLY = 0xFF  # the low byte of an event's state is the modifiers; above are buttons and the layout group
HOTKEY_MODIFIERS = X.ControlMask | X.Mod1Mask | X.Mod4Mask
UNSHOWN_S = 5.0  # keys are held at most this long for a window that is not shown yet: the program is still starting
UNFOCUSED_S = 2.0  # and for one that is shown and does not get the focus; it has them all the same
RELEASED_S = 5.0  # for the release of the hotkey, before the keyboard is given back


class Keyboard:
    """Follows the keyboard in a thread of its own. What is given to `run` is done there."""

    def __init__(self, *, opened: Any = None) -> None:
        self.display = opened or open_display()
        self.display.set_error_handler(log_error)
        self.root = self.display.screen().root
        self._handlers: list[Callable[[Any], None]] = []
        self._work: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._woken, self._wake = os.pipe()
        self._ended = False
        self._held = HeldKeys(self)
        self._thread = threading.Thread(target=self._follow, name="keyboard", daemon=True)
        self._thread.start()

    def run[T](self, work: Callable[[], T]) -> Future[T]:
        """Do `work` in the thread, before the next event; return its future."""
        future: Future[T] = Future()
        self._work.put((future, work))
        if self._ended:
            self._refuse_work()
        else:
            with contextlib.suppress(BrokenPipeError):  # it ends just now
                os.write(self._wake, b".")
        return future

    def on_event(self, handler: Callable[[Any], None]) -> None:
        """Call `handler` in the thread with every event from now on."""
        self._handlers.append(handler)

    def hold(self, identifier: int) -> None:
        """Take all keys from now on for our window, which is about to get the focus, until `follow_focus`."""
        self.run(partial(self._held.hold_for, identifier))

    def follow_focus(self, *, focused: bool) -> None:
        """Say whether our window has the focus; it gets the keys that were held for it when it has."""
        self.run(partial(self._held.follow_focus, focused))

    def drop(self) -> None:
        """Give the keyboard back without a word of what was typed: our window is hidden."""
        self.run(self._held.drop)

    def hold_from_hotkey(self, tell: Callable[[], None]) -> None:
        """In the thread: the hotkey was pressed. What is typed is for a window that will be shown when it is told."""
        self._held.begin()
        tell()  # the server does one thing after the other: the keyboard is taken before our window can be shown
        self._held.settle()

    def thaw(self) -> None:
        """In the thread: let the keys go on that wait in the server since the hotkey was pressed."""
        self.display.allow_events(X.AsyncKeyboard, X.CurrentTime)
        self.display.flush()

    def drain(self) -> None:
        """In the thread: hand out the events that wait."""
        while self.display.pending_events():
            event = self.display.next_event()
            for handler in self._handlers:
                handler(event)

    def close(self) -> None:
        """End thread and connection; all grabs end with it."""
        self.run(self._end)
        self._thread.join()
        os.close(self._wake)

    def _end(self) -> None:
        self._ended = True

    def _follow(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self.display.fileno(), selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            try:
                while not self._ended:
                    if any(key.fd == self._woken for key, _ in ready.select(self._held.seconds_left())):
                        os.read(self._woken, 1024)
                    while not self._work.empty():
                        self._do(*self._work.get())
                    self._held.look_at_clock()
                    self.drain()
                    self._held.end_when_released()
            except error.ConnectionClosedError:  # the X server is gone, and Qt ends the program
                self._ended = True
        self.display.close()
        os.close(self._woken)
        self._refuse_work()

    def _do(self, future: Future[Any], work: Callable[[], Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(work())
        except error.ConnectionClosedError:
            future.set_exception(_connection_error())
            raise
        except Exception as problem:  # barrier: the thread goes on, who asked is told
            future.set_exception(problem)

    def _refuse_work(self) -> None:
        while not self._work.empty():
            future, _ = self._work.get()
            if future.set_running_or_notify_cancel():
                future.set_exception(_connection_error())


def _connection_error() -> HotkeyRefused:
    return HotkeyRefused("The connection to the X server has ended.", "Start trayassist again.")


class HeldKeys:
    """Holds what is typed from the press of the hotkey until our window has the focus, in the keyboard's thread.

    The keyboard is grabbed meanwhile. Its events are sent on to the window in their order, so that layout and input
    method do their work there. Keys with Ctrl, Alt or Super are those of the hotkey, and are not sent.
    """

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard, self._x = keyboard, keyboard.display
        self._holding = self._handing_over = self._focused = False
        self._window: Any = None
        self._events: list[Any] = []
        self._down: set[int] = set()  # keycodes of the hotkey that are not released yet
        self._until = 0.0
        self._grab: Any = None  # requests on their way to the server
        self._keymap: Any = None
        keyboard.on_event(self._on_event)

    def begin(self) -> None:
        """Send for the keyboard, unless our window has the focus, and for the keys that are down; `settle` waits."""
        if self._holding or self._focused:
            return
        self._grab = request.GrabKeyboard(
            display=self._x.display, defer=True, owner_events=False, grab_window=self._keyboard.root.id,
            time=X.CurrentTime, pointer_mode=X.GrabModeAsync, keyboard_mode=X.GrabModeAsync,
        )  # fmt: skip
        self._keymap = request.QueryKeymap(display=self._x.display, defer=True)
        self._x.flush()

    def settle(self) -> None:
        """Take the answers to `begin`: another program may have the keyboard; keys that are down are the hotkey's."""
        if self._grab is None:
            return
        grab, self._grab = self._grab, None
        grab.reply()
        self._keymap.reply()
        if grab.status != X.GrabSuccess:
            return
        self._holding, self._handing_over = True, False
        self._window, self._events = None, []
        self._until = time.monotonic() + UNSHOWN_S
        self._down = {8 * at + bit for at, byte in enumerate(self._keymap.map) for bit in range(8) if byte >> bit & 1}

    def hold_for(self, identifier: int) -> None:
        """The keys are for this window, which is about to be shown."""
        self._focused = False
        if not self._holding:
            self.begin()
            self.settle()
        if self._holding and not self._handing_over:
            self._window = self._x.create_resource_object("window", identifier)
            self._until = time.monotonic() + UNFOCUSED_S

    def follow_focus(self, focused: bool) -> None:
        """Hand over what was typed once the window has the focus."""
        self._focused = focused
        if focused:
            self._hand_over()

    def drop(self) -> None:
        """End without sending anything."""
        self._window, self._events = None, []
        if self._holding:
            self._end()

    def seconds_left(self) -> float | None:
        """Return how long to wait for events at most; None while nothing is held."""
        return max(0.0, self._until - time.monotonic()) if self._holding else None

    def look_at_clock(self) -> None:
        """End what takes too long: a window that does not come, no focus, a hotkey that is not released."""
        if not self._holding or time.monotonic() < self._until:
            return
        if self._window is not None and not self._handing_over:
            self._hand_over()
        else:
            self._end()

    def end_when_released(self) -> None:
        """Give the keyboard back once the hotkey is released: one that is held would count as another press."""
        if self._handing_over and not self._down:
            self._end()

    def _hand_over(self) -> None:
        if self._window is not None and not self._handing_over:
            self._handing_over, self._until = True, time.monotonic() + RELEASED_S
            self._send()

    def _end(self) -> None:
        # frozen, the server keeps what is typed until all before it is sent: no key overtakes another
        self._keyboard.root.grab_keyboard(False, X.GrabModeAsync, X.GrabModeSync, X.CurrentTime)
        self._keyboard.drain()
        self._send()
        self._x.ungrab_keyboard(X.CurrentTime)
        self._x.flush()
        self._holding = self._handing_over = False
        self._window, self._events = None, []

    def _send(self) -> None:
        events, self._events = self._events, []
        for event in events if self._window is not None else ():
            kind = xevent.KeyPress if event.type == X.KeyPress else xevent.KeyRelease
            copy = kind(
                window=self._window, root=self._keyboard.root, child=X.NONE, same_screen=1, time=event.time,
                root_x=0, root_y=0, event_x=0, event_y=0, state=event.state, detail=event.detail,
            )  # fmt: skip
            self._window.send_event(copy, event_mask=X.KeyPressMask | X.KeyReleaseMask)
        self._x.flush()

    def _on_event(self, event: Any) -> None:
        if not self._holding or event.type not in (X.KeyPress, X.KeyRelease):
            return
        of_hotkey = bool(event.state & HOTKEY_MODIFIERS)
        if event.type == X.KeyRelease:
            self._down.discard(event.detail)
        elif of_hotkey:
            self._down.add(event.detail)  # it repeats
        if not of_hotkey:
            self._events.append(event)
            if self._handing_over:
                self._send()


class X11Hotkey(QObject):
    """Grabs the key in every state of the lock keys, and again when the keyboard's layout changes."""

    fixed_by_desktop = False
    _press_seen = Signal("quint32")  # type: ignore[arg-type]  # a Python int would be a signed C int
    _loss_seen = Signal(object)

    def __init__(self, keyboard: Keyboard, pressed: Pressed, lost: Lost) -> None:
        super().__init__()
        self._keyboard, self._pressed, self._lost = keyboard, pressed, lost
        self._key: KeyCombination | None = None
        self._grabbed: list[tuple[int, int]] = []  # keycode and modifier mask, as given to the server
        self._keycode = self._mask = self._locks = 0
        self._place: tuple[int, int, tuple[int, ...]] = (0, 0, ())  # of the key as it is grabbed
        self._released_at = -1
        self._regrab = False
        self._press_seen.connect(self._report_press, Qt.ConnectionType.QueuedConnection)
        self._loss_seen.connect(self._report_loss, Qt.ConnectionType.QueuedConnection)
        keyboard.on_event(self._on_event)

    async def grab(self, key: KeyCombination) -> str:
        await asyncio.wrap_future(self._keyboard.run(partial(self._take, key)))
        return key_text(key)

    async def release(self) -> None:
        await asyncio.wrap_future(self._keyboard.run(self._give_back))

    async def close(self) -> None:
        await self.release()

    def _report_press(self, time: int) -> None:
        self._pressed(time, "")

    def _report_loss(self, problem: TrayassistError) -> None:
        self._lost(problem)

    # ------------------------------------------------------------ in the keyboard's thread

    def _place_of(self, key: KeyCombination) -> tuple[int, int, tuple[int, ...]]:
        """Return keycode, modifier mask and lock masks of a key on the keyboard as it is. Raises HotkeyRefused."""
        keysym = XK.string_to_keysym(key.keysym)
        keycode = self._keyboard.display.keysym_to_keycode(keysym) if keysym else 0
        if not keycode:
            raise HotkeyRefused(f"This keyboard has no key for {key_text(key)}.", "Choose another key in the settings.")
        return keycode, sum(MASKS[modifier] for modifier in key.modifiers), tuple(self._lock_masks())

    def _take(self, key: KeyCombination) -> None:
        keycode, mask, locks = self._place = self._place_of(key)
        states = [mask | sum(chosen) for n in range(len(locks) + 1) for chosen in combinations(locks, n)]
        refusals = []
        for state in states:
            refused = error.CatchError(error.BadAccess)
            self._keyboard.root.grab_key(keycode, state, False, X.GrabModeAsync, X.GrabModeSync, onerror=refused)
            refusals.append(refused)
        self._grabbed = [(keycode, state) for state in states]
        self._keycode, self._mask, self._locks = keycode, mask, sum(locks)
        self._keyboard.display.sync()
        if any(refused.get_error() for refused in refusals):
            self._give_back()
            raise HotkeyTaken(
                f"{key_text(key)} is already taken by another program.",
                "Choose another key in the settings, or free it there.",
            )
        self._key = key

    def _give_back(self) -> None:
        for keycode, state in self._grabbed:
            self._keyboard.root.ungrab_key(keycode, state)
        self._keyboard.thaw()  # it may have been pressed just now
        self._grabbed, self._keycode, self._key = [], 0, None
        self._keyboard.display.sync()

    def _lock_masks(self) -> list[int]:
        """Return the modifier bits of CapsLock, NumLock and ScrollLock, as the keyboard has them now."""
        masks = [X.LockMask]
        rows = self._keyboard.display.get_modifier_mapping()
        for name in ("Num_Lock", "Scroll_Lock"):
            keycode = self._keyboard.display.keysym_to_keycode(XK.string_to_keysym(name))
            masks += [1 << i for i, row in enumerate(rows) if keycode and keycode in row and 1 << i not in masks]
        return masks

    def _on_event(self, event: Any) -> None:
        if event.type == X.KeyPress:
            self._key_pressed(event)
        elif event.type == X.KeyRelease and event.detail == self._keycode:
            self._released_at = event.time
        elif event.type == X.MappingNotify and event.request != X.MappingPointer:
            self._keyboard.display.refresh_keyboard_mapping(event)
            if not self._regrab:  # a change of layout comes as several events: grab once, after the last
                self._regrab = True
                self._keyboard.run(self._grab_again)

    def _key_pressed(self, event: Any) -> None:
        if event.detail != self._keycode:
            return
        is_repeat = event.time == self._released_at  # a held key repeats as release and press at the same time
        if (event.state & KEYS_ONLY & ~self._locks) == self._mask and not is_repeat:
            self._keyboard.hold_from_hotkey(partial(self._press_seen.emit, event.time))
        self._keyboard.thaw()

    def _grab_again(self) -> None:
        self._regrab = False
        key = self._key
        if key is None:
            return
        try:
            if self._grabbed and self._place_of(key) == self._place:
                return  # another keyboard of the same kind: a press must not fall between two grabs
            self._give_back()
            self._take(key)
        except (HotkeyTaken, HotkeyRefused) as problem:
            self._key = key  # a later layout may have it again
            self._loss_seen.emit(problem)


def open_display() -> Any:
    """Return an open display. Raises Xlib.error.DisplayError. Takes some 20 ms: may be called in a thread."""
    return display.Display()


def log_error(problem: Any, _request: Any) -> None:
    """Note an error that nobody waits for."""
    logger.debug("X error: %s", problem)  # windows of other programs go away at any time; nothing depends on it
