"""Changes of settings: written at once, taken over at once, and undone one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from trayassist import autostart, config
from trayassist.config import Section
from trayassist.models.registry import file as registry_file
from trayassist.models.serving import providers
from trayassist.paths import Paths

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

MOST_UNDONE = 100
AUTOSTART = "autostart"

Key = str | tuple[str, ...]
"""A dotted key of app.yaml; a path into registry.yaml (a tuple: names of models have dots); or AUTOSTART."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one setting."""

    key: Key
    old: Any
    new: Any


class SettingChanges(QObject):
    """Writes settings off the Qt thread, one after the other. `changed(key, value)` follows each, undo included."""

    changed = Signal(object, object)
    files_changed = Signal()  # after files that others wrote were taken over
    registry_changed = Signal()  # after a change of registry.yaml, from here or by `take_registry`

    def __init__(self, assistant: Assistant, parent: QObject) -> None:
        super().__init__(parent)
        self._assistant = assistant
        self._done: list[Change] = []
        self._turn = asyncio.Lock()

    @property
    def last(self) -> Change | None:
        """The change that `undo` would take back."""
        return self._done[-1] if self._done else None

    def value(self, key: Key) -> Any:
        """Return a setting in force; None for one that is nowhere set."""
        if key == AUTOSTART:
            return autostart.is_on()
        if isinstance(key, tuple):
            return value_at(self._assistant.registry, key)
        return value_at(self._assistant.config, key.split("."))

    async def set(self, key: Key, value: Any) -> None:
        """Write a setting and take it over. Raises ConfigError; nothing is changed then."""
        async with self._turn:
            old = self.value(key)
            if old == value:
                return
            await self._write(key, value)
            self._done = [*self._done, Change(key, old, value)][-MOST_UNDONE:]
        self.changed.emit(key, value)

    def question(self, change: Change) -> str:
        """Return what to ask before `change` is taken back: a provider would ask another machine; "" for others."""
        if not isinstance(change.key, tuple) or change.key[0] != "providers" or len(change.key) != 3:
            return ""
        name, field = change.key[1:]
        before = self._assistant.registry.providers.get(name)
        if before is None:
            return ""
        after = before.model_copy(update={field: change.old})
        return providers.question(name, after) if providers.asks_anew(before, after) else ""

    async def undo(self, confirmed: Change | None = None) -> Change | None:
        """Take the last change back and return it; None when there is none, or it has a `question` to confirm first.

        A `confirmed` change is taken back only while it is the last. Raises ConfigError.
        """
        async with self._turn:
            change = self.last
            if change is None or (confirmed is not change and (confirmed or self.question(change))):
                return None
            await self._write(change.key, change.old)
            self._done.pop()
        self.changed.emit(change.key, change.old)
        return change

    async def take_registry(self) -> None:
        """Take over a registry.yaml that was written by others. Raises ConfigError."""
        await self._assistant.reload_registry()
        self.registry_changed.emit()

    async def _write(self, key: Key, value: Any) -> None:
        plain = _plain(value)
        if key == AUTOSTART:
            await asyncio.to_thread(autostart.switch, value)
        elif isinstance(key, tuple):
            await asyncio.to_thread(registry_file.save, self._assistant.paths, key, plain)
            await self.take_registry()
        else:
            await asyncio.to_thread(_save, self._assistant.paths, key, plain)
            await self._assistant.reload_config()


def _plain(value: Any) -> Any:
    """Return a value as YAML writes it."""
    if isinstance(value, Section):
        return value.model_dump(mode="json")
    return list(value) if isinstance(value, tuple) else value


def _save(paths: Paths, key: str, value: Any) -> None:
    """Write a key of app.yaml; None, which only a plugin's setting that is nowhere set has, takes it out."""
    if value is None:
        config.remove_setting(paths, key)
    else:
        config.save_setting(paths, key, value)


def value_at(settings: Any, path: tuple[str, ...] | list[str]) -> Any:
    """Return what stands at `path` in nested settings; None where the path ends in a part that is not there."""
    value = settings
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None)
    return value
