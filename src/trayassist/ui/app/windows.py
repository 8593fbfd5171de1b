"""The windows behind the tray menu: imported in a thread, built when first wanted, one of each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from trayassist.ui.hotkey import Hotkeys
from trayassist.ui.widgets.theme import Theme

if TYPE_CHECKING:
    from trayassist.assistant import Assistant
    from trayassist.ui.activity.window import ActivityWindow
    from trayassist.ui.settings.window import SettingsWindow

logger = logging.getLogger(__name__)

MODULES = {
    "memory": "trayassist.ui.memory.window",
    "activity": "trayassist.ui.activity.window",
    "settings": "trayassist.ui.settings.window",
    "first steps": "trayassist.ui.first_run",
}
FIRST_PAGE = "trayassist.ui.settings.general"  # which the settings open with
ICONS = "file memory search activity warning shield person settings chip layers key plus lock page"  # of the sidebars


class Opener(QObject):
    """Opens memory, activity, settings, the first steps and the choice of files.

    A window whose code is not imported yet appears a moment later: the loop answers meanwhile.
    """

    asked = Signal(str)  # a question of the past, to be asked again
    settings_changed = Signal()
    remembered = Signal(object)  # files and folders to read
    page_wanted = Signal(object, object)  # a citation, and all those it is one of
    closed = Signal()

    def __init__(self, assistant: Assistant, theme: Theme, hotkeys: Hotkeys, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._assistant, self._theme, self._hotkeys = assistant, theme, hotkeys
        self._open: dict[str, QWidget] = {}
        self._imported: set[str] = set()
        self._on_the_way: dict[str, asyncio.Task[None]] = {}

    async def prepare(self) -> None:
        """Import and draw what the windows of the menu need, so that they open at once; returns when that is done."""
        for name in ("memory", "activity", "settings"):
            await self._import(name)
        await asyncio.to_thread(import_module, FIRST_PAGE)
        for icon in ICONS.split():
            self._theme.icon(icon, "muted")  # kept drawn by the theme
            await asyncio.sleep(0)

    def memory(self) -> None:
        """Show the memory window."""

        def build() -> QWidget:
            from trayassist.ui.memory.window import MemoryWindow

            window = MemoryWindow(self._assistant, self._theme)
            window.models_dropped.connect(self.models)
            return window

        self._show("memory", build)

    def activity(self) -> None:
        """Show what was done."""
        self._show_activity(lambda window: window.show_activity())

    def history(self) -> None:
        """Show earlier questions and answers."""
        self._show_activity(lambda window: window.show_history())

    def _show_activity(self, go: Callable[[ActivityWindow], object]) -> None:
        def build() -> QWidget:
            from trayassist.ui.activity.window import ActivityWindow

            window = ActivityWindow(self._assistant, self._theme)
            window.asked.connect(self.asked)
            return window

        self._show("activity", build, lambda window: go(cast("ActivityWindow", window)))

    def settings(self, then: Callable[[SettingsWindow], object] = lambda _: None) -> None:
        """Show the settings window, and do `then` with it."""

        def build() -> QWidget:
            from trayassist.ui.settings.window import SettingsWindow

            window = SettingsWindow(self._assistant, self._hotkeys, self._theme)
            window.changed.connect(lambda _key, _value: self.settings_changed.emit())
            window.first_steps_wanted.connect(self.first_steps)
            return window

        self._show("settings", build, lambda window: then(cast("SettingsWindow", window)))

    def models(self, files: Sequence[Path]) -> None:
        """Ask in the settings what these GGUF files are for, and add them."""
        self.settings(lambda window: window.add_models(files))

    def first_steps(self, begin: str = "") -> None:
        """Show the first steps, from the first one or from the one that is named."""

        def build() -> QWidget:
            from trayassist.ui.first_run import FirstSteps

            window = FirstSteps(self._assistant, self._hotkeys, self._theme, self.remembered.emit, begin=begin)
            window.open_page.connect(self.page_wanted)
            window.changes.changed.connect(lambda _key, _value: self.settings_changed.emit())
            return window

        self._show("first steps", build)

    def shows(self, name: str) -> bool:
        """Return whether a window is open, or about to be, by its name here."""
        return name in self._open or name in self._on_the_way

    def files(self, chosen: Callable[[list[Path]], object]) -> None:
        """Let the user choose files and call `chosen` with them."""

        def build() -> QWidget:
            dialog = QFileDialog(None, self.tr("Remember files"), str(Path.home()))
            dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
            dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Remember"))
            dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
            dialog.finished.connect(dialog.deleteLater)
            return dialog

        self._place("files", build)

    def follow_files(self) -> None:
        """Let the settings window show what was taken over from settings files that others wrote."""
        if "settings" in self._open:
            from trayassist.ui.settings.window import SettingsWindow

            window = self._open["settings"]
            assert isinstance(window, SettingsWindow)
            window.follow_files()

    def close(self) -> None:
        """Close all of them."""
        for task in self._on_the_way.values():
            task.cancel()
        for window in list(self._open.values()):
            window.close()

    # ------------------------------------------------------------ inside

    async def _import(self, name: str) -> None:
        await asyncio.to_thread(import_module, MODULES[name])
        self._imported.add(name)

    def _show(
        self, name: str, build: Callable[[], QWidget], then: Callable[[QWidget], object] = lambda _: None
    ) -> None:
        """Show the window `name`, made by `build` if it is not open, and do `then` with it."""
        if name in self._imported:
            self._place(name, build, then)
        elif name not in self._on_the_way:
            task = asyncio.get_running_loop().create_task(self._import_and_place(name, build, then))
            self._on_the_way[name] = task
            task.add_done_callback(lambda ended: self._on_imported(name, ended))

    async def _import_and_place(
        self, name: str, build: Callable[[], QWidget], then: Callable[[QWidget], object]
    ) -> None:
        await self._import(name)
        self._place(name, build, then)

    def _on_imported(self, name: str, task: asyncio.Task[None]) -> None:
        self._on_the_way.pop(name, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("the window %s did not open", name, exc_info=error)

    def _place(
        self, name: str, build: Callable[[], QWidget], then: Callable[[QWidget], object] = lambda _: None
    ) -> None:
        window = self._open.get(name)
        if window is None:
            window = self._open[name] = build()
            window.destroyed.connect(lambda: self._forget(name))
        then(window)
        window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def _forget(self, name: str) -> None:
        self._open.pop(name, None)
        self.closed.emit()
