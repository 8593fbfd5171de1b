"""The third step: folders and files to remember. They are read when the last step is there, or the window closes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QListWidget, QListWidgetItem, QPushButton

from trayassist.ui.first_run.page import StepPage
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.window import Window, label, local_files, row

LIST_HEIGHT = 180
PATH = Qt.ItemDataRole.UserRole


class DocumentsStep(StepPage):
    """A list of folders and files. `begin` hands them to `remember`, each once."""

    def __init__(self, window: Window, remember: Callable[[Sequence[Path]], object]) -> None:
        super().__init__(
            tr("What should it know?"),
            tr("Choose folders or files, or drop them here. They are read in the background and stay where they are. "
               "You can do this at any time by dropping them on the tray icon."),
        )  # fmt: skip
        self._window, self._remember = window, remember
        self._begun: set[Path] = set()
        self.there = label("", "good", wrap=True)
        self.there.hide()
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Folders and files to remember"))
        self.list.setFixedHeight(LIST_HEIGHT)
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.setProperty("look", "boxed")
        self._folder = QPushButton(tr("Choose a &folder…"))
        self._files = QPushButton(tr("Choose f&iles…"))
        self._own = QPushButton(tr("Add my &documents"))
        self._remove = QPushButton(tr("&Remove"))
        self._empty = label(
            tr("Nothing is chosen yet. Without documents you can try it with three samples."), "small", wrap=True
        )
        self._folder.clicked.connect(self._choose_folder)
        self._files.clicked.connect(self._choose_files)
        self._own.clicked.connect(lambda: self.take([_documents()]))
        self._own.setVisible(_documents().is_dir())
        self._remove.clicked.connect(self._take_out)
        self.list.itemSelectionChanged.connect(self._follow)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list, self._take_out)
        self.content.addWidget(self.there)
        self.content.addWidget(self.list)
        self.content.addLayout(row(self._folder, self._files, self._own, None, self._remove))
        self.content.addWidget(self._empty)
        self.setAcceptDrops(True)
        self._follow()

    def enter(self) -> None:
        """Say how many documents are there already."""
        self._window.run(self._count())

    async def _count(self) -> None:
        count = len(await self._window.assistant.memory.documents())
        known = formats.count(count, tr("{} document is known already."), tr("{} documents are known already."))
        self.there.setText(known)
        self.there.setVisible(count > 0)
        self._empty.setText(
            tr("Nothing more is chosen.") if count
            else tr("Nothing is chosen yet. Without documents you can try it with three samples.")
        )  # fmt: skip

    @property
    def chosen(self) -> list[Path]:
        """What is in the list."""
        return [Path(self.list.item(number).data(PATH)) for number in range(self.list.count())]

    def take(self, paths: Sequence[Path]) -> None:
        """Put paths into the list, each once."""
        for path in paths:
            if path not in self.chosen:
                item = QListWidgetItem(str(path))
                item.setData(PATH, str(path))
                self.list.addItem(item)
        self._follow()
        self.changed.emit()

    def skip(self) -> None:
        """Empty the list."""
        self.list.clear()
        self._follow()

    def begin(self) -> bool:
        """Have what was chosen read, once; return whether anything was ever chosen."""
        new = [path for path in self.chosen if path not in self._begun]
        if new:
            self._begun.update(new)
            self._remember(new)
        return bool(self._begun)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Put what was dropped into the list."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.take(local_files(event.mimeData()))

    def _take_out(self) -> None:
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        self._remove.setEnabled(bool(self.list.selectedItems()))
        self._empty.setVisible(not self.list.count())

    def _choose_folder(self) -> None:
        self._choose(QFileDialog.FileMode.Directory, tr("Remember a folder"))

    def _choose_files(self) -> None:
        self._choose(QFileDialog.FileMode.ExistingFiles, tr("Remember files"))

    def _choose(self, mode: QFileDialog.FileMode, title: str) -> None:
        dialog = QFileDialog(self, title, str(Path.home()))
        dialog.setFileMode(mode)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, tr("Choose"))
        dialog.filesSelected.connect(lambda names: self.take([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _documents() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or "/nowhere")
