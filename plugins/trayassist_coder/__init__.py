"""Coder: writes, explains and mends code with a model of its own; reads error messages without one."""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Role, SetupHost, hookimpl


@hookimpl
def register_roles(host: SetupHost) -> Sequence[Role]:
    """Return the role coder."""
    from trayassist_coder.role import Coder

    return (Coder(),)
