"""Takes over a models.json: models with roles and modes, a fallback model, defaults of each role (S4-05, S4-06).

    {"registry": {"NAME": {"provider", "roles": [], "cognitiveModeMappings": {"MODE": {"priority", "temperature"}}}},
     "fallbackModel": "NAME",
     "roles": {"ROLE": {"defaultModel", "provider", "temperature", "maxTokens"}},
     "providers": {"ollama": {"baseUrl"}}}

What has no place here, or may not be taken over without the user, is left and said.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trayassist.api import ConfigError
from trayassist.config import yaml_edit
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Registry, url_problem
from trayassist.paths import Paths

PROVIDERS = {"ollama": "ollama", "openai": "openai", "mock": "mock"}
ROLES = {"embeddings": "embedder", "embedding": "embedder"}  # their names, ours
MODEL_KEYS = {"provider", "roles", "cognitiveModeMappings"}
ROLE_KEYS = {"defaultModel": "model", "temperature": "temperature", "maxTokens": "max_tokens"}
CHOICE_KEYS = {"priority", "temperature"}
NUMBERS: Mapping[str, tuple[float, float, bool]] = {  # least, most, whole
    "temperature": (0, 2, False),
    "max_tokens": (1, math.inf, True),
    "priority": (0, math.inf, True),
}
LONGEST = 100  # characters of a name, and of what is said of a value
TOP_KEYS = {"registry", "models", "fallbackModel", "roles", "providers"}


@dataclass
class ImportResult:
    """What an import did: the keys it set with their values, and what it left with the reason."""

    taken: dict[tuple[str, ...], Any] = field(default_factory=dict)
    left: list[tuple[str, str]] = field(default_factory=list)


def take_over(paths: Paths, file: Path, roles: Collection[str]) -> ImportResult:
    """Write what a models.json says into the user's registry.yaml, after a snapshot; return what was done.

    `roles` are the roles known here. Raises ConfigError when the file cannot be read or the registry would be wrong.
    """
    given = _read(file)
    before = registry_file.load(paths)
    found = _Import(before, {*roles, *before.roles}).run(given)

    def put_all(text: str) -> str:
        for key, value in found.taken.items():
            text = yaml_edit.put(text, key, value)
        return text

    registry_file.edit(paths, put_all, f"before {file.name} was taken over")
    return found


def _read(file: Path) -> Mapping[str, Any]:
    try:
        given = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.", "Check the name and its permissions.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file} is not JSON: {error}.", "Give a models.json.") from error
    models = (given.get("registry") or given.get("models")) if isinstance(given, dict) else None
    if not isinstance(models, dict) or not any(isinstance(model, dict) for model in models.values()):
        raise ConfigError(f"{file} has no “registry” of models.", "Give a models.json as docs/models.md shows it.")
    return {**given, "registry": models}


class _Import:
    def __init__(self, registry: Registry, roles: Collection[str]) -> None:
        self._registry, self._roles = registry, roles
        self._done = ImportResult()
        self._names: set[str] = set()  # models that may be named

    def run(self, given: Mapping[str, Any]) -> ImportResult:
        for key in given.keys() - TOP_KEYS:
            self._leave(key, "it has no meaning here")
        self._providers(self._mapping("providers", given.get("providers")))
        models = {
            name: found for name, model in given["registry"].items() if (found := self._describe_model(name, model))
        }
        for name, model in models.items():
            self._model(name, model)
        self._roles_of(models, given)
        self._modes(models)
        return self._done

    def _describe_model(self, name: str, model: Any) -> Mapping[str, Any]:
        """Return a model's description with roles that are texts, and modes; empty for what is none."""
        where = f"registry.{name[:LONGEST]}"
        if not name.strip() or len(name) > LONGEST or not name.isprintable():
            self._leave(where, "no model can be called so")
            return {}
        if not isinstance(model, dict):
            self._leave(where, "it is no description of a model")
            return {}
        roles = model.get("roles")
        if roles is not None and not (isinstance(roles, list) and all(isinstance(role, str) for role in roles)):
            self._leave(f"{where}.roles", "it is no list of roles")
            roles = None
        modes = self._mapping(f"{where}.cognitiveModeMappings", model.get("cognitiveModeMappings"))
        return {**model, "roles": roles or [], "cognitiveModeMappings": modes}

    def _mapping(self, where: str, value: Any) -> Mapping[str, Any]:
        """Return what is a mapping; anything else but nothing is left and said."""
        if value is not None and not isinstance(value, dict):
            self._leave(where, "it holds no keys and values")
        return value if isinstance(value, dict) else {}

    def _number(self, where: str, name: str, value: Any) -> float | None:
        """Return a number that may stand there; None, and said, for any other value."""
        least, most, whole = NUMBERS[name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and least <= value <= most and (not whole or value == int(value)):
            return int(value) if whole else float(value)
        bounds = f"from {least} to {most}" if most < math.inf else f"of {least} or more"
        self._leave(where, f"{value!r} is no {'whole ' if whole else ''}number {bounds}"[:LONGEST])
        return None

    def _leave(self, what: str, why: str) -> None:
        if (what, why) not in self._done.left:
            self._done.left.append((what, why))

    def _providers(self, given: Mapping[str, Any]) -> None:
        for name, settings in given.items():
            if name not in PROVIDERS:
                self._leave(f"providers.{name}", "this provider is not known here")
                continue
            for key, value in self._mapping(f"providers.{name}", settings).items():
                where = f"providers.{name}.{key}"
                if key == "baseUrl" and name == "ollama":
                    if why := url_problem(value):
                        self._leave(where, why)
                    else:
                        self._done.taken["providers", name, "base_url"] = f"{value.rstrip('/').removesuffix('/v1')}/v1"
                elif "key" in key.lower():
                    self._leave(where, f"keys go into the keyring: trayassist providers key {name}")
                elif key != "provider":
                    self._leave(where, "it has no meaning here")

    def _model(self, name: str, model: Mapping[str, Any]) -> None:
        provider = PROVIDERS.get(str(model.get("provider", "")))
        where = f"registry.{name}"
        if provider is None:
            self._leave(where, f"its provider {model.get('provider')!r} is not known here")
            return
        for key in model.keys() - MODEL_KEYS:
            self._leave(f"{where}.{key}", "it has no meaning here")
        self._names.add(name)
        if name in self._registry.models:
            self._leave(where, "a model of this name is described already, and stays")
            return
        self._done.taken["models", name] = {"provider": provider} | ({} if provider == "mock" else {"remote_id": name})

    def _roles_of(self, models: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        defaults = self._mapping("roles", given.get("roles"))
        wanted: dict[str, str] = {}  # role -> the model that lists it with the lowest priority number
        for name, model in sorted(models.items(), key=lambda item: _best_priority(item[1])):
            for role in model["roles"] if name in self._names else ():
                wanted.setdefault(role, name)
        for role in dict.fromkeys((*defaults, *wanted)):
            settings = self._mapping(f"roles.{role}", defaults.get(role))
            self._role(role, settings, wanted.get(role), given.get("fallbackModel"))

    def _role(self, role: str, settings: Mapping[str, Any], listed: str | None, fallback: Any) -> None:
        if role == "fallback":
            return  # a mark of the fallback model, not a role
        ours = ROLES.get(role, role)
        if ours not in self._roles:
            self._leave(f"roles.{role}", "no plugin has this role")
            return
        model = settings.get("defaultModel", listed)
        for key, value in {**settings, "defaultModel": model}.items():
            where = f"roles.{role}.{key}"
            if key == "defaultModel":
                if value is not None and self._may_name(f"{where} {value}", str(value), "used without your word"):
                    self._done.taken["roles", ours, "model"] = value
            elif key in ROLE_KEYS:
                ours_key = ROLE_KEYS[key]
                if value is not None and (number := self._number(where, ours_key, value)) is not None:
                    self._done.taken["roles", ours, ours_key] = number
            elif key != "provider":  # the model's own
                self._leave(where, "it has no meaning here")
        if fallback and fallback != model and self._may_name("fallbackModel", str(fallback), "a fallback"):
            self._done.taken["roles", ours, "fallback"] = [str(fallback)]

    def _may_name(self, where: str, name: str, never: str) -> bool:
        """Return whether a role may name the model; say why not."""
        if name not in self._names:
            self._leave(where, f"Model '{name}' not found in registry")
            return False
        described = self._registry.models.get(name)
        provider = described.provider if described else self._done.taken["models", name]["provider"]
        if self._registry.providers[provider].kind == "premium":
            self._leave(where, f"a premium model is never {never}; see policy.premium_allowlist")
            return False
        return True

    def _modes(self, models: Mapping[str, Any]) -> None:
        choices: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for name, model in models.items():
            for mode, wanted in model["cognitiveModeMappings"].items():
                where = f"registry.{name}.cognitiveModeMappings.{mode}"
                if mode not in self._registry.modes:
                    self._leave(where, "there is no such mode here")
                elif name in self._names and self._may_name(where, str(name), "used without your word"):
                    choice = {"model": name} | self._choice(where, self._mapping(where, wanted))
                    for role in model["roles"]:
                        choices.setdefault((mode, ROLES.get(role, role)), []).append(choice)
        for (mode, role), found in choices.items():
            if role not in self._roles:
                continue  # said already
            if self._registry.modes[mode].roles.get(role, ()) is None:
                self._leave(f"{role} in mode {mode}", "the role is off in this mode")
                continue
            self._done.taken["modes", mode, "roles", role] = found if len(found) > 1 else found[0]

    def _choice(self, where: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        for key in wanted.keys() - CHOICE_KEYS:
            self._leave(f"{where}.{key}", "it has no meaning here")
        given = {key: value for key, value in wanted.items() if key in CHOICE_KEYS and value is not None}
        numbers = {key: self._number(f"{where}.{key}", key, value) for key, value in given.items()}
        return {key: number for key, number in numbers.items() if number is not None}


def _best_priority(model: Mapping[str, Any]) -> float:
    modes = [wanted for wanted in model["cognitiveModeMappings"].values() if isinstance(wanted, dict)]
    found = [wanted.get("priority") for wanted in modes]
    return min((float(one) for one in found if isinstance(one, int | float)), default=1.0)
