"""Adding a model's file to the registry, and taking one out: both asked and told in place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from trayassist.api import TrayassistError
from trayassist.ui.settings.rows import Page
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.window import Notice

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow


class Adding(QObject):
    """Takes GGUF files into the registry. What happens is said in `notice`."""

    def __init__(self, window: SettingsWindow, page: Page) -> None:
        super().__init__(page)
        self._window = window
        self.notice = Notice(page, margin=0)

    def choose(self) -> None:
        """Let the user choose files."""
        dialog = QFileDialog(self._window, tr("Add a model"), str(Path.home()), tr("Models (*.gguf)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, tr("Add"))
        dialog.filesSelected.connect(lambda names: self.add([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def add(self, files: Sequence[Path]) -> None:
        """Add these files, one after the other."""
        self._window.run(self._add(files))

    def ask_to_remove(self, name: str) -> None:
        """Ask before a model leaves the registry; roles that use it are named."""
        registry = self._window.assistant.registry
        users = [role for role, settings in registry.roles.items() if name in (settings.model, *settings.fallback)]
        text = tr("Take {} out of the registry? Its file stays where it is.").format(name)
        if users:
            text += " " + tr("These roles use it and will have no model: {}.").format(", ".join(users))
        self.notice.ask(text, tr("Remove"), lambda: self._window.run(self._remove(name)))

    async def _add(self, files: Sequence[Path]) -> None:
        said, problems = [], []
        for file in files:
            self.notice.say(tr("Reading {}…").format(file.name))
            try:
                added = await self._window.assistant.entries.add(file)
            except TrayassistError as error:
                problems.append(str(error))
            else:
                said.append(added.says)
        self._window.changes.registry_changed.emit()
        self.notice.say(" ".join((*said, *problems)), look="danger" if problems else "raised")

    async def _remove(self, name: str) -> None:
        try:
            roles = await self._window.assistant.entries.remove(name)
        except TrayassistError as error:
            self.notice.say(str(error), look="danger")
            return
        self._window.changes.registry_changed.emit()
        left = tr("These roles have no model now: {}.").format(", ".join(roles)) if roles else ""
        self.notice.say(" ".join((tr("{} is no longer in the registry.").format(name), left)).strip())
