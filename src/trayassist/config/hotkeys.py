"""Hotkeys as app.yaml writes them, such as ctrl+alt+space: modifiers and one key."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from trayassist.api import TrayassistError


class HotkeyRefused(TrayassistError):
    """The key is no key, or the desktop does not give it."""

    code = "hotkey_refused"


MODIFIERS = {
    "ctrl": "ctrl",
    "control": "ctrl",
    "alt": "alt",
    "option": "alt",
    "shift": "shift",
    "super": "super",
    "meta": "super",
    "win": "super",
    "cmd": "super",
}
ORDER = ("ctrl", "alt", "shift", "super")

# Our name of a key -> its X keysym name, which is also what the portal wants.
NAMED = {
    "space": "space",
    "tab": "Tab",
    "enter": "Return",
    "escape": "Escape",
    "backspace": "BackSpace",
    "insert": "Insert",
    "delete": "Delete",
    "home": "Home",
    "end": "End",
    "pageup": "Prior",
    "pagedown": "Next",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "pause": "Pause",
    "print": "Print",
    "menu": "Menu",
    "minus": "minus",
    "equal": "equal",
    "comma": "comma",
    "period": "period",
    "slash": "slash",
    "backslash": "backslash",
    "semicolon": "semicolon",
    "apostrophe": "apostrophe",
    "grave": "grave",
    "bracketleft": "bracketleft",
    "bracketright": "bracketright",
}
FUNCTION_KEYS = tuple(f"f{number}" for number in range(1, 25))
ALIASES = {"return": "enter", "esc": "escape", "del": "delete", "ins": "insert", "pgup": "pageup", "pgdown": "pagedown"}
ALONE = {*FUNCTION_KEYS, "pause", "print", "menu"}  # keys that nobody needs for typing


@dataclass(frozen=True, slots=True)
class KeyCombination:
    """A key with its modifiers, in a fixed order."""

    modifiers: tuple[str, ...]
    name: str

    @property
    def text(self) -> str:
        """As people read it: Ctrl+Alt+Space."""
        return "+".join(part.capitalize() for part in (*self.modifiers, self.name))

    @property
    def setting(self) -> str:
        """As app.yaml holds it: ctrl+alt+space."""
        return "+".join((*self.modifiers, self.name))

    @property
    def keysym(self) -> str:
        """The X name of the key: space, F5, a."""
        return NAMED.get(self.name) or (self.name.upper() if self.name in FUNCTION_KEYS else self.name)


def parse(text: str) -> KeyCombination:
    """Return the key that `text` names ("ctrl+alt+space"). Raises HotkeyRefused with the nearest right word."""
    parts = [part.strip().lower() for part in text.split("+")]
    if not all(parts):
        raise HotkeyRefused(f"“{text}” is not a key.", "Write modifiers and a key joined by +, such as ctrl+alt+space.")
    modifiers = {MODIFIERS[part] if part in MODIFIERS else _unknown(part, MODIFIERS, text) for part in parts[:-1]}
    if len(modifiers) < len(parts) - 1:
        raise HotkeyRefused(f"“{text}” names a key twice.", "Name each key once, such as ctrl+alt+space.")
    name = ALIASES.get(parts[-1], parts[-1])
    if name in MODIFIERS:
        raise HotkeyRefused(f"“{text}” has no key besides the modifiers.", "Add one, such as space.")
    plain = len(name) == 1 and name.isascii() and name.isalnum()
    if not plain and name not in NAMED and name not in FUNCTION_KEYS:
        _unknown(name, [*NAMED, *FUNCTION_KEYS, *ALIASES], text)
    if name not in ALONE and not modifiers - {"shift"}:
        raise HotkeyRefused(f"“{text}” is needed for typing.", "Add ctrl, alt or super.")
    return KeyCombination(tuple(m for m in ORDER if m in modifiers), name)


def _unknown(part: str, known: object, text: str) -> str:
    near = difflib.get_close_matches(part, list(known), n=1)  # type: ignore[call-overload]
    todo = f"Did you mean “{near[0]}”?" if near else "Use ctrl, alt, shift, super and a key, such as ctrl+alt+space."
    raise HotkeyRefused(f"“{part}” in “{text}” is not a key that can be used.", todo)
