"""What the application lends to a plugin: at load its settings, during an answer all of memory and models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
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
    TrayassistError,
    Turn,
    Verdict,
)
from trayassist.paths import Paths, shipped
from trayassist.safety import redaction

if TYPE_CHECKING:
    from trayassist.memory.history import History
    from trayassist.memory.store import Memory
    from trayassist.models.engine import Engine

T = TypeVar("T")


class PluginHost:
    """A host that is bound to no request: settings and prompts. Everything else is refused in words."""

    def __init__(self, name: str, settings: Mapping[str, Any], paths: Paths) -> None:
        self.name, self._paths = name, paths
        self._settings = MappingProxyType(dict(settings))

    @property
    def settings(self) -> Mapping[str, Any]:
        return self._settings

    def prompt(self, name: str) -> str:
        """Return the prompt's text. Raises TrayassistError when there is none of that name."""
        for folder in (self._paths.config / "prompts", shipped("config/prompts")):
            file = folder / f"{name}.md"
            if file.parent.resolve() in file.resolve().parents and file.is_file():
                return file.read_text(encoding="utf-8").strip()
        raise TrayassistError(f"There is no prompt “{name}”.", f"Put {name}.md into {self._paths.config / 'prompts'}.")

    def redact(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Return the text with secrets masked, and the kinds of secrets that were in it."""
        return redaction.redact_kinds(text)

    async def in_thread(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.to_thread(function, *args)

    def generate(
        self, route: Route, messages: Sequence[Message], *, grammar: str = "", schema: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Chunk]:
        raise self._too_early()

    async def search(self, query: str, limit: int = 8) -> Evidence:
        raise self._too_early()

    async def quote(self, query: str, limit: int = 4) -> Evidence:
        raise self._too_early()

    async def summary(self, path: str, sentences: int = 7) -> Evidence:
        raise self._too_early()

    async def find_document(self, text: str) -> str | None:
        raise self._too_early()

    async def turns(self, limit: int = 6) -> Sequence[Turn]:
        raise self._too_early()

    async def remember(self, text: str) -> Fact:
        raise self._too_early()

    async def facts(self, query: str = "", limit: int = 50) -> Sequence[Fact]:
        raise self._too_early()

    async def forget_fact(self, fact_id: str) -> None:
        raise self._too_early()

    async def approve(self, question: str, yes: str) -> bool:
        raise self._too_early()

    def _too_early(self) -> TrayassistError:
        return TrayassistError(
            f"The plugin {self.name} asked for this while it was loading.", "It may only while answering."
        )


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


def host_for(name: str, settings: Mapping[str, Mapping[str, Any]], paths: Paths) -> PluginHost:
    """Return the plain host of the plugin `name` with its own section of the settings."""
    return PluginHost(name, settings.get(name, {}), paths)
