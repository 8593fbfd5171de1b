"""The engine: the one interface to the models: loading and asking them, and how each stands, who waits, what is wrong.

Windows, command line, plugins and the rest ask models through Engine only. docs/residency.md.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trayassist.api import Chunk, Message, ModelUnavailable, NoModelNamed, NotAllowed, TrayassistError
from trayassist.api.words import count
from trayassist.models.adapters.applied import AppliedAdapters
from trayassist.models.checks.fitness import facts
from trayassist.models.gguf import header as gguf
from trayassist.models.gguf.estimate import described_bytes
from trayassist.models.gguf.hardware import Machine, cores_that_read
from trayassist.models.registry.resolve import Resolved, model_of, resolve
from trayassist.models.registry.rules import BY_RULES
from trayassist.models.registry.schema import Adjustment, Provider, Registry
from trayassist.models.serving import providers
from trayassist.models.serving.budget import MachineMemory, MemoryBudget
from trayassist.models.serving.figures import Beginnings, Figures
from trayassist.models.serving.generation import Generation, ModelCall, OnStatus, RoleAdapters, Usage, Usages
from trayassist.models.serving.lanes import Queue, Ticket
from trayassist.models.serving.plans import Forecast, LoadPlan, Planner, Stamp, forecast
from trayassist.models.serving.residency import Breaker, Residency, Resident, read_once
from trayassist.models.serving.smoke import Smoke
from trayassist.models.serving.state import BudgetState, ModelState, QueuedRequest, Standing
from trayassist.models.serving.tuning import Tuning
from trayassist.paths import Paths
from trayassist.safety.audit import Audit
from trayassist.safety.secrets import Secrets
from trayassist.workers.background import BackgroundTasks
from trayassist.workers.model import Adapter
from trayassist.workers.pool import Worker

logger = logging.getLogger(__name__)

READING_WORK = 30  # billions of parameters times tokens a second, a core: Qwen2.5 0.5 B and 1.5 B, Q4_K_M, measured
GPU_READS = 20  # times as fast, at least
MOST_LENT = 16  # of one model at the same time; its worker takes them in turn


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A loaded model: its worker's process id and the memory that process holds, in bytes."""

    name: str
    pid: int
    bytes: int
    busy: bool
    base: bool


class Engine:
    """The models of the registry: which are loaded, who waits for them, and what they answer.

    `adapters` says what a role answers with on a model, `tuning` how many tokens a draft model drafts at once for a
    model on this machine. `changed` are called on the loop after a change of state. `smoke` knows which models may
    answer in place of others, `figures` how fast and how long answers are; `wake(name)` lets a model that rests be
    asked again.
    """

    def __init__(
        self,
        paths: Paths,
        registry: Registry,
        audit: Audit,
        *,
        secrets: Secrets | None = None,
        adapters: RoleAdapters | None = None,
        tuning: Tuning | None = None,
        machine: MachineMemory | None = None,
        planner: Planner | None = None,
    ) -> None:
        self._paths, self._audit, self._secrets = paths, audit, secrets or Secrets()
        self._tuning = tuning or Tuning(paths)
        self._machine: MachineMemory = machine or Machine(paths)
        self._planner = planner or Planner(paths, registry, self._machine, self._key, self._tuning.depth)
        self._tasks = BackgroundTasks("work on models")
        self.changed: list[Callable[[], None]] = []
        self._telling = False
        self._queue = Queue(registry.lanes, self._tell)
        self._budget = MemoryBudget(self._in_force, self._machine)
        self._breaker, self._usages, self.figures = Breaker(), Usages(), Figures(paths)
        self.wake = self._breaker.wake
        self._residency = Residency(
            self._planner.plan,
            lambda: self._planner.registry.residency,
            self._budget,
            self._machine,
            audit,
            self._tell,
            self._breaker.note_load,
        )
        applied = adapters or AppliedAdapters(paths, self._in_force)
        self._upkeep = Upkeep(
            self._planner,
            self._residency,
            self._budget,
            self._machine,
            audit,
            self._breaker,
            self.figures.beginnings,
            applied,
        )
        self.smoke = Smoke(paths, self._in_force, self._planner.file)
        self._generation = Generation(
            self._planner,
            self._residency,
            self._queue,
            self._breaker,
            self.smoke,
            self._usages,
            audit,
            applied,
            self._note_answer,
        )
        self._status = ModelStatus(
            self._planner,
            self._residency,
            self._budget,
            self._machine,
            self._breaker,
            self.figures,
            self._upkeep.plans,
        )

    # ------------------------------------------------------------ life

    async def start(self, *, prewarm: bool | None = None) -> None:
        """Load the hot models, one after the other; what does not load is said in its state.

        With `prewarm` (None: as configured) the files of warm models are then read once at low priority.
        """
        await self.look()
        await self._upkeep.load_hot()
        if self._planner.registry.residency.prewarm if prewarm is None else prewarm:
            self._tasks.start(self._upkeep.prewarm())

    def reload(self, registry: Registry) -> None:
        """Take over a changed registry at once; models that it describes as before stay loaded.

        The others leave memory after their answers, and hot ones are loaded. A model that rests after failures is
        asked again when what the registry says of it changed.
        """
        before, self._planner.registry = self._planner.registry, registry
        for name in changed_models(before, registry):
            self._breaker.wake(name)
        self._queue.resize(registry.lanes)
        self._tasks.start(self._take_over())

    async def look(self) -> None:
        """Read the headers of all described files, so that models() knows sizes and what is wrong with a file."""
        await self._upkeep.look()
        self._tell()

    async def stop(self) -> None:
        """End all workers."""
        self._upkeep.stop()
        await self._tasks.stop()
        await self._residency.stop()
        await self.figures.stop()

    async def settle(self) -> None:
        """Wait for what goes on in the background: looking at files, taking over a registry, keeping figures."""
        await self._tasks.settle()

    # ------------------------------------------------------------ what there is

    def models(self) -> list[ModelState]:
        """Return the state of every described model. Sizes of files not looked at yet are 0 until they are."""
        if self._upkeep.is_outdated():
            self._tasks.start(self.look())
        return [self._status.state(name) for name in self._planner.registry.models]

    def loaded_models(self) -> list[LoadedModel]:
        """Return the models that are loaded now."""
        return self._status.loaded_models()

    def budget(self) -> BudgetState:
        """Return the memory for models: the budget, what loaded models are counted with, what is free."""
        return self._budget.state(self._residency.allocations())

    def header(self, name: str) -> gguf.Header | None:
        """Return what the file of a model says of itself; None until it is looked at, and for one elsewhere."""
        plan = self._upkeep.plans.get(name)
        return plan.header if isinstance(plan, LoadPlan) else None

    def model_size(self, name: str) -> float:
        """Return a model's parameters in billions; 0 where neither the registry nor its file says them."""
        return self._status.size(name)

    def reading_speed(self, name: str) -> float:
        """Return how many tokens of a prompt a model reads in a second: measured here, or a forecast; 0 unknown."""
        return self._status.reading_speed(name)

    async def forecast(self, registry: Registry) -> Forecast:
        """Return what the models of `registry`, which need not be the one in force, would take of memory."""
        return await forecast(self._planner, registry)

    def queue(self) -> list[QueuedRequest]:
        """Return the requests that run and wait, in the order they will run."""
        return self._queue.show()

    def usage(self, request_id: str) -> Usage | None:
        """Return how a recent request used models, or None when it used none."""
        return self._usages.get(request_id)

    def model_for(self, role: str) -> str | None:
        """Return the role's model when it, or a fallback, can be asked (its file is there, its provider on)."""
        return self._status.model_for(role, self.smoke.unfit)

    def own_model(self, role: str) -> str | None:
        """Return the model that the registry names for the role in the mode in force, whether it is there or not."""
        return model_of(self._planner.registry, role)

    def why_not(self, role: str) -> str:
        """Return why the role's own model cannot answer, in words; "" when it can or none is named."""
        return self._status.why_not(role)

    def trouble(self) -> tuple[str, ...]:
        """Return which roles do without their model and why, a sentence for each model."""
        return self._status.trouble()

    def unavailable(self, role: str) -> ModelUnavailable:
        """Return the error for a role without a model: NoModelNamed, or why the one that is named cannot answer."""
        if why := self.why_not(role):
            return ModelUnavailable(why, "Settings, Models shows what is missing.")
        todo = f"Get one in Settings, Models, or name one in {self._paths.registry}."
        return NoModelNamed(f"No model is named for the role {role}.", todo)

    def tuned_depth(self, target: str, draft: str) -> int | None:
        """Return how many tokens `draft` should draft for `target`, as measured here; 0 = none, None = not measured."""
        return self._tuning.depth(self._planner.registry, target, draft)

    # ------------------------------------------------------------ loading

    async def load(self, name: str, on_status: OnStatus = lambda _: None) -> None:
        """Load a model because the user wants it, a cold one too.

        Raises ModelUnavailable; OutOfBudget, a kind of it, names in `unload` what would have to go first.
        """
        self._breaker.wake(name)
        self._generation.check(name, *self._planner.roles(name))
        async with self._residency.use(name, on_status, by_hand=True) as (resident, load_ms):
            await self._upkeep.read_ahead(resident, load_ms)

    async def unload(self, name: str) -> None:
        """End the model's worker, after its answer if it is at work; its memory is free when this returns."""
        await self._residency.unload(name)

    async def preload(self, name: str) -> bool:
        """Load a model that is likely to be asked next, and return whether it is loaded.

        Nothing is unloaded for it; a model that does not fit or does not load is left alone.
        """
        try:
            async with self._residency.use(name, lambda _: None, evict=False) as (resident, load_ms):
                await self._upkeep.read_ahead(resident, load_ms)
                return True
        except TrayassistError as error:
            logger.info("%s is not loaded ahead: %s", name, error)
            return False

    @asynccontextmanager
    async def worker_for(
        self, name: str, *, role: str = "", request_id: str = "", on_status: OnStatus = lambda _: None
    ) -> AsyncIterator[Worker]:
        """Lend the model's loaded worker, in the light lane: for embedding, scoring and measuring.

        It counts as busy meanwhile. Raises ModelUnavailable, in words, when it does not load.
        """
        self._generation.check(name, *((role,) if role else self._planner.roles(name)))
        ticket = Ticket(request_id=request_id, role=role or name, model=name, lane="light", most=MOST_LENT)
        async with self._queue.place(ticket), self._residency.use(name, on_status) as (resident, _):
            assert resident.worker is not None
            yield resident.worker

    # ------------------------------------------------------------ answering

    def generate(
        self,
        role: str,
        model: str | None,
        messages: Sequence[Message],
        *,
        conversation: str = "",
        request_id: str = "",
        on_status: OnStatus = lambda _: None,
        grammar: str = "",
        schema: Mapping[str, Any] | None = None,
        adjustment: Adjustment | None = None,
        job: bool | str = False,
        kind: str = "",
        adapters: tuple[Adapter, ...] | None = None,
    ) -> AsyncGenerator[Chunk, None]:
        """Return the stream of an answer of `model`, or of the role's declared fallbacks when it fails at once.

        `model` None is the model that the registry names for the role. What fails its checks goes up the chain for
        the `kind` of question. Close the stream (aclosing) to cancel; meanwhile others wait. A job (its name, where
        it has one) gives way to questions and begins again, so its answer comes in one go at its end.

        This raises ModelUnavailable and NotAllowed for what policy or mode forbids; the stream raises
        ModelUnavailable, WorkerDied, and TrayassistError when the prompt is too long or the time limit is over.
        """
        job = job if isinstance(job, str) else "job" if job else ""
        found = self._resolve(role, model, adjustment, request_id, job)
        call = ModelCall(
            role=role,
            configured=found.model,
            actual=found.model,
            settings=found.settings,
            mode=found.mode,
            messages=messages,
            conversation=conversation,
            request_id=request_id,
            grammar=grammar,
            schema=schema,
            adapters=adapters,
            job=job,
            kind=kind,
            plain=adjustment is None and adapters is None and not job,
        )
        return self._generation.stream(call, found.fallbacks, on_status)

    # ------------------------------------------------------------ inside

    def _in_force(self) -> Registry:
        return self._planner.registry

    def _resolve(
        self, role: str, model: str | None, adjustment: Adjustment | None, request_id: str, job: str
    ) -> Resolved:
        try:
            return resolve(self._planner.registry, role, adjustment, model, job=job)
        except NotAllowed as error:
            if model in self._planner.registry.models and self._planner.registry.provider(model).kind == "premium":
                self._audit.write(
                    "premium_denied", run_id=request_id, role=role, configured_model=model, reason=error.what
                )
            raise

    async def _take_over(self) -> None:
        await self._residency.take_over()
        await self.look()
        await self._upkeep.load_new_hot()

    async def _key(self, name: str, provider: Provider) -> str:
        return await providers.key_of(name, provider, self._secrets)

    def _note_answer(self, call: ModelCall, usage: Usage) -> None:
        self._status.count(usage)
        self.figures.note(call, usage)

    def _tell(self) -> None:
        """Call the listeners when the loop comes round, once for many changes."""
        if self.changed and not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._call_listeners)

    def _call_listeners(self) -> None:
        self._telling = False
        for listener in list(self.changed):
            listener()


def changed_models(before: Registry, after: Registry) -> list[str]:
    """Return the models of which `after` says anything else than `before`: how they run, or who uses them how."""
    if before.runtime_defaults != after.runtime_defaults or before.residency != after.residency:
        return list(after.models)
    changed = {role for role, settings in after.roles.items() if settings != before.roles.get(role)}
    used = {name for role in changed if (name := after.role(role).model)}
    return [
        name
        for name, model in after.models.items()
        if name in used or model != before.models.get(name) or after.provider(name) != before.provider(name)
    ]


class Upkeep:
    """Keeps what is known of the described models up to date, and what should be loaded loaded.

    `plans` are the last plans made, or why none could be.
    """

    def __init__(
        self,
        planner: Planner,
        residency: Residency,
        budget: MemoryBudget,
        machine: MachineMemory,
        audit: Audit,
        breaker: Breaker,
        beginnings: Beginnings,
        adapters: RoleAdapters,
    ) -> None:
        self._planner, self._residency, self._budget, self._machine = planner, residency, budget, machine
        self._audit, self._breaker = audit, breaker
        self._beginnings, self._adapters = beginnings, adapters
        self.plans: dict[str, LoadPlan | TrayassistError] = {}
        self._stamps: dict[str, Stamp | None] = {}
        self._looking = asyncio.Lock()
        self._started = False
        self._stopped = threading.Event()

    async def look(self) -> None:
        """Read the headers of all described files, those anew that changed; wake models whose file is another now."""
        async with self._looking:
            await asyncio.to_thread(self._machine.look_for_gpu)
            for name in list(self._planner.registry.models):
                stamp = self._planner.stamp(name)
                if name in self._stamps and self._stamps[name] != stamp:
                    self._breaker.wake(name)
                self._stamps[name] = stamp
                try:
                    self.plans[name] = await self._planner.plan(name)
                except TrayassistError as error:
                    self.plans[name] = error
            for name in set(self.plans) - set(self._planner.registry.models):
                del self.plans[name]

    def is_outdated(self) -> bool:
        """Return whether a described file is new or another one now, and nobody is looking yet."""
        names = self._planner.registry.models
        return not self._looking.locked() and any(self._stamps.get(one) != self._planner.stamp(one) for one in names)

    async def load_hot(self) -> None:
        """Load the hot models, one after the other, in the order of the registry; a failure is said in its state."""
        self._started = True
        for name in list(self._planner.registry.models):
            if self._planner.residence(name) != "hot":
                continue
            try:
                async with self._residency.use(name, lambda _text: None) as (resident, load_ms):
                    await self.read_ahead(resident, load_ms)
            except TrayassistError as error:
                logger.warning("the hot model %s is not loaded: %s", name, error)

    async def read_ahead(self, resident: Resident, load_ms: float) -> None:
        """Let a model that was loaded just now read what the last prompt began with, under the adapters of its role.

        The next prompt is read from there on. What goes wrong is logged: then that prompt is read as a whole.
        """
        name, options = resident.plan.name, resident.plan.options
        found = self._beginnings.find(name) if options is not None and options.purpose == "generate" else None
        if found is None or resident.worker is None or not load_ms or resident.turn.locked():
            return  # of one that has answered, a conversation would be put aside for it
        role, text = found
        try:
            async with resident.turn:
                await resident.worker.call(
                    "read_ahead",
                    messages=[Message(speaker="system", text=text)],
                    adapters=self._adapters.of(role, name).adapters,
                )
        except TrayassistError as error:
            logger.info("%s has not read its prompt ahead: %s", name, error)

    async def load_new_hot(self) -> None:
        """Load what became hot, once the hot models were loaded."""
        if self._started:
            await self.load_hot()

    async def prewarm(self) -> None:
        """Read the files of warm models once."""
        wanted = [file for name in self._planner.registry.models if (file := self._warm_file(name)) is not None]
        read = await asyncio.to_thread(read_once, wanted, self._free, self._stopped)
        self._audit.write("models_prewarmed", files=[file.name for file in read], wanted=len(wanted))

    def stop(self) -> None:
        """End reading ahead."""
        self._stopped.set()

    def _warm_file(self, name: str) -> Path | None:
        file = self._planner.file(name)
        return file if file is not None and file.is_file() and self._planner.residence(name) == "warm" else None

    def _free(self) -> int:
        return self._machine.available() - self._budget.headroom


class ModelStatus:
    """Says how each model stands, and which roles it can answer for. Nothing is loaded for that.

    `plans` are the last plans made, or why none could be.
    """

    def __init__(
        self,
        planner: Planner,
        residency: Residency,
        budget: MemoryBudget,
        machine: MachineMemory,
        breaker: Breaker,
        figures: Figures,
        plans: Mapping[str, LoadPlan | TrayassistError],
    ) -> None:
        self._planner, self._residency, self._budget, self._machine = planner, residency, budget, machine
        self._breaker, self._figures, self._plans = breaker, figures, plans
        self._drafts: dict[str, tuple[int, int]] = {}  # by model: drafted and accepted tokens

    def count(self, usage: Usage) -> None:
        """Add an answer's drafted and accepted tokens to those of its model since trayassist began."""
        drafted, accepted = self._drafts.get(usage.model, (0, 0))
        self._drafts[usage.model] = (drafted + usage.drafted, accepted + usage.accepted)

    def loaded_models(self) -> list[LoadedModel]:
        """Return the models that are loaded now."""
        return [
            LoadedModel(one.plan.name, one.pid, self._machine.resident(one.pid), bool(one.users), one.info["base"])
            for one in self._residency.residents()
            if one.pid is not None and one.info is not None
        ]

    def state(self, name: str) -> ModelState:
        """Return the model's state now."""
        model, resident = self._planner.model(name), self._residency.resident(name)
        file, seen = self._planner.file(name), self._plans.get(name)
        plan = resident.plan if resident else seen if isinstance(seen, LoadPlan) else None
        header, size = (plan.header, plan.estimate) if plan else (None, None)
        info = resident.info if resident else None
        standing = self._standing(name, resident)
        return ModelState(
            name=name,
            standing=standing,
            roles=self._planner.roles(name),
            residence=self._planner.residence(name),
            file=str(file) if file else "",
            quant=model.quant or (header.quant if header else ""),
            architecture=header.architecture if header else "",
            file_bytes=header.file_bytes if header else 0,
            estimated=size.total if size else 0 if file is None else described_bytes(model.params_b, model.quant),
            measured=self._machine.resident(resident.pid) if resident and resident.pid else 0,
            tokens_per_s=self._figures.speeds.latest(name),
            load_ms=resident.load_ms if resident else 0.0,
            gpu_layers=info["gpu_layers"] if info else 0,
            context_length=info["context_length"]
            if info
            else plan.options.context_length
            if plan and plan.options
            else 0,
            base=info["base"] if info else bool(header and not header.chat_template) or model.kind == "base",
            pid=resident.pid if resident else None,
            speculation=_speculation(plan),
            drafted=self._drafts.get(name, (0, 0))[0],
            accepted=self._drafts.get(name, (0, 0))[1],
            license=model.license,
            problem=self._problem(name, standing, resident, seen),
        )

    # ------------------------------------------------------------ how much it can read

    def size(self, name: str) -> float:
        """Return a model's parameters in billions, by the registry or its file; 0 where neither says them."""
        described, plan = self._planner.registry.models.get(name), self._plans.get(name)
        return facts(described, plan.header if isinstance(plan, LoadPlan) else None).params_b if described else 0.0

    def reading_speed(self, name: str) -> float:
        """Return how many tokens of a prompt a model reads in a second: measured, else forecast by its size.

        0 for a model elsewhere that was not asked yet, and where nothing says its size.
        """
        registry = self._planner.registry
        if (measured := self._figures.reading.of(name)) or name not in registry.models:
            return measured
        if self._planner.file(name) is None or not (size := self.size(name)):
            return 0.0
        local = {one: self.size(one) for one in registry.models if self._planner.file(one) is not None}
        guess = READING_WORK * cores_that_read() * (GPU_READS if self._machine.vram else 1)
        return (self._figures.reading.work(local) or guess) / size

    # ------------------------------------------------------------ who can answer

    def model_for(self, role: str, unfit: Callable[[str], str]) -> str | None:
        """Return the role's model when it, or a fallback, can be asked; None when none can, or the role asks none.

        `unfit` says why a model is known not to be fit to answer in place of another.
        """
        if role in BY_RULES:
            return None
        try:
            found = resolve(self._planner.registry, role)
        except TrayassistError:
            return None
        names = (found.model, *(name for name in found.fallbacks if not unfit(name)))
        return found.model if any(not self._why_missing(role, name) for name in names) else None

    def trouble(self) -> tuple[str, ...]:
        """Return a sentence for each model that its roles do without: it is missing, or hot and does not load."""
        without: dict[str, list[str]] = {}
        for role in self._planner.registry.roles:
            if role in BY_RULES or (name := model_of(self._planner.registry, role)) is None:
                continue
            why = self._why_missing(role, name)
            if not why and self._planner.residence(name) == "hot":
                why = self._load_problem(name)
            if why:
                without.setdefault(why, []).append(role)
        return tuple(f"{', '.join(roles)}: {why}" for why, roles in without.items())

    def why_not(self, role: str) -> str:
        """Return why the role's own model cannot answer, in words; "" when it can or none is named."""
        if role in BY_RULES:
            return (
                f"The role {role} works by its rules and asks no model."
                if model_of(self._planner.registry, role)
                else ""
            )
        try:
            return self._why_missing(role, resolve(self._planner.registry, role).model)
        except ModelUnavailable:
            return ""
        except TrayassistError as error:
            return str(error)

    def _why_missing(self, role: str, name: str) -> str:
        """Return why the role cannot ask a model: there is no file, or its provider is off; "" when it can."""
        if name not in self._planner.registry.models:
            return f"Model '{name}' not found in registry."
        file = self._planner.file(name)
        if file is not None and not file.is_file():
            return f"The file of model {name} is missing: put it at {file}."
        return providers.why_forbidden(self._planner.registry, role, name)

    # ------------------------------------------------------------ inside

    def _standing(self, name: str, resident: Resident | None) -> Standing:
        file = self._planner.file(name)
        if self._breaker.resting_s(name):
            return "resting"
        if resident is not None and resident.info is None and resident.is_sound:
            return "loading"
        if resident is not None and resident.users:
            return "busy"
        if file is None:
            return "remote"
        if resident is not None and resident.is_loaded:
            return "hot" if resident.plan.residence == "hot" else "warm"
        return "cold" if file.is_file() else "missing"

    def _problem(
        self, name: str, standing: Standing, resident: Resident | None, seen: LoadPlan | TrayassistError | None
    ) -> str:
        if standing == "missing":
            return f"The file is missing: put it at {self._planner.file(name)}."
        if standing == "resting":
            resting = count(round(self._breaker.resting_s(name)), "second")
            return f"It failed three times in five minutes and rests for {resting}."
        if isinstance(seen, TrayassistError):
            return str(seen)
        if standing == "remote" or self._planner.file(name) is None:
            asker = next(iter(self._planner.roles(name)), "")
            return providers.why_forbidden(self._planner.registry, asker, name) if asker else ""
        if resident is not None and resident.is_loaded and (other := drift(resident, seen)):
            return other
        return self._load_problem(name) or self._planner.why_blind(name)

    def _load_problem(self, name: str) -> str:
        """Return why the model did not load when that was last tried; "" once what it lacked is there."""
        plan = self._plans.get(name)
        if name in self._breaker.short and isinstance(plan, LoadPlan):
            return "" if self._budget.fits(plan, self._residency.allocations()) else self._breaker.problems[name]
        return self._breaker.problems.get(name, "")


def drift(resident: Resident, configured: LoadPlan | None) -> str:
    """Return how a loaded model differs from what is configured, in words; "" when it does not (F-07)."""
    options, info = resident.plan.options, resident.info
    if options is None or info is None:
        return ""
    if configured is not None and configured.key != resident.plan.key:
        return "It runs with other settings than those configured now; it is loaded anew after its answer."
    if info["context_length"] < options.context_length:
        return f"It runs with a context of {info['context_length']}, and {options.context_length} is configured."
    if options.n_gpu_layers > 0 and not info["gpu"]:
        return f"{options.n_gpu_layers} layers are to be on the GPU, and llama.cpp found none it can use."
    if info["gpu"] and 0 < options.n_gpu_layers != info["gpu_layers"]:
        return f"{info['gpu_layers']} layers are on the GPU, and {options.n_gpu_layers} are configured."
    return ""


def _speculation(plan: LoadPlan | None) -> str:
    if plan is None:
        return ""
    if plan.speculation:
        return f"off: {plan.speculation}"
    draft = plan.options.draft if plan.options else None
    return f"drafts {count(draft.k, 'token')} with {plan.draft}" if draft else ""
