"""GGUF files that the user has: dropped or chosen, added one after the other, each with a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QPushButton, QVBoxLayout, QWidget

from trayassist.api import TrayassistError
from trayassist.models.catalog.proposal import is_model
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label, row

if TYPE_CHECKING:
    from trayassist.ui.first_run.window import FirstSteps

DROP_HEIGHT = 88


class OwnModels(QWidget):
    """A place to drop GGUF files, and what became of each."""

    def __init__(self, window: FirstSteps) -> None:
        super().__init__()
        self._window = window
        self._lines = QVBoxLayout()
        self._lines.setSpacing(SPACE[1])
        self.button = QPushButton(tr("Choose &GGUF files…"))
        self.button.clicked.connect(self._choose)
        self._box = QFrame()
        self._box.setProperty("look", "raised")
        self._box.setMinimumHeight(DROP_HEIGHT)
        inner = QVBoxLayout(self._box)
        text = label(tr("Drop GGUF files here. They stay where they are."), "muted", wrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner.addWidget(text)
        inner.addLayout(row(None, self.button, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        layout.addLayout(self._lines)
        self.setAcceptDrops(True)

    def add(self, files: Sequence[Path]) -> None:
        """Add these files to the registry."""
        self._window.run(self._add(files))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if any(is_model(Path(url.toLocalFile())) for url in event.mimeData().urls()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.add([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    async def _add(self, files: Sequence[Path]) -> None:
        for file in files:
            line = label(tr("{}: being read…").format(file.name), "small", wrap=True)
            self._lines.addWidget(line)
            try:
                added = await self._window.assistant.entries.add(file)
            except TrayassistError as error:
                self._say(line, f"{file.name}: {error}", "danger")
            else:
                self._say(line, f"{file.name}: {added.says}", "good")

    def _say(self, line: QWidget, text: str, look: str) -> None:
        line.setText(text)  # type: ignore[attr-defined]  # a label
        line.setProperty("look", look)
        line.style().unpolish(line)
        line.style().polish(line)

    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("Add a model"), str(Path.home()), tr("Models (*.gguf)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, tr("Add"))
        dialog.filesSelected.connect(lambda names: self.add([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
