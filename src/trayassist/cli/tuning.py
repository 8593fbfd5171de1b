"""`trayassist tune-draft`: measures how many tokens a small model should draft at once for a big one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from trayassist.cli.commands import _finish, group, json_option
from trayassist.cli.printers import Line, problem
from trayassist.cli.runner import as_json


@group.command("tune-draft")
@click.argument("target")
@click.argument("draft")
@json_option
def tune_draft(target: str, draft: str, json_: bool) -> None:
    """Measure whether the model DRAFT makes the model TARGET faster here, and keep the best depth.

    Both are names of the registry, or GGUF files. Leave the machine alone meanwhile: it takes some minutes, and what
    else runs is in the figures. Ends with 1 when drafting does not pay; the pair is then left off.
    """
    arguments = {"target": _absolute(target), "draft": _absolute(draft)}
    _finish("tune_draft", arguments, as_json if json_ else show)


def _absolute(model: str) -> str:
    """Return a file's whole path, and a name of the registry as it is."""
    return str(Path(model).absolute()) if Path(model).is_file() else model


def show(line: Line) -> None:
    """Print a depth's figures, or what was found."""
    if problem(line):
        return
    if "status" in line:
        if sys.stderr.isatty():
            click.echo(click.style(f"{line['status']}…", dim=True), err=True)
    elif "measured" in line:
        row = line["measured"]
        share = f", {row['accepted']:.0%} of the draft right" if row["k"] else ""
        differs = "" if row["same_text"] else ", another text"
        depth = f"{row['k']:2} drafted" if row["k"] else "no draft  "
        click.echo(f"{depth}  {row['tokens_per_s']:8.1f} tokens/s  × {row['gain']:.2f}{share}{differs}")
    elif "tuned" in line:
        found = line["tuned"]
        kept = f"{found['k']} tokens at once are kept" if found["k"] else "No draft is kept"
        click.echo(
            f"{kept} for {found['target']} with {found['draft']}{': ' + found['note'] if found['note'] else ''}."
        )
