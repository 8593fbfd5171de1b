"""Whether a role can be answered by a model here and now, told without loading anything (F-27)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.models.registry.resolve import resolve
from trayassist.models.serving import providers
from trayassist.models.serving.plans import Planner


def model_for(planner: Planner, role: str, unfit: Callable[[str], str] = lambda _name: "") -> str | None:
    """Return the role's model when it, or a fallback, can be asked; None when none can or none is named.

    `unfit` says why a model is known not to be fit to stand in for another (F-05).
    """
    try:
        found = resolve(planner.registry, role)
    except TrayassistError:
        return None
    names = (found.model, *(name for name in found.fallbacks if not unfit(name)))
    return found.model if any(not missing(planner, role, name) for name in names) else None


def trouble(planner: Planner, failures: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each model that its roles have to do without: it is missing, or hot and does not load.

    `failures` say why models did not load.
    """
    without: dict[str, list[str]] = {}
    for role in planner.registry.roles:
        if (name := planner.model_of(role)) is None:
            continue
        why = missing(planner, role, name)
        if not why and planner.residence(name) == "hot":
            why = failures.get(name, "")
        if why:
            without.setdefault(why, []).append(role)
    return tuple(f"{', '.join(roles)}: {why}" for why, roles in without.items())


def why_not(planner: Planner, role: str) -> str:
    """Return why the role's own model cannot answer, in words; "" when it can or none is named."""
    try:
        return missing(planner, role, resolve(planner.registry, role).model)
    except ModelUnavailable:
        return ""
    except TrayassistError as error:
        return str(error)


def missing(planner: Planner, role: str, name: str) -> str:
    """Return why the role cannot ask a model: there is no file, or its provider may not be called; "" when it can."""
    if name not in planner.registry.models:
        return f"Model '{name}' not found in registry."
    file = planner.file(name)
    if file is not None and not file.is_file():
        return f"The file of model {name} is missing: put it at {file}."
    return providers.allowed(planner.registry, role, name)
