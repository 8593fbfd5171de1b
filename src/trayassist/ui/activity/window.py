"""The window of history and activity: past questions and answers first, then the records of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from trayassist.safety.audit_log import Filter, destructive_commands, high_risk_this_week
from trayassist.ui.activity.history import HistoryPage
from trayassist.ui.activity.records import ActivityList
from trayassist.ui.widgets.lazy import LazyWidget
from trayassist.ui.widgets.sidebar import Sidebar
from trayassist.ui.widgets.theme import Theme
from trayassist.ui.widgets.window import Window, column, row

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

SIZE = QSize(1200, 720)
HISTORY, ALL, HIGH_RISK, DESTRUCTIVE = range(4)


class ActivityWindow(Window):
    """The history, all records, two saved filters (S1-04). `asked` carries a question to ask again."""

    asked = Signal(str)

    def __init__(self, assistant: Assistant, theme: Theme | None = None) -> None:
        super().__init__(assistant, "activity", "", SIZE, theme)
        self.setWindowTitle(self.tr("History and activity"))
        self.setAccessibleName(self.windowTitle())
        self._history, self._records = LazyWidget(self._make_history), LazyWidget(lambda: ActivityList(self))
        self.sidebar = Sidebar(self.theme, self.tr("Parts of the window"))
        self._lay_out()
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._focus_field)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self, lambda: self._go(self.sidebar.currentRow()))
        self.sidebar.setCurrentRow(HISTORY)
        self.sidebar.currentRowChanged.connect(self._go)
        self.run(self.in_turn(self._history.get, lambda: self._go(self.sidebar.currentRow()), self._records.get))

    @property
    def records(self) -> ActivityList:
        """The page of records, built."""
        return self._records.get()

    @property
    def history(self) -> HistoryPage:
        """The page of past questions, built."""
        return self._history.get()

    def show_history(self) -> None:
        """Go to the earlier questions and answers."""
        self.sidebar.setCurrentRow(HISTORY)

    def show_activity(self) -> None:
        """Go to the list of all that was done."""
        self.sidebar.setCurrentRow(ALL)

    def _go(self, entry: int) -> None:
        if entry == HISTORY:
            self.history.reload()
            return
        saved = {HIGH_RISK: high_risk_this_week, DESTRUCTIVE: destructive_commands}
        self.records.use(saved.get(entry, Filter)())

    def _focus_field(self) -> None:
        field = self.history.field if self.sidebar.currentRow() == HISTORY else self.records.text
        field.setFocus()

    def _lay_out(self) -> None:
        self.sidebar.add("person", self.tr("History"), self._history)
        self.sidebar.add("activity", self.tr("Activity"), self._records)
        self.sidebar.add("warning", self.tr("High risk this week"))
        self.sidebar.add("shield", self.tr("Destructive commands"))
        self.sidebar.item(DESTRUCTIVE).setToolTip(self.tr("Commands that looked destructive"))
        content = QWidget()
        content.setLayout(column(self.notice, self.sidebar.stack, spacing=0))
        self.setLayout(row(self.sidebar, content, spacing=0))

    def _make_history(self) -> HistoryPage:
        page = HistoryPage(self)
        page.asked.connect(self.asked)
        return page
