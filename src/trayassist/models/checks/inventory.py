"""What is installed and who uses it, as a page to keep (S1-19), and a line in the audit log when that changes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.config.state_file import StateFile
from trayassist.models.gguf import header as gguf
from trayassist.models.gguf.estimate import gb
from trayassist.models.registry.resolve import file_of, resolve
from trayassist.models.registry.rules import BY_RULES
from trayassist.models.registry.schema import Registry
from trayassist.models.serving.providers import host, leaves_machine
from trayassist.paths import Paths
from trayassist.safety.audit import Audit

logger = logging.getLogger(__name__)
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryEntry:
    """A model as the inventory lists it. `roles` are those it answers for in the mode in force, fallbacks too."""

    name: str
    provider: str
    source: str
    kind: str
    quant: str
    license: str
    bytes: int
    roles: tuple[str, ...]
    fallback_of: tuple[str, ...]


def entries(paths: Paths, registry: Registry) -> list[InventoryEntry]:
    """Return every described model, in the order of the registry. Reads headers: not for the Qt thread."""
    first, after = _users(registry)
    return [_entry(paths, registry, name, first.get(name, ()), after.get(name, ())) for name in registry.models]


def as_markdown(listed: Sequence[InventoryEntry], registry: Registry, day: str) -> str:
    """Return the inventory of `day` as a page in Markdown."""
    head = f"# Models on this machine\n\n{day}, mode {registry.mode}\n\n"
    if not listed:
        return f"{head}No model is described.\n"
    rows = [
        "| Model | Roles | Fallback of | Kind | Quantization | Size | Licence | From |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in listed:
        size = gb(one.bytes) if one.bytes else "–"
        cells = (one.name, _words(one.roles), _words(one.fallback_of), one.kind, one.quant or UNKNOWN, size)
        row = (*cells, one.license or UNKNOWN, f"{one.source} ({one.provider})")
        rows.append(f"| {' | '.join(cell.replace('|', '\\|') for cell in row)} |")
    return head + "\n".join(rows) + "\n"


def record(paths: Paths, registry: Registry, audit: Audit) -> bool:
    """Write an audit line when models, roles, the mode or the machines that may be asked are others than before.

    Return whether they are. Before and after hold only what differs, by dotted key. Changes made while nothing ran are
    seen at the next start.
    """
    kept = StateFile(paths.data / "models-seen.json", dict[str, Any], "the next start will say again what changed")
    now, before = _facts(registry), kept.read()
    if now == before:
        return False
    keys = sorted(key for key in {*now, *before} if now.get(key) != before.get(key))
    audit.write(
        "models_changed",
        before={key: before[key] for key in keys if key in before},
        after={key: now[key] for key in keys if key in now},
    )
    kept.keep(now)
    return True


def _entry(
    paths: Paths, registry: Registry, name: str, roles: tuple[str, ...], fallback_of: tuple[str, ...]
) -> InventoryEntry:
    model = registry.models[name]
    quant, size = model.quant, 0
    if model.file and registry.provider(name).api == "llama_cpp":
        try:
            header = gguf.read(file_of(paths, model), "any")
            quant, size = header.quant or quant, header.file_bytes
        except ModelUnavailable:
            quant = quant or "file missing"
    return InventoryEntry(
        name=name,
        provider=model.provider,
        source=model.file or model.remote_id or "–",
        kind=model.kind,
        quant=quant,
        license=model.license,
        bytes=size,
        roles=roles,
        fallback_of=fallback_of,
    )


def _users(registry: Registry) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return which roles each model answers for first, and which only in place of another; none that asks no model."""
    first: dict[str, tuple[str, ...]] = {}
    after: dict[str, tuple[str, ...]] = {}
    for role in registry.roles:
        if role in BY_RULES:
            continue
        try:
            found = resolve(registry, role)
        except TrayassistError:
            continue  # off in this mode, or without a model
        first[found.model] = (*first.get(found.model, ()), role)
        for name in found.fallbacks:
            after[name] = (*after.get(name, ()), role)
    return first, after


def _facts(registry: Registry) -> dict[str, Any]:
    facts: dict[str, Any] = {"mode": registry.mode} if registry.models else {}
    for name, model in registry.models.items():
        facts[f"models.{name}"] = model.model_dump(
            mode="json", exclude_defaults=True, include={"provider", "file", "remote_id", "kind", "quant", "sha256"}
        )
    for role, settings in registry.roles.items():
        used = settings.model_dump(mode="json", exclude_defaults=True, include={"model", "share_with", "fallback"})
        if used:
            facts[f"roles.{role}"] = used
    for name, provider in registry.providers.items():
        if provider.enabled and leaves_machine(provider):
            facts[f"providers.{name}"] = {"enabled": True, "host": host(provider)}
    return facts


def _words(names: Sequence[str]) -> str:
    return ", ".join(names) or "–"
