"""Who answers when a model cannot, or answers badly: its fallbacks, and the next model of its chain.

A model may stand in for another only when it passed the smoke tasks (F-05). A fallback answers when a model fails
before its first piece; the next of a chain (S0-23) when an answer is empty or breaks its form, as often as `tries`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from trayassist.api import Chunk, Message, ModelUnavailable, TrayassistError, WorkerDied
from trayassist.models.registry.schema import Escalation, Registry
from trayassist.models.serving import smoke
from trayassist.models.serving.calls import Call, Usages
from trayassist.models.serving.generation import Generation
from trayassist.models.serving.smoke import Smoke
from trayassist.safety.audit import Audit

Said = Callable[[str], None]

RETRY_TEMPERATURE = 0.4  # asked the same at temperature 0 a model would say the same


@dataclass(frozen=True, slots=True)
class Chain:
    """Streams answers of a call's model, or of those that may answer in its stead."""

    registry: Callable[[], Registry]
    generation: Generation
    smoke: Smoke
    usages: Usages
    audit: Audit

    async def stream(self, call: Call, fallbacks: tuple[str, ...], on_status: Said) -> AsyncGenerator[Chunk, None]:
        """Stream the answer of the call's model, or of the first fallback that can, if it fails before its first piece.

        Raises ModelUnavailable or WorkerDied when none can, TrayassistError when the prompt is too long, the time
        limit is over, or no model of the chain kept the form.
        """
        failed: TrayassistError | None = None
        refused: list[str] = []
        for name in dict.fromkeys((call.configured, *fallbacks)):
            if failed is not None:
                if unfit := await self._unfit(name, call, on_status):
                    refused.append(f"{name} was not asked: {unfit.removesuffix('.')}.")
                    continue
                problem = " ".join((f"{call.actual} could not answer: {failed.what}", *refused))
                call = replace(call, actual=name, problem=problem)
                on_status(f"{call.problem} Asking {name}")
            streamed = False
            try:
                async with aclosing(self._checked(call, on_status)) as chunks:
                    async for chunk in chunks:
                        streamed = True
                        yield chunk
                return
            except (ModelUnavailable, WorkerDied) as error:
                if streamed:
                    raise
                failed = error
        assert failed is not None
        if refused:
            raise ModelUnavailable(" ".join((failed.what, *refused)), failed.todo) from failed
        raise failed

    async def _checked(self, call: Call, on_status: Said) -> AsyncGenerator[Chunk, None]:
        """Stream an answer that passes its checks: the model is asked again, then the next of its chain (S0-23).

        Without a chain the answer is what the model says. What is bound to a schema comes once it is whole.
        """
        settings, why = self.registry().routing.escalation, ""
        steps = _steps(settings, call)
        for name in (call.actual, *steps):
            if why:
                if await self._unfit(name, call, on_status):
                    continue
                call = replace(call, actual=name, problem=f"{why}.")
                on_status(f"asked {name} because {why}")
            for attempt in range(settings.tries if steps else 1):
                held: list[Chunk] = []
                text = ""
                async with aclosing(self.generation.answer(_again(call, attempt), on_status)) as chunks:
                    async for chunk in chunks:
                        text += "" if chunk.thought else chunk.text
                        if steps and call.schema is not None:
                            held.append(chunk)
                        else:
                            yield chunk
                if not steps or not (check := self._failed(call, text)):
                    for chunk in held:
                        yield chunk
                    return
            why = f"{name} failed the {check} check{_times(settings.tries)}"
        raise TrayassistError(f"{why}.", "Ask in other words, or pick another model.")

    def _failed(self, call: Call, text: str) -> str:
        """Return the check that an answer fails, or "". One that was cut at its limit is not empty but too long."""
        if call.schema is not None:
            return "" if _keeps(call.schema, text) else "format"
        usage = self.usages.get(call.request_id)
        return "empty-answer" if not text.strip() and usage is not None and usage.finish == "stop" else ""

    # ------------------------------------------------------------ who may stand in

    async def _unfit(self, name: str, call: Call, on_status: Said) -> str:
        """Return why a model may not stand in for the call's, in words; "" when it may. It may be asked first."""
        if name not in self.registry().models or not self.smoke.is_needed(name):
            return ""  # said when it is asked
        if (known := self.smoke.known(name)) is None:
            on_status(f"{name} is given three small tasks before it answers instead")
            try:
                known = await self.smoke.examine(name, lambda prompt: self._answer_to(prompt, name, call, on_status))
            except (ModelUnavailable, WorkerDied):
                return ""  # it cannot answer at all, which the call itself will say
            except TrayassistError as error:  # too slow now, which is not for good
                return self._said_unfit(name, call, f"it did not get through the smoke tasks: {error.what}", on_status)
        return self._said_unfit(name, call, known.unfit, on_status) if known.unfit else ""

    def _said_unfit(self, name: str, call: Call, why: str, on_status: Said) -> str:
        on_status(f"{name} is not asked: {why}")
        self.audit.write("fallback_refused", run_id=call.request_id, role=call.role, model=name, reason=why)
        return why

    async def _answer_to(self, prompt: str, name: str, call: Call, on_status: Said) -> str:
        """Return what the model says to a smoke task; no more of it than can be right."""
        asked, text = _task(prompt, name, call), ""
        async with aclosing(self.generation.answer(asked, on_status)) as chunks:
            async for chunk in chunks:
                text += "" if chunk.thought else chunk.text
                if len(text) > smoke.ENOUGH:
                    break
        return text


def _task(prompt: str, name: str, call: Call) -> Call:
    """Return the call that gives a smoke task to a model, with the settings of the role but its own sampling."""
    own = {key: getattr(smoke.ASKED, key) for key in ("temperature", "max_tokens", "seed")}
    settings = call.settings.model_copy(update={**own, "stop": (), "unload_after": False})
    return Call(
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


def _steps(settings: Escalation, call: Call) -> tuple[str, ...]:
    """Return the models after the call's in the chain for its kind of question; none when it is in no chain."""
    chain = settings.chains.get(call.kind, ())
    return chain[chain.index(call.actual) + 1 :][: settings.most] if call.actual in chain else ()


def _again(call: Call, attempt: int) -> Call:
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
    except ValueError:
        return False
    if schema.get("type") != "object":
        return True
    return isinstance(found, dict) and set(schema.get("required", ())) <= set(found)


def _times(count: int) -> str:
    return {1: "", 2: " twice"}.get(count, f" {count} times")
