"""The global hotkey: one interface, a backend for each platform, chosen by the kind of session.

X11 is chosen by session and not by trying: under XWayland a grab succeeds and then never fires.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from trayassist.api import TrayassistError
from trayassist.config.hotkeys import HotkeyRefused, KeyCombination, parse
from trayassist.ui.hotkey.base import TOGGLE_HINT, HotkeyBackend, HotkeyTaken, Lost, Pressed

if TYPE_CHECKING:
    from trayassist.config import Hotkey
    from trayassist.ui.hotkey.x11 import Keyboard

__all__ = ["HotkeyBackend", "HotkeyTaken", "Hotkeys", "kind_of_session"]

logger = logging.getLogger(__name__)


class Hotkeys(QObject):
    """The hotkey in force. `pressed(time, token)` is emitted at each press, `changed` when text or problem did.

    `text` is the key as people read it, "" while there is none; `problem` is a sentence, "" when all is well.
    """

    pressed = Signal("quint32", str)  # type: ignore[arg-type]  # a Python int would be a signed C int
    changed = Signal()

    def __init__(self, keyboard: Keyboard | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.text = self.problem = ""
        self.enabled = True
        self._keyboard = keyboard
        self._backend: HotkeyBackend | None = None
        self._turn = asyncio.Lock()

    @property
    def fixed_by_desktop(self) -> bool:
        """Whether the desktop, and not our settings, decides the key once it was granted."""
        return self._backend is not None and self._backend.fixed_by_desktop

    async def apply(self, settings: Hotkey) -> None:
        """Put the settings in force: take the key, or give it back. What goes wrong is told in `problem`."""
        async with self._turn:
            self.enabled, self.text, self.problem = settings.enabled, "", ""
            try:
                if self._backend is not None:
                    await self._backend.release()
                if settings.enabled:
                    self.text = await self._grab(parse(settings.ask))
                    logger.info("hotkey: %s opens the popup", self.text)
                self.changed.emit()
            except TrayassistError as error:
                self._report_loss(error)

    async def close(self) -> None:
        """Give the key back for good."""
        async with self._turn:
            if self._backend is not None:
                await self._backend.close()
            self._backend = None

    async def _grab(self, key: KeyCombination) -> str:
        if self._backend is None:
            kind = kind_of_session(sys.platform, os.environ)
            self._backend = make_backend(kind, self._keyboard, self.pressed.emit, self._report_loss)
        return await self._backend.grab(key)

    def _report_loss(self, error: TrayassistError) -> None:
        self.text, self.problem = "", str(error)
        logger.warning("hotkey: %s", self.problem)
        self.changed.emit()


def kind_of_session(platform: str, environment: Mapping[str, str]) -> str:
    """Return windows, macos, portal (Wayland), x11, or "" where no hotkey can be had."""
    if platform in ("win32", "darwin"):
        return "windows" if platform == "win32" else "macos"
    if environment.get("QT_QPA_PLATFORM", "") in ("offscreen", "minimal", "vnc"):
        return ""
    if environment.get("WAYLAND_DISPLAY") and environment.get("XDG_SESSION_TYPE") != "x11":
        return "portal"
    return "x11" if environment.get("DISPLAY") else ""


def make_backend(kind: str, keyboard: Keyboard | None, pressed: Pressed, lost: Lost) -> HotkeyBackend:
    """Return the backend for a kind of session. Raises HotkeyRefused where there is none."""
    if kind == "windows":
        from trayassist.ui.hotkey.windows import WindowsHotkey

        return WindowsHotkey(pressed)
    if kind == "macos":
        from trayassist.ui.hotkey.macos import MacHotkey

        return MacHotkey(pressed)
    if kind == "portal":
        from trayassist.ui.hotkey.portal import PortalHotkey

        return PortalHotkey(pressed, lost)
    if kind == "x11" and keyboard is not None:
        from trayassist.ui.hotkey.x11 import X11Hotkey

        return X11Hotkey(keyboard, pressed, lost)
    raise HotkeyRefused("This desktop offers no global hotkey.", TOGGLE_HINT)
