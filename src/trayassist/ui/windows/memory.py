"""The memory window: what is remembered, searching inside it, and reading more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from trayassist.api import Citation
from trayassist.ui.page_view import show_pages
from trayassist.ui.theme import Theme
from trayassist.ui.windows.base import Window, column, row
from trayassist.ui.windows.memory_documents import DocumentsPage
from trayassist.ui.windows.memory_facts import FactsPage
from trayassist.ui.windows.memory_offer import OfferLine
from trayassist.ui.windows.memory_search import SearchPage
from trayassist.ui.windows.reading import Reading
from trayassist.ui.windows.sidebar import Sidebar

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

SIZE = QSize(1120, 700)
RELOAD_MS = 500  # the list follows a long ingest at most twice a second


class MemoryWindow(Window):
    """Documents, facts and search; files dropped on it are remembered."""

    def __init__(self, assistant: Assistant, theme: Theme | None = None) -> None:
        super().__init__(assistant, "memory", "", SIZE, theme)
        self.setWindowTitle(self.tr("Memory"))
        self.setAccessibleName(self.windowTitle())
        self.documents, self.facts, self.search = DocumentsPage(self), FactsPage(self), SearchPage(self)
        self.reading, self.offer = Reading(self), OfferLine(self)
        self.sidebar = Sidebar(self.theme, self.tr("Parts of memory"))
        self._reload = QTimer(self)
        self._reload.setSingleShot(True)
        self._reload.setInterval(RELOAD_MS)
        self._lay_out()
        self.setAcceptDrops(True)
        self._reload.timeout.connect(lambda: self.run(self.documents.load()))
        self.reading.finished_file.connect(self._later)
        self.documents.added.connect(self.remember)
        for page in (self.documents, self.search):
            page.opened.connect(self._open)
        self.sidebar.currentRowChanged.connect(lambda _: self._focus_field())
        self.facts.table.opened.connect(lambda fact: self.notice.say(fact.text))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._focus_field)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self, self.load)
        self.sidebar.setCurrentRow(0)
        self.load()

    def load(self) -> None:
        """Read both lists again."""
        self.run(self.documents.load())
        self.run(self.facts.load())

    def remember(self, paths: Sequence[Path]) -> None:
        """Read these files and folders into memory."""
        if self.assistant.ingest.enqueue(list(paths)) == 0:
            self.notice.say(self.tr("There is no file in there that can be read."))

    def _later(self) -> None:
        if not self._reload.isActive():
            self._reload.start()

    def _open(self, citations: Sequence[Citation], index: int) -> None:
        self.run(show_pages(self.assistant, citations, index, self.theme))

    def _focus_field(self) -> None:
        page = self.sidebar.stack.currentWidget()
        if isinstance(page, SearchPage):
            page.field.setFocus()
        elif isinstance(page, DocumentsPage | FactsPage):
            page.filter.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, always as a copy: the originals stay where they are."""
        if event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Remember what was dropped."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.remember(files)

    def _lay_out(self) -> None:
        self.sidebar.add("file", self.tr("Documents"), self.documents)
        self.sidebar.add("memory", self.tr("Facts"), self.facts)
        self.sidebar.add("search", self.tr("Search"), self.search)
        content = QWidget()
        content.setLayout(column(self.notice, self.offer, self.sidebar.stack, self.reading, spacing=0))
        self.setLayout(row(self.sidebar, content, spacing=0))
