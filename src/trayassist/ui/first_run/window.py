"""The window of the first steps: one step at a time, each of which can be skipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from trayassist.api import Citation
from trayassist.ui.first_run.documents import DocumentsStep
from trayassist.ui.first_run.models import ModelsStep
from trayassist.ui.first_run.page import StepPage
from trayassist.ui.first_run.question import QuestionStep
from trayassist.ui.settings.change import SettingChanges
from trayassist.ui.settings.hotkey import HotkeyRow
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.lazy import LazyWidget
from trayassist.ui.widgets.theme import SPACE, Theme
from trayassist.ui.widgets.window import Window, column, label, row

if TYPE_CHECKING:
    from trayassist.assistant import Assistant
    from trayassist.ui.hotkey import Hotkeys

SIZE = QSize(700, 620)
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
        self.setWindowTitle(tr("First steps"))
        self.setAccessibleName(self.windowTitle())
        self.changes = SettingChanges(assistant, self)
        self._documents = self._place(2, lambda: DocumentsStep(self, remember))
        self._models = self._place(3, lambda: ModelsStep(self))
        self._question = self._place(4, self._make_question)
        self._places: tuple[LazyWidget[Any], ...] = (
            self._place(0, lambda: WelcomeStep(self.theme)),
            self._place(1, lambda: HotkeyStep(self, hotkeys, self.changes)),
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
        self.run(self.in_turn(*(place.get for place in self._places)))

    @property
    def documents(self) -> DocumentsStep:
        """The step of documents, built."""
        return self._documents.get()

    @property
    def models(self) -> ModelsStep:
        """The step of models, built."""
        return self._models.get()

    @property
    def question(self) -> QuestionStep:
        """The step of the first question, built."""
        return self._question.get()

    @property
    def steps(self) -> tuple[StepPage, ...]:
        """All steps, built."""
        return tuple(place.get() for place in self._places)

    @property
    def at(self) -> int:
        """The number of the step that is shown, from 0."""
        return self._stack.currentIndex()

    @property
    def step(self) -> StepPage:
        """The step that is shown."""
        step: StepPage = self._places[self.at].get()
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on; in a field it does what the field says, on another button it presses that."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        focus = self.focusWidget()
        if isinstance(focus, QPushButton):
            focus.click()
        elif not isinstance(focus, QLineEdit):
            self._next.click()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Begin to read what was chosen, also when the last step was not seen."""
        self.step.leave()
        self.documents.begin()
        super().closeEvent(event)

    # ------------------------------------------------------------ inside

    def _place[S: StepPage](self, number: int, build: Callable[[], S]) -> LazyWidget[S]:
        def build_connected() -> S:
            step = build()
            step.changed.connect(self._follow)
            step.done.connect(lambda: self.show_step(number + 1))
            return step

        return LazyWidget(build_connected)

    def _make_question(self) -> QuestionStep:
        question = QuestionStep(self, lambda: self.documents.begin())
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


class HotkeyStep(StepPage):
    """The hotkey in force, whether it works, and another one by pressing it."""

    def __init__(self, window: Window, hotkeys: Hotkeys, changes: SettingChanges) -> None:
        super().__init__(
            tr("The key to ask"),
            tr("This key opens the popup in every window. Keep it, or press the button and then the keys you like."),
        )
        self.row = HotkeyRow(window, hotkeys, changes)
        self.feedback = label("", "muted", wrap=True)
        self.content.addWidget(self.row)
        self.content.addWidget(self.feedback)
        hotkeys.pressed.connect(lambda *_: self._say(tr("It works."), "good"))
        hotkeys.changed.connect(lambda: self._say(_try_it(hotkeys)))
        self._say(_try_it(hotkeys))

    def _say(self, text: str, look: str = "muted") -> None:
        self.feedback.setText(text)
        self.feedback.setProperty("look", look)
        self.feedback.style().unpolish(self.feedback)
        self.feedback.style().polish(self.feedback)


def _try_it(hotkeys: Hotkeys) -> str:
    return tr("Try it now: press {}.").format(hotkeys.text) if hotkeys.text else ""


ICON = 24


class WelcomeStep(StepPage):
    """What it does, and what it does not."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(tr("Your documents, answered"), "")
        for icon, title, text in (
            (
                "search",
                tr("Ask from anywhere"),
                tr("Press a key, type a question. The answer quotes your documents, and each quote opens its page."),
            ),
            (
                "file",
                tr("Drop what it should know"),
                tr("Drop files or folders on the tray icon. They are read, and stay where they are."),
            ),
            (
                "lock",
                tr("It stays on this machine"),
                tr("Nothing is sent anywhere. A model is fetched only when you say so, and it works without one."),
            ),
        ):
            self.content.addWidget(Point(theme, icon, title, text))
        self.content.addWidget(
            label(
                tr("Four short steps follow; Enter goes on. Each can be skipped, and Settings has all of them later."),
                "muted",
                wrap=True,
            )
        )


class Point(QWidget):
    """An icon, a few words, a sentence."""

    def __init__(self, theme: Theme, icon: str, title: str, text: str) -> None:
        super().__init__()
        self._theme, self._name, self._icon = theme, icon, QLabel()
        self._icon.setFixedWidth(ICON + SPACE[3])
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, SPACE[2], 0, SPACE[2])
        layout.addWidget(self._icon)
        words = column(label(title, "heading"), label(text, wrap=True), spacing=1)
        layout.addLayout(words, 1)
        self._draw()
        theme.changed.connect(self._draw)

    def _draw(self) -> None:
        self._icon.setPixmap(self._theme.pixmap(self._name, ICON, "accent", self.devicePixelRatioF()))
