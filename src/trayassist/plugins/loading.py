"""Loading all plugins within limits on their work; other people's in a worker first, where a crash is harmless."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from importlib.metadata import EntryPoint

from trayassist.api import Setting, TrayassistError, WorkerDied
from trayassist.config import PluginSettings
from trayassist.paths import Paths
from trayassist.plugins import discovery
from trayassist.plugins.host import PluginHost, host_for
from trayassist.plugins.incidents import AGAIN, Incidents, RunningCode, guard_process
from trayassist.plugins.incidents import stamp as incident_stamp
from trayassist.plugins.sandbox import in_time
from trayassist.workers import plugin_probe
from trayassist.workers.pool import Worker, WorkerNotStarted

logger = logging.getLogger(__name__)

LIMIT_S = 20.0
LATE = f"It did not load within {LIMIT_S:.0f} seconds."


async def load(
    paths: Paths, settings: PluginSettings, running: RunningCode, found: Sequence[EntryPoint] | None = None
) -> discovery.Plugins:
    """Return the plugins that are on, loaded; one that is off or broken is there with the reason.

    `running` is told which of them come from other distributions. `found` names them instead of the installed ones;
    none of these is tried in a worker (tests).
    """
    entries = discovery.discover() if found is None else list(found)
    foreign = [entry for entry in entries if found is None and not discovery.is_ours(entry)]
    incidents = Incidents(paths)
    broken = await _probe(foreign, settings, running, incidents) if foreign else {}
    loaded = discovery.Plugins()
    for entry in entries:
        if entry.name in settings.disabled:
            loaded.take(discovery.left_out(entry))
        elif entry.name in broken:
            loaded.take(discovery.left_out(entry, *broken[entry.name]))
        else:
            host = host_for(entry.name, settings.settings, paths)
            loaded.take(await _load_here(entry, host, running, incidents))
    if found is None:
        loaded.infos.update((info.name, info) for info in discovery.shadowed_plugins())
    return loaded


async def _load_here(
    entry: EntryPoint, host: PluginHost, running: RunningCode, incidents: Incidents
) -> discovery.LoadedPlugin:
    try:
        with running.during(entry.name, "the loading"):
            one = await in_time(discovery.load_one, entry, host, limit_s=LIMIT_S)
    except TimeoutError:
        one = discovery.left_out(entry, LATE)
        if entry.name in running.stamps:
            incidents.note(entry.name, running.stamps[entry.name], f"{LATE} {AGAIN}")
    _log(one.info.name, one.info.reason, one.trace)
    return one


async def _probe(
    foreign: Sequence[EntryPoint], settings: PluginSettings, running: RunningCode, incidents: Incidents
) -> dict[str, tuple[str, tuple[Setting, ...]]]:
    """Return which of the plugins do not load in a worker, why, and the settings they declare.

    One that hung or crashed, now or before, is not tried until it is another.
    """
    await asyncio.to_thread(incidents.note_ended_processes)
    broken: dict[str, tuple[str, tuple[Setting, ...]]] = {}
    worker = Worker("plugin trial", plugin_probe.main, settings=dict(settings.settings))
    stamps: dict[str, str] = {}
    for entry in foreign:
        if entry.name in settings.disabled:
            incidents.forget(entry.name)
            continue
        stamps[entry.name] = stamp = await asyncio.to_thread(
            incident_stamp, entry, settings.settings.get(entry.name, {})
        )
        if reason := incidents.reason(entry.name, stamp):
            _log(entry.name, reason, "")
            broken[entry.name] = reason, ()
            continue
        reason, declared, harm = await _try_in(worker, entry)
        if harm:
            incidents.note(entry.name, stamp, reason)
        if reason:
            broken[entry.name] = reason, declared
    await worker.stop()
    running.stamps = stamps
    guard_process()
    return broken


async def _try_in(worker: Worker, entry: EntryPoint) -> tuple[str, tuple[Setting, ...], bool]:
    """Return why the plugin does not load in the worker, "" when it does, its settings, and whether it did harm."""
    declared: tuple[Setting, ...] = ()
    trace, harm = "", True
    try:
        reason, declared, trace = await worker.call_within(LIMIT_S, "load", name=entry.name)
        harm = False
    except TimeoutError:
        reason = f"{LATE} {AGAIN}"
    except WorkerNotStarted as error:
        reason, harm = str(error), False
    except WorkerDied as error:
        reason = f"It crashed while it was loaded: {error.what} {AGAIN}"
    except TrayassistError as error:
        reason, harm = str(error), False
    _log(entry.name, reason, trace)
    return reason, declared, harm


def _log(name: str, reason: str, trace: str) -> None:
    if reason:
        logger.warning("plugin %s is left out: %s\n%s", name, reason, trace)
