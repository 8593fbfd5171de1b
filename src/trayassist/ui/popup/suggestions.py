"""The list under the field: pages found while typing, roles after "@", or questions to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from trayassist.ui.widgets.theme import Theme

ENTRY = Qt.ItemDataRole.UserRole
SIDE, TOP = 12, 6
SHARE = 0.6  # of the screen's height; more rows are scrolled to


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A row: an icon, a title, a word at its right and a second line. `value` is what is chosen."""

    icon: str
    title: str
    value: Any
    right: str = ""
    detail: str = ""


class Suggestions(QListWidget):
    """Shows entries; the field keeps the focus and moves the selection."""

    chosen = Signal(object)  # the entry's value
    resized = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Suggestions"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setItemDelegate(_Rows(theme, self))
        self.itemClicked.connect(lambda item: self.chosen.emit(item.data(ENTRY).value))
        self.hide()

    @property
    def entries(self) -> list[Suggestion]:
        return [self.item(row).data(ENTRY) for row in range(self.count())]

    @property
    def selected(self) -> Suggestion | None:
        row = self.currentRow()
        return self.entries[row] if row >= 0 else None

    def show_entries(self, entries: Sequence[Suggestion]) -> None:
        """Show these rows, none selected; hidden when there are none."""
        if list(entries) == self.entries:
            return
        self.clear()
        for entry in entries:
            item = QListWidgetItem()
            item.setData(ENTRY, entry)
            sentence = ", ".join(part for part in (entry.title, entry.right, entry.detail) if part)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, sentence)
            self.addItem(item)
        self.setCurrentRow(-1)
        rows = sum(self.sizeHintForRow(row) for row in range(self.count())) + 2
        self.setFixedHeight(min(rows, round(self.screen().availableGeometry().height() * SHARE)))
        self.setVisible(bool(entries))
        self.resized.emit()

    def move_selection(self, step: int) -> bool:
        """Select the next (1) or previous (-1) row; False when that leaves the list, nothing is selected then."""
        row = self.currentRow() + step
        if not 0 <= row < self.count():
            if step < 0:
                self.setCurrentRow(-1)
            return False
        self.setCurrentRow(row)
        sentence = self.item(row).data(Qt.ItemDataRole.AccessibleTextRole)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))
        return True


class _Rows(QStyledItemDelegate):
    """Paints a row in the theme's colours."""

    def __init__(self, theme: Theme, parent: QListWidget) -> None:
        super().__init__(parent)
        self._theme, self._list = theme, parent

    def _fonts(self, base: QFont) -> tuple[QFont, QFont]:
        title, small = QFont(base), QFont(base)
        title.setPixelSize(round(self._theme.font_px("body") * 0.93))
        small.setPixelSize(self._theme.font_px("small"))
        return title, small

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        title, small = self._fonts(self._list.font())
        height = QFontMetrics(title).height() + 2 * TOP
        if index.data(ENTRY).detail:
            height += QFontMetrics(small).height() + 1
        return QSize(100, height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Suggestion = index.data(ENTRY)
        colors = self._theme.colors
        state: Any = option.state
        area: QRect = option.rect.adjusted(4, 1, -4, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(colors.selection))
            painter.drawRoundedRect(area, 6, 6)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(colors.hover))
            painter.drawRoundedRect(area, 6, 6)
        self._paint_text(painter, area, entry)
        painter.restore()

    def _paint_text(self, painter: QPainter, area: QRect, entry: Suggestion) -> None:
        colors = self._theme.colors
        title, small = self._fonts(painter.font())
        ratio = painter.device().devicePixelRatio()
        painter.setFont(title)
        row = QRect(area.left() + 8, area.top() + TOP - 1, area.width() - 16, painter.fontMetrics().height())
        painter.drawPixmap(row.left(), row.center().y() - 8, self._theme.pixmap(entry.icon, 16, "muted", ratio))
        row.setLeft(row.left() + 26)
        painter.setFont(small)
        right = painter.fontMetrics().horizontalAdvance(entry.right)
        painter.setPen(QColor(colors.muted))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, entry.right)
        painter.setFont(title)
        painter.setPen(QColor(colors.text))
        room = row.width() - right - 12
        text = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)
        if entry.detail:
            painter.setFont(small)
            painter.setPen(QColor(colors.muted))
            detail = QRect(row.left(), row.bottom() + 1, row.width(), painter.fontMetrics().height())
            text = painter.fontMetrics().elidedText(entry.detail, Qt.TextElideMode.ElideRight, detail.width())
            painter.drawText(detail, Qt.AlignmentFlag.AlignVCenter, text)
