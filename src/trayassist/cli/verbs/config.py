"""The verbs about the settings files: check, show, snapshot, restore, take over another program's, the inventory.

All but `config` need no assistant, because a wrong file keeps one from starting: they are functions of the paths.
"""

from __future__ import annotations

import asyncio
import base64
import math
from collections.abc import AsyncGenerator, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from trayassist import config as config_file
from trayassist.api import ConfigError, TrayassistError
from trayassist.assistant import Assistant
from trayassist.cli.verbs.arguments import Verb
from trayassist.config import YamlFile, snapshots
from trayassist.ipc import EXIT_NO, EXIT_OK, wire
from trayassist.models.catalog import models_json
from trayassist.models.checks import check as registry_check
from trayassist.models.checks import inventory
from trayassist.models.checks.check import KnownNames
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.resolve import resolve
from trayassist.models.registry.rules import BY_RULES, NO_MODEL
from trayassist.models.registry.schema import Provider, Registry
from trayassist.models.serving import providers
from trayassist.paths import Paths, shipped_file
from trayassist.plugins import loading
from trayassist.plugins.incidents import RunningCode

Line = dict[str, Any]


async def config(assistant: Assistant) -> AsyncGenerator[Line, None]:
    """Yield the settings in force, where each comes from, and which model each role gets."""
    yield await asyncio.to_thread(_settings_line, assistant.paths, assistant.registry, assistant.config)


async def reload(assistant: Assistant) -> AsyncGenerator[Line, None]:
    """Take over settings files that were changed from outside."""
    await assistant.reload_config()
    await assistant.reload_registry()
    yield {"reloaded": True, "exit": EXIT_OK}


def check(paths: Paths) -> Iterator[Line]:
    """Yield every problem of the settings files, then a summary; exit 1 when one is an error."""
    found = registry_check.check(paths, load_known_names(paths))
    yield from map(wire.plain, found)
    count = {f"{level}s": sum(one.level == level for one in found) for level in registry_check.ORDER}
    yield {"summary": True, **count, "exit": EXIT_NO if count["errors"] else EXIT_OK}


def snapshot(paths: Paths) -> Iterator[Line]:
    """Make a snapshot of both files; yield it."""
    yield _snapshot_line(snapshots.make(paths, "made by hand"))


def snapshot_list(paths: Paths) -> Iterator[Line]:
    """Yield the snapshots, the newest first."""
    yield from map(_snapshot_line, snapshots.load_all(paths))


def restore(paths: Paths, number: int | None) -> Iterator[Line]:
    """Put a snapshot back (the newest that differs for None); yield it, then what is wrong with it.

    Providers that would ask another machine than now stay off; yield which.
    """
    before = _providers(paths)
    yield {"restored": True, **_snapshot_line(snapshots.restore(paths, number))}
    yield from _switch_off_new_hosts(paths, before)
    yield from (wire.plain(one) for one in registry_check.check(paths, load_known_names(paths)) if one.level == "error")


def take_over(paths: Paths, file: Path) -> Iterator[Line]:
    """Take over a models.json; yield each key that was set, and each thing that was left with the reason."""
    before = _providers(paths)
    done = models_json.take_over(paths, file, load_known_names(paths).roles)
    for key, value in done.taken.items():
        yield {"taken": ".".join(key), "value": value}
    for what, why in done.left:
        yield {"left": what, "why": why}
    for line in _switch_off_new_hosts(paths, before):
        yield {"left": line["what"], "why": line["todo"]}
    yield {"summary": True, "taken": len(done.taken), "left": len(done.left), "exit": EXIT_OK}


def inventory_lines(paths: Paths) -> Iterator[Line]:
    """Yield a line per described model, then the whole inventory as a page in Markdown."""
    registry = registry_file.load(paths)
    entries = inventory.entries(paths, registry)
    yield from map(wire.plain, entries)
    yield {"markdown": inventory.as_markdown(entries, registry, date.today().isoformat()), "exit": EXIT_OK}


def load_known_names(paths: Paths) -> KnownNames:
    """Return the names of the installed plugins that are on, loading them here."""
    try:
        settings = config_file.load(paths).plugins
    except ConfigError:
        settings = config_file.PluginSettings()
    running = RunningCode(paths)
    try:
        return registry_check.plugin_names(asyncio.run(loading.load(paths, settings, running)))
    finally:
        running.close()


# ---------------------------------------------------------------- inside


def _providers(paths: Paths) -> Mapping[str, Provider]:
    try:
        return registry_file.load(paths).providers
    except ConfigError:
        return {}  # a wrong file: nothing is asked


def _switch_off_new_hosts(paths: Paths, before: Mapping[str, Provider]) -> Iterator[Line]:
    """Switch off the providers that would ask a machine that they did not ask before, until each is confirmed."""
    for name, provider in _providers(paths).items():
        if providers.asks_anew(before.get(name), provider):
            registry_file.save(paths, ("providers", name, "enabled"), False)
            what = f"{name} sends what it is asked to {providers.host(provider)}, so it stays off."
            todo = f"Switch it on with: trayassist providers enable {name}"
            yield {"level": "warning", "file": str(paths.registry), "line": 0, "what": what, "todo": todo}


def _snapshot_line(one: snapshots.Snapshot) -> Line:
    return {"number": one.number, "at": one.at, "why": one.why, "files": sorted(one.files)}


def _settings_line(paths: Paths, registry: Registry, settings: config_file.App) -> Line:
    sources: dict[str, Line] = {}
    for name, own_path in (("app", paths.app_config), ("registry", paths.registry)):
        default = config_file.read_yaml(shipped_file(f"config/{name}.yaml"))
        own = config_file.read_yaml(own_path)
        sources[name] = _json_value(dict(_sources(config_file.deep_merge(default.data, own.data), own, ())))
    return {
        "file": str(paths.app_config),
        "registry_file": str(paths.registry),
        "settings": _settings_as_json(settings),
        "registry": registry.model_dump(mode="json", exclude_none=True),
        "sources": sources,
        "roles": [_role_line(registry, role) for role in registry.roles],
    }


def _settings_as_json(settings: config_file.App) -> Line:
    """Return all settings; those of plugins are whatever YAML can hold."""
    own = _json_value(settings.plugins.settings)
    plugins = settings.plugins.model_copy(update={"settings": own})
    return settings.model_copy(update={"plugins": plugins}).model_dump(mode="json")


def _json_value(value: Any) -> Any:
    """Return a value of a YAML file as JSON knows it: dates as ISO 8601, bytes as base64, sets as lists."""
    if isinstance(value, Mapping):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, set):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    known = value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
    return value if known else str(value)


def _sources(data: Mapping[str, Any], own: YamlFile, at: tuple[str, ...]) -> Iterator[tuple[str, Line]]:
    """Yield each key's value and where it comes from: the line of the user's own file, or 0 for the shipped one."""
    for name, value in data.items():
        key = (*at, str(name))
        if isinstance(value, dict) and value:
            yield from _sources(value, own, key)
        else:
            yield ".".join(key), {"value": value, "line": own.lines.get(key, 0)}


def _role_line(registry: Registry, role: str) -> Line:
    if role in BY_RULES:
        return {"role": role, "model": None, "why": NO_MODEL}
    try:
        found = resolve(registry, role)
    except TrayassistError as error:
        return {"role": role, "model": None, "why": error.what}
    used = {name: getattr(found.settings, name) for name in ("temperature", "max_tokens", "timeout_s")}
    return {"role": role, "model": found.model, "why": found.reason, "fallbacks": list(found.fallbacks), **used}


VERBS: dict[str, Verb] = {"config": config, "reload": reload}
