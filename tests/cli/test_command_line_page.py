"""docs/command-line.md has a row for each verb with its options, and each verb and option says what it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from trayassist.cli.main import group

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"


def verbs(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield what can be typed: each verb, and each group that does something by itself."""
    for name, command in group.commands.items():
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{before}{name}", command
        if isinstance(command, click.Group):
            yield from verbs(command, f"{before}{name} ")


ALL = dict(verbs(group))


def documented_options() -> dict[str, set[str]]:
    """Return the page's verbs with the options of their rows; one row may have several, with commas."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    found: dict[str, set[str]] = {}
    for row in rows:
        for text in re.findall(r"`([^`]+)`", row.split(" | ")[0]):
            verb = max(
                (verb for verb in (*ALL, "trayassist") if f"{text} ".startswith(f"{verb} ")), key=len, default=""
            )
            assert verb, f"there is no verb {text}"
            assert verb not in found, f"{verb} has two rows"
            found[verb] = set(re.findall(r"--[a-z-]+", text))
    return found


def test_the_page_has_all_verbs_and_no_others() -> None:
    assert documented_options().keys() == ALL.keys() | {"trayassist"}


@pytest.mark.parametrize("verb", sorted(ALL))
def test_the_row_has_the_options_and_each_says_what_it_does(verb: str) -> None:
    options = [one for one in ALL[verb].params if isinstance(one, click.Option)]
    named = {name for one in options for name in one.opts if name.startswith("--")} - {"--json"}
    assert documented_options().get(verb, set()) == named
    assert [one.name for one in options if not one.help] == []
    assert ALL[verb].help


def test_the_row_of_the_start_has_its_options() -> None:
    from trayassist.__main__ import APP_OPTIONS

    assert documented_options()["trayassist"] == set(APP_OPTIONS)


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("memory list", "Nothing is remembered yet. `trayassist ingest PATH`"),
        ("tools", "There is no tool"),
        ("jobs", "There is no job"),
        ("adapters list", "There is no adapter yet. `trayassist adapters import PATH`"),
    ],
)
def test_a_list_of_nothing_says_so_to_people_and_is_empty_as_json(verb: str, said: str) -> None:
    told = CliRunner().invoke(group, verb.split())
    assert (told.exit_code, said in told.output) == (0, True), told.output
    assert CliRunner().invoke(group, [*verb.split(), "--json"]).output == ""
