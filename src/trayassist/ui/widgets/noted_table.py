"""A table whose rows may carry notes: lines under the cells, over the whole width, as tall as they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSettings, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from trayassist.ui.widgets.names import elide_apart
from trayassist.ui.widgets.table import Column, Table
from trayassist.ui.widgets.theme import SPACE, Theme

Note = tuple[str, str]  # the text, and the theme's name of its colour
WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class NotedTable[T](Table[T]):
    """A table that is as tall as its rows and scrolls with its page. `notes` says what stands under a row."""

    def __init__(
        self,
        name: str,
        title: str,
        columns: Sequence[Column[T]],
        state: QSettings,
        theme: Theme,
        notes: Callable[[T], Sequence[Note]],
    ) -> None:
        super().__init__(name, title, columns, state, description=lambda row: "\n".join(text for text, _ in notes(row)))
        self._theme, self._notes = theme, notes
        self.setItemDelegate(_UpperPart(self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.modelReset.connect(self.measure)
        theme.changed.connect(self.measure)

    @property
    def line(self) -> int:
        """The height of a row's cells, without its notes."""
        return round(self.fontMetrics().height() * 1.9)

    def fit(self) -> None:
        """Make each narrow column as wide as its longest text, unless the user chose how wide it is."""
        if self.arranged_by_user:
            return
        header, bold = self.horizontalHeader(), QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        header.blockSignals(True)  # what we choose is not kept as the user's choice
        for at, column in enumerate(self.rows.columns):
            if column.width:
                texts = (self.fontMetrics().horizontalAdvance(column.text(row)) for row in self.rows.shown)
                title = QFontMetrics(bold).horizontalAdvance(f"{column.title} ▴")
                header.resizeSection(at, max(title, *texts, 0) + 2 * SPACE[3])
        header.blockSignals(False)
        self._fill_width()

    def measure(self) -> None:
        """Give every row the height of its notes, and the table that of its rows."""
        whole = self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth() + 2
        for at, row in enumerate(self.rows.shown):
            height = self.line + sum(self._box(text).height() for text, _ in self._notes(row))
            height += SPACE[1] if self._notes(row) else 0
            self.verticalHeader().resizeSection(at, height)
            whole += height
        if self.horizontalScrollBar().maximum() > 0:
            whole += self.horizontalScrollBar().sizeHint().height()
        if whole != self.height():
            self.setFixedHeight(whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the notes anew."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.measure()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells, then the notes under them."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        colors = self._theme.colors
        chosen = {index.row() for index in self.selectionModel().selectedRows()}
        for at, row in enumerate(self.rows.shown):
            top, height = self.rowViewportPosition(at), self.rowHeight(at)
            if height <= self.line or top > event.rect().bottom() or top + height < event.rect().top():
                continue
            ground = colors.selection if at in chosen else colors.surface
            width = self.viewport().width()
            painter.fillRect(0, top + self.line - 1, width, height - self.line, QColor(ground))
            y = top + self.line - SPACE[1]
            for text, color in self._notes(row):
                box = self._box(text).translated(0, y)
                painter.setPen(QColor(getattr(colors, "text" if at in chosen else color)))
                painter.drawText(box, int(WRAP), text)
                y += box.height()
            painter.fillRect(0, top + height - 1, width, 1, QColor(colors.raised))
        painter.end()

    def _box(self, text: str) -> QRect:
        """Return the box of a note, at the top of the table."""
        room = QRect(SPACE[3], 0, max(100, self.viewport().width() - 2 * SPACE[3]), 10_000)
        return self.fontMetrics().boundingRect(room, int(WRAP), text)


class _UpperPart(QStyledItemDelegate):
    """Paints a cell in the upper part of its row only."""

    def __init__(self, table: NotedTable[Any]) -> None:
        super().__init__(table)
        self._table = table

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Shorten the first column's text, what a row is called, where it does not differ from other rows'."""
        super().initStyleOption(option, index)
        if index.column() == 0:
            names = [self._table.rows.columns[0].text(row) for row in self._table.rows.shown]
            room = self._table.columnWidth(0) - 2 * SPACE[3]
            width = self._table.fontMetrics().horizontalAdvance
            option.text = elide_apart(option.text, names, lambda text: width(text) <= room)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        option.rect.setHeight(self._table.line)
        super().paint(painter, option, index)
