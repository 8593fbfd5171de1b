"""The help and the results of the command line keep to docs/words.md, as the windows do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

from trayassist.cli import main
from trayassist.paths import shipped_file

# The verb is called ingest; hot, warm and cold are values of options; --role takes the names of roles.
NAMES = re.compile(r"`[^`]*`|\((hot|warm|cold)\)|--[a-z-]+|\b[\w-]+\.yaml\b|Who answers: persona, coder, curator")
ALLOWED = {"ingest"}


def never_shown() -> re.Pattern[str]:
    """Return a pattern of the words that the page keeps from users."""
    part = shipped_file("docs/words.md").read_text(encoding="utf-8").split("## Never shown\n", 1)[1]
    cells = [line.strip("| ").split("|")[0] for line in part.splitlines() if line.startswith("|")][2:]
    words = {word.strip() for cell in cells for word in cell.split(",")} - ALLOWED
    return re.compile(rf"\b({'|'.join(sorted(words))})(s|en|es|ed)?\b", re.IGNORECASE)


def help_texts(command: click.Command, name: str = "trayassist") -> Iterator[tuple[str, str]]:
    """Yield the help of a command, of its options and of the commands below it, with the place of each."""
    yield name, command.help or ""
    for option in command.params:
        yield f"{name} {option.name}", getattr(option, "help", None) or ""
    if isinstance(command, click.Group):
        for below, one in command.commands.items():
            yield from help_texts(one, f"{name} {below}")


def printed_texts() -> Iterator[tuple[str, str]]:
    """Yield the texts of two words and more in the code that prints results: all but docstrings and keys."""
    for path in sorted(Path(main.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
                yield f"{path.name}:{node.lineno}", node.value if " " in node.value.strip() else ""


def test_no_builders_word_is_in_help_or_results() -> None:
    found, wrong = never_shown(), []
    texts = [*help_texts(main.group), *printed_texts()]
    assert len(texts) > 200
    for place, text in texts:
        if match := found.search(NAMES.sub("", text)):
            wrong.append((place, match.group(), text))
    assert wrong == []
