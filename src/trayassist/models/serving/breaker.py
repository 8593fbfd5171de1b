"""A model that keeps failing rests for a while, so that each question does not wait for the same failure again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from trayassist.api import TrayassistError
from trayassist.models.serving.budget import OutOfBudget

FAILURES, WITHIN_S, REST_S = 3, 300.0, 60.0


class Breaker:
    """Counts failures of models: after three within five minutes a model rests for a minute.

    `problems` says in words why models did not load when that was last tried, by model.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}
        self._until: dict[str, float] = {}
        self.problems: dict[str, str] = {}

    def count_failure(self, name: str) -> bool:
        """Count a failure; return whether the model rests from now on."""
        now = self._clock()
        failures = self._failures.setdefault(name, deque(maxlen=FAILURES))
        failures.append(now)
        if len(failures) < FAILURES or now - failures[0] > WITHIN_S:
            return False
        failures.clear()
        self._until[name] = now + REST_S
        return True

    def note_load(self, name: str, problem: TrayassistError | None) -> None:
        """Note that a model did not load, or did (None). A lack of memory is no failure of the model."""
        if problem is None:
            self.problems.pop(name, None)
            return
        self.problems[name] = str(problem)
        if not isinstance(problem, OutOfBudget):
            self.count_failure(name)

    def resting_s(self, name: str) -> float:
        """Return for how many seconds the model still rests; 0 when it may be asked."""
        return max(0.0, self._until.get(name, 0.0) - self._clock())

    def wake(self, name: str) -> None:
        """Let the model be asked again, with no failures counted: it was changed, or the user loads it by hand."""
        self._until.pop(name, None)
        self._failures.pop(name, None)
        self.problems.pop(name, None)
