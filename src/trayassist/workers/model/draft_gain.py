"""Whether drafting pays: measured on every answer, switched off where it does not (never assumed, F-09)."""

from __future__ import annotations

from collections import deque
from statistics import fmean, median

ROUNDS = 12  # drafted rounds before a judgement
PLAIN_FIRST = 4  # steps without a draft at the beginning, to have something to compare with
PLAIN_EVERY = 48  # rounds after which one step without a draft renews the comparison
RETRY, MOST_RETRY = 8, 64  # answers after which it is tried again, doubled each time it fails
WINDOW = 48  # what was measured last counts


class Payoff:
    """The speed with drafts and without, of one way to draft. With `always` it is measured and never switched off."""

    def __init__(self, *, always: bool = False) -> None:
        self._always = always
        self._plain: deque[float] = deque(maxlen=WINDOW)  # seconds a token
        self._rounds: deque[tuple[int, float]] = deque(maxlen=WINDOW)  # tokens, seconds
        self._since_plain = 0
        self._resting, self._rest = 0, RETRY
        self.off = ""

    def begin(self) -> bool:
        """Note that an answer begins; return whether it may draft."""
        if not self.off:
            return True
        self._resting -= 1
        if self._resting > 0:
            return False
        self.off = ""
        self._plain.clear()
        self._rounds.clear()
        return True

    def wants_plain(self) -> bool:
        """Return whether the next step should be one without a draft, to compare with."""
        return not self._always and (len(self._plain) < PLAIN_FIRST or self._since_plain >= PLAIN_EVERY)

    def plain(self, seconds: float) -> None:
        """Note a step without a draft: one token."""
        self._plain.append(seconds)
        self._since_plain = 0

    def drafted(self, tokens: int, seconds: float) -> bool:
        """Note a round with a draft, drafting included, and what it gave; return whether to go on drafting."""
        self._rounds.append((tokens, seconds))
        self._since_plain += 1
        if self._always or len(self._rounds) < ROUNDS or len(self._plain) < PLAIN_FIRST:
            return True
        speed, without = self.speeds()
        if speed > without:
            self._rest = RETRY
            return True
        self.off = f"it did not pay here: {speed:.1f} tokens/s with drafts, {without:.1f} without"
        self._resting, self._rest = self._rest, min(self._rest * 2, MOST_RETRY)
        return False

    def speeds(self) -> tuple[float, float]:
        """Return tokens a second with drafts, and without; 0 where nothing was measured.

        Both by the median time of a step: what else the machine did in between must not decide.
        """
        if not self._rounds or not self._plain:
            return 0.0, 0.0
        tokens = fmean(count for count, _ in self._rounds)
        return tokens / median(took for _, took in self._rounds), 1 / median(self._plain)
