"""A worker that loads other people's plugins once, so that one that crashes the interpreter crashes here."""

from __future__ import annotations

import os

from trayassist.api import Setting
from trayassist.paths import current
from trayassist.plugins import discovery
from trayassist.plugins.host import host_for
from trayassist.workers.child import Channel, limit_memory

MEMORY_MB = 2048  # that loading a plugin may take
FORKS = (
    "It copies the running process while it is loaded (fork), and there would be two assistants. "
    "Its author has to start other programs instead."
)


def main(channel: Channel, settings: dict[str, dict[str, object]]) -> None:
    """Serve `load(name)`: "" when the plugin loads, else why it does not; the settings it declares; the traceback."""
    limit_memory(MEMORY_MB, data=True)
    forks: list[int] = []
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lambda: forks.append(1))
    entries = {entry.name: entry for entry in discovery.discover()}

    def load(name: str) -> tuple[str, tuple[Setting, ...], str]:
        loaded = discovery.load_one(entries[name], host_for(name, settings, current()))
        reason = FORKS if forks else loaded.info.reason
        forks.clear()
        return reason, loaded.info.settings, loaded.trace

    channel.serve({"load": load})
