"""Find plugins, load each behind its own barrier, and remember why one was left out."""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

import pluggy

from trayassist.api import Ingestor, Inspector, Job, PluginUnavailable, Role, Setting, SetupHost, Tool
from trayassist.plugins import hookspecs, validation

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

    def not_on(self) -> tuple[str, ...]:
        """Return the names of the plugins that are off or broken, sorted."""
        return tuple(sorted(name for name, info in self.infos.items() if info.state != "on"))

    def take(self, loaded: LoadedPlugin) -> None:
        """Add what one plugin handed over; one that claims a name already taken is left out as broken."""
        info, part = loaded.info, loaded.part
        if taken := self._name_conflict(part):
            reason = f"{taken} already comes from another plugin. Switch one of the two off."
            info, part = replace(info, state="broken", reason=reason, provides=()), Plugins()
        self.infos[info.name] = info
        self.roles.update(part.roles)
        self.owner.update(dict.fromkeys((*part.roles, *part.tools, *part.jobs), info.name))
        self.ingestors += part.ingestors
        self.inspectors += part.inspectors
        self.tools.update(part.tools)
        self.jobs.update(part.jobs)

    def _name_conflict(self, part: Plugins) -> str:
        for what, new, old in (
            ("role", part.roles, self.roles),
            ("tool", part.tools, self.tools),
            ("job", part.jobs, self.jobs),
        ):
            if names := sorted(new.keys() & old.keys()):
                return f"The {what} “{names[0]}”"
        return ""


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """One plugin after loading: how that went, what it handed over, and the traceback of what it raised."""

    info: PluginInfo
    part: Plugins = field(default_factory=Plugins)
    trace: str = ""


def discover() -> list[EntryPoint]:
    """Return the installed plugins, each name once, ours first and then by name."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        if entry.name not in found or is_ours(entry):
            found[entry.name] = entry
    return sorted(found.values(), key=lambda entry: (not is_ours(entry), entry.name))


def shadowed_plugins() -> list[PluginInfo]:
    """Return the installed plugins that `discover` leaves out, because one of another distribution has their name."""
    kept = {entry.name: _distribution(entry) for entry in discover()}
    lost = [entry for entry in entry_points(group=GROUP) if _distribution(entry) != kept[entry.name]]
    reason = "Another installed plugin has the same name. Remove one of the two distributions."
    return [replace(_info(entry, "broken", reason), name=f"{entry.name} ({_distribution(entry)})") for entry in lost]


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else ""


def is_ours(entry: EntryPoint) -> bool:
    """Return whether the plugin comes with trayassist."""
    return entry.dist is not None and entry.dist.name == OURS


def left_out(entry: EntryPoint, broken: str = "", settings: Sequence[Setting] = ()) -> LoadedPlugin:
    """Return the plugin as switched off, or as broken for this reason, without touching its code."""
    return LoadedPlugin(_info(entry, "broken" if broken else "off", broken, settings=tuple(settings)))


def load_one(entry: EntryPoint, host: SetupHost) -> LoadedPlugin:
    """Return what this plugin hands over, or why it does not load. Never raises."""
    settings: list[Setting] = []
    try:
        part = _handed_over(entry, host, settings)
    except PluginUnavailable as error:
        return left_out(entry, str(error), settings)
    except BaseException as error:  # barrier: a plugin's code runs here, in a thread or worker that no signal reaches
        out = left_out(entry, f"It did not load: {validation.describe_error(error)}.", settings)
        return replace(out, trace=traceback.format_exc())
    provides = (
        *(f"role {name}" for name in part.roles),
        *(f"ingestor {ingestor.name}" for ingestor in part.ingestors),
        *(f"inspector {inspector.name}" for inspector in part.inspectors),
        *(f"tool {name}" for name in part.tools),
        *(f"job {name}" for name in part.jobs),
    )
    return LoadedPlugin(_info(entry, "on", provides=provides, settings=tuple(settings)), part)


def _handed_over(entry: EntryPoint, host: SetupHost, settings: list[Setting]) -> Plugins:
    """Return what the plugin hands over. Its `settings` are filled in even when it fails after that."""
    manager = pluggy.PluginManager("trayassist")  # one each, so that one plugin's error stops no other
    manager.add_hookspecs(hookspecs)
    manager.register(entry.load(), entry.name)
    manager.check_pending()  # a misspelt hook is an error, not silence
    if not manager.get_hookcallers(manager.get_plugin(entry.name)):
        raise PluginUnavailable("It has no hooks, so it hands over nothing.", validation.ASK_ITS_AUTHOR)
    hook: Any = manager.hook
    settings += validation.check_settings(hook.register_settings())
    _check(settings, host.settings)
    validation.check_setup(hook.setup(host=host))

    def items(hook: Callable[..., list[Any]], protocol: type) -> list[Any]:
        return validation.check_parts(hook(host=host), protocol)

    part = Plugins()
    part.roles = {role.name: role for role in items(hook.register_roles, Role)}
    part.ingestors = items(hook.register_ingestors, Ingestor)
    part.inspectors = items(hook.register_inspectors, Inspector)
    part.tools = {tool.name: tool for tool in items(hook.register_tools, Tool)}
    part.jobs = {job.name: job for job in items(hook.register_jobs, Job)}
    return part


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
        distribution=_distribution(entry),
        state=state,
        reason=reason,
        provides=provides,
        settings=settings,
    )
