"""The hotkey on macOS: Carbon's RegisterEventHotKey through quickmachotkey; needs no Accessibility permission.

Written from the package's source; not run by us on macOS yet. The package keeps Carbon's result to itself,
so a key that another program holds cannot be told from a free one.
"""

from __future__ import annotations

from typing import Any

from trayassist.config.hotkeys import HotkeyRefused, KeyCombination
from trayassist.ui.hotkey.base import Pressed, key_text

MASKS = {"ctrl": "controlKey", "alt": "optionKey", "shift": "shiftKey", "super": "cmdKey"}
CODES = {
    "enter": "kVK_Return", "backspace": "kVK_Delete", "delete": "kVK_ForwardDelete", "pageup": "kVK_PageUp",
    "pagedown": "kVK_PageDown", "up": "kVK_UpArrow", "down": "kVK_DownArrow", "left": "kVK_LeftArrow",
    "right": "kVK_RightArrow", "apostrophe": "kVK_ANSI_Quote", "bracketleft": "kVK_ANSI_LeftBracket",
    "bracketright": "kVK_ANSI_RightBracket", "space": "kVK_Space", "tab": "kVK_Tab", "escape": "kVK_Escape",
    "home": "kVK_Home", "end": "kVK_End",
}  # fmt: skip


class MacHotkey:
    """One registered hotkey; Carbon calls back on the main thread, inside Qt's event loop."""

    fixed_by_desktop = False

    def __init__(self, pressed: Pressed) -> None:
        self._pressed = pressed
        self._registered: Any = None

    async def grab(self, key: KeyCombination) -> str:
        from quickmachotkey import constants, mask, quickHotKey

        code = getattr(constants, CODES.get(key.name) or _constant(key.name), None)
        if code is None:
            raise HotkeyRefused(f"This keyboard has no key for {key_text(key)}.", "Choose another key in the settings.")
        modifiers = mask(*(getattr(constants, MASKS[modifier]) for modifier in key.modifiers))

        def fire() -> None:
            self._pressed(0, "")

        self._registered = quickHotKey(virtualKey=code, modifierMask=modifiers)(fire)
        return key_text(key)

    async def release(self) -> None:
        if self._registered is not None:
            self._registered.unregister()
        self._registered = None

    async def close(self) -> None:
        await self.release()


def _constant(name: str) -> str:
    return f"kVK_{name.upper()}" if name[0] == "f" and name[1:].isdigit() else f"kVK_ANSI_{name.capitalize()}"
