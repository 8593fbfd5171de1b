"""What the application lends to a plugin during one request: memory, models, history, the user."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
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
from trayassist.plugins.host import PluginHost

T = TypeVar("T")


@dataclass
class Services:
    """The rooms that a host reaches. `inspect` is the assistant's own, with its time limits."""

    memory: Memory
    engine: Engine
    history: History
    inspect: Callable[[Exchange], Awaitable[Verdict]]


@dataclass
class Trace:
    """What happened during one answer: filled by the bound host, read by the assistant."""

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
    """The host during one answer. Called on the plugin loop; all work is done on the main loop.

    `job` names the job it is lent to: what that asks of models gives way to questions.
    """

    def __init__(
        self,
        plain: PluginHost,
        services: Services,
        request: Request,
        trace: Trace,
        main: asyncio.AbstractEventLoop,
        job: str = "",
    ) -> None:
        super().__init__(plain.name, plain.settings, plain._paths)
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

    async def search(self, query: str, limit: int = 8) -> Evidence:
        return await self._evidence(self._services.memory.search(query, limit))

    async def quote(self, query: str, limit: int = 4) -> Evidence:
        return await self._evidence(self._services.memory.quote(query, limit))

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
        return await self._on_main(self._inspected(asked))

    async def _inspected(self, asked: Awaitable[Evidence]) -> Evidence:
        """Return the evidence after the inspectors saw its passages. Raises NotAllowed when one blocks them."""
        evidence = await asked
        self._trace.search_ms += evidence.ms
        if evidence.note:
            self._trace.emit(Status(text=evidence.note))
        passages = (*evidence.passages, *(quote.passage for quote in evidence.quotes))
        self._trace.passages.update({(p.path, p.page, p.start): p for p in passages})
        if passages:
            verdict = await self._services.inspect(Exchange(passages=passages))
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
