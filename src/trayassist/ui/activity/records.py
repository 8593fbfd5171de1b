"""The records of the audit log, newest first, with filters; a question is one line that unfolds into its events."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QElapsedTimer, QFileSystemWatcher, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QWidget,
)

from trayassist.safety import audit_log
from trayassist.safety.audit_log import AuditRecord, Filter, Position
from trayassist.ui.activity.detail import EVENTS, TAGS, Detail, event_name, risk_word, sentence, tag_name
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import NamedModel
from trayassist.ui.widgets.table import Column, Table
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, column, empty_state, label, row

AT_ONCE = 200
REST_MS = 200
FOLLOW_MS = 1000  # new lines are looked for at most once a second, and only when the file changed
ANY = ""
FOLDED, UNFOLDED = "▸ ", "▾ "


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A line of the list: a record, or a question that stands for all records of its exchange.

    `events` is how many stand behind a question; 0 says that the line is one record. `inside` says that it belongs to
    the question above it.
    """

    record: AuditRecord
    question: str = ""
    events: int = 0
    unfolded: bool = False
    inside: bool = False
    risk: str = ""

    @property
    def key(self) -> tuple[str, int, bool]:
        """Identifies the line among all others."""
        return self.record.day, self.record.offset, bool(self.events)


def rows_of(
    records: Sequence[AuditRecord], questions: Mapping[str, str], unfolded: Collection[str]
) -> list[ActivityRow]:
    """Return the lines for some records, newest first: one for each exchange, and those of the unfolded ones."""
    runs: dict[str, list[AuditRecord]] = {}
    for record in records:
        if record.run:
            runs.setdefault(record.run, []).append(record)
    rows: list[ActivityRow] = []
    for record in records:
        events = runs.get(record.run, [])
        if len(events) < 2:
            rows.append(ActivityRow(record, risk=record.risk))
        elif events[0] is record:
            rows += _exchange(events, questions.get(record.run, ""), record.run in unfolded)
    return rows


def _exchange(events: Sequence[AuditRecord], question: str, unfolded: bool) -> list[ActivityRow]:
    head = next((record for record in events if record.event == "answer"), events[0])
    risks = [record.risk for record in events if record.risk in audit_log.LEVELS]
    risk = max(risks, key=audit_log.LEVELS.index, default="")
    inside = [ActivityRow(record, inside=True, risk=record.risk) for record in events] if unfolded else []
    return [ActivityRow(head, question, len(events), unfolded, risk=risk), *inside]


class ActivityList(QWidget):
    """The list, its filters, and the record picked in it."""

    changed = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._folder = window.assistant.paths.audit
        self._base = Filter()  # a saved filter; the fields below narrow it
        self._older: Position | None = None
        self._asked = 0
        self._loading = False
        self._records: list[AuditRecord] = []
        self._questions: dict[str, str] = {}
        self._unfolded: set[str] = set()
        self._since_click = QElapsedTimer()
        columns: list[Column[ActivityRow]] = [
            Column(tr("Time"), lambda r: _fold_mark(r) + formats.when(r.record.at), width=150),
            Column(tr("Event"), lambda r: tr("Question") if r.events else event_name(r.record.event), width=136),
            Column(tr("What"), lambda r: _what(r, window.assistant.registry.models)),
            Column(tr("Risk"), lambda r: risk_word(r.risk), width=92, color=self._risk_color),
        ]
        self.table: Table[ActivityRow] = Table(
            "activity", tr("Activity"), columns, window.state, sortable=False, searched=lambda _: ""
        )
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.detail = Detail(window)
        self.line = label("", "muted")
        self._stack = QStackedWidget()
        self._make_filters()
        self._lay_out()
        self._rest = _timer(self, REST_MS, self.reload)
        self._follow = _timer(self, FOLLOW_MS, self._read_new)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(lambda _: self._soon())
        self._watcher.directoryChanged.connect(lambda _: self._soon())
        self.table.picked.connect(self._show_picked)
        self.table.opened.connect(self._on_open)
        self.table.clicked.connect(self._on_click)
        self.table.verticalScrollBar().valueChanged.connect(self._near_end)
        self.detail.whole.connect(self.show_run)
        window.assistant.history.on_forget.append(self._on_forget)
        window.closed.connect(self._leave)

    def _leave(self) -> None:
        on_forget = self._window.assistant.history.on_forget
        if self._on_forget in on_forget:
            on_forget.remove(self._on_forget)

    # ------------------------------------------------------------ filters

    def use(self, base: Filter) -> None:
        """Show what a saved filter takes; the fields are emptied."""
        self._base = base
        for field in (self.text, self.kind, self.risk, self.tag, self.day):
            field.blockSignals(True)
        self.text.clear()
        for box in (self.kind, self.risk, self.tag, self.day):
            box.setCurrentIndex(0)
        for field in (self.text, self.kind, self.risk, self.tag, self.day):
            field.blockSignals(False)
        self.reload()

    def show_run(self, run: str) -> None:
        """Show all records of one exchange."""
        self.use(Filter(run=run))

    def _on_click(self, index: QModelIndex) -> None:
        """A click on the mark of a question folds it."""
        row = self.table.rows.shown[index.row()]
        if index.column() == 0 and row.events:
            self._since_click.start()
            self.toggle(row)

    def _on_open(self, row: ActivityRow) -> None:
        """Enter folds, and a double click; one on the mark did so with its first click."""
        double = QGuiApplication.styleHints().mouseDoubleClickInterval()
        if not self._since_click.isValid() or self._since_click.hasExpired(double):
            self.toggle(row)

    def toggle(self, row: ActivityRow) -> None:
        """Unfold a question into its events, or fold it again."""
        if row.events:
            self._unfolded ^= {row.record.run}
            self._fill()

    def filter_in_force(self) -> Filter:
        """Return the filter in force."""
        changes: dict[str, Any] = {"text": self.text.text().strip()}
        for name, box in (("event", self.kind), ("risk", self.risk), ("tag", self.tag)):
            if value := box.currentData():
                changes[name] = value
        if day := self.day.currentData():
            changes["since"] = changes["until"] = day
        return dataclasses.replace(self._base, **changes)

    # ------------------------------------------------------------ reading

    def reload(self) -> None:
        """Read the list anew, from the newest record."""
        self._window.run(self._load(anew=True))

    async def _load(self, *, anew: bool) -> None:
        if anew:
            self._asked += 1
            self._older = None
            await self._list_days()
        elif self._older is None or self._loading:
            return
        ticket, wanted = self._asked, self.filter_in_force()
        self._loading = True
        try:
            found = await asyncio.to_thread(audit_log.read, self._folder, wanted, self._older, AT_ONCE)
        finally:
            self._loading = False
        if ticket != self._asked:
            return
        self._older = found.older
        self._records = [*([] if anew else self._records), *found.records]
        new = dict.fromkeys(record.run for record in found.records if record.run and record.run not in self._questions)
        self._questions |= await self._window.assistant.history.questions_of(list(new))
        if ticket != self._asked:
            return
        self._fill()
        if anew:
            self._watch()
        self._say(found.reached)
        if not found.records and found.older:  # a rare filter: go on until something is found
            await self._load(anew=False)

    def _on_forget(self) -> None:
        self._questions.clear()
        self._fill()
        self._window.run(self._ask_questions())

    async def _ask_questions(self) -> None:
        """Read the questions of all records anew: the history may hold fewer, or masked ones."""
        runs = dict.fromkeys(record.run for record in self._records if record.run)
        self._questions |= await self._window.assistant.history.questions_of(list(runs))
        self._fill()

    def _fill(self) -> None:
        """Show the records: by question where all are wanted, one by one where some are looked for."""
        if self.filter_in_force() in (Filter(), Filter(since=self._base.since, until=self._base.until)):
            rows = rows_of(self._records, self._questions, self._unfolded)
        else:
            rows = [ActivityRow(record, risk=record.risk) for record in self._records]
        self.table.fill(rows, lambda row: row.key)

    async def _list_days(self) -> None:
        days = await asyncio.to_thread(audit_log.days, self._folder)
        known = [self.day.itemData(at) for at in range(1, self.day.count())]
        if days == known:
            return
        chosen = self.day.currentData()
        self.day.blockSignals(True)
        self.day.clear()
        self.day.addItem(tr("Any day"), ANY)
        for day in days:
            self.day.addItem(day, day)
        self.day.setCurrentIndex(max(0, self.day.findData(chosen)))
        self.day.blockSignals(False)

    def _watch(self) -> None:
        files = [str(file) for file in sorted(self._folder.glob("????-??-??.ndjson"))[-1:]]
        wanted = [*files, str(self._folder)] if self._folder.is_dir() else []
        if old := [path for path in (*self._watcher.files(), *self._watcher.directories()) if path not in wanted]:
            self._watcher.removePaths(old)
        if wanted:
            self._watcher.addPaths(wanted)

    def _soon(self) -> None:
        if not self._follow.isActive():
            self._follow.start()

    def _read_new(self) -> None:
        """Show new records when the top is on screen; someone who reads further down is left alone."""
        if self.table.verticalScrollBar().value() == 0 and not self._loading:
            self._window.run(self._load(anew=True))

    def _near_end(self, value: int) -> None:
        if value >= self.table.verticalScrollBar().maximum() - self.table.viewport().height():
            self._window.run(self._load(anew=False))

    def _say(self, reached: str) -> None:
        shown = len(self._records)
        self._stack.setCurrentIndex(0 if shown else 1)
        line = formats.count(shown, tr("{} record"), tr("{} records"))
        if self._older is not None:
            line = tr("{records}, back to {day}; scroll for more").format(records=line, day=reached)
        if problem := self._window.assistant.audit.problem:
            line = local(problem)
        self.line.setText(line)
        self.changed.emit()

    def _show_picked(self) -> None:
        chosen = self.table.selected_rows()
        self.detail.show_record(chosen[0].record if len(chosen) == 1 else None)

    def _risk_color(self, row: ActivityRow) -> str:
        colors = self._window.theme.colors
        return {"high": colors.danger, "medium": colors.amber, "unchecked": colors.amber}.get(row.risk, "")

    # ------------------------------------------------------------ building

    def _make_filters(self) -> None:
        self.text = QLineEdit()
        self.text.setPlaceholderText(tr("Filter by any word in a record"))
        self.text.setAccessibleName(self.text.placeholderText())
        self.text.setClearButtonEnabled(True)
        self.text.textChanged.connect(lambda _: self._rest.start())
        self.kind = _box(tr("Event"), [(tr("Any event"), ANY), *((event_name(e), e) for e in EVENTS)])
        levels = [(tr("Any risk"), ANY), (tr("Medium or worse"), "medium"), (tr("High"), "high")]
        self.risk = _box(tr("Risk"), levels)
        self.tag = _box(tr("Tag"), [(tr("Any tag"), ANY), *((tag_name(tag), tag) for tag in TAGS)])
        self.day = _box(tr("Day"), [(tr("Any day"), ANY)])
        for box in (self.kind, self.risk, self.tag, self.day):
            box.currentIndexChanged.connect(lambda _: self.reload())
        self.clear = QPushButton(tr("&Clear"))
        self.clear.setAccessibleName(tr("Clear the filters"))
        self.clear.clicked.connect(lambda: self.use(Filter()))

    def _lay_out(self) -> None:
        self._stack.addWidget(self.table)
        self._stack.addWidget(
            empty_state(
                tr("No records"),
                tr("Each question, file and safety check leaves a record here. Nothing matches at present."),
            )
        )
        split = QSplitter()
        split.addWidget(self._stack)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([670, 310])
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        layout = column(self.text, spacing=2)
        layout.setContentsMargins(SPACE[4], SPACE[3], SPACE[4], SPACE[2])
        layout.addLayout(row(self.kind, self.risk, self.tag, self.day, None, self.clear))
        layout.addWidget(split, 1)
        layout.addWidget(self.line)
        self.setLayout(layout)


def _fold_mark(row: ActivityRow) -> str:
    if row.events:
        return UNFOLDED if row.unfolded else FOLDED
    return "    " if row.inside else ""


def _what(row: ActivityRow, models: Mapping[str, NamedModel]) -> str:
    if not row.events:
        return sentence(row.record, models)
    what = " ".join(row.question.split())[:300] or sentence(row.record, models)
    count = formats.count(row.events, tr("{} event"), tr("{} events"))
    return " · ".join(part for part in (what, count) if part)


def _box(name: str, items: list[tuple[str, str]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for text, value in items:
        box.addItem(text, value)
    return box


def _timer(parent: QWidget, ms: int, action: Any) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(ms)
    timer.timeout.connect(action)
    return timer
