"""What registry.yaml must not say, beyond its shape: names that stand for nothing, premium models where none may be.

Only the registry itself is looked at here; checks/files.py looks at the model files, checks/advice.py advises.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from trayassist.api import Kind
from trayassist.config import Key
from trayassist.models.registry.schema import Registry

Level = Literal["error", "warning", "note"]
How = Literal["model", "fallback", "draft"]

CORE_ROLES = ("watchdog", "embedder", "reranker")  # used by the application itself; all others come from plugins
BY_RULES = ("watchdog", "curator")  # roles that work by rules: they ask no model, whether one is named or not
NO_MODEL = "works by its rules, without a model"  # what lists say of them
CHATTING = ("persona", "curator")  # roles that a mathematics model is refused for (S1-09)


@dataclass(frozen=True, slots=True)
class RegistryProblem:
    """Something wrong at a key. An error keeps the registry from being used; `what` and `todo` are sentences."""

    level: Level
    key: Key
    what: str
    todo: str


@dataclass(frozen=True, slots=True)
class Use:
    """A place where the registry names a model. `role` and `job`: who would use it, or ""."""

    key: Key
    model: str
    how: How
    role: str = ""
    job: str = ""


def uses(registry: Registry) -> Iterator[Use]:
    """Yield every place that names a model, the roles first."""
    for role, settings in registry.roles.items():
        at: Key = ("roles", role)
        if settings.model:
            yield Use((*at, "model"), settings.model, "model", role)
        for index, name in enumerate(settings.fallback):
            yield Use((*at, "fallback", index), name, "fallback", role)
        if settings.acceleration.draft:
            yield Use((*at, "acceleration", "draft", "model"), settings.acceleration.draft.model, "draft", role)
        if not settings.model and (shared := _share_problems(registry, role)) in registry.models:
            yield Use((*at, "share_with"), shared, "model", role)
    for mode, described in registry.modes.items():
        for role, choices in described.roles.items():
            first = min((choice.priority for choice in choices or ()), default=0)
            for index, choice in enumerate(choices or ()):
                how: How = "model" if choice.priority == first else "fallback"
                if choice.model:
                    yield Use(("modes", mode, "roles", role, index, "model"), choice.model, how, role)
    yield from _elsewhere(registry)


def _elsewhere(registry: Registry) -> Iterator[Use]:
    """Yield where jobs and chains name models."""
    for job, wanted in registry.jobs.items():
        if wanted.model:
            yield Use(("jobs", job, "model"), wanted.model, "model", job=job)
    for kind, chain in registry.routing.escalation.chains.items():
        for index, name in enumerate(chain):
            yield Use(("routing", "escalation", "chains", kind, index), name, "fallback")


def _share_problems(registry: Registry, role: str) -> str:
    """Return the model that the role has through share_with, or ""."""
    seen, other = {role}, registry.role(role).share_with
    while other is not None and other not in seen:
        if model := registry.role(other).model:
            return model
        seen.add(other)
        other = registry.role(other).share_with
    return ""


def problems(registry: Registry) -> list[RegistryProblem]:
    """Return what is wrong with the registry itself, in the order of the file's parts."""
    return [
        *_providers(registry),
        *_names(registry),
        *_premium(registry),
        *_kinds(registry),
        *_sharing(registry),
        *_experts(registry),
        *_modes(registry),
        *_chains(registry),
    ]


def unknown_roles(
    registry: Registry, roles: Collection[str], jobs: Collection[str], shipped: Registry, *, some_off: bool
) -> list[RegistryProblem]:
    """Return the roles and jobs that neither a plugin nor the application knows; the shipped ones are left out.

    `some_off` says that plugins are off or broken: then a name may be one of theirs, and that is only a warning.
    """
    known = {*roles, *CORE_ROLES, *shipped.roles}
    level: Level = "warning" if some_off else "error"
    places: list[tuple[Key, str]] = [(("roles", role), role) for role in registry.roles]
    for mode, described in registry.modes.items():
        places += [(("modes", mode, "roles", role), role) for role in described.roles]
    found = [
        RegistryProblem(
            level, key, f"No plugin has a role “{role}” (“{dotted_key(key)}”).", near(role, known, "Known roles")
        )
        for key, role in places
        if role not in known
    ]
    found += [
        RegistryProblem(
            level, ("jobs", job), f"No plugin has a job “{job}” (“jobs.{job}”).", near(job, jobs, "Known jobs")
        )
        for job in registry.jobs
        if job not in jobs
    ]
    for model, granted in registry.policy.premium_allowlist.items():
        key = ("policy", "premium_allowlist", model)
        found += [
            RegistryProblem(
                level,
                (*key, index),
                f"“{name}” is neither a role nor a job (“{dotted_key(key)}”).",
                near(name, {*known, *jobs}, "Known"),
            )
            for index, name in enumerate(granted)
            if name not in known and name not in jobs
        ]
    return found


def near(name: str, known: Collection[str], label: str) -> str:
    """Return the nearest right name as a question, or all of them."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean “{close[0]}”?" if close else f"{label}: {', '.join(sorted(known)) or 'none yet'}."


def dotted_key(key: Key) -> str:
    """Return the key as it is written in messages."""
    return ".".join(str(part) for part in key if not isinstance(part, int))


# ---------------------------------------------------------------- the rules


def _providers(registry: Registry) -> Iterator[RegistryProblem]:
    for name, provider in registry.providers.items():
        if provider.enabled and provider.api == "openai" and not provider.base_url:
            key: Key = ("providers", name)
            yield RegistryProblem(
                "error", key, f"“providers.{name}.base_url” is missing.", "Write the server's address."
            )
    for name, model in registry.models.items():
        if model.provider not in registry.providers:
            yield RegistryProblem(
                "error",
                ("models", name, "provider"),
                f"“models.{name}.provider” is {model.provider!r}, which is not described.",
                near(model.provider, registry.providers, "Described under “providers:”"),
            )
            continue
        needed = {"llama_cpp": "file", "openai": "remote_id"}.get(registry.provider(name).api)
        if needed and not getattr(model, needed):
            what = "the name of its GGUF file" if needed == "file" else "the model's name at its provider"
            yield RegistryProblem(
                "error", ("models", name), f"“models.{name}.{needed}” is missing.", f"Write {what} there."
            )


def _names(registry: Registry) -> Iterator[RegistryProblem]:
    for use in uses(registry):
        if use.model not in registry.models:
            yield _no_model(registry, use.key, use.model)
    for model in registry.policy.premium_allowlist:
        if model not in registry.models:
            yield _no_model(registry, ("policy", "premium_allowlist", model), model)
    if registry.mode not in registry.modes:
        todo = near(registry.mode, registry.modes, "Described under “modes:”")
        yield RegistryProblem("error", ("mode",), f"There is no mode '{registry.mode}' (“mode”).", todo)


def _no_model(registry: Registry, key: Key, name: str) -> RegistryProblem:
    what = f"Model '{name}' not found in registry (“{dotted_key(key)}”)."
    todo = near(name, registry.models, "Describe it under “models:”. Described")
    return RegistryProblem("error", key, what, todo)


def _premium(registry: Registry) -> Iterator[RegistryProblem]:
    """S2-04, S2-05: only where the allowlist names the role or job, and never in place of another."""
    for use in uses(registry):
        if use.model not in registry.models or registry.provider(use.model).kind != "premium":
            continue
        place = dotted_key(use.key)
        if use.how != "model":
            what = (
                f"Model '{use.model}' costs money, and never drafts (“{place}”)."
                if use.how == "draft"
                else f"Model '{use.model}' costs money, and never answers in place of another (“{place}”)."
            )
            todo = "A model that costs money is asked only where it is named first; name a local one here."
            yield RegistryProblem("error", use.key, what, todo)
            continue
        kind, name = ("job", use.job) if use.job else ("role", use.role)
        if name not in registry.policy.premium_allowlist.get(use.model, ()):
            todo = f"Name a local model, or add {name} to “policy.premium_allowlist.{use.model}”."
            what = f"Model '{use.model}' costs money, and the {kind} '{name}' may not use it (“{place}”)."
            yield RegistryProblem("error", use.key, what, todo)


def _kinds(registry: Registry) -> Iterator[RegistryProblem]:
    for use in uses(registry):
        model = registry.models.get(use.model)
        if model is None:
            continue
        if model.kind == "math" and use.role in CHATTING and use.how != "draft":
            yield RegistryProblem(
                "error",
                use.key,
                f"Model '{use.model}' is for mathematics, and the role '{use.role}' chats (“{dotted_key(use.key)}”).",
                "Name an instruct model; a mathematics model answers badly elsewhere.",
            )
        if use.how == "draft" and registry.provider(use.model).api != "llama_cpp":
            what = f"Model '{use.model}' is no file of this machine, and cannot draft (“{dotted_key(use.key)}”)."
            yield RegistryProblem("error", use.key, what, "Name a small GGUF model of the same vocabulary.")
        if use.how == "draft" and use.model == registry.role(use.role).model:
            what = f"Model '{use.model}' would draft for itself (“{dotted_key(use.key)}”)."
            yield RegistryProblem("error", use.key, what, "Name a much smaller model of the same vocabulary.")


def _sharing(registry: Registry) -> Iterator[RegistryProblem]:
    for role, settings in registry.roles.items():
        key: Key = ("roles", role, "share_with")
        other = settings.share_with
        if other is None:
            continue
        if other not in registry.roles:
            what = f"“{dotted_key(key)}” is '{other}', which is no role here."
            yield RegistryProblem("error", key, what, near(other, registry.roles, "Roles"))
            continue
        chain = [role]
        while other is not None and other not in chain:
            chain.append(other)
            other = registry.role(other).share_with
        if other == role:
            what = f"“{dotted_key(key)}” goes in a circle: {' → '.join([*chain, role])}."
            yield RegistryProblem(
                "error", key, what, "Give one of these roles a model of its own, and take its share_with out."
            )


def _experts(registry: Registry) -> Iterator[RegistryProblem]:
    for role, settings in registry.roles.items():
        if settings.full_experts and settings.acceleration.moe:
            key: Key = ("roles", role, "acceleration", "moe", "experts")
            what = f"The role '{role}' says full_experts, and “{dotted_key(key)}” would leave some out."
            yield RegistryProblem("error", key, what, "Take one of the two out.")


def _chains(registry: Registry) -> Iterator[RegistryProblem]:
    """S0-23: a chain leads from one model to another, for a kind of question that there is."""
    for kind, chain in registry.routing.escalation.chains.items():
        key: Key = ("routing", "escalation", "chains", kind)
        if kind not in tuple(Kind):
            yield RegistryProblem(
                "error", key, f"“{dotted_key(key)}” is no kind of question.", near(kind, tuple(Kind), "Kinds")
            )
        if len(set(chain)) < len(chain):
            yield RegistryProblem(
                "error", key, f"“{dotted_key(key)}” names a model twice.", "Name each once, the smallest first."
            )
        if len(chain) == 1:
            yield RegistryProblem(
                "error", key, f"“{dotted_key(key)}” has one model only.", "Name the one that is asked next, too."
            )


def _modes(registry: Registry) -> Iterator[RegistryProblem]:
    for mode, described in registry.modes.items():
        for role, choices in described.roles.items():
            if choices is not None and len(choices) > 1 and not all(choice.model for choice in choices):
                key: Key = ("modes", mode, "roles", role)
                what = f"“{dotted_key(key)}” has several choices, and one names no model."
                yield RegistryProblem("error", key, what, "Name a model in each, or write one choice only.")
