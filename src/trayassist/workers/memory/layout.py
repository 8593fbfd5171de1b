"""Which table of the folder holds the passages: a small file, replaced in one step.

A re-index fills a second table beside the first. While it is in the making the first one serves; the file is then
replaced, and whatever is not named in it is removed, now or at the next start. Killed at any point, one whole table
of passages is in force.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "passages.json"
FIRST = "passages"
_TABLE = re.compile(r"passages(?:_\d+)?")


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of tables: the one with the passages in force, and the one in the making, "" when there is none."""

    passages: str = FIRST
    building: str = ""

    def next_name(self) -> str:
        """Return a name that neither has."""
        number = max(int(name.partition("_")[2] or 1) for name in (self.passages, self.building or FIRST))
        return f"{FIRST}_{number + 1}"


def read(folder: Path) -> Layout:
    """Return what is in force in `folder`; without the file the oldest table is."""
    try:
        return Layout(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        there = sorted(tables(folder), key=lambda name: int(name.partition("_")[2] or 1))
        return Layout(there[0] if there else FIRST)


def write(folder: Path, layout: Layout) -> None:
    """Put `layout` in force in one step, durably. Raises OSError; then the old one is in force."""
    temporary = folder / f".{FILE}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(asdict(layout), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / FILE)
    if os.name == "posix":  # the new name has to outlast a power cut before the old table goes
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def tables(folder: Path) -> list[str]:
    """Return the names of all tables of passages in `folder`."""
    return [file.stem for file in folder.glob("passages*.lance") if _TABLE.fullmatch(file.stem)]


def tidy(folder: Path, layout: Layout) -> None:
    """Remove tables of passages that are not in force. What cannot be removed now is tried at the next start."""
    for name in tables(folder):
        if name not in (layout.passages, layout.building):
            shutil.rmtree(folder / f"{name}.lance", ignore_errors=True)
