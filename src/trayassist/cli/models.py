"""`trayassist models`, `tune-draft`, `draft-compat`: what suits this machine, fetching, adding, loading, measuring."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from trayassist.api.words import count
from trayassist.cli.printers import RESIDENCES, STANDINGS, Line, print_error
from trayassist.cli.runner import absolute_path, as_json, confirm_on_terminal, finish, for_display, json_option, run
from trayassist.ipc import EXIT_NO, EXIT_UNREADABLE

if TYPE_CHECKING:
    from trayassist.models.gguf.drafts import Compatibility

EXIT_FITS, EXIT_DOES_NOT, EXIT_FITS_WITH_WARNINGS = 0, 1, 2  # of draft-compat alone
EVERY_S = 0.2
COLUMNS = "{:28} {:14} {:22} {:8} {:>9} {:16} {:>12}  {}"
HEADS = ("role", "now", "model", "quant", "memory", "stays", "speed", "licence")
USES = {"worker": "assistant", "coder": "code", "embedder": "search"}  # of the slots of a proposed stack


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def models(context: click.Context, json_: bool) -> None:
    """Models: what suits this machine, fetch, add, remove, load, measure."""
    if context.invoked_subcommand is None:
        _do("list", ModelListPrinter(), json_)


@models.command()
@json_option
def recommend(json_: bool) -> None:
    """Propose models for this machine: size, licence, and whether they fit. Ends with 1 when not all do."""
    _do("recommend", print_recommendation, json_)


@models.command("list")
@json_option
def list_(json_: bool) -> None:
    """List the described models: role, place, model, quantization, memory, speed, licence, problems."""
    _do("list", ModelListPrinter(), json_)


@models.command()
@click.argument("names", nargs=-1)
@click.option(
    "--tier",
    type=click.Choice(["hot", "warm", "all"]),
    help="Described models without a file: those always loaded (hot), those loaded on demand (warm), or all.",
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
    if not yes and not confirm_on_terminal("Fetch this?"):
        sys.exit(EXIT_NO)
    _do("fetch", FetchPrinter(), json_, confirmed=plan)


@models.command()
@click.argument("name")
@json_option
def cancel(name: str, json_: bool) -> None:
    """Give up a download that is not done, and remove what was fetched of it."""
    _do("cancel", print_change, json_, name=name)


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
    where = absolute_path(path)
    _do("add", WorkPrinter(print_change), json_, path=where, name=name, kind=kind, roles=given, move=move)


@models.command()
@click.argument("name")
@click.option("--delete", is_flag=True, help="Delete its file, too, when it lies in the models folder.")
@click.option("--yes", is_flag=True, help="Do not ask before a file is deleted.")
@json_option
def remove(name: str, delete: bool, yes: bool, json_: bool) -> None:
    """Take a model out of your registry.yaml, and away from its roles."""
    if delete and not yes and not confirm_on_terminal(f"Delete the file of {name}? This cannot be undone."):
        sys.exit(EXIT_NO)
    _do("remove", print_change, json_, name=name, delete=delete)


@models.command()
@click.argument("name")
@click.option("--role", required=True, help="Who answers: persona, coder, curator or a plugin's.")
@json_option
def use(name: str, role: str, json_: bool) -> None:
    """Let a model answer for a role from now on: sets the role's model in your registry.yaml, after a snapshot."""
    _do("use", print_change, json_, name=name, role=role)


@models.command()
@click.argument("name")
@json_option
def load(name: str, json_: bool) -> None:
    """Load a model now, also one that is loaded by hand only. It stays loaded while trayassist runs in the tray."""
    _do("load", WorkPrinter(ModelListPrinter()), json_, name=name)


@models.command()
@click.argument("name")
@json_option
def unload(name: str, json_: bool) -> None:
    """Unload a model; its memory is free then."""
    _do("unload", WorkPrinter(ModelListPrinter()), json_, name=name)


@models.command()
@click.argument("name")
@click.option("--tokens", default=64, show_default=True, type=click.IntRange(8, 4096), help="How many it writes.")
@json_option
def bench(name: str, tokens: int, json_: bool) -> None:
    """Measure how fast a model reads and writes on this machine; the speed is kept and shown beside it."""
    _do("bench", WorkPrinter(print_benchmark), json_, name=name, tokens=tokens)


def _plan(asked: Line, json_: bool) -> Line:
    """Show the plan and return it; end here when there is nothing to fetch."""
    kept: list[Line] = []

    def show(line: Line) -> None:
        kept.append(line)
        as_json(line) if json_ else print_plan(line)

    code = run("models", {"action": "plan", **asked}, show, confirm=lambda _: False)
    found = next((line["plan"] for line in kept if line.get("plan")), None)
    if code or found is None:
        sys.exit(code)
    return dict(found)


def _do(action: str, show: Callable[[Line], None], json_: bool, **arguments: Any) -> NoReturn:
    shown = print_json_results if json_ else show
    sys.exit(run("models", {"action": action, **arguments}, shown, confirm=confirm_on_terminal))


def print_json_results(line: Line) -> None:
    """Print an object, unless it only says how far things are."""
    if "progress" not in line and "status" not in line:
        as_json(line)


# ------------------------------------------------------------ drafts


@click.command("tune-draft")
@click.argument("target")
@click.argument("draft")
@json_option
def tune_draft(target: str, draft: str, json_: bool) -> None:
    """Measure whether the model DRAFT makes the model TARGET faster here, and keep the best depth.

    Both are names of the registry, or GGUF files. Leave the machine alone meanwhile: it takes some minutes, and what
    else runs is in the figures. Ends with 1 when drafting does not pay; the pair is then left off.
    """
    arguments = {"target": _whole_path(target), "draft": _whole_path(draft)}
    finish("tune_draft", arguments, as_json if json_ else print_tuning)


def _whole_path(model: str) -> str:
    """Return a file's whole path, and a name of the registry as it is."""
    return absolute_path(model) if Path(model).is_file() else model


def print_tuning(line: Line) -> None:
    """Print a depth's figures, or what was found."""
    if print_error(line):
        return
    if "status" in line:
        if sys.stderr.isatty():
            click.echo(click.style(f"{line['status']}…", dim=True), err=True)
    elif "measured" in line:
        row = line["measured"]
        share = f", {row['accepted']:.0%} of the draft right" if row["k"] else ""
        differs = "" if row["same_text"] else f", another text (from {row['gap']:.2f} nats)"
        depth = f"{row['k']:2} drafted" if row["k"] else "no draft  "
        click.echo(f"{depth}  {row['tokens_per_s']:8.1f} tokens/s  × {row['gain']:.2f}{share}{differs}")
    elif "tuned" in line:
        found = line["tuned"]
        kept = (
            f"{count(found['k'], 'token')} at once {'is' if found['k'] == 1 else 'are'} kept"
            if found["k"]
            else "No draft is kept"
        )
        click.echo(
            f"{kept} for {found['target']} with {found['draft']}{': ' + found['note'] if found['note'] else ''}."
        )


class _VerdictCommand(click.Command):
    """A command whose exit code 2 is an answer: wrong usage ends with another code."""

    def make_context(self, *given: Any, **more: Any) -> click.Context:
        try:
            return super().make_context(*given, **more)
        except click.UsageError as error:
            error.show()
            sys.exit(EXIT_UNREADABLE)


@click.command("draft-compat", cls=_VerdictCommand)
@click.argument("target")
@click.argument("draft")
@json_option
def draft_compat(target: str, draft: str, json_: bool) -> None:
    """Say whether the model DRAFT can draft for the model TARGET.

    Both are GGUF files, or names of the registry. Ends with 0 when they fit, 1 when they do not, 2 when they fit
    with warnings, 3 when one cannot be read or is not named.
    """
    from trayassist import paths
    from trayassist.api import TrayassistError
    from trayassist.models.gguf import drafts

    try:
        found = drafts.compare_named(paths.current(), target, draft)
    except TrayassistError as error:
        line: dict[str, Any] = {"error": error.what, "todo": error.todo}
        as_json(line) if json_ else for_display(print_error)(line)
        sys.exit(EXIT_UNREADABLE)
    if json_:
        as_json(_as_line(found))
    else:
        _print_compatibility(found, drafts.visible)
    sys.exit(EXIT_DOES_NOT if found.reasons else EXIT_FITS_WITH_WARNINGS if found.warnings else EXIT_FITS)


def _as_line(found: Compatibility) -> dict[str, Any]:
    """Return the verdict as a JSON object."""
    line = dataclasses.asdict(found) | {"target": str(found.target), "draft": str(found.draft)}
    return {"compatible": found.compatible} | line


def _print_compatibility(found: Compatibility, visible: Callable[[str], str]) -> None:
    """Print the verdict; names and what the files' headers say of themselves come from outside."""
    from trayassist.api import one_line

    pair = f"{found.draft.name} {'can' if found.compatible else 'cannot'} draft for {found.target.name}"
    lines = [f"{pair}{'' if found.compatible else ':'}", *(f"  {reason}" for reason in found.reasons)]
    if found.first_difference is not None:
        difference = found.first_difference
        lines.append(f"  token {difference.token}: “{visible(difference.target)}” and “{visible(difference.draft)}”")
    lines += [f"  warning: {warning}" for warning in found.warnings]
    for line in lines:
        click.echo(one_line(line))


# ------------------------------------------------------------ for people


def print_recommendation(line: Line) -> None:
    """Print a line of the recommendation."""
    if print_error(line):
        return
    if "machine" in line:
        machine = line["machine"]
        vram = f", {_gb(machine['vram'])} of graphics memory" if machine["vram"] else ""
        cores = count(machine["cores"], "core")
        click.echo(f"This machine: {_gb(machine['ram'])} of memory{vram}, {cores}. Size class {line['tier']}.")
        click.echo(f"Models may take {_gb(line['budget'])}.\n")
    elif "slot" in line:
        colour = {"fits": "green", "slow": "yellow"}.get(line["fit"], "red")
        fit = click.style(f"{line['fit']:10}", fg=colour)
        size = f"{_gb(line['bytes'])} to fetch, {_gb(line['memory'])} of memory"
        click.echo(f"{USES[line['slot']]:9} {line['model']:20} {fit} about {size}, {line['quant']}, {line['license']}")
        for more in (line["why"], line["note"]):
            if more:
                click.echo(f"{'':30} {more}")
    else:
        click.echo(f"\nTo fetch: about {_gb(line['download'])}; the disk has {_gb(line['disk_free'])} free.")
        for note in line["notes"]:
            click.echo(note)
        click.echo("Nothing was fetched. `trayassist models fetch --recommended` shows the files and asks.")


class ModelListPrinter:
    """Prints described models under a head, and downloads that are not done."""

    def __init__(self) -> None:
        self._head = click.style(COLUMNS.format(*HEADS), bold=True)

    def __call__(self, line: Line) -> None:
        if "name" in line and self._head:
            click.echo(self._head)
            self._head = ""
        _print_model(line)


def _print_model(line: Line) -> None:
    if print_error(line):
        return
    if "says" in line:
        click.echo(line["says"])
        return
    if "download" in line:
        progress = line["download"]
        click.echo(f"{progress['model']}: {progress['state']}, {_share(progress)} {progress['problem']}".rstrip())
        return
    speed = f"{line['tokens_per_s']:.1f} tok/s" if line["tokens_per_s"] else "–"
    memory = _gb(line["measured"] or line["estimated"]) if line["measured"] or line["estimated"] else "–"
    roles = ", ".join(line["roles"]) or "no role"
    licence = line["license"] or click.style("licence not known", fg="yellow")
    click.echo(
        COLUMNS.format(
            roles if len(roles) <= 28 else f"{roles[:27]}…",
            STANDINGS.get(line["endpoint"], line["endpoint"]),
            line["name"],
            line["quant"] or "–",
            memory,
            RESIDENCES[line["residence"]],
            speed,
            licence,
        )
    )
    if line["problem"]:
        click.echo(f"{'':28} {click.style(line['problem'], fg='yellow')}")


def print_plan(line: Line) -> None:
    """Print a line of a download's plan."""
    if print_error(line):
        return
    if "file" in line:
        file = line["file"]
        rest = "is there already" if not line["left"] else f"{_gb(line['left'])} to fetch"
        licence = file["license"] or click.style("licence not known", fg="yellow")
        click.echo(f"{file['model']:20} {file['repo']}/{file['file']}  {_gb(file['bytes'])}, {rest}, {licence}")
        click.echo(f"{'':20} to {file['target']}")
    elif "by_hand" in line or line.get("says"):
        click.echo(line["says"])
    elif line.get("plan") and line["plan"]["files"]:  # without any, why not was said above
        plan = line["plan"]
        click.echo(f"In all {_gb(plan['left'])} to fetch; the disk has {_gb(plan['disk_free'])} free.")
        if line["refusal"]:
            click.echo(line["refusal"], err=True)


def print_change(line: Line) -> None:
    """Print what was added or removed."""
    if print_error(line):
        return
    if "removed" in line:
        roles = f" It is gone from {', '.join(line['roles'])}." if line["roles"] else ""
        click.echo(f"{line['removed']} is taken out.{roles}")
    elif "cancelled" in line:
        click.echo(f"{line['cancelled']} is not fetched any more.")
    else:
        click.echo(line["says"])


def print_benchmark(line: Line) -> None:
    """Print what was measured of a model."""
    if print_error(line):
        return
    head = f"{line['model']}: loaded in {line['load_ms'] / 1e3:.1f} s, {_gb(line['memory'])} of memory"
    if line["passages_per_s"]:
        click.echo(f"{head}, {line['passages_per_s']:.1f} passages/s")
        return
    was = f" (before: {line['before']:.1f})" if line["before"] else ""
    click.echo(
        f"{head}, reads {line['prompt_tokens_per_s']:.0f} tokens/s, writes {line['tokens_per_s']:.1f} tokens/s{was}"
        + (f", {count(line['gpu_layers'], 'layer')} on the GPU" if line["gpu_layers"] else "")
    )
    click.echo(
        f"It may not answer instead of another model: {line['unfit']}."
        if line["unfit"]
        else "It may answer instead of another model: it passed the smoke tasks."
    )


class WorkPrinter:
    """Shows on a terminal what is going on, then hands the result to `show`."""

    def __init__(self, show: Callable[[Line], None]) -> None:
        self._show, self._last = show, 0.0

    def __call__(self, line: Line) -> None:
        if "status" in line:
            self._say(f"{line['status']}…")
        elif "progress" in line:
            step = line["progress"]
            if step["total"] and time.monotonic() - self._last > EVERY_S:
                self._last = time.monotonic()
                self._say(f"{_gb(step['done'])} of {_gb(step['total'])}")
        else:
            self._say("")
            self._show(line)

    @staticmethod
    def _say(text: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{text}", nl=False, err=True)


class FetchPrinter:
    """Shows how far a download is, then a line per model."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, line: Line) -> None:
        if "progress" in line:
            self._progress(line["progress"])
        elif "state" in line:
            self._clear()
            words = {"done": "fetched and checked", "paused": "paused; the same command goes on"}
            click.echo(f"{line['model']}: {words.get(line['state'], line['state'])}")
            print_error(line)
        elif "fetched" not in line:
            self._clear()
            print_error(line)

    def _progress(self, step: Line) -> None:
        if not sys.stderr.isatty() or time.monotonic() - self._last < EVERY_S:
            return
        self._last = time.monotonic()
        left = f", {step['seconds_left']:.0f} s left" if step["seconds_left"] is not None else ""
        rate = f" · {_gb(step['rate'])}/s{left}" if step["rate"] else ""
        click.echo(f"\r\x1b[K{step['model']} · {step['state']} · {_share(step)}{rate}", nl=False, err=True)

    @staticmethod
    def _clear() -> None:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)


def _share(progress: Line) -> str:
    return f"{_gb(progress['bytes'])} of {_gb(progress['total'])}"


def _gb(value: float) -> str:
    if value < 1e6:
        return f"{value / 1e3:.0f} kB"
    return f"{value / 1e9:.1f} GB" if value >= 995_000_000 else f"{value / 1e6:.0f} MB"
