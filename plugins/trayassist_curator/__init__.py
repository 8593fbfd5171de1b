"""Curator: keeps, lists and forgets what the user asks to remember."""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Role, SetupHost, hookimpl


@hookimpl
def register_roles(host: SetupHost) -> Sequence[Role]:
    """Return the role curator."""
    from trayassist_curator.role import Curator

    return (Curator(),)
