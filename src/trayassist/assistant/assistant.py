"""The whole story of a question: inspect, route, answer, inspect again, remember, say how it went.

One Assistant owns the rooms (memory, models, history, plugins, audit) of one process: the tray app, or
the command line when no app runs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from importlib.metadata import EntryPoint
from typing import Any

from trayassist.api import (
    Chunk,
    Event,
    Exchange,
    Finish,
    Finished,
    Flagged,
    Kind,
    Request,
    Risk,
    Route,
    Routed,
    Timings,
    TrayassistError,
    Verdict,
)
from trayassist.assistant import actions, slash_commands
from trayassist.assistant.answering import Answering
from trayassist.assistant.deciding import decided
from trayassist.assistant.host import Services
from trayassist.assistant.rooms import Rooms
from trayassist.paths import Paths
from trayassist.plugins.host import host_for
from trayassist.plugins.sandbox import PluginLoop

logger = logging.getLogger(__name__)

COMMAND = Route(
    kind=Kind.TOOL, role="", text="", confidence=1.0, method="slash", reason="You wrote a command of the application."
)
NO_ROUTE = Route(kind=Kind.CHAT, role="", text="", confidence=0.0, method="none", reason="It was not routed.")


class Assistant(Rooms):
    """Answers requests as streams of events; the rooms are its public attributes.

    `found` names the plugins instead of the installed ones (tests).
    """

    def __init__(self, paths: Paths, *, found: Sequence[EntryPoint] | None = None) -> None:
        super().__init__(paths, found)
        self._loop = PluginLoop()
        self._running: dict[str, Answering | actions.Action] = {}
        self._start_jobs: set[asyncio.Task[None]] = set()
        self._ready = asyncio.Event()
        self.prewarm: bool | None = None  # whether warm models' files are read ahead at start; None: as configured
        self.in_app = False  # whether this is the tray app's, and not a single command's

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
        self._begin(self.engine.start(prewarm=self.prewarm))
        for name, job in self.plugins.jobs.items():
            if job.trigger == "at start" and self.registry.job(name).enabled:
                self._begin(self._job_at_start(name))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._start_jobs.add(task)
        task.add_done_callback(self._start_jobs.discard)

    async def _job_at_start(self, name: str) -> None:
        try:
            async for line in self.act(actions.of_job(self.plugins.jobs[name]), self.plugins.owner.get(name, "")):
                logger.info("job %s: %s", name, line)
        except TrayassistError as error:
            logger.warning("job %s failed: %s", name, error)

    async def stop(self) -> None:
        """End all work and every process of ours; nothing is left running."""
        for running in (*self._running.values(), *self._start_jobs):
            running.cancel()
        rooms = (self.ingest, self.viewer, self.downloads, self.entries, self.engine)
        await asyncio.gather(*(room.stop() for room in rooms), return_exceptions=True)
        await self.memory.stop()
        await self.history.close()
        self._loop.stop()
        await asyncio.to_thread(self.audit.close)

    # ------------------------------------------------------------ a question

    async def expect(self, text: str) -> None:
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

    async def ask(self, request: Request) -> AsyncGenerator[Event, None]:
        """Yield the events of the answer; the last one is Finished. Close it (aclosing) to cancel."""
        await self._ready.wait()
        began = time.perf_counter()
        verdict = await self.inspection.inspect(Exchange(request=request))
        if verdict.risk >= Risk.MEDIUM:
            yield Flagged(verdict=verdict, stage="request")
        if verdict.blocks:
            yield await self._refused(request, verdict, Finish.BLOCKED, verdict.reason, "Change the request.")
            return
        try:
            if (answer := await slash_commands.said(self.paths, request)) is not None:
                for event in self._said(request, verdict, answer, began):
                    yield event
                return
            route = await self._route(request)
        except TrayassistError as error:
            yield await self._refused(request, verdict, Finish.FAILED, error.what, error.todo)
            return
        yield Routed(route)
        answering = self._answering(request, route, verdict, began)
        self._running[request.id] = answering
        try:
            async with aclosing(answering.events()) as events:
                async for event in events:
                    yield event
        finally:
            del self._running[request.id]
            if self.config.history.keep:
                await asyncio.shield(self._keep(answering))

    def _said(self, request: Request, verdict: Verdict, answer: str, began: float) -> tuple[Event, ...]:
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
        host = host_for(owner, self.config.plugins.settings, self.paths)
        self._running[action.id] = action
        try:
            stream = action.events(host, self._services(), self._loop, self.audit)
            async with aclosing(stream) as lines:
                async for line in lines:
                    yield line
        finally:
            del self._running[action.id]

    def _services(self) -> Services:
        return Services(self.memory, self.engine, self.history, self.inspection.inspect)

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
        route = await decided(self.router, self.memory, self.paths.memory, request, previous)
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

    def _answering(self, request: Request, route: Route, verdict: Verdict, began: float) -> Answering:
        owner = self.plugins.owner.get(route.role, "")
        return Answering(
            request=request,
            route=route,
            role=self.plugins.roles[route.role],
            plain_host=host_for(owner, self.config.plugins.settings, self.paths),
            services=self._services(),
            loop=self._loop,
            audit=self.audit,
            asked=verdict,
            began=began,
            mode=self.registry.mode,
        )

    async def _keep(self, answering: Answering) -> None:
        try:
            await self.history.add(*answering.finished(), mode=answering.mode)
        except TrayassistError as error:
            logger.warning("an answer was not kept in the history: %s", error)

    async def _refused(self, request: Request, verdict: Verdict, finish: Finish, what: str, todo: str) -> Finished:
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
