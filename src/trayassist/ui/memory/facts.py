"""What the user asked to remember in words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QStackedWidget, QWidget

from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.table import Column, Table
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, centred_label, column, empty_state, label, row

if TYPE_CHECKING:
    from trayassist.api import Fact

MOST_FACTS = 10_000


class FactsPage(QWidget):
    """A table of facts, a field to add one, Forget for the selected ones."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        columns: list[Column[Fact]] = [
            Column(tr("Fact"), lambda f: f.text),
            Column(tr("Remembered"), lambda f: formats.when(f.created), lambda f: f.created, width=150),
        ]
        self.table: Table[Fact] = Table("facts", tr("Facts"), columns, window.state)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.new, self._add = QLineEdit(), QPushButton(tr("&Remember"))
        self.new.setPlaceholderText(tr("Something to remember, such as “The bins go out on Tuesday”"))
        self.new.setAccessibleName(tr("A fact to remember"))
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter"))
        self.filter.setAccessibleName(tr("Filter the facts"))
        self.filter.setClearButtonEnabled(True)
        self._forget = QPushButton(tr("&Forget"))
        self.total = label("", "muted")
        self._stack, self._loaded = QStackedWidget(), False
        self._loading = asyncio.Lock()
        self._lay_out()
        self.new.returnPressed.connect(self._remember)
        self.new.textChanged.connect(lambda text: self._add.setEnabled(bool(text.strip())))
        self._add.clicked.connect(self._remember)
        self._add.setEnabled(False)
        self.filter.textChanged.connect(self._on_filter)
        self._forget.clicked.connect(self.ask_to_forget)
        self.table.removed.connect(self.ask_to_forget)
        self.table.picked.connect(lambda: self._forget.setEnabled(bool(self.table.selected_rows())))
        self._forget.setEnabled(False)

    async def load(self) -> None:
        """Read the facts from memory; the selection stays."""
        async with self._loading:  # one after the other: an older list must not be shown last
            facts = await self._window.assistant.memory.facts(limit=MOST_FACTS)
            await self.table.load(facts, lambda f: f.id)
        self._loaded = True
        self._show_list()
        self.total.setText(formats.count(len(facts), tr("{} fact"), tr("{} facts")))
        self._forget.setEnabled(bool(self.table.selected_rows()))

    def _on_filter(self, text: str) -> None:
        self.table.rows.filter(text)
        self._forget.setEnabled(bool(self.table.selected_rows()))
        self._show_list()

    def _show_list(self) -> None:
        if self._loaded:
            self._stack.setCurrentIndex(1 if self.table.rows.shown else 3 if self.table.rows.count else 2)

    def ask_to_forget(self) -> None:
        """Ask in place before the selected facts are forgotten."""
        chosen = self.table.selected_rows()
        if not chosen:
            return
        what = f"“{chosen[0].text[:60]}”" if len(chosen) == 1 else tr("{} facts").format(formats.number(len(chosen)))
        self._window.notice.ask(
            tr("Forget {}? This cannot be undone.").format(what),
            tr("Forget"),
            lambda: self._window.run(self._forget_now(chosen)),
        )

    async def _forget_now(self, facts: list[Fact]) -> None:
        for fact in facts:
            await self._window.assistant.memory.forget_fact(fact.id)
        self._window.assistant.audit.write("forgotten", facts=len(facts), everything=False)
        await self.load()
        self._window.notice.say(formats.count(len(facts), tr("{} fact is forgotten."), tr("{} facts are forgotten.")))

    def _remember(self) -> None:
        text = self.new.text().strip()
        if text:
            self._window.run(self._remember_now(text))

    async def _remember_now(self, text: str) -> None:
        await self._window.assistant.memory.remember(text)
        self.new.clear()
        await self.load()

    def _lay_out(self) -> None:
        empty = empty_state(
            tr("No facts yet"),
            tr("Write one above, or say “remember that …” in the popup. Answers may then cite it."),
        )
        for page in (
            centred_label(tr("Reading the list…")),
            self.table,
            empty,
            centred_label(tr("No fact has these words.")),
        ):
            self._stack.addWidget(page)
        layout = column(spacing=2)
        layout.setContentsMargins(SPACE[4], SPACE[3], SPACE[4], SPACE[2])
        first, second = row(self.new, self._add), row(self.filter, self._forget)
        for line in (first, second):
            line.setStretch(0, 1)
            layout.addLayout(line)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.total)
        self.setLayout(layout)
