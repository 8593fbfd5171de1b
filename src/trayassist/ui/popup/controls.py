"""Small controls of the popup: chips, icon buttons, lines, a layout that wraps."""

from __future__ import annotations

import html

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QLayoutItem, QPushButton, QSizePolicy, QToolButton, QWidget

from trayassist.ui.theme import Theme

CHIP_WIDTH = 280
FRAME_MS = 33
LONGEST_TIP = 600


def icon_button(theme: Theme, icon: str, name: str, parent: QWidget | None = None) -> QToolButton:
    """Return a button that shows an icon; `name` is its tooltip and what a screen reader says."""
    button = QToolButton(parent)
    button.setFixedSize(28, 28)
    button.setIconSize(QSize(18, 18))
    button.setToolTip(name)
    button.setAccessibleName(name)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    theme.show_icon(button, icon)
    return button


def push_button(text: str, look: str = "", parent: QWidget | None = None) -> QPushButton:
    """Return a button in one of the looks of the style sheet."""
    button = QPushButton(text, parent)
    button.setProperty("look", look)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus if look in ("chip", "link") else Qt.FocusPolicy.StrongFocus)
    return button


def label(text: str = "", look: str = "small", *, wraps: bool = False) -> QLabel:
    """Return a label that shows plain text only, whatever is in it."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setProperty("look", look)
    result.setWordWrap(wraps)
    if wraps:
        result.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return result


def plain_tip(text: str) -> str:
    """Return a tooltip that shows `text` as it is. Qt would take text that looks like HTML for HTML."""
    return f"<p>{html.escape(text[:LONGEST_TIP])}</p>" if text else ""


def line() -> QFrame:
    """Return a thin horizontal line."""
    result = QFrame()
    result.setProperty("look", "line")
    return result


class ElidedLabel(QLabel):
    """A label of one line that shortens its text to its width; the whole text is in its tooltip."""

    def __init__(self, look: str = "small", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._whole, self._mode = "", mode
        self.setProperty("look", look)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show `text`, as much of it as fits."""
        self._whole = text
        self.setAccessibleName(text)
        self.setText(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self._whole, self._mode, self.width())
        self.setToolTip(plain_tip(self._whole) if text != self._whole else "")
        self.style().drawItemText(
            painter, self.rect(), int(self.alignment()), self.palette(), self.isEnabled(), text, self.foregroundRole()
        )


class Chip(QPushButton):
    """A pill with an icon; its text is shortened in the middle, so that a page number stays visible."""

    def __init__(self, theme: Theme, text: str, icon: str = "chevron-right", *, closes: bool = False) -> None:
        super().__init__()
        self.whole = text
        self.setProperty("look", "chip")
        self.setAutoDefault(False)
        self.setIconSize(QSize(14, 14))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(text)
        if closes:  # the cross stands at the end
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        theme.show_icon(self, icon)
        self.ensurePolished()
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, CHIP_WIDTH).replace("&", "&&"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter work like a click, as on a link."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class QuestionButton(QPushButton):
    """The question above its answer, in one line; a click edits it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._whole = ""
        self.setProperty("look", "question")
        self.setAutoDefault(False)
        self.setIconSize(QSize(14, 14))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.show_icon(self, "edit")

    def show_text(self, text: str) -> None:
        """Show `text` in one line."""
        self._whole = " ".join(text.split())
        self.setAccessibleName(self.tr("Edit and ask again: {0}").format(self._whole))
        self.setToolTip(self.tr("Edit and ask again"))
        self._shorten()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten to the new width."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        room = max(40, self.width() - 40)
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room).replace("&", "&&"))


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


class Flow(QWidget):
    """A widget of chips in rows."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.flow = FlowLayout()
        self.setLayout(self.flow)
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
        self.setVisible(bool(widgets))
        self.updateGeometry()
