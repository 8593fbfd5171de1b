"""Says which model answers for a role, with which settings, and why (S4-08, S4-09).

A call's own override goes before the user's pin, then a job's model, then the mode, then the role itself. A role
that is null in the mode in force is off: nothing answers in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trayassist.api import ConfigError, ModelUnavailable, NotAllowed, TrayassistError
from trayassist.models.registry.schema import Adjustment, Choice, Model, Registry, RoleSettings
from trayassist.paths import Paths

ADJUSTED = ("temperature", "max_tokens", "timeout_s", "stop", "seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Which model answers for a role. `reason` says in words why this one.

    `settings` are the role's with the mode's and the call's changes in them; temperature, max_tokens and timeout_s
    are never None. `fallbacks` are local models, each once and without `model`, in the order they are asked.
    """

    role: str
    model: str
    settings: RoleSettings
    fallbacks: tuple[str, ...]
    mode: str
    reason: str


def resolve(
    registry: Registry,
    role: str,
    override: Adjustment | None = None,
    pin: str | None = None,
    *,
    job: str = "",
    mode: str | None = None,
) -> Resolved:
    """Return the model and settings of a role. `mode` is the one in force when None.

    Raises ConfigError for an unknown mode, NotAllowed for a role that is off in the mode and for a premium model
    outside the allowlist, ModelUnavailable when no model is named or the named one is not described.
    """
    mode = mode or registry.mode
    choices = _choices(registry, mode, role)
    if choices is None:
        raise NotAllowed(f"The role '{role}' is disabled in mode '{mode}'.", "Choose another mode, or another role.")
    call = override or Adjustment()
    settings = registry.role(role)
    ways = (
        (call.model, "this call asks for it"),
        (pin, "you picked it"),
        (registry.jobs[job].model if job in registry.jobs else None, f"the job {job} names it"),
        *_ways(registry, mode, role, choices),
    )
    if not (found := next(((name, why) for name, why in ways if name), None)):
        raise ModelUnavailable(
            f"No model found for role '{role}'.",
            f"Choose one for the role {role} in Settings, Models, or in registry.yaml.",
        )
    model, reason = found
    check_allowed(registry, model, role, job)
    return Resolved(
        role=role,
        model=model,
        settings=_merge(registry, settings, next(iter(choices), Choice()), call),
        fallbacks=_fallbacks(registry, choices, settings, model),
        mode=mode,
        reason=reason,
    )


def model_of(registry: Registry, role: str) -> str | None:
    """Return the model that answers for a role in the mode in force by itself; None when none does, or none may."""
    with suppress(TrayassistError):
        choices = _choices(registry, registry.mode, role)
        ways = () if choices is None else _ways(registry, registry.mode, role, choices)
        if name := next((name for name, _ in ways if name), None):
            check_allowed(registry, name, role)
            return name
    return None


def why_off(registry: Registry, role: str) -> str:
    """Return in words that the role is off in the mode in force, "" when it is on."""
    if _choices(registry, registry.mode, role) is not None:
        return ""
    return f"The role {role} is switched off in the mode {registry.mode}."


def check_allowed(registry: Registry, model: str, role: str, job: str = "") -> None:
    """Raise ModelUnavailable for a model that is not described, NotAllowed for a premium one without a grant."""
    if model not in registry.models:
        raise ModelUnavailable(
            f"Model '{model}' not found in registry.", "Add it in Settings, Models (models in registry.yaml)."
        )
    if registry.provider(model).kind != "premium":
        return
    allowed = registry.policy.premium_allowlist.get(model, ())
    if role not in allowed and (not job or job not in allowed):
        kind, name = ("job", job) if job else ("role", role)
        raise NotAllowed(
            f"Model '{model}' costs money, and the {kind} '{name}' may not use it.",
            f"Choose a local model, or name the {kind} under “policy.premium_allowlist.{model}”.",
        )


def _choices(registry: Registry, mode: str, role: str) -> tuple[Choice, ...] | None:
    """Return what the mode says of the role, the lowest priority number first; None when the role is off."""
    if mode not in registry.modes:
        raise ConfigError(f"There is no mode '{mode}'.", f"Described under “modes:”: {', '.join(registry.modes)}.")
    choices = registry.modes[mode].roles.get(role, ())
    return None if choices is None else tuple(sorted(choices, key=lambda choice: choice.priority))


def _ways(registry: Registry, mode: str, role: str, choices: tuple[Choice, ...]) -> Iterator[tuple[str | None, str]]:
    """Yield the models that the mode and the role name, the one that goes first before, and why each."""
    yield choices[0].model if choices else None, f"the mode {mode} names it"
    yield from _own(registry, mode, role)


def _own(registry: Registry, mode: str, role: str) -> list[tuple[str | None, str]]:
    """Return the role's own model and why, through `share_with`; a shared role lends the model of this mode."""
    ways: list[tuple[str | None, str]] = [(registry.role(role).model, f"it is the model of the role {role}")]
    seen, name = {role}, registry.role(role).share_with
    while name is not None and name not in seen:
        seen.add(name)
        models = [choice.model for choice in _choices(registry, mode, name) or ()]
        ways += [(model, f"it is shared with the role {name}") for model in (*models, registry.role(name).model)]
        name = registry.role(name).share_with
    return ways


def _fallbacks(registry: Registry, choices: tuple[Choice, ...], settings: RoleSettings, model: str) -> tuple[str, ...]:
    """Return the mode's other choices, then the role's own; what is not local is left out."""
    names = dict.fromkeys((*(choice.model for choice in choices if choice.model), *settings.fallback))
    return tuple(name for name in names if name != model and _local(registry, name))


def _merge(registry: Registry, settings: RoleSettings, choice: Choice, call: Adjustment) -> RoleSettings:
    defaults = registry.runtime_defaults
    found = {
        "temperature": defaults.temperature,
        "max_tokens": defaults.max_tokens,
        "timeout_s": defaults.timeout_s,
    }
    for part in (settings, choice, call):
        found |= {key: value for key in ADJUSTED if (value := getattr(part, key)) is not None}
    return settings.model_copy(update=found)


def _local(registry: Registry, name: str) -> bool:
    return name in registry.models and registry.provider(name).kind == "local"


def file_of(paths: Paths, model: Model) -> Path:
    """Return where the model's file should be."""
    return path_of(paths.models, model.file)


def path_of(models: Path, name: str) -> Path:
    """Return where a file that registry.yaml names should be: in the folder `models`, where it is not absolute or ~."""
    try:
        return models / Path(name).expanduser()
    except RuntimeError:  # "~old.gguf": no user is called so, the file is
        return models / name
