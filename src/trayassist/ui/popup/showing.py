"""An answer on its way, shown in the panel, in the footer and on the line that says what is done."""

from __future__ import annotations

from PySide6.QtCore import QObject

from trayassist.api import Approval, Chunk, Event, Finished, Flagged, Routed, Status
from trayassist.ui.popup.activity_line import Working
from trayassist.ui.popup.answer_panel import AnswerPanel
from trayassist.ui.popup.footer import Footer


class Showing(QObject):
    """Shows the events of one answer after the other."""

    def __init__(self, panel: AnswerPanel, footer: Footer, working: Working) -> None:
        super().__init__(panel)
        self._panel, self._footer, self._working = panel, footer, working

    def begin(self, question: str) -> None:
        """A question was asked."""
        self._panel.begin(question)
        self._footer.show_running()
        self.think()

    def think(self) -> None:
        """Say that the answer is on its way."""
        self._working.show_busy(self.tr("thinking"))

    def take(self, event: Event) -> None:
        """Show an event of the answer."""
        if isinstance(event, Status):
            self._working.status(event)
            return
        if isinstance(event, Approval):
            self._working.show_busy(self.tr("waiting for your answer"))
        self._panel.take(event)
        if isinstance(event, Chunk):
            if self._working.said:
                self._working.show_busy()
        elif isinstance(event, Routed):
            self._footer.show_running(event.route)
        elif isinstance(event, Flagged):
            self._footer.show_risk(event.verdict)
        elif isinstance(event, Finished):
            self._footer.show_finished(event)
        if isinstance(event, Flagged | Finished):
            self._footer.lock_copy(locked=self._panel.view.locked)

    def stop(self) -> None:
        """The user stopped the answer."""
        self._panel.stop()
        self._footer.show_stopped(self._panel.route, answered=self._panel.answered)

    def fail(self, what: str, todo: str) -> None:
        """The answer did not come."""
        self._panel.fail(what, todo)
        self._footer.clear()
