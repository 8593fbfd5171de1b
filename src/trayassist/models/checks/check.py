"""Everything that can be said of the settings files at once, for `trayassist config check` (S4-29)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import App, InvalidSetting, YamlFile, hotkeys
from trayassist.config.hotkeys import HotkeyRefused
from trayassist.models.checks import advice
from trayassist.models.checks import files as registry_files
from trayassist.models.registry import file as registry_file
from trayassist.models.registry import rules
from trayassist.models.registry.rules import Level, dotted_key
from trayassist.models.registry.schema import Registry
from trayassist.models.serving.smoke import Smoke
from trayassist.models.serving.tuning import Tuning
from trayassist.paths import Paths, shipped_file
from trayassist.plugins.discovery import Plugins

ORDER: tuple[Level, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that plugins handed over. `some_off`: others are off or broken, so more names may be right."""

    roles: Collection[str]
    jobs: Collection[str]
    some_off: bool = False


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """One thing to say: an error, a warning or a note. `key` is dotted, `line` 0 where it is no line's."""

    level: Level
    file: str
    line: int
    key: str
    what: str
    todo: str


def plugin_names(loaded: Plugins) -> KnownNames:
    """Return the names that the loaded plugins handed over."""
    return KnownNames(
        tuple(loaded.roles), tuple(loaded.jobs), any(info.state != "on" for info in loaded.infos.values())
    )


def find_unknown_names(paths: Paths, registry: Registry, names: KnownNames) -> tuple[str, ...]:
    """Return a sentence for each role and job of the registry in force that no plugin knows. Reads two files."""
    try:
        own = config.read_yaml(paths.registry)
    except ConfigError:
        return ()  # changed since it was read, and told of when it is read again
    return tuple(
        f"{own.path}, line {own.line(one.key)}: {one.what} {one.todo}"
        for one in rules.unknown_roles(
            registry, names.roles, names.jobs, registry_file.shipped_registry(), some_off=names.some_off
        )
    )


def check(paths: Paths, names: KnownNames) -> list[SettingsProblem]:
    """Return all problems of app.yaml and registry.yaml, errors first. Reads model headers: not for the Qt thread."""
    found = _shape(
        paths.app_config, lambda own: config.find_errors(App, config.read_yaml(shipped_file("config/app.yaml")), own)
    ) or _hotkey(paths)
    if misshapen := _shape(paths.registry, registry_file.shape_errors):
        return [*found, *misshapen]
    own = config.read_yaml(paths.registry)
    registry, shipped_registry = registry_file.parse(own), registry_file.shipped_registry()
    findings = [
        *(wrong := rules.problems(registry)),
        *rules.unknown_roles(registry, names.roles, names.jobs, shipped_registry, some_off=names.some_off),
    ]
    if not wrong:
        tuning = Tuning(paths)
        findings += registry_files.problems(paths, registry)
        findings += advice.advice(registry, lambda target, draft: tuning.depth(registry, target, draft))
        findings += advice.stand_ins(registry, Smoke(paths, lambda: registry))
    found += [
        SettingsProblem(one.level, str(own.path), own.line(one.key), dotted_key(one.key), one.what, one.todo)
        for one in findings
    ]
    return sorted(found, key=lambda one: ORDER.index(one.level))


def _hotkey(paths: Paths) -> list[SettingsProblem]:
    """Return what is wrong with the hotkey. The app runs without it, so that it is no error of the file's form."""
    ask = config.load(paths).hotkey.ask
    try:
        hotkeys.parse(ask)
    except HotkeyRefused as error:
        line = config.read_yaml(paths.app_config).line(("hotkey", "ask"))
        return [SettingsProblem("error", str(paths.app_config), line, "hotkey.ask", error.what, error.todo)]
    return []


def _shape(path: Path, wrong: Callable[[YamlFile], list[InvalidSetting]]) -> list[SettingsProblem]:
    """Return what is wrong with the form of a file: that it is no YAML, or each value that may not stand there."""
    try:
        own = config.read_yaml(path)
    except ConfigError as error:
        return [SettingsProblem("error", str(path), 0, "", error.what, error.todo)]
    return [
        SettingsProblem("error", str(path), own.line(one.key), dotted_key(one.key), one.what, one.todo)
        for one in wrong(own)
    ]
