"""Whether a model may answer in place of another: three small tasks with a strict form, asked once and kept (F-05).

A model that cannot give a number alone, an object of JSON or one short sentence would spoil the answers of the role
that it stands in for. It is asked once for each state of its file, when it is first needed or is measured.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trayassist.config.state_file import StateFile
from trayassist.models.registry.resolve import file_of
from trayassist.models.registry.schema import Adjustment, Registry
from trayassist.paths import Paths

logger = logging.getLogger(__name__)

MOST_WORDS = 25  # of the sentence that should have 20: a few more are still one short sentence
ENOUGH = 400  # characters of an answer, after which it cannot be right any more
ASKED = Adjustment(temperature=0, max_tokens=512, seed=1)  # so many that a model which thinks first comes to its answer

Ask = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that every model which answers for a role must be able to do. `wrong` says why an answer is not."""

    name: str
    prompt: str
    wrong: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Result:
    """How a model did: the tasks it failed with what it said, none when it passed; `at` is when (UTC)."""

    failed: tuple[str, ...]
    at: str

    @property
    def unfit(self) -> str:
        """Why the model may not stand in for another, in words; "" when it may."""
        names = ", ".join(one.partition(" (")[0] for one in self.failed)
        return f"it failed {len(self.failed)} of {len(TASKS)} smoke tasks ({names})" if self.failed else ""

    @property
    def details(self) -> str:
        """The same, with what the model said."""
        return f"it failed {len(self.failed)} of {len(TASKS)} smoke tasks: {'; '.join(self.failed)}" * bool(self.failed)


def _number(answer: str) -> str:
    return "" if re.fullmatch(r"\W*42\W*", answer) else f"said {_quote(answer)} for 42"


def _object(answer: str) -> str:
    try:
        found = json.loads(answer)
    except ValueError:
        return f"said {_quote(answer)}, which is not JSON"
    if not isinstance(found, dict) or set(found) != {"city", "year"}:
        return f"said {_quote(answer)}, which has other keys"
    right = str(found["city"]).lower() == "porto" and found["year"] == 1886
    return "" if right else f"said {_quote(answer)}, which has wrong values"


def _sentence(answer: str) -> str:
    words = len(answer.split())
    return "" if 3 <= words <= MOST_WORDS else f"said {_quote(answer)}, {words} words for at most 20"


TASKS = (
    Task("math", "What is 17 + 25? Answer with the number alone, no other words.", _number),
    Task(
        "JSON",
        "The bridge in Porto was opened in 1886. Answer with a JSON object alone, with the keys city (a text) and "
        "year (a number). No other words, no code fence.",
        _object,
    ),
    Task("length", "In one sentence of at most 20 words: what is a lighthouse for?", _sentence),
)


class Smoke:
    """What is known of models, in smoke.json of the data folder. `file` says where a model's file is (None: none)."""

    def __init__(
        self, paths: Paths, registry: Callable[[], Registry], file: Callable[[str], Path | None] | None = None
    ) -> None:
        self._registry = registry
        self._kept = StateFile(paths.data / "smoke.json", _results, "models are asked anew")
        self._file = file or (lambda name: _own_file(paths, registry(), name))
        self._results = self._kept.read()
        self._noted: dict[str, Result] = {}  # by this process

    def find(self, name: str) -> Result | None:
        """Return how the model did as its file is now; None when it was not asked yet."""
        return self._results.get(self._key(name))

    def is_needed(self, name: str) -> bool:
        """Return whether the model has to pass: a mock is there for trying things out, and says what it is told."""
        return self._registry().provider(name).api != "mock"

    def unfit(self, name: str) -> str:
        """Return why the model is known not to be fit to stand in for another, in words; "" when it is not known."""
        found = self.find(name) if name in self._registry().models and self.is_needed(name) else None
        return found.unfit if found else ""

    async def examine(self, name: str, ask: Ask) -> Result:
        """Give the model its tasks through `ask`, keep how it did and return it. Raises what `ask` raises."""
        answer = [(task, (await ask(task.prompt)).strip()) for task in TASKS]
        failed = tuple(f"{task.name} ({wrong})" for task, text in answer if (wrong := task.wrong(text)))
        result = Result(failed, datetime.now(UTC).isoformat(timespec="seconds"))
        self.note(name, result)
        await asyncio.to_thread(self.save)
        return result

    def note(self, name: str, result: Result) -> None:
        """Remember how a model did."""
        key = self._key(name)
        self._results[key] = self._noted[key] = result

    def save(self) -> None:
        """Write the file; a full disk costs no more than asking models again."""
        self._kept.keep_change(lambda kept: {key: asdict(one) for key, one in (kept | self._noted).items()})

    def _key(self, name: str) -> str:
        registry = self._registry()
        model, provider, file = registry.models[name], registry.provider(name), self._file(name)
        if file is None:
            return f"{model.provider} {provider.base_url} {model.remote_id}"
        try:
            found = file.stat()
        except OSError:
            return str(file)
        return f"{file} {found.st_size} {found.st_mtime_ns} {model.kind}"


def _own_file(paths: Paths, registry: Registry, name: str) -> Path | None:
    return file_of(paths, registry.models[name]) if registry.provider(name).api == "llama_cpp" else None


def _quote(answer: str) -> str:
    text = " ".join(answer.split())
    return f"“{text[:40]}{'…' * (len(text) > 40)}”" if text else "nothing"


def _results(given: Any) -> dict[str, Result]:
    return {key: Result(tuple(map(str, one["failed"])), str(one["at"])) for key, one in given.items()}
