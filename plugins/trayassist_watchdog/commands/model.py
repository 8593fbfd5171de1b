"""What the rules see of a command, and what they say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from trayassist.api import Risk

from .options import Options, read
from .scanner import Command

UNKNOWN = "\ue0ff"  # stands for a file name that only another program knows (xargs, find)


@dataclass(frozen=True, slots=True)
class Danger:
    """What a command would do. HIGH destroys data or a system; MEDIUM takes away what can be brought back."""

    risk: Risk
    why: str  # continues the sentence "This command ..."
    text: str = ""
    tag: str = "destructive_command"


@dataclass(frozen=True, slots=True)
class Call:
    """One program with its arguments. `script` and `again` judge code and argument lists found inside it."""

    name: str
    args: list[str]
    command: Command
    script: Callable[[str], list[Danger]]
    again: Callable[[list[str]], list[Danger]]
    assigned: dict[str, str] = field(default_factory=dict)

    def options(self, valued: Iterable[str] = (), *, one_dash: bool = False) -> Options:
        """Return the arguments read as options; see options.read."""
        return read(self.args, valued, one_dash=one_dash)


Rule = Callable[[Call], "Iterable[Danger]"]


def high(why: str) -> list[Danger]:
    """Return one danger that destroys something."""
    return [Danger(Risk.HIGH, why)]


def medium(why: str) -> list[Danger]:
    """Return one danger that can be undone with some work."""
    return [Danger(Risk.MEDIUM, why)]
