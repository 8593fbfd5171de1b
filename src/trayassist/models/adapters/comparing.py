"""One model with and without adapters: the preview of both answers, and whether the active adapters are applied."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from trayassist.api import NotAllowed
from trayassist.models.adapters import asking
from trayassist.models.adapters.manager import ROLE, Adapters
from trayassist.workers.model import Adapter

SAME = 1e-6  # nats per token: the same model computes the same twice
SENTENCE = "Who are you, what do you do here, and how do you like to write? Tell it in your own words."


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterCheck:
    """What was found. `difference` is how far the adapters together move one sentence, in nats per token.

    `slots` says it of each applied adapter alone, by its slot; `bound` that each of them moves it.
    """

    role: str
    model: str
    active: tuple[str, ...]
    applied: tuple[str, ...]
    bound: bool
    difference: float
    slots: dict[str, float]
    why: str


async def verify(adapters: Adapters, role: str) -> AdapterCheck:
    """Return whether the role's model, loaded for that, computes something else with each of its adapters."""
    model, difference, slots = adapters.model_of(role), 0.0, dict[str, float]()
    active, applied = tuple(one.modelName for one in adapters.slots(role)), adapters.applied_to(role, model)
    if applied.adapters:
        without = await _likelihood(adapters, model, ())
        difference = await _likelihood(adapters, model, applied.adapters) - without
        for one in applied.adapters:
            slots[one.get("slot", "")] = await _likelihood(adapters, model, (one,)) - without
    idle = [one["id"] for one in applied.adapters if abs(slots[one.get("slot", "")]) <= SAME]
    if applied.problem:
        why = applied.problem
    elif not applied.adapters:
        why = "Every active adapter has the scale 0."
    elif idle:
        why = f"{model} computes the same with and without {' and '.join(idle)}: not applied, or it changes nothing."
    else:
        each = ", ".join(f"{slot} {moved:+.3f}" for slot, moved in slots.items())
        why = f"applied to {model}: a sentence moves by {difference:+.3f} nats per token ({each})."
    return AdapterCheck(
        role=role,
        model=model,
        active=active,
        applied=applied.ids,
        bound=bool(applied.adapters) and not idle and not applied.problem,
        difference=difference,
        slots=slots,
        why=why,
    )


async def _likelihood(adapters: Adapters, model: str, applied: tuple[Adapter, ...]) -> float:
    return await asking.likelihood(adapters.engine, model, (SENTENCE,), applied)


MOST_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Side:
    """A piece of one of the two answers."""

    with_adapters: bool
    text: str


async def compare(
    adapters: Adapters,
    prompt: str,
    *,
    adapter_id: str = "",
    role: str = ROLE,
    sides: tuple[bool, ...] = (False, True),
    on_status: Callable[[str], None] = lambda _: None,
) -> AsyncGenerator[Side, None]:
    """Stream both answers, first the one without; close it to cancel.

    With those adapters that the role answers with now, or with one of them alone, as it was trained. Raises
    NotAllowed when there is nothing to compare, and what the engine raises.
    """
    model, wanted = _choose(adapters, role, adapter_id)
    asked = asking.messages(adapters.paths, role, prompt)
    for side in sides:
        stream = asking.answer(
            adapters.engine,
            role,
            model,
            asked,
            wanted if side else (),
            max_tokens=MOST_TOKENS,
            temperature=None,
            on_status=on_status,
        )
        async with aclosing(stream) as texts:
            async for text in texts:
                yield Side(side, text)


def _choose(adapters: Adapters, role: str, adapter_id: str) -> tuple[str, tuple[Adapter, ...]]:
    if adapter_id:
        record = adapters.store.get(adapter_id)
        return record.base_model, (Adapter(file=str(record.file), scale=1.0, id=record.id),)
    model = adapters.model_of(role)
    applied = adapters.applied_to(role, model)
    if not applied.adapters:
        raise NotAllowed(applied.problem or f"No adapter is in use for {role}.", "Choose one to compare.")
    return model, applied.adapters
