"""The row of the global hotkey: the key, and how it stands with it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from trayassist.api import TrayassistError
from trayassist.ui.hotkey.base import TOGGLE_HINT, parse
from trayassist.ui.settings.hotkey_field import HotkeyField
from trayassist.ui.settings.rows import Row
from trayassist.ui.widgets.formats import tr

if TYPE_CHECKING:
    from trayassist.assistant import Assistant
    from trayassist.ui.hotkey import Hotkeys
    from trayassist.ui.settings.change import Changes


class Place(Protocol):
    """The window that the row is in."""

    changes: Changes

    def run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]: ...


class HotkeyRow(Row):
    """Takes a new key only when the desktop gives it; else the old one stays and the reason is said."""

    def __init__(self, assistant: Assistant, hotkeys: Hotkeys, window: Place) -> None:
        self.field = HotkeyField()
        super().__init__(tr("Hotkey"), self.field, " ", words=("hotkey ask shortcut key global",))
        self._assistant, self._hotkeys, self._window = assistant, hotkeys, window
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
            self.say_help(problem, "danger")
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
            self.say_error(tr("{key} was not taken. {why}").format(key=_readable(key), why=problem))
            return
        try:
            await self._window.changes.set("hotkey.ask", key)
        except TrayassistError as error:
            await self._hotkeys.apply(old)
            self.say_error(str(error))


def _readable(key: str) -> str:
    try:
        return parse(key).text
    except TrayassistError:
        return key
