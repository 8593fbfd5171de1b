"""Changes of settings: written at once, taken over at once, and undone one by one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from trayassist import config
from trayassist.config import App

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

MOST_UNDONE = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one setting, by its dotted key."""

    key: str
    old: Any
    new: Any


class Changes(QObject):
    """Writes settings off the Qt thread, one after the other. `changed(key, value)` follows each, undo included."""

    changed = Signal(str, object)

    def __init__(self, assistant: Assistant, parent: QObject) -> None:
        super().__init__(parent)
        self._assistant = assistant
        self._done: list[Change] = []
        self._turn = asyncio.Lock()

    @property
    def last(self) -> Change | None:
        """The change that `undo` would take back."""
        return self._done[-1] if self._done else None

    def value(self, key: str) -> Any:
        """Return a setting in force by its dotted key."""
        return value_of(self._assistant.config, key)

    async def set(self, key: str, value: Any) -> None:
        """Write a setting and take it over. Raises ConfigError; nothing is changed then."""
        async with self._turn:
            old = self.value(key)
            if old == value:
                return
            await self._write(key, value)
            self._done = [*self._done, Change(key, old, value)][-MOST_UNDONE:]
        self.changed.emit(key, value)

    async def undo(self) -> Change | None:
        """Take the last change back and return it, None when there is none. Raises ConfigError."""
        async with self._turn:
            if not self._done:
                return None
            change = self._done[-1]
            await self._write(change.key, change.old)
            self._done.pop()
        self.changed.emit(change.key, change.old)
        return change

    async def _write(self, key: str, value: Any) -> None:
        plain = list(value) if isinstance(value, tuple) else value
        await asyncio.to_thread(config.save_setting, self._assistant.paths, key, plain)
        await self._assistant.reload_config()


def value_of(settings: App, key: str) -> Any:
    """Return a setting by its dotted key."""
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value
