"""`trayassist config`, `import`, `inventory`: the settings files, read and mended here also when no app can start."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from trayassist import logs, paths
from trayassist.api.words import count
from trayassist.cli.printers import Line, print_error
from trayassist.cli.runner import Printer, as_json, finish, for_display, json_option
from trayassist.ipc import EXIT_FAILED, client
from trayassist.paths import Paths

COLOURS = {"error": "red", "warning": "yellow", "note": None}


@click.group("config", invoke_without_command=True)
@json_option
@click.pass_context
def config_(context: click.Context, json_: bool) -> None:
    """See, check and keep the settings: app.yaml and registry.yaml."""
    if context.invoked_subcommand is None:
        finish("config", {}, as_json if json_ else _print_settings)


@config_.command()
@json_option
def show(json_: bool) -> None:
    """Show the settings in force, where each comes from, and which model each role gets."""
    finish("config", {}, as_json if json_ else _print_settings)


@config_.command()
@json_option
def check(json_: bool) -> None:
    """Report errors, warnings and advice on the settings. Ends with 1 when something is wrong."""
    from trayassist.cli.verbs import config

    _run(config.check(_make_folders()), as_json if json_ else _print_finding)


@config_.command()
@click.option("--list", "list_", is_flag=True, help="List the snapshots instead.")
@json_option
def snapshot(list_: bool, json_: bool) -> None:
    """Keep the settings files as they are now. The last 20 are kept; every change makes one, too."""
    from trayassist.cli.verbs import config

    where = _make_folders()
    _run(config.snapshot_list(where) if list_ else config.snapshot(where), as_json if json_ else _print_snapshot)


@config_.command()
@click.argument("which", default="latest", metavar="[N|latest]")
@json_option
def restore(which: str, json_: bool) -> None:
    """Put a snapshot of the settings files back; what is there now is a snapshot first."""
    from trayassist.cli.verbs import config

    if which != "latest" and not which.isdecimal():
        raise click.UsageError("Give the number of a snapshot, or latest.")
    where = _make_folders()
    number = None if which == "latest" else int(which)
    _run(config.restore(where, number), as_json if json_ else _print_snapshot, changes=where)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="models.json")
@json_option
def import_(file: Path, json_: bool) -> None:
    """Take over the models and roles of a models.json, and say what was left and why."""
    from trayassist.cli.verbs import config

    where = _make_folders()
    _run(config.take_over(where, file), as_json if json_ else _print_import, changes=where)


@click.command()
@click.option("--md", "markdown", is_flag=True, help="Print a page in Markdown.")
@json_option
def inventory(markdown: bool, json_: bool) -> None:
    """List the models of this machine: name, quantization, roles, licence."""
    from trayassist.cli.verbs import config

    listed = False

    def show(line: Line) -> None:
        nonlocal listed
        if "markdown" in line:
            if markdown:
                click.echo(line["markdown"], nl=False)
            elif not listed and not json_:
                click.echo("No model is described yet. `trayassist models recommend` says what suits this machine.")
            return
        listed = True
        if not markdown or "error" in line:
            (as_json if json_ else _print_entry)(line)

    _run(config.inventory_lines(_make_folders()), show)


def _make_folders() -> Paths:
    from trayassist.api import TrayassistError

    where = paths.current()
    try:
        where.make()
    except TrayassistError as error:
        print_error({"error": error.what, "todo": error.todo})
        sys.exit(EXIT_FAILED)
    logs.set_up(where.app_log)
    return where


def _run(lines: Iterator[dict[str, Any]], show: Printer, *, changes: Paths | None = None) -> None:
    """Show the lines and exit. After `changes` a running app takes the files over."""
    from trayassist.api import TrayassistError
    from trayassist.cli.verbs.arguments import exit_code

    code = 0
    show = for_display(show)
    try:
        for line in lines:
            code = int(line.pop("exit", code))
            show(line)
    except TrayassistError as error:
        show({"error": error.what, "todo": error.todo})
        sys.exit(exit_code(error))
    if changes is not None:
        client.tell(changes, "reload")  # where nothing runs, the next start reads the files
    sys.exit(code)


# ---------------------------------------------------------------- for people


def _print_settings(line: Line) -> None:
    if print_error(line):
        return
    for name, title in (("app", "file"), ("registry", "registry_file")):
        click.echo(f"# {line[title]}")
        for key, place in line["sources"][name].items():
            source = f"line {place['line']}" if place["line"] else "shipped"
            click.echo(f"{f'{key}: {_value(place["value"])}':<60}  # {source}")
        click.echo()
    for role in line["roles"]:
        model = f"{role['model']}: {role['why']}" if role["model"] else role["why"]
        click.echo(f"{role['role']}: {model}")


def _value(value: object) -> str:
    import yaml

    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=float("inf"))
    return text.removesuffix("\n").removesuffix("\n...")


def _print_finding(line: Line) -> None:
    if print_error(line):
        return
    if line.get("summary"):
        parts = [count(line[f"{noun}s"], noun) for noun in ("error", "warning", "note")]
        click.echo(", ".join(parts) + ".")
        return
    where = f"{line['file']}, line {line['line']}: " if line["line"] else ""
    click.echo(
        f"{click.style(line['level'], fg=COLOURS[line['level']])}: {where}{line['what']} {line['todo']}".rstrip()
    )


def _print_snapshot(line: Line) -> None:
    if print_error(line):
        return
    if "level" in line:
        _print_finding(line)
        return
    files = ", ".join(line["files"]) or "no file of yours"
    head = "put back: " if line.get("restored") else ""
    click.echo(f"{head}{line['number']}  {line['at']}  {line['why']}  ({files})")


def _print_import(line: Line) -> None:
    if print_error(line):
        return
    if line.get("summary"):
        click.echo(f"{count(line['taken'], 'key')} set, {count(line['left'], 'thing')} left.")
    elif "left" in line:
        click.echo(f"left: {line['left']}: {line['why']}")
    else:
        click.echo(f"set: {line['taken']}: {_value(line['value'])}")


def _print_entry(line: Line) -> None:
    if print_error(line):
        return
    roles = ", ".join(line["roles"]) or "no role"
    after = f", fallback of {', '.join(line['fallback_of'])}" if line["fallback_of"] else ""
    facts = f"{line['kind']}, {line['quant'] or 'quantization unknown'}, {line['license'] or 'licence unknown'}"
    click.echo(f"{line['name']}: {roles}{after}; {facts}; {line['source']} ({line['provider']})")
