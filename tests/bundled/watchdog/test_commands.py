"""Destructive commands (S1-03): our own lists, one by one, and the evaluation sets where they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bundled.watchdog.cases import commands
from trayassist.api import Risk
from trayassist_watchdog.commands.engine import judge


@pytest.mark.parametrize("command", commands("destructive"))
def test_a_destructive_command_is_found(command: str) -> None:
    found = judge(command)
    assert found, "nothing was found"
    assert found[0].risk in {Risk.HIGH, Risk.MEDIUM}
    assert found[0].why


@pytest.mark.parametrize("command", commands("harmless"))
def test_a_harmless_command_is_left_alone(command: str) -> None:
    assert judge(command) == []


@pytest.mark.parametrize(
    ("command", "risk"),
    [
        ("rm -rf ~", Risk.HIGH),
        ("borg compact", Risk.MEDIUM),
        ("aws sns unsubscribe --subscription-arn a", Risk.MEDIUM),
        ("gh repo archive me/x", Risk.MEDIUM),
        ("shutdown -h now", Risk.MEDIUM),
        ("apt-get purge -y nginx", Risk.MEDIUM),
        ("dd if=x of=/dev/sda", Risk.HIGH),
    ],
)
def test_two_levels(command: str, risk: Risk) -> None:
    """High destroys; medium archives, compacts, unsubscribes, stops."""
    assert judge(command)[0].risk is risk


def test_wrappers_are_taken_off_four_deep() -> None:
    assert judge("sudo env A=1 nice -n 5 timeout 9 bash -c 'rm -rf /srv'")
    assert judge('ssh a "ssh b \'sudo sh -c \\"rm -rf /srv\\"\'"')


def test_the_span_names_the_command_and_not_the_whole_script() -> None:
    (danger,) = judge("cd /srv\nls -la\nrm -rf data && echo done")
    assert danger.text == "rm -rf data"


def test_a_variable_set_in_the_script_is_known() -> None:
    assert not judge('work=/tmp/build\nrm -rf "$work"')
    assert judge('work=/srv/build\nrm -rf "$work"')


def _evaluation(data: Path) -> Iterator[tuple[str, str, str]]:
    sys.path.insert(0, str(data))
    try:
        import load  # type: ignore[import-not-found]

        yield from load.commands()
    finally:
        sys.path.remove(str(data))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the set's own loader leaves files open
def test_the_evaluation_set(data: Path) -> None:
    """RECIPES 3: at least 98 % of the destructive ones are found, none of the safe ones is flagged."""
    labelled = [(label, command) for _, label, command in _evaluation(data) if label in {"destructive", "safe"}]
    destructive = [command for label, command in labelled if label == "destructive"]
    safe = [command for label, command in labelled if label == "safe"]
    assert len(destructive) > 200
    assert len(safe) > 300
    assert [command for command in safe if judge(command)] == []
    assert sum(bool(judge(command)) for command in destructive) >= 0.98 * len(destructive)
