"""An answer of one model: time limits, adapters, speculation, the audit line. Who else may answer: chain.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from trayassist.api import Chunk, ModelUnavailable, TrayassistError, WorkerDied
from trayassist.models.gguf.architectures import why_no_speculation
from trayassist.models.serving import providers
from trayassist.models.serving.breaker import Breaker
from trayassist.models.serving.calls import Call, Ran, Usage, Usages, adapter_id, record
from trayassist.models.serving.plans import Planner
from trayassist.models.serving.residency import Residency
from trayassist.models.serving.resident import Resident
from trayassist.safety.audit import Audit
from trayassist.workers.model import Adapter, AdapterUnavailable, Lookup
from trayassist.workers.pool import Worker

Said = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Generation:
    """Streams answers of single models that residency makes ready. `adapters_of` says what a role answers with.

    `adapters_problem` says in words why an adapter of the role is left out, "" when none is.

    `answered` is called with each call that was answered, and how it used its model.
    """

    planner: Planner
    residency: Residency
    breaker: Breaker
    usages: Usages
    audit: Audit
    adapters_of: Callable[[str, str], tuple[Adapter, ...]]
    adapters_problem: Callable[[str, str], str]
    answered: Callable[[Call, Usage], None]

    async def answer(self, call: Call, on_status: Said) -> AsyncGenerator[Chunk, None]:
        """Stream the answer of the call's model; when an adapter of the role fails, without it, which is said.

        An adapter that the call itself asks for is never left out: its error is raised. Raises ModelUnavailable or
        WorkerDied when the model cannot, TrayassistError when the prompt is too long or the time limit is over.
        """
        try:
            async with aclosing(self._one(call, on_status)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        except AdapterUnavailable as error:
            if call.adapters is not None:
                raise
            left_out = f"{error.what} {call.actual} answered without it."
        on_status(left_out)
        async with aclosing(self._one(replace(call, adapters=(), left_out=left_out), on_status)) as chunks:
            async for chunk in chunks:
                yield chunk

    def check(self, name: str, *askers: str, fallback: bool = False) -> None:
        """Raise ModelUnavailable for a model that rests, or whose provider none of the askers may call (F-04)."""
        self.planner.model(name)
        refused = [providers.allowed(self.planner.registry, one, name, fallback=fallback) for one in askers or ("",)]
        if all(refused):
            raise ModelUnavailable(refused[0])
        if resting := self.breaker.resting_s(name):
            raise ModelUnavailable(
                f"The model {name} failed three times in five minutes and rests for {resting:.0f} seconds.",
                f"Ask again then, or load it now with `trayassist models load {name}`.",
            )

    # ------------------------------------------------------------ one model

    async def _one(self, call: Call, on_status: Said) -> AsyncGenerator[Chunk, None]:
        """Stream an answer of exactly this model, within the time limit; write its audit line."""
        began = time.perf_counter()
        instead = f"{call.problem} {call.actual} answered instead." if call.problem else ""
        left_out = self.adapters_problem(call.role, call.actual) if call.adapters is None else call.left_out
        said = " ".join(part for part in (instead, left_out) if part)
        usage = Usage(model=call.actual, queue_ms=call.queue_ms, fallback=said)
        ran = self._ran(call)
        problem: BaseException | None = None
        try:
            self.check(call.actual, call.role, *filter(None, (call.job,)), fallback=bool(call.problem))
            lent = self.residency.use(call.actual, on_status, unload_after=call.settings.unload_after)
            async with lent as (resident, load_ms):
                if load_ms and resident.info and resident.info["base"]:
                    on_status(f"{call.actual} has no chat template: it is a base model and may ramble")
                ran, arguments = self._arguments(call, ran, resident)
                usage = replace(usage, load_ms=load_ms, adapters=tuple(map(adapter_id, ran.adapters)))
                usage = replace(usage, speculation_off=_left_off(call, resident))
                if host := providers.mark(self.planner.registry.provider(call.actual)):
                    usage = replace(usage, host=host)
                    on_status(f"asking {host}")
                async with aclosing(self._items(call, resident, arguments)) as items:
                    async for item in items:
                        text, thought = item.pop("text", ""), item.pop("thought", False)
                        usage = _with(usage, item)
                        if item.get("trimmed") or item.get("left_out"):
                            on_status(usage.trimming)
                        if text:
                            yield Chunk(text, thought=thought)
        except BaseException as error:
            problem = error
            raise
        finally:
            self.usages.keep(call.request_id, usage)
            record(self.audit, call, ran, usage, time.perf_counter() - began, problem)
            if problem is None:
                self.answered(call, usage)

    async def _items(
        self, call: Call, resident: Resident, arguments: dict[str, Any]
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yield what the worker sends. Raises TrayassistError when the time limit is over (S3-01).

        The limit counts while the worker works for this call, and never interrupts the one who takes the items.
        """
        assert resident.worker is not None
        async with resident.turn:
            deadline = asyncio.get_running_loop().time() + call.time_limit_s
            async with aclosing(self._stream(resident.worker, arguments)) as items:
                while True:
                    try:
                        async with asyncio.timeout_at(deadline):
                            item = await anext(items)
                    except StopAsyncIteration:
                        return
                    except TimeoutError as late:
                        self.breaker.failed(call.actual)
                        raise TrayassistError(
                            f"The model {call.actual} did not finish within {call.time_limit_s:g} seconds.",
                            f"Raise timeout_s of the role {call.role}, or ask for less.",
                        ) from late
                    except (ModelUnavailable, WorkerDied):
                        self.breaker.failed(call.actual)
                        raise
                    yield item

    def _stream(self, worker: Worker, arguments: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        return worker.stream("generate", **arguments)

    def _ran(self, call: Call) -> Ran:
        registry = self.planner.registry
        described = registry.models.get(call.actual)
        if described is None:
            return Ran()
        return Ran(provider=described.provider, kind=registry.provider(call.actual).kind)

    def _arguments(self, call: Call, ran: Ran, resident: Resident) -> tuple[Ran, dict[str, Any]]:
        """Return what the call runs with, and the worker's arguments; what is not asked for is not sent."""
        arguments: dict[str, Any] = {"messages": list(call.messages), "sampling": call.sampling()}
        if call.conversation:
            arguments["conversation"] = call.conversation
        header, options = resident.plan.header, resident.plan.options
        if header is None or options is None:
            return ran, arguments
        model = self.planner.model(call.actual)
        adapters = self.adapters_of(call.role, call.actual) if call.adapters is None else call.adapters
        if adapters and "adapters" not in model.forbid:
            arguments["adapters"] = adapters
            ran = replace(ran, adapters=adapters)
        lookup, refused = call.settings.acceleration.prompt_lookup, why_no_speculation(header.architecture, header.keys)
        if lookup.enabled and not refused and "prompt_lookup" not in model.forbid:
            arguments["lookup"] = Lookup(k=lookup.k, ngram=lookup.ngram)
            ran = replace(ran, k=lookup.k)
        if options.draft is not None:
            ran = replace(ran, draft=resident.plan.draft, k=options.draft.k)
        return ran, arguments


def _with(usage: Usage, item: dict[str, Any]) -> Usage:
    """Return the usage with what an item of the worker says; a reason that is known is not overwritten by none."""
    if "speculation_off" in item and not item["speculation_off"]:
        item = {name: value for name, value in item.items() if name != "speculation_off"}
    return replace(usage, **item)


def _left_off(call: Call, resident: Resident) -> str:
    """Return why the speculation that the role wants is left off for this model, or ""."""
    wanted = call.settings.acceleration
    return resident.plan.speculation if wanted.draft or wanted.prompt_lookup.enabled else ""
