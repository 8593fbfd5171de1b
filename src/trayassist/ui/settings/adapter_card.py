"""One adapter as a card: its state in words, where it comes from, how it was judged, and what may be done next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from trayassist.api import TrayassistError
from trayassist.models.adapters.record import AdapterRecord, Evaluation, PromptResult, Slot
from trayassist.ui.settings.rows import Findable
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label, row

if TYPE_CHECKING:
    from trayassist.models.adapters import Adapters
    from trayassist.ui.settings.window import SettingsWindow


class AdapterCard(Findable):
    """One adapter. `remove_wanted` carries its id: the page asks first."""

    remove_wanted = Signal(str)

    def __init__(self, record: AdapterRecord, window: SettingsWindow, room: Adapters) -> None:
        super().__init__(record.id)
        self.record, self._window, self._room = record, window, room
        self._judging: asyncio.Task[None] | None = None
        self.state = label("", "muted")
        self._title = label(record.id, "heading")
        self._about, self.score = label("", "small", wrap=True), label("", "", wrap=True)
        self.problem, self.error = label("", "danger", wrap=True), label("", "danger", wrap=True)
        self.judged = JudgedView(record.id)
        self.bar, self.status = QProgressBar(), label("", "small", wrap=True)
        self.reason = QLineEdit()
        self._anyway, self._working = QWidget(), QWidget()
        self._buttons = row(None)
        self.buttons: dict[str, QPushButton] = {}
        self._make_buttons()
        self._lay_out()

    @property
    def busy(self) -> bool:
        """Whether it is being evaluated."""
        return self._judging is not None

    def show_record(self, record: AdapterRecord) -> None:
        """Show the adapter as it is now."""
        self.record = record
        states = {
            "pending": tr("waits for approval"),
            "approved": tr("approved"),
            "evaluated": tr("passed"),
            "active": tr("in use"),
            "rejected": tr("rejected"),
            "reverted": tr("taken back"),
        }
        self.state.setText(states[record.state])
        self.state.setProperty("look", {"active": "good", "rejected": "danger"}.get(record.state, "muted"))
        self.state.style().polish(self.state)
        self._about.setText(_about(record))
        self.problem.setText(local(record.problem))
        self.problem.setVisible(bool(record.problem))
        evaluation = record.evaluation
        self.score.setVisible(evaluation is not None)
        if evaluation is not None:
            self.score.setText(local(evaluation.why))
            self.score.setProperty("look", "good" if evaluation.passed else "danger")
            self.score.style().polish(self.score)
        self.judged.show_evaluation(evaluation)
        self._show_buttons()
        self.find_by(record.id, record.name, record.base_model, record.state, states[record.state], record.trained_on)

    # ------------------------------------------------------------ what may be done

    def _show_buttons(self) -> None:
        record = self.record
        passed = record.evaluation is not None and record.evaluation.passed
        ready = passed and record.state in ("evaluated", "reverted")
        unjudged = record.state in ("approved", "reverted") and not passed
        visible = {
            "approve": record.state in ("pending", "rejected"),
            "reject": record.state in ("pending", "approved"),
            "evaluate": record.state not in ("pending", "rejected"),
            "recent": ready,
            "history": ready,
            "anyway": unjudged or (record.state == "rejected" and record.evaluation is not None),
            "off": record.state == "active",
            "remove": record.state != "active",
        }
        for name, button in self.buttons.items():
            button.setVisible(visible[name] and not self.busy)
        again = record.evaluation is not None
        self.buttons["evaluate"].setText(tr("Evaluate again") if again else tr("Evaluate"))
        self.buttons["approve"].setText(tr("Approve again") if record.state == "rejected" else tr("Approve"))
        primary = next((name for name in ("approve", "recent", "evaluate") if visible[name]), "")
        for name, button in self.buttons.items():
            look = "primary" if name == primary and record.state not in ("active", "rejected") else ""
            if name != "remove" and button.property("look") != look:
                button.setProperty("look", look)
                button.style().polish(button)
        self._anyway.setVisible(self._anyway.isVisibleTo(self) and visible["anyway"])

    def _make_buttons(self) -> None:
        room = self._room
        self._button("approve", tr("Approve"), lambda: self._do(room.approve(self.record.id)))
        self._button("evaluate", tr("Evaluate"), self.evaluate)
        self._button("recent", tr("Use as recent"), lambda: self._activate("recent"))
        self._button("history", tr("Use as history"), lambda: self._activate("history"))
        self._button("off", tr("Switch off"), lambda: self._do(room.switch_off(self.record.id)))
        self._button("anyway", tr("Use anyway…"), self._ask_reason)
        self._button("reject", tr("Reject"), lambda: self._do(room.reject(self.record.id)))
        self._button("remove", tr("Remove…"), lambda: self.remove_wanted.emit(self.record.id))
        self.buttons["remove"].setProperty("look", "danger")

    def _button(self, name: str, text: str, does: Callable[[], object]) -> None:
        self.buttons[name] = button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(f"{text.rstrip('…')}: {self.record.id}")
        button.clicked.connect(lambda: does())
        self._buttons.insertWidget(self._buttons.count() - 1, button)

    def _activate(self, slot: Slot, reason: str = "") -> None:
        self._do(self._room.activate(self.record.id, slot, override=reason))

    def _ask_reason(self) -> None:
        self._anyway.show()
        self.reason.setFocus()

    def _use_anyway(self, slot: Slot) -> None:
        if self.reason.text().strip():
            self._anyway.hide()
            self._activate(slot, self.reason.text().strip())
        else:
            self.reason.setFocus()

    def _do(self, work: Coroutine[Any, Any, object]) -> None:
        self._window.run(self._do_now(work))

    async def _do_now(self, work: Coroutine[Any, Any, object]) -> None:
        self._say_error("")
        try:
            await work
        except TrayassistError as error:
            self._say_error(str(error))

    def _say_error(self, text: str) -> None:
        self.error.setText(local(text))
        self.error.setVisible(bool(text))

    # ------------------------------------------------------------ being judged

    def evaluate(self) -> None:
        """Let both answers to every golden prompt be compared; may be cancelled."""
        if self._judging is None:
            self._say_error("")
            self._working.show()
            self.bar.setRange(0, 0)
            self.status.setText(tr("Beginning"))
            self._judging = self._window.run(self._evaluate())
            self._judging.add_done_callback(self._on_evaluation_end)
            self._show_buttons()

    def cancel(self) -> None:
        """Give the evaluation up; nothing of it is kept."""
        if self._judging is not None:
            self._judging.cancel()

    async def _evaluate(self) -> None:
        stream = self._room.evaluate(self.record.id)
        try:
            async with aclosing(stream) as steps:
                async for step in steps:
                    if not isinstance(step, AdapterRecord):
                        side = tr("with the adapter") if step.with_adapter else tr("without it")
                        self.bar.setRange(0, step.total)
                        self.bar.setValue(step.done)
                        text = tr("Answer {done} of {total}, {side}: {name}")
                        self.status.setText(
                            text.format(
                                done=min(step.done + 1, step.total), total=step.total, side=side, name=step.name
                            )
                        )
        except TrayassistError as error:
            self._say_error(str(error))

    def _on_evaluation_end(self, _task: object) -> None:
        if isValid(self):  # the window may be closed
            self._judging = None
            self._working.hide()
            self._show_buttons()

    # ------------------------------------------------------------ the card

    def _lay_out(self) -> None:
        frame = QFrame()
        frame.setProperty("look", "raised")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(SPACE[3], SPACE[3], SPACE[3], SPACE[3])
        inner.setSpacing(SPACE[2])
        inner.addLayout(row(self._title, None, self.state))
        for part in (self._about, self.problem, self.score, self.judged, self._made_working(), self._made_anyway()):
            inner.addWidget(part)
        inner.addWidget(self.error)
        inner.addLayout(self._buttons)
        self.error.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, SPACE[2], 0, 0)
        outer.addWidget(frame)

    def _made_working(self) -> QWidget:
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("How far the evaluation of {} is").format(self.record.id))
        stop = QPushButton(tr("Cancel"))
        stop.setAccessibleName(tr("Cancel the evaluation of {}").format(self.record.id))
        stop.clicked.connect(self.cancel)
        layout = QVBoxLayout(self._working)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE[1])
        line = row(self.status, stop)
        line.setStretch(0, 1)
        layout.addLayout(line)
        layout.addWidget(self.bar)
        self._working.hide()
        return self._working

    def _made_anyway(self) -> QWidget:
        self.reason.setPlaceholderText(tr("Why it may be used without passing; the audit log keeps this"))
        self.reason.setAccessibleName(self.reason.placeholderText())
        buttons = []
        for slot, text in (("recent", tr("Use as recent")), ("history", tr("Use as history"))):
            button = QPushButton(text)
            button.setAccessibleName(tr("{} without a passed evaluation: {}").format(text, self.record.id))
            button.clicked.connect(lambda _=False, slot=slot: self._use_anyway(slot))
            buttons.append(button)
        no = QPushButton(tr("Leave it"))
        no.clicked.connect(self._anyway.hide)
        layout = QVBoxLayout(self._anyway)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE[2])
        layout.addWidget(self.reason)
        layout.addLayout(row(*buttons, no, None))
        self._anyway.hide()
        return self._anyway


def _about(record: AdapterRecord) -> str:
    parts = [
        tr("for {}").format(record.base_model),
        record.architecture,
        tr("rank {}").format(record.rank),
        formats.size(record.bytes),
        tr("imported {}").format(formats.when(record.imported)),
    ]
    if record.trained_on:
        parts.insert(1, tr("trained on {}").format(record.trained_on))
    return " · ".join(parts)


LONGEST = 600  # characters of an answer that are shown


class JudgedView(QWidget):
    """The answers of the last evaluation, built when they are first shown."""

    def __init__(self, adapter_id: str) -> None:
        super().__init__()
        self._evaluation: Evaluation | None = None
        self._when = label("", "small")
        self.button = QPushButton()
        self.button.setProperty("look", "link")
        self.button.setCheckable(True)
        self.button.setAccessibleName(tr("Answers that were compared: {}").format(adapter_id))
        self.button.toggled.connect(self._fold)
        self._answers: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE[1])
        self._layout.addLayout(row(self._when, self.button, None))
        self.hide()

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        """Show when it was, and offer its answers; None hides it."""
        if evaluation == self._evaluation:
            return
        self._evaluation = evaluation
        self.setVisible(evaluation is not None)
        if self._answers is not None:
            self._answers.deleteLater()
            self._answers = None
        if evaluation is not None:
            scale = f" · × {evaluation.scale:g}" if evaluation.scale != 1 else ""
            self._when.setText(tr("evaluated {}").format(formats.when(evaluation.date)) + scale)
        self._fold(self.button.isChecked())

    def _fold(self, on: bool) -> None:
        self.button.setText(tr("Hide the answers") if on else tr("Show the answers"))
        if on and self._answers is None and self._evaluation is not None:
            self._answers = _answers(self._evaluation)
            self._layout.addWidget(self._answers)
        if self._answers is not None:
            self._answers.setVisible(on)


def _answers(evaluation: Evaluation) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, SPACE[1], 0, 0)
    grid.setHorizontalSpacing(SPACE[4])
    grid.setVerticalSpacing(SPACE[1])
    for column in (0, 1):
        grid.setColumnStretch(column, 1)
    grid.addWidget(label(tr("Without the adapter"), "small"), 0, 0)
    grid.addWidget(label(tr("With the adapter"), "small"), 0, 1)
    for at, judged in enumerate(evaluation.prompts):
        line = 1 + 3 * at
        question = label(judged.prompt, "heading", wrap=True)
        question.setContentsMargins(0, SPACE[2], 0, 0)
        grid.addWidget(question, line, 0, 1, 2)
        grid.addWidget(_answer_label(judged.text_base), line + 1, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_answer_label(judged.text_adapter), line + 1, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_verdict(judged, judged.failed_base), line + 2, 0)
        grid.addWidget(_verdict(judged, judged.failed_adapter), line + 2, 1)
    return box


def _answer_label(text: str) -> QLabel:
    shown = text.strip()
    answer = label(shown[:LONGEST] + ("…" if len(shown) > LONGEST else "") or tr("(nothing)"), "", wrap=True)
    answer.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return answer


def _verdict(judged: PromptResult, failed: tuple[str, ...]) -> QLabel:
    if not judged.checks:
        return label(tr("not judged"), "small")
    if failed:
        return label(tr("Fails: {}").format("; ".join(failed)), "danger", wrap=True)
    return label(tr("passes"), "good")
