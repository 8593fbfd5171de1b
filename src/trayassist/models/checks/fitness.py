"""How well a model fits what a role wants of it: green, amber or red, with the reasons (S0-15, S1-14, S1-18, S1-23).

Only red is ever refused, by the registry's rules; the colours are advice for the picker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from trayassist.api import TrayassistError
from trayassist.models.gguf import drafts
from trayassist.models.gguf import header as gguf
from trayassist.models.registry.resolve import check_allowed
from trayassist.models.registry.rules import CHATTING
from trayassist.models.registry.schema import Model, ModelKind, Needs, Registry
from trayassist.models.serving.state import ModelState

Colour = Literal["green", "amber", "red"]

REAL_WORKER_B = 13  # billions of parameters: below it is entry tier, which is a label and never a refusal (S1-14)
NO_WRITERS: tuple[ModelKind, ...] = ("embedding", "reranker", "draft")
OF_A_KIND: dict[ModelKind, str] = {
    "instruct": "an instruct model",
    "code": "a code model",
    "math": "a mathematics model",
    "base": "a base model",
    "embedding": "an embedding model",
    "reranker": "a model for the order of results",
    "draft": "a draft model",
    "guard": "a guard model",
    "vision": "a vision model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What is known of a model. `params_b` in billions, `context` in tokens; 0 or "" is unknown.

    `templated` says whether the file has a chat template, None while it is not there.
    """

    kind: ModelKind
    params_b: float = 0
    context: int = 0
    quant: str = ""
    license: str = ""
    templated: bool | None = None


@dataclass(frozen=True, slots=True)
class Fitness:
    """A colour and why, the gravest reason first. `label` is such as "small model (7B)", or empty."""

    colour: Colour
    reasons: tuple[str, ...]
    label: str = ""


def facts(model: Model, header: gguf.Header | None = None) -> ModelFacts:
    """Return what the registry says of a model, and its file where that is there and says more."""
    measured = round(drafts.parameters(header) / 1e9, 2) if header else 0
    return ModelFacts(
        kind=model.kind,
        params_b=model.params_b or measured,
        context=model.context_length or (header.context_length if header else 0),
        quant=(header.quant if header else "") or model.quant,
        license=model.license,
        templated=bool(header.chat_template) if header else None,
    )


def fitness(model: ModelFacts, needs: Needs, *, role: str = "", heavy: bool = True) -> Fitness:
    """Return how the model fits the role's needs; `heavy` says that the role is in the heavy lane, a real worker."""
    red = [*_refusals(model, needs, role)]
    amber = [*_doubts(model, needs)] if not red else []
    colour: Colour = "red" if red else "amber" if amber else "green"
    notes = ["5-bit quantization: not yet evaluated here."] if is_five_bit(model.quant) else []
    return Fitness(colour, (*red, *amber, *notes), entry_tier(model.params_b) if heavy and not red else "")


def answering_models(
    registry: Registry,
    states: Sequence[ModelState],
    role: str,
    limit: int,
    header: Callable[[str], gguf.Header | None],
) -> list[ModelState]:
    """Return the models that may answer for a role now: installed, fit for it, allowed, and within `limit` bytes."""

    def may(state: ModelState) -> bool:
        if state.problem or state.standing == "missing" or 0 < limit < state.estimated:
            return False
        try:
            check_allowed(registry, state.name, role)
        except TrayassistError:
            return False
        known = facts(registry.models[state.name], header(state.name))
        return fitness(known, registry.role(role).needs, role=role).colour != "red"

    return [state for state in states if may(state)]


def entry_tier(params_b: float) -> str:
    """Return the label of a model below the floor of a real worker, else ""."""
    return f"small model ({params_b:.2g}B)" if 0 < params_b < REAL_WORKER_B else ""


def is_five_bit(quant: str) -> bool:
    """Return whether the quantization is one of 5 bits (C-14)."""
    return quant.upper().startswith(("Q5", "IQ5"))


def _refusals(model: ModelFacts, needs: Needs, role: str) -> list[str]:
    what = OF_A_KIND[model.kind]
    if model.kind == "math" and role in CHATTING:
        return [f"It is {what}, and the role {role} chats."]
    if model.kind in needs.kinds:
        return []
    wants_no_writer = bool(needs.kinds) and all(kind in NO_WRITERS for kind in needs.kinds)
    if model.kind in NO_WRITERS or wants_no_writer:
        return [_another_kind(what, needs)]
    return []


def _doubts(model: ModelFacts, needs: Needs) -> list[str]:
    found = []
    if needs.kinds and model.kind not in needs.kinds:
        found.append(_another_kind(OF_A_KIND[model.kind], needs))
    writes = model.kind not in NO_WRITERS
    if writes and (model.templated is False or model.kind == "base"):
        found.append("It has no chat template: a base model goes on with a text and does not answer well.")
    if needs.min_params_b and not model.params_b:
        found.append("Its size is not known.")
    elif model.params_b < needs.min_params_b:
        found.append(f"It has {model.params_b:.2g}B parameters; the role wants {needs.min_params_b:.2g}B or more.")
    if needs.min_context and not model.context:
        found.append("Its context length is not known.")
    elif model.context < needs.min_context:
        found.append(f"Its context is {model.context:,} tokens; the role wants {needs.min_context:,}.")
    if not model.license:
        found.append("Its licence is not known: check it before you use it.")
    return found


def _another_kind(what: str, needs: Needs) -> str:
    """Return that a model is `what`, and what the role wants where it says so."""
    kinds = " or ".join(OF_A_KIND[kind] for kind in needs.kinds)
    return f"It is {what}; the role wants {kinds}." if kinds else f"It is {what}."
