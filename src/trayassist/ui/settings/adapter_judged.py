"""What an evaluation compared: each golden prompt with both answers, folded until it is wanted."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from trayassist.models.adapters.record import Evaluation, Judged
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label, row

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
        grid.addWidget(_said(judged.text_base), line + 1, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_said(judged.text_adapter), line + 1, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_verdict(judged, judged.failed_base), line + 2, 0)
        grid.addWidget(_verdict(judged, judged.failed_adapter), line + 2, 1)
    return box


def _said(text: str) -> QLabel:
    shown = text.strip()
    answer = label(shown[:LONGEST] + ("…" if len(shown) > LONGEST else "") or tr("(nothing)"), "", wrap=True)
    answer.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return answer


def _verdict(judged: Judged, failed: tuple[str, ...]) -> QLabel:
    if not judged.checks:
        return label(tr("not judged"), "small")
    if failed:
        return label(tr("Fails: {}").format("; ".join(failed)), "danger", wrap=True)
    return label(tr("passes"), "good")
