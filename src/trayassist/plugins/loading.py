"""Loading all plugins: each within a time limit, and other people's in a worker first, where a crash costs nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from importlib.metadata import EntryPoint

from trayassist.api import Setting, TrayassistError, WorkerDied
from trayassist.config import PluginSettings
from trayassist.paths import Paths
from trayassist.plugins import discovery
from trayassist.plugins.host import host_for
from trayassist.plugins.sandbox import in_time
from trayassist.workers import plugin_probe
from trayassist.workers.pool import Worker

logger = logging.getLogger(__name__)

LIMIT_S = 20.0
LATE = f"It did not load within {LIMIT_S:.0f} seconds."


async def load(paths: Paths, settings: PluginSettings, found: Sequence[EntryPoint] | None = None) -> discovery.Plugins:
    """Return the plugins that are on, loaded; one that is off or broken is there with the reason.

    `found` names them instead of the installed ones; none of these is tried in a worker (tests).
    """
    entries = discovery.discover() if found is None else list(found)
    foreign = [] if found is not None else [entry for entry in entries if not discovery.is_ours(entry)]
    broken = await _probe([entry for entry in foreign if entry.name not in settings.disabled], settings)
    loaded = discovery.Plugins()
    for entry in entries:
        if entry.name in settings.disabled:
            loaded.take(discovery.left_out(entry))
        elif entry.name in broken:
            loaded.take(discovery.left_out(entry, *broken[entry.name]))
        else:
            host = host_for(entry.name, settings.settings, paths)
            try:
                one = await in_time(discovery.load_one, entry, host, limit_s=LIMIT_S)
            except TimeoutError:
                one = discovery.left_out(entry, LATE)
            _log(one.info.name, one.info.reason, one.trace)
            loaded.take(one)
    if found is None:
        loaded.infos.update((info.name, info) for info in discovery.shadowed_plugins())
    return loaded


async def _probe(entries: Sequence[EntryPoint], settings: PluginSettings) -> dict[str, tuple[str, tuple[Setting, ...]]]:
    """Return which of the plugins do not load in a worker, why, and the settings they declare."""
    if not entries:
        return {}
    broken: dict[str, tuple[str, tuple[Setting, ...]]] = {}
    worker = Worker("plugin trial", plugin_probe.main, settings=dict(settings.settings))
    for entry in entries:
        declared: tuple[Setting, ...] = ()
        trace = ""
        try:
            async with asyncio.timeout(LIMIT_S):
                reason, declared, trace = await worker.call("load", name=entry.name)
        except TimeoutError:
            reason = LATE
        except WorkerDied as error:
            reason = f"It crashed while it was loaded: {error.what}"
        except TrayassistError as error:
            reason = str(error)
        _log(entry.name, reason, trace)
        if reason:
            broken[entry.name] = reason, declared
    await worker.stop()
    return broken


def _log(name: str, reason: str, trace: str) -> None:
    if reason:
        logger.warning("plugin %s is left out: %s\n%s", name, reason, trace)
