"""Makes models answer: one answer at a time, within the role's time limit, by its fallbacks when a model fails."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from trayassist.api import Chunk, Message, ModelUnavailable, TrayassistError, WorkerDied
from trayassist.models.registry import Registry, RoleSettings
from trayassist.models.residency import Loaded, Residency
from trayassist.paths import Paths
from trayassist.safety.audit import Audit
from trayassist.workers.model import Sampling
from trayassist.workers.pool import Worker

USAGES_KEPT = 100


@dataclass(frozen=True, slots=True)
class Usage:
    """How one request used models. Times in ms. `fallback` says in words why another model answered, or is empty.

    `trimmed` counts the oldest turns that were left out; `finish` is stop, length or empty (it was given up).
    """

    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_per_s: float = 0.0
    cached_tokens: int = 0
    queue_ms: float = 0.0
    load_ms: float = 0.0
    first_ms: float = 0.0
    trimmed: int = 0
    finish: str = ""
    drafted: int = 0
    accepted: int = 0
    speculation_off: str = ""
    fallback: str = ""


class Engine:
    """The models of the registry, loaded on demand."""

    def __init__(self, paths: Paths, registry: Registry, audit: Audit) -> None:
        self._paths, self._registry, self._audit = paths, registry, audit
        self._residency = Residency(paths, registry, audit)
        self._heavy = asyncio.Lock()  # one heavy generation at a time (S2-07)
        self._usages: OrderedDict[str, Usage] = OrderedDict()

    def model_for(self, role: str) -> str | None:
        """Return the role's model when it, or a fallback that can answer in its place, has its file; else None."""
        settings = self._registry.role(role)
        if settings.model is None:
            return None
        names = (settings.model, *settings.fallback)
        return settings.model if any(self._residency.file(name).is_file() for name in names) else None

    def why_not(self, role: str) -> str:
        """Return why the role's own model cannot answer, in words; "" when it can or none is named (F-27)."""
        name = self._registry.role(role).model
        if name is None or (file := self._residency.file(name)).is_file():
            return ""
        return f"The file of model {name} is missing: put it at {file}."

    def unavailable(self, role: str) -> ModelUnavailable:
        """Return the error for a role that has no model."""
        todo = f"Name one for the role {role} in {self._paths.registry}."
        return ModelUnavailable(self.why_not(role) or "There is no language model.", todo)

    def usage(self, request_id: str) -> Usage | None:
        """Return how a recent request used models, or None when it used none."""
        return self._usages.get(request_id)

    def loaded(self) -> list[Loaded]:
        """Return the models that are loaded now."""
        return self._residency.loaded()

    async def unload(self, name: str) -> None:
        """End the model's worker; its memory is free when this returns."""
        await self._residency.unload(name)

    async def stop(self) -> None:
        """End all workers."""
        await self._residency.stop()

    async def generate(
        self,
        role: str,
        model: str,
        messages: Sequence[Message],
        *,
        conversation: str = "",
        request_id: str = "",
        on_status: Callable[[str], None] = lambda _: None,
    ) -> AsyncGenerator[Chunk, None]:
        """Stream an answer of `model`, or of the role's declared fallbacks when it fails before its first piece.

        Close it (aclosing) to cancel; meanwhile others wait. Raises ModelUnavailable, WorkerDied, or TrayassistError
        when the prompt is too long or the role's time limit is over.
        """
        asked = time.perf_counter()
        if self._heavy.locked():
            on_status("waiting for another answer")
        async with self._heavy:
            call = _Call(
                role=role,
                configured=model,
                actual=model,
                settings=self._registry.role(role),
                messages=messages,
                conversation=conversation,
                request_id=request_id,
                queue_ms=(time.perf_counter() - asked) * 1e3,
            )
            async with aclosing(self._first_that_can(call, on_status)) as chunks:
                async for chunk in chunks:
                    yield chunk

    # ------------------------------------------------------------ inside

    async def _first_that_can(self, call: _Call, on_status: Callable[[str], None]) -> AsyncGenerator[Chunk, None]:
        failed: TrayassistError | None = None
        for name in dict.fromkeys((call.configured, *call.settings.fallback)):
            if failed is not None:
                call = replace(call, actual=name, problem=f"{call.actual} could not answer: {failed.what}")
                on_status(f"{call.problem} Asking {name}")
            streamed = False
            try:
                async with aclosing(self._one(call, on_status)) as chunks:
                    async for chunk in chunks:
                        streamed = True
                        yield chunk
                return
            except (ModelUnavailable, WorkerDied) as error:
                if streamed:
                    raise
                failed = error
        assert failed is not None
        raise failed

    async def _one(self, call: _Call, on_status: Callable[[str], None]) -> AsyncGenerator[Chunk, None]:
        """Stream an answer of exactly this model, within the role's time limit; write its audit line."""
        began = time.perf_counter()
        said = f"{call.problem} {call.actual} answered instead." if call.problem else ""
        usage = Usage(model=call.actual, queue_ms=call.queue_ms, fallback=said)
        problem: BaseException | None = None
        try:
            worker, load_ms = await self._residency.ready(call.actual, on_status)
            usage = replace(usage, load_ms=load_ms)
            async with aclosing(self._items(worker, call)) as items:
                async for item in items:
                    text, thought = item.pop("text", ""), item.pop("thought", False)
                    usage = replace(usage, **item)
                    if item.get("trimmed"):
                        on_status(f"earlier turns were left out ({usage.trimmed}): the model's context is full")
                    if text:
                        yield Chunk(text, thought=thought)
        except BaseException as error:
            problem = error
            raise
        finally:
            self._remember(call.request_id, usage)
            self._residency.rest(call.actual)
            self._record(call, usage, time.perf_counter() - began, problem)

    async def _items(self, worker: Worker, call: _Call) -> AsyncGenerator[dict[str, Any], None]:
        """Yield what the worker sends. Raises TrayassistError when the time limit is over (S3-01).

        The limit counts while the worker is waited for, and never interrupts the one who takes the items.
        """
        limit = call.settings.timeout_s or self._registry.runtime_defaults.timeout_s
        deadline = asyncio.get_running_loop().time() + limit
        stream = worker.stream("generate", messages=list(call.messages), sampling=self._sampling(call.settings))
        async with aclosing(stream) as items:
            while True:
                try:
                    async with asyncio.timeout_at(deadline):
                        item = await anext(items)
                except StopAsyncIteration:
                    return
                except TimeoutError as late:
                    raise TrayassistError(
                        f"The model {call.actual} did not finish within {limit:g} seconds.",
                        f"Raise timeout_s of the role {call.role}, or ask for less.",
                    ) from late
                yield item

    def _sampling(self, settings: RoleSettings) -> Sampling:
        defaults = self._registry.runtime_defaults
        return {
            "temperature": defaults.temperature if settings.temperature is None else settings.temperature,
            "max_tokens": settings.max_tokens or defaults.max_tokens,
            "stop": settings.stop,
            "seed": settings.seed,
            "grammar": "",
            "schema": None,
        }

    def _remember(self, request_id: str, usage: Usage) -> None:
        self._usages[request_id] = usage
        while len(self._usages) > USAGES_KEPT:
            self._usages.popitem(last=False)

    def _record(self, call: _Call, usage: Usage, seconds: float, problem: BaseException | None) -> None:
        self._audit.write(
            "llm_call",
            run_id=call.request_id,
            conversation=call.conversation or None,
            role=call.role,
            configured_model=call.configured,
            actual_model=call.actual,
            provider="llama_cpp",
            kind="local",
            messageCount=len(call.messages),
            tokensIn=usage.tokens_in,
            tokensOut=usage.tokens_out,
            tokensUsed=usage.tokens_in + usage.tokens_out,
            cachedTokens=usage.cached_tokens,
            trimmedTurns=usage.trimmed,
            ttftMs=usage.first_ms,
            latencyMs=seconds * 1e3,
            queueMs=usage.queue_ms,
            loadMs=usage.load_ms,
            fallback_from=call.configured if call.problem else None,
            fallback_reason=call.problem or None,
            cost=0,
            finish=usage.finish or None,
            success=problem is None,
            error=_in_words(problem),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request to one model. `problem` says why the model before this one could not answer."""

    role: str
    configured: str
    actual: str
    settings: RoleSettings
    messages: Sequence[Message]
    conversation: str
    request_id: str
    queue_ms: float
    problem: str = ""


def _in_words(problem: BaseException | None) -> str | None:
    if problem is None:
        return None
    if isinstance(problem, asyncio.CancelledError | GeneratorExit):
        return "cancelled"
    return problem.what if isinstance(problem, TrayassistError) else f"{type(problem).__name__}: {problem}"
