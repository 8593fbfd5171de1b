"""The windows behind the tray menu: imported and built when first wanted, one of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from trayassist.ui.hotkey import Hotkeys
from trayassist.ui.theme import Theme

if TYPE_CHECKING:
    from trayassist.assistant import Assistant


class Opener(QObject):
    """Opens memory, activity, settings, the first steps and the choice of files."""

    asked = Signal(str)  # a question of the past, to be asked again
    settings_changed = Signal()
    remembered = Signal(object)  # files and folders to read
    page_wanted = Signal(object, object)  # a citation, and all those it is one of
    closed = Signal()

    def __init__(self, assistant: Assistant, theme: Theme, hotkeys: Hotkeys, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._assistant, self._theme, self._hotkeys = assistant, theme, hotkeys
        self._open: dict[str, QWidget] = {}

    def memory(self) -> None:
        """Show the memory window."""
        from trayassist.ui.windows.memory import MemoryWindow

        self._show("memory", lambda: MemoryWindow(self._assistant, self._theme))

    def activity(self) -> None:
        """Show the activity window."""
        from trayassist.ui.windows.activity import ActivityWindow

        def build() -> QWidget:
            window = ActivityWindow(self._assistant, self._theme)
            window.asked.connect(self.asked)
            return window

        self._show("activity", build)

    def settings(self) -> None:
        """Show the settings window."""
        from trayassist.ui.windows.settings import SettingsWindow

        def build() -> QWidget:
            window = SettingsWindow(self._assistant, self._hotkeys, self._theme)
            window.changed.connect(lambda _key, _value: self.settings_changed.emit())
            window.first_steps_wanted.connect(self.first_steps)
            return window

        self._show("settings", build)

    def first_steps(self, begin: str = "") -> None:
        """Show the first steps, from the first one or from the one that is named."""
        from trayassist.ui.first_run import FirstSteps

        def build() -> QWidget:
            window = FirstSteps(self._assistant, self._hotkeys, self._theme, self.remembered.emit, begin=begin)
            window.open_page.connect(self.page_wanted)
            window.changes.changed.connect(lambda _key, _value: self.settings_changed.emit())
            return window

        self._show("first steps", build)

    def shows(self, name: str) -> bool:
        """Return whether a window is open, by its name here."""
        return name in self._open

    def files(self, chosen: Callable[[list[Path]], object]) -> None:
        """Let the user choose files and call `chosen` with them."""

        def build() -> QWidget:
            dialog = QFileDialog(None, self.tr("Remember files"), str(Path.home()))
            dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
            dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Remember"))
            dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
            dialog.finished.connect(dialog.deleteLater)
            return dialog

        self._show("files", build)

    def close(self) -> None:
        """Close all of them."""
        for window in list(self._open.values()):
            window.close()

    def _show(self, name: str, build: Callable[[], QWidget]) -> None:
        window = self._open.get(name)
        if window is None:
            window = self._open[name] = build()
            window.destroyed.connect(lambda: self._forget(name))
        window.setWindowState(window.windowState() & ~window.windowState().WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def _forget(self, name: str) -> None:
        self._open.pop(name, None)
        self.closed.emit()
