"""The line under an answer: who answered, how, how fast, how risky; and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from trayassist.api import Finish, Finished, Risk, Route, Verdict
from trayassist.ui.popup.controls import ElidedLabel, icon_button, line, plain_tip
from trayassist.ui.widgets.theme import Theme

DOT = 10


class Footer(QWidget):
    """Shows role, model, time, tokens and risk; offers copy, again and stop."""

    copy_asked = Signal()
    again_asked = Signal()
    stop_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.words = ElidedLabel()
        self.words.setMinimumHeight(28)
        self.words.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.dot = QLabel()
        self.dot.setFixedSize(QSize(DOT + 6, DOT + 6))
        self.dot.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.copy = icon_button(theme, "copy", self.tr("Copy the answer"))
        self.again = icon_button(theme, "regenerate", self.tr("Answer again"))
        self.stop = icon_button(theme, "stop", self.tr("Stop"))
        self.copy.clicked.connect(self.copy_asked)
        self.again.clicked.connect(self.again_asked)
        self.stop.clicked.connect(self.stop_asked)
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line())
        column.addLayout(row)
        row.setContentsMargins(24, 4, 12, 4)
        row.setSpacing(4)
        row.addWidget(self.dot)
        row.addWidget(self.words, 1)
        for button in (self.copy, self.again, self.stop):
            row.addWidget(button)
        theme.changed.connect(self._paint_dot)
        self.clear()

    def clear(self) -> None:
        """Nothing was asked."""
        self._verdict: Verdict | None = None
        self.hide()

    def show_running(self, route: Route | None = None) -> None:
        """An answer is under way, by this route if it is known."""
        self._verdict = None if route is None else self._verdict
        self._paint_dot()
        self.words.show_text(_who(route, "") if route else "")
        self._enable(running=True, answered=False)

    def show_risk(self, verdict: Verdict) -> None:
        """Show a dot for a risk that is not low; its reason is the tooltip."""
        self._verdict = verdict
        self._paint_dot()

    def show_finished(self, finished: Finished) -> None:
        """Show how the answer came about."""
        self.show_risk(finished.verdict)
        without = self.tr("from memory, no model") if finished.citations else self.tr("no model")
        host = finished.host
        if host and finished.fallback:  # it was asked, and another answered
            host = self.tr("asked {0}").format(host)
        how = " · ".join(part for part in (finished.model or without, host) if part)
        parts = [_who(finished.route, how, finished.adapters), _duration(finished.timings.total_ms)]
        if finished.timings.tokens_out:
            parts.append(self.tr("{0} tokens").format(finished.timings.tokens_out))
        if finished.finish == Finish.CANCELLED:
            parts.append(self.tr("stopped"))
        elif finished.finish == Finish.LENGTH:
            parts.append(self.tr("cut at the longest length"))
        parts += [words for words in (finished.speculation, finished.trimmed) if words]
        parts.append(self._risk_words(finished.verdict))
        self.words.show_text(" · ".join(parts))
        self._enable(running=False, answered=bool(finished.answer))

    def show_stopped(self, route: Route | None, *, answered: bool) -> None:
        """The user stopped the answer."""
        words = [_who(route, "")] if route else []
        self.words.show_text(" · ".join([*words, self.tr("stopped")]))
        self._enable(running=False, answered=answered)

    def lock_copy(self, *, locked: bool) -> None:
        """Lock or unlock copying the answer."""
        self.copy.setEnabled(not locked)

    def _enable(self, *, running: bool, answered: bool) -> None:
        self.stop.setVisible(running)
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
        reason = f"{words}: {self._verdict.reason}" if self._verdict.reason else words
        self.dot.setToolTip(plain_tip(reason))
        self.dot.setAccessibleName(reason)


def _who(route: Route | None, how: str, adapters: Sequence[str] = ()) -> str:
    parts = [route.role if route else "", how, *adapters]
    return " · ".join(part for part in parts if part)


def _duration(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < 1_000 else f"{ms / 1_000:.1f} s"
