"""Rules as data: which words or options make a program harmful, and how much."""

from __future__ import annotations

from dataclasses import dataclass

from trayassist.api import Risk
from trayassist_watchdog.commands.model import Call, Danger, Rule

HIGH, MEDIUM = Risk.HIGH, Risk.MEDIUM


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: it holds when an argument is one of `words` (all programs that it names)."""

    programs: str
    words: str  # "" = always when there is an argument; "!" = also without any
    risk: Risk
    why: str


def rules(lines: tuple[Line, ...], *, unless: str = "") -> dict[str, Rule]:
    """Return one rule a program from the lines that name it; `unless` are arguments that make all of them harmless."""
    by_program: dict[str, list[tuple[frozenset[str], Line]]] = {}
    for line in lines:
        for program in line.programs.split():
            by_program.setdefault(program, []).append((frozenset(line.words.split()), line))
    harmless = frozenset(unless.split())
    return {program: _rule(found, harmless) for program, found in by_program.items()}


def _rule(lines: list[tuple[frozenset[str], Line]], harmless: frozenset[str]) -> Rule:
    def judge(call: Call) -> list[Danger]:
        given = {word.split("=")[0] if word.startswith("-") else word for word in call.args} | set(call.args)
        if given & harmless:
            return []
        given |= {f"-{letter}" for word in call.args if word[:1] == "-" != word[1:2] for letter in word[1:]}
        for words, line in lines:
            if words == {"!"} or (not words and call.args) or given & words:
                return [Danger(line.risk, line.why)]
        return []

    return judge
