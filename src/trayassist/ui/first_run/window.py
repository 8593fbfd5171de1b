"""The window of the first steps: one step at a time, each of which can be skipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFrame, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from trayassist.api import Citation
from trayassist.ui.first_run.documents import Documents
from trayassist.ui.first_run.key import Key
from trayassist.ui.first_run.models import Models
from trayassist.ui.first_run.page import Step
from trayassist.ui.first_run.question import Question
from trayassist.ui.first_run.welcome import Welcome
from trayassist.ui.settings.change import Changes
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.lazy import Later
from trayassist.ui.widgets.theme import SPACE, Theme
from trayassist.ui.widgets.window import Window, label, row

if TYPE_CHECKING:
    from trayassist.assistant import Assistant
    from trayassist.ui.hotkey import Hotkeys

SIZE = QSize(700, 620)
FRAME = QSize(16, 48)  # what a window manager adds; at 200 % a small screen is full
STEPS = ("welcome", "hotkey", "documents", "models", "question")

Remember = Callable[[Sequence[Path]], object]


class FirstSteps(Window):
    """The steps in a row. Downloads and reading that were begun here go on when it closes.

    `remember` takes files into memory; `open_page(citation, all of them)` asks for a page of the first answer.
    """

    open_page = Signal(object, object)

    def __init__(
        self, assistant: Assistant, hotkeys: Hotkeys, theme: Theme | None, remember: Remember, *, begin: str = ""
    ) -> None:
        super().__init__(assistant, "first-steps", "", SIZE, theme)
        self.resize(self.size().boundedTo(self.screen().availableSize() - FRAME))
        self.setWindowTitle(tr("First steps"))
        self.setAccessibleName(self.windowTitle())
        self.changes = Changes(assistant, self)
        self._documents = self._place(2, lambda: Documents(remember))
        self._models = self._place(3, lambda: Models(self))
        self._question = self._place(4, self._make_question)
        self._places: tuple[Later[Any], ...] = (
            self._place(0, lambda: Welcome(self.theme)),
            self._place(1, lambda: Key(assistant, hotkeys, self)),
            self._documents,
            self._models,
            self._question,
        )
        self._stack, self._dots = QStackedWidget(), Dots(self.theme, len(self._places))
        self._count = label("", "small")
        self._back = QPushButton(tr("&Back"))
        self._skip = QPushButton(tr("&Skip"))
        self._next = QPushButton()
        self._lay_out()
        self.show_step(STEPS.index(begin) if begin in STEPS else 0)
        self.run(self.in_turn(*(place.built for place in self._places)))

    @property
    def documents(self) -> Documents:
        """The step of documents, built."""
        return self._documents.built()

    @property
    def models(self) -> Models:
        """The step of models, built."""
        return self._models.built()

    @property
    def question(self) -> Question:
        """The step of the first question, built."""
        return self._question.built()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, built."""
        return tuple(place.built() for place in self._places)

    @property
    def at(self) -> int:
        """The number of the step that is shown, from 0."""
        return self._stack.currentIndex()

    @property
    def step(self) -> Step:
        """The step that is shown."""
        step: Step = self._places[self.at].built()
        return step

    def show_step(self, number: int) -> None:
        """Show a step; beyond the last one the window closes."""
        if number >= len(self._places):
            self.close()
            return
        if number != self.at:
            self.step.leave()
        self._stack.setCurrentIndex(max(0, number))
        self.step.verticalScrollBar().setValue(0)
        self.step.enter()
        self._follow()
        self.setAccessibleDescription(f"{self._count.text()}. {self.step.title}")
        if self.focusWidget() in (None, self._back, self._skip, self._next):
            self._next.setFocus()

    def leave(self) -> None:
        """Esc: leave a question in place, then this step out; in the last one, close."""
        if self.notice.asking:
            self.notice.clear()
        else:
            self.skip()

    def skip(self) -> None:
        """Leave this step out; in the last one, close."""
        self.step.skip()
        self.show_step(self.at + 1)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Begin to read what was chosen, also when the last step was not seen."""
        self.step.leave()
        self.documents.begin()
        super().closeEvent(event)

    # ------------------------------------------------------------ inside

    def _place[S: Step](self, number: int, build: Callable[[], S]) -> Later[S]:
        def connected() -> S:
            step = build()
            step.changed.connect(self._follow)
            step.done.connect(lambda: self.show_step(number + 1))
            return step

        return Later(connected)

    def _make_question(self) -> Question:
        question = Question(self, lambda: self.documents.begin())
        question.open_page.connect(self._open_page)
        return question

    def _follow(self) -> None:
        """Bring the footer up to date with the step."""
        last = self.at == len(self._places) - 1
        self._count.setText(tr("Step {0} of {1}").format(self.at + 1, len(self._places)))
        self._dots.show_step(self.at)
        self._back.setEnabled(self.at > 0)
        self._skip.setVisible(not last)
        self._next.setText(self.step.primary)
        self._next.setEnabled(self.step.can_go_on)

    def _lay_out(self) -> None:
        for place in self._places:
            self._stack.addWidget(place)
        self._next.setProperty("look", "primary")
        self._next.setDefault(True)
        self._next.setMinimumWidth(120)
        self._back.clicked.connect(lambda: self.show_step(self.at - 1))
        self._skip.clicked.connect(self.skip)
        self._next.clicked.connect(lambda: self.step.go_on())
        line = QFrame()
        line.setProperty("look", "line")
        foot = row(self._back, None, self._count, None, self._skip, self._next)
        foot.setContentsMargins(SPACE[5], SPACE[3], SPACE[5], SPACE[3])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._dots)
        layout.addWidget(self.notice)
        layout.addWidget(self._stack, 1)
        layout.addWidget(line)
        layout.addLayout(foot)
        for keys, by in (("Alt+Left", -1), ("Alt+Right", 1)):
            QShortcut(QKeySequence(keys), self, lambda by=by: self.show_step(min(self.at + by, len(self._places) - 1)))
        for enter in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            QShortcut(QKeySequence(Qt.Modifier.CTRL | enter), self, lambda: self._next.click())

    def _open_page(self, citation: Citation, among: Sequence[Citation]) -> None:
        self.open_page.emit(citation, among)


class Dots(QWidget):
    """How far the steps are: a short line for each, in the accent as far as it goes."""

    def __init__(self, theme: Theme, count: int) -> None:
        super().__init__()
        self._theme, self._count, self._at = theme, count, 0
        self.setFixedHeight(SPACE[5] + 4)

    def show_step(self, at: int) -> None:
        """Show that this step, from 0, is the present one."""
        self._at = at
        self.setAccessibleName(tr("Step {0} of {1}").format(at + 1, self._count))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        gap, left = SPACE[2], SPACE[5]
        width = min(72.0, (self.width() - 2 * left - gap * (self._count - 1)) / self._count)
        for number in range(self._count):
            color = self._theme.colors.accent if number <= self._at else self._theme.colors.border
            painter.setBrush(QColor(color))
            painter.drawRoundedRect(round(left + number * (width + gap)), SPACE[5], round(width), 4, 2, 2)
