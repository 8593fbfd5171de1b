"""Earlier questions, walked through with Up and Down."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 200


class Recall:
    """The questions, newest first, and where the user is among them. What was typed before is kept."""

    def __init__(self) -> None:
        self._questions: list[str] = []
        self._at = -1
        self._draft = ""

    @property
    def active(self) -> bool:
        """Whether an earlier question is shown."""
        return self._at >= 0

    @property
    def known(self) -> bool:
        """Whether anything was ever asked."""
        return bool(self._questions)

    def fill(self, questions: Sequence[str]) -> None:
        """Take over the history, newest first, behind what was asked since the start."""
        self._questions = list(dict.fromkeys([*self._questions, *questions]))[:MOST]

    def add(self, question: str) -> None:
        """Put a question that is asked now in front."""
        self._questions = list(dict.fromkeys([question, *self._questions]))[:MOST]
        self.reset()

    def reset(self) -> None:
        """Go back to the present."""
        self._at, self._draft = -1, ""

    def older(self, shown: str) -> str | None:
        """Return the next older question, or None at the end. Text changed by hand starts anew."""
        if self._at >= 0 and shown != self._questions[self._at]:
            self._at = -1
        if self._at < 0:
            self._draft = shown
        if self._at + 1 >= len(self._questions):
            return None
        self._at += 1
        return self._questions[self._at]

    def newer(self) -> str:
        """Return the next newer question; after the newest the text that was typed before."""
        self._at -= 1
        return self._questions[self._at] if self._at >= 0 else self._draft
