"""A table that sorts, filters, copies and keeps its columns, over plain Python rows.

Sorting and filtering work on lists, not through a proxy model: 10,000 rows take a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSettings,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QBrush, QColor, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
WIDE_LEAST = 160  # of the column that takes what is left; below it the table scrolls
MOST_ROWS_COPIED = 10_000


@dataclass(frozen=True, slots=True)
class Column[T]:
    """A column: its title, the text of a row, and what it sorts by when that is not the text."""

    title: str
    text: Callable[[T], str]
    sort: Callable[[T], Any] | None = None
    number: bool = False
    width: int = 0  # logical pixels; 0 takes what is left
    color: Callable[[T], str] | None = None  # a text colour, or "" for the normal one


class Rows[T](QAbstractTableModel):
    """The rows shown at present: all rows, less those the filter hides, in the chosen order."""

    def __init__(
        self, columns: Sequence[Column[T]], parent: QWidget, searched: Callable[[T], str] | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = columns
        self._searched = searched or self._all_columns
        self._all: list[tuple[str, T]] = []  # with the lower-case text that the filter looks into
        self.shown: list[T] = []
        self._filter = ""
        self._sorted = (-1, False)
        self.told: Callable[[T], str] = lambda _: ""  # what a screen reader is told besides a row's first cell

    def fill(self, rows: Sequence[T]) -> None:
        """Replace all rows."""
        self._all = [(self._searched(row).lower(), row) for row in rows]
        self._refresh()

    def append(self, rows: Sequence[T]) -> None:
        """Add rows at the end (for lists that come in their order and are not sorted)."""
        self._all += [(self._searched(row).lower(), row) for row in rows]
        first = len(self.shown)
        if rows:
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self.shown += rows
            self.endInsertRows()

    def filter(self, text: str) -> None:
        """Show the rows in which every word of `text` is found."""
        self._filter = text.lower()
        self._refresh()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column; -1 is the order in which the rows came."""
        self._sorted = (column, order == Qt.SortOrder.DescendingOrder)
        self._refresh()

    def all(self) -> list[T]:
        """Return all rows, those that the filter hides too."""
        return [row for _, row in self._all]

    def _all_columns(self, row: T) -> str:
        return "\n".join(column.text(row) for column in self.columns)

    def _refresh(self) -> None:
        words = self._filter.split()
        self.beginResetModel()
        self.shown = [row for text, row in self._all if all(word in text for word in words)]
        column, backwards = self._sorted
        if 0 <= column < len(self.columns):
            spec = self.columns[column]
            self.shown.sort(key=spec.sort or (lambda row: spec.text(row).lower()), reverse=backwards)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.shown):
            return None
        column, row = self.columns[index.column()], self.shown[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return column.text(row)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and not index.column():
            return self.told(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.number else LEFT
        if role == Qt.ItemDataRole.ForegroundRole and column.color is not None and (color := column.color(row)):
            return QBrush(QColor(color))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            by, backwards = self._sorted
            return self.columns[section].title + ((" ▾" if backwards else " ▴") if by == section else "")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if self.columns[section].number else LEFT
        return None


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
        self.rows = Rows(columns, self, searched)
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
        header.sectionResized.connect(self._resized)
        header.sectionMoved.connect(lambda *_: self._state.setValue(self._key, header.saveState()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the wide column what the others leave."""
        super().resizeEvent(event)
        self._fill_width()

    def _resized(self, column: int, _old: int, _new: int) -> None:
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
        chosen = {key(row) for row in self.selected()}
        top = self.verticalScrollBar().value()
        self.rows.fill(rows)
        self.select([at for at, row in enumerate(self.rows.shown) if key(row) in chosen])
        self.verticalScrollBar().setValue(top)

    def select(self, rows: Sequence[int]) -> None:
        """Select these shown rows and make the first one current."""
        flags = QItemSelectionModel.SelectionFlag
        model = self.selectionModel()
        model.clearSelection()
        for row in rows:
            model.select(self.rows.index(row, 0), flags.Select | flags.Rows)
        if rows:
            model.setCurrentIndex(self.rows.index(rows[0], 0), flags.NoUpdate)

    def selected(self) -> list[T]:
        """Return the selected rows, top to bottom."""
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
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
        lines = ["\t".join(column.text(row) for column in columns) for row in self.selected()[:MOST_ROWS_COPIED]]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def _sort_by(self, column: int) -> None:
        by, backwards = self.rows._sorted
        down = not backwards if by == column else self.rows.columns[column].number
        selected = self.selected()
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
