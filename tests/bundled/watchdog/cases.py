"""The command lists of this folder, read once."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def commands(name: str) -> list[str]:
    """Return the commands of a list: one a line, "\\n" is a line break; the head of the file is a comment."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    while lines[0].startswith("# "):
        lines.pop(0)
    return [line.replace("\\n", "\n") for line in lines if line]


def texts(name: str) -> list[str]:
    """Return the lines of a list of prompts."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
