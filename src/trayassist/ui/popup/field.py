"""The input field: grows from one line to six. Enter asks, Shift+Enter begins a new line."""

from __future__ import annotations

import re

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from trayassist.ui.widgets.window import local_files

MOST_LINES = 6
LONGEST_PASTE = 200_000  # characters, pasted or dropped
ROLE_WORD = re.compile(r"(?:^|\s)@(\w{0,30})$")
COMMAND_WORD = re.compile(r"/([a-zA-Z-]{0,30})")


class AskField(QPlainTextEdit):
    """Where the question is written."""

    entered = Signal(bool)  # True: ask, whatever is selected below (Ctrl+Enter)
    up = Signal()  # in the first line
    down = Signal()  # in the last line
    completed = Signal()  # Tab
    files_pasted = Signal(object)  # list[Path]
    focused = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ask_field")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setPlaceholderText(self.tr("Ask, or drop a file…"))
        self.setAccessibleName(self.tr("Question"))
        self.setAccessibleDescription(
            self.tr("Enter asks, Shift+Enter begins a new line, Up and Down recall earlier questions")
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAcceptDrops(False)  # the popup takes drops, everywhere
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)

    def text(self) -> str:
        """Return what is written."""
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        """Replace the text; the caret goes behind it. Undo brings the old text back."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def insert_text(self, text: str) -> None:
        """Insert text from elsewhere at the caret, as much of it as the field takes at once."""
        self.textCursor().insertText(text[:LONGEST_PASTE])
        self.ensureCursorVisible()

    def role_word(self) -> str | None:
        """Return what is written after an "@" at the caret, or None."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        match = ROLE_WORD.search(before)
        return match[1] if match else None

    def command_word(self) -> str | None:
        """Return what is written after a "/" that begins the text, while that is all there is; else None."""
        match = COMMAND_WORD.fullmatch(self.text())
        return match[1] if match else None

    @property
    def completes(self) -> bool:
        """Whether Tab completes what is being written."""
        return self.role_word() is not None or self.command_word() is not None

    def drop_role_word(self) -> None:
        """Remove the "@word" at the caret."""
        word = self.role_word()
        if word is not None:
            cursor = self.textCursor()
            cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(word) + 1)
            cursor.removeSelectedText()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks; Up and Down leave the field at its edges; all else writes."""
        key, modifiers = event.key(), event.modifiers()
        plain = not modifiers & ~Qt.KeyboardModifier.KeypadModifier
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.entered.emit(bool(modifiers & Qt.KeyboardModifier.ControlModifier))
        elif key == Qt.Key.Key_Up and plain and self._at_edge(QTextCursor.MoveOperation.Up):
            self.up.emit()
        elif key == Qt.Key.Key_Down and plain and self._at_edge(QTextCursor.MoveOperation.Down):
            self.down.emit()
        elif key == Qt.Key.Key_Tab and plain and self.completes:
            self.completed.emit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab here while it completes a role or a command."""
        return False if forward and self.completes else super().focusNextPrevChild(forward)

    def _at_edge(self, way: QTextCursor.MoveOperation) -> bool:
        cursor = self.textCursor()
        return not cursor.movePosition(way)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste files as files, all else as plain text."""
        files = local_files(source)
        if files:
            self.files_pasted.emit(files)
        else:
            self.insert_text(source.text())

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText() or source.hasUrls()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    # ------------------------------------------------------------ size

    def _height_for(self, lines: int) -> int:
        return lines * self.fontMetrics().lineSpacing() + 2 * round(self.document().documentMargin()) + 2

    def _grow(self) -> None:
        lines = max(1, min(MOST_LINES, round(self.document().size().height())))
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded if lines == MOST_LINES else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        if self.height() != self._height_for(lines):
            self.setFixedHeight(self._height_for(lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grow()

    def sizeHint(self) -> QSize:
        return QSize(300, self._height_for(1))
