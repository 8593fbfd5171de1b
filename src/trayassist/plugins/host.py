"""What a plugin gets while it loads: its settings, prompts, redaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from trayassist.api import (
    Chunk,
    Evidence,
    Fact,
    Message,
    Route,
    TrayassistError,
    Turn,
)
from trayassist.paths import Paths, shipped
from trayassist.safety import redaction

T = TypeVar("T")


class PluginHost:
    """A host that is bound to no request: settings and prompts. Everything else is refused in words."""

    def __init__(self, name: str, settings: Mapping[str, Any], paths: Paths) -> None:
        self.name, self._paths = name, paths
        self._settings = MappingProxyType(dict(settings))

    @property
    def settings(self) -> Mapping[str, Any]:
        return self._settings

    def prompt(self, name: str) -> str:
        """Return the prompt's text. Raises TrayassistError when there is none of that name."""
        for folder in (self._paths.config / "prompts", shipped("config/prompts")):
            file = folder / f"{name}.md"
            if file.parent.resolve() in file.resolve().parents and file.is_file():
                return file.read_text(encoding="utf-8").strip()
        raise TrayassistError(f"There is no prompt “{name}”.", f"Put {name}.md into {self._paths.config / 'prompts'}.")

    def redact(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Return the text with secrets masked, and the kinds of secrets that were in it."""
        return redaction.redact_kinds(text)

    async def in_thread(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.to_thread(function, *args)

    def generate(
        self, route: Route, messages: Sequence[Message], *, grammar: str = "", schema: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Chunk]:
        raise self._too_early()

    async def search(self, query: str, limit: int = 8) -> Evidence:
        raise self._too_early()

    async def quote(self, query: str, limit: int = 4) -> Evidence:
        raise self._too_early()

    async def summary(self, path: str, sentences: int = 7) -> Evidence:
        raise self._too_early()

    async def find_document(self, text: str) -> str | None:
        raise self._too_early()

    async def turns(self, limit: int = 6) -> Sequence[Turn]:
        raise self._too_early()

    async def remember(self, text: str) -> Fact:
        raise self._too_early()

    async def facts(self, query: str = "", limit: int = 50) -> Sequence[Fact]:
        raise self._too_early()

    async def forget_fact(self, fact_id: str) -> None:
        raise self._too_early()

    async def approve(self, question: str, yes: str) -> bool:
        raise self._too_early()

    def _too_early(self) -> TrayassistError:
        return TrayassistError(
            f"The plugin {self.name} asked for this while it was loading.", "It may only while answering."
        )


def host_for(name: str, settings: Mapping[str, Mapping[str, Any]], paths: Paths) -> PluginHost:
    """Return the plain host of the plugin `name` with its own section of the settings."""
    return PluginHost(name, settings.get(name, {}), paths)
