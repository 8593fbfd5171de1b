"""The command line: each verb is handed to the running app, or run here when none runs."""

from trayassist.cli import adapters, config, doctor, drafts, models, providers, reindex, tuning
from trayassist.cli.commands import cli

__all__ = ["adapters", "cli", "config", "doctor", "drafts", "models", "providers", "reindex", "tuning"]
