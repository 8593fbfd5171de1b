"""The command line with all its verbs: importing a module of a verb adds it to the group."""

from trayassist.cli import adapters, config, doctor, drafts, models, providers, reindex, tuning
from trayassist.cli.commands import cli, group

__all__ = ["adapters", "cli", "config", "doctor", "drafts", "group", "models", "providers", "reindex", "tuning"]
