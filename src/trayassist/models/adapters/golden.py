"""Golden prompts: golden/<role>.yaml of the user, else the shipped ones, and the checks an answer must pass (F-20)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import Section, YamlFile
from trayassist.paths import Paths, shipped

_OBJECT = object()  # among the keys of an answer that is a JSON object


class Check(Section):
    """One thing that an answer must be; exactly one key is set."""

    contains: str | None = None
    absent: str | None = None
    matches: str | None = None
    json_keys: tuple[str, ...] | None = None
    min_words: int | None = None
    max_words: int | None = None

    def failure(self, answer: str) -> str:
        """Return in words what the answer lacks, "" when it passes."""
        words, low = len(answer.split()), answer.lower()
        tests = (
            (self.contains, lambda text: text.lower() in low, "does not hold “{}”"),
            (self.absent, lambda text: text.lower() not in low, "holds “{}”"),
            (self.matches, lambda pattern: re.search(pattern, answer) is not None, "nothing matches {}"),
            (self.json_keys, lambda keys: {*keys, _OBJECT} <= _keys(answer), "is no JSON object with {}"),
            (self.min_words, lambda least: words >= least, "has fewer than {} words"),
            (self.max_words, lambda most: words <= most, "has more than {} words"),
        )
        for wanted, test, said in tests:
            if wanted is not None and not test(wanted):
                shown = ", ".join(wanted) or "any key" if isinstance(wanted, tuple) else wanted
                return said.format(shown)
        return ""


class Prompt(Section):
    """A question with the checks of its answer. `system` replaces the role's own system prompt."""

    prompt: str
    name: str = ""
    system: str | None = None
    checks: tuple[Check, ...] = ()


class Golden(Section):
    """All of one role's file. `threshold` is the least share of checks an adapter must pass."""

    threshold: float = 0.7
    max_tokens: int = 160
    prompts: tuple[Prompt, ...] = ()
    held_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldenFile:
    """The prompts in force, and the file they are in."""

    path: Path
    golden: Golden


def load(paths: Paths, role: str) -> GoldenFile:
    """Return the role's golden prompts. Raises ConfigError for a wrong key or pattern, and when nothing is judged."""
    own = config.read_yaml(paths.config / "golden" / f"{role}.yaml")
    default = config.read_yaml(shipped(f"config/golden/{role}.yaml"))
    golden = config.merge(Golden, default, own)
    file = own if own.data else default
    if not any(prompt.checks for prompt in golden.prompts):
        raise ConfigError(
            f"There are no golden prompts for the role {role}, so an adapter cannot be judged.",
            f"Write some with checks into {own.path}; docs/adapters.md shows the form.",
        )
    if not 0 <= golden.threshold <= 1:
        raise _wrong(file, ("threshold",), f"threshold is {golden.threshold:g}", "Give a share from 0 to 1.")
    for at, prompt in enumerate(golden.prompts):
        for number, check in enumerate(prompt.checks):
            _check(file, ("prompts", at, "checks", number), check)
    return GoldenFile(file.path, golden)


def _check(file: YamlFile, key: config.Key, check: Check) -> None:
    if len(check.model_dump(exclude_none=True)) != 1:
        raise _wrong(file, key, "a check has exactly one key", f"One of {', '.join(Check.model_fields)}.")
    try:
        re.compile(check.matches or "")
    except re.error as error:
        raise _wrong(file, key, f"“{check.matches}” is no pattern ({error})", "Mend it.") from error


def _wrong(file: YamlFile, key: config.Key, what: str, todo: str) -> ConfigError:
    return ConfigError(f"{file.path}, line {file.line(key)}: {what}.", todo)


def _keys(answer: str) -> set[Any]:
    """Return the keys of the answer's JSON object, also in a fenced block, and _OBJECT; nothing when it is none."""
    fenced = re.search(r"```(?:json)?\s*(.*?)```", answer, re.DOTALL)
    try:
        value = json.loads(fenced[1] if fenced else answer)
    except (ValueError, RecursionError):
        value = None
    return {*value, _OBJECT} if isinstance(value, dict) else set()
