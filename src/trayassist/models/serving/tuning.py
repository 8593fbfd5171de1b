"""How many tokens a draft model should draft at once for a model on this machine: measured and kept; 0 is no draft.

Four prompts that have nothing in common, one of them a text to change, are answered greedily with each depth, each in a
worker of its own: a warm one that is asked the same again would copy itself and show a gain that nobody gets (F-08).
A depth counts when enough of the draft is right and it is really faster, on the prompts where it is: on others a worker
leaves drafts off by itself. Where its text differs from the one without a draft, the model must have been in two minds
at the first token that differs: a quantized model rounds otherwise in a batch than alone, and a tie falls either way.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trayassist.api import Message, TrayassistError
from trayassist.config.state_file import StateFile
from trayassist.models.gguf import drafts
from trayassist.models.gguf.hardware import cores_that_read, usable_cores
from trayassist.models.registry.resolve import path_of
from trayassist.models.registry.schema import Defaults, Draft, Registry
from trayassist.paths import Paths
from trayassist.workers import model as model_worker
from trayassist.workers.model import DraftOptions, LoadOptions, Sampling
from trayassist.workers.pool import Worker

logger = logging.getLogger(__name__)

DEPTHS = (0, 4, 8, 16, 24)
TOKENS = 96  # of each answer
GAIN = 1.03  # less than this is no gain: it is within what measuring twice gives
TIE = 0.75  # nats between two tokens that rounding can turn: scores of one place differ by so much between batches
LEAST_WORK_S = 0.2  # of the processor: of less the time by the clock says more
TOO_GOOD = 0.98  # drafted tokens that are right, above which a text was copied rather than drafted
CONTEXT = 2048
NOTE = (
    "Copy out this note, but put Thursday where it says Monday:\n\nDear neighbours, on Monday the water is off from"
    " nine until noon because pipes are being replaced between cellar and second floor. Please fill some jugs before."
    " If anything leaks, call our caretaker Mrs Olsen; her number hangs beside each letter box. On Monday evening we"
    " meet at seven near bicycle racks, where Mr Brandt shows how new valves work. Bring chairs."
)
PROMPTS = (
    "Explain to a curious child why the sea is salty and rivers are not, in four or five sentences.",
    "Write a Python function that returns the most frequent word of a text file, then a short test of it.",
    "Compare renting and buying a flat: give three advantages of each, then say when you would do which.",
    NOTE,
)
GREEDY: Sampling = {"temperature": 0.0, "max_tokens": TOKENS, "stop": (), "seed": 1, "grammar": "", "schema": None}


@dataclass(frozen=True, slots=True)
class Row:
    """One depth: tokens per second (the mean of the prompts), beside no draft, the share of right tokens.

    `gain` is the mean of the prompts' own `gains`, one below 1 taken as 1; `accepted` is of those above 1, if any.
    `gap` is by how many nats, at most, the model preferred its own token where a text parted from the one without a
    draft; `same_text` says that none did.
    """

    k: int
    tokens_per_s: float
    gain: float
    accepted: float
    same_text: bool
    gap: float = 0.0
    gains: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TuningResult:
    """What was found for a pair: the depth to use, 0 for none, and in words what is to be known of it."""

    target: str
    draft: str
    k: int
    rows: tuple[Row, ...]
    note: str
    at: str


class Tuning:
    """What was measured on this machine, in speculation.json of the data folder."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._file = StateFile(paths.data / "speculation.json", _depths, "drafts are to be measured anew")

    def depth(self, registry: Registry, target: str, draft: str) -> int | None:
        """Return the depth measured best for two models of the registry as their files are now; None: not measured."""
        try:
            key = _key(self.path(registry, target), self.path(registry, draft))
        except TrayassistError:
            return None
        found = self._file.read().get(key)
        return int(found["k"]) if found is not None else None

    def path(self, registry: Registry, model: str) -> Path:
        """Return the file of a model, named by the registry or by itself. Raises TrayassistError when it is missing."""
        described = registry.models.get(model)
        file = path_of(self._paths.models, described.file if described else model)
        if not file.is_file():
            raise TrayassistError(
                f"There is no model “{model}”: {file} is missing.", "Name a model of registry.yaml, or a GGUF file."
            )
        return file

    async def measure(
        self, registry: Registry, target: str, draft: str, on_status: Callable[[str], None]
    ) -> AsyncGenerator[Row | TuningResult, None]:
        """Measure a pair and keep what was found; yield each depth's row, then the whole. Close it to give up.

        Raises TrayassistError for a file that is missing and for a pair that cannot be.
        """
        files = self.path(registry, target), self.path(registry, draft)
        verdict = await asyncio.to_thread(drafts.compare, *files)
        if verdict.reasons:
            raise TrayassistError(f"{draft} cannot draft for {target}: {verdict.reasons[0]}.", "Choose another draft.")
        options = _options(registry.runtime_defaults, files[0])
        rows: list[Row] = []
        alone: list[_Answer] = []
        for depth in DEPTHS:
            given = DraftOptions(file=str(files[1]), k=depth, always=True) if depth else None
            answers = await _answers(replace(options, draft=given), depth, on_status)
            alone = alone or answers
            gap = await _gap(options, alone, answers, on_status)
            rows.append(_row(depth, answers, alone, gap))
            yield rows[-1]
        found = _judge(target, draft, rows, _least(registry, draft))
        await asyncio.to_thread(self._keep, _key(*files), found)
        yield found

    def _keep(self, key: str, found: TuningResult) -> None:
        try:
            self._file.change(lambda kept: kept | {key: asdict(found)})
        except OSError as error:
            raise TrayassistError(
                f"{self._file.path} cannot be written: {error.strerror}.", "Make room on the disk, and measure again."
            ) from error


@dataclass(frozen=True, slots=True)
class _Answer:
    text: str
    tokens: int
    tokens_per_s: float
    work_s: float
    drafted: int
    accepted: int

    @property
    def cost_s(self) -> float:
        """Seconds a token: of the processor, which other programs leave alone, or by the clock where those are few."""
        if self.work_s >= LEAST_WORK_S and self.tokens:
            return self.work_s / self.tokens
        return 1 / self.tokens_per_s if self.tokens_per_s else 0.0


async def _answers(options: LoadOptions, depth: int, on_status: Callable[[str], None]) -> list[_Answer]:
    """Return the answers to all prompts, by a new worker that never saw them."""
    worker = Worker("model under measurement", model_worker.main, options=options)
    try:
        await worker.call("load")
        found = []
        for number, prompt in enumerate(PROMPTS, 1):
            on_status(f"measuring {depth or 'no'} drafted tokens, prompt {number} of {len(PROMPTS)}")
            found.append(await _answer(worker, prompt))
        return found
    finally:
        await worker.stop()


async def _answer(worker: Worker, prompt: str) -> _Answer:
    text: list[str] = []
    asked = [Message(speaker="user", text=prompt)]
    async with aclosing(worker.stream("generate", messages=asked, sampling=GREEDY | {"max_tokens": 1})) as items:
        async for _ in items:  # reads the prompt, which costs the same with any draft
            pass
    before = worker.work_s()
    stream = worker.stream("generate", messages=asked, sampling=GREEDY)
    async with aclosing(stream) as items:
        async for item in items:
            if "text" in item:
                text.append(item["text"])
    if not item["drafted"] and item["speculation_off"]:
        raise TrayassistError(f"Nothing can be drafted: {item['speculation_off']}.", "Choose another draft.")
    work_s = worker.work_s() - before
    return _Answer("".join(text), item["tokens_out"], item["tokens_per_s"], work_s, item["drafted"], item["accepted"])


async def _gap(
    options: LoadOptions, alone: list[_Answer], answers: list[_Answer], on_status: Callable[[str], None]
) -> float:
    """Return how sure the model was, in nats, where texts part from those without a draft: the most of all."""
    differing = [
        (prompt, (one.text, other.text))
        for prompt, one, other in zip(PROMPTS, alone, answers, strict=True)
        if one.text != other.text
    ]
    if not differing:
        return 0.0
    on_status("looking how sure the model was where texts part")
    worker = Worker("model under measurement", model_worker.main, options=options)
    try:
        return max(
            [
                float(await worker.call("preference", messages=[Message(speaker="user", text=prompt)], answers=texts))
                for prompt, texts in differing
            ]
        )
    finally:
        await worker.stop()


def _row(depth: int, answers: list[_Answer], alone: list[_Answer], gap: float) -> Row:
    pairs = list(zip(answers, alone, strict=True))
    gains = [round(other.cost_s / one.cost_s, 3) if one.cost_s and other.cost_s else 0.0 for one, other in pairs]
    gainers = [one for one, gain in zip(answers, gains, strict=True) if gain > 1] or answers
    drafted = sum(one.drafted for one in gainers)
    return Row(
        k=depth,
        tokens_per_s=round(statistics.fmean(one.tokens_per_s for one in answers), 2),
        gain=round(statistics.fmean(max(1.0, gain) for gain in gains), 3),
        accepted=round(sum(one.accepted for one in gainers) / drafted, 3) if drafted else 0.0,
        same_text=all(one.text == other.text for one, other in pairs),
        gap=round(gap, 3),
        gains=tuple(gains),
    )


def _judge(target: str, draft: str, rows: list[Row], least: float) -> TuningResult:
    """Return the fastest depth that is a gain and parts from the model's text in ties only, or 0; and what to say."""
    good = [row for row in rows if row.k and row.gap <= TIE and row.gain > GAIN and row.accepted >= least]
    best = max(good, key=lambda row: row.gain, default=None)
    notes = []
    if any(row.k and row.gap > TIE for row in rows):
        notes.append("some depths gave another text where the model was sure, and were left out")
    if best is not None and not best.same_text:
        notes.append("texts part where the model is in two minds: it rounds otherwise in batches")
    if best is not None and any(0 < gain < 1 for gain in best.gains):
        pays = sum(gain > 1 for gain in best.gains)
        notes.append(f"it pays on {pays} of {len(best.gains)} prompts, and is left off by itself on others")
    if best is None:
        notes.append("it is no gain on this machine")
    elif best.accepted >= TOO_GOOD:
        notes.append(f"{best.accepted:.0%} of the draft was right, which is hardly true of other texts: measure again")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return TuningResult(target, draft, best.k if best else 0, tuple(rows), "; ".join(notes), at)


def _least(registry: Registry, draft: str) -> float:
    """Return the share of right tokens under which the registry does not want this draft."""
    wanted = [role.acceleration.draft for role in registry.roles.values() if role.acceleration.draft]
    shares = [one.min_accept for one in wanted if one.model == draft]
    return max(shares) if shares else float(Draft.model_fields["min_accept"].default)


def _options(defaults: Defaults, file: Path) -> LoadOptions:
    return LoadOptions(
        file=str(file),
        context_length=CONTEXT,
        n_batch=defaults.n_batch,
        n_threads=usable_cores() if defaults.n_threads == "auto" else defaults.n_threads,
        n_threads_read=cores_that_read() if defaults.n_threads == "auto" else defaults.n_threads,
        n_gpu_layers=-1 if defaults.n_gpu_layers == "auto" else defaults.n_gpu_layers,
        use_mmap=defaults.use_mmap,
        split_mode=defaults.split_mode,
        main_gpu=defaults.main_gpu,
        tensor_split=defaults.tensor_split,
        flash_attention=defaults.flash_attention,
        kv_type=defaults.kv_type,
    )


def _depths(given: Any) -> dict[str, dict[str, Any]]:
    return {str(key): {**value, "k": int(value["k"])} for key, value in given.items()}


def _key(target: Path, draft: Path) -> str:
    """Return what names this pair of files as they are now: a file that is written anew was not measured."""
    parts = []
    for file in (target, draft):
        found = file.stat()
        parts.append(f"{file.resolve()}:{found.st_size}:{found.st_mtime_ns}")
    return "|".join(parts)
