"""What the rules see of a command and what they say about it; options read; rules written as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from trayassist.api import Risk

from .scanner import ShellCommand

_DRY = ("--dry-run", "--dryrun", "--simulate", "--just-print", "--no-act", "--what-if", "--whatif", "--preview-only")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set: tables of options read better as one line of text."""
    return frozenset(text.split())


@dataclass(slots=True)
class CommandOptions:
    """The options given (`-r`, `--force`), the values of those that take one, and the other words in order."""

    flags: set[str] = field(default_factory=set)
    values: dict[str, list[str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    after_dashes: list[str] | None = None  # the words after "--", which are in `words` too

    def has(self, *names: str) -> bool:
        """Return whether one of the options is given; long ones also shortened, as GNU programs allow."""
        if not self.flags.isdisjoint(names):
            return True
        long = [name for name in names if name.startswith("--")]
        return any(
            name.startswith(flag) for flag in self.flags if flag.startswith("--") and len(flag) >= 5 for name in long
        )

    def value(self, *names: str) -> str | None:
        """Return the last value given to one of the options."""
        found = [value for name in names for value in self.values.get(name, ())]
        return found[-1] if found else None

    @property
    def dry(self) -> bool:
        """Return whether the program was told only to show what it would do."""
        dry_run = self.value("--dry-run")
        return not self.flags.isdisjoint(_DRY) and dry_run not in {"none", "false"}


def read_options(args: Sequence[str], valued: Iterable[str] = (), *, one_dash: bool = False) -> CommandOptions:
    """Return the options of an argument list. `valued` take the next word; `one_dash`: `-force` is one option."""
    takes, options, at = frozenset(valued), CommandOptions(), 0
    while at < len(args):
        word = args[at]
        at += 1
        if word == "--":
            options.after_dashes = list(args[at:])
            options.words += options.after_dashes
            break
        if not word.startswith("-") or word == "-":
            options.words.append(word)
        elif word.startswith("--") or one_dash:
            name, sign, value = word.partition("=")
            options.flags.add(name)
            if not sign and name in takes and at < len(args):
                value, sign = args[at], "="
                at += 1
            if sign:
                options.values.setdefault(name, []).append(value)
        else:
            at += _cluster(word, args[at:], takes, options)
    return options


def _cluster(word: str, rest: Sequence[str], takes: frozenset[str], options: CommandOptions) -> int:
    """Read `-rf` or `-ofile`; return how many of the words that follow were taken."""
    for position, letter in enumerate(word[1:], start=2):
        name = f"-{letter}"
        options.flags.add(name)
        if name in takes:
            value = word[position:]
            if value or rest:
                options.values.setdefault(name, []).append(value.removeprefix("=") or rest[0])
            return 0 if value else min(1, len(rest))
        if word[position : position + 1] == "=":
            options.values.setdefault(name, []).append(word[position + 1 :])
            return 0
    return 0


UNKNOWN = "\ue0ff"  # stands for a file name that only another program knows (xargs, find)


@dataclass(frozen=True, slots=True)
class Danger:
    """What a command would do. HIGH destroys data or a system; MEDIUM takes away what can be brought back."""

    risk: Risk
    why: str  # continues the sentence "This command ..."
    text: str = ""
    tag: str = "destructive_command"


@dataclass(frozen=True, slots=True)
class ProgramCall:
    """One program with its arguments. `script` and `again` judge code and argument lists found inside it."""

    name: str
    args: list[str]
    command: ShellCommand
    script: Callable[[str], list[Danger]]
    again: Callable[[list[str]], list[Danger]]
    assigned: dict[str, str] = field(default_factory=dict)

    def options(self, valued: Iterable[str] = (), *, one_dash: bool = False) -> CommandOptions:
        """Return the arguments read as options; see options.read."""
        return read_options(self.args, valued, one_dash=one_dash)


Rule = Callable[[ProgramCall], "Iterable[Danger]"]


def high(why: str) -> list[Danger]:
    """Return one danger that destroys something."""
    return [Danger(Risk.HIGH, why)]


def medium(why: str) -> list[Danger]:
    """Return one danger that can be undone with some work."""
    return [Danger(Risk.MEDIUM, why)]


HIGH, MEDIUM = Risk.HIGH, Risk.MEDIUM


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: it holds when an argument is one of `words` (all programs that it names)."""

    programs: str
    words: str  # "" = always when there is an argument; "!" = also without any
    risk: Risk
    why: str


def table_rules(lines: tuple[Line, ...], *, unless: str = "") -> dict[str, Rule]:
    """Return one rule a program from the lines that name it; `unless` are arguments that make all of them harmless."""
    by_program: dict[str, list[tuple[frozenset[str], Line]]] = {}
    for line in lines:
        for program in line.programs.split():
            by_program.setdefault(program, []).append((frozenset(line.words.split()), line))
    harmless = frozenset(unless.split())
    return {program: _rule(found, harmless) for program, found in by_program.items()}


def _rule(lines: list[tuple[frozenset[str], Line]], harmless: frozenset[str]) -> Rule:
    def judge(call: ProgramCall) -> list[Danger]:
        given = {word.split("=")[0] if word.startswith("-") else word for word in call.args} | set(call.args)
        if given & harmless:
            return []
        given |= {f"-{letter}" for word in call.args if word[:1] == "-" != word[1:2] for letter in word[1:]}
        for words, line in lines:
            if words == {"!"} or (not words and call.args) or given & words:
                return [Danger(line.risk, line.why)]
        return []

    return judge
