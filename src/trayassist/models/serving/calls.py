"""One request to one model: what it asks, how it went, and its line in the audit log."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trayassist.api import Message, TrayassistError
from trayassist.api.words import count
from trayassist.models.registry.schema import Price, RoleSettings
from trayassist.safety.audit import Audit
from trayassist.workers.model import Adapter, Sampling

USAGES_KEPT = 100


@dataclass(frozen=True, slots=True)
class Usage:
    """How one request used models. Times in ms. `fallback` says in words why another model answered, or is empty.

    `trimmed` counts the oldest turns that were left out, `left_out` the passages and tools that had to leave too;
    `finish` is stop, length or empty (it was given up).
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
        counted = ((self.trimmed, "earlier turn"), (self.left_out, "passage"))
        parts = [count(number, what) for number, what in counted if number]
        return f"{' and '.join(parts)} left out: the model's context is full" if parts else ""

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
class Ran:
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
    audit: Audit, call: ModelCall, ran: Ran, usage: Usage, seconds: float, problem: BaseException | None
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
        error=in_words(problem),
    )


def _cost(ran: Ran, usage: Usage) -> float | None:
    """Return what a call cost by the described price; None for a premium model without one: it is not known."""
    if ran.price is None:
        return None if ran.kind == "premium" else 0
    return round((usage.tokens_in * ran.price.input + usage.tokens_out * ran.price.output) / 1e6, 6)


def _hash(messages: Sequence[Message]) -> str:
    """Return what tells one prompt from another without holding any of it."""
    text = "\0".join(f"{message.speaker}:{message.text}" for message in messages)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def in_words(problem: BaseException | None) -> str | None:
    """Return an error as a sentence; None for none."""
    if problem is None:
        return None
    if isinstance(problem, asyncio.CancelledError | GeneratorExit):
        return "cancelled"
    return problem.what if isinstance(problem, TrayassistError) else f"{type(problem).__name__}: {problem}"
