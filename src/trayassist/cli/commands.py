"""The verbs as click commands: options in, exit code out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from trayassist import __version__
from trayassist.cli import printers
from trayassist.cli.runner import Printer, as_json, read_batch, run

EXIT_UNREADABLE = 3
NO_PARTS = "There is no {}: none of the plugins that are on hands one over. `trayassist plugins` lists them."

json_option = click.option("--json", "json_", is_flag=True, help="One JSON object a line.")
batch_option = click.option(
    "--batch", metavar="FILE|-", help="Read one JSON object a line from FILE or standard input, write one for each."
)


def _finish(verb: str, arguments: dict[str, Any], show: Printer, *, nothing: str = "") -> NoReturn:
    """Run the verb and exit; `nothing` is said to people when it has nothing to show."""
    shown = False

    def tell(line: dict[str, Any]) -> None:
        nonlocal shown
        shown = True
        show(line)

    code = run(verb, arguments, tell, confirm=_confirm)
    if nothing and not shown and show is not as_json:
        click.echo(nothing)
    sys.exit(code)


def _confirm(question: str) -> bool:
    """Return the user's yes; without a terminal nobody can say it, so it is no."""
    if not sys.stdin.isatty():
        click.echo(f"{question} (Not done: there is no terminal to ask on.)", err=True)
        return False
    return click.confirm(question, default=False)


def _batch(source: str) -> list[dict[str, Any]]:
    try:
        return list(read_batch(source))
    except OSError as error:
        click.echo(f"{source} cannot be read: {error.strerror}. Check the path and try again.", err=True)
        sys.exit(EXIT_UNREADABLE)


def _absolute(paths: tuple[str, ...]) -> list[str]:
    return [str(Path(path).expanduser().absolute()) for path in paths]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trayassist")
def group() -> None:
    """Ask your own documents, on your own machine.

    Without a verb, trayassist starts in the system tray, or shows the popup of the one that runs.
    `trayassist toggle` shows or hides it: bind that to a key where the global hotkey cannot work.

    Starting takes --hidden (no popup), --hot-only (no file of a warm model is read ahead, whatever the registry says)
    and --preload-warm (they are read ahead once, at low priority).
    """


@group.command()
@click.argument("text")
@click.option("--role", help="Who answers: persona, coder, curator or a plugin's role.")
@click.option("--model", help="A model of registry.yaml that answers this question instead of the role's.")
@click.option("--conversation", default="", help="A name; questions under the same name keep their context.")
@click.option("--file", "files", multiple=True, type=click.Path(exists=True), help="A file the question is about.")
@click.option("--thoughts", is_flag=True, help="Show the model's reasoning too, dimmed, on standard error.")
@json_option
def ask(
    text: str,
    role: str | None,
    model: str | None,
    conversation: str,
    files: tuple[str, ...],
    thoughts: bool,
    json_: bool,
) -> None:
    """Answer a question, with the pages the answer rests on."""
    _not_empty(text, "TEXT")
    arguments = {"text": text, "role": role, "model": model, "conversation": conversation, "files": _absolute(files)}
    _finish("ask", arguments, as_json if json_ else printers.Answer(thoughts=thoughts))


@group.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--password", help="Opens encrypted files. It is not stored.")
@json_option
def ingest(paths: tuple[str, ...], password: str | None, json_: bool) -> None:
    """Remember files and folders."""
    arguments = {"paths": _absolute(paths), "password": password}
    _finish("ingest", arguments, printers.without_progress(as_json) if json_ else printers.Ingested())


@group.command()
@click.argument("query", required=False)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100), help="How many.")
@batch_option
@json_option
def search(query: str | None, limit: int, batch: str | None, json_: bool) -> None:
    """Find the pages about something."""
    _one_of(query, batch, "QUERY")
    _not_empty(query, "QUERY")
    arguments = {"limit": limit} | ({"batch": _batch(batch)} if batch else {"query": query})
    _finish("search", arguments, as_json if json_ or batch else printers.results)


@group.command()
@click.argument("text", required=False)
@batch_option
@json_option
def route(text: str | None, batch: str | None, json_: bool) -> None:
    """Show which role a request would go to, and why."""
    _one_of(text, batch, "TEXT")
    _not_empty(text, "TEXT")
    _finish(
        "route", {"batch": _batch(batch)} if batch else {"text": text}, as_json if json_ or batch else printers.route
    )


@group.command()
@click.argument("text", required=False)
@click.option(
    "--as",
    "part",
    type=click.Choice(["prompt", "context", "answer", "command"]),
    default="prompt",
    show_default=True,
    help="What the text is.",
)
@batch_option
@json_option
def inspect(text: str | None, part: str, batch: str | None, json_: bool) -> None:
    """Show the watchdog's verdict on a text."""
    _one_of(text, batch, "TEXT")
    arguments = {"batch": _batch(batch)} if batch else {"text": text, "part": part}
    _finish("inspect", arguments, as_json if json_ or batch else printers.verdict)


@group.group()
def memory() -> None:
    """See what is remembered, and forget it."""


@memory.command("list")
@json_option
def memory_list(json_: bool) -> None:
    """List the remembered documents and facts."""
    nothing = "Nothing is remembered yet. `trayassist ingest PATH` reads files and folders."
    _finish("memory", {"action": "list"}, as_json if json_ else printers.Documents(), nothing=nothing)


@memory.command("forget")
@click.argument("path", required=False)
@click.option("--all", "everything", is_flag=True, help="Forget every document and fact.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def memory_forget(path: str | None, everything: bool, yes: bool, json_: bool) -> None:
    """Forget a file, all files in a folder, or everything."""
    if bool(path) == everything:
        raise click.UsageError("Give a PATH, or --all.")
    if everything and not yes and not _confirm("Forget every document and fact? This cannot be undone."):
        sys.exit(1)
    arguments = {"action": "forget", "everything": everything}
    if path:
        arguments["path"] = _absolute((path,))[0]
    _finish("memory", arguments, as_json if json_ else printers.forgotten)


@group.command()
@click.option("--enable", metavar="NAME", help="Switch a plugin on.")
@click.option("--disable", metavar="NAME", help="Switch a plugin off.")
@json_option
def plugins(enable: str | None, disable: str | None, json_: bool) -> None:
    """List the plugins: name, version, distribution, state, and why one is broken."""
    arguments = {"enable": enable, "disable": disable}
    _finish("plugins", arguments, as_json if json_ else printers.plugin)


@group.group(invoke_without_command=True)
@json_option
@click.pass_context
def tools(context: click.Context, json_: bool) -> None:
    """List the plugins' tools, or run one."""
    if context.invoked_subcommand is None:
        _finish("tools", {"action": "list"}, as_json if json_ else printers.named, nothing=NO_PARTS.format("tool"))


@tools.command("run")
@click.argument("name")
@click.argument("arguments", default="{}")
@json_option
def tools_run(name: str, arguments: str, json_: bool) -> None:
    """Run a tool; ARGUMENTS is a JSON object."""
    try:
        given = json.loads(arguments)
    except ValueError as error:
        raise click.UsageError(f"ARGUMENTS is not JSON: {error}.") from error
    if not isinstance(given, dict):
        raise click.UsageError("ARGUMENTS must be a JSON object.")
    _finish("tools", {"action": "run", "name": name, "arguments": given}, as_json if json_ else printers.named)


@group.group(invoke_without_command=True)
@json_option
@click.pass_context
def jobs(context: click.Context, json_: bool) -> None:
    """List the plugins' jobs, or run one."""
    if context.invoked_subcommand is None:
        _finish("jobs", {"action": "list"}, as_json if json_ else printers.named, nothing=NO_PARTS.format("job"))


@jobs.command("run")
@click.argument("name")
@json_option
def jobs_run(name: str, json_: bool) -> None:
    """Run a job now."""
    _finish("jobs", {"action": "run", "name": name}, as_json if json_ else printers.named)


@group.command()
@json_option
def status(json_: bool) -> None:
    """Show what runs, what is remembered and what is missing."""
    _finish("status", {}, as_json if json_ else printers.status)


@group.command()
@json_option
def demo(json_: bool) -> None:
    """Remember three sample documents in a folder of its own and ask them three questions."""
    from trayassist.cli.demo import demo as run_demo

    sys.exit(run_demo(json_))


@group.command()
def toggle() -> None:
    """Show or hide the popup of the running trayassist."""
    raise click.UsageError("toggle takes no options.")  # without options it never gets here: see __main__


def _one_of(argument: str | None, batch: str | None, name: str) -> None:
    if (argument is None) == (batch is None):
        raise click.UsageError(f"Give {name}, or --batch FILE.")


def _not_empty(argument: str | None, name: str) -> None:
    if argument is not None and not argument.strip():
        raise click.UsageError(f"{name} is empty.")


def cli() -> int:
    """Run the command line; return the exit code."""
    result: Callable[..., Any] = group
    result(prog_name="trayassist")
    return 0
