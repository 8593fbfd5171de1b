"""The row of the global hotkey: the key, and whether it works."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPushButton

from trayassist.api import TrayassistError
from trayassist.config.hotkeys import parse
from trayassist.ui.hotkey.base import TOGGLE_HINT, key_text
from trayassist.ui.settings.rows import SettingRow
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.window import Window

if TYPE_CHECKING:
    from trayassist.ui.hotkey import Hotkeys
    from trayassist.ui.settings.change import SettingChanges


class HotkeyRow(SettingRow):
    """Takes a new key only when the desktop gives it; else the old one stays and the reason is said."""

    def __init__(self, window: Window, hotkeys: Hotkeys, changes: SettingChanges) -> None:
        self.field = HotkeyField()
        super().__init__(tr("Hotkey"), self.field, " ", words=("hotkey ask shortcut key global",))
        self._assistant, self._hotkeys, self._changes = window.assistant, hotkeys, changes
        self.field.captured.connect(lambda key: window.run(self._change(key)))
        self.field.refused.connect(self.say_error)
        hotkeys.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show the key in force and whether it works."""
        settings, problem = self._assistant.config.hotkey, self._hotkeys.problem
        self.field.show_key(self._hotkeys.text or _readable(settings.ask))
        self.field.setEnabled(settings.enabled and not self._hotkeys.fixed_by_desktop)
        if not settings.enabled:
            self.say_help(tr("Switched off. {}").format(TOGGLE_HINT))
        elif problem:
            self.say_help(local(problem), "danger")
        elif self._hotkeys.fixed_by_desktop:
            self.say_help(tr("Your desktop decides this key; change it in the desktop's keyboard settings."))
        else:
            self.say_help(tr("Works in every window. Press the button, then the new keys."))

    async def follow(self) -> None:
        """Put the settings in force after a change (or its undo)."""
        await self._hotkeys.apply(self._assistant.config.hotkey)
        self.show_state()

    async def _change(self, key: str) -> None:
        """Try the key first: one that another program holds is not written."""
        old = self._assistant.config.hotkey
        self.say_error("")
        await self._hotkeys.apply(old.model_copy(update={"ask": key, "enabled": True}))
        if problem := self._hotkeys.problem:
            await self._hotkeys.apply(old)
            self.say_error(tr("{key} was not taken. {why}").format(key=_readable(key), why=local(problem)))
            return
        try:
            await self._changes.set("hotkey.ask", key)
        except TrayassistError as error:
            await self._hotkeys.apply(old)
            self.say_error(str(error))


def _readable(key: str) -> str:
    try:
        return key_text(parse(key))
    except TrayassistError:
        return key


_KEY = Qt.Key
NAMES = {
    _KEY.Key_Space: "space", _KEY.Key_Tab: "tab", _KEY.Key_Return: "enter", _KEY.Key_Enter: "enter",
    _KEY.Key_Backspace: "backspace", _KEY.Key_Insert: "insert", _KEY.Key_Delete: "delete", _KEY.Key_Home: "home",
    _KEY.Key_End: "end", _KEY.Key_PageUp: "pageup", _KEY.Key_PageDown: "pagedown", _KEY.Key_Up: "up",
    _KEY.Key_Down: "down", _KEY.Key_Left: "left", _KEY.Key_Right: "right", _KEY.Key_Pause: "pause",
    _KEY.Key_Print: "print", _KEY.Key_Menu: "menu", _KEY.Key_Minus: "minus", _KEY.Key_Equal: "equal",
    _KEY.Key_Comma: "comma", _KEY.Key_Period: "period", _KEY.Key_Slash: "slash", _KEY.Key_Backslash: "backslash",
    _KEY.Key_Semicolon: "semicolon", _KEY.Key_Apostrophe: "apostrophe", _KEY.Key_QuoteLeft: "grave",
    _KEY.Key_BracketLeft: "bracketleft", _KEY.Key_BracketRight: "bracketright", _KEY.Key_Escape: "escape",
}  # fmt: skip
ALONE = (_KEY.Key_Control, _KEY.Key_Alt, _KEY.Key_AltGr, _KEY.Key_Shift, _KEY.Key_Meta, _KEY.Key_Super_L)


class HotkeyField(QPushButton):
    """Shows the key; pressed, it takes the next combination. `captured` carries it as app.yaml writes it."""

    captured = Signal(str)
    refused = Signal(str)  # a sentence: why what was pressed cannot be a hotkey

    def __init__(self) -> None:
        super().__init__()
        self._key = ""
        self.waiting = False
        self.clicked.connect(self.begin)

    def show_key(self, key: str) -> None:
        """Show a key as people read it."""
        self._key = key
        if not self.waiting:
            self._say()

    def begin(self) -> None:
        """Wait for the new keys."""
        self.waiting = True
        self.setText(tr("Press the new keys… Esc keeps the old"))
        self.setFocus()

    def end(self) -> None:
        """Wait no longer; the key stays as it was."""
        self.waiting = False
        self._say()

    def event(self, event: QEvent) -> bool:
        """While it waits, every key is its own: no shortcut of the window and no Tab takes one away."""
        if self.waiting and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if self.waiting and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            self._take(event)
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field keeps the old key."""
        if self.waiting:
            self.end()
        super().focusOutEvent(event)

    def _take(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ALONE or event.isAutoRepeat():
            return
        modifiers = modifier_names(event.modifiers())
        if key == Qt.Key.Key_Escape and not modifiers:
            self.end()
            return
        text = "+".join((*modifiers, key_name(key)))
        self.end()
        try:
            self.captured.emit(parse(text).setting)
        except TrayassistError as error:
            self.refused.emit(str(error))

    def _say(self) -> None:
        self.setText(self._key or tr("None; press to choose"))
        self.setAccessibleDescription(tr("The hotkey is {}. Press to change it.").format(self.text()))


def key_name(key: Qt.Key) -> str:
    """Return our name of a key; for one that has none, what Qt calls it."""
    value = int(key)
    if Qt.Key.Key_A <= value <= Qt.Key.Key_Z or Qt.Key.Key_0 <= value <= Qt.Key.Key_9:
        return chr(value).lower()
    if Qt.Key.Key_F1 <= value <= Qt.Key.Key_F24:
        return f"f{value - Qt.Key.Key_F1 + 1}"
    return NAMES.get(key, key.name.removeprefix("Key_").lower())


def modifier_names(held: Qt.KeyboardModifier) -> list[str]:
    """Return the names of the modifiers that are held, in our order."""
    control, meta = ("super", "ctrl") if sys.platform == "darwin" else ("ctrl", "super")  # Qt swaps them on a Mac
    flags = Qt.KeyboardModifier
    names = {control: flags.ControlModifier, "alt": flags.AltModifier, "shift": flags.ShiftModifier}
    names[meta] = flags.MetaModifier
    return [name for name in ("ctrl", "alt", "shift", "super") if held & names[name]]
