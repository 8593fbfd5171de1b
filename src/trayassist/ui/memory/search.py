"""Search inside memory: the best pages for what is typed, one key from the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QWidget

from trayassist.api import Citation, Evidence, Found
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.table import Column, Table
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, column, empty_state, label

if TYPE_CHECKING:
    from trayassist.api import Passage

REST_MS = 120
PAGES_LISTED = 30


class SearchPage(QWidget):
    """`opened` carries the citations of all listed pages and the index of the chosen one."""

    opened = Signal(list, int)

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._asked = 0
        columns: list[Column[Passage]] = [
            Column(tr("Document"), lambda p: p.name, width=230),
            Column(tr("Page"), lambda p: "" if p.path.startswith("fact:") else str(p.page), number=True, width=64),
            Column(tr("Passage"), lambda p: " ".join(p.text.split())),
        ]
        self.table: Table[Passage] = Table(
            "search", tr("Pages found"), columns, window.state, sortable=False, searched=lambda _: ""
        )
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search inside your documents"))
        self.field.setAccessibleName(self.field.placeholderText())
        self.field.setClearButtonEnabled(True)
        self.line = label("", "muted", wrap=True)
        self._stack = QStackedWidget()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(lambda: window.run(self.search()))
        self.field.textChanged.connect(lambda _: self._rest.start())
        self.field.returnPressed.connect(lambda: window.run(self._open_first()))
        self.table.opened.connect(self._open)
        down = QShortcut(QKeySequence(Qt.Key.Key_Down), self.field, self._into_table)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._lay_out()

    async def search(self) -> None:
        """Search for what the field holds; an answer that comes after a newer question is dropped."""
        self._rest.stop()
        self._asked += 1
        ticket, query = self._asked, self.field.text().strip()
        if not query:
            self.table.rows.fill([])
            self.line.setText("")
            self._stack.setCurrentIndex(1)
            return
        evidence = await self._window.assistant.memory.search(query, PAGES_LISTED)
        if ticket == self._asked:
            self._show(evidence)

    def _show(self, evidence: Evidence) -> None:
        self.table.rows.fill(evidence.passages)
        self._stack.setCurrentIndex(0)
        count = formats.count(len(evidence.passages), tr("{} page"), tr("{} pages"))
        if not evidence.documents:
            self.line.setText(tr("Nothing is remembered yet, so there is nothing to search."))
        elif evidence.found is Found.NO:
            self.line.setText(tr("Nothing in your documents seems to be about this; these pages come nearest."))
        else:
            self.line.setText(tr("{pages}, best first · {ms:.0f} ms").format(pages=count, ms=evidence.ms))
        if evidence.note:
            self.line.setText(f"{self.line.text()} {local(evidence.note)}")

    async def _open_first(self) -> None:
        if self._rest.isActive():
            await self.search()
        if self.table.rows.shown:
            self._open(self.table.rows.shown[0])

    def _into_table(self) -> None:
        if self.table.rows.shown:
            self.table.setFocus()
            self.table.select([0])

    def _open(self, passage: Passage) -> None:
        shown = self.table.rows.shown
        cited = [
            Citation(number=at + 1, path=p.path, title=p.title, page=p.page, quote=p.text, start=p.start, end=p.end)
            for at, p in enumerate(shown)
        ]
        self.opened.emit(cited, next(at for at, p in enumerate(shown) if p is passage))

    def _lay_out(self) -> None:
        self._stack.addWidget(self.table)
        self._stack.addWidget(
            empty_state(
                tr("Find a page"),
                tr("Type what it is about, in your own words. Enter opens the best page, Down goes to the list."),
            )
        )
        self._stack.setCurrentIndex(1)
        layout = column(self.field, self._stack, self.line, spacing=2)
        layout.setContentsMargins(SPACE[4], SPACE[3], SPACE[4], SPACE[2])
        layout.setStretch(1, 1)
        self.setLayout(layout)
