"""The command line: its entry, and the commands about questions, memory, plugins and the app."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trayassist import __version__, logs, paths
from trayassist.cli import adapters, config, models, printers, providers
from trayassist.cli.runner import (
    absolute_path,
    as_json,
    clean_stdout,
    confirm_on_terminal,
    finish,
    json_option,
    read_batch,
    run,
)
from trayassist.ipc import EXIT_UNREADABLE

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

QUESTIONS = (
    "What is the late fee in the Miller lease?",
    "How often should the espresso machine be descaled?",
    "What was the revenue of Harbor Robotics in 2025?",
)
NO_PARTS = "There is no {}: none of the plugins that are on hands one over. `trayassist plugins` lists them."

batch_option = click.option(
    "--batch", metavar="FILE|-", help="Read one JSON object a line from FILE or standard input, write one for each."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trayassist")
def group() -> None:
    """Ask your own documents, on your own machine.

    Without a verb, trayassist starts in the system tray, or shows the popup of the one that runs.
    `trayassist toggle` shows or hides it: bind that to a key where the global hotkey cannot work.

    Starting takes --hidden (no popup), --preload-warm (files of models that are loaded on demand are read ahead once,
    at low priority) and --hot-only (they are not, whatever registry.yaml says).
    """


@group.command()
@click.argument("text")
@click.option("--role", help="Who answers: persona, coder, curator or a plugin's role.")
@click.option("--model", help="A model of registry.yaml that answers this question instead of the role's.")
@click.option("--no-model", is_flag=True, help="Without a model: quotes only.")
@click.option("--conversation", default="", help="A name; questions under the same name keep their context.")
@click.option("--file", "files", multiple=True, type=click.Path(exists=True), help="A file the question is about.")
@click.option("--thoughts", is_flag=True, help="Show the model's reasoning too, dimmed, on standard error.")
@json_option
def ask(
    text: str,
    role: str | None,
    model: str | None,
    no_model: bool,
    conversation: str,
    files: tuple[str, ...],
    thoughts: bool,
    json_: bool,
) -> None:
    """Answer a question, with the pages the answer rests on."""
    _not_empty(text, "TEXT")
    if model and no_model:
        raise click.UsageError("Give --model or --no-model, not both.")
    given = list(map(absolute_path, files))
    chosen = "" if no_model else model
    arguments = {"text": text, "role": role, "model": chosen, "conversation": conversation, "files": given}
    finish("ask", arguments, as_json if json_ else printers.AnswerPrinter(thoughts=thoughts))


@group.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--password", help="Opens encrypted files. It is not stored.")
@json_option
def ingest(paths: tuple[str, ...], password: str | None, json_: bool) -> None:
    """Remember files and folders."""
    arguments = {"paths": list(map(absolute_path, paths)), "password": password}
    finish("ingest", arguments, printers.without_progress(as_json) if json_ else printers.IngestPrinter())


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
    finish("search", arguments, as_json if json_ or batch else printers.print_results)


@group.command()
@click.argument("text", required=False)
@batch_option
@json_option
def route(text: str | None, batch: str | None, json_: bool) -> None:
    """Show which role a request would go to, and why."""
    _one_of(text, batch, "TEXT")
    _not_empty(text, "TEXT")
    finish(
        "route",
        {"batch": _batch(batch)} if batch else {"text": text},
        as_json if json_ or batch else printers.print_route,
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
    """Show what the safety check says of a text: its risk, and why."""
    _one_of(text, batch, "TEXT")
    arguments = {"batch": _batch(batch)} if batch else {"text": text, "part": part}
    finish("inspect", arguments, as_json if json_ or batch else printers.print_verdict)


@group.group()
def memory() -> None:
    """See what is remembered, and forget it."""


@memory.command("list")
@json_option
def memory_list(json_: bool) -> None:
    """List the remembered documents and facts."""
    nothing = "Nothing is remembered yet. `trayassist ingest PATH` reads files and folders."
    finish("memory", {"action": "list"}, as_json if json_ else printers.MemoryPrinter(), nothing=nothing)


@memory.command("show")
@click.argument("path")
@json_option
def memory_show(path: str, json_: bool) -> None:
    """Show the passages of a remembered file as they are indexed."""
    arguments = {"action": "show", "path": absolute_path(path)}
    nothing = "The file has no text that could be indexed."
    finish("memory", arguments, as_json if json_ else printers.print_passage, nothing=nothing)


@memory.command("forget")
@click.argument("path", required=False)
@click.option("--all", "everything", is_flag=True, help="Forget every document and fact.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def memory_forget(path: str | None, everything: bool, yes: bool, json_: bool) -> None:
    """Forget a file, all files in a folder, or everything."""
    if bool(path) == everything:
        raise click.UsageError("Give a PATH, or --all.")
    if everything and not yes and not confirm_on_terminal("Forget every document and fact? This cannot be undone."):
        sys.exit(1)
    arguments = {"action": "forget", "everything": everything}
    if path:
        arguments["path"] = absolute_path(path)
    finish("memory", arguments, as_json if json_ else printers.print_forget_count)


@group.command()
@click.option("--enable", metavar="NAME", help="Switch a plugin on.")
@click.option("--disable", metavar="NAME", help="Switch a plugin off.")
@json_option
def plugins(enable: str | None, disable: str | None, json_: bool) -> None:
    """List the plugins: name, version, distribution, state, and why one is broken."""
    arguments = {"enable": enable, "disable": disable}
    finish("plugins", arguments, as_json if json_ else printers.print_plugin)


@group.group(invoke_without_command=True)
@json_option
@click.pass_context
def tools(context: click.Context, json_: bool) -> None:
    """List the plugins' tools, or run one."""
    if context.invoked_subcommand is None:
        finish("tools", {"action": "list"}, as_json if json_ else printers.print_part, nothing=NO_PARTS.format("tool"))


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
    finish("tools", {"action": "run", "name": name, "arguments": given}, as_json if json_ else printers.print_part)


@group.group(invoke_without_command=True)
@json_option
@click.pass_context
def jobs(context: click.Context, json_: bool) -> None:
    """List the plugins' jobs, or run one."""
    if context.invoked_subcommand is None:
        finish("jobs", {"action": "list"}, as_json if json_ else printers.print_part, nothing=NO_PARTS.format("job"))


@jobs.command("run")
@click.argument("name")
@json_option
def jobs_run(name: str, json_: bool) -> None:
    """Run a job now."""
    finish("jobs", {"action": "run", "name": name}, as_json if json_ else printers.print_part)


@memory.command()
@click.option("--check", "action", flag_value="check", help="Only tell what it would do. Ends with 1 when it is due.")
@click.option("--again", "action", flag_value="again", help="Also when the model for search by meaning is the same.")
@click.option("--discard", "action", flag_value="discard", help="Remove what an unfinished one has done.")
@json_option
def reindex(action: str | None, json_: bool) -> None:
    """Prepare memory for the model for search by meaning that is set now. Searches go on; Ctrl+C keeps what is done."""
    finish(
        "reindex",
        {"action": action or "run"},
        printers.without_progress(as_json) if json_ else printers.ReindexPrinter(),
    )


@group.command()
@json_option
def status(json_: bool) -> None:
    """Show what runs, what is remembered and what is missing."""
    finish("status", {}, as_json if json_ else printers.print_status)


@group.command()
@click.option("--deep", is_flag=True, help="Load models with active adapters, to see that these are really applied.")
@json_option
def doctor(deep: bool, json_: bool) -> None:
    """Check models, adapters, speed, keyring, memory, plugins and disk. Ends with 1 when something is wrong."""
    sys.exit(run("doctor", {"deep": deep}, as_json if json_ else printers.print_check, confirm=lambda _: False))


@group.command()
@json_option
def demo(json_: bool) -> None:
    """Remember three sample documents in a folder of its own and ask them three questions."""
    sys.exit(_demo(json_))


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


def _batch(source: str) -> list[dict[str, Any]]:
    try:
        return list(read_batch(source))
    except OSError as error:
        click.echo(f"{source} cannot be read: {error.strerror}. Check the path and try again.", err=True)
        sys.exit(EXIT_UNREADABLE)


# ------------------------------------------------------------ demo


def _demo(json_: bool) -> int:
    """Ingest the samples, ask three questions, print route, cited answer, verdict and timings; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="trayassist-demo-") as folder:
        where = paths.Paths(config=Path(folder) / "config", data=Path(folder) / "data")
        where.make()
        logs.set_up(where.app_log)
        with clean_stdout():
            return asyncio.run(_demo_in(where, json_))


async def _demo_in(where: paths.Paths, json_: bool) -> int:
    from trayassist.assistant import Assistant

    assistant = Assistant(where)
    code = 0
    try:
        await assistant.start()
        _say_step("Reading the sample documents", json_)
        samples = [str(path) for path in sorted(paths.shipped_file("resources/samples").glob("*.pdf"))]
        code = max(code, await _show_verb(assistant, "ingest", {"paths": samples}, printers.IngestPrinter(), json_))
        for question in QUESTIONS:
            _say_step(f"\n> {question}", json_)
            code = max(code, await _show_verb(assistant, "route", {"text": question}, printers.print_route, json_))
            code = max(code, await _show_verb(assistant, "ask", {"text": question}, DemoAnswerPrinter(), json_))
        _say_step("\nNext: `trayassist ingest YOUR-FILES`, then `trayassist` for the tray and the hotkey.", json_)
    finally:
        await assistant.stop()
    return code


class DemoAnswerPrinter:
    """Prints an answer and, unlike the plain printer, always its safety check and timings."""

    def __init__(self) -> None:
        self._answer = printers.AnswerPrinter()

    def __call__(self, line: dict[str, Any]) -> None:
        self._answer(line)
        if line.get("event") == "finished":
            timings = line["timings"]
            click.echo(
                f"    safety check: {line['verdict']['risk']} risk · route {timings['route_ms']:.1f} ms"
                f" · search {timings['search_ms']:.0f} ms · in all {timings['total_ms']:.0f} ms"
            )


async def _show_verb(assistant: Assistant, verb: str, arguments: dict[str, Any], show: Any, json_: bool) -> int:
    from trayassist.cli import verbs

    code = 0
    async with aclosing(verbs.run(assistant, verb, arguments)) as lines:
        async for line in lines:
            code = int(line.pop("exit", code))
            if json_ and "progress" not in line:
                as_json(line)
            elif not json_:
                show(line)
    return code


def _say_step(text: str, json_: bool) -> None:
    if not json_:
        click.echo(click.style(text, bold=True))


for family in (adapters.adapters, config.config_, config.import_, config.inventory, models.models, providers.providers):
    group.add_command(family)
for command in (models.tune_draft, models.draft_compat):
    group.add_command(command)


def cli() -> int:
    """Run the command line; return the exit code."""
    result: Callable[..., Any] = group
    result(prog_name="trayassist")
    return 0
