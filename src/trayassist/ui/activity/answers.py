"""Past questions and answers: searched in full text, read again, asked again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QListWidget, QPushButton, QSplitter, QStackedWidget, QTextBrowser, QWidget

from trayassist.ui.activity.texts import risk_words
from trayassist.ui.page.view import show_pages
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.table import Table
from trayassist.ui.widgets.table_rows import Column
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, column, empty_state, label, row

if TYPE_CHECKING:
    from trayassist.memory.history import HistoryEntry

REST_MS = 150
LISTED = 200
CITATIONS_HEIGHT = 130
MARKUP = re.compile(r"[*`#>]+|^\s*[-+] ", re.MULTILINE)  # what only says how text looks


class Answers(QWidget):
    """The history. `asked` carries a question to ask again."""

    asked = Signal(str)

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._ticket = 0
        self._entry: HistoryEntry | None = None
        columns: list[Column[HistoryEntry]] = [
            Column(tr("Asked"), lambda e: formats.when(e.at), width=130),
            Column(tr("Question"), lambda e: _line(e.question)),
            Column(tr("Found"), lambda e: _plain(e.snippet or e.answer), width=200),
        ]
        self.table: Table[HistoryEntry] = Table(
            "answers", tr("Past questions"), columns, window.state, sortable=False, searched=lambda _: ""
        )
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search past questions and answers"))
        self.field.setAccessibleName(self.field.placeholderText())
        self.field.setClearButtonEnabled(True)
        self.line = label("", "muted")
        self._stack = QStackedWidget()
        self._make_answer()
        self._lay_out()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.reload)
        self.field.textChanged.connect(lambda _: self._rest.start())
        self.table.picked.connect(self._show_picked)
        self.table.opened.connect(lambda _: self.answer.setFocus())

    def reload(self) -> None:
        """Search for what the field holds; the newest questions while it is empty."""
        self._window.run(self._load())

    async def _load(self) -> None:
        self._ticket += 1
        ticket = self._ticket
        entries = await self._window.assistant.history.search(self.field.text().strip(), LISTED)
        if ticket != self._ticket:
            return
        self.table.rows.fill([])  # what was picked belongs to the search before
        self.table.fill(entries, lambda entry: entry.id)
        self._stack.setCurrentIndex(0 if entries else 1)
        history = self._window.assistant.history
        said = " ".join(filter(None, (history.notice, history.problem)))
        self.line.setText(said or formats.count(len(entries), tr("{} question"), tr("{} questions")))
        if entries and not self.table.selected_rows():
            self.table.select([0])
        self._show_picked()

    def _show_picked(self) -> None:
        chosen = self.table.selected_rows()
        self._show(chosen[0] if len(chosen) == 1 else None)

    def _show(self, entry: HistoryEntry | None) -> None:
        if entry is not None and self._entry is not None and entry.id == self._entry.id:
            return
        self._entry = entry
        self._pane.setVisible(entry is not None)
        if entry is None:
            return
        self.question.setText(entry.question)
        self.answer.setMarkdown(entry.answer)
        self.how.setText(_how(entry))
        self.citations.clear()
        for citation in entry.citations:
            name = citation.title if citation.path.startswith("fact:") else _name(citation.path)
            self.citations.addItem(
                tr("[{n}] {name}, p. {page}").format(n=citation.number, name=name, page=citation.page)
            )
        self.citations.setVisible(bool(entry.citations))
        lines = max(1, self.citations.sizeHintForRow(0)) * self.citations.count() + SPACE[2]
        self.citations.setFixedHeight(min(CITATIONS_HEIGHT, lines))

    def _open_citation(self) -> None:
        at = self.citations.currentRow()
        if self._entry is not None and 0 <= at < len(self._entry.citations):
            window = self._window
            window.run(show_pages(window.assistant, self._entry.citations, at, window.theme))

    def _ask_again(self) -> None:
        if self._entry is not None:
            self.asked.emit(self._entry.question)

    def _copy(self) -> None:
        if self._entry is not None:
            QGuiApplication.clipboard().setText(self._entry.answer)
            self._window.notice.say(tr("The answer is copied."))

    def _make_answer(self) -> None:
        self.question = label("", "title", wrap=True)
        self.how = label("", "muted", wrap=True)
        self.answer = QTextBrowser()
        self.answer.setObjectName("answer")
        self.answer.setOpenLinks(False)  # an old answer starts nothing
        self.answer.setAccessibleName(tr("The answer"))
        self.citations = QListWidget()
        self.citations.setAccessibleName(tr("Citations of the answer; Enter opens the page"))
        self.citations.setObjectName("citations")
        self.citations.itemActivated.connect(lambda _: self._open_citation())
        self.citations.itemClicked.connect(lambda _: self._open_citation())
        again, copy = QPushButton(tr("&Ask again")), QPushButton(tr("C&opy"))
        again.clicked.connect(self._ask_again)
        copy.clicked.connect(self._copy)
        self._pane = QWidget()
        layout = column(self.question, self.how, self.answer, self.citations, spacing=2)
        layout.setStretch(2, 1)
        layout.addLayout(row(again, copy, None))
        layout.setContentsMargins(SPACE[3], 0, 0, 0)
        self._pane.setLayout(layout)
        self._pane.setMinimumWidth(280)

    def _lay_out(self) -> None:
        self._stack.addWidget(self.table)
        self._stack.addWidget(
            empty_state(
                tr("No past questions"),
                tr("Questions and answers are kept on this machine only. Settings, Privacy switches that off."),
            )
        )
        split = QSplitter()
        split.addWidget(self._stack)
        split.addWidget(self._pane)
        split.setSizes([620, 360])
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        layout = column(self.field, split, self.line, spacing=2)
        layout.setStretch(1, 1)
        layout.setContentsMargins(SPACE[4], SPACE[3], SPACE[4], SPACE[2])
        self.setLayout(layout)


def _how(entry: HistoryEntry) -> str:
    """Return who answered, and how: role, model, adapters, mode, who was asked, risk, when (F-17)."""
    mode = tr("mode {}").format(entry.mode) if entry.mode else ""
    asked = tr("sent to {}").format(entry.host) if entry.host else ""
    model = entry.model or tr("no model")
    parts = (entry.role, model, *entry.adapters, mode, asked, risk_words(entry.risk), formats.when(entry.at))
    return " · ".join(part for part in parts if part)


def _plain(text: str) -> str:
    return _line(MARKUP.sub("", text))


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
