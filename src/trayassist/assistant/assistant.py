"""From a question to its answer: inspect, route, answer, inspect again, keep in the history, record in the audit log.

One Assistant owns the services (memory, models, history, plugins, audit log) of one process: the tray app, or the
command line when no app runs. It also hands them settings that have changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shlex
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

from trayassist import config
from trayassist.api import (
    Approval,
    Chunk,
    Event,
    Exchange,
    Finish,
    Finished,
    Flagged,
    Inspector,
    Kind,
    Request,
    Risk,
    Route,
    Routed,
    Timings,
    TrayassistError,
    Turn,
    Verdict,
)
from trayassist.assistant import actions
from trayassist.assistant.answering import AnswerRun
from trayassist.assistant.host import Run, Services
from trayassist.gguf_format import is_model
from trayassist.memory.history import History
from trayassist.memory.ingest import FileReport, Ingest
from trayassist.memory.store import Memory
from trayassist.memory.viewer import Viewer
from trayassist.models.adapters import Adapters, AppliedAdapters
from trayassist.models.catalog.download import Downloads
from trayassist.models.catalog.entries import Entries
from trayassist.models.checks import check as registry_check
from trayassist.models.checks import inventory
from trayassist.models.checks.fitness import answering_models
from trayassist.models.gguf import drafts
from trayassist.models.gguf.drafts import Compatibility
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.resolve import why_off
from trayassist.models.serving.embedding import ModelEmbedders
from trayassist.models.serving.engine import Engine
from trayassist.models.serving.state import ModelState
from trayassist.models.serving.tuning import Tuning
from trayassist.paths import Paths
from trayassist.plugins import discovery, loading
from trayassist.plugins.incidents import RunningCode
from trayassist.plugins.sandbox import PluginLoop, in_time
from trayassist.plugins.validation import is_verdict
from trayassist.routing.router import Router
from trayassist.routing.rules import is_correction, memory_tells
from trayassist.safety.audit import Audit
from trayassist.safety.redaction import redact
from trayassist.safety.secrets import Secrets
from trayassist.workers.background import BackgroundTasks

logger = logging.getLogger(__name__)

COMMAND = Route(
    kind=Kind.TOOL, role="", text="", confidence=1.0, method="slash", reason="You wrote a command of the application."
)
UNUSED_MODEL = "Nothing uses it yet: choose in Settings, Models what it is for."
_DRAFT_COMPAT = "/draft-compat"
MEMORY_LIMIT_S = 30.0  # for asking memory about a route: the first question of a process waits for memory's worker
CORRECTED = 0.5  # score of a fact from which "actually …" is taken for its correction
NO_ROUTE = Route(kind=Kind.CHAT, role="", text="", confidence=0.0, method="none", reason="It was not routed.")


INSPECTION_LIMIT_S = 2.0
STRIKES = 2  # time-outs in a row after which an inspector rests: each leaves a thread behind
INSPECTOR_REST_S = 60.0


class Inspection:
    """Asks the inspectors; `inspectors` is set when plugins are loaded."""

    def __init__(self, audit: Audit) -> None:
        self.inspectors: Sequence[Inspector] = ()
        self._audit = audit
        self._late: dict[str, list[float]] = {}  # by inspector: when its latest time-outs in a row were

    async def inspect(self, exchange: Exchange, run_id: str = "") -> Verdict:
        """Return the joint verdict: the highest risk and score, all tags. `run_id` is noted with it in the audit log.

        It is UNCHECKED, never LOW, when an inspector could not answer, and when there is no inspector at
        all (F-18: fail closed).
        """
        verdicts = [await self._ask(inspector, exchange) for inspector in self.inspectors]
        if not verdicts:
            return Verdict(risk=Risk.UNCHECKED, reason="No safety check is switched on.", source="none")
        worst = max(verdicts, key=lambda verdict: (verdict.risk, verdict.score))
        joint = Verdict(
            risk=worst.risk,
            score=max(verdict.score for verdict in verdicts),
            tags=tuple(dict.fromkeys(tag for verdict in verdicts for tag in verdict.tags)),
            matched=tuple(dict.fromkeys(span for verdict in verdicts for span in verdict.matched)),
            reason=worst.reason,
            source=worst.source,
            blocks=any(verdict.blocks for verdict in verdicts),
        )
        self._record(exchange, joint, run_id)
        return joint

    async def _ask(self, inspector: Inspector, exchange: Exchange) -> Verdict:
        name = str(getattr(inspector, "name", type(inspector).__name__))
        late = self._late.setdefault(name, [])
        if len(late) >= STRIKES and time.monotonic() - late[-1] < INSPECTOR_REST_S:
            return _unchecked_verdict(name, f"rests for {INSPECTOR_REST_S:.0f} seconds because it took too long twice")
        try:
            verdict = await in_time(inspector.inspect, exchange, limit_s=INSPECTION_LIMIT_S)
        except TimeoutError:
            late.append(time.monotonic())
            logger.warning("inspector %s took longer than %s s", name, INSPECTION_LIMIT_S)
            return _unchecked_verdict(name, f"took longer than {INSPECTION_LIMIT_S:.0f} seconds")
        except Exception as error:  # barrier: an inspector's code ran; its failure is a verdict of its own
            logger.warning("inspector %s failed: %s", name, error)
            return _unchecked_verdict(name, f"failed ({error})")
        late.clear()
        if not is_verdict(verdict):
            return _unchecked_verdict(name, "returned nothing that can be used")
        return verdict

    def _record(self, exchange: Exchange, verdict: Verdict, run_id: str) -> None:
        """Write the watchdog's line: hashes and short spans, never the text (C-12)."""
        request, answer = exchange.request, exchange.answer
        self._audit.write(
            "verdict",
            run_id=run_id or (request.id if request else None),
            event_kind="chat" if request else "rag" if exchange.passages else "action",
            stage="answer" if answer is not None else "request" if request else "context",
            model=verdict.source,
            risk_level=verdict.risk.label,
            score=verdict.score,
            tags=verdict.tags,
            matched=[span[:80] for span in verdict.matched],
            notes=verdict.reason,
            sources_seen=sorted({passage.name for passage in exchange.passages}),
            prompt_sha256=_hash(request.text) if request else None,
            answer_sha256=_hash(answer) if answer is not None else None,
            status="error" if verdict.risk is Risk.UNCHECKED else "ok",
        )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _unchecked_verdict(name: str, why: str) -> Verdict:
    return Verdict(risk=Risk.UNCHECKED, reason=f"The safety check {name} {why}.", source=name)


class Assistant:
    """Answers requests as streams of events; its services are its public attributes.

    `found` names the plugins instead of the installed ones (tests). `readable` are the paths that settings are read
    from at the start, where a file of the user's is broken; what is saved goes to `paths`. `prewarm` says whether
    files of models are read ahead at the start (None: as configured), `in_app` whether this is the tray app's.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        found: Sequence[EntryPoint] | None = None,
        readable: Paths | None = None,
        prewarm: bool | None = None,
        in_app: bool = False,
    ) -> None:
        self.paths, self.in_app, self._prewarm = paths, in_app, prewarm
        paths.make()
        self.config = config.load(readable or paths)
        self.audit = Audit(paths.audit, self.config.audit.retention_days)
        self.registry = registry_file.load(readable or paths)
        self.secrets = Secrets()
        self.tuning = Tuning(paths)
        applied = AppliedAdapters(paths, lambda: self.registry)
        self.engine = Engine(
            paths, self.registry, self.audit, secrets=self.secrets, adapters=applied, tuning=self.tuning
        )
        self.adapters = Adapters(paths, lambda: self.registry, self.engine, self.audit, applied)
        self.entries = Entries(paths, lambda: self.registry, self.reload_registry, self.audit)
        self.downloads = Downloads(paths, self.audit, self.entries.add_fetched)
        self.downloads.offline = self.config.network.offline
        self.embedders = ModelEmbedders(paths, self.registry, self.engine.worker_for)
        self.memory = Memory(paths, self.embedders)
        self.history = History(paths)
        settings, own = self.config.plugins, self.config.memory
        self.ingest = Ingest(paths, self.memory, own, self.audit, settings.disabled, plugin_settings=settings.settings)
        self.ingest.set_file_handler(self._take_model)
        self.viewer = Viewer(paths, own, settings.disabled, plugin_settings=settings.settings)
        self.plugins = discovery.Plugins()
        self.router = self._new_router()
        self.inspection = Inspection(self.audit)
        self.settings_problem = ""  # why a settings file is not in force as it is
        self.registry_warnings: tuple[str, ...] = ()  # roles and jobs in registry.yaml that no plugin knows
        self.on_reload: list[Callable[[], None]] = []  # called when plugins or the registry were loaded, or again
        self._found = found
        self._loop = PluginLoop()
        self._running_code = RunningCode(paths)
        self._running: dict[str, Run] = {}
        self._at_start = BackgroundTasks("a task at start")
        self._ready = asyncio.Event()

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Load the plugins. Requests may come before: they wait."""
        await self.load_plugins()
        self._ready.set()
        await self.look_at_registry()

    async def ready(self) -> None:
        """Wait until the plugins are loaded."""
        await self._ready.wait()

    async def start_background(self) -> None:
        """Resume reading what the queue still holds, load the hot models, run the jobs whose trigger is "at start"."""
        await asyncio.to_thread(self.router.warm)
        await self.ingest.start()
        await self.downloads.remember()
        self._at_start.start(self.engine.start(prewarm=self._prewarm))
        if self.config.history.mask_secrets:
            self._at_start.start(self._mask_history())
        for name, job in self.plugins.jobs.items():
            if job.trigger == "at start" and self.registry.job(name).enabled:
                self._at_start.start(self._job_at_start(name))

    async def _mask_history(self) -> None:
        """Mask the secrets in questions that an earlier version kept as they were, or while the setting was off."""
        try:
            if changed := await self.history.mask_older(redact):
                logger.info("secrets were masked in %s kept answers", changed)
        except TrayassistError as error:
            logger.warning("secrets in the history were not masked: %s", error)

    async def _job_at_start(self, name: str) -> None:
        try:
            async for item in self.act(actions.of_job(self.plugins.jobs[name]), self.plugins.owner.get(name, "")):
                if isinstance(item, Approval):
                    self.approve(item.id, yes=False)
                    logger.info("job %s asked “%s”: at start nobody answers, so it is no", name, item.question)
                else:
                    logger.info("job %s: %s", name, item)
        except TrayassistError as error:
            logger.warning("job %s failed: %s", name, error)

    async def stop(self) -> None:
        """End all work and every process of ours; nothing is left running."""
        for running in self._running.values():
            running.cancel()
        self._at_start.cancel()
        parts = (self.ingest, self.viewer, self.downloads, self.entries, self.engine)
        await asyncio.gather(*(part.stop() for part in parts), return_exceptions=True)
        await self.memory.stop()
        await self.history.close()
        self._loop.stop()
        self._running_code.close()
        await asyncio.to_thread(self.audit.close)

    # ------------------------------------------------------------ settings

    async def load_plugins(self) -> None:
        """Load, or load again after a change of settings, all plugins that are on."""
        self.plugins = await loading.load(self.paths, self.config.plugins, self._running_code, self._found)
        await self._use_readers()
        self.router = self._new_router()
        self.inspection.inspectors = self.plugins.inspectors

    def _new_router(self) -> Router:
        return Router(self.plugins.roles, self.engine.model_for, lambda role: why_off(self.registry, role))

    async def reload_config(self) -> None:
        """Take over a changed app.yaml; plugins are loaded again when their list or settings changed.

        Raises ConfigError when it is wrong: all stays as it was then.
        """
        old, self.config = self.config, await asyncio.to_thread(config.load, self.paths)
        self.audit.retention_days = self.config.audit.retention_days
        self.downloads.offline = self.config.network.offline
        if old.plugins != self.config.plugins:
            await self.load_plugins()
            await self.look_at_registry()  # which names are known depends on them
        elif old.memory != self.config.memory:
            await self._use_readers()

    async def _use_readers(self) -> None:
        """Read and draw with the settings and plugins in force; one that is broken must not break each reader, too."""
        chosen, own = self.config.plugins, self.config.memory
        left_out = tuple(sorted({*chosen.disabled, *self.plugins.not_on()}))
        self.ingest.use(own, left_out, chosen.settings)
        await self.viewer.use(self.paths, own, left_out, plugin_settings=chosen.settings)

    async def _take_model(self, path: str) -> FileReport | None:
        """Add a GGUF file that was dropped among others; None for any other file.

        In the app the user says what it is for, so that it is given to no role here.
        """
        if not is_model(Path(path)):
            return None
        try:
            added = await self.entries.add(Path(path), roles=() if self.in_app else None)
            todo = UNUSED_MODEL if self.in_app and added.new else ""
            return FileReport(path, status="model", reason=f"{added.says} {todo}".strip())
        except TrayassistError as error:
            return FileReport(path, status="refused", reason=str(error))

    async def reload_registry(self) -> None:
        """Take over a changed registry.yaml. Raises ConfigError when it is wrong; then the old one holds."""
        self.registry = await asyncio.to_thread(registry_file.load, self.paths)
        self._use_registry()
        await self.look_at_registry()

    async def look_at_registry(self) -> None:
        """Note a change of models or roles in the audit log, and names that no plugin knows."""
        known = registry_check.plugin_names(self.plugins)
        self.registry_warnings = await asyncio.to_thread(
            registry_check.find_unknown_names, self.paths, self.registry, known
        )
        for warning in self.registry_warnings:
            logger.warning("%s", warning)
        for callback in list(self.on_reload):
            callback()
        await asyncio.to_thread(inventory.record, self.paths, self.registry, self.audit)

    def _use_registry(self) -> None:
        self.engine.reload(self.registry)
        self.embedders.use(self.registry)
        self.memory.look_again()
        if self.ingest.paused_reason:  # the embedder that it waited for may be there now
            self.ingest.resume()

    # ------------------------------------------------------------ a question

    async def preload_for(self, text: str) -> None:
        """Load the model that would answer `text`, which is still being written, where that unloads nothing (S3-12).

        Endpoints are left alone: nothing is sent anywhere before the user asks.
        """
        if not self.registry.residency.preload or not self._ready.is_set():
            return
        try:
            model = (await self.router.decide_apart(Request(text=text))).model
        except TrayassistError:
            return  # no request yet
        if model is not None and self.registry.provider(model).api == "llama_cpp":
            await self.engine.preload(model)

    def models_for(self, role: str) -> list[ModelState]:
        """Return the models that may answer for a role now: installed, fit for it, allowed, not too large."""
        engine = self.engine
        return answering_models(self.registry, engine.models(), role, engine.budget().limit, engine.header)

    async def ask(self, request: Request) -> AsyncGenerator[Event, None]:
        """Yield the events of the answer; the last one is Finished. Close it (aclosing) to cancel."""
        await self._ready.wait()
        began = time.perf_counter()
        verdict = await self.inspection.inspect(Exchange(request=request))
        if verdict.risk >= Risk.MEDIUM:
            yield Flagged(verdict=verdict, stage="request")
        if verdict.blocks:
            yield await self._refuse(request, verdict, Finish.BLOCKED, verdict.reason, "Change the request.")
            return
        try:
            if (answer := await answer_builtin(self.paths, request)) is not None:
                for event in self._builtin_events(request, verdict, answer, began):
                    yield event
                return
            route = await self._route(request)
        except TrayassistError as error:
            yield await self._refuse(request, verdict, Finish.FAILED, error.what, error.todo)
            return
        yield Routed(route)
        run = self._answer_run(request, route, verdict, began)
        self._running[request.id] = run
        try:
            async with run:
                while not run.ended:
                    yield await run.next_event()
        finally:
            del self._running[request.id]
            if self.config.history.keep:
                await asyncio.shield(self._keep(run))

    def _builtin_events(self, request: Request, verdict: Verdict, answer: str, began: float) -> tuple[Event, ...]:
        """Return the events of a command that the application answered itself; it is no turn of a conversation."""
        self.audit.write("command", run_id=request.id, actor=request.actor, text=request.text[:80])
        timings = Timings(total_ms=(time.perf_counter() - began) * 1e3)
        done = Finished(finish=Finish.STOP, answer=answer, route=COMMAND, verdict=verdict, timings=timings)
        return Routed(COMMAND), Chunk(answer), done

    def approve(self, approval_id: str, yes: bool) -> None:
        """Answer an Approval event; unknown ids are ignored (the answer was stopped meanwhile)."""
        for running in self._running.values():
            running.approve(approval_id, yes)

    async def act(self, action: actions.Action, owner: str) -> AsyncGenerator[Event | str, None]:
        """Run a tool or a job of the plugin `owner`; yield what it asks and reports, last what to tell the user."""
        await self._ready.wait()
        run = actions.ActionRun(self._services(), action, owner=owner)
        self._running[run.id] = run
        try:
            async with run:
                while (item := await run.next_item()) is not None:
                    yield item
        finally:
            del self._running[run.id]

    def _services(self) -> Services:
        return Services(
            paths=self.paths,
            plugin_settings=self.config.plugins.settings,
            memory=self.memory,
            engine=self.engine,
            history=self.history,
            inspect=self.inspection.inspect,
            loop=self._loop,
            running_code=self._running_code,
            audit=self.audit,
        )

    async def inspect(self, exchange: Exchange) -> Verdict:
        """Return the inspectors' joint verdict."""
        await self._ready.wait()
        return await self.inspection.inspect(exchange)

    async def route(self, request: Request) -> Route:
        """Return the route of a request without answering it. Raises TrayassistError on an unknown override."""
        await self._ready.wait()
        return await self._route(request)

    async def _route(self, request: Request) -> Route:
        previous = None
        if request.conversation and self.config.history.keep:
            turns = await self.history.turns(request.conversation, 1)
            previous = turns[-1] if turns else None
        route = await route_request(self.router, self.memory, self.paths.memory, request, previous)
        self.audit.write(
            "route_decision",
            run_id=request.id,
            actor=request.actor,
            label=route.kind,
            role=route.role,
            configured_model=route.model,
            mode=self.registry.mode,
            method=route.method,
            confidence=route.confidence,
            signals=[route.reason],
            ms=route.ms,
            override=route.method in ("override", "slash"),
        )
        return route

    def _answer_run(self, request: Request, route: Route, verdict: Verdict, began: float) -> AnswerRun:
        return AnswerRun(
            self._services(),
            request,
            route,
            self.plugins.roles[route.role],
            owner=self.plugins.owner.get(route.role, ""),
            asked=verdict,
            began=began,
            mode=self.registry.mode,
        )

    async def _keep(self, run: AnswerRun) -> None:
        try:
            request, finished = run.outcome()
            if mask := self.config.history.mask_secrets:
                request, finished = await asyncio.to_thread(_mask_secrets, request, finished)
            await self.history.add(request, finished, mode=run.mode, masked=mask)
        except TrayassistError as error:
            logger.warning("an answer was not kept in the history: %s", error)

    async def _refuse(self, request: Request, verdict: Verdict, finish: Finish, what: str, todo: str) -> Finished:
        self.audit.write(
            "refused",
            run_id=request.id,
            actor=request.actor,
            reason=what,
            risk_level=verdict.risk.label,
            tags=verdict.tags,
        )
        return Finished(
            finish=finish, answer="", route=NO_ROUTE, verdict=verdict, timings=Timings(), error=what, todo=todo
        )


def _mask_secrets(request: Request, finished: Finished) -> tuple[Request, Finished]:
    """Return question and answer as they are kept: keys, tokens and passwords in them are masked, as in the logs."""
    citations = tuple(replace(one, quote=redact(one.quote)) for one in finished.citations)
    answer = replace(finished, answer=redact(finished.answer), citations=citations)
    return replace(request, text=redact(request.text)), answer


async def route_request(router: Router, memory: Memory, kept: Path, request: Request, previous: Turn | None) -> Route:
    """Return the route; memory is asked once, only where its answer can change it and the folder `kept` exists.

    Raises TrayassistError as Router.decide_apart does. When memory fails or is late, the words decide alone.
    """
    began = time.perf_counter()
    route = await router.decide_apart(request, previous=previous)
    correction = route.method in ("rules", "default") and is_correction(route.text)
    if not (correction or memory_tells(route)) or not await asyncio.to_thread(kept.is_dir):
        return route
    try:
        async with asyncio.timeout(MEMORY_LIMIT_S):
            if correction:
                about = await memory.facts(route.text, 1)
                corrects_fact = bool(about) and about[0].score >= CORRECTED
                return await router.decide_apart(request, previous=previous, corrects_fact=corrects_fact)
            evidence = await memory.search(route.text, 1)
    except (TimeoutError, TrayassistError):
        logger.warning("memory was not asked about a route", exc_info=True)
        return route
    if not evidence.documents:
        return route
    route = await router.decide_apart(request, previous=previous, memory_hit=evidence.probability)
    return replace(route, ms=(time.perf_counter() - began) * 1e3)


async def answer_builtin(paths: Paths, request: Request) -> str | None:
    """Return the answer in Markdown, or None when the request is no such command. Raises TrayassistError."""
    name, _, rest = request.text.strip().partition(" ")
    if name.lower() != _DRAFT_COMPAT or request.role is not None:
        return None
    try:
        given = shlex.split(rest)
    except ValueError:
        given = []
    if len(given) != 2:
        raise TrayassistError(
            f"{_DRAFT_COMPAT} compares two models.",
            f"Write {_DRAFT_COMPAT} TARGET DRAFT: names of models or GGUF files, in quotes where they hold spaces.",
        )
    return _compatibility_markdown(await asyncio.to_thread(drafts.compare_named, paths, *given))


def _compatibility_markdown(found: Compatibility) -> str:
    """Return the verdict as Markdown (S0-13)."""
    can = "can" if found.compatible else "cannot"
    lines = [f"**{found.draft.name}** {can} draft for **{found.target.name}**.", ""]
    lines += [f"- {reason}" for reason in found.reasons]
    if (difference := found.first_difference) is not None:
        target, draft = drafts.visible(difference.target), drafts.visible(difference.draft)
        lines.append(f"- token {difference.token}: `{target}` and `{draft}`")
    lines += [f"- Warning: {warning}" for warning in found.warnings]
    return "\n".join(lines).strip()
