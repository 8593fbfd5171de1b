"""`trayassist doctor`: what is wrong, and what to do."""

from __future__ import annotations

import sys

import click

from trayassist.cli.commands import group, json_option
from trayassist.cli.models_printers import checked
from trayassist.cli.runner import as_json, run


@group.command()
@click.option("--deep", is_flag=True, help="Load models with active adapters, to see that these are really applied.")
@json_option
def doctor(deep: bool, json_: bool) -> None:
    """Look at models, adapters, speed, keyring, memory, plugins and disk. Ends with 1 when something is wrong."""
    sys.exit(run("doctor", {"deep": deep}, as_json if json_ else checked, confirm=lambda _: False))
