"""Find plugins, load each behind its own barrier, and remember why one was left out."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

import pluggy

from trayassist import hookspecs
from trayassist.api import Host, Ingestor, Inspector, Job, PluginUnavailable, Role, Setting, Tool

logger = logging.getLogger(__name__)

GROUP = "trayassist.plugins"
OURS = "trayassist"
State = Literal["on", "off", "broken"]


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One installed plugin, as lists show it. `reason` says why a broken one was left out.

    `settings` are what its form shows; a broken plugin may have some, so that a wrong one can be mended.
    """

    name: str
    version: str
    distribution: str
    state: State
    reason: str = ""
    provides: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()


@dataclass
class Plugins:
    """What the loaded plugins handed over, and how each installed plugin fares."""

    infos: dict[str, PluginInfo] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    ingestors: list[Ingestor] = field(default_factory=list)
    inspectors: list[Inspector] = field(default_factory=list)
    tools: dict[str, Tool] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)  # role, tool or job -> plugin name

    def take(self, loaded: Loaded) -> None:
        """Add what one plugin handed over; one that claims a name already taken is left out as broken."""
        info, part = loaded.info, loaded.part
        if taken := self._taken(part):
            reason = f"{taken} already comes from another plugin. Switch one of the two off."
            info, part = replace(info, state="broken", reason=reason, provides=()), Plugins()
        self.infos[info.name] = info
        self.roles.update(part.roles)
        self.owner.update(dict.fromkeys((*part.roles, *part.tools, *part.jobs), info.name))
        self.ingestors += part.ingestors
        self.inspectors += part.inspectors
        self.tools.update(part.tools)
        self.jobs.update(part.jobs)

    def _taken(self, part: Plugins) -> str:
        for what, new, old in (
            ("role", part.roles, self.roles),
            ("tool", part.tools, self.tools),
            ("job", part.jobs, self.jobs),
        ):
            if names := sorted(new.keys() & old.keys()):
                return f"The {what} “{names[0]}”"
        return ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One plugin after loading: how that went, and what it handed over."""

    info: PluginInfo
    part: Plugins = field(default_factory=Plugins)


def discover() -> list[EntryPoint]:
    """Return the installed plugins, each name once, ours first and then by name."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        if entry.name not in found or is_ours(entry):
            found[entry.name] = entry
    return sorted(found.values(), key=lambda entry: (not is_ours(entry), entry.name))


def is_ours(entry: EntryPoint) -> bool:
    """Return whether the plugin comes with trayassist."""
    return entry.dist is not None and entry.dist.name == OURS


def load(host_for: Callable[[str], Host], disabled: Collection[str] = ()) -> Plugins:
    """Load all installed plugins that are on. One that fails is left out as a whole, and its info says why."""
    plugins = Plugins()
    for entry in discover():
        plugins.take(left_out(entry) if entry.name in disabled else load_one(entry, host_for(entry.name)))
    return plugins


def left_out(entry: EntryPoint, broken: str = "", settings: Sequence[Setting] = ()) -> Loaded:
    """Return the plugin as switched off, or as broken for this reason, without touching its code."""
    return Loaded(_info(entry, "broken" if broken else "off", broken, settings=tuple(settings)))


def load_one(entry: EntryPoint, host: Host) -> Loaded:
    """Return what this plugin hands over, or why it does not load. Never raises."""
    settings: list[Setting] = []
    try:
        part = _handed_over(entry, host, settings)
    except PluginUnavailable as error:
        return left_out(entry, str(error), settings)
    except (Exception, SystemExit) as error:  # barrier: a plugin's code runs here
        logger.warning("plugin %s did not load", entry.name, exc_info=True)
        return left_out(entry, f"It did not load: {type(error).__name__}: {error}.", settings)
    provides = (
        *(f"role {name}" for name in part.roles),
        *(f"ingestor {ingestor.name}" for ingestor in part.ingestors),
        *(f"inspector {inspector.name}" for inspector in part.inspectors),
        *(f"tool {name}" for name in part.tools),
        *(f"job {name}" for name in part.jobs),
    )
    return Loaded(_info(entry, "on", provides=provides, settings=tuple(settings)), part)


def _handed_over(entry: EntryPoint, host: Host, settings: list[Setting]) -> Plugins:
    """Return what the plugin hands over. Its `settings` are filled in even when it fails after that."""
    manager = pluggy.PluginManager("trayassist")  # one each, so that one plugin's error stops no other
    manager.add_hookspecs(hookspecs)
    manager.register(entry.load(), entry.name)
    manager.check_pending()  # a misspelt hook is an error, not silence
    hook: Any = manager.hook
    settings += _declared(hook.register_settings())
    _check(settings, host.settings)
    hook.setup(host=host)
    part = Plugins()
    part.roles = {role.name: role for role in _items(hook.register_roles, host, Role)}
    part.ingestors = _items(hook.register_ingestors, host, Ingestor)
    part.inspectors = _items(hook.register_inspectors, host, Inspector)
    part.tools = {tool.name: tool for tool in _items(hook.register_tools, host, Tool)}
    part.jobs = {job.name: job for job in _items(hook.register_jobs, host, Job)}
    return part


def _items(hook: Callable[..., list[Any]], host: Host, protocol: type) -> list[Any]:
    """Return what a hook handed over, checked against its protocol, so that rubbish is found now and not in use."""
    items: list[Any] = []
    for result in hook(host=host):
        if not isinstance(result, Sequence) or isinstance(result, str):
            raise PluginUnavailable(
                f"Its hook returned {type(result).__name__}, not a list of {protocol.__name__}.",
                "Ask the plugin's author for a mended version.",
            )
        items += result
    for item in items:
        missing = [name for name in _members(protocol) if not hasattr(item, name)]
        if missing:
            raise PluginUnavailable(
                f"Its {type(item).__name__} is no {protocol.__name__}: it lacks {', '.join(missing)}.",
                "Ask the plugin's author for a mended version.",
            )
    return items


def _declared(results: list[Any]) -> list[Setting]:
    """Return the declared settings, checked: they are shown, and cross processes, so they are nothing but data."""
    found = [item for result in results for item in result]
    for item in found:
        plain = isinstance(item, Setting) and type(item.default) in (bool, int, float, str, tuple)
        if not plain or item.problem(item.default):
            raise PluginUnavailable(
                f"Its setting {getattr(item, 'name', item)!r} is not described as a setting with an allowed default.",
                "Ask the plugin's author for a mended version.",
            )
    return [replace(item, choices=dict(item.choices)) for item in found]


def _check(declared: Sequence[Setting], given: Mapping[str, Any]) -> None:
    """Raise PluginUnavailable for a setting that is not known or not allowed, where the plugin declares any."""
    known = {setting.name: setting for setting in declared}
    for name, value in given.items() if known else ():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            todo = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(known)}."
            raise PluginUnavailable(f"“{name}” in app.yaml is no setting of it.", todo)
        if problem := known[name].problem(value):
            raise PluginUnavailable(f"Its setting “{name}” is {value!r}, which is not allowed.", problem)


def _members(protocol: type) -> list[str]:
    return sorted(getattr(protocol, "__protocol_attrs__", ()))


def _info(
    entry: EntryPoint,
    state: State,
    reason: str = "",
    provides: tuple[str, ...] = (),
    settings: tuple[Setting, ...] = (),
) -> PluginInfo:
    dist = entry.dist
    return PluginInfo(
        name=entry.name,
        version=dist.version if dist else "",
        distribution=dist.name if dist else "",
        state=state,
        reason=reason,
        provides=provides,
        settings=settings,
    )
