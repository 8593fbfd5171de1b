"""Chips in rows, as many a row as fit; more than a few rows are scrolled, so that the answer keeps its room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QLayoutItem, QScrollArea, QSizePolicy, QWidget

MOST_ROWS = 3


class FlowLayout(QLayout):
    """Lays its items out in rows, from left to right, as many a row as fit."""

    def __init__(self, spacing: int = 8) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay_out(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._lay_out(rect, move=True)

    def clear(self) -> None:
        """Remove and delete all widgets."""
        while (item := self.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _lay_out(self, rect: QRect, *, move: bool) -> int:
        x, y, row = rect.x(), rect.y(), 0
        for item in self._items:
            widget = item.widget()
            if widget is not None and widget.isHidden():
                continue
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, row = rect.x(), y + row + self.spacing(), 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x, row = x + size.width() + self.spacing(), max(row, size.height())
        return y + row - rect.y()


class Flow(QScrollArea):
    """A widget of chips in rows; three rows are shown at once."""

    def __init__(self, name: str) -> None:
        super().__init__()
        inside = QWidget()
        self.flow = FlowLayout()
        inside.setLayout(self.flow)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for plain in (self.viewport(), inside):
            plain.setAutoFillBackground(False)
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def show_all(self, widgets: list[QWidget]) -> None:
        """Show these instead of what was there; hidden when there are none."""
        self.flow.clear()
        for widget in widgets:
            self.flow.addWidget(widget)
            widget.installEventFilter(self)
            widget.show()  # now: what is shown later is not counted in the height
        self.setVisible(bool(widgets))
        self._need_bar()
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have a bar only where there are more rows than are shown."""
        super().resizeEvent(event)
        self._need_bar()

    def _need_bar(self) -> None:
        """A bar that is there for a moment would take the width that chips need, and stay for that."""
        width = self.width()
        more = self.flow.heightForWidth(width) > self.heightForWidth(width)
        needed = Qt.ScrollBarPolicy.ScrollBarAsNeeded if more else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if needed != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(needed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Bring a chip into view that gets the focus, from wherever it comes."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self.ensureWidgetVisible(watched, 0, 0)
        return super().eventFilter(watched, event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the rows that the chips take, three at most."""
        rows = (self.flow.itemAt(at) for at in range(self.flow.count()))
        row = max((item.sizeHint().height() for item in rows if item is not None), default=0)
        return min(self.flow.heightForWidth(width), MOST_ROWS * (row + self.flow.spacing()) - self.flow.spacing())

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(self.flow.minimumSize().width(), self.heightForWidth(max(self.width(), 1)))
