"""The hotkey on X11: XGrabKey on a connection of our own. Nothing leaks to the focused program."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from PySide6.QtCore import QTimer
from Xlib import XK, X, error

from trayassist.config.hotkeys import HotkeyRefused, KeyCombination
from trayassist.ui.hotkey.base import HotkeyTaken, Lost, Pressed
from trayassist.ui.tray.x11 import XConnection

MASKS = {"ctrl": X.ControlMask, "alt": X.Mod1Mask, "shift": X.ShiftMask, "super": X.Mod4Mask}
KEYS_ONLY = 0xFF  # the low byte of an event's state is the modifiers; above are buttons and the layout group


class X11Hotkey:
    """Grabs the key in every state of the lock keys, and again when the keyboard's layout changes."""

    fixed_by_desktop = False

    def __init__(self, connection: XConnection, pressed: Pressed, lost: Lost) -> None:
        self._x, self._pressed, self._lost = connection, pressed, lost
        self._key: KeyCombination | None = None
        self._grabbed: list[tuple[int, int]] = []  # keycode and modifier mask, as given to the server
        self._keycode = self._mask = self._locks = 0
        self._place: tuple[int, int, tuple[int, ...]] = (0, 0, ())  # of the key as it is grabbed
        self._released_at = -1
        self._regrab = False
        connection.on_event(self._on_event)

    async def grab(self, key: KeyCombination) -> str:
        self._take(key)
        self._key = key
        return key.text

    async def release(self) -> None:
        self._key = None
        self._give_back()

    async def close(self) -> None:
        await self.release()

    def _place_of(self, key: KeyCombination) -> tuple[int, int, tuple[int, ...]]:
        """Return keycode, modifier mask and lock masks of a key on the keyboard as it is. Raises HotkeyRefused."""
        keysym = XK.string_to_keysym(key.keysym)
        keycode = self._x.display.keysym_to_keycode(keysym) if keysym else 0
        if not keycode:
            raise HotkeyRefused(f"This keyboard has no key for {key.text}.", "Choose another key in the settings.")
        return keycode, sum(MASKS[modifier] for modifier in key.modifiers), tuple(self._lock_masks())

    def _take(self, key: KeyCombination) -> None:
        keycode, mask, locks = self._place = self._place_of(key)
        states = [mask | sum(chosen) for n in range(len(locks) + 1) for chosen in combinations(locks, n)]
        refusals = []
        for state in states:
            refused = error.CatchError(error.BadAccess)
            self._x.root.grab_key(keycode, state, False, X.GrabModeAsync, X.GrabModeAsync, onerror=refused)
            refusals.append(refused)
        self._grabbed = [(keycode, state) for state in states]
        self._keycode, self._mask, self._locks = keycode, mask, sum(locks)
        self._x.settle()
        if any(refused.get_error() for refused in refusals):
            self._give_back()
            raise HotkeyTaken(
                f"{key.text} is already taken by another program.",
                "Choose another key in the settings, or free it there.",
            )

    def _give_back(self) -> None:
        for keycode, state in self._grabbed:
            self._x.root.ungrab_key(keycode, state)
        self._grabbed, self._keycode = [], 0
        self._x.settle()

    def _lock_masks(self) -> list[int]:
        """Return the modifier bits of CapsLock, NumLock and ScrollLock, as the keyboard has them now."""
        masks = [X.LockMask]
        rows = self._x.display.get_modifier_mapping()
        for name in ("Num_Lock", "Scroll_Lock"):
            keycode = self._x.display.keysym_to_keycode(XK.string_to_keysym(name))
            masks += [1 << i for i, row in enumerate(rows) if keycode and keycode in row and 1 << i not in masks]
        return masks

    def _on_event(self, event: Any) -> None:
        if event.type == X.KeyPress:
            self._key_pressed(event)
        elif event.type == X.KeyRelease and event.detail == self._keycode:
            self._released_at = event.time
        elif event.type == X.MappingNotify and event.request != X.MappingPointer:
            self._x.display.refresh_keyboard_mapping(event)
            if not self._regrab:  # a change of layout comes as several events: grab once, after the last
                self._regrab = True
                QTimer.singleShot(0, self._x, self._grab_again)

    def _key_pressed(self, event: Any) -> None:
        if event.detail != self._keycode or (event.state & KEYS_ONLY & ~self._locks) != self._mask:
            return
        if event.time == self._released_at:
            return  # a held key repeats as release and press at the same time
        self._pressed(event.time, "")

    def _grab_again(self) -> None:
        self._regrab = False
        if self._key is None:
            return
        try:
            if self._grabbed and self._place_of(self._key) == self._place:
                return  # another keyboard of the same kind: a press must not fall between two grabs
            self._give_back()
            self._take(self._key)
        except (HotkeyTaken, HotkeyRefused) as problem:
            self._lost(problem)
