"""The watchdog plugin: looks at every request, passage, answer and command by rules, before anything has an effect."""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Inspector, SetupHost, hookimpl

from .inspector import Watchdog


@hookimpl
def register_inspectors(host: SetupHost) -> Sequence[Inspector]:
    """Return the one inspector."""
    return [Watchdog(host.redact)]
