"""The page History: past questions by their words, searched, read again, asked again, pinned, deleted, exported."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QWidget,
)

from trayassist.api import Citation, TrayassistError
from trayassist.ui.activity.detail import risk_words
from trayassist.ui.answer.answer_view import AnswerView
from trayassist.ui.answer.source import answer_source
from trayassist.ui.page.view import show_pages
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import NamedModel, mode_title, model_title, role_title
from trayassist.ui.widgets.table import Column, Table
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, column, empty_state, label, row

if TYPE_CHECKING:
    from trayassist.memory.history import HistoryEntry

REST_MS = 150
LISTED = 200
CITATIONS_HEIGHT = 130


class HistoryPage(QWidget):
    """Past questions, the pinned ones first. `asked` carries a question to ask again."""

    asked = Signal(str)

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._ticket = 0
        self._entry: HistoryEntry | None = None
        columns: list[Column[HistoryEntry]] = [
            Column(tr("Question"), lambda e: _line(e.question), icon=self._pin_icon),
            Column(tr("Asked"), lambda e: formats.when(e.at), width=150),
        ]
        self.table: Table[HistoryEntry] = Table(
            "history", tr("Past questions"), columns, window.state, sortable=False, searched=lambda _: ""
        )
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search past questions and answers"))
        self.field.setAccessibleName(self.field.placeholderText())
        self.field.setClearButtonEnabled(True)
        self.line = label("", "muted")
        self._stack = QStackedWidget()
        self.export_button = QPushButton(tr("&Export…"))
        self.delete_button = QPushButton(tr("&Delete…"))
        self._make_answer()
        self._lay_out()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.reload)
        self.field.textChanged.connect(lambda _: self._rest.start())
        self.table.picked.connect(self._show_picked)
        self.table.opened.connect(lambda _: self.answer.setFocus())
        self.table.removed.connect(self.ask_to_delete)
        self.delete_button.clicked.connect(self.ask_to_delete)
        self.export_button.clicked.connect(self._choose_export)
        window.assistant.history.on_forget.append(self.reload)
        window.closed.connect(self._leave)

    def reload(self) -> None:
        """Search for what the field holds; the newest questions while it is empty."""
        self._window.run(self._load())

    def _leave(self) -> None:
        on_forget = self._window.assistant.history.on_forget
        if self.reload in on_forget:
            on_forget.remove(self.reload)

    def ask_to_delete(self) -> None:
        """Ask in place before the questions that are selected are removed for good."""
        chosen = self.table.selected_rows()
        if not chosen:
            return
        many = tr("{} questions").format(formats.number(len(chosen)))
        what = f"“{_line(chosen[0].question)[:60]}”" if len(chosen) == 1 else many
        self._window.notice.ask(
            tr("Delete {} with the answer? This cannot be undone.").format(what),
            tr("Delete"),
            lambda: self._window.run(self._delete([entry.id for entry in chosen])),
        )

    async def export(self, file: Path) -> None:
        """Write the selected questions, or all that are listed, to a file: JSON by its ending, else Markdown."""
        chosen = self.table.selected_rows()
        entries = chosen if len(chosen) > 1 else list(self.table.rows.shown)
        text = as_json(entries) if file.suffix.lower() == ".json" else as_markdown(entries)
        try:
            await asyncio.to_thread(_write, file, text)
        except OSError as error:
            raise TrayassistError(
                tr("{file} could not be written: {why}.").format(file=file, why=error.strerror or error),
                tr("Choose another folder."),
            ) from error
        count = formats.count(len(entries), tr("{} question is"), tr("{} questions are"))
        self._window.notice.say(tr("{questions} written to {file}.").format(questions=count, file=file))

    async def _delete(self, turns: list[int]) -> None:
        gone = await self._window.assistant.history.forget(turns)
        self._window.assistant.audit.write("forgotten", turns=gone, everything=False)
        await self._load()
        self._window.notice.say(formats.count(gone, tr("{} question is deleted."), tr("{} questions are deleted.")))

    async def _pin(self, entry: HistoryEntry) -> None:
        await self._window.assistant.history.pin(entry.id, not entry.pinned)
        await self._load()
        self.table.select([at for at, one in enumerate(self.table.rows.shown) if one.id == entry.id])

    def _choose_export(self) -> None:
        dialog = QFileDialog(self._window, tr("Export questions and answers"), str(Path.home() / "history.md"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([tr("Markdown (*.md)"), tr("JSON (*.json)")])
        dialog.selectFile("history.md")

        def follow(kind: str) -> None:
            dialog.setDefaultSuffix("json" if "json" in kind else "md")

        dialog.filterSelected.connect(follow)
        dialog.setDefaultSuffix("md")
        dialog.fileSelected.connect(lambda name: self._window.run(self.export(Path(name))))
        dialog.open()

    def _pin_icon(self, entry: HistoryEntry) -> QIcon | None:
        return self._window.theme.icon("pinned", "accent") if entry.pinned else None

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
        trouble = " ".join(filter(None, (history.notice, history.problem)))
        self.line.setText(local(trouble) or formats.count(len(entries), tr("{} question"), tr("{} questions")))
        self.export_button.setEnabled(bool(entries))
        searched = bool(self.field.text().strip())
        self._empty_title.setText(tr("Nothing found") if searched else tr("No past questions"))
        if entries and not self.table.selected_rows():
            self.table.select([0])
        self._show_picked()

    def _show_picked(self) -> None:
        chosen = self.table.selected_rows()
        self.delete_button.setEnabled(bool(chosen))
        self._show(chosen[0] if len(chosen) == 1 else None)

    def _show(self, entry: HistoryEntry | None) -> None:
        if entry is not None and entry == self._entry:
            return
        self._entry = entry
        self._pane.setVisible(entry is not None)
        if entry is None:
            return
        self.question.setText(_line(entry.question))
        self.pin_button.setText(tr("Un&pin") if entry.pinned else tr("&Pin"))
        self.answer.clear()
        for citation in entry.citations:
            self.answer.cite(citation.number)
        self.answer.add_text(entry.answer)
        self.answer.finish()
        self.how.setText(_how(entry, self._window.assistant.registry.models))
        self.citations.clear()
        for citation in entry.citations:
            text = tr("[{n}] {name}, p. {page}")
            self.citations.addItem(text.format(n=citation.number, name=_cited_name(citation), page=citation.page))
        self.citations.setVisible(bool(entry.citations))
        lines = max(1, self.citations.sizeHintForRow(0)) * self.citations.count() + SPACE[2]
        self.citations.setFixedHeight(min(CITATIONS_HEIGHT, lines))

    def _open_citation_number(self, number: int) -> None:
        numbers = [citation.number for citation in self._entry.citations] if self._entry is not None else []
        if number in numbers:
            self._open_citation(numbers.index(number))

    def _open_citation(self, at: int) -> None:
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
        self.answer = AnswerView(self._window.theme)  # its web links go nowhere: an old answer starts nothing
        self.answer.citation_clicked.connect(self._open_citation_number)
        self.citations = QListWidget()
        self.citations.setAccessibleName(tr("Citations of the answer; Enter opens the page"))
        self.citations.setObjectName("citations")
        self.citations.itemActivated.connect(lambda _: self._open_citation(self.citations.currentRow()))
        self.citations.itemClicked.connect(lambda _: self._open_citation(self.citations.currentRow()))
        again, copy = QPushButton(tr("&Ask again")), QPushButton(tr("C&opy"))
        self.pin_button = QPushButton(tr("&Pin"))
        self.pin_button.clicked.connect(
            lambda: self._window.run(self._pin(self._entry)) if self._entry is not None else None
        )
        again.clicked.connect(self._ask_again)
        copy.clicked.connect(self._copy)
        self._pane = QWidget()
        layout = column(self.question, self.how, self.answer, self.citations, spacing=2)
        layout.setStretch(2, 1)
        layout.addLayout(row(again, copy, self.pin_button, None))
        layout.setContentsMargins(SPACE[3], 0, 0, 0)
        self._pane.setLayout(layout)
        self._pane.setMinimumWidth(280)

    def _lay_out(self) -> None:
        self._stack.addWidget(self.table)
        empty = empty_state(
            tr("No past questions"),
            tr("Questions and answers are kept on this machine only. Settings, Privacy switches that off."),
        )
        self._empty_title = empty.findChildren(QLabel)[0]
        self._stack.addWidget(empty)
        split = QSplitter()
        split.addWidget(self._stack)
        split.addWidget(self._pane)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setSizes([480, 480])
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        bar = row(self.field, self.export_button, self.delete_button)
        bar.setStretch(0, 1)
        layout = column(spacing=2)
        layout.addLayout(bar)
        layout.addWidget(split, 1)
        layout.addWidget(self.line)
        layout.setContentsMargins(SPACE[4], SPACE[3], SPACE[4], SPACE[2])
        self.setLayout(layout)


def as_markdown(entries: Sequence[HistoryEntry]) -> str:
    """Return questions and answers as Markdown: a heading each, when, the answer, its sources."""
    parts = []
    for entry in entries:
        sources = [f"[{c.number}] {_cited_name(c)}, {tr('p. {}').format(c.page)}" for c in entry.citations]
        lines = [f"## {_line(entry.question)}", f"*{formats.when(entry.at)}*", entry.answer.strip()]
        parts.append("\n\n".join((*lines, "\n".join(f"- {source}" for source in sources))).rstrip())
    return "\n\n".join(parts) + "\n"


def as_json(entries: Sequence[HistoryEntry]) -> str:
    """Return questions and answers as a JSON list of objects, with all that is kept of each."""
    fields = [{name: value for name, value in asdict(e).items() if name not in ("snippet", "marks")} for e in entries]
    return json.dumps(fields, ensure_ascii=False, indent=2) + "\n"


def _write(file: Path, text: str) -> None:
    """Write a new file that only its owner can read: it holds what was asked."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)


def _how(entry: HistoryEntry, models: Mapping[str, NamedModel]) -> str:
    """Return who answered, and how: role, source, model, adapters, mode, who was asked, risk, when (F-17)."""
    asked = tr("sent to {}").format(entry.host) if entry.host else ""
    mode = tr("mode {}").format(mode_title(entry.mode)) if entry.mode else ""
    source = answer_source(entry.finish, [citation.path for citation in entry.citations], entry.model)
    model = model_title(entry.model or "", models.get(entry.model or ""))
    risk = risk_words(entry.risk) if entry.risk != "low" else ""
    parts = (role_title(entry.role), source, model, *entry.adapters, mode, asked, risk, formats.when(entry.at))
    return " · ".join(part for part in parts if part)


def _cited_name(citation: Citation) -> str:
    return citation.title if citation.path.startswith("fact:") else _name(citation.path)


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
