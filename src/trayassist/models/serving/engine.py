"""Makes models answer: in lanes, within the role's limits, by fallbacks when a model fails. docs/residency.md.

All that windows, command line, plugins and the other rooms ask of models goes through Engine.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from trayassist.api import Chunk, Message, ModelUnavailable, NoModelNamed, NotAllowed, TrayassistError
from trayassist.models.gguf import header as gguf
from trayassist.models.gguf.machine import Machine
from trayassist.models.registry.resolve import Resolved, resolve
from trayassist.models.registry.schema import Adjustment, Provider, Registry
from trayassist.models.serving import ability, providers, showing
from trayassist.models.serving.background import Behind
from trayassist.models.serving.breaker import Breaker, Failures
from trayassist.models.serving.budget import Memory, Room
from trayassist.models.serving.calls import Call, Usage, Usages
from trayassist.models.serving.chain import Chain
from trayassist.models.serving.figures import Figures
from trayassist.models.serving.forecast import Forecast, forecast
from trayassist.models.serving.generation import Generation
from trayassist.models.serving.lanes import Queue, Ticket
from trayassist.models.serving.plans import Plan, Planner
from trayassist.models.serving.requests import Requests
from trayassist.models.serving.residency import Residency
from trayassist.models.serving.showing import Loaded, Showing
from trayassist.models.serving.smoke import Smoke
from trayassist.models.serving.state import BudgetState, ModelState, Waiting
from trayassist.models.serving.upkeep import Upkeep
from trayassist.paths import Paths
from trayassist.safety.audit import Audit
from trayassist.safety.secrets import Secrets
from trayassist.workers.model import Adapter
from trayassist.workers.pool import Worker

logger = logging.getLogger(__name__)

MOST_LENT = 16  # of one model at the same time; its worker takes them in turn

Said = Callable[[str], None]


class Engine:
    """The models of the registry: which are loaded, who waits for them, and what they answer.

    `adapters_of` says what a role answers with on a model, and `adapters_problem` why one of its adapters is left out;
    `tuned` how many tokens a draft model drafts at once for a model on this machine (0 = none, None = not measured).
    `changed` are called on the loop after a change of state. `smoke` knows which models may stand in for others,
    `figures` how fast and how long answers are; `wake(name)` lets a model that rests be asked again.
    """

    def __init__(
        self,
        paths: Paths,
        registry: Registry,
        audit: Audit,
        *,
        secrets: Secrets | None = None,
        machine: Memory | None = None,
        planner: Planner | None = None,
    ) -> None:
        self._paths, self._audit, self._secrets = paths, audit, secrets or Secrets()
        self._machine: Memory = machine or Machine(paths)
        self._planner = planner or Planner(paths, registry, self._machine, self._key)
        self._planner.registry, self._planner.tuned = registry, lambda target, draft: self.tuned(target, draft)
        self.adapters_of: Callable[[str, str], tuple[Adapter, ...]] = lambda _role, _model: ()
        self.adapters_problem: Callable[[str, str], str] = lambda _role, _model: ""
        self.tuned: Callable[[str, str], int | None] = lambda _target, _draft: None
        self._behind = Behind()
        self.changed = self._behind.listeners
        self._queue = Queue(registry.lanes, self._behind.tell)
        self._room = Room(self._in_force, self._machine)
        self._breaker, self._usages, self.figures = Breaker(), Usages(), Figures(paths, self._behind)
        self.wake = self._breaker.wake
        tell, settings = self._behind.tell, lambda: self._planner.registry.residency
        self._residency = Residency(self._planner.plan, settings, self._room, self._machine, audit, tell)
        failures = Failures(self._breaker)
        self._residency.failed = failures.note
        self._upkeep = Upkeep(self._planner, self._residency, self._room, self._machine, audit, self._behind)
        self._generation = Generation(
            self._planner,
            self._residency,
            self._breaker,
            self._usages,
            audit,
            lambda role, model: self.adapters_of(role, model),
            lambda role, model: self.adapters_problem(role, model),
            self._answered,
        )
        self.smoke = Smoke(paths, self._in_force, self._planner.file)
        chain = Chain(self._in_force, self._generation, self.smoke, self._usages, audit)
        self._requests = Requests(self._queue, chain)
        known = self.figures.speeds, self._upkeep.plans, failures.why
        self._showing = Showing(self._planner, self._residency, self._machine, self._breaker, *known)

    # ------------------------------------------------------------ life

    async def start(self, *, prewarm: bool | None = None) -> None:
        """Load the hot models, one after the other; what does not load is said in its state (S0-03).

        With `prewarm` (None: as configured) the files of warm models are then read once at low priority (S0-24).
        """
        await self.look()
        await self._upkeep.load_hot()
        if self._planner.registry.residency.prewarm if prewarm is None else prewarm:
            self._upkeep.prewarm()

    def reload(self, registry: Registry) -> None:
        """Take over a changed registry at once; models that it describes as before stay loaded (S0-01).

        The others leave memory after their answers, and hot ones are loaded.
        """
        self._planner.registry = registry
        self._queue.resize(registry.lanes)
        self._behind.run(self._upkeep.take_over())

    async def look(self) -> None:
        """Read the headers of all described files, so that models() knows sizes and what is wrong with a file."""
        await self._upkeep.look()

    async def stop(self) -> None:
        """End all workers."""
        self._upkeep.stop()
        await self._behind.stop()
        await self._residency.stop()

    # ------------------------------------------------------------ what there is

    def models(self) -> list[ModelState]:
        """Return the state of every described model. Sizes of files not looked at yet are 0 until they are."""
        self._upkeep.look_soon()
        return [self._showing.state(name) for name in self._planner.registry.models]

    def loaded(self) -> list[Loaded]:
        """Return the models that are loaded now."""
        return showing.loaded(self._residency, self._machine)

    def budget(self) -> BudgetState:
        """Return the memory for models: the budget, what loaded models are counted with, what is free."""
        return self._room.state(self._residency.taken())

    def header(self, name: str) -> gguf.Header | None:
        """Return what the file of a model says of itself; None until it is looked at, and for one elsewhere."""
        plan = self._upkeep.plans.get(name)
        return plan.header if isinstance(plan, Plan) else None

    async def forecast(self, registry: Registry) -> Forecast:
        """Return what the models of `registry`, which need not be the one in force, would take of memory."""
        return await forecast(self._planner, registry)

    def queue(self) -> list[Waiting]:
        """Return the requests that run and wait, in the order they will run."""
        return self._queue.show()

    def usage(self, request_id: str) -> Usage | None:
        """Return how a recent request used models, or None when it used none."""
        return self._usages.get(request_id)

    def model_for(self, role: str) -> str | None:
        """Return the role's model when it, or a fallback, can be asked (its file is there, its provider on)."""
        return ability.model_for(self._planner, role, self.smoke.unfit)

    def own_model(self, role: str) -> str | None:
        """Return the model that the registry names for the role in the mode in force, whether it is there or not."""
        return self._planner.model_of(role)

    def why_not(self, role: str) -> str:
        """Return why the role's own model cannot answer, in words; "" when it can or none is named (F-27)."""
        return ability.why_not(self._planner, role)

    def trouble(self) -> tuple[str, ...]:
        """Return which roles do without their model and why, a sentence for each model (F-27)."""
        return ability.trouble(self._planner, self._showing.failures)

    def unavailable(self, role: str) -> ModelUnavailable:
        """Return the error for a role without a model: NoModelNamed, or why the one that is named cannot answer."""
        if why := self.why_not(role):
            return ModelUnavailable(why, "Settings, Models & roles shows what is missing.")
        todo = f"Get one in Settings, Models & roles, or name one in {self._paths.registry}."
        return NoModelNamed(f"No model is named for the role {role}.", todo)

    # ------------------------------------------------------------ loading

    async def load(self, name: str, on_status: Said = lambda _: None) -> None:
        """Load a model because the user wants it, a cold one too.

        Raises ModelUnavailable; NoRoom, a kind of it, names in `unload` what would have to go first.
        """
        self._breaker.wake(name)
        self._generation.check(name, *self._planner.roles(name))
        await self._lend(name, on_status, by_hand=True)

    async def unload(self, name: str) -> None:
        """End the model's worker, after its answer if it is at work; its memory is free when this returns."""
        await self._residency.unload(name)

    async def preload(self, name: str) -> bool:
        """Load a model that is likely to be asked next, and return whether it is loaded (S3-12).

        Nothing is unloaded for it; a model that does not fit or does not load is left alone.
        """
        try:
            await self._lend(name, lambda _: None, evict=False)
        except TrayassistError as error:
            logger.info("%s is not loaded ahead: %s", name, error)
            return False
        return True

    @asynccontextmanager
    async def worker_for(
        self, name: str, *, role: str = "", request_id: str = "", on_status: Said = lambda _: None
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

    async def generate(
        self,
        role: str,
        model: str | None,
        messages: Sequence[Message],
        *,
        conversation: str = "",
        request_id: str = "",
        on_status: Said = lambda _: None,
        grammar: str = "",
        schema: Mapping[str, Any] | None = None,
        adjustment: Adjustment | None = None,
        job: bool | str = False,
        kind: str = "",
        adapters: tuple[Adapter, ...] | None = None,
    ) -> AsyncGenerator[Chunk, None]:
        """Stream an answer of `model`, or of the role's declared fallbacks when it fails before its first piece.

        `model` None is the model that the registry names for the role. What fails its checks goes up the chain for
        the `kind` of question. Close it (aclosing) to cancel; meanwhile others
        wait. A job (its name, where it has one) gives way to questions and begins again, so its answer comes in one go
        at its end. Raises ModelUnavailable, WorkerDied, NotAllowed for what policy or mode forbids, and
        TrayassistError when the prompt is too long or the role's time limit is over.
        """
        named = job if isinstance(job, str) else "job" if job else ""
        found = self._resolved(role, model, adjustment, request_id, named)
        call = Call(
            role=role,
            configured=found.model,
            actual=found.model,
            settings=found.settings,
            mode=found.mode,
            messages=messages,
            conversation=conversation,
            request_id=request_id,
            adapters=adapters,
            job=named,
            kind=kind,
            plain=adjustment is None and adapters is None and not named,
        ).bound(grammar, schema)
        async with aclosing(self._requests.stream(call, found.fallbacks, on_status)) as chunks:
            async for chunk in chunks:
                yield chunk

    # ------------------------------------------------------------ inside

    def _in_force(self) -> Registry:
        return self._planner.registry

    def _resolved(
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

    async def _lend(self, name: str, on_status: Said, *, by_hand: bool = False, evict: bool = True) -> None:
        async with self._residency.use(name, on_status, by_hand=by_hand, evict=evict):
            pass

    async def _key(self, name: str, provider: Provider) -> str:
        return await providers.key_of(name, provider, self._secrets)

    def _answered(self, call: Call, usage: Usage) -> None:
        self._showing.count(usage)
        self.figures.note(call, usage)
