"""The reasoning that a model writes before its answer: told apart by its marks, of which nothing is ever shown."""

from __future__ import annotations

from collections.abc import Iterator

MARKS = {  # what begins a thought, and what ends it
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "<|START_THINKING|>": "<|END_THINKING|>",
    "<|channel|>analysis<|message|>": "<|end|>",
    "<|channel|>commentary<|message|>": "<|end|>",
}
BETWEEN = ("<|start|>assistant", "<|channel|>final<|message|>", "<|START_RESPONSE|>")  # marks before the answer
CONTROL = (  # marks that are tokens of their own in some vocabularies, which print nothing unless they are asked to
    "<think>", "</think>", "[THINK]", "[/THINK]", "<|START_THINKING|>", "<|END_THINKING|>", "<|START_RESPONSE|>",
    "<|channel|>", "<|message|>", "<|start|>", "<|end|>",
)  # fmt: skip
_BEFORE = (*MARKS, *BETWEEN)


def opens_with(prompt: str) -> str:
    """Return the mark that ends the thought which a prompt leaves open at its end, or ""."""
    end = prompt.rstrip()
    return next((close for mark, close in MARKS.items() if end.endswith(mark)), "")


class ReasoningSplitter:
    """Splits a growing text. A thought may begin where the answer would, and again after another thought.

    Marks in the midst of an answer are text: it may be about them. `answering` is True from the answer's first word.
    """

    def __init__(self, opens_with: str = "") -> None:
        self._close = opens_with  # what ends the thought that is under way; "" = none is
        self._held = ""
        self.answering = False

    def feed(self, text: str) -> Iterator[tuple[str, bool]]:
        """Yield what can be shown now: pieces of text, and whether each is a thought."""
        self._held += text
        while self._held and not self.answering:
            if self._close:
                shown, more = self._thought()
            else:
                shown, more = "", self._before()
            if shown:
                yield shown, True
            if not more:
                return
        if self._held:
            shown, self._held = self._held, ""
            yield shown, False

    def rest(self) -> Iterator[tuple[str, bool]]:
        """Yield what was held back, when no more text comes; the beginning of a mark is left out."""
        held, self._held = self._held, ""
        if self._close:
            held = held[: len(held) - _begins(held, (self._close,))]
        elif len(held.strip()) > 1 and not self.answering:
            held = ""
        if held:
            yield held, bool(self._close)

    def _thought(self) -> tuple[str, bool]:
        """Take the thought's text off what is held; return it, and whether the thought is over."""
        at = self._held.find(self._close)
        if at >= 0:
            shown, self._held = self._held[:at], self._held[at + len(self._close) :]
            self._close = ""
            return shown, True
        safe = len(self._held) - _begins(self._held, (self._close,))
        shown, self._held = self._held[:safe], self._held[safe:]
        return shown, False

    def _before(self) -> bool:
        """Take a mark off what is held; return False when more text must come to tell what it is."""
        text = self._held.lstrip()
        found = next((mark for mark in _BEFORE if text.startswith(mark)), None)
        if found is not None:
            self._held, self._close = text[len(found) :], MARKS.get(found, "")
            return True
        if any(mark.startswith(text) for mark in _BEFORE):  # "" too: white space alone
            return False
        self.answering = True
        return True


def _begins(text: str, marks: tuple[str, ...]) -> int:
    """Return how many characters at the end may be the beginning of a mark."""
    return max((n for mark in marks for n in range(1, len(mark)) if text.endswith(mark[:n])), default=0)
