"""Reads registry.yaml: the shipped one, the user's own key by key on top, and what both together must not say."""

from __future__ import annotations

import difflib

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import YamlFile
from trayassist.models.registry import Registry
from trayassist.paths import Paths, shipped

CHATTING = ("persona", "curator")  # roles that a mathematics model is refused for (S1-09)


def load(paths: Paths) -> Registry:
    """Return the registry in force. Raises ConfigError for an unknown key or a model that cannot be used so."""
    own = config.read_yaml(paths.registry)
    registry = config.merged(Registry, config.read_yaml(shipped("config/registry.yaml")), own)
    for name, model in registry.models.items():
        if model.provider not in registry.providers:
            raise ConfigError(
                f"{own.path}, line {own.line(('models', name, 'provider'))}: “models.{name}.provider” is "
                f"{model.provider!r}, which is not described.",
                f"Described under “providers:”: {', '.join(registry.providers)}.",
            )
    for role, settings in registry.roles.items():
        if settings.model:
            _check(registry, own, role, "model", settings.model)
        for name in settings.fallback:
            _check(registry, own, role, "fallback", name)
    return registry


def _check(registry: Registry, own: YamlFile, role: str, key: str, name: str) -> None:
    where = f"{own.path}, line {own.line(('roles', role, key))}"
    model = registry.models.get(name)
    if model is None:
        near = difflib.get_close_matches(name, registry.models, n=1)
        known = ", ".join(registry.models) or "none yet"
        raise ConfigError(
            f"{where}: Model '{name}' not found in registry (role '{role}').",
            f"Did you mean “{near[0]}”?" if near else f"Describe it under “models:”. Described: {known}.",
        )
    if model.kind == "math" and role in CHATTING:
        raise ConfigError(
            f"{where}: Model '{name}' is for mathematics, and the role '{role}' chats.",
            "Name an instruct model; a mathematics model answers badly elsewhere.",
        )
