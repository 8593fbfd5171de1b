"""Whether a role's active adapters are really applied by its loaded model, not only written down (S4-18, S4-32)."""

from __future__ import annotations

from dataclasses import dataclass

from trayassist.models.adapters import asking
from trayassist.models.adapters.manager import Adapters

SAME = 1e-6  # nats per token: the same model computes the same twice
SENTENCE = "Who are you, what do you do here, and how do you like to write? Tell it in your own words."


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found. `difference` is how far the adapters move one sentence, in nats per token."""

    role: str
    model: str
    active: tuple[str, ...]
    applied: tuple[str, ...]
    bound: bool
    difference: float
    why: str


async def verify(adapters: Adapters, role: str) -> Verified:
    """Return whether the role's model, loaded for that, computes something else with its adapters than without."""
    engine, model, difference = adapters.engine, adapters.model_of(role), 0.0
    active, applied = tuple(one.modelName for one in adapters.slots(role)), adapters.applied(role, model)
    if applied.adapters:
        without = await asking.likelihood(engine, model, (SENTENCE,), ())
        difference = await asking.likelihood(engine, model, (SENTENCE,), applied.adapters) - without
    moved = abs(difference) > SAME
    if applied.problem:
        why = applied.problem
    elif not applied.adapters:
        why = "Every active adapter has the scale 0."
    elif moved:
        why = f"applied to {model}: a sentence moves by {difference:+.3f} nats per token."
    else:
        why = f"{model} computes the same with and without: the adapters are not applied, or change nothing."
    bound = moved and not applied.problem
    return Verified(
        role=role, model=model, active=active, applied=applied.ids, bound=bound, difference=difference, why=why
    )
