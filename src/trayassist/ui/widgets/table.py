"""A table that sorts, filters, copies and keeps its columns, over plain Python rows (table_rows.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from trayassist.ui.widgets.table_rows import Arranged, Column, TableRows

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
WIDE_LEAST = 120  # of the column that takes what is left; below it the table scrolls
MOST_ROWS_COPIED = 10_000


class Table[T](QTableView):
    """A table of `T`. Enter or a double click emits `opened` with the row, Delete emits `removed`.

    The filter looks into `searched` of a row (what the columns show, when it is not given).
    """

    opened = Signal(object)
    removed = Signal()
    picked = Signal()

    def __init__(
        self,
        name: str,
        title: str,
        columns: Sequence[Column[T]],
        state: QSettings,
        *,
        sortable: bool = True,
        searched: Callable[[T], str] | None = None,
    ) -> None:
        super().__init__()
        self._key, self._state = f"table/{name}", state
        self.rows = TableRows(columns, self, searched)
        self.setModel(self.rows)
        self.setAccessibleName(title)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setTabKeyNavigation(False)  # Tab leaves the table, as in every list
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 1.9))
        self._head(columns, sortable)
        self.doubleClicked.connect(lambda index: self.opened.emit(self.rows.shown[index.row()]))
        self.selectionModel().selectionChanged.connect(lambda *_: self.picked.emit())

    def _head(self, columns: Sequence[Column[T]], sortable: bool) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        # one of its own, always empty: it would ask of each column whether all rows of it are selected, in each paint
        header.setSelectionModel(QItemSelectionModel(self.rows, header))
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(48)
        header.setSectionsClickable(sortable)
        header.setSortIndicatorShown(False)  # the arrow stands in the title, where a style sheet cannot lose it
        for at, spec in enumerate(columns):
            header.setSectionResizeMode(at, QHeaderView.ResizeMode.Interactive)
            if spec.width:
                header.resizeSection(at, spec.width)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._choose_columns)
        saved = self._state.value(self._key)
        if saved is not None:
            header.restoreState(saved)
        header.setStretchLastSection(False)
        if sortable:
            header.sectionClicked.connect(self._sort_by)
            by = self._state.value(f"{self._key}/sort", "")
            if ":" in str(by):
                column, down = str(by).split(":")
                self.rows.sort(int(column), DOWN if down == "1" else UP)
        header.sectionResized.connect(self._on_resize)
        header.sectionMoved.connect(lambda *_: self._state.setValue(self._key, header.saveState()))

    @property
    def arranged_by_user(self) -> bool:
        """Whether the user chose widths, order or columns, in this or an earlier run."""
        return self._state.value(self._key) is not None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the wide column what the others leave."""
        super().resizeEvent(event)
        self._fill_width()

    def _on_resize(self, column: int, _old: int, _new: int) -> None:
        if self.rows.columns[column].width:  # the wide one only follows
            self._fill_width()
            self._state.setValue(self._key, self.horizontalHeader().saveState())

    def _fill_width(self) -> None:
        header = self.horizontalHeader()
        wide = next((at for at, spec in enumerate(self.rows.columns) if not spec.width), None)
        if wide is not None:
            others = sum(header.sectionSize(at) for at in range(header.count()) if at != wide)
            header.resizeSection(wide, max(WIDE_LEAST, self.viewport().width() - others))

    def fill(self, rows: Sequence[T], key: Callable[[T], Any]) -> None:
        """Replace the rows; what was selected stays selected, what was on screen stays there."""
        self._take(self.rows.arrange(rows), key)

    async def load(self, rows: Sequence[T], key: Callable[[T], Any]) -> None:
        """Replace the rows as `fill` does, arranging them in a thread: for lists of thousands."""
        while True:
            arranged = await asyncio.to_thread(self.rows.arrange, rows)
            if arranged.arrangement == self.rows.arrangement:  # else someone typed or sorted meanwhile
                break
        self._take(arranged, key)

    def _take(self, arranged: Arranged[T], key: Callable[[T], Any]) -> None:
        chosen = {key(row) for row in self.selected_rows()}
        top = self.verticalScrollBar().value()
        self.rows.take(arranged)
        if chosen:
            self.select([at for at, row in enumerate(self.rows.shown) if key(row) in chosen])
        self.verticalScrollBar().setValue(top)
        if chosen:  # a model that is reset lets go of the selection without a word
            self.picked.emit()

    def select(self, rows: Sequence[int]) -> None:
        """Select these shown rows and make the first one current."""
        flags = QItemSelectionModel.SelectionFlag
        model, chosen = self.selectionModel(), QItemSelection()
        for first, last in _spans(rows):  # row by row, each would be compared with all that are selected
            chosen.select(self.rows.index(first, 0), self.rows.index(last, 0))
        model.select(chosen, flags.ClearAndSelect | flags.Rows)
        if rows:
            model.setCurrentIndex(self.rows.index(rows[0], 0), flags.NoUpdate)

    def selected_rows(self) -> list[T]:
        """Return the selected rows, top to bottom."""
        selection = self.selectionModel().selection()
        spans = {(selection.at(at).top(), selection.at(at).bottom()) for at in range(selection.size())}
        chosen = sorted({row for first, last in spans for row in range(first, last + 1)})
        return [self.rows.shown[row] for row in chosen if row < len(self.rows.shown)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete removes, Copy copies the rows as tab separated text."""
        current = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.opened.emit(self.rows.shown[current.row()])
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Copy the selected rows as the columns show them."""
        order = [self.horizontalHeader().logicalIndex(at) for at in range(len(self.rows.columns))]
        columns = [self.rows.columns[at] for at in order if not self.isColumnHidden(at)]
        lines = ["\t".join(column.text(row) for column in columns) for row in self.selected_rows()[:MOST_ROWS_COPIED]]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def _sort_by(self, column: int) -> None:
        by, backwards = self.rows._sorted
        down = not backwards if by == column else self.rows.columns[column].number
        selected = self.selected_rows()
        self.rows.sort(column, DOWN if down else UP)
        kept = {id(row) for row in selected}
        self.select([at for at, row in enumerate(self.rows.shown) if id(row) in kept])
        self._state.setValue(f"{self._key}/sort", f"{column}:{int(down)}")

    def _choose_columns(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for at, spec in enumerate(self.rows.columns):
            if at == 0:
                continue  # the first column says what the row is
            action = QAction(spec.title, menu, checkable=True, checked=not self.isColumnHidden(at))
            action.toggled.connect(lambda shown, at=at: self._show_column(at, shown))
            menu.addAction(action)
        menu.popup(self.horizontalHeader().mapToGlobal(where))

    def _show_column(self, at: int, shown: bool) -> None:
        self.setColumnHidden(at, not shown)
        self._fill_width()
        self._state.setValue(self._key, self.horizontalHeader().saveState())


def _spans(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of rows that follow one another."""
    first = last = -2
    for row in sorted(rows):
        if row != last + 1:
            if last >= 0:
                yield first, last
            first = row
        last = row
    if last >= 0:
        yield first, last
