"""The reasoning a model writes before its answer: one line that opens. No part of the answer, its copy or its pages."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from trayassist.ui.widgets.theme import Theme

SHOW_MS = 100  # thoughts come faster than anyone reads them
LINES = 8  # shown at once; the rest is scrolled to
LONGEST = 200_000  # characters that are kept to be shown


class _Line(QPushButton):
    """The line that opens the thoughts, with the mouse, Space or Enter."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter work like a click, as on a link."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class ThoughtsPanel(QWidget):
    """Folded until it is opened; hidden where there are no thoughts."""

    resized = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._parts: list[str] = []
        self._shown, self._began, self._took = 0, 0.0, 0.0
        self.line = _Line()
        self.line.setProperty("look", "question")
        self.line.setAutoDefault(False)
        self.line.setCheckable(True)
        self.line.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.line.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.line.toggled.connect(self._toggle)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("What the model thought"))
        self.text.setObjectName("thoughts")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(4)
        column.addWidget(self.line)
        column.addWidget(self.text)
        self._soon = QTimer(self, singleShot=True, interval=SHOW_MS)
        self._soon.timeout.connect(self._show_new)
        self.clear()

    def clear(self) -> None:
        """Show nothing, folded."""
        self._soon.stop()
        self._parts.clear()
        self._shown, self._began, self._took = 0, 0.0, 0.0
        self.line.setChecked(False)
        self._name()
        self.text.clear()
        self.text.hide()
        self.hide()

    def add(self, text: str) -> None:
        """More was thought."""
        if not self._parts:
            text = text.lstrip()
        if not text or sum(map(len, self._parts)) > LONGEST:
            return
        self._parts.append(text)
        if self.isHidden():
            self._began = time.monotonic()
            self._name()
            self.show()
            self.resized.emit()
        if self.line.isChecked() and not self._soon.isActive():
            self._soon.start()

    def end(self) -> None:
        """The answer begins, or ended: the model thinks no more."""
        if self._parts and not self._took:
            self._took = max(time.monotonic() - self._began, 0.001)
            self._name()

    def _name(self) -> None:
        words = self.tr("Thought for {0:.0f} s").format(max(self._took, 1)) if self._took else self.tr("Thinking…")
        self.line.setText(words)
        opened = self.line.isChecked()
        self._theme.show_icon(self.line, "chevron-down" if opened else "chevron-right")
        self.line.setAccessibleName(words)
        self.line.setAccessibleDescription(
            self.tr("Folds what the model thought away") if opened else self.tr("Shows what the model thought")
        )

    def _toggle(self, opened: bool) -> None:
        self._name()
        self.text.setVisible(opened)
        if opened:
            self._show_new()
            QTimer.singleShot(0, self._fit)  # once it has its width, it knows how many lines it has
        self.resized.emit()

    def _show_new(self) -> None:
        new = "".join(self._parts[self._shown :])
        self._shown = len(self._parts)
        bar = self.text.verticalScrollBar()
        follows = not self._took and bar.value() == bar.maximum()  # one that is over is read from its beginning
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(new)
        self._fit()
        if follows:
            bar.setValue(bar.maximum())

    def _fit(self) -> None:
        """Be as high as the text, up to LINES; the layout of plain text counts its height in lines."""
        document = self.text.document()
        rows = min(max(1, round(document.size().height())), LINES)
        height = round(rows * self.text.fontMetrics().lineSpacing() + 2 * document.documentMargin() + 2)
        if height != self.text.height():
            self.text.setFixedHeight(height)
            self.resized.emit()
