"""What is loaded after the tray icon is painted: in a thread, so that icon and signals answer meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trayassist import config, logs
from trayassist.api import ConfigError
from trayassist.paths import Paths

if TYPE_CHECKING:
    from trayassist.ui.hotkey.x11 import Keyboard

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadablePaths(Paths):
    """Paths with other files in the place of the user's settings files that are wrong."""

    stand_ins: Mapping[str, Path] = field(default_factory=dict)

    @property
    def app_config(self) -> Path:
        return self.stand_ins.get("app", self.config / "app.yaml")

    @property
    def registry(self) -> Path:
        return self.stand_ins.get("registry", self.config / "registry.yaml")


@dataclass
class HotkeyState:
    """What the hotkey needs, which comes before the rest: a user may press it as soon as the icon is there."""

    settings: config.App | None  # None: app.yaml is wrong
    display: Any = None  # an open X display
    keyboard: Keyboard | None = None


def load_hotkey(paths: Paths, *, x11: bool) -> HotkeyState:
    """Start the log, open the X display, read which key it is. Raises TrayassistError when nothing can work."""
    paths.make()
    logs.set_up(paths.app_log)
    display, keyboard = _open_displays() if x11 else (None, None)
    try:
        settings = config.load(paths)
    except ConfigError:
        settings = None  # `load` says what is wrong, and what stands in
    return HotkeyState(settings, display, keyboard)


@dataclass
class StartState:
    """What the thread found: paths whose settings can be read, and why others cannot."""

    paths: Paths
    settings: config.App
    problems: list[str] = field(default_factory=list)


def load(paths: Paths) -> StartState:
    """Read all settings. Raises TrayassistError when nothing can work."""
    return StartState(*readable_settings(paths))


def readable_settings(paths: Paths) -> tuple[Paths, config.App, list[str]]:
    """Return paths under which all settings can be read, app.yaml's settings, and what was wrong.

    For a file that is wrong stands the last one that was right, or the shipped one: see `make_stand_in`.
    """
    from trayassist.models.registry import file as registry_file

    wrong: dict[str, ConfigError] = {}
    for name, read in (("app", config.load), ("registry", registry_file.load)):
        try:
            read(paths)
        except ConfigError as error:
            logger.warning("settings: %s", error)
            wrong[name] = error
    if not wrong:
        return paths, config.load(paths), []
    from trayassist.ui.app.settings_files import make_stand_in

    made = {name: make_stand_in(paths, name) for name in wrong}
    usable = ReadablePaths(paths.config, paths.data, {name: one.path for name, one in made.items()})
    return usable, config.load(usable), [f"{error} {made[name].says}" for name, error in wrong.items()]


def _open_displays() -> tuple[Any, Keyboard | None]:
    """Return a connection to the X server, and the keyboard with one of its own; Nones where that fails."""
    import platform

    vars(platform.uname())["processor"] = ""  # Xlib looks at uname() whole, and Python would start `uname -p` for it
    from Xlib.error import DisplayError

    from trayassist.ui.hotkey.x11 import Keyboard, open_display

    try:
        return open_display(), Keyboard()
    except (DisplayError, OSError) as error:  # Qt reached it, so only hotkey and drop are missing
        logger.warning("a second connection to the X server failed: %s", error)
        return None, None
