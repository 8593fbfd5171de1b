"""The host that a plugin gets while it loads: its settings, prompts, redaction, threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from trayassist.api import TrayassistError
from trayassist.paths import Paths, shipped_file
from trayassist.safety import redaction


class PluginHost:
    """The application's `SetupHost`: bound to no request."""

    def __init__(self, name: str, settings: Mapping[str, Any], paths: Paths) -> None:
        self.name, self._paths = name, paths
        self._settings = MappingProxyType(dict(settings))

    @property
    def settings(self) -> Mapping[str, Any]:
        """The plugin's own section of app.yaml."""
        return self._settings

    def prompt(self, name: str) -> str:
        """Return the prompt's text. Raises TrayassistError when there is none of that name."""
        for folder in (self._paths.config / "prompts", shipped_file("config/prompts")):
            file = folder / f"{name}.md"
            if file.parent.resolve() in file.resolve().parents and file.is_file():
                return file.read_text(encoding="utf-8").strip()
        raise TrayassistError(f"There is no prompt “{name}”.", f"Put {name}.md into {self._paths.config / 'prompts'}.")

    def redact(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Return the text with secrets masked, and the kinds of secrets that were in it."""
        return redaction.redact_kinds(text)

    async def in_thread[T](self, function: Callable[..., T], *args: Any) -> T:
        """Run a blocking function beside the event loop."""
        return await asyncio.to_thread(function, *args)


def host_for(name: str, settings: Mapping[str, Mapping[str, Any]], paths: Paths) -> PluginHost:
    """Return the setup host of the plugin `name`, with its own section of the settings."""
    return PluginHost(name, settings.get(name, {}), paths)
