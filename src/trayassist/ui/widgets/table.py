"""A table that sorts, filters, copies and keeps its columns, over plain Python rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSettings,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QBrush, QColor, QGuiApplication, QIcon, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
WIDE_LEAST = 120  # of the column that takes what is left; below it the table scrolls
MOST_ROWS_COPIED = 10_000


class Table[T](QTableView):
    """A table of `T`. Enter or a double click emits `opened` with the row, Delete emits `removed`.

    The filter looks into `searched` of a row (what the columns show, when it is not given). A screen reader is told the
    `description` of a row besides its first cell.
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
        description: Callable[[T], str] = lambda _: "",
    ) -> None:
        super().__init__()
        self._key, self._state = f"table/{name}", state
        self.rows = TableRows(columns, self, searched, description)
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

    def _take(self, arranged: ArrangedRows[T], key: Callable[[T], Any]) -> None:
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


Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ROLE = Qt.ItemDataRole
# looked up once: a table asks for these of every cell it paints, and finding a name in an enum takes longer
SHOWN, TIP, SIDE, INK, TOLD, ICON = (
    ROLE.DisplayRole,
    ROLE.ToolTipRole,
    ROLE.TextAlignmentRole,
    ROLE.ForegroundRole,
    ROLE.AccessibleDescriptionRole,
    ROLE.DecorationRole,
)


@dataclass(frozen=True, slots=True)
class Column[T]:
    """A column: its title, the text of a row, and what it sorts by when that is not the text."""

    title: str
    text: Callable[[T], str]
    sort: Callable[[T], Any] | None = None
    number: bool = False
    width: int = 0  # logical pixels; 0 takes what is left
    color: Callable[[T], str] | None = None  # a text colour, or "" for the normal one
    icon: Callable[[T], QIcon | None] | None = None


@dataclass(frozen=True, slots=True)
class ArrangedRows[T]:
    """The rows of a table: as they came, in order, and those shown, by one filter and one order."""

    arrangement: tuple[str, int, bool]
    came: list[tuple[str, T]]
    ordered: list[tuple[str, T]]
    shown: list[T]


class TableRows[T](QAbstractTableModel):
    """The rows shown at present: all rows, less those the filter hides, in the chosen order."""

    def __init__(
        self,
        columns: Sequence[Column[T]],
        parent: QWidget,
        searched: Callable[[T], str] | None,
        description: Callable[[T], str],
    ) -> None:
        super().__init__(parent)
        self.columns, self.description = columns, description
        self._searched = searched or self._all_columns
        self._came: list[tuple[str, T]] = []  # with the lower-case text that the filter looks into
        self._ordered: list[tuple[str, T]] = []  # the same, in the chosen order
        self.shown: list[T] = []
        self._filter = ""
        self._sorted = (-1, False)

    def fill(self, rows: Sequence[T]) -> None:
        """Replace all rows."""
        self.take(self.arrange(rows))

    def arrange(self, rows: Sequence[T]) -> ArrangedRows[T]:
        """Return rows as `take` shows them. It touches nothing of Qt's, so that it may run in a thread."""
        came = [(self._searched(row).lower(), row) for row in rows]
        ordered = self._in_order(came)
        return ArrangedRows(self.arrangement, came, ordered, self._matching(ordered))

    def take(self, arranged: ArrangedRows[T]) -> None:
        """Replace all rows by arranged ones."""
        self.beginResetModel()
        self._came, self._ordered, self.shown = arranged.came, arranged.ordered, arranged.shown
        self.endResetModel()

    @property
    def arrangement(self) -> tuple[str, int, bool]:
        """The filter, the column of the order, and whether that is backwards."""
        return (self._filter, *self._sorted)

    def append(self, rows: Sequence[T]) -> None:
        """Add rows at the end (for lists that come in their order and are not sorted)."""
        new = [(self._searched(row).lower(), row) for row in rows]
        self._came, self._ordered = self._came + new, self._ordered + new
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
        self._ordered = self._in_order(self._came)
        self._refresh()

    @property
    def count(self) -> int:
        """How many rows there are, those that the filter hides too."""
        return len(self._came)

    def _all_columns(self, row: T) -> str:
        return "\n".join(column.text(row) for column in self.columns)

    def _refresh(self) -> None:
        self.beginResetModel()
        self.shown = self._matching(self._ordered)
        self.endResetModel()

    def _matching(self, rows: list[tuple[str, T]]) -> list[T]:
        for word in self._filter.split():
            rows = [pair for pair in rows if word in pair[0]]
        return [row for _, row in rows]

    def _in_order(self, rows: list[tuple[str, T]]) -> list[tuple[str, T]]:
        column, backwards = self._sorted
        if not 0 <= column < len(self.columns):
            return rows
        spec = self.columns[column]
        key = spec.sort or (lambda row: spec.text(row).lower())
        return sorted(rows, key=lambda pair: key(pair[1]), reverse=backwards)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = SHOWN) -> Any:
        if not index.isValid() or index.row() >= len(self.shown):
            return None
        column, row = self.columns[index.column()], self.shown[index.row()]
        if role in (SHOWN, TIP):
            return column.text(row)
        if role == TOLD and not index.column():
            return self.description(row)
        if role == SIDE:
            return RIGHT if column.number else LEFT
        if role == ICON and column.icon is not None:
            return column.icon(row)
        if role == INK and column.color is not None and (color := column.color(row)):
            return QBrush(QColor(color))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == SHOWN:
            by, backwards = self._sorted
            return self.columns[section].title + ((" ▾" if backwards else " ▴") if by == section else "")
        if role == SIDE:
            return RIGHT if self.columns[section].number else LEFT
        return None
