"""Small controls of the popup: chips, icon buttons, lines."""

from __future__ import annotations

import html

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from trayassist.api import Citation, Passage, one_line
from trayassist.ui.widgets.theme import Theme

CHIP_WIDTH = 280
FRAME_MS = 33
LONGEST_TIP = 600


def as_citation(passage: Passage, number: int = 1) -> Citation:
    """Return a citation that opens the page of a passage."""
    return Citation(
        number=number,
        path=passage.path,
        title=passage.title,
        page=passage.page,
        quote=passage.text,
        start=passage.start,
        end=passage.end,
    )


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

    def __init__(
        self, theme: Theme, text: str, icon: str = "chevron-right", *, closes: bool = False, width: int = CHIP_WIDTH
    ) -> None:
        super().__init__()
        self.setProperty("look", "chip")
        self.setAutoDefault(False)
        self.setIconSize(QSize(14, 14))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if closes:  # the cross stands at the end
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        theme.show_icon(self, icon)
        self.show_text(text, width)

    def show_text(self, text: str, width: int = CHIP_WIDTH) -> None:
        """Show `text`, shortened to so many pixels."""
        self.whole = text = one_line(text)
        self.setAccessibleName(text)
        self.ensurePolished()
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width).replace("&", "&&"))

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
