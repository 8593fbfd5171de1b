"""A worker that loads other people's plugins once, so that one that crashes the interpreter crashes here."""

from __future__ import annotations

from trayassist.api import Setting
from trayassist.paths import current
from trayassist.plugins import discovery
from trayassist.plugins.host import host_for
from trayassist.workers.child import Channel


def main(channel: Channel, settings: dict[str, dict[str, object]]) -> None:
    """Serve `load(name)`: "" when the plugin loads, else why it does not; the settings it declares; the traceback."""
    entries = {entry.name: entry for entry in discovery.discover()}

    def load(name: str) -> tuple[str, tuple[Setting, ...], str]:
        loaded = discovery.load_one(entries[name], host_for(name, settings, current()))
        return loaded.info.reason, loaded.info.settings, loaded.trace

    channel.serve({"load": load})
