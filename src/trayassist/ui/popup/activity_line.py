"""The line that shows what is being done right now: a moving line and a few words."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from trayassist.api import Status
from trayassist.ui.popup.controls import label
from trayassist.ui.widgets.formats import number
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import Theme

FRAME_MS = 33
ELAPSED_FROM_S = 2


class ActivityLine(QObject):
    """The line and the word, to be placed by the popup."""

    resized = Signal()

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.line = MovingLine(theme)
        self.words = label()
        self.words.setContentsMargins(0, 4, 12, 4)
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.words.hide()
        self._text, self._since = "", 0.0
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._show_words)

    @property
    def text(self) -> str:
        """The word that is shown, without the seconds."""
        return self._text

    def status(self, event: Status) -> None:
        """Show what a Status event says."""
        if event.total:
            words = self.tr("{0}, {1} of {2}").format(local(event.text), number(event.done), number(event.total))
            self.show_busy(words, event.done / event.total)
        else:
            self.show_busy(local(event.text))

    def show_busy(self, words: str = "", share: float = -1.0) -> None:
        """Show work under way; `share` in 0..1 when it is known how much is done."""
        if words != self._text:
            self._text, self._since = words, time.monotonic()
        self.line.show_busy(busy=True, share=share)
        if words:
            self._clock.start()
        else:
            self._clock.stop()
        self._show_words()

    def rest(self) -> None:
        """Nothing is being done."""
        self._text = ""
        self._clock.stop()
        self.line.show_busy(busy=False)
        self._show_words()

    def _show_words(self) -> None:
        seconds = int(time.monotonic() - self._since)
        words = self.tr("{0}, {1} s").format(self._text, seconds) if seconds >= ELAPSED_FROM_S else self._text
        self.words.setText(words)
        if self.words.isHidden() == bool(self._text):
            self.words.setVisible(bool(self._text))
            self.resized.emit()


class MovingLine(QWidget):
    """A thin line that moves while something is being done; still, but coloured, for reduced motion."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._place, self._share, self._busy = 0.0, -1.0, False
        self.setFixedHeight(2)
        self.setAccessibleName(self.tr("Progress"))
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._move)

    @property
    def moving(self) -> bool:
        return self._timer.isActive()

    def show_busy(self, *, busy: bool, share: float = -1.0) -> None:
        """Show work under way; `share` in 0..1 when it is known how much is done, else below 0."""
        self._busy, self._share = busy, share
        self._run()
        self.update()

    def _run(self) -> None:
        if self._busy and self._share < 0 and self.isVisible() and not self._theme.reduced_motion:
            if not self._timer.isActive():
                self._place = 0.0
                self._timer.start()
        else:
            self._timer.stop()

    def _move(self) -> None:
        self._place = (self._place + 0.018) % 1.0
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Move only while seen."""
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while hidden: no wake-ups."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        painter = QPainter(self)
        colors, width = self._theme.colors, self.width()
        painter.fillRect(0, 0, width, 1, QColor(colors.border))
        if not self._busy:
            return
        accent = QColor(colors.accent)
        if self._share >= 0:
            painter.fillRect(0, 0, round(width * min(1.0, self._share)), 2, accent)
        elif self._timer.isActive():
            length = width * 0.28
            painter.fillRect(round((width + length) * self._place - length), 0, round(length), 2, accent)
        else:
            painter.fillRect(0, 0, width, 2, accent)
