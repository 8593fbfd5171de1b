"""What all hotkey backends share: the calls that each answers, and the error for a key that is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from trayassist.api import TrayassistError
from trayassist.config.hotkeys import KeyCombination

Pressed = Callable[[int, str], None]  # the display server's time of the press in ms (0 = unknown), activation token

Lost = Callable[[TrayassistError], None]  # the key that was granted is gone, and why

TOGGLE_HINT = "Bind the command “trayassist toggle” to a key in your desktop's settings."

_ON_KEYBOARDS = {"Pageup": "PgUp", "Pagedown": "PgDown", "Delete": "Del", "Insert": "Ins", "Escape": "Esc"}


def key_text(key: KeyCombination) -> str:
    """Return the key as people read it, in the language of the windows: Ctrl+Alt+Space, Strg+Alt+Leertaste."""
    parts = (_ON_KEYBOARDS.get(part, part) for part in key.text.split("+"))
    return "+".join(QCoreApplication.translate("QShortcut", part) for part in parts)  # Qt knows them in its languages


class HotkeyTaken(TrayassistError):
    """Another program holds the key."""

    code = "hotkey_taken"


class HotkeyBackend(Protocol):
    """One platform's way to be told of a key that is pressed in any window."""

    fixed_by_desktop: bool  # the user chooses the key in the desktop's own settings

    async def grab(self, key: KeyCombination) -> str:
        """Ask for `key`; return what the desktop calls the key in force. Raises HotkeyTaken or HotkeyRefused."""
        ...

    async def release(self) -> None:
        """Give the key back. Safe without a key."""
        ...

    async def close(self) -> None:
        """Give back all that the backend holds; it is not used again."""
        ...
