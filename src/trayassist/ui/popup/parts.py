"""The parts of the popup and where they are."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout

from trayassist.paths import Paths
from trayassist.ui.popup.activity_line import Working
from trayassist.ui.popup.answer_panel import AnswerPanel
from trayassist.ui.popup.asking import Asking, Tasks
from trayassist.ui.popup.footer import Footer
from trayassist.ui.popup.frame import Frame
from trayassist.ui.popup.header import Header
from trayassist.ui.popup.protocols import Assistant, Desktop
from trayassist.ui.popup.reading import ReadingPanel
from trayassist.ui.popup.while_typing import Typing
from trayassist.ui.widgets.theme import Theme


class Parts(Frame):
    """A window with all parts in place; each says by `resized` when it wants another height."""

    def __init__(self, theme: Theme, paths: Paths, desktop: Desktop) -> None:
        super().__init__(theme, paths.window_state, desktop)
        self._assistant: Assistant | None = None
        self.tasks = Tasks(self)
        self.asking = Asking(self.tasks)
        self.header = Header(theme)
        self.typing = Typing(self.header, theme, self.tasks)
        self.working = Working(theme, self)
        self.reading = ReadingPanel(theme, self._files_waiting)
        self.panel = AnswerPanel(theme)
        self.footer = Footer(theme)
        self._lay_out()
        for part in (self.typing, self.working, self.reading, self.panel):
            part.resized.connect(self.fit_soon)
        self.header.changed.connect(self.fit_soon)
        self.header.field.document().documentLayout().documentSizeChanged.connect(lambda _size: self.fit_soon())
        self.setAccessibleName("trayassist")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # fit() knows the width, the layout does not
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.working.line)
        inset = QHBoxLayout()
        inset.setContentsMargins(8, 0, 8, 0)
        inset.addWidget(self.typing.suggestions)
        column.addLayout(inset)
        column.addWidget(self.typing.hint)
        column.addWidget(self.reading)
        column.addWidget(self.panel, 1)
        column.addWidget(self.working.words)
        column.addWidget(self.footer)
        self._set_margins()

    def _files_waiting(self) -> int:
        return self._assistant.ingest.waiting() if self._assistant is not None else 0
