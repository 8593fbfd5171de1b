"""The hooks that a plugin may implement. Each is called once, at load; the app calls the objects later.

A plugin is a module (or object) behind an entry point of the group `trayassist.plugins`. Its hooks are
plain functions marked with `trayassist.api.hookimpl`. docs/plugins/ has a page per hook.
"""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Ingestor, Inspector, Job, Role, Setting, SetupHost, Tool, hookspec

# mypy: disable-error-code="empty-body"


@hookspec
def register_settings() -> Sequence[Setting]:
    """Return the plugin's settings: data, shown as a form. Called before setup, in every process that loads it."""


@hookspec
def setup(host: SetupHost) -> None:
    """Check that the plugin can work here; raise PluginUnavailable if not. Runs in every process that loads it."""


@hookspec
def register_roles(host: SetupHost) -> Sequence[Role]:
    """Return the roles this plugin can answer as. They run in the tray process, off the window's thread."""


@hookspec
def register_ingestors(host: SetupHost) -> Sequence[Ingestor]:
    """Return readers that turn files into pages. They run in reader workers, one file at a time."""


@hookspec
def register_inspectors(host: SetupHost) -> Sequence[Inspector]:
    """Return inspectors; every exchange passes through all of them. They run in the tray process."""


@hookspec
def register_tools(host: SetupHost) -> Sequence[Tool]:
    """Return tools a role may call. They run in the tray process, after the checks for their risk."""


@hookspec
def register_jobs(host: SetupHost) -> Sequence[Job]:
    """Return jobs that run without being asked. They run in the tray process."""
