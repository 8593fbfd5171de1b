"""The watchdog plugin: looks at each question, passage and answer by rules, and marks what is risky in the activity."""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Inspector, SetupHost, hookimpl

from .inspector import Watchdog


@hookimpl
def register_inspectors(host: SetupHost) -> Sequence[Inspector]:
    """Return the one inspector."""
    return [Watchdog(host.redact)]
