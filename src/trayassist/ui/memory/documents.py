"""The remembered documents: a table to sort, filter, open and forget."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QStackedWidget, QWidget

from trayassist.api import Citation, TrayassistError
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.table import Column, Table
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, centred_label, column, empty_state, label, row

if TYPE_CHECKING:
    from trayassist.memory.store import Document


def columns() -> list[Column[Document]]:
    """Return the columns of the table of documents."""
    return [
        Column(tr("Name"), _name, lambda d: _name(d).lower()),
        Column(tr("Folder"), lambda d: short_folder(Path(d.path).parent), lambda d: d.path, width=190),
        Column(tr("Pages"), _pages, lambda d: d.pages, number=True, width=84),
        Column(tr("Passages"), lambda d: formats.number(d.passages), lambda d: d.passages, number=True, width=90),
        Column(tr("Size"), lambda d: formats.size(d.bytes), lambda d: d.bytes, number=True, width=90),
        Column(tr("Added"), lambda d: formats.when(d.added), lambda d: d.added, width=150),
    ]


def short_folder(folder: Path) -> str:
    """Return a folder as people write it, with ~ for their own."""
    try:
        inside = folder.relative_to(Path.home())
    except ValueError:
        return str(folder)
    return "~" if inside == Path() else f"~/{inside.as_posix()}"


def total_line(documents: list[Document]) -> str:
    """Return "42 documents · 1,803 pages · 6,201 passages · 61 MB"."""
    return " · ".join(
        (
            formats.count(len(documents), tr("{} document"), tr("{} documents")),
            formats.count(sum(d.pages for d in documents), tr("{} page"), tr("{} pages")),
            formats.count(sum(d.passages for d in documents), tr("{} passage"), tr("{} passages")),
            formats.size(sum(d.bytes for d in documents)),
        )
    )


def _name(document: Document) -> str:
    return document.path.rpartition(os.sep)[2]  # of thousands, for each order: making a Path takes ten times as long


def _pages(document: Document) -> str:
    pages = formats.number(document.pages)
    return pages if document.complete else tr("{} so far").format(pages)


class DocumentsPage(QWidget):
    """`added` carries files the user chose to remember, `opened` the citations to show in the page view."""

    added = Signal(list)
    opened = Signal(list, int)
    changed = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self.table: Table[Document] = Table(
            "documents", tr("Remembered documents"), columns(), window.state, searched=lambda d: d.path
        )
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter by name or folder"))
        self.filter.setAccessibleName(self.filter.placeholderText())
        self.filter.setClearButtonEnabled(True)
        self._add, self._folder = QPushButton(tr("&Add files…")), QPushButton(tr("Add f&older…"))
        self._forget = QPushButton(tr("&Forget"))
        self.total = label("", "muted")
        self._waiting = centred_label(tr("Reading the list…"))
        self._everything, self._loaded = "", False
        self._loading = asyncio.Lock()
        self._stack = QStackedWidget()
        self._lay_out()
        self.filter.textChanged.connect(self._on_filter)
        self._add.clicked.connect(self._choose_files)
        self._folder.clicked.connect(self._choose_folder)
        self._forget.clicked.connect(self.ask_to_forget)
        self.table.removed.connect(self.ask_to_forget)
        self.table.opened.connect(self._open)
        self.table.picked.connect(self._on_pick)
        self._on_pick()

    async def load(self) -> None:
        """Read the list from memory; the selection stays."""
        async with self._loading:  # one after the other: an older list must not be shown last
            try:
                documents = await self._window.assistant.memory.documents()
            except TrayassistError:  # the window says why; nothing is being read any more
                self._waiting.clear()
                raise
            await self.table.load(documents, lambda d: d.path)
        self._everything = total_line(documents)
        self._loaded = True
        self._count()

    def ask_to_forget(self) -> None:
        """Ask in place before the selected documents are forgotten."""
        chosen = self.table.selected_rows()
        if not chosen:
            return
        what = Path(chosen[0].path).name if len(chosen) == 1 else tr("{} documents").format(formats.number(len(chosen)))
        self._window.notice.ask(
            tr(
                "Forget {}? The files stay where they are. This cannot be undone; adding a file again reads it anew."
            ).format(what),
            tr("Forget"),
            lambda: self._window.run(self._forget_now(chosen)),
        )

    async def _forget_now(self, documents: list[Document]) -> None:
        gone = 0
        try:
            for document in documents:
                gone += await self._window.assistant.ingest.forget(document.path)
        finally:  # what was forgotten before something failed is on record and off the list as well
            self._window.assistant.audit.write("forgotten", documents=gone, everything=False)
        await self.load()
        self._window.notice.say(formats.count(gone, tr("{} document is forgotten."), tr("{} documents are forgotten.")))
        self.changed.emit()

    def _on_filter(self, text: str) -> None:
        self.table.rows.filter(text)
        self._count()

    def _count(self) -> None:
        shown, line = len(self.table.rows.shown), self._everything
        if shown != self.table.rows.count:
            line = tr("{shown} shown of {all}").format(shown=formats.number(shown), all=line)
        self.total.setText(line)
        if self._loaded:
            self._stack.setCurrentIndex(1 if shown else 3 if self.table.rows.count else 2)
        self._on_pick()

    def _on_pick(self) -> None:
        chosen = len(self.table.selected_rows())
        self._forget.setEnabled(chosen > 0)
        self._forget.setText(tr("&Forget {}").format(formats.number(chosen)) if chosen > 1 else tr("&Forget"))

    def _open(self, document: Document) -> None:
        first = Citation(number=1, path=document.path, title=document.title, page=1, quote="", start=0, end=0)
        self.opened.emit([first], 0)

    def _choose_files(self) -> None:
        self._choose(QFileDialog.FileMode.ExistingFiles, tr("Files to remember"))

    def _choose_folder(self) -> None:
        self._choose(QFileDialog.FileMode.Directory, tr("Folder to remember"))

    def _choose(self, mode: QFileDialog.FileMode, title: str) -> None:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(lambda files: self.added.emit([Path(file) for file in files]))
        dialog.open()

    def _lay_out(self) -> None:
        first = QPushButton(tr("Add files…"))
        first.setProperty("look", "primary")
        first.clicked.connect(self._choose_files)
        empty = empty_state(
            tr("Nothing is remembered yet"),
            tr(
                "Drop files or folders here or on the tray icon. PDF, pictures, text, Markdown and HTML are read "
                "on this machine and stay on it."
            ),
            first,
        )
        nothing = centred_label(tr("No name or folder has these words."))
        for page in (self._waiting, self.table, empty, nothing):
            self._stack.addWidget(page)
        layout = column(spacing=2)
        layout.setContentsMargins(SPACE[4], SPACE[3], SPACE[4], SPACE[2])
        bar = row(self.filter, self._add, self._folder, self._forget)
        bar.setStretch(0, 1)
        layout.addLayout(bar)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.total)
        self.setLayout(layout)
