"""From an answer's tokens to pieces that may be shown: thoughts apart, whole characters, nothing of a stop string."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping, Sequence

from trayassist.workers.model.llama import Model
from trayassist.workers.model.reasoning import CONTROL, Thoughts
from trayassist.workers.model.stop_filter import Text


class Written:
    """The text of one answer as it grows. `stopped` is set when a stop string is complete; thoughts have none.

    `marks` are the model's (`marks`); `split` False takes everything for the answer: a grammar leaves no thoughts.
    """

    def __init__(
        self,
        model: Model,
        marks: Mapping[int, bytes],
        stop: Sequence[str],
        *,
        opened: str = "",
        split: bool = True,
    ) -> None:
        self._model, self._marks, self._text = model, marks, Text(stop)
        self._thoughts = Thoughts(opened) if split else None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held: list[tuple[str, bool]] = []

    @property
    def stopped(self) -> bool:
        """Whether a stop string ended the answer."""
        return self._text.stopped

    def feed(self, token: int) -> bool:
        """Take a token; return whether there is something to show."""
        thoughts = self._thoughts
        if thoughts is None or thoughts.answering:
            self._hold(self._text.take(self._decoder.decode(self._model.piece(token))), thought=False)
        else:
            data = self._marks.get(token) or self._model.piece(token)
            self._split(thoughts.feed(self._decoder.decode(data)))
        return bool(self._held)

    def take(self) -> list[tuple[str, bool]]:
        """Return the pieces to show now, and whether each is a thought."""
        held, self._held = self._held, []
        return held

    def end(self) -> list[tuple[str, bool]]:
        """Return the last pieces, when no more tokens come."""
        last = self._decoder.decode(b"", final=True)
        if self._thoughts is None or self._thoughts.answering:
            self._hold(self._text.take(last), thought=False)
        else:
            self._split(self._thoughts.feed(last))
            self._split(self._thoughts.rest())
        self._hold(self._text.rest(), thought=False)
        return self.take()

    def _split(self, pieces: Iterable[tuple[str, bool]]) -> None:
        for text, thought in pieces:
            self._hold(text if thought else self._text.take(text), thought=thought)

    def _hold(self, text: str, *, thought: bool) -> None:
        if not text:
            return
        if self._held and self._held[-1][1] == thought:
            text = self._held.pop()[0] + text
        self._held.append((text, thought))


def marks(model: Model) -> dict[int, bytes]:
    """Return the tokens of this vocabulary that are marks of thoughts, and their texts."""
    found = ((model.tokens(mark, ends=False, special=True), mark) for mark in CONTROL)
    return {tokens[0]: mark.encode() for tokens, mark in found if len(tokens) == 1}
