"""Evaluates an adapter: both answers to every golden prompt, with it and without it, under the same checks (F-20).

An adapter passes when it reaches the threshold, is nowhere behind its base in the sum, finds the held-out texts at
least as likely, and changes something at all. Nothing else counts: not its size, not what it was trained on.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trayassist import config
from trayassist.api import ConfigError, TrayassistError
from trayassist.config import Section, YamlFile
from trayassist.models.adapters import asking
from trayassist.models.adapters.record import AdapterRecord, Evaluation, PromptResult
from trayassist.models.adapters.store import now
from trayassist.paths import Paths, shipped_file
from trayassist.workers.model import Adapter

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
        for wanted, test, phrase in tests:
            if wanted is not None and not test(wanted):
                shown = ", ".join(wanted) or "any key" if isinstance(wanted, tuple) else wanted
                return phrase.format(shown)
        return ""


class GoldenPrompt(Section):
    """A question with the checks of its answer. `system` replaces the role's own system prompt."""

    prompt: str
    name: str = ""
    system: str | None = None
    checks: tuple[Check, ...] = ()


class Golden(Section):
    """All of one role's file. `threshold` is the least share of checks an adapter must pass."""

    threshold: float = 0.7
    max_tokens: int = 160
    prompts: tuple[GoldenPrompt, ...] = ()
    held_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldenFile:
    """The prompts in force, and the file they are in."""

    path: Path
    golden: Golden


def load_golden(paths: Paths, role: str) -> GoldenFile:
    """Return the role's golden prompts. Raises ConfigError for a wrong key or pattern, and when nothing is judged."""
    own = config.read_yaml(paths.config / "golden" / f"{role}.yaml")
    default = config.read_yaml(shipped_file(f"config/golden/{role}.yaml"))
    golden = config.merge(Golden, default, own)
    file = own if own.data else default
    if not any(prompt.checks for prompt in golden.prompts):
        raise ConfigError(
            f"There are no golden prompts for the role {role}, so an adapter cannot be judged.",
            f"Write some with checks into {own.path}; docs/adapters.md shows the form.",
        )
    if not 0 <= golden.threshold <= 1:
        raise _wrong(file, ("threshold",), f"threshold is {golden.threshold:g}.", "Give a share from 0 to 1.")
    for at, prompt in enumerate(golden.prompts):
        for number, check in enumerate(prompt.checks):
            _check(file, ("prompts", at, "checks", number), check)
    return GoldenFile(file.path, golden)


def _check(file: YamlFile, key: config.Key, check: Check) -> None:
    if len(check.model_dump(exclude_none=True)) != 1:
        raise _wrong(file, key, "a check has exactly one key.", f"One of {', '.join(Check.model_fields)}.")
    try:
        re.compile(check.matches or "")
    except re.error as error:
        raise _wrong(file, key, f"“{check.matches}” is no pattern ({error}).", "Mend it.") from error


def _wrong(file: YamlFile, key: config.Key, what: str, todo: str) -> ConfigError:
    return ConfigError(f"{file.path}, line {file.line(key)}: {what}", todo)


def _keys(answer: str) -> set[Any]:
    """Return the keys of the answer's JSON object, also in a fenced block, and _OBJECT; nothing when it is none."""
    fenced = re.search(r"```(?:json)?\s*(.*?)```", answer, re.DOTALL)
    try:
        value = json.loads(fenced[1] if fenced else answer)
    except (ValueError, RecursionError):
        value = None
    return {*value, _OBJECT} if isinstance(value, dict) else set()


CLOSE = 1e-4  # nats per token: below this two likelihoods are the same


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """Where an evaluation stands: answers made so far, of how many, and which prompt is asked now."""

    done: int
    total: int
    name: str
    with_adapter: bool


async def evaluate(
    engine: asking.AnswerEngine, paths: Paths, record: AdapterRecord, file: GoldenFile, scale: float
) -> AsyncGenerator[EvaluationProgress | Evaluation, None]:
    """Yield where it stands, then the Evaluation. Raises TrayassistError when a model cannot answer."""
    golden = file.golden
    adapter: tuple[Adapter, ...] = (Adapter(file=str(record.file), scale=scale, id=record.id),)
    texts: dict[bool, list[str]] = {False: [], True: []}
    total = 2 * len(golden.prompts)
    for with_adapter in (False, True):  # one side after the other: each change of adapters clears what is cached
        for prompt in golden.prompts:
            name = prompt.name or prompt.prompt
            yield EvaluationProgress(len(texts[False]) + len(texts[True]), total, name, with_adapter)
            asked = asking.messages(paths, record.role, prompt.prompt, prompt.system)
            stream = asking.answer(
                engine, record.role, record.base_model, asked, adapter if with_adapter else (),
                max_tokens=golden.max_tokens, job=True,
            )  # fmt: skip
            texts[with_adapter].append("".join([text async for text in stream]))
    judged = await asyncio.to_thread(_judge, golden.prompts, texts[False], texts[True])
    held_out: list[float | None] = [None, None]
    if golden.held_out:
        for side, adapters in enumerate(((), adapter)):
            yield EvaluationProgress(total, total, "held-out texts", bool(side))
            held_out[side] = await asking.likelihood(engine, record.base_model, golden.held_out, adapters)
    yield verdict(record, file, scale, judged, held_out[0], held_out[1])


def verdict(
    record: AdapterRecord,
    file: GoldenFile,
    scale: float,
    judged: Sequence[PromptResult],
    held_out_base: float | None = None,
    held_out_adapter: float | None = None,
) -> Evaluation:
    """Return the evaluation with its scores, and whether it passed, and why."""
    checks = sum(one.checks for one in judged)
    if not checks:
        raise TrayassistError("No golden prompt has a check.", f"Write some into {file.path}.")
    base = 1 - sum(len(one.failed_base) for one in judged) / checks
    adapter = 1 - sum(len(one.failed_adapter) for one in judged) / checks
    threshold = file.golden.threshold
    gain = held_out_adapter - held_out_base if held_out_adapter is not None and held_out_base is not None else None
    same = all(one.text_base == one.text_adapter for one in judged) and abs(gain or 0.0) < CLOSE
    if same:
        passed, why = False, "It changes no answer, so it does nothing."
    elif adapter < threshold:
        passed, why = False, f"It passes {adapter:.0%} of the checks; {threshold:.0%} are needed."
    elif adapter < base - 1e-9:
        passed, why = False, f"It passes {adapter:.0%} of the checks, and {base:.0%} pass without it."
    elif gain is not None and gain < -CLOSE:
        passed, why = False, f"The held-out texts are less likely with it ({gain:+.2f} nats per token)."
    else:
        more = f", held-out texts {gain:+.2f} nats per token" if gain is not None else ""
        passed, why = True, f"{adapter:.0%} of the checks pass, {base:.0%} without it{more}."
    return Evaluation(
        date=now(), role=record.role, base_model=record.base_model, base_sha256=record.base_sha256, scale=scale,
        score_base=base, score_adapter=adapter, threshold=threshold, passed=passed, why=why, golden=str(file.path),
        held_out_base=held_out_base, held_out_adapter=held_out_adapter, prompts=tuple(judged),
    )  # fmt: skip


def _judge(prompts: Sequence[GoldenPrompt], base: Sequence[str], adapter: Sequence[str]) -> list[PromptResult]:
    return [
        PromptResult(
            name=prompt.name or prompt.prompt,
            prompt=prompt.prompt,
            checks=len(prompt.checks),
            text_base=without,
            text_adapter=with_it,
            failed_base=_failures(prompt, without),
            failed_adapter=_failures(prompt, with_it),
        )
        for prompt, without, with_it in zip(prompts, base, adapter, strict=True)
    ]


def _failures(prompt: GoldenPrompt, answer: str) -> tuple[str, ...]:
    return tuple(failure for check in prompt.checks if (failure := check.failure(answer)))
