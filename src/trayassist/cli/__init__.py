"""The command line: each verb is handed to the running app, or run here when none runs."""

from trayassist.cli import drafts
from trayassist.cli.commands import cli

__all__ = ["cli", "drafts"]
