"""Reads and changes registry.yaml: the shipped one, the user's own key by key on top, checked before it is used."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import InvalidSetting, YamlFile, snapshots, yaml_edit
from trayassist.models.registry import rules
from trayassist.models.registry.rules import RegistryProblem
from trayassist.models.registry.schema import Registry
from trayassist.paths import Paths, shipped_file


def load(paths: Paths) -> Registry:
    """Return the registry in force. Raises ConfigError for an unknown key or a model that cannot be used so."""
    return validate(config.read_yaml(paths.registry))


def validate(own: YamlFile) -> Registry:
    """Return the registry with the user's own keys, checked. Raises ConfigError as `load` does."""
    registry = parse(own)
    if wrong := rules.problems(registry):
        raise as_error(wrong, own)
    return registry


def shipped_registry() -> Registry:
    """Return the registry as it is shipped."""
    return parse(YamlFile(shipped_file("config/registry.yaml"), {}, {}))


def parse(own: YamlFile) -> Registry:
    """Return the registry with the user's own keys, of the right shape but not checked. Raises ConfigError.

    What the user says of a role goes before what a shipped mode changes of it.
    """
    return config.merge(Registry, _defaults(own), own)


def shape_errors(own: YamlFile) -> list[InvalidSetting]:
    """Return all values that keep `parse` from returning, in the order of the file."""
    return config.find_errors(Registry, _defaults(own), own)


def _defaults(own: YamlFile) -> YamlFile:
    defaults = config.read_yaml(shipped_file("config/registry.yaml"))
    return dataclasses.replace(defaults, data=_without_overridden(defaults.data, own.data))


def _without_overridden(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shipped registry without what its modes change of a role's keys that the user's file sets."""
    roles = own.get("roles")
    if not isinstance(roles, dict):
        return dict(defaults)
    modes = {
        mode: {
            **what,
            "roles": {role: _without_keys_of(change, roles.get(role)) for role, change in what["roles"].items()},
        }
        if "roles" in what
        else what
        for mode, what in defaults["modes"].items()
    }
    return {**defaults, "modes": modes}


def _without_keys_of(change: Any, user_keys: Any) -> Any:
    if not (isinstance(change, dict) and isinstance(user_keys, dict)):
        return change
    return {key: value for key, value in change.items() if key not in user_keys}


def as_error(wrong: Sequence[RegistryProblem], own: YamlFile) -> ConfigError:
    """Return the first error as a ConfigError that names file and line; it says how many more there are."""
    more = f" {len(wrong) - 1} more: see trayassist config check." if len(wrong) > 1 else ""
    return ConfigError(f"{own.path}, line {own.line(wrong[0].key)}: {wrong[0].what}", f"{wrong[0].todo}{more}")


def save(paths: Paths, key: str | Sequence[str], value: Any) -> Registry:
    """Set one key in the user's registry.yaml; return the new registry.

    `key` is dotted, or a sequence of its parts where a name has a dot in it. All other text of the file stays byte
    for byte as it was (S4-14); a snapshot is made first, and the file is replaced in one step. Raises ConfigError
    when the registry would be wrong then (nothing is written), or when the file cannot be written.
    """
    parts = _parts(key)
    return _change(paths, lambda text: yaml_edit.put(text, parts, value), f"before {'.'.join(parts)} was changed")


def remove(paths: Paths, key: str | Sequence[str]) -> Registry:
    """Take one key out of the user's registry.yaml, so that the shipped value holds; return the new registry.

    A key that is not there changes nothing. Writes and raises as `save` does.
    """
    parts = _parts(key)
    return _change(paths, lambda text: yaml_edit.drop(text, parts), f"before {'.'.join(parts)} was taken out")


def edit(paths: Paths, change: Callable[[str], str], why: str) -> Registry:
    """Write what `change` makes of the text of the user's registry.yaml; return it. Writes and raises as `save` does.

    `change` may raise as `yaml_edit.put` does.
    """
    return _change(paths, change, why)


def _parts(key: str | Sequence[str]) -> list[str]:
    return key.split(".") if isinstance(key, str) else list(key)


def _change(paths: Paths, change: Callable[[str], str], why: str) -> Registry:
    with snapshots.settings_lock(paths):
        own = config.read_yaml(paths.registry)
        text = config.edit_text(own, change)
        new = config.parse_yaml(paths.registry, text)
        registry = parse(new)
        wrong = rules.problems(registry)
        if wrong and (added := [problem for problem in wrong if problem not in _wrong_before(own)]):
            raise as_error(added, new)
        if text != own.text:
            config.write(paths, paths.registry, text, why=why)
        return registry


def _wrong_before(own: YamlFile) -> list[RegistryProblem]:
    """Return what is wrong already: one thing may be mended while another still is."""
    try:
        return rules.problems(parse(own))
    except ConfigError:
        return []
