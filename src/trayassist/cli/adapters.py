"""`trayassist adapters`: LoRA adapters from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from trayassist.api.words import count
from trayassist.cli.printers import print_error
from trayassist.cli.runner import absolute_path, as_json, finish, json_option, run

Line = dict[str, Any]

scale_option = click.option("--scale", default=1.0, show_default=True, help="0 to 2; 1 is as it was trained.")
role_option = click.option("--role", default="persona", show_default=True, help="The role that answers with it.")


def _do(action: str, show: Callable[[Line], None], json_: bool, **arguments: Any) -> NoReturn:
    shown = (lambda line: None if "progress" in line else as_json(line)) if json_ else show
    sys.exit(run("adapters", {"action": action, **arguments}, shown, confirm=lambda _: False))


def _list(json_: bool) -> NoReturn:
    nothing = "There is no adapter yet. `trayassist adapters import PATH` takes in a GGUF LoRA or a PEFT folder."
    finish("adapters", {"action": "list"}, as_json if json_ else _print_adapters, nothing=nothing)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def adapters(context: click.Context, json_: bool) -> None:
    """LoRA adapters: import, evaluate, switch on and off."""
    if context.invoked_subcommand is None:
        _list(json_)


@adapters.command("list")
@json_option
def list_(json_: bool) -> None:
    """List the adapters: state, base, slot, what the evaluation said."""
    _list(json_)


@adapters.command("import")
@click.argument("path")
@click.option("--base", default="", help="The model it was trained on; without it, the role's model.")
@click.option("--name", default="", help="How to call it; without it, the file's or folder's name.")
@role_option
@json_option
def import_(path: str, base: str, name: str, role: str, json_: bool) -> None:
    """Take in a GGUF LoRA file or a PEFT folder; it waits for approval."""
    path = absolute_path(path)
    _do("import", AdapterPrinter(), json_, path=path, base=base, name=name, role=role)


@adapters.command()
@click.argument("id")
@json_option
def approve(id: str, json_: bool) -> None:  # noqa: A002  # here and below: the argument's own name
    """Approve an adapter, so that it may be evaluated."""
    _do("approve", _print_adapters, json_, id=id)


@adapters.command()
@click.argument("id")
@json_option
def reject(id: str, json_: bool) -> None:  # noqa: A002
    """Reject an adapter; it stays in the list and cannot be activated."""
    _do("reject", _print_adapters, json_, id=id)


@adapters.command("eval")
@click.argument("id")
@scale_option
@json_option
def evaluate(id: str, scale: float, json_: bool) -> None:  # noqa: A002
    """Compare answers with and without it on your golden prompts. Ends with 1 when it does not pass."""
    _do("eval", AdapterPrinter(), json_, id=id, scale=scale)


@adapters.command()
@click.argument("id")
@click.option("--slot", type=click.Choice(["history", "recent"]), required=True, help="Its place.")
@scale_option
@click.option("--override", metavar="REASON", default="", help="Activate it without a passed evaluation; logged.")
@json_option
def activate(id: str, slot: str, scale: float, override: str, json_: bool) -> None:  # noqa: A002
    """Switch an adapter on, from the next answer on."""
    _do("activate", _print_adapters, json_, id=id, slot=slot, scale=scale, override=override)


@adapters.command("scale")
@click.argument("id")
@click.argument("scale", type=float)
@json_option
def scale_(id: str, scale: float, json_: bool) -> None:  # noqa: A002
    """Change how much an active adapter counts."""
    _do("scale", _print_adapters, json_, id=id, scale=scale)


@adapters.command()
@click.argument("id")
@json_option
def off(id: str, json_: bool) -> None:  # noqa: A002
    """Switch an adapter off; `revert` brings it back."""
    _do("off", _print_adapters, json_, id=id)


@adapters.command()
@role_option
@json_option
def revert(role: str, json_: bool) -> None:
    """Go back to the adapters before the last change."""
    _do("revert", _print_adapters, json_, role=role)


@adapters.command()
@role_option
@json_option
def verify(role: str, json_: bool) -> None:
    """Ask the role's model once, and say whether its adapters were really applied."""
    _do("verify", _print_adapters, json_, role=role)


@adapters.command()
@click.argument("id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(id: str, yes: bool, json_: bool) -> None:  # noqa: A002
    """Remove an adapter that is not active, and its files."""
    if not yes and not (sys.stdin.isatty() and click.confirm(f"Remove the adapter {id} and its files?")):
        click.echo("Nothing was removed. With --yes it is removed without asking.", err=True)
        sys.exit(1)
    _do("remove", _print_adapters, json_, id=id)


@adapters.command()
@click.argument("id", required=False)
@click.argument("dest", required=False)
@click.option(
    "--training", metavar="FILE", help="Write past answers of the assistant as training data, without secrets."
)
@json_option
def export(id: str | None, dest: str | None, training: str | None, json_: bool) -> None:  # noqa: A002
    """Copy the adapter ID into the folder DEST, or write training data with --training."""
    if training and not id:
        _do("training", _print_adapters, json_, dest=absolute_path(training))
    if training or not id or not dest:
        raise click.UsageError("Give ID and DEST, or --training FILE.")
    _do("export", _print_adapters, json_, id=id, dest=absolute_path(dest))


def _print_adapters(line: Line) -> None:
    if print_error(line):
        return
    if "to" in line:
        pairs = f"{count(line['pairs'], 'pair')} written to " if "pairs" in line else "copied to "
        click.echo(f"{pairs}{line['to']}")
        for why, number in line.get("left_out", {}).items():
            click.echo(f"  left out: {number} {why}")
    elif "removed" in line:
        click.echo(f"{line['removed']} is removed.")
    elif "bound" in line:
        click.echo(f"{', '.join(line['active'])}: {line['why']}")
    elif isinstance(line.get("active"), list):
        now = ", ".join(f"{one['id']} in {one['slot']} × {one['scale']:g}" for one in line["active"])
        click.echo(f"{line['role']}: {now or 'no adapter'}")
    else:
        _print_adapter(line)


def _print_adapter(line: Line) -> None:
    active, evaluation = line.get("active"), line.get("evaluation")
    place = f"{active['slot']} × {active['scale']:g}" if active else ""
    score = f"{evaluation['score_adapter']:.0%} (base {evaluation['score_base']:.0%})" if evaluation else ""
    base = f"for {line['base_model']}" if "base_model" in line else ""
    click.echo("  ".join(part for part in (f"{line['state']:9}", f"{line['id']:24}", base, place, score) if part))
    for text in (line.get("problem"), evaluation["why"] if evaluation else ""):
        if text:
            click.echo(f"{'':11}{text}")


class AdapterPrinter:
    """Shows on a terminal where a long action stands, then its result."""

    def __call__(self, line: Line) -> None:
        step = line.get("progress")
        if step is None:
            self._write("\r\x1b[K")
            _print_adapters(line)
        elif "stage" in step:
            share = f" {step['done'] / step['total']:.0%}" if step["total"] else ""
            self._write(f"\r\x1b[K{step['stage']}{share}")
        else:
            side = "with" if step["with_adapter"] else "without"
            self._write(
                f"\r\x1b[K{step['done']}/{count(step['total'], 'answer')} · {side} the adapter · {step['name'][:50]}"
            )

    @staticmethod
    def _write(text: str) -> None:
        if sys.stderr.isatty():
            click.echo(text, nl=False, err=True)
