"""Advice on a valid registry.yaml: warnings of what has no effect or is unwise, notes on what is only worth knowing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trayassist.config import Key
from trayassist.models.checks.fitness import entry_tier, is_five_bit
from trayassist.models.registry.rules import BY_RULES, RegistryProblem, dotted_key, uses
from trayassist.models.registry.schema import Model, Registry, RoleSettings
from trayassist.models.serving.smoke import Smoke

INTENT = ("orchestrator", "router", "validator")  # roles that judge and do not talk (S4-28)
INTENT_TOKENS = 512  # longer answers are a talking role's
SMALL_B = 8  # a role in the light lane needs no more
TunedDepth = Callable[[str, str], int | None]


def advice(registry: Registry, tuned: TunedDepth = lambda _target, _draft: None) -> list[RegistryProblem]:
    """Return warnings and notes. `tuned` gives the drafted tokens measured best for a target and a draft (F-06)."""
    found = [problem for name in _uses(registry) for problem in _model(registry, name)]
    found += [
        one
        for role, settings in registry.roles.items()
        if role not in BY_RULES
        for one in _practice(registry, role, settings)
    ]
    return [*found, *overrides(registry, tuned), *_allowlist(registry)]


def overrides(registry: Registry, tuned: TunedDepth = lambda _target, _draft: None) -> list[RegistryProblem]:
    """Return the warnings about settings that override a measured value or have no effect (F-06, S0-18)."""
    found: list[RegistryProblem] = []
    for role, settings in registry.roles.items():
        if role in BY_RULES:
            found += _asks_none(role, settings)
            continue
        found += [*_forbids(registry, role, settings), *_sharing(registry, role, settings)]
        found += _no_effect(registry, role, settings)
        found += _speed_advice(role, settings, tuned)
    return found


def stand_ins(registry: Registry, smoke: Smoke) -> Iterator[RegistryProblem]:
    """Yield what is known of the models that may answer in place of another: unfit, or not asked yet (F-05)."""
    seen: set[tuple[str, str]] = set()
    for use in uses(registry):
        place = dotted_key(use.key)
        if use.how != "fallback" or use.model not in registry.models or (place, use.model) in seen:
            continue
        seen.add((place, use.model))
        if use.key[0] == "routing" and use.key[-1] == 0:
            continue  # the first of a chain stands in for none
        if not smoke.is_needed(use.model) or use.model == registry.role(use.role).model:
            continue
        if (known := smoke.find(use.model)) is None:
            what = f"Model '{use.model}' was not given the smoke tasks yet (“{place}”)."
            todo = f"It is when it is first needed there, or with: trayassist models bench {use.model}"
            yield RegistryProblem("note", use.key, what, todo)
        elif known.unfit:
            what = f"Model '{use.model}' never answers instead of another (“{place}”): {known.details}."
            yield RegistryProblem("warning", use.key, what, "Name another model there.")


def _no_effect(registry: Registry, role: str, settings: RoleSettings) -> Iterator[RegistryProblem]:
    """F-27: a fallback that is the role's own model, or is named twice, is none."""
    for index, name in enumerate(settings.fallback):
        key: Key = ("roles", role, "fallback", index)
        if name == settings.model:
            what = f"“{dotted_key(key)}” names '{name}', which is the role's own model."
            yield RegistryProblem("warning", key, what, "Take it out: it has no effect.")
        elif name in settings.fallback[:index]:
            yield RegistryProblem("warning", key, f"“{dotted_key(key)}” names '{name}' twice.", "Take one out.")


def _uses(registry: Registry) -> list[str]:
    return [name for name in dict.fromkeys(use.model for use in uses(registry)) if name in registry.models]


def _model(registry: Registry, name: str) -> Iterator[RegistryProblem]:
    model = registry.models[name]
    if not registry.provider(name).enabled:
        what = f"Model '{name}' is never asked: its provider '{model.provider}' is not enabled."
        yield RegistryProblem(
            "warning", ("models", name, "provider"), what, f"See “providers.{model.provider}.enabled”."
        )
    if not model.license and registry.provider(name).api == "llama_cpp":
        key: Key = ("models", name)
        what = f"The licence of model '{name}' is not known (“models.{name}.license”)."
        yield RegistryProblem("warning", key, what, "Check it before you use the model, and write it there.")
    if is_five_bit(model.quant):
        what = f"Model '{name}' is {model.quant}: 5-bit quantizations are not yet evaluated here."
        yield RegistryProblem("note", ("models", name, "quant"), what, "")


def _forbids(registry: Registry, role: str, settings: RoleSettings) -> Iterator[RegistryProblem]:
    """S0-18: the model's list wins over the role, and that is said."""
    model = registry.models.get(settings.model or "")
    if model is None:
        return
    wanted = {
        "draft": settings.acceleration.draft is not None,
        "prompt_lookup": settings.acceleration.prompt_lookup.enabled,
    }
    for part in model.forbid:
        if wanted.get(part):
            key: Key = ("roles", role, "acceleration", part)
            what = f"“{dotted_key(key)}” has no effect: “models.{settings.model}.forbid” names {part}{_why(model)}."
            yield RegistryProblem("warning", key, what, "Take it out of the role.")


def _why(model: Model) -> str:
    return f" ({model.quirks[-1].issue})" if model.quirks else ""


def _sharing(registry: Registry, role: str, settings: RoleSettings) -> Iterator[RegistryProblem]:
    if settings.share_with and settings.model and settings.model != registry.role(settings.share_with).model:
        key: Key = ("roles", role, "share_with")
        what = f"“{dotted_key(key)}” has no effect: the role names a model of its own."
        yield RegistryProblem("warning", key, what, "Take one of the two out.")


def _practice(registry: Registry, role: str, settings: RoleSettings) -> Iterator[RegistryProblem]:
    """S4-28, S1-14: small separate models judge, bigger ones talk."""
    key: Key = ("roles", role, "model")
    model = registry.models.get(settings.model or "")
    if role in INTENT:
        talking = registry.role("persona").model
        if talking and (settings.model == talking or settings.share_with == "persona"):
            what = f"The role '{role}' judges with the assistant's model (“{dotted_key(key)}”)."
            yield RegistryProblem("warning", key, what, "A small model of its own is faster, and judges from outside.")
        if (settings.max_tokens or 0) > INTENT_TOKENS:
            key = ("roles", role, "max_tokens")
            what = f"The role '{role}' judges, and may answer {settings.max_tokens} tokens (“{dotted_key(key)}”)."
            yield RegistryProblem(
                "warning", key, what, f"{INTENT_TOKENS} are plenty; long answers are the assistant's."
            )
    if model is None or not model.params_b:
        return
    if settings.lane == "light" and model.params_b > SMALL_B:
        what = f"Model '{settings.model}' has {model.params_b:.3g}B parameters, and the role '{role}' is a light one."
        yield RegistryProblem("warning", key, what, "Name the smallest model that does it.")
    if settings.lane == "heavy" and (label := entry_tier(model.params_b)):
        yield RegistryProblem("note", key, f"Model '{settings.model}' in the role '{role}': {label}.", "")


def _asks_none(role: str, settings: RoleSettings) -> Iterator[RegistryProblem]:
    """A model that is named for a role which works by rules: it is neither asked nor loaded."""
    for name in ("model", "share_with"):
        if getattr(settings, name):
            key: Key = ("roles", role, name)
            what = f"“{dotted_key(key)}” has no effect: the {role} works by its rules and asks no model."
            yield RegistryProblem("warning", key, what, "Take it out; nothing is loaded for it.")


def _speed_advice(role: str, settings: RoleSettings, tuned: TunedDepth) -> Iterator[RegistryProblem]:
    """F-06: a number written by hand over a measured one is used, and said."""
    draft = settings.acceleration.draft
    if draft is None or "k" not in draft.model_fields_set or not settings.model:
        return
    best = tuned(settings.model, draft.model)
    if best is not None and best != draft.k:
        key: Key = ("roles", role, "acceleration", "draft", "k")
        measure = f"{best} was measured best" if best else "speculation was measured not to pay"
        what = f"“{dotted_key(key)}” is {draft.k}, and for this pair {measure}."
        yield RegistryProblem("warning", key, what, "Take the key out to use what was measured.")


def _allowlist(registry: Registry) -> Iterator[RegistryProblem]:
    for name in registry.policy.premium_allowlist:
        if name in registry.models and registry.provider(name).kind != "premium":
            key: Key = ("policy", "premium_allowlist", name)
            what = f"“{dotted_key(key)}” has no effect: model '{name}' is not premium."
            yield RegistryProblem("warning", key, what, "Take it out.")
