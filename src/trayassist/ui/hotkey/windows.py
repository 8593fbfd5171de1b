"""The hotkey on Windows: RegisterHotKey, and WM_HOTKEY seen by a native event filter.

Written from Microsoft's documentation; not run by us on Windows yet.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication

from trayassist.config.hotkeys import FUNCTION_KEYS, HotkeyRefused, KeyCombination
from trayassist.ui.hotkey.base import HotkeyTaken, Pressed, key_text

WM_HOTKEY = 0x0312
MOD_NOREPEAT = 0x4000
MASKS = {"alt": 0x1, "ctrl": 0x2, "shift": 0x4, "super": 0x8}
ERROR_HOTKEY_ALREADY_REGISTERED = 1409
OURS = 1  # the identifier of our only hotkey
VIRTUAL_KEYS = {
    "space": 0x20, "tab": 0x09, "enter": 0x0D, "escape": 0x1B, "backspace": 0x08, "insert": 0x2D, "delete": 0x2E,
    "home": 0x24, "end": 0x23, "pageup": 0x21, "pagedown": 0x22, "up": 0x26, "down": 0x28, "left": 0x25,
    "right": 0x27, "pause": 0x13, "print": 0x2C, "menu": 0x5D, "minus": 0xBD, "equal": 0xBB, "comma": 0xBC,
    "period": 0xBE, "slash": 0xBF, "backslash": 0xDC, "semicolon": 0xBA, "apostrophe": 0xDE, "grave": 0xC0,
    "bracketleft": 0xDB, "bracketright": 0xDD,
}  # fmt: skip
VIRTUAL_KEYS |= {name: 0x70 + number for number, name in enumerate(FUNCTION_KEYS)}


class WindowsHotkey(QAbstractNativeEventFilter):
    """One registered hotkey of the main thread."""

    fixed_by_desktop = False

    def __init__(self, pressed: Pressed) -> None:
        super().__init__()
        self._pressed = pressed
        self._held = False
        application = QCoreApplication.instance()
        assert application is not None
        application.installNativeEventFilter(self)

    async def grab(self, key: KeyCombination) -> str:
        code = VIRTUAL_KEYS.get(key.name) or ord(key.name.upper())
        mask = MOD_NOREPEAT | sum(MASKS[modifier] for modifier in key.modifiers)
        if not _user32().RegisterHotKey(None, OURS, mask, code):
            if _last_error() == ERROR_HOTKEY_ALREADY_REGISTERED:
                problem = f"{key_text(key)} is already taken by another program."
                raise HotkeyTaken(problem, "Choose another key in the settings.")
            raise HotkeyRefused(f"Windows did not give us {key_text(key)}.", "Choose another key in the settings.")
        self._held = True
        return key_text(key)

    async def release(self) -> None:
        if self._held:
            _user32().UnregisterHotKey(None, OURS)
        self._held = False

    async def close(self) -> None:
        await self.release()
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self)

    def nativeEventFilter(
        self, event_type: QByteArray | bytes | bytearray | memoryview[int], message: Any
    ) -> tuple[bool, int]:
        """Take WM_HOTKEY out of the messages of this thread."""
        if bytes(event_type) == b"windows_generic_MSG":  # type: ignore[arg-type]  # both types give their bytes
            received = _Message.from_address(int(message))
            if received.message == WM_HOTKEY and received.wParam == OURS:
                self._pressed(received.time, "")
                return True, 0
        return False, 0


class _Message(ctypes.Structure):
    """MSG of winuser.h."""

    _fields_ = (
        ("hwnd", ctypes.c_void_p),
        ("message", ctypes.c_uint),
        ("wParam", ctypes.c_size_t),
        ("lParam", ctypes.c_ssize_t),
        ("time", ctypes.c_uint32),
        ("x", ctypes.c_long),
        ("y", ctypes.c_long),
    )


def _user32() -> Any:
    assert sys.platform == "win32"
    return ctypes.WinDLL("user32", use_last_error=True)  # type: ignore[attr-defined]  # Windows only


def _last_error() -> int:
    assert sys.platform == "win32"
    return int(ctypes.get_last_error())  # type: ignore[attr-defined]  # Windows only
