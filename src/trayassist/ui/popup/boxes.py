"""Boxes over and under an answer: a sentence and one action; a question that is answered with yes or no."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from trayassist.api import Approval, Risk
from trayassist.ui.popup.controls import label, push_button


class Box(QFrame):
    """A sentence (`words`) and one action (`button`). `look` is the frame's in the style sheet."""

    def __init__(self, look: str, action: str, *, words: str = "body", button: str = "") -> None:
        super().__init__()
        self.setProperty("look", look)
        self.words = label("", words, wraps=True)
        self.button = push_button(action, button)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)


class Questions(QWidget):
    """The approvals that an answer waits for, one below the other."""

    decided = Signal(str, bool)  # approval id, yes
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._frames: dict[str, QFrame] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.hide()

    def ask(self, approval: Approval) -> QPushButton:
        """Show an approval; return the button that says no."""
        frame, high = QFrame(), approval.risk == Risk.HIGH
        frame.setProperty("look", "danger-box" if high else "amber-box")
        frame.setAccessibleName(approval.question)
        yes = push_button(approval.yes.replace("&", "&&"), "danger" if high else "primary")
        no = push_button(self.tr("No"))
        yes.clicked.connect(lambda: self._decide(approval.id, yes=True))
        no.clicked.connect(lambda: self._decide(approval.id, yes=False))
        column, row = QVBoxLayout(frame), QHBoxLayout()
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addWidget(label(approval.question, "body", wraps=True))
        row.setSpacing(8)
        row.addWidget(yes)
        row.addWidget(no)
        row.addStretch(1)
        column.addLayout(row)
        self._frames[approval.id] = frame
        self._column.addWidget(frame)
        self.show()
        frame.show()
        return no

    def close_all(self) -> None:
        """Nothing waits for a yes any more."""
        for approval in list(self._frames):
            self._close(approval)

    def _decide(self, approval_id: str, *, yes: bool) -> None:
        self._close(approval_id)
        self.decided.emit(approval_id, yes)

    def _close(self, approval_id: str) -> None:
        frame = self._frames.pop(approval_id)
        frame.hide()
        frame.deleteLater()
        self.setVisible(bool(self._frames))
        self.resized.emit()
