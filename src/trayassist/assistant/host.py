"""One run of a plugin's code, and the host that it gets meanwhile: memory, models, history, the user."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, contextmanager, nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar
from uuid import uuid4

from trayassist.api import (
    Approval,
    Chunk,
    Evidence,
    Exchange,
    Fact,
    Flagged,
    Message,
    NotAllowed,
    Passage,
    Request,
    Risk,
    Route,
    Status,
    Turn,
    Verdict,
)
from trayassist.memory.history import History
from trayassist.memory.store import Memory
from trayassist.models.serving.engine import Engine
from trayassist.paths import Paths
from trayassist.plugins import sandbox
from trayassist.plugins.host import PluginHost
from trayassist.plugins.incidents import RunningCode
from trayassist.plugins.sandbox import PluginLoop
from trayassist.safety.audit import Audit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """What of the application runs use. `inspect` takes the exchange and the id of the run that it belongs to."""

    paths: Paths
    plugin_settings: Mapping[str, Mapping[str, Any]]
    memory: Memory
    engine: Engine
    history: History
    inspect: Callable[[Exchange, str], Awaitable[Verdict]]
    loop: PluginLoop
    running_code: RunningCode
    audit: Audit


@dataclass(slots=True)
class Trace:
    """What happened during one run: filled by the bound host, read by the run."""

    emit: Callable[[Approval | Flagged | Status], None]
    passages: dict[tuple[str, int, int], Passage] = field(default_factory=dict)
    search_ms: float = 0.0
    waiting: int = 0
    approvals: dict[str, asyncio.Future[bool]] = field(default_factory=dict)

    @contextmanager
    def busy(self) -> Any:
        """Count a call into the application: meanwhile the plugin's silence is ours."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1


class BoundHost(PluginHost):
    """The application's `Host` during one run. Called on the plugin loop; all work is done on the main loop.

    `owner` is the plugin it is lent to. `job` names the job: what that asks of models gives way to questions.
    """

    def __init__(
        self,
        owner: str,
        services: Services,
        request: Request,
        trace: Trace,
        main: asyncio.AbstractEventLoop,
        job: str = "",
    ) -> None:
        super().__init__(owner, services.plugin_settings.get(owner, {}), services.paths)
        self._services, self._request, self._trace, self._main = services, request, trace, main
        self._job = job

    async def generate(
        self, route: Route, messages: Sequence[Message], *, grammar: str = "", schema: Mapping[str, Any] | None = None
    ) -> AsyncGenerator[Chunk, None]:
        if route.model is None and not self._job:
            raise self._services.engine.unavailable(route.role)
        engine, trace = self._services.engine, self._trace

        async def run(queue: asyncio.Queue[Any], plugin_loop: asyncio.AbstractEventLoop) -> None:
            stream = engine.generate(
                route.role,
                route.model,
                messages,
                conversation=self._request.conversation,
                request_id=self._request.id,
                on_status=lambda text: trace.emit(Status(text=text)),
                grammar=grammar,
                schema=schema,
                job=self._job,
                kind=route.kind,
            )
            async with aclosing(stream) as chunks:
                async for chunk in chunks:
                    plugin_loop.call_soon_threadsafe(queue.put_nowait, chunk)

        queue: asyncio.Queue[Any] = asyncio.Queue()
        here = asyncio.get_running_loop()
        future = asyncio.run_coroutine_threadsafe(run(queue, here), self._main)
        future.add_done_callback(lambda _: here.call_soon_threadsafe(queue.put_nowait, None))
        try:
            while True:
                with trace.busy():
                    chunk = await queue.get()
                if chunk is None:
                    break
                yield chunk
            future.result()
        finally:
            future.cancel()

    async def model_size(self, route: Route) -> float:
        return await self._of_model(route, self._services.engine.model_size)

    async def reading_speed(self, route: Route) -> float:
        return await self._of_model(route, self._services.engine.reading_speed)

    async def _of_model(self, route: Route, figure: Callable[[str], float]) -> float:
        """Return a figure of the route's model, for a job without one of the model its role names; 0 for none."""
        name = route.model or self._services.engine.own_model(route.role)

        async def look() -> float:
            return figure(name) if name else 0.0

        return await self._on_main(look())

    async def search(self, query: str, limit: int = 8) -> Evidence:
        return await self._evidence(self._services.memory.search(query, limit))

    async def quote(self, query: str, limit: int = 4, prefer: Sequence[str] = ()) -> Evidence:
        return await self._evidence(self._services.memory.quote(query, limit, prefer))

    async def summary(self, path: str, sentences: int = 7) -> Evidence:
        return await self._evidence(self._services.memory.summary(path, sentences))

    async def find_document(self, text: str) -> str | None:
        return await self._on_main(self._services.memory.find_document(text))

    async def turns(self, limit: int = 6) -> Sequence[Turn]:
        if not self._request.conversation:
            return ()
        return await self._on_main(self._services.history.turns(self._request.conversation, limit))

    async def remember(self, text: str) -> Fact:
        return await self._on_main(self._services.memory.remember(text))

    async def facts(self, query: str = "", limit: int = 50) -> Sequence[Fact]:
        return await self._on_main(self._services.memory.facts(query, limit))

    async def forget_fact(self, fact_id: str) -> None:
        await self._on_main(self._services.memory.forget_fact(fact_id))

    async def approve(self, question: str, yes: str) -> bool:
        return await self._on_main(self._ask_user(question, yes))

    async def _ask_user(self, question: str, yes: str) -> bool:
        approval = Approval(id=uuid4().hex, question=question, yes=yes, risk=Risk.MEDIUM)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._trace.approvals[approval.id] = answer
        self._trace.emit(approval)
        try:
            return await answer
        finally:
            del self._trace.approvals[approval.id]

    async def _evidence(self, asked: Awaitable[Evidence]) -> Evidence:
        return await self._on_main(self._inspect_evidence(asked))

    async def _inspect_evidence(self, asked: Awaitable[Evidence]) -> Evidence:
        """Return the evidence after the inspectors saw its passages. Raises NotAllowed when one blocks them."""
        evidence = await asked
        self._trace.search_ms += evidence.ms
        if evidence.note:
            self._trace.emit(Status(text=evidence.note))
        passages = (*evidence.passages, *(quote.passage for quote in evidence.quotes))
        self._trace.passages.update({(p.path, p.page, p.start): p for p in passages})
        if passages:
            verdict = await self._services.inspect(Exchange(passages=passages), self._request.id)
            if verdict.blocks:
                raise NotAllowed(
                    f"What memory holds about this was blocked: {verdict.reason}.", "See the activity window."
                )
            if verdict.risk >= Risk.MEDIUM:
                self._trace.emit(Flagged(verdict=verdict, stage="context"))
        return evidence

    async def _on_main(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        with self._trace.busy():
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), self._main))


class Run(ABC):
    """One run of a plugin's code for a request, begun by `async with` and stopped at its end.

    `what` names the code in messages ("The role x"); `audit_fields` go into the lines about approvals.
    """

    silence_s: ClassVar[float]  # longest that the plugin may give nothing while it waits for nothing of ours

    def __init__(
        self, services: Services, request: Request, *, owner: str, what: str, job: str = "", **audit_fields: str
    ) -> None:
        self._services, self._request, self._what = services, request, what
        self._owner, self._job, self._audit_fields = owner, job, audit_fields
        self._items: asyncio.Queue[Any] = asyncio.Queue()  # for the user; None after the last one of the plugin
        self._trace = Trace(emit=self._items.put_nowait)
        self._task: asyncio.Task[None] | None = None

    @property
    def id(self) -> str:
        """The id of the request, which all records about this run share."""
        return self._request.id

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def approve(self, approval_id: str, yes: bool) -> None:
        """Answer one of this run's approvals; others are ignored."""
        waiting = self._trace.approvals.get(approval_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(yes)
            event = "action_approved" if yes else "action_denied"
            self._services.audit.write(event, run_id=self.id, **self._audit_fields)

    def cancel(self) -> None:
        """Stop the plugin's code; what follows it still comes."""
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        try:
            await self._plugin_work()
        finally:
            self._items.put_nowait(None)

    @abstractmethod
    async def _plugin_work(self) -> None:
        """Run the plugin's code (`_in_sandbox`), and put what the user gets of it into `_items`."""

    async def _in_sandbox[I](self, items: Callable[[BoundHost], AsyncIterator[I]], take: Callable[[I], None]) -> None:
        """Run the plugin's code in the sandbox until it ends; `take` gets what it yields. Raises what it raises."""
        main = asyncio.get_running_loop()
        host = BoundHost(self._owner, self._services, self._request, self._trace, main, self._job)
        running = self._services.running_code
        foreign = self._owner in running.stamps
        with running.during(self._owner, self._what) if foreign else nullcontext():
            await self._services.loop.run(
                self._what,
                lambda: items(host),
                take,
                silence_s=self.silence_s,
                waiting=lambda: self._trace.waiting > 0,
                memory_mb=sandbox.MEMORY_MB if foreign else 0,
            )
