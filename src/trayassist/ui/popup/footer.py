"""The line under an answer: where it comes from, who answered and how long it took; what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from trayassist.api import Finish, Finished, Risk, Route, Verdict
from trayassist.ui.answer.source import answer_source
from trayassist.ui.popup.controls import ElidedLabel, icon_button, label, line, plain_tip
from trayassist.ui.widgets.formats import number, time_taken
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import NamedModel, model_title, role_title
from trayassist.ui.widgets.theme import Theme

DOT = 10
COPIED_MS = 1_000


class Footer(QWidget):
    """Shows source, model and time, all else in a fold; offers copy, again, earlier versions and stop.

    Stop has a place of its own: when the answer ends, a click that was meant for it only opens the fold.
    """

    copy_asked = Signal()
    again_asked = Signal()
    stop_asked = Signal()
    version_asked = Signal(int)  # one version back (-1) or on (1)
    resized = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._verdict: Verdict | None = None
        self._summary = ""
        self._models: Callable[[], Mapping[str, NamedModel]] = dict
        self.words = ElidedLabel()
        self.words.setMinimumHeight(28)
        self.words.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.dot = QLabel()
        self.dot.setFixedSize(QSize(DOT + 6, DOT + 6))
        self.dot.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.earlier = icon_button(theme, "chevron-left", self.tr("Earlier answer (Alt+Left)"))
        self.version = label()
        self.later = icon_button(theme, "chevron-right", self.tr("Later answer (Alt+Right)"))
        self.copy = icon_button(theme, "copy", self.tr("Copy the answer"))
        self.again = icon_button(theme, "regenerate", self.tr("Answer again (Ctrl+R)"))
        self.stop = icon_button(theme, "stop", self.tr("Stop (Esc)"))
        self.more = icon_button(theme, "chevron-down", self.tr("More about this answer (Ctrl+I)"))
        self.more.setCheckable(True)
        self.details = label(wraps=True)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._place = QStackedWidget()
        self._copied = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._copied.timeout.connect(self._show_copy)
        self._connect()
        self._lay_out()
        theme.changed.connect(self._paint_dot)
        self.clear()

    def _connect(self) -> None:
        self.copy.clicked.connect(self.copy_asked)
        self.again.clicked.connect(self.again_asked)
        self.stop.clicked.connect(self.stop_asked)
        self.earlier.clicked.connect(lambda: self.version_asked.emit(-1))
        self.later.clicked.connect(lambda: self.version_asked.emit(1))
        self.more.toggled.connect(self._fold)

    def _lay_out(self) -> None:
        self._place.addWidget(self.more)
        self._place.addWidget(self.stop)
        self._place.setFixedSize(28, 28)
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line())
        column.addLayout(row)
        column.addWidget(self.details)
        self.details.setContentsMargins(24, 0, 24, 10)
        row.setContentsMargins(24, 4, 12, 4)
        row.setSpacing(4)
        row.addWidget(self.dot)
        row.addWidget(self.words, 1)
        for widget in (self.earlier, self.version, self.later):
            row.addWidget(widget)
        row.addSpacing(4)
        row.addWidget(self.copy)
        row.addWidget(self.again)
        row.addSpacing(12)
        row.addWidget(self._place)

    def name_models(self, models: Callable[[], Mapping[str, NamedModel]]) -> None:
        """Call models by the titles that `models`, by their names in the registry, give them."""
        self._models = models

    def clear(self) -> None:
        """Nothing was asked."""
        self._verdict = None
        self.more.setChecked(False)
        self._show_summary("", [])
        self.show_version(0, 0)
        self.hide()

    # ------------------------------------------------------------ an answer

    def show_running(self, route: Route | None = None) -> None:
        """An answer is under way, by this route if it is known."""
        self._verdict = None if route is None else self._verdict
        self._paint_dot()
        self._show_summary(role_title(route.role) if route else "", [])
        self._enable(running=True, answered=False)

    def show_risk(self, verdict: Verdict) -> None:
        """Show a dot for a risk that is not low; its reason is the tooltip."""
        self._verdict = verdict
        self._paint_dot()

    def show_finished(self, finished: Finished) -> None:
        """Show how the answer came about."""
        self.show_risk(finished.verdict)
        took = time_taken(finished.timings.total_ms / 1_000)
        source = answer_source(finished.finish, [one.path for one in finished.citations], finished.model)
        summary = [source, self._model(finished), self._host(finished), took]
        if finished.finish == Finish.CANCELLED:
            summary.append(self.tr("stopped"))
        elif finished.finish == Finish.LENGTH:
            summary.append(self.tr("cut at the longest length"))
        elif finished.finish == Finish.LOOP:
            summary.append(self.tr("ended where the model began to repeat itself"))
        if finished.verdict.risk in (Risk.MEDIUM, Risk.HIGH):
            summary.append(self._risk_words(finished.verdict))
        self._show_summary(" · ".join(part for part in summary if part), self._facts(finished, took))
        self._enable(running=False, answered=bool(finished.answer))

    def _model(self, finished: Finished) -> str:
        name = finished.model or ""
        return model_title(name, self._models().get(name))

    def _host(self, finished: Finished) -> str:
        """Return the other machine that was asked, "" for this one."""
        if finished.host and finished.fallback:  # it was asked, and another answered
            return self.tr("asked {0}").format(finished.host)
        return finished.host

    def _facts(self, finished: Finished, took: str) -> list[str]:
        """Return the lines of the fold."""
        tokens, many = finished.timings.tokens_out, self.tr(", {0} tokens")
        wrote = (self.tr(", 1 token") if tokens == 1 else many.format(number(tokens))) if tokens else ""
        risk = self._risk_words(finished.verdict)
        if finished.verdict.risk != Risk.LOW and finished.verdict.reason:
            risk = f"{risk}: {local(finished.verdict.reason)}"
        rows = (
            (self.tr("Answered by"), role_title(finished.route.role)),
            (self.tr("Model"), self._model(finished) or self.tr("none was needed")),
            (self.tr("Adapters"), ", ".join(finished.adapters)),
            (self.tr("On"), self._host(finished)),
            (self.tr("Time"), took + wrote),
            (self.tr("Drafted ahead"), local(finished.speculation)),
            (self.tr("Left out"), local(finished.trimmed)),
            (self.tr("Check"), risk),
        )
        return [f"{name}: {value}" for name, value in rows if value]

    def show_stopped(self, route: Route | None, *, answered: bool) -> None:
        """The user stopped the answer."""
        words = [role_title(route.role)] if route else []
        self._show_summary(" · ".join([*words, self.tr("stopped")]), [])
        self._enable(running=False, answered=answered)

    def show_version(self, shown: int, count: int) -> None:
        """Show which of the answers to this question is shown (from 1 on); nothing where there is only one."""
        self.version.setText(f"{shown}/{count}")
        self.version.setAccessibleName(self.tr("Answer {0} of {1}").format(shown, count))
        for widget in (self.earlier, self.version, self.later):
            widget.setVisible(count > 1)
        self.earlier.setEnabled(shown > 1)
        self.later.setEnabled(shown < count)

    def show_address(self, address: str) -> None:
        """Show where a link leads while the pointer is over it; "" shows the summary again."""
        self.words.show_text(address or self._summary)

    def lock_copy(self, *, locked: bool) -> None:
        """Lock or unlock copying the answer."""
        self.copy.setEnabled(not locked)

    def confirm_copy(self) -> None:
        """Show for a second that the answer was copied."""
        self._theme.show_icon(self.copy, "check", "good")
        self.copy.setAccessibleName(self.tr("Copied"))
        self._copied.start()

    # ------------------------------------------------------------ inside

    def _show_copy(self) -> None:
        self._theme.show_icon(self.copy, "copy")
        self.copy.setAccessibleName(self.tr("Copy the answer"))

    def _show_summary(self, summary: str, facts: list[str]) -> None:
        self._summary = summary
        self.words.show_text(summary)
        self.details.setText("\n".join(facts))
        self.more.setEnabled(bool(facts))
        self.details.setVisible(self.more.isChecked() and bool(facts))
        self.resized.emit()

    def _fold(self, opened: bool) -> None:
        self._theme.show_icon(self.more, "chevron-up" if opened else "chevron-down")
        self.details.setVisible(opened and bool(self.details.text()))
        self.resized.emit()

    def _enable(self, *, running: bool, answered: bool) -> None:
        self._place.setCurrentWidget(self.stop if running else self.more)
        self.again.setVisible(not running)
        self.copy.setVisible(answered and not running)
        self.show()

    def _risk_words(self, verdict: Verdict) -> str:
        words = {
            Risk.LOW: self.tr("low risk"),
            Risk.MEDIUM: self.tr("medium risk"),
            Risk.HIGH: self.tr("high risk"),
            Risk.UNCHECKED: self.tr("not checked"),
        }
        return words[verdict.risk]

    def _paint_dot(self) -> None:
        risky = self._verdict is not None and self._verdict.risk != Risk.LOW
        self.dot.setVisible(risky)
        if self._verdict is None or not risky:
            return
        high = self._verdict.risk == Risk.HIGH
        color = self._theme.colors.danger if high else self._theme.colors.amber_dot
        self.dot.setStyleSheet(f"background: {color}; border-radius: {DOT // 2}px; margin: 3px;")
        words = self._risk_words(self._verdict)
        reason = f"{words}: {local(self._verdict.reason)}" if self._verdict.reason else words
        self.dot.setToolTip(plain_tip(reason))
        self.dot.setAccessibleName(reason)
