"""A step: a title, a sentence on what it is about, its content; and what its buttons in the footer say."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label

READABLE = 700


class StepPage(QScrollArea):
    """One step. `changed` says that the footer is to be looked at again; `done` that the next step may come."""

    changed = Signal()
    done = Signal()

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.title = title
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(title)
        column, inner = QWidget(), QWidget()
        column.setObjectName("column")
        inner.setMaximumWidth(READABLE)
        self.content = QVBoxLayout(inner)
        self.content.setContentsMargins(SPACE[5], SPACE[4], SPACE[5], SPACE[3])
        self.content.setSpacing(SPACE[3])
        outer = QVBoxLayout(column)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(inner)
        outer.addStretch(1)
        self.heading = label(title, "title", wrap=True)
        self.content.addWidget(self.heading)
        if text:
            self.content.addWidget(label(text, "muted", wrap=True))
        self.setWidget(column)

    @property
    def primary(self) -> str:
        """What the button to the right says."""
        return tr("&Continue")

    @property
    def can_go_on(self) -> bool:
        """Whether the button to the right does something now."""
        return True

    def enter(self) -> None:
        """The step is shown now."""

    def leave(self) -> None:
        """Another step is shown now, or the window closes."""

    def skip(self) -> None:
        """The step is left out: forget what was chosen in it."""

    def go_on(self) -> None:
        """Do what the button to the right says; `done` comes when the step is over."""
        self.done.emit()
