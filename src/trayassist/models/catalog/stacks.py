"""Proposes models for a machine: per tier a worker, a coder and an embedder that fit together.

Worker and coder are heavy: one of them is loaded at a time, beside the embedder. All sizes here are estimates;
the plan of a download (fetch_plan.py) has the real ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

from pydantic import Field

from trayassist import config
from trayassist.config import Section
from trayassist.models.checks import fitness
from trayassist.models.gguf.estimate import (
    BASE,
    COMPUTE_BYTES,
    CONVERSATIONS,
    EMBEDDER_COMPUTE_BYTES,
    MIB,
    context_bytes,
    gb,
    weights_bytes,
)
from trayassist.models.gguf.hardware import GIB, Hardware, Tier, tier
from trayassist.models.registry.schema import ModelKind
from trayassist.paths import shipped_file

Slot = Literal["worker", "coder", "embedder"]
Fit = Literal["fits", "slow", "won't fit"]
SLOTS: tuple[Slot, ...] = ("worker", "coder", "embedder")
HEAVY: tuple[Slot, ...] = ("worker", "coder")
SLOW_BELOW = 5.0  # tokens a second: slower than one reads aloud
# What a processor reads from memory while it generates, in bytes a second: every token reads all (active) weights.
# Two channels of DDR4 give some 35 GB/s; fewer than four cores do not use them up.
CPU_READS = {1: 10e9, 2: 20e9, 3: 20e9}
CPU_READS_MOST = 35e9


class Candidate(Section):
    """A model that can be fetched. `gb` (10^9 bytes) is approximate; `kv` is layers, key/value heads, head size.

    Without `gb` the size is told from parameters and quantization.
    """

    repo: str
    file: str
    kind: ModelKind
    family: str = ""
    params_b: float = Field(gt=0)
    active_b: float | None = Field(default=None, gt=0, description="Parameters that a token uses, of a mixture.")
    quant: str
    license: str
    gb: float | None = Field(default=None, gt=0)
    kv: tuple[int, int, int]
    context: int = Field(ge=128)

    @property
    def file_bytes(self) -> int:
        """About how large the file is, in bytes."""
        return int(self.gb * 1e9) if self.gb else weights_bytes(self.params_b, self.quant)

    def memory(self, context: int) -> int:
        """Return about how many bytes weights, context and scratch memory take: what goes to a graphics card."""
        if self.kind == "embedding":  # reads a passage at once and keeps nothing of it
            return self.file_bytes + EMBEDDER_COMPUTE_BYTES
        return self.file_bytes + self._kv(context) + COMPUTE_BYTES

    def beside(self, context: int, cache: int) -> int:
        """Return about how many bytes of the machine's memory its worker takes besides, `cache` for conversations."""
        return BASE + (0 if self.kind == "embedding" else min(cache, CONVERSATIONS * self._kv(context)))

    def _kv(self, context: int) -> int:
        return context_bytes(*self.kv, min(context, self.context))


class TierStack(Section):
    """What is proposed for a tier: per slot the models in order of preference, "" for none; `hot` slots stay loaded."""

    gpu: bool = Field(default=False, description="The budget is that of the graphics memory.")
    context: int = Field(ge=512)
    conversation_cache_mb: int = Field(default=512, ge=0)
    hot: tuple[Slot, ...] = ()
    worker: tuple[str, ...]
    coder: tuple[str, ...]
    embedder: tuple[str, ...]

    def names(self, slot: Slot) -> tuple[str, ...]:
        """Return the models of a slot."""
        found: tuple[str, ...] = getattr(self, slot)
        return found


class Stacks(Section):
    """All of stacks.yaml."""

    models: dict[str, Candidate]
    slots: dict[Slot, tuple[str, ...]]
    tiers: dict[Tier, TierStack]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackChoice:
    """A model for a slot. `memory` in bytes; `why` says why it is slow or does not fit; `note` is advice only."""

    slot: Slot
    name: str
    candidate: Candidate
    context: int
    memory: int
    fit: Fit
    why: str = ""
    note: str = ""
    hot: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What is proposed. Sizes in bytes; `download` counts a file once; `notes` are for the user to read first."""

    tier: Tier
    budget: int
    choices: tuple[StackChoice, ...]
    download: int
    disk_free: int
    conversation_cache_mb: int
    notes: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether all of it can be loaded as said."""
        return all(choice.fit != "won't fit" for choice in self.choices)


def load() -> Stacks:
    """Return the shipped stacks. Raises ConfigError."""
    file = config.read_yaml(shipped_file("config/stacks.yaml"))
    return config.merge(Stacks, file, config.YamlFile(file.path, {}, {}))


def budget(facts: Hardware) -> int:
    """Return the memory that models may take, in bytes: 90 % of usable graphics memory from the first GPU tier on.

    Without it the smaller of RAM less 6 GB and 60 % of RAM, as `residency.budget_gb: auto` says.
    """
    if tier(facts).startswith("gpu"):
        return int(facts.vram * 0.9)
    return max(0, min(facts.ram - 6 * GIB, int(facts.ram * 0.6)))


def recommend(facts: Hardware, stacks: Stacks, picked: Mapping[Slot, str] | None = None) -> Recommendation:
    """Return the stack for this machine; `picked` replaces the model of a slot ("" leaves the slot empty).

    Of the tier's models the first combination is taken that fits, in the order of preference of worker and
    embedder; the coder, which takes turns with the worker, comes last. Where nothing fits, the smallest are
    proposed and said not to fit.
    """
    kind = tier(facts)
    stack, room = stacks.tiers[kind], budget(facts)
    names = _choose(stacks, stack, room, facts, picked or {})
    resident = sum(_memory(stacks, stack, slot, name) for slot, name in names.items() if slot not in HEAVY)
    choices = tuple(_choice(stacks, stack, facts, slot, name, room - resident, room) for slot, name in names.items())
    files = {stacks.models[name].file: stacks.models[name].file_bytes for name in names.values()}
    return Recommendation(
        tier=kind,
        budget=room,
        choices=choices,
        download=sum(files.values()),
        disk_free=facts.disk_free,
        conversation_cache_mb=stack.conversation_cache_mb,
        notes=tuple(_notes(facts, names, all(choice.fit != "won't fit" for choice in choices))),
    )


def alternatives(stacks: Stacks, slot: Slot) -> tuple[str, ...]:
    """Return all models that some tier proposes for a slot, the smallest first."""
    named = {name for stack in stacks.tiers.values() for name in stack.names(slot) if name}
    return tuple(sorted(named, key=lambda name: stacks.models[name].file_bytes))


def speed(candidate: Candidate, facts: Hardware) -> float:
    """Return about how many tokens a second the processor generates: what it reads a second over what a token reads."""
    share = (candidate.active_b or candidate.params_b) / candidate.params_b
    return CPU_READS.get(facts.cores, CPU_READS_MOST) / (candidate.file_bytes * share)


# ------------------------------------------------------------ inside


def _memory(stacks: Stacks, stack: TierStack, slot: Slot, name: str) -> int:
    candidate = stacks.models[name]
    beside = 0 if stack.gpu else candidate.beside(stack.context, stack.conversation_cache_mb * MIB)
    return candidate.memory(stack.context) + beside


def _choose(
    stacks: Stacks, stack: TierStack, room: int, facts: Hardware, picked: Mapping[Slot, str]
) -> dict[Slot, str]:
    """Return a model for each slot that gets one."""

    def options(slot: Slot) -> tuple[str, ...]:
        if slot in picked:
            return (picked[slot],)
        return stack.names(slot) or ("",)

    def together(names: Iterable[tuple[Slot, str]]) -> int:
        return sum(_memory(stacks, stack, slot, name) for slot, name in names if name)

    def quick(name: str) -> bool:
        return not name or bool(facts.vram) or speed(stacks.models[name], facts) >= SLOW_BELOW

    basis: tuple[Slot, ...] = ("worker", "embedder")
    sets = [tuple(zip(basis, names, strict=True)) for names in product(*map(options, basis))]
    good = [names for names in sets if together(names) <= room]
    best = ([names for names in good if quick(names[0][1])] or good or sets[-1:])[0]
    small = together(item for item in best if item[0] != "worker")
    coders = [name for name in options("coder") if name]
    able = [name for name in coders if small + _memory(stacks, stack, "coder", name) <= room]
    coder = ([name for name in able if quick(name)] or able or coders[-1:] or [""])[0]
    names = dict(best) | {"coder": coder}
    return {slot: names[slot] for slot in SLOTS if names[slot]}


def _choice(
    stacks: Stacks, stack: TierStack, facts: Hardware, slot: Slot, name: str, beside: int, room: int
) -> StackChoice:
    """Return how a model stands: a heavy one has what the small ones leave, a small one all of the room."""
    candidate, memory = stacks.models[name], _memory(stacks, stack, slot, name)
    space = beside if slot in HEAVY else room
    label = fitness.entry_tier(candidate.params_b) if slot == "worker" else ""
    fit, why = _fit(candidate, facts, memory, space)
    return StackChoice(
        slot=slot,
        name=name,
        candidate=candidate,
        context=stack.context,
        memory=memory,
        fit=fit,
        why=why,
        note=label,
        hot=slot in stack.hot,
        roles=stacks.slots[slot],
    )


def _fit(candidate: Candidate, facts: Hardware, memory: int, space: int) -> tuple[Fit, str]:
    on_gpu = tier(facts).startswith("gpu")
    if memory > space:
        ram = budget(Hardware(ram=facts.ram, available=0, cores=facts.cores, disk_free=0))
        if on_gpu and memory <= ram:
            return "slow", "not all of it fits the graphics memory; the processor does the rest"
        return "won't fit", f"needs about {gb(memory)}, and {gb(max(0, space))} are left for it"
    if not on_gpu and candidate.kind != "embedding" and (rate := speed(candidate, facts)) < SLOW_BELOW:
        cores = "1 core" if facts.cores == 1 else f"{facts.cores} cores"
        return "slow", f"about {rate:.1f} tokens a second on {cores}"
    return "fits", ""


def _notes(facts: Hardware, names: Mapping[Slot, str], fits: bool) -> Iterable[str]:
    if not fits:
        yield "This machine has too little memory for these. Without a model, answers are quotes from your files."
    if facts.unused_vram >= GIB:
        yield (
            f"Your graphics card has {gb(facts.unused_vram)}, which this build of llama.cpp cannot use: "
            "docs/getting-models.md says how to get one that can."
        )
    if "embedder" not in names:
        yield "Without a model for it, search by meaning uses the small one that comes with trayassist."
