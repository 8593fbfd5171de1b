"""The panel that imports adapters: a place to drop them, buttons to choose them, progress and problems."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QFrame, QProgressBar, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from trayassist.api import TrayassistError
from trayassist.models.adapters.record import AdapterRecord
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label, row

if TYPE_CHECKING:
    from trayassist.models.adapters import Adapters
    from trayassist.ui.settings.window import SettingsWindow


def stages() -> dict[str, str]:
    """Return the line for each stage of an import; `{}` stands for the file."""
    return {
        "reading": tr("Reading {}"),
        "copying": tr("Copying {}"),
        "converting": tr("Converting {}"),
        "hashing": tr("Checking which model {} is for"),
    }


class ImportPanel(QFrame):
    """The place where adapters come in. One import at a time; what is dropped meanwhile waits."""

    def __init__(self, window: SettingsWindow, room: Adapters) -> None:
        super().__init__()
        self._window, self._room = window, room
        self._waiting: list[Path] = []
        self._problems: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self.setObjectName("drop_here")
        self._hint = label(tr("Drop a GGUF adapter or a PEFT folder here."), "", wrap=True)
        self.file_button = QPushButton(tr("Import a &file…"))
        self.folder_button = QPushButton(tr("Import a f&older…"))
        self.status, self.error = label("", "small"), label("", "danger", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("How far the import is"))
        self.stop_button = QPushButton(tr("Cancel"))
        self.stop_button.setAccessibleName(tr("Cancel the import"))
        self._working = QWidget()
        self._lay_out()
        self.file_button.clicked.connect(lambda: self._choose(QFileDialog.FileMode.ExistingFile))
        self.folder_button.clicked.connect(lambda: self._choose(QFileDialog.FileMode.Directory))
        self.stop_button.clicked.connect(self.cancel)

    @property
    def busy(self) -> bool:
        """Whether something is being imported."""
        return self._task is not None

    def take(self, sources: list[Path]) -> None:
        """Import these, one after the other."""
        self._waiting += sources
        if self._task is None and self._waiting:
            self.error.hide()
            self._working.show()
            self._problems.clear()
            self._task = self._window.run(self._take_all())
            self._task.add_done_callback(self._on_end)

    def cancel(self) -> None:
        """Give up what is being imported and what waits; nothing half stays."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    def light_up(self, on: bool) -> None:
        """Show that what is dragged may be dropped."""
        self.setProperty("hovered", on)
        self.style().unpolish(self)
        self.style().polish(self)

    # ------------------------------------------------------------ inside

    async def _take_all(self) -> None:
        while self._waiting:
            source = self._waiting.pop(0)
            try:
                await self._take(source)
            except TrayassistError as error:
                message = local(str(error))
                self._problems.append(message if source.name in message else f"{source.name}: {message}")

    def _on_end(self, _task: object) -> None:
        if isValid(self):  # the window may be closed
            self._task = None
            self._working.hide()
            self.error.setText("\n".join(self._problems))
            self.error.setVisible(bool(self._problems))

    async def _take(self, source: Path) -> None:
        stream = self._room.take(source)
        async with aclosing(stream) as steps:
            async for step in steps:
                if isinstance(step, AdapterRecord):
                    message = tr("{} is here. Approve it, then let it be evaluated.").format(step.id)
                    self._window.tell(message)
                else:
                    self._show(step["stage"], step["done"], step["total"], source.name)

    def _show(self, stage: str, done: int, total: int, name: str) -> None:
        text = stages()[stage].format(name)
        if total > 1:
            text = f"{text} · {formats.size(done)} / {formats.size(total)}"
        self.status.setText(text)
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)

    def _choose(self, mode: QFileDialog.FileMode) -> None:
        kinds = tr("Adapters (*.gguf *.safetensors adapter_config.json)")
        dialog = QFileDialog(self._window, tr("Import an adapter"), str(Path.home()), kinds)
        dialog.setFileMode(mode)
        if mode == QFileDialog.FileMode.Directory:
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, tr("Import"))
        dialog.filesSelected.connect(lambda names: self.take([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _lay_out(self) -> None:
        working = QVBoxLayout(self._working)
        working.setContentsMargins(0, SPACE[2], 0, 0)
        working.setSpacing(SPACE[1])
        line = row(self.status, None, self.stop_button)
        working.addLayout(line)
        working.addWidget(self._bar)
        self._working.hide()
        self.error.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE[4], SPACE[4], SPACE[4], SPACE[4])
        layout.setSpacing(SPACE[3])
        layout.addWidget(self._hint)
        layout.addLayout(row(self.file_button, self.folder_button, None))
        layout.addWidget(self._working)
        layout.addWidget(self.error)
