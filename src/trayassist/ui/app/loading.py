"""What is loaded after the tray icon is painted: in a thread, so that icon and signals answer meanwhile."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trayassist import config, logs
from trayassist.api import ConfigError
from trayassist.paths import Paths

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShippedSettings(Paths):
    """Paths that leave out those of the user's settings files that are wrong: the shipped ones are in force."""

    without: frozenset[str] = frozenset()

    @property
    def app_config(self) -> Path:
        return self.config / ("none" if "app" in self.without else "app.yaml")

    @property
    def registry(self) -> Path:
        return self.config / ("none" if "registry" in self.without else "registry.yaml")


@dataclass
class StartState:
    """What the thread found: paths whose settings can be read, and why others cannot."""

    paths: Paths
    settings: config.App
    display: Any = None  # an open X display
    problems: list[str] = field(default_factory=list)


def load(paths: Paths, *, x11: bool) -> StartState:
    """Start the log, read the settings, open the X display. Raises TrayassistError when nothing can work."""
    paths.make()
    logs.set_up(paths.app_log)
    usable, settings, problems = readable_settings(paths)
    return StartState(usable, settings, _open_display() if x11 else None, problems)


def readable_settings(paths: Paths) -> tuple[Paths, config.App, list[str]]:
    """Return paths under which all settings can be read, app.yaml's settings, and what was wrong."""
    from trayassist.models.registry import file as registry_file

    wrong: dict[str, str] = {}
    for name, read in (("app", config.load), ("registry", registry_file.load)):
        try:
            read(paths)
        except ConfigError as error:
            logger.warning("settings: %s", error)
            wrong[name] = f"{error} The shipped settings are in force."
    usable = ShippedSettings(paths.config, paths.data, frozenset(wrong)) if wrong else paths
    return usable, config.load(usable), list(wrong.values())


def _open_display() -> Any:
    from Xlib.error import DisplayError

    from trayassist.ui.tray.x11 import open_display

    try:
        return open_display()
    except (DisplayError, OSError) as error:  # Qt reached it, so only hotkey and drop are missing
        logger.warning("a second connection to the X server failed: %s", error)
        return None
