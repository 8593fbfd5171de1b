"""What models work on now and what waits, in the order it will run."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from trayassist.models.serving.state import Waiting
from trayassist.ui.widgets.formats import duration, tr
from trayassist.ui.widgets.window import column, label

A_SECOND_MS = 1000


class QueueView(QWidget):
    """A line for each request; the seconds count while something is there and the page is seen."""

    def __init__(self) -> None:
        super().__init__()
        self._queue: tuple[Waiting, ...] = ()
        self._passed = 0
        self._text = label("", "muted", wrap=True)
        self._text.setAccessibleName(tr("Queue"))
        self.setLayout(column(self._text))
        self._clock = QTimer(self)
        self._clock.setInterval(A_SECOND_MS)
        self._clock.timeout.connect(self._tick)
        self.fill(())

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text.text()

    def fill(self, queue: Sequence[Waiting]) -> None:
        """Show these requests."""
        self._queue, self._passed = tuple(queue), 0
        self._show()
        if queue and self.isVisible():
            self._clock.start()
        else:
            self._clock.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop counting while nobody looks."""
        self._clock.stop()
        super().hideEvent(event)

    def _tick(self) -> None:
        self._passed += 1
        self._show()

    def _show(self) -> None:
        lines = [_line(one, self._passed) for one in self._queue]
        self._text.setText("\n".join(lines) or tr("No model is at work, and nothing waits."))


def _line(one: Waiting, passed: int) -> str:
    doing = tr("{role} is answered by {model}") if one.running else tr("{role} waits for {model}")
    parts = [doing.format(role=one.role, model=one.model), duration(one.since_s + passed)]
    lanes = {"heavy": tr("heavy lane"), "light": tr("light lane"), "io": tr("io lane")}
    parts.append(lanes[one.lane])
    if one.job:
        parts.append(tr("a job: others go first"))
    return " · ".join(parts)
