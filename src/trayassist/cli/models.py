"""`trayassist models`: what suits this machine, fetching, adding, loading and measuring models."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from trayassist.cli.commands import _confirm, group, json_option
from trayassist.cli.models_printers import Fetching, Listed, Work, added, measured, planned, recommended
from trayassist.cli.runner import as_json, run

Line = dict[str, Any]

EXIT_NO = 1


@group.group(invoke_without_command=True)
@json_option
@click.pass_context
def models(context: click.Context, json_: bool) -> None:
    """Models: what suits this machine, fetch, add, remove, load, measure."""
    if context.invoked_subcommand is None:
        _do("list", Listed(), json_)


@models.command()
@json_option
def recommend(json_: bool) -> None:
    """Propose models for this machine: size, licence, and whether they fit. Ends with 1 when not all do."""
    _do("recommend", recommended, json_)


@models.command("list")
@json_option
def list_(json_: bool) -> None:
    """List the described models: role, place, model, quantization, memory, speed, licence, problems."""
    _do("list", Listed(), json_)


@models.command()
@click.argument("names", nargs=-1)
@click.option(
    "--tier", type=click.Choice(["hot", "warm", "all"]), help="All described models of a tier that lack a file."
)
@click.option("--recommended", "stack", is_flag=True, help="The stack that is proposed for this machine.")
@click.option("--repo", default="", help="A repository of the hub, such as someone/some-model-GGUF.")
@click.option("--file", default="", help="The .gguf file in --repo.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def fetch(names: tuple[str, ...], tier: str | None, stack: bool, repo: str, file: str, yes: bool, json_: bool) -> None:
    """Show what would be fetched, ask, and fetch it. Goes on where an earlier fetch ended."""
    if sum((bool(names), bool(tier), stack)) != 1 and not (repo and not tier and not stack and len(names) < 2):
        raise click.UsageError("Give NAMES, or --tier, or --recommended, or --repo and --file.")
    if bool(repo) != bool(file):
        raise click.UsageError("--repo and --file belong together.")
    asked = {"names": list(names), "tier": tier or "", "recommended": stack, "repo": repo, "file": file}
    plan = _plan(asked, json_)
    if not yes and not _confirm("Fetch this?"):
        sys.exit(EXIT_NO)
    _do("fetch", Fetching(), json_, confirmed=plan)


@models.command()
@click.argument("name")
@json_option
def cancel(name: str, json_: bool) -> None:
    """Give up a download that is not done, and remove what was fetched of it."""
    _do("cancel", added, json_, name=name)


@models.command()
@click.argument("path")
@click.option("--name", default="", help="How to call it; without it, as the file calls itself.")
@click.option("--kind", default="", help="instruct, code, base, embedding …; without it, told from the file.")
@click.option("--role", "roles", multiple=True, help="A role that is to use it; without it, those that have no model.")
@click.option("--no-roles", is_flag=True, help="Give it to no role.")
@click.option("--move", is_flag=True, help="Move the file into the models folder.")
@json_option
def add(path: str, name: str, kind: str, roles: tuple[str, ...], no_roles: bool, move: bool, json_: bool) -> None:
    """Describe a GGUF file in your registry.yaml. The file stays where it is unless it is to be moved."""
    if roles and no_roles:
        raise click.UsageError("Give --role or --no-roles, not both.")
    given = [] if no_roles else list(roles) or None
    where = str(Path(path).expanduser().absolute())
    _do("add", Work(added), json_, path=where, name=name, kind=kind, roles=given, move=move)


@models.command()
@click.argument("name")
@click.option("--delete", is_flag=True, help="Delete its file, too, when it lies in the models folder.")
@click.option("--yes", is_flag=True, help="Do not ask before a file is deleted.")
@json_option
def remove(name: str, delete: bool, yes: bool, json_: bool) -> None:
    """Take a model out of your registry.yaml, and away from its roles."""
    if delete and not yes and not _confirm(f"Delete the file of {name}? This cannot be undone."):
        sys.exit(EXIT_NO)
    _do("remove", added, json_, name=name, delete=delete)


@models.command()
@click.argument("name")
@json_option
def load(name: str, json_: bool) -> None:
    """Load a model now, a cold one too. It stays loaded while trayassist runs in the tray."""
    _do("load", Work(Listed()), json_, name=name)


@models.command()
@click.argument("name")
@json_option
def unload(name: str, json_: bool) -> None:
    """Unload a model; its memory is free then."""
    _do("unload", Work(Listed()), json_, name=name)


@models.command()
@click.argument("name")
@click.option("--tokens", default=64, show_default=True, type=click.IntRange(8, 4096), help="How many it writes.")
@json_option
def bench(name: str, tokens: int, json_: bool) -> None:
    """Measure how fast a model reads and writes on this machine; the speed is kept and shown beside it."""
    _do("bench", Work(measured), json_, name=name, tokens=tokens)


def _plan(asked: Line, json_: bool) -> Line:
    """Show the plan and return it; end here when there is nothing to fetch."""
    kept: list[Line] = []

    def show(line: Line) -> None:
        kept.append(line)
        as_json(line) if json_ else planned(line)

    code = run("models", {"action": "plan", **asked}, show, confirm=lambda _: False)
    found = next((line["plan"] for line in kept if line.get("plan")), None)
    if code or found is None:
        sys.exit(code)
    return dict(found)


def _do(action: str, show: Callable[[Line], None], json_: bool, **arguments: Any) -> NoReturn:
    shown = _results if json_ else show
    sys.exit(run("models", {"action": action, **arguments}, shown, confirm=_confirm))


def _results(line: Line) -> None:
    """Print an object, unless it only says how far things are."""
    if "progress" not in line and "status" not in line:
        as_json(line)
