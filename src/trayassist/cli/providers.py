"""`trayassist providers`: who runs models. A key is typed unseen or comes from standard input, never as an argument."""

from __future__ import annotations

import sys

import click

from trayassist.api.words import count
from trayassist.cli.printers import Line, print_error
from trayassist.cli.runner import as_json, confirm_on_terminal, finish, json_option, run

KEYS = {"keyring": "key in the keyring", "session": "key for this session only", "nowhere": "no key stored", None: ""}


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def providers(context: click.Context, json_: bool) -> None:
    """See who can run models: this machine, and servers that are off until you switch them on."""
    if context.invoked_subcommand is None:
        finish("providers", {"action": "list"}, as_json if json_ else _print_provider)


@providers.command("list")
@json_option
def list_(json_: bool) -> None:
    """List the providers."""
    finish("providers", {"action": "list"}, as_json if json_ else _print_provider)


@providers.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask, even when it is on another machine.")
@json_option
def enable(name: str, yes: bool, json_: bool) -> None:
    """Switch a provider on. For one on another machine you are asked first."""
    asked: list[str] = []

    def show(line: Line) -> None:
        if "confirm" in line:
            asked.append(line["confirm"])
        else:
            (as_json if json_ else _print_provider)(line)

    arguments = {"action": "enable", "name": name, "confirmed": yes}
    code = run("providers", arguments, show, confirm=confirm_on_terminal)
    if asked and confirm_on_terminal(asked[0]):
        code = run("providers", {**arguments, "confirmed": True}, show, confirm=confirm_on_terminal)
    elif asked and json_:
        as_json({"error": "Not switched on: it was not confirmed.", "todo": asked[0]})
    sys.exit(code)


@providers.command()
@click.argument("name")
@json_option
def disable(name: str, json_: bool) -> None:
    """Switch a provider off: nothing is sent to it from then on."""
    finish("providers", {"action": "disable", "name": name}, as_json if json_ else _print_provider)


@providers.command()
@click.argument("name")
@click.argument("url")
@click.option("--premium", is_flag=True, help="It costs money: only roles and jobs that the policy names may use it.")
@json_option
def add(name: str, url: str, premium: bool, json_: bool) -> None:
    """Describe a server with OpenAI's interface at URL. It is off until you enable it."""
    arguments = {"action": "add", "name": name, "url": url, "premium": premium}
    finish("providers", arguments, as_json if json_ else _print_provider)


@providers.command()
@click.argument("name")
@json_option
def remove(name: str, json_: bool) -> None:
    """Remove a provider that you added."""
    finish("providers", {"action": "remove", "name": name}, as_json if json_ else _print_removal)


@providers.command()
@click.argument("name")
@click.option("--forget", is_flag=True, help="Remove the key instead.")
@json_option
def key(name: str, forget: bool, json_: bool) -> None:
    """Store a provider's key in the keyring. It is asked for unseen, or read from standard input."""
    show = as_json if json_ else _print_key
    if forget:
        finish("providers", {"action": "forget-key", "name": name}, show)
    finish("providers", {"action": "key", "name": name, "key": _read_key(name)}, show)


@providers.command()
@click.argument("name")
@json_option
def models(name: str, json_: bool) -> None:
    """List the models that a provider's server has."""
    finish("providers", {"action": "models", "name": name}, as_json if json_ else _print_remote_model)


@providers.command()
@click.argument("name")
@json_option
def test(name: str, json_: bool) -> None:
    """See whether a provider's server answers and takes the key. No question is sent."""
    finish("providers", {"action": "test", "name": name}, as_json if json_ else _print_test)


def _read_key(name: str) -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt(f"Key of {name} (not shown)", hide_input=True, err=True)
        return typed
    return sys.stdin.readline().strip()


def _print_provider(line: Line) -> None:
    if print_error(line):
        return
    where = line["base_url"] or "this machine"
    parts = [where, "costs money" if line["kind"] == "premium" else "", KEYS[line["key"]], ", ".join(line["models"])]
    click.echo(f"{line['name']:12} {'on ' if line['enabled'] else 'off'}  {' · '.join(part for part in parts if part)}")
    if line["problem"]:
        click.echo(f"{'':17}{line['problem']}")


def _print_key(line: Line) -> None:
    if print_error(line):
        return
    messages = {
        "keyring": f"The key of {line['provider']} is in the keyring.",
        "session": f"The key of {line['provider']} is kept until trayassist ends.",
        None: f"The key of {line['provider']} is removed.",
    }
    click.echo(f"{messages[line['key']]} {line['problem']}".rstrip())


def _print_remote_model(line: Line) -> None:
    if not print_error(line):
        click.echo(f"{line['model']}{'  (' + line['described_as'] + ')' if line['described_as'] else ''}")


def _print_test(line: Line) -> None:
    if not print_error(line):
        click.echo(f"{line['provider']} answers in {line['ms']:.0f} ms, with {count(line['models'], 'model')}.")


def _print_removal(line: Line) -> None:
    if not print_error(line):
        shipped = " It came with trayassist, and is as it was shipped." if line["still_there"] else ""
        kept = f" Its key is still in the keyring: {line['problem']}" if line["problem"] else ""
        click.echo(f"{line['removed']} is removed.{shipped}{kept}")
