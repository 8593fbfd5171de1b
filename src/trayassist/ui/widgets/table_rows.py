"""The rows of a table: all of them, those the filter shows, in the chosen order.

Sorting and filtering work on lists, not through a proxy model: 10,000 rows take a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QWidget

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ROLE = Qt.ItemDataRole
# looked up once: a table asks for these of every cell it paints, and finding a name in an enum takes longer
SHOWN, TIP, SIDE, INK, TOLD = (
    ROLE.DisplayRole,
    ROLE.ToolTipRole,
    ROLE.TextAlignmentRole,
    ROLE.ForegroundRole,
    ROLE.AccessibleDescriptionRole,
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


@dataclass(frozen=True, slots=True)
class Arranged[T]:
    """The rows of a table: as they came, in order, and those shown, by one filter and one order."""

    arrangement: tuple[str, int, bool]
    came: list[tuple[str, T]]
    ordered: list[tuple[str, T]]
    shown: list[T]


class TableRows[T](QAbstractTableModel):
    """The rows shown at present: all rows, less those the filter hides, in the chosen order."""

    def __init__(
        self, columns: Sequence[Column[T]], parent: QWidget, searched: Callable[[T], str] | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = columns
        self._searched = searched or self._all_columns
        self._came: list[tuple[str, T]] = []  # with the lower-case text that the filter looks into
        self._ordered: list[tuple[str, T]] = []  # the same, in the chosen order
        self.shown: list[T] = []
        self._filter = ""
        self._sorted = (-1, False)
        self.told: Callable[[T], str] = lambda _: ""  # what a screen reader is told besides a row's first cell

    def fill(self, rows: Sequence[T]) -> None:
        """Replace all rows."""
        self.take(self.arrange(rows))

    def arrange(self, rows: Sequence[T]) -> Arranged[T]:
        """Return rows as `take` shows them. It touches nothing of Qt's, so that it may run in a thread."""
        came = [(self._searched(row).lower(), row) for row in rows]
        ordered = self._in_order(came)
        return Arranged(self.arrangement, came, ordered, self._matching(ordered))

    def take(self, arranged: Arranged[T]) -> None:
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
            return self.told(row)
        if role == SIDE:
            return RIGHT if column.number else LEFT
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
