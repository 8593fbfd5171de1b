"""Answers of models: in the order of their lane, by fallbacks and chains, within time limits, each call audited.

A fallback answers when a model fails before its first piece; the next model of a chain when an answer is empty or
breaks its form. A model may stand in for another only when it passed the smoke tasks.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from trayassist.api import Chunk, Message, ModelUnavailable, TrayassistError, WorkerDied
from trayassist.api.words import count
from trayassist.models.adapters.applied import AdapterChoice
from trayassist.models.gguf.header import why_no_speculation
from trayassist.models.registry.schema import Escalation, Price, RoleSettings
from trayassist.models.serving import providers, smoke
from trayassist.models.serving.lanes import Queue, Ticket
from trayassist.models.serving.plans import Planner
from trayassist.models.serving.residency import Breaker, Residency, Resident
from trayassist.models.serving.smoke import Smoke
from trayassist.safety.audit import Audit
from trayassist.workers.model import Adapter, AdapterUnavailable, Lookup, Sampling

USAGES_KEPT = 100


@dataclass(frozen=True, slots=True)
class Usage:
    """How one request used models. Times in ms. `fallback` says in words why another model answered, or is empty.

    `trimmed` counts the oldest turns that were left out, `left_out` the passages and tools that had to leave too;
    `finish` is stop, length, loop or empty (it was given up).
    `host` was asked (or several, with commas), when that is another machine or costs money. `adapters` are the ids of
    those applied; `speculation` says how many drafted tokens were right, or why it was off.
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
    left_out: int = 0
    finish: str = ""
    drafted: int = 0
    accepted: int = 0
    speculation_off: str = ""
    fallback: str = ""
    adapters: tuple[str, ...] = ()
    host: str = ""

    @property
    def trimming(self) -> str:
        """What was left out of the prompt because the model's context is full, in words; "" for nothing (S1-17)."""
        if not (self.trimmed or self.left_out):
            return ""
        turns, passages = count(self.trimmed, "earlier turn"), count(self.left_out, "passage")
        parts = [what for number, what in ((self.trimmed, turns), (self.left_out, passages)) if number]
        return f"{' and '.join(parts)} left out: the model's context is full"

    @property
    def speculation(self) -> str:
        """How many drafted tokens were right, or why speculation was off; "" when none is set."""
        right = f"{self.accepted} of {self.drafted} drafted tokens were right" if self.drafted else ""
        return "; ".join(part for part in (right, self.speculation_off) if part)


class Usages:
    """How the last requests used models, by request."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Usage] = OrderedDict()

    def keep(self, request_id: str, usage: Usage) -> None:
        """Remember a usage, with the hosts that the request asked before; the oldest beyond a hundred go."""
        before = self._kept.get(request_id) if request_id else None
        hosts = [*before.host.split(", "), usage.host] if before is not None else [usage.host]
        self._kept[request_id] = replace(usage, host=", ".join(dict.fromkeys(filter(None, hosts))))
        while len(self._kept) > USAGES_KEPT:
            self._kept.popitem(last=False)

    def get(self, request_id: str) -> Usage | None:
        """Return how a request used models, or None when it used none."""
        return self._kept.get(request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One request to one model. `problem` says why the model before this one could not answer.

    `settings` have the mode's and the call's changes in them; `job` names the job that asks, "" for a question.
    `adapters` None: what the role's slots say; `left_out` says why these were left out. `kind` is the kind of question,
    "" where nobody asked one; `plain` says that nothing of the role's own settings was changed for this call.
    """

    role: str
    configured: str
    actual: str
    settings: RoleSettings
    mode: str
    messages: Sequence[Message]
    conversation: str = ""
    request_id: str = ""
    grammar: str = ""
    schema: Mapping[str, Any] | None = None
    adapters: tuple[Adapter, ...] | None = None
    job: str = ""
    kind: str = ""
    plain: bool = True
    queue_ms: float = 0.0
    problem: str = ""
    left_out: str = ""

    @property
    def time_limit_s(self) -> float:
        """The longest this may take, loading and waiting left out."""
        return self.settings.timeout_s or 0.0

    def sampling(self) -> Sampling:
        """Return how the answer is sampled."""
        settings = self.settings
        return {
            "temperature": settings.temperature or 0.0,
            "max_tokens": settings.max_tokens or 1,
            "stop": settings.stop,
            "seed": settings.seed,
            "grammar": self.grammar,
            "schema": self.schema,
        }


def adapter_id(adapter: Adapter) -> str:
    """Return the adapter's id: its own, or its file's name."""
    return adapter.get("id") or Path(adapter["file"]).stem


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """Where and with what a call ran: the provider and its kind, the adapters, the draft model (None without one).

    `price` is that of the model, None when none is described.
    """

    provider: str = ""
    kind: str = "local"
    price: Price | None = None
    adapters: tuple[Adapter, ...] = ()
    draft: str | None = None
    k: int = 0


def record(
    audit: Audit, call: ModelCall, ran: RunDetails, usage: Usage, seconds: float, problem: BaseException | None
) -> None:
    """Write the line of a model call (3.5), whose every field says what really was: model, adapters, mode (F-17)."""
    drafted = {"model": ran.draft, "k": ran.k, "proposed": usage.drafted, "accepted": usage.accepted}
    audit.write(
        "llm_call",
        run_id=call.request_id,
        conversation=call.conversation or None,
        role=call.role,
        configured_model=call.configured,
        actual_model=call.actual,
        provider=ran.provider,
        kind=ran.kind,
        host=usage.host or None,
        mode=call.mode,
        job=call.job or None,
        adapters=[{"id": adapter_id(one), "slot": one.get("slot"), "scale": one["scale"]} for one in ran.adapters],
        prompt_hash=_hash(call.messages),
        messageCount=len(call.messages),
        tokensIn=usage.tokens_in,
        tokensOut=usage.tokens_out,
        tokensUsed=usage.tokens_in + usage.tokens_out,
        cachedTokens=usage.cached_tokens,
        trimmedTurns=usage.trimmed,
        leftOut=usage.left_out,
        ttftMs=usage.first_ms,
        latencyMs=seconds * 1e3,
        queueMs=usage.queue_ms,
        loadMs=usage.load_ms,
        draft=drafted if ran.draft or usage.drafted else None,
        fallback_from=call.configured if call.problem else None,
        fallback_reason=call.problem or None,
        cost=_cost(ran, usage),
        finish=usage.finish or None,
        success=problem is None,
        error=_error_in_words(problem),
    )


def _cost(ran: RunDetails, usage: Usage) -> float | None:
    """Return what a call cost by the described price; None for a premium model without one: it is not known."""
    if ran.price is None:
        return None if ran.kind == "premium" else 0
    return round((usage.tokens_in * ran.price.input + usage.tokens_out * ran.price.output) / 1e6, 6)


def _hash(messages: Sequence[Message]) -> str:
    """Return what tells one prompt from another without holding any of it."""
    text = "\0".join(f"{message.speaker}:{message.text}" for message in messages)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _error_in_words(problem: BaseException | None) -> str | None:
    """Return an error as a sentence; None for none."""
    if problem is None:
        return None
    if isinstance(problem, asyncio.CancelledError | GeneratorExit):
        return "cancelled"
    return problem.what if isinstance(problem, TrayassistError) else f"{type(problem).__name__}: {problem}"


OnStatus = Callable[[str], None]

RETRY_TEMPERATURE = 0.4  # asked the same at temperature 0 a model would say the same


class RoleAdapters(Protocol):
    """Says which adapters a role answers with on a model."""

    def of(self, role: str, model: str) -> AdapterChoice: ...


@dataclass(slots=True)
class _Attempt:
    """One model that is asked. `checked` answers may be rejected: `error` or `flaw` then says why."""

    call: ModelCall
    checked: bool = False
    text: str = ""
    held: list[Chunk] = field(default_factory=list)
    error: TrayassistError | None = None
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Generation:
    """Streams answers. `answered` is called with each call that was answered, and how it used its model."""

    planner: Planner
    residency: Residency
    queue: Queue
    breaker: Breaker
    smoke: Smoke
    usages: Usages
    audit: Audit
    adapters: RoleAdapters
    answered: Callable[[ModelCall, Usage], None]

    def stream(self, call: ModelCall, fallbacks: tuple[str, ...], on_status: OnStatus) -> AsyncGenerator[Chunk, None]:
        """Return the stream of the call's answer, which begins when its lane and its role have room.

        It raises ModelUnavailable or WorkerDied when neither the model nor a fallback can answer, TrayassistError
        when the prompt is too long, the time limit is over, or no model of the chain kept the form.
        """
        ticket = Ticket(
            request_id=call.request_id,
            role=call.role,
            model=call.configured,
            lane=call.settings.lane,
            most=call.settings.max_concurrent,
            job=bool(call.job),
        )
        if call.job:
            return self._answer_job(call, fallbacks, ticket, on_status)
        return self._answer(call, fallbacks, on_status, ticket)

    def check(self, name: str, *askers: str, fallback: bool = False) -> None:
        """Raise ModelUnavailable for a model that rests, or whose provider none of the askers may call."""
        self.planner.model(name)
        refused = [
            providers.why_forbidden(self.planner.registry, one, name, fallback=fallback) for one in askers or ("",)
        ]
        if all(refused):
            raise ModelUnavailable(refused[0])
        if resting := self.breaker.resting_s(name):
            raise ModelUnavailable(
                f"The model {name} failed three times in five minutes and rests for {count(round(resting), 'second')}.",
                f"Ask again then, or load it now with `trayassist models load {name}`.",
            )

    # ------------------------------------------------------------ lanes

    async def _answer_job(
        self, call: ModelCall, fallbacks: tuple[str, ...], ticket: Ticket, on_status: OnStatus
    ) -> AsyncGenerator[Chunk, None]:
        """Stream the answer once it is whole: a job that gave way to a question begins again."""
        asked, chunks = time.perf_counter(), None
        while chunks is None:
            async with self.queue.place(ticket):
                call = replace(call, queue_ms=(time.perf_counter() - asked) * 1e3)
                work = asyncio.create_task(self._whole(call, fallbacks, on_status))
                ticket.give_up = work.cancel
                try:
                    chunks = await work
                except asyncio.CancelledError:
                    task = asyncio.current_task()
                    if not ticket.preempted or (task is not None and task.cancelling()):
                        raise
                    on_status("made way for a question, and begins again")
                finally:
                    ticket.give_up = None
                    work.cancel()
                    await asyncio.gather(work, return_exceptions=True)
        for chunk in chunks:
            yield chunk

    async def _whole(self, call: ModelCall, fallbacks: tuple[str, ...], on_status: OnStatus) -> list[Chunk]:
        async with aclosing(self._answer(call, fallbacks, on_status)) as chunks:
            return [chunk async for chunk in chunks]

    # ------------------------------------------------------------ who answers

    async def _answer(
        self, call: ModelCall, fallbacks: tuple[str, ...], on_status: OnStatus, ticket: Ticket | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Stream the answer of the first model that gives a good one; with a ticket, when its lane has room.

        After its first piece an answer is not begun again. One that is bound to a schema and checked comes whole.
        """
        asked, streamed = time.perf_counter(), False
        if ticket is not None and not self.queue.is_free(ticket):
            on_status("waiting for another answer")
        async with self.queue.place(ticket) if ticket is not None else nullcontext():
            if ticket is not None:
                call = replace(call, queue_ms=(time.perf_counter() - asked) * 1e3)
            async with aclosing(self._attempts(call, fallbacks, on_status)) as attempts:
                async for attempt in attempts:
                    hold = attempt.checked and call.schema is not None
                    try:
                        async with aclosing(self._ask(attempt.call, on_status)) as chunks:
                            async for chunk in chunks:
                                attempt.text += "" if chunk.thought else chunk.text
                                if hold:
                                    attempt.held.append(chunk)
                                else:
                                    streamed = True
                                    yield chunk
                    except (ModelUnavailable, WorkerDied, AdapterUnavailable) as error:
                        if streamed:
                            raise
                        attempt.error = error
                        continue
                    attempt.flaw = self._flaw(attempt) if attempt.checked else ""
                    if not attempt.flaw:
                        for chunk in attempt.held:
                            yield chunk
                        return

    async def _attempts(
        self, call: ModelCall, fallbacks: tuple[str, ...], on_status: OnStatus
    ) -> AsyncGenerator[_Attempt, None]:
        """Yield whom to ask, until an answer is taken: the model and its chain, then the same for each fallback.

        Whoever asks notes in the attempt how it went. Raises the first error when nobody is left.
        """
        failed: TrayassistError | None = None
        refused: list[str] = []
        for name in dict.fromkeys((call.configured, *fallbacks)):
            if failed is not None:
                if unfit := await self._why_unfit(name, call, on_status):
                    refused.append(f"{name} was not asked: {unfit.removesuffix('.')}.")
                    continue
                problem = " ".join((f"{call.actual} could not answer: {failed.what}", *refused))
                call = replace(call, actual=name, problem=problem)
                on_status(f"{call.problem} Asking {name}")
            try:
                async with aclosing(self._attempts_of_chain(call, on_status)) as attempts:
                    async for attempt in attempts:
                        yield attempt
            except (ModelUnavailable, WorkerDied) as error:
                failed = error
        assert failed is not None
        if refused:
            raise ModelUnavailable(" ".join((failed.what, *refused)), failed.todo) from failed
        raise failed

    async def _attempts_of_chain(self, call: ModelCall, on_status: OnStatus) -> AsyncGenerator[_Attempt, None]:
        """Yield the call's model, several times where its answer is checked, then the next of its chain.

        A model without the adapter that failed is asked once more, unless the call itself wants that adapter.
        """
        settings, why, flaw = self.planner.registry.routing.escalation, "", ""
        steps = _steps(settings, call)
        for name in (call.actual, *steps):
            if why:
                if await self._why_unfit(name, call, on_status):
                    continue
                call = replace(call, actual=name, problem=f"{why}.")
                on_status(f"asked {name} because {why}")
            for number in range(settings.tries if steps else 1):
                attempt = _Attempt(_again(call, number), checked=bool(steps))
                yield attempt
                if isinstance(attempt.error, AdapterUnavailable) and call.adapters is None:
                    left_out = f"{attempt.error.what} {call.actual} answered without it."
                    on_status(left_out)
                    attempt = _Attempt(replace(attempt.call, adapters=(), left_out=left_out), checked=bool(steps))
                    yield attempt
                if attempt.error is not None:
                    raise attempt.error
                flaw = attempt.flaw
            why = f"{name} failed the {flaw} check{_times(settings.tries)}"
        raise TrayassistError(f"{why}.", "Ask in other words, or pick another model.")

    def _flaw(self, attempt: _Attempt) -> str:
        """Return the check that an answer fails, or "". One that was cut at its limit is not empty but too long."""
        call = attempt.call
        if call.schema is not None:
            return "" if _keeps(call.schema, attempt.text) else "format"
        usage = self.usages.get(call.request_id)
        return "empty-answer" if not attempt.text.strip() and usage is not None and usage.finish == "stop" else ""

    # ------------------------------------------------------------ who may stand in

    async def _why_unfit(self, name: str, call: ModelCall, on_status: OnStatus) -> str:
        """Return why a model may not answer in place of the call's, in words; "" when it may. It may be tested first.

        A model that cannot be loaded counts as fit: the call itself will say what is wrong with it.
        """
        if name not in self.planner.registry.models or not self.smoke.is_needed(name):
            return ""
        if (known := self.smoke.find(name)) is None:
            on_status(f"{name} is given three small tasks before it answers instead")
            try:
                known = await self.smoke.examine(name, lambda prompt: self._answer_to(prompt, name, call, on_status))
            except (ModelUnavailable, WorkerDied):
                return ""
            except TrayassistError as error:  # such as too slow now: it is tested again the next time
                return self._refuse(name, call, f"it did not get through the smoke tasks: {error.what}", on_status)
        return self._refuse(name, call, known.unfit, on_status) if known.unfit else ""

    def _refuse(self, name: str, call: ModelCall, why: str, on_status: OnStatus) -> str:
        on_status(f"{name} is not asked: {why}")
        self.audit.write("fallback_refused", run_id=call.request_id, role=call.role, model=name, reason=why)
        return why

    async def _answer_to(self, prompt: str, name: str, call: ModelCall, on_status: OnStatus) -> str:
        """Return what the model says to a smoke task; no more of it than can be right."""
        text = ""
        async with aclosing(self._ask(_task(prompt, name, call), on_status)) as chunks:
            async for chunk in chunks:
                text += "" if chunk.thought else chunk.text
                if len(text) > smoke.ENOUGH:
                    break
        return text

    # ------------------------------------------------------------ one model

    async def _ask(self, call: ModelCall, on_status: OnStatus) -> AsyncGenerator[Chunk, None]:
        """Stream an answer of exactly this model, within the time limit; write its audit line.

        Raises AdapterUnavailable when an adapter cannot be applied, ModelUnavailable or WorkerDied when the model
        cannot answer, TrayassistError when the prompt is too long or the time limit is over.
        """
        began = time.perf_counter()
        applied = self._adapters_for(call)
        usage = Usage(model=call.actual, queue_ms=call.queue_ms, fallback=_why_other(call, applied))
        ran = self._describe_run(call)
        problem: BaseException | None = None
        try:
            self.check(call.actual, call.role, *filter(None, (call.job,)), fallback=bool(call.problem))
            lent = self.residency.use(call.actual, on_status, unload_after=call.settings.unload_after)
            async with lent as (resident, load_ms):
                ran, arguments = self._arguments(call, ran, resident, applied)
                usage = replace(
                    usage,
                    load_ms=load_ms,
                    adapters=tuple(map(adapter_id, ran.adapters)),
                    speculation_off=_left_off(call, resident),
                    host=providers.mark(self.planner.registry.provider(call.actual)),
                )
                for status in _statuses(resident, usage):
                    on_status(status)
                assert resident.worker is not None
                async with resident.turn, aclosing(resident.worker.stream("generate", **arguments)) as items:
                    deadline = asyncio.get_running_loop().time() + call.time_limit_s
                    while (item := await self._next(items, call, deadline)) is not None:
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

    async def _next(
        self, items: AsyncGenerator[dict[str, Any], None], call: ModelCall, deadline: float
    ) -> dict[str, Any] | None:
        """Return what the worker sends next, None at the end. Raises TrayassistError when the time limit is over.

        The limit counts while the worker works for this call, and never interrupts the one who takes the items.
        """
        try:
            async with asyncio.timeout_at(deadline):
                return await anext(items)
        except StopAsyncIteration:
            return None
        except TimeoutError as late:
            self.breaker.count_failure(call.actual)
            raise TrayassistError(
                f"The model {call.actual} did not finish within {count(call.time_limit_s, 'second')}.",
                f"Raise timeout_s of the role {call.role}, or ask for less.",
            ) from late
        except (ModelUnavailable, WorkerDied):
            self.breaker.count_failure(call.actual)
            raise

    def _adapters_for(self, call: ModelCall) -> AdapterChoice:
        """Return the adapters of the call: its own, else those of its role, and why one of these is left out."""
        if call.adapters is not None:
            return AdapterChoice(adapters=call.adapters, problem=call.left_out)
        return self.adapters.of(call.role, call.actual)

    def _describe_run(self, call: ModelCall) -> RunDetails:
        registry = self.planner.registry
        described = registry.models.get(call.actual)
        if described is None:
            return RunDetails()
        return RunDetails(provider=described.provider, kind=registry.provider(call.actual).kind, price=described.price)

    def _arguments(
        self, call: ModelCall, ran: RunDetails, resident: Resident, applied: AdapterChoice
    ) -> tuple[RunDetails, dict[str, Any]]:
        """Return what the call runs with, and the worker's arguments; what is not asked for is not sent."""
        arguments: dict[str, Any] = {"messages": list(call.messages), "sampling": call.sampling()}
        if call.conversation:
            arguments["conversation"] = call.conversation
        header, options = resident.plan.header, resident.plan.options
        if header is None or options is None:
            return ran, arguments
        model = self.planner.model(call.actual)
        if applied.adapters and "adapters" not in model.forbid:
            arguments["adapters"] = applied.adapters
            ran = replace(ran, adapters=applied.adapters)
        lookup, refused = call.settings.acceleration.prompt_lookup, why_no_speculation(header.architecture, header.keys)
        if lookup.enabled and not refused and "prompt_lookup" not in model.forbid:
            arguments["lookup"] = Lookup(k=lookup.k, ngram=lookup.ngram)
            ran = replace(ran, k=lookup.k)
        if options.draft is not None:
            ran = replace(ran, draft=resident.plan.draft, k=options.draft.k)
        return ran, arguments


def _why_other(call: ModelCall, applied: AdapterChoice) -> str:
    """Return in words why not the model or the adapters answer that were configured, or ""."""
    instead = f"{call.problem} {call.actual} answered instead." if call.problem else ""
    return " ".join(part for part in (instead, applied.problem) if part)


def _statuses(resident: Resident, usage: Usage) -> list[str]:
    """Return what to tell before a model answers."""
    found = [f"{usage.model} is loaded and reads the question"] if usage.load_ms else []
    if usage.load_ms and resident.info and resident.info["base"]:
        found.append(f"{usage.model} has no chat template: it is a base model and may ramble")
    if usage.host:
        found.append(f"asking {usage.host}")
    return found


def _with(usage: Usage, item: dict[str, Any]) -> Usage:
    """Return the usage with what an item of the worker says; a reason that is known is not overwritten by none."""
    if "speculation_off" in item and not item["speculation_off"]:
        item = {name: value for name, value in item.items() if name != "speculation_off"}
    return replace(usage, **item)


def _left_off(call: ModelCall, resident: Resident) -> str:
    """Return why the speculation that the role wants is left off for this model, or ""."""
    wanted = call.settings.acceleration
    return resident.plan.speculation if wanted.draft or wanted.prompt_lookup.enabled else ""


def _task(prompt: str, name: str, call: ModelCall) -> ModelCall:
    """Return the call that gives a smoke task to a model, with the settings of the role but its own sampling."""
    own = {key: getattr(smoke.ASKED, key) for key in ("temperature", "max_tokens", "seed")}
    settings = call.settings.model_copy(update={**own, "stop": (), "unload_after": False})
    return ModelCall(
        role=call.role,
        configured=name,
        actual=name,
        settings=settings,
        mode=call.mode,
        messages=(Message(speaker="user", text=prompt),),
        request_id=f"{call.request_id} smoke",
        adapters=(),
        job="smoke tasks",
    )


def _steps(settings: Escalation, call: ModelCall) -> tuple[str, ...]:
    """Return the models after the call's in the chain for its kind of question; none when it is in no chain."""
    chain = settings.chains.get(call.kind, ())
    return chain[chain.index(call.actual) + 1 :][: settings.most] if call.actual in chain else ()


def _again(call: ModelCall, attempt: int) -> ModelCall:
    """Return the call for another attempt: sampled otherwise, or the same would be said again."""
    if not attempt:
        return call
    warmer = max(call.settings.temperature or 0.0, RETRY_TEMPERATURE)
    seed = None if call.settings.seed is None else call.settings.seed + attempt
    return replace(call, settings=call.settings.model_copy(update={"temperature": warmer, "seed": seed}))


def _keeps(schema: Mapping[str, Any], text: str) -> bool:
    """Return whether a text is JSON of the schema's own type, with the keys that it asks for."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if schema.get("type") != "object":
        return True
    return isinstance(found, dict) and set(schema.get("required", ())) <= set(found)


def _times(count: int) -> str:
    return {1: "", 2: " twice"}.get(count, f" {count} times")
