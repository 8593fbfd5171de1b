"""What the tray says about answers: that one is being made, and that one waits for the user."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from PySide6.QtCore import QObject

from trayassist.api import Approval, Event, Finish, Finished, Request
from trayassist.assistant import Assistant
from trayassist.paths import Paths
from trayassist.ui.tray.tray import Tray


class AnswerNews(QObject):
    """Follows all answers, whoever asked. `is_seen` tells whether the popup is open."""

    def __init__(self, tray: Tray, is_seen: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tray, self._is_seen = tray, is_seen
        self._running = 0

    def began(self) -> None:
        """An answer is being made."""
        self._running += 1
        self._tray.set_thinking(True)

    def ended(self) -> None:
        """An answer came to its end, good or bad."""
        self._running -= 1
        self._tray.set_thinking(self._running > 0)

    def kept(self, problem: str) -> None:
        """Tell why answers, or what is done, are not written down; "" when they are."""
        self._tray.set_problem("kept", problem)

    def happened(self, request: Request, event: Event) -> None:
        """Call the user back when something waits behind the closed popup."""
        if request.actor != "user" or self._is_seen():
            return
        if isinstance(event, Approval):
            self._tray.set_attention(self.tr("an answer waits for your yes or no"))
        elif isinstance(event, Finished) and event.finish is not Finish.CANCELLED:
            self._tray.set_attention(self.tr("your answer is ready"))


class TellingAssistant(Assistant):
    """The assistant, whose answers the tray hears of."""

    def __init__(
        self, paths: Paths, news: AnswerNews, *, readable: Paths | None = None, prewarm: bool | None = None
    ) -> None:
        super().__init__(paths, readable=readable, prewarm=prewarm, in_app=True)
        self._news = news

    async def ask(self, request: Request) -> AsyncGenerator[Event, None]:
        """Yield the events of the answer, as Assistant does."""
        self._news.began()
        try:
            async with aclosing(super().ask(request)) as events:
                async for event in events:
                    self._news.happened(request, event)
                    yield event
        finally:
            self._news.ended()
            self._news.kept(self.audit.problem or self.history.problem or self.history.notice)
