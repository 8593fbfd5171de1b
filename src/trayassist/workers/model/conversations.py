"""The state of conversations that were left, so that one which goes on is not read again from its beginning.

A state may be used again only by a prompt that begins with the same tokens, under the same adapters: then it is
exactly what reading would give. The conversation's name decides what is worth keeping, never what is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trayassist.workers.model.adapters import Adapters, Key
from trayassist.workers.model.context import Context, Saved, common

WORTH = 64  # tokens that must be gained before a state is copied: fewer are read as fast


@dataclass(slots=True)
class _Left:
    conversation: str
    adapters: Key
    saved: Saved


class Conversations:
    """Keeps states within `limit` bytes, those used last. `bytes` is what they take now."""

    def __init__(self, context: Context, adapters: Adapters, limit: int) -> None:
        self._context, self._adapters, self._limit = context, adapters, limit
        self._steps_back = context.model.steps_back
        self._left: list[_Left] = []  # the one used last is the last
        self._now = ""

    @property
    def bytes(self) -> int:
        """Return the memory that kept states take."""
        return sum(left.saved.data.nbytes for left in self._left)

    def enter(self, conversation: str, adapters: Key, prompt: Sequence[int]) -> None:
        """Make the context ready for the prompt: with the best state there is, and the adapters in force."""
        same_adapters = adapters == self._adapters.key
        useful = self._useful(self._context.tokens, prompt) if same_adapters else 0
        best = max(self._left, key=lambda left: self._gain(left, adapters, prompt), default=None)
        gain = self._gain(best, adapters, prompt) if best else 0
        if gain < useful + WORTH:
            best = None
        if self._worth_keeping(conversation, same_adapters, useful, replaced=best is not None):
            self._keep()
        if not same_adapters:
            self._context.clear()
            self._adapters.put(adapters)
        if best is not None:
            self._context.restore(best.saved)
            self._left = [left for left in self._left if left is not best]
        self._now = conversation

    def forget(self) -> None:
        """Drop all that is kept."""
        self._left.clear()

    def _gain(self, left: _Left, adapters: Key, prompt: Sequence[int]) -> int:
        return self._useful(left.saved.tokens, prompt) if left.adapters == adapters else 0

    def _useful(self, tokens: Sequence[int], prompt: Sequence[int]) -> int:
        """Return how many of the tokens serve the prompt; all or none where the model cannot step back."""
        alike = common(tokens, prompt)
        return alike if self._steps_back or alike == len(tokens) < len(prompt) else 0

    def _worth_keeping(self, conversation: str, same_adapters: bool, useful: int, *, replaced: bool) -> bool:
        held = len(self._context.tokens)
        lost = held if replaced or not same_adapters else held - useful
        left = conversation != self._now or not same_adapters or replaced or lost > held // 2
        return left and lost >= WORTH

    def _superseded(self, left: _Left) -> bool:
        """Return whether the context holds all of a state, or goes on with the same talk: then one copy is enough."""
        alike = common(left.saved.tokens, self._context.tokens)
        enough = len(left.saved.tokens) // 2 if left.conversation == self._now else len(left.saved.tokens) - 1
        return alike > enough

    def _keep(self) -> None:
        size = self._context.bytes
        if size > self._limit:
            return
        key = self._adapters.key
        self._left = [left for left in self._left if left.adapters != key or not self._superseded(left)]
        while self._left and self.bytes + size > self._limit:
            del self._left[0]
        self._left.append(_Left(self._now, key, self._context.save()))
