"""Judges a command: scans it, puts variables in, takes wrappers off, asks the rules, judges code inside it again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from trayassist.api import Risk

from . import clouds, databases, files, git, interpreters, network, system, windows, wrappers
from .model import Danger, ProgramCall, Rule
from .scanner import ShellCommand, output_of, plain, scan

MAX_NESTING = 8  # wrappers and code within code; beyond it nobody writes commands by hand
MAX_CHARACTERS = 20_000
MAX_CALLS = 3_000

_FORK_BOMB = re.compile(
    r"(?P<name>[\w:.]{1,20})\s{0,5}\(\)\s{0,5}\{[^}]{0,200}?(?<![\w:.])(?P=name)\s{0,5}\|\s{0,5}(?P=name)\s{0,5}&|"
    r"\$0\s{0,3}\|\s{0,3}\$0\s{0,3}&|%0\s{0,3}\|\s{0,3}%0"
)
BY_NAME: dict[str, list[Rule]] = {}  # a program's name -> the rules that judge it
for _module in (clouds, databases, files, git, interpreters, network, system):
    for _name, _rule in _module.RULES.items():
        BY_NAME.setdefault(_name, []).append(_rule)
_VARIABLE = re.compile(r"\$(?:\{(\w{1,60})\}|(\w{1,60}))")


@dataclass(slots=True)
class _ScriptState:
    """What is known while one script is judged: its variables, how deep it is nested, the work left."""

    assigned: dict[str, str] = field(default_factory=dict)
    depth: int = 0
    calls: list[int] = field(default_factory=lambda: [MAX_CALLS])


def judge(text: str) -> list[Danger]:
    """Return what the command would do that is dangerous, worst first; empty when nothing is known against it."""
    text = text[:MAX_CHARACTERS]
    found = _script(text, _ScriptState())
    if windows.NAMES.search(text):
        found += _windows(text, _ScriptState())
    return sorted(dict.fromkeys(found), key=lambda danger: -danger.risk)


def _script(text: str, state: _ScriptState) -> list[Danger]:
    if state.depth > MAX_NESTING or not text.strip():
        return []
    dangers: list[Danger] = []
    if _FORK_BOMB.search(text):
        dangers.append(Danger(Risk.HIGH, "starts copies of itself until the machine stands still", text[:60]))
    if databases.SQL_ONLY.match(text):
        return dangers + [replace(danger, text=text.strip()[:80]) for danger in databases.sql(text)]
    if databases.SQL_START.match(text):
        dangers += [replace(danger, text=text.strip()[:80]) for danger in databases.sql(text)]
    for command in scan(text):
        dangers += _command(command, state)
    return dangers


def _command(command: ShellCommand, state: _ScriptState) -> list[Danger]:
    for name, value in command.assigned.items():
        state.assigned[name] = _with_values(value, state)
    if command.loop is not None:
        name, words = command.loop
        state.assigned.pop(name, None)
        if len(words) == 1:
            state.assigned[name] = _with_values(words[0], state)
    dangers = [
        danger
        for _, inside in command.inner
        for one in inside
        for danger in _command(one, replace(state, depth=state.depth + 1))
    ]
    command.redirects = [(operator, _with_values(path, state)) for operator, path in command.redirects]
    words = [part for word in command.argv for part in _words(word, state)]
    words = _named_by_output(words, command)
    call = _call("", words, command, state)
    spelled = " ".join(plain(word) for word in words) or " ".join(f"{o} {p}" for o, p in command.redirects)
    dangers += _with_text(files.redirects(replace(call, name=words[0] if words else "", args=words[1:])), spelled)
    return dangers + _argv(words, command, state)


def _argv(words: list[str], command: ShellCommand, state: _ScriptState) -> list[Danger]:
    """Judge one argument list: as a wrapper, by its program's rules, by its verbs, and by what it sends away."""
    if not words or state.depth > MAX_NESTING or state.calls[0] <= 0:
        return []
    state.calls[0] -= 1
    name = _program(words[0])
    call = _call(name, words[1:], command, state)
    spelled = " ".join(plain(word) for word in words)
    dangers = _with_text(list(network.judge_sending(command, words, name)), spelled)
    inner = wrappers.unwrap(call)
    if name == "eval":
        inner = [*(inner or []), *interpreters.evaluate(call)]
    if inner is not None:
        return dangers + _with_text(inner, spelled)
    if "--help" in words or words[1:] == ["--version"]:
        return dangers
    found = [danger for rule in BY_NAME.get(name, ()) for danger in rule(call)]
    if name.startswith("mkfs.") and not found:
        found = [danger for rule in BY_NAME["mkfs"] for danger in rule(call)]
    return dangers + _with_text(found or clouds.judge_verbs(call), spelled)


def _windows(text: str, state: _ScriptState) -> list[Danger]:
    if state.depth > MAX_NESTING:
        return []
    dangers = windows.run_unread(text)
    for command in windows.scan_windows(text):
        words = command.argv
        name = _program(words[0].lstrip("@")) if words else ""
        rule = windows.RULES.get(name)
        if rule is None and re.match(
            r"^(?:remove|clear|format|initialize|uninstall|reset|revoke|unregister|dismount|disable|stop|restart)-\w",
            name,
        ):
            rule = windows.verb_noun
        if rule is None or state.calls[0] <= 0:
            continue
        state.calls[0] -= 1
        call = _windows_call(name, words[1:], command, replace(state, depth=state.depth + 1))
        dangers += _with_text(list(rule(call)), " ".join(words))
    return dangers


def _windows_call(name: str, args: list[str], command: ShellCommand, state: _ScriptState) -> ProgramCall:
    def script(code: str) -> list[Danger]:
        return _both(code, state)

    def again(argv: list[str]) -> list[Danger]:
        return _both(" ".join(argv), state)

    return ProgramCall(name, args, command, script, again, state.assigned)


def _both(text: str, state: _ScriptState) -> list[Danger]:
    return _script(text, state) + _windows(text, state)


def _call(name: str, args: list[str], command: ShellCommand, state: _ScriptState) -> ProgramCall:
    deeper = replace(state, depth=state.depth + 1, assigned=state.assigned)

    def script(text: str) -> list[Danger]:
        found = _script(text, deeper)
        return found + _windows(text, deeper) if windows.NAMES.search(text) else found

    def again(words: list[str]) -> list[Danger]:
        return _argv(words, command, deeper)

    return ProgramCall(name, args, command, script, again, state.assigned)


def _program(word: str) -> str:
    """Return the program's name without its folder, in lower case."""
    name = re.split(r"[/\\]", plain(word))[-1].lower()
    return name.removesuffix(".exe").removesuffix(".com") if len(name) > 4 else name or word


def _with_text(dangers: list[Danger], text: str) -> list[Danger]:
    return [danger if danger.text else replace(danger, text=text[:160]) for danger in dangers]


def _with_values(word: str, state: _ScriptState) -> str:
    """Return the word with the variables that this script set."""
    if "$" not in word or not state.assigned:
        return word
    return _VARIABLE.sub(lambda match: state.assigned.get(match[1] or match[2], match[0])[:2_000], word)


def _words(word: str, state: _ScriptState) -> list[str]:
    """Return what a word becomes; a variable that holds several words gives several."""
    value = _with_values(word, state)
    return value.split() if value != word and re.fullmatch(r"\$\{?\w+\}?", word) and value.split() else [value]


def _named_by_output(words: list[str], command: ShellCommand) -> list[str]:
    """Replace a program name that is the output of an echo: `$(echo rm) -rf /`."""
    if not words or not words[0].startswith(("$(", "`")) or not command.inner:
        return words
    inside = command.inner[0][1]
    known = output_of(inside[-1]) if inside else None
    return [*known.split(), *words[1:]] if known else words
