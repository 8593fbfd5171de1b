"""The memory window: what is remembered, searching inside it, and reading more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from trayassist.api import Citation
from trayassist.gguf_format import is_model
from trayassist.ui.memory.documents import DocumentsPage
from trayassist.ui.memory.facts import FactsPage
from trayassist.ui.memory.offer import OfferLine
from trayassist.ui.memory.reading import IngestPanel
from trayassist.ui.memory.search import SearchPage
from trayassist.ui.page.view import show_pages
from trayassist.ui.widgets.lazy import LazyWidget
from trayassist.ui.widgets.sidebar import Sidebar
from trayassist.ui.widgets.theme import Theme
from trayassist.ui.widgets.window import Window, column, local_files, row

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

SIZE = QSize(1120, 700)
RELOAD_MS = 500  # the list follows a long ingest at most twice a second


class MemoryWindow(Window):
    """Documents, facts and search; files dropped on it are remembered."""

    models_dropped = Signal(object)  # list[Path]

    def __init__(self, assistant: Assistant, theme: Theme | None = None) -> None:
        super().__init__(assistant, "memory", "", SIZE, theme)
        self.setWindowTitle(self.tr("Memory"))
        self.setAccessibleName(self.windowTitle())
        self._documents = LazyWidget(self._make_documents)
        self._facts, self._search = LazyWidget(self._make_facts), LazyWidget(self._make_search)
        self._reading, self._offer = LazyWidget(self._make_reading), LazyWidget(lambda: OfferLine(self))
        self.sidebar = Sidebar(self.theme, self.tr("Parts of memory"))
        self._reload = QTimer(self)
        self._reload.setSingleShot(True)
        self._reload.setInterval(RELOAD_MS)
        self._lay_out()
        self.setAcceptDrops(True)
        self._reload.timeout.connect(lambda: self.run(self.documents.load()))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._focus_field)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self, self.load)
        self.sidebar.setCurrentRow(0)
        self.sidebar.currentRowChanged.connect(lambda _: self._focus_field())
        parts = (self._reading, self._offer, self._facts, self._search)
        self.run(self.in_turn(self._focus_field, *(part.get for part in parts)))

    @property
    def documents(self) -> DocumentsPage:
        """The page of remembered documents, built."""
        return self._documents.get()

    @property
    def facts(self) -> FactsPage:
        """The page of facts, built."""
        return self._facts.get()

    @property
    def search(self) -> SearchPage:
        """The page that searches inside memory, built."""
        return self._search.get()

    @property
    def reading(self) -> IngestPanel:
        """What is being read and what failed, built."""
        return self._reading.get()

    @property
    def offer(self) -> OfferLine:
        """The offer of a re-index, built."""
        return self._offer.get()

    def load(self) -> None:
        """Read both lists again."""
        self.run(self.documents.load())
        self.run(self.facts.load())

    def remember(self, paths: Sequence[Path]) -> None:
        """Read these files and folders into memory; models are handed on, to ask what they are for."""
        models = [path for path in paths if is_model(path)]
        if models:
            self.models_dropped.emit(models)
        files = [path for path in paths if path not in models]
        if files and self.assistant.ingest.enqueue(files) == 0:
            self.notice.say(self.tr("There is no file in there that can be read."))

    def _later(self) -> None:
        if not self._reload.isActive():
            self._reload.start()

    def _open(self, citations: Sequence[Citation], index: int) -> None:
        self.run(show_pages(self.assistant, citations, index, self.theme))

    def _focus_field(self) -> None:
        page = self.sidebar.stack.currentWidget()
        if page is self._search:
            self.search.field.setFocus()
        else:
            (self.facts if page is self._facts else self.documents).filter.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, always as a copy: the originals stay where they are."""
        if event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Remember what was dropped."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if files := local_files(event.mimeData()):
            self.remember(files)

    def _lay_out(self) -> None:
        self.sidebar.add("file", self.tr("Documents"), self._documents)
        self.sidebar.add("memory", self.tr("Facts"), self._facts)
        self.sidebar.add("search", self.tr("Search"), self._search)
        content = QWidget()
        content.setLayout(column(self.notice, self._offer, self.sidebar.stack, self._reading, spacing=0))
        self.setLayout(row(self.sidebar, content, spacing=0))

    def _make_documents(self) -> DocumentsPage:
        page = DocumentsPage(self)
        page.added.connect(self.remember)
        page.opened.connect(self._open)
        self.run(page.load())
        return page

    def _make_facts(self) -> FactsPage:
        page = FactsPage(self)
        page.table.opened.connect(lambda fact: self.notice.say(fact.text))
        self.run(page.load())
        return page

    def _make_search(self) -> SearchPage:
        page = SearchPage(self)
        page.opened.connect(self._open)
        return page

    def _make_reading(self) -> IngestPanel:
        reading = IngestPanel(self)
        reading.finished_file.connect(self._later)
        return reading
