"""Which models a request to download means: by name, by how long they stay loaded, or the stack that is proposed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from trayassist.api import NotAllowed
from trayassist.models.catalog.entries import FILLS, slug
from trayassist.models.catalog.fetch_plan import Want
from trayassist.models.catalog.stacks import Candidate, Recommendation, StackChoice, Stacks
from trayassist.models.registry.resolve import file_of
from trayassist.models.registry.schema import Model, Registry
from trayassist.paths import Paths

TierName = Literal["hot", "warm", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A described model whose file nobody can fetch: where the user is to put it, and what it must be."""

    model: str
    put: str
    sha256: str = ""

    @property
    def says(self) -> str:
        """What to do."""
        sum_ = f" Its sha256 is to be {self.sha256}." if self.sha256 else ""
        return f"{self.model} names no source to fetch it from: put its file at {self.put}.{sum_}"


def by_name(name: str, registry: Registry, stacks: Stacks, *, repo: str = "", file: str = "") -> Want:
    """Return the model of that name: a described one with a source, one of the stacks, or `file` of `repo`.

    It is given to the roles of its kind that have no model. Raises NotAllowed, in words.
    """
    if repo:
        return _want_from_hub(name, repo, file, registry)
    if (model := registry.models.get(name)) is not None:
        if model.source is None:
            raise NotAllowed(
                f"{name} names no source to fetch it from.", f"Write models.{name}.source, or put its file there."
            )
        return _want_of(name, model)
    candidate = stacks.models.get(name)
    if candidate is None:
        known = [*registry.models, *stacks.models]
        close = difflib.get_close_matches(name, known, n=1)
        todo = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(known)}; or give --repo and --file."
        raise NotAllowed(f"There is no model {name} to fetch.", todo)
    return from_stack(name, candidate, _free(candidate.kind, registry))


def missing(paths: Paths, registry: Registry, tier: TierName) -> tuple[list[Want], list[ByHand]]:
    """Return the described models of a tier whose file is not there: those to fetch, and those to put there by hand.

    The tier of a model is the hottest of its roles; `warm` means the warm and the hot ones. Looks at the disk.
    """
    wants: list[Want] = []
    by_hand: list[ByHand] = []
    for name, model in registry.models.items():
        file = file_of(paths, model)
        if registry.provider(name).api != "llama_cpp" or file.is_file() or not _in_tier(name, registry, tier):
            continue
        if model.source is None:
            by_hand.append(ByHand(model=name, put=str(file), sha256=model.sha256))
        else:
            wants.append(_want_of(name, model))
    return wants, by_hand


def of_stack(recommendation: Recommendation, registry: Registry) -> list[Want]:
    """Return the models of a proposed stack, each with the roles it is proposed for; one that is here is left out."""
    roles: dict[str, tuple[str, ...]] = {}
    for choice in recommendation.choices:
        roles[choice.name] = (*roles.get(choice.name, ()), *choice.roles)
    candidates = {choice.name: choice.candidate for choice in recommendation.choices}
    settings: dict[str, dict[str, Any]] = {}
    for choice in recommendation.choices:
        settings.setdefault(choice.name, {}).update(_settings(choice, recommendation, registry))
    return [
        from_stack(name, candidates[name], given, settings[name])
        for name, given in roles.items()
        if name not in registry.models or not all(registry.role(role).model == name for role in given)
    ]


def from_stack(
    name: str, candidate: Candidate, roles: Sequence[str] = (), settings: Mapping[str, Any] | None = None
) -> Want:
    """Return a model of the stacks with its description."""
    entry: Mapping[str, Any] = {
        "kind": candidate.kind,
        "family": candidate.family,
        "params_b": candidate.params_b,
        "license": candidate.license,
    }
    return Want(
        name=name, repo=candidate.repo, file=candidate.file, entry=entry, roles=tuple(roles), settings=settings or {}
    )


def _settings(choice: StackChoice, found: Recommendation, registry: Registry) -> dict[str, Any]:
    """Return what the estimate of a choice rests on and the registry does not say yet: context, residence, cache."""
    result: dict[str, Any] = {}
    defaults = registry.runtime_defaults
    for role in choice.roles:
        settings = registry.role(role)
        if choice.hot and settings.residency != "hot":
            result[f"roles.{role}.residency"] = "hot"
        if choice.slot != "embedder" and (settings.context_length or defaults.context_length) > choice.context:
            result[f"roles.{role}.context_length"] = choice.context
    if choice.slot == "worker" and defaults.conversation_cache_mb > found.conversation_cache_mb:
        result["runtime_defaults.conversation_cache_mb"] = found.conversation_cache_mb
    return result


def _want_of(name: str, model: Model) -> Want:
    assert model.source is not None
    source = model.source
    return Want(name=name, repo=source.repo, file=source.file, revision=source.revision, sha256=model.sha256)


def _want_from_hub(name: str, repo: str, file: str, registry: Registry) -> Want:
    if not file.endswith(".gguf"):
        raise NotAllowed(f"“{file}” is no GGUF file.", "Name a .gguf file of the repository with --file.")
    called = name or slug(Path(file).stem)
    if called in registry.models:
        raise NotAllowed(f"There is a model {called} already.", "Give this one another name.")
    return Want(name=called, repo=repo, file=file)


def _free(kind: str, registry: Registry) -> tuple[str, ...]:
    return tuple(r for r in FILLS.get(kind, ()) if not (registry.role(r).model or registry.role(r).share_with))


def _in_tier(name: str, registry: Registry, tier: TierName) -> bool:
    found = {role.residency for role in registry.roles.values() if name in (role.model, *role.fallback)}
    if tier == "all":
        return True
    return "hot" in found or (tier == "warm" and "warm" in found)
