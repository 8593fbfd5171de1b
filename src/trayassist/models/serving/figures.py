"""What is noted of answers and kept: how fast models are by day, and how long the answers of roles are."""

from __future__ import annotations

import asyncio
import hashlib
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from trayassist.api import Message
from trayassist.config.state_file import StateFile
from trayassist.models.registry.schema import Registry
from trayassist.models.serving.generation import ModelCall, Usage
from trayassist.paths import Paths, shipped_file
from trayassist.workers.background import BackgroundTasks

LEAST_TOKENS = 8  # of a shorter answer the speed says little
DAYS_KEPT = 30
SAVED_AFTER_S = 10.0  # of the first answer that is not written down yet: several are written together
LENGTHS_KEPT = 200  # answers of a role
LEAST_ANSWERS = 20  # of fewer the 95th percentile says nothing
SHARE = 0.95
LEAST_READ = 48  # tokens
READINGS_KEPT = 7  # of a model: what else the machine did then must not decide, and a change shows soon


class Speeds:
    """Tokens per second by model and day: shown beside the model, and compared with last week."""

    def __init__(self, file: Path, today: Callable[[], date] = date.today) -> None:
        self._file, self._today = StateFile(file, _speeds, "speeds are measured anew"), today
        self._days = self._file.read()

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
        """Write the file; a full disk costs the figures and no more."""
        self._file.keep(self._days)


class ReadingSpeeds:
    """How many tokens of a prompt a second models read here, by the last prompts: the median counts.

    What was read from the cache is left out, and a prompt of which little was read: its time is mostly something else.
    """

    def __init__(self, file: Path) -> None:
        self._file = StateFile(file, _readings, "reading is measured anew")
        self._models = self._file.read()

    def note(self, model: str, tokens: int, seconds: float) -> bool:
        """Take a prompt of so many newly read tokens in; return whether it was long enough to count."""
        if tokens < LEAST_READ or seconds <= 0:
            return False
        self._models[model] = [*self._models.get(model, ()), tokens / seconds][-READINGS_KEPT:]
        return True

    def of(self, model: str) -> float:
        """Return the model's speed; 0 when it never read a prompt here."""
        known = self._models.get(model)
        return statistics.median(known) if known else 0.0

    def work(self, sizes: Mapping[str, float]) -> float:
        """Return billions of parameters times tokens a second, by the models measured; 0 when none of them was.

        Reading is bound by arithmetic, two operations for each parameter and token, so the product depends on the
        machine more than on the model (of SmolLM2 135 M and Qwen2.5 0.5 B it differs by a factor of 2.5).
        """
        found = [size * speed for model, size in sizes.items() if size and (speed := self.of(model))]
        return statistics.median(found) if found else 0.0

    def save(self) -> None:
        """Write the file; a full disk costs the figures and no more."""
        self._file.keep(dict(self._models))


class Lengths:
    """Tokens of the last answers of each role: `status` says when more than one in twenty is longer than usual."""

    def __init__(self, file: Path) -> None:
        self._file = StateFile(file, _lengths, "lengths are noted anew")
        self._roles = self._file.read()

    def note(self, role: str, tokens: int) -> None:
        """Take an answer in; the oldest beyond 200 go."""
        self._roles[role] = [*self._roles.get(role, ()), tokens][-LENGTHS_KEPT:]

    def p95(self, role: str) -> int:
        """Return the tokens that 95 % of the role's last answers keep to; 0 while there are fewer than 20."""
        known = sorted(self._roles.get(role, ()))
        return known[min(len(known) - 1, int(len(known) * SHARE))] if len(known) >= LEAST_ANSWERS else 0

    def alerts(self, registry: Registry) -> Iterator[tuple[str, str]]:
        """Yield what is to be said of roles whose answers are longer than usual, and what to do."""
        for role, settings in registry.roles.items():
            if settings.usual_tokens and (found := self.p95(role)) > settings.usual_tokens:
                what = f"One in twenty answers of the role {role} has {found} tokens or more; usual are "
                todo = f"Lower roles.{role}.max_tokens, or raise roles.{role}.usual_tokens if that is meant."
                yield f"{what}{settings.usual_tokens} at most.", todo

    def save(self) -> None:
        """Write the file; a full disk costs the figures and no more."""
        self._file.keep(dict(self._roles))


class Beginnings:
    """With which prompt of the configuration the last question to each model began, and the role that asked.

    Only its hash is kept; `text` finds it again among the prompts, the user's own before the shipped ones.
    """

    def __init__(self, paths: Paths) -> None:
        self._folders = (paths.config / "prompts", shipped_file("config/prompts"))
        self._file = StateFile(paths.data / "beginnings.json", _beginnings, "prompts are not read ahead once")
        self._models = self._file.read()

    def note(self, model: str, role: str, messages: Sequence[Message]) -> bool:
        """Note what a prompt began with; return whether that is another than before."""
        if not messages or messages[0].speaker != "system":
            return False
        known, self._models[model] = self._models.get(model), (role, _sha256(messages[0].text))
        return known != self._models[model]

    def find(self, model: str) -> tuple[str, str] | None:
        """Return the role and the text that prompts of the model begin with; None where that is not known any more."""
        role, wanted = self._models.get(model, ("", ""))
        for file in (file for folder in self._folders if wanted for file in sorted(folder.glob("*.md"))):
            try:
                text = file.read_text(encoding="utf-8").strip()
            except (OSError, ValueError):
                continue
            if _sha256(text) == wanted:
                return role, text
        return None

    def save(self) -> None:
        """Write the file; a full disk costs some seconds of the first answer."""
        self._file.keep(dict(self._models))


class Figures:
    """`speeds` of models by day, how fast they read prompts, and `lengths` of the last answers by role.

    They are written down some seconds later.
    """

    def __init__(self, paths: Paths) -> None:
        self.speeds = Speeds(paths.data / "speeds.json")
        self.lengths = Lengths(paths.data / "lengths.json")
        self.reading = ReadingSpeeds(paths.data / "reading.json")
        self.beginnings = Beginnings(paths)
        self._timer: asyncio.TimerHandle | None = None
        self._tasks = BackgroundTasks("keeping figures")

    def note(self, call: ModelCall, usage: Usage) -> None:
        """Take an answer in. Its length counts where it was asked with nothing but the role's own settings."""
        counts = self.speeds.note(usage.model, usage.tokens_per_s, usage.tokens_out)
        counts |= self.reading.note(usage.model, usage.tokens_in - usage.cached_tokens, usage.first_ms / 1e3)
        counts |= self.beginnings.note(usage.model, call.role, call.messages)
        if call.plain:
            self.lengths.note(call.role, usage.tokens_out)
        if (counts or call.plain) and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SAVED_AFTER_S, self._save_soon)

    async def stop(self) -> None:
        """Write down what is not written yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._save_soon()
        await self._tasks.settle()

    def _save_soon(self) -> None:
        self._timer = None
        self._tasks.start(asyncio.to_thread(self._save))

    def _save(self) -> None:
        self.speeds.save()
        self.reading.save()
        self.beginnings.save()
        self.lengths.save()


def _speeds(given: Any) -> dict[str, dict[str, tuple[float, int]]]:
    return {
        str(model): {str(day): (float(mean), int(count)) for day, (mean, count) in days.items()}
        for model, days in given.items()
    }


def _readings(given: Any) -> dict[str, list[float]]:
    return {str(model): [float(one) for one in speeds][-READINGS_KEPT:] for model, speeds in given.items()}


def _beginnings(given: Any) -> dict[str, tuple[str, str]]:
    return {str(model): (str(role), str(sha256)) for model, (role, sha256) in given.items()}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _lengths(given: Any) -> dict[str, list[int]]:
    return {str(role): [int(one) for one in tokens][-LENGTHS_KEPT:] for role, tokens in given.items()}
