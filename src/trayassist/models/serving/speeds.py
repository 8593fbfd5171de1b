"""How fast each model answered on this machine, kept by day: shown beside it, and compared with last week."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from trayassist.config.snapshots import write_atomically

logger = logging.getLogger(__name__)

LEAST_TOKENS = 8  # of a shorter answer the speed says little
DAYS_KEPT = 30


class Speeds:
    """Tokens per second by model and day, in a small JSON file."""

    def __init__(self, file: Path, today: Callable[[], date] = date.today) -> None:
        self._file, self._today = file, today
        self._days: dict[str, dict[str, tuple[float, int]]] = _read(file)

    def note(self, model: str, tokens_per_s: float, tokens: int) -> bool:
        """Take an answer into today's mean; return whether it was long enough to count."""
        if tokens < LEAST_TOKENS or tokens_per_s <= 0:
            return False
        days = self._days.setdefault(model, {})
        today = self._today()
        mean, count = days.get(today.isoformat(), (0.0, 0))
        days[today.isoformat()] = ((mean * count + tokens_per_s) / (count + 1), count + 1)
        oldest = (today - timedelta(days=DAYS_KEPT)).isoformat()
        self._days[model] = {day: value for day, value in days.items() if day > oldest}
        return True

    def latest(self, model: str) -> float:
        """Return the mean of the last day on which the model answered; 0 when it never did."""
        days = self._days.get(model, {})
        return days[max(days)][0] if days else 0.0

    def before(self, model: str, days: int = 7) -> float:
        """Return the mean of the last day at least `days` days ago; 0 when nothing was measured then."""
        limit = (self._today() - timedelta(days=days)).isoformat()
        old = {day: value for day, value in self._days.get(model, {}).items() if day <= limit}
        return old[max(old)][0] if old else 0.0

    def save(self) -> None:
        """Write the file in one step. A disk that is full costs the figures and no more."""
        try:
            write_atomically(self._file, json.dumps(self._days))
        except OSError as error:
            logger.warning("the measured speeds were not kept: %s", error.strerror)


def _read(file: Path) -> dict[str, dict[str, tuple[float, int]]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {
            str(model): {str(day): (float(mean), int(count)) for day, (mean, count) in days.items()}
            for model, days in found.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError):
        logger.warning("%s is damaged: speeds are measured anew", file)
        return {}
