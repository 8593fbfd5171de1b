"""How each model of the registry is to be loaded: its worker's options, what memory it takes, how long it stays."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.models.adapters.bases import Base, Bases
from trayassist.models.gguf import header as gguf
from trayassist.models.gguf.drafts import speculation_verdict
from trayassist.models.gguf.estimate import CONVERSATIONS, Estimate, estimate, gpu_layers_that_fit, kv_bytes
from trayassist.models.gguf.hardware import cores_that_read, usable_cores
from trayassist.models.gguf.header import why_no_speculation
from trayassist.models.registry.resolve import file_of, model_of, path_of
from trayassist.models.registry.rules import BY_RULES
from trayassist.models.registry.schema import Model, Provider, Registry, Residence, RoleSettings
from trayassist.models.serving import providers
from trayassist.models.serving.budget import MachineMemory
from trayassist.paths import Paths
from trayassist.workers import model as model_worker
from trayassist.workers.model import DraftOptions, LoadOptions
from trayassist.workers.pool import Worker

MIB = 2**20
Stamp = tuple[int, int]  # a file's size and the time it was changed; zeros when it is not there
OnStatus = Callable[[str], None]
TunedDepth = Callable[[Registry, str, str], int | None]
Key = Callable[[str, Provider], Awaitable[str]]
HEAT: dict[Residence, int] = {"cold": 0, "warm": 1, "hot": 2}
PURPOSES: dict[str, Literal["embed", "rerank"]] = {"embedding": "embed", "reranker": "rerank"}


async def _verify_nothing(_on_status: OnStatus) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """How to load one model. Sizes in bytes: `ram` and `gpu` are held against the budgets.

    `verify` is awaited before a worker is made: it raises ModelUnavailable for a file that is another than described.
    `key` is equal for plans that give the same worker: a loaded model whose plan has another key is loaded anew.
    `draft` names the draft model beside it; `speculation` says in words why speculation that is configured is left
    off. Both may be empty.
    """

    name: str
    residence: Residence
    make: Callable[[], Awaitable[Worker]]
    verify: Callable[[OnStatus], Awaitable[None]] = _verify_nothing
    key: Any
    ram: int = 0
    gpu: int = 0
    remote: bool = False
    header: gguf.Header | None = None
    options: LoadOptions | None = None
    estimate: Estimate | None = None
    draft: str = ""
    speculation: str = ""


class Planner:
    """Makes plans from the registry. Headers are read in a thread, once for each state of a file."""

    def __init__(
        self,
        paths: Paths,
        registry: Registry,
        machine: MachineMemory,
        key: Key,
        tuned: TunedDepth = lambda _registry, _target, _draft: None,
    ) -> None:
        self._paths, self._machine, self._key, self._tuned = paths, machine, key, tuned
        self._headers: dict[tuple[Path, str], tuple[Stamp, gguf.Header]] = {}
        self._verdicts: dict[Any, str] = {}
        self._bases = Bases(paths, lambda: self.registry)
        self.registry = registry

    def model(self, name: str) -> Model:
        """Return the described model. Raises ModelUnavailable for one that is not described."""
        if name not in self.registry.models:
            raise ModelUnavailable(f"Model '{name}' not found in registry.", f"Describe it in {self._paths.registry}.")
        return self.registry.models[name]

    def file(self, name: str) -> Path | None:
        """Return where the model's file should be; None for a model of an endpoint."""
        model = self.model(name)
        if self.registry.provider(name).api != "llama_cpp":
            return None
        return file_of(self._paths, model)

    def stamp(self, name: str) -> Stamp | None:
        """Return what tells one state of the model's file from another; None for a model of an endpoint."""
        file = self.file(name)
        return _stamp(file) if file is not None else None

    def why_blind(self, name: str) -> str:
        """Return that the model's vision part is missing, in words; "" when it is there or none is described."""
        model = self.model(name)
        if not model.mmproj or self._has_mmproj(model):
            return ""
        return f"The vision part of {name} is missing: put it at {path_of(self._paths.models, model.mmproj)}."

    def roles(self, name: str) -> tuple[str, ...]:
        """Return the roles that ask this model as their own, in the mode in force; those that ask none left out."""
        return tuple(
            role for role in self.registry.roles if role not in BY_RULES and model_of(self.registry, role) == name
        )

    def residence(self, name: str) -> Residence:
        """Return the hottest residence of the model's roles; warm for a model that only calls or fallbacks name."""
        found = [self.registry.role(role).residency for role in self.roles(name)]
        return max(found, key=lambda one: HEAT[one], default="warm")

    async def plan(self, name: str) -> LoadPlan:
        """Return how the model is to be loaded. Raises ModelUnavailable, in words, when it cannot be."""
        model, file = self.model(name), self.file(name)
        if file is None:
            return self._remote(name, model)
        header = await self._header(file, model.kind)
        base = Base(name, (file,))
        _compare(base, model.sha256, self._bases.known_sha256(base) if model.sha256 else "")
        settings = [self.registry.role(role) for role in self.roles(name)]
        draft, speculation = await self._draft(name, header, settings)
        options = self._options(name, model, header, draft)
        beside = await self._header(Path(draft.file), "draft") if draft else None
        mmproj = path_of(self._paths.models, model.mmproj).stat().st_size if self._has_mmproj(model) else 0
        size = estimate(header, options, draft=beside, mmproj_bytes=mmproj, gpu=self._machine.vram > 0)

        async def make() -> Worker:
            return Worker(f"model {name}", model_worker.main, options=options)

        return LoadPlan(
            name=name,
            residence=self.residence(name),
            make=make,
            verify=lambda on_status: self._verify(base, model.sha256, on_status),
            key=(options, header.file_bytes, _stamp(file)),
            ram=size.ram,
            gpu=size.gpu,
            header=header,
            options=options,
            estimate=size,
            draft=_draft_name(settings) if draft else "",
            speculation=speculation,
        )

    # ------------------------------------------------------------ inside

    def _remote(self, name: str, model: Model) -> LoadPlan:
        provider = self.registry.provider(name)

        async def make() -> Worker:
            return providers.make_worker(name, model, provider, lambda: self._key(model.provider, provider))

        return LoadPlan(name=name, residence=self.residence(name), make=make, key=(model, provider), remote=True)

    async def _verify(self, base: Base, wanted: str, on_status: OnStatus) -> None:
        """Raise ModelUnavailable when a file is not the one that its sha256 names; it is read once for each state."""
        if not wanted:
            return
        size = max(1, base.files[0].stat().st_size)
        _compare(
            base,
            wanted,
            await self._bases.sha256(base, lambda done: on_status(f"checking {base.name}, {done / size:.0%}")),
        )

    def _has_mmproj(self, model: Model) -> bool:
        return bool(model.mmproj) and path_of(self._paths.models, model.mmproj).is_file()

    async def _header(self, file: Path, kind: gguf.Kind) -> gguf.Header:
        stamp = _stamp(file)
        known = self._headers.get((file, kind))
        if known is not None and known[0] == stamp:
            return known[1]
        header = await asyncio.to_thread(gguf.read, file, kind)
        self._headers[file, kind] = (stamp, header)
        return header

    async def _draft(
        self, name: str, header: gguf.Header, roles: list[RoleSettings]
    ) -> tuple[DraftOptions | None, str]:
        """Return the draft model to load beside the model, and why speculation that is configured is left off."""
        wanted = next((role.acceleration.draft for role in roles if role.acceleration.draft), None)
        looked_up = any(role.acceleration.prompt_lookup.enabled for role in roles)
        if (wanted or looked_up) and (why := why_no_speculation(header.architecture, header.keys)):
            return None, why
        if wanted is None:
            return None, ""
        if "draft" in self.model(name).forbid:
            return None, f"the registry forbids drafts for {name}"
        k = (
            wanted.k if "k" in wanted.model_fields_set else self._tuned(self.registry, name, wanted.model)
        )  # by hand goes first (F-06)
        if k == 0:
            return None, f"{wanted.model} does not make {name} faster on this machine"
        file = self.file(wanted.model)
        if file is None or not file.is_file():
            return None, f"the file of the draft model {wanted.model} is missing"
        if why := await self._verdict(header.path, file):
            return None, why
        return DraftOptions(file=str(file), k=k or wanted.k), ""

    async def _verdict(self, target: Path, draft: Path) -> str:
        """Return why the pair must not be started; compared once for each state of the two files (S0-11)."""
        pair = (target, _stamp(target), draft, _stamp(draft))
        if pair not in self._verdicts:
            verdict = await asyncio.to_thread(speculation_verdict, target, draft)
            self._verdicts[pair] = verdict.removeprefix("speculation off: ")
        return self._verdicts[pair]

    def _options(self, name: str, model: Model, header: gguf.Header, draft: DraftOptions | None) -> LoadOptions:
        defaults = self.registry.runtime_defaults
        options = LoadOptions(
            file=str(self.file(name)),
            context_length=self._context(name, model, header),
            n_batch=defaults.n_batch,
            n_threads=usable_cores() if defaults.n_threads == "auto" else defaults.n_threads,
            n_threads_read=cores_that_read() if defaults.n_threads == "auto" else defaults.n_threads,
            n_gpu_layers=-1 if defaults.n_gpu_layers == "auto" else defaults.n_gpu_layers,
            use_mmap=defaults.use_mmap,
            plain=model.kind == "base",
            split_mode=defaults.split_mode,
            main_gpu=defaults.main_gpu,
            tensor_split=defaults.tensor_split,
            flash_attention="off" if "flash_attention" in model.forbid else defaults.flash_attention,
            kv_type=defaults.kv_type,
            kv_overrides=self._overrides(name, header),
            draft=draft,
            purpose=PURPOSES.get(model.kind, "generate"),
        )
        options = replace(options, n_gpu_layers=self._gpu_layers(header, options))
        full = kv_bytes(header, options.context_length, options.kv_type)
        bound = min(defaults.conversation_cache_mb * MIB, CONVERSATIONS * full) if options.purpose == "generate" else 0
        return replace(options, conversation_cache_bytes=bound)

    def _context(self, name: str, model: Model, header: gguf.Header) -> int:
        users = [role for role in self.registry.roles.values() if name in (role.model, *role.fallback)]
        users += [self.registry.role(role) for role in self.roles(name)]
        default = self.registry.runtime_defaults.context_length
        wanted = max((role.context_length for role in users if role.context_length), default=default)
        context = model.context_length or wanted
        return min(context, header.context_length or context)

    def _overrides(self, name: str, header: gguf.Header) -> dict[str, int]:
        """Return the header's keys that are set anew: fewer experts, unless a role of the model wants all (S0-08)."""
        roles = [self.registry.role(role) for role in self.roles(name)]
        fewer = next((role.acceleration.moe for role in roles if role.acceleration.moe), None)
        if fewer is None or not header.experts or any(role.full_experts for role in roles):
            return {}
        return {f"{header.architecture}.expert_used_count": min(fewer.experts, header.experts)}

    def _gpu_layers(self, header: gguf.Header, options: LoadOptions) -> int:
        """Return how many layers go to the GPU: all that are asked for, or as many as its budget holds."""
        asked = options.n_gpu_layers
        if not self._machine.vram or asked == 0:
            return asked
        fit = gpu_layers_that_fit(header, options, vram_limit(self.registry, self._machine))
        if fit > header.layers:
            return asked
        return fit if asked < 0 else min(asked, fit)


def _compare(base: Base, wanted: str, found: str) -> None:
    if wanted and found and wanted != found:
        raise ModelUnavailable(
            f"The file of model {base.name} is not the one that registry.yaml describes: its sha256 begins with "
            f"{found[:12]}, not with {wanted[:12]}.",
            f"Get the right file again, or take models.{base.name}.sha256 out if you changed the file yourself.",
        )


def _draft_name(roles: list[RoleSettings]) -> str:
    return next((role.acceleration.draft.model for role in roles if role.acceleration.draft), "")


def vram_limit(registry: Registry, machine: MachineMemory) -> int:
    """Return the bytes of graphics memory that models may take: as configured, or 90 % of what is there."""
    budget = registry.residency.vram_budget_gb
    return int(machine.vram * 0.9) if budget == "auto" else min(int(budget * 2**30), machine.vram)


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)


Level = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one model takes once it has answered, in bytes of the machine's memory and of graphics memory."""

    name: str
    ram: int
    gpu: int
    residence: Residence


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The models that roles use, in the order of the registry. `unknown` are those whose file cannot be read."""

    shares: tuple[Share, ...] = ()
    unknown: tuple[str, ...] = ()

    def together(self, gpu: bool = False) -> int:
        """Return the bytes that all of them take at once."""
        return sum(_bytes(share, gpu) for share in self.shares)

    def least(self, gpu: bool = False) -> int:
        """Return the bytes that must be there: all hot models, and the largest of the others beside them."""
        hot = sum(_bytes(share, gpu) for share in self.shares if share.residence == "hot")
        return hot + max((_bytes(share, gpu) for share in self.shares if share.residence != "hot"), default=0)

    def level(self, limit: int, gpu: bool = False) -> Level:
        """Return green when all fit into `limit` together, amber when they take turns, red when one cannot load."""
        if self.together(gpu) <= limit:
            return "green"
        return "amber" if self.least(gpu) <= limit else "red"


async def forecast(planner: Planner, registry: Registry) -> Forecast:
    """Return what `registry` would take, read with the planner's headers; the planner itself stays as it is."""
    asked = copy.copy(planner)
    asked.registry = registry
    shares, unknown = [], []
    for name in registry.models:
        if not asked.roles(name):
            continue
        try:
            plan = await asked.plan(name)
        except TrayassistError:
            unknown.append(name)
            continue
        if not plan.remote:
            shares.append(Share(name=name, ram=plan.ram, gpu=plan.gpu, residence=plan.residence))
    return Forecast(shares=tuple(shares), unknown=tuple(unknown))


def _bytes(share: Share, gpu: bool) -> int:
    return share.gpu if gpu else share.ram
