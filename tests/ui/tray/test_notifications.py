"""What the tray says of answers: also that they are not written down."""

from __future__ import annotations

from contextlib import aclosing

from trayassist.api import Finished, Request
from trayassist.paths import Paths
from trayassist.ui.tray.notifications import AnswerNews, ReportingAssistant


class RecordingTray:
    """A tray that only notes what it is told."""

    def __init__(self) -> None:
        self.thinking: list[bool] = []
        self.problems: dict[str, str] = {}

    def set_thinking(self, thinking: bool) -> None:
        self.thinking.append(thinking)

    def set_problem(self, topic: str, sentence: str) -> None:
        self.problems[topic] = sentence


async def test_an_answer_that_cannot_be_kept_is_told_until_one_can(home: Paths) -> None:
    tray = RecordingTray()
    one = ReportingAssistant(home, AnswerNews(tray, lambda: True))  # type: ignore[arg-type]
    await one.start()
    try:
        home.history.mkdir()
        for problem in ("The last answer was not kept.", ""):
            async with aclosing(one.ask(Request(text="What is 12 * 12?"))) as events:
                *_, last = [event async for event in events]
            assert isinstance(last, Finished)
            assert "144" in last.answer
            assert tray.problems["kept"].startswith(problem)
            assert bool(tray.problems["kept"]) is bool(problem)
            if problem:
                home.history.rmdir()
    finally:
        await one.stop()
    assert tray.thinking == [True, False] * 2
