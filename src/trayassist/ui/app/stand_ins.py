"""What is in force while a settings file of the user's is wrong: the last one that was right, and never more than it.

Nobody can tell what the wrong file was to switch off. So a mode that it names holds, or else the one that leaves most
roles off; providers on other machines are off; what app.yaml locks is locked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import YamlFile, snapshots, yaml_edit
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Registry
from trayassist.models.serving import providers
from trayassist.paths import Paths, shipped

MODE = re.compile(r"""(?:^|[{,])[ \t]*["']?mode["']?[ \t]*:[ \t]*["']?([\w.-]+)""", re.MULTILINE)
WORD = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class StandIn:
    """A file to read instead of the wrong one, and a sentence about it."""

    path: Path
    says: str


def make(paths: Paths, name: str) -> StandIn:
    """Write the file that stands in for the user's wrong `name`.yaml ("app" or "registry"); return it.

    Raises ConfigError when it cannot be written.
    """
    wrong = _text_of(paths.config / f"{name}.yaml")
    text, at = _last_good(paths, name)
    says = f"Until it is mended, your settings of {at[:16].replace('T', ' ')} UTC are in force"
    if not text:
        says = "Until it is mended, the shipped settings are in force"
    if name == "registry":
        text, mode = _safe_registry(text, wrong)
        says += f", in mode {mode}, with every provider on another machine off"
    else:
        text = _safe_app(text, wrong)
        says += ", and nothing is fetched from the network"
    path = paths.data / "stand-in" / f"{name}.in-force.yaml"
    try:
        snapshots.write_atomically(path, f"# Stands in for your {name}.yaml while it is wrong.\n{text}")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.", "Check the data folder.") from error
    return StandIn(path, f"{says}.")


def _text_of(path: Path) -> str | None:
    """Return the wrong file's text as far as there is one, None when nothing of it can be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(config.MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return None


def _last_good(paths: Paths, name: str) -> tuple[str, str]:
    """Return the newest snapshot's file that can be used, and its time; two empty texts when there is none."""
    check: Callable[[str], object] = _load_registry if name == "registry" else _load_app
    for one in snapshots.load_all(paths):
        try:
            text = one.files[f"{name}.yaml"].decode("utf-8")
            check(text)
        except (KeyError, UnicodeDecodeError, ConfigError):
            continue
        return text, one.at
    return "", ""


def _load_registry(text: str) -> Registry:
    own = config.parse_yaml(Path("snapshot"), text)
    return registry_file.validate(own)


def _load_app(text: str) -> config.App:
    return config.merge(
        config.App, config.read_yaml(shipped("config/app.yaml")), config.parse_yaml(Path("snapshot"), text)
    )


def _safe_registry(text: str, wrong: str | None) -> tuple[str, str]:
    """Return the text with a mode that is no more powerful than the wrong file's, without other machines; the mode."""
    registry = _load_registry(text)
    named = [mode for mode in MODE.findall(wrong or "") if mode in registry.modes]
    if wrong is None or (not named and re.search(r"\bmode\b", wrong)):
        named = list(registry.modes)  # it may have said any of them
    mode = max(named or [registry.mode], key=lambda one: _roles_off(registry, one))
    changes: list[tuple[list[str], Any]] = [(["mode"], mode)]
    for name, provider in registry.providers.items():
        if provider.enabled and providers.leaves_machine(provider):
            changes.append((["providers", name, "enabled"], False))
    return _put_all(text, changes), mode


def _roles_off(registry: Registry, mode: str) -> int:
    return sum(change is None for change in registry.modes[mode].roles.values())


def _safe_app(text: str, wrong: str | None) -> str:
    """Return the text with what the wrong file may have locked or switched off, locked and off."""
    settings = _load_app(text)
    changes: list[tuple[list[str], Any]] = [(["network", "offline"], True)]
    if wrong is None or "keep" in wrong:
        changes.append((["history", "keep"], False))
    named = WORD.findall(wrong.partition("disabled")[2])[:1000] if wrong else []
    off = {*settings.plugins.disabled, *named}
    changes.append((["plugins", "disabled"], sorted(off)))
    return _put_all(text, changes)


def _put_all(text: str, changes: list[tuple[list[str], Any]]) -> str:
    try:
        for path, value in changes:
            text = yaml_edit.put(text, path, value)
    except (yaml_edit.NotEditable, yaml.YAMLError):  # anchors, for one: without comments it can be written
        data = YamlFile(Path("snapshot"), yaml_edit.load(text) or {}, {}).data
        for path, value in changes:
            data = config.deep_merge(data, _nested(path, value))
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    return text


def _nested(path: list[str], value: Any) -> dict[str, Any]:
    for part in reversed(path):
        value = {part: value}
    return dict(value)
