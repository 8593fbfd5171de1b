"""Reads a POSIX shell script into commands: argument lists with quotes removed, redirects, pipes, here-documents.

It reads and never expands: `$X` stays `$X`, but a dollar that quotes made harmless comes back as DOLLAR, so
that the rules can tell the two apart. Text that is no valid shell still gives commands; nothing raises.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

DOLLAR = "\ue024"  # a literal "$", from '...' or \$
TICK = "\ue060"  # a literal backtick
MAX_DEPTH = 6
MAX_COMMANDS = 2_000

_OPERATOR = re.compile(r"\|&|\|\||&&|;;&|;;|;&|[;&|\n()]")
_REDIRECT = re.compile(r"(?:\{\w{1,20}\}|\d{1,3})?(?:&>>|&>|>>|>\||>&|<<<|<<-|<<|<&|<>|>|<)")
_PLAIN = re.compile(r"[^\s'\"\\$`;&|<>()#{]+")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w{0,60})(?:\[[^\]]{0,40}\])?\+?=")
_KEYWORDS = frozenset(
    ("if", "then", "elif", "else", "while", "until", "do", "!", "{", "}", "fi", "done", "esac", "time", "coproc")
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "", "b": "", "e": "", "f": "", "v": ""}
_ANSI = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|(.))", re.DOTALL)


@dataclass
class ShellCommand:
    """One simple command. `inner` holds the commands of its substitutions, each with the sort: `$(`, `<(`, `>(`."""

    argv: list[str] = field(default_factory=list)
    assigned: dict[str, str] = field(default_factory=dict)
    redirects: list[tuple[str, str]] = field(default_factory=list)
    here: str | None = None  # text of a here-document or here-string
    inner: list[tuple[str, list[ShellCommand]]] = field(default_factory=list)
    feeds_from: ShellCommand | None = None  # the command whose output is piped into this one
    loop: tuple[str, list[str]] | None = None  # `for NAME in WORDS`

    @property
    def empty(self) -> bool:
        return not (self.argv or self.assigned or self.redirects or self.inner)


class Scanner:
    """Scans one text. `commands()` gives its simple commands in order; substitutions hang on them as `inner`."""

    def __init__(self, text: str, depth: int = 0) -> None:
        self._text, self._depth = text.replace("\\\r\n", "").replace("\\\n", ""), depth
        self._at, self._open = 0, 0
        self._done: list[ShellCommand] = []
        self._now = ShellCommand()
        self._waiting: list[tuple[ShellCommand, str, bool, bool]] = []  # here-documents whose body is to come

    def commands(self) -> list[ShellCommand]:
        text, end = self._text, len(self._text)
        while self._at < end and len(self._done) < MAX_COMMANDS:
            char = text[self._at]
            if char in " \t\r":
                self._at += 1
            elif char == "#":
                self._at = _find(text, "\n", self._at)
            elif text.startswith(("<(", ">("), self._at):
                self._word()
            elif match := _REDIRECT.match(text, self._at):
                self._redirect(match)
            elif text.startswith("((", self._at) and not self._now.argv:
                self._at = _find(text, "))", self._at) + 2
            elif match := _OPERATOR.match(text, self._at):
                self._operator(match[0])
            else:
                self._word()
        self._finish()
        return self._done

    # ------------------------------------------------------------ operators

    def _operator(self, operator: str) -> None:
        self._at += len(operator)
        if operator == "(":
            if self._now.argv:  # "name()" begins a function; its body follows
                self._now = ShellCommand()
            self._open += 1
        elif operator == ")":
            if self._open:
                self._open -= 1
                self._finish()
            else:  # the pattern of a `case`
                self._now = ShellCommand()
        else:
            before = self._now
            self._finish()
            if operator in {"|", "|&"}:
                self._now.feeds_from = before if not before.empty else self._done[-1] if self._done else None
            if operator == "\n":
                self._here_bodies()

    def _finish(self) -> None:
        command = self._now
        if len(command.argv) >= 3 and command.argv[0] in {"for", "select"} and command.argv[2] == "in":
            command.loop = (command.argv[1], command.argv[3:])
            command.argv = []
            self._done.append(command)
        elif command.argv[:1] == ["case"]:
            self._done += [command] if command.inner else []
            command.argv = []
        elif not command.empty:
            self._done.append(command)
        self._now = ShellCommand()

    def _redirect(self, match: re.Match[str]) -> None:
        operator = match[0].lstrip("0123456789")
        if operator.startswith("{"):
            operator = operator.partition("}")[2]
        self._at = match.end()
        while self._text[self._at : self._at + 1] in {" ", "\t"}:
            self._at += 1
        quoted = self._text[self._at : self._at + 1] in {"'", '"', "\\"}
        target = self._read_word()
        if operator == "<<<":
            self._now.here = target
        elif operator in {"<<", "<<-"}:
            self._waiting.append((self._now, target, operator == "<<-", quoted))
        else:
            self._now.redirects.append((operator, target))

    def _here_bodies(self) -> None:
        for command, mark, strip, quoted in self._waiting:
            lines: list[str] = []
            while self._at < len(self._text):
                end = _find(self._text, "\n", self._at)
                line = self._text[self._at : end]
                self._at = end + 1
                if (line.lstrip("\t") if strip else line).rstrip("\r") == mark:
                    break
                lines.append(line)
            command.here = "\n".join(lines)
            if not quoted and self._depth < MAX_DEPTH:
                inside = Scanner(f'"{command.here.replace(chr(34), " ")}"', self._depth + 1).commands()
                command.inner += [pair for one in inside for pair in one.inner]
        self._waiting.clear()

    # ------------------------------------------------------------ words

    def _word(self) -> None:
        start = self._at
        word = self._read_word()
        if self._at == start:  # a lone character that begins nothing
            self._at += 1
            return
        raw = self._text[start : self._at]
        if not self._now.argv:
            if raw in _KEYWORDS:
                return
            if raw == "[[":
                self._at = _find(self._text, "]]", self._at) + 2
                return
            if match := _ASSIGNMENT.match(raw):
                self._now.assigned[match[1]] = word.partition("=")[2]
                return
        elif self._now.argv[0] == "function" and raw == "{":
            self._now = ShellCommand()
            return
        self._now.argv += _braces(word) if raw.startswith("{") and "," in raw else _split_ifs(word)

    def _read_word(self) -> str:
        text, parts = self._text, list[str]()
        while self._at < len(text):
            char = text[self._at]
            if match := _PLAIN.match(text, self._at):
                parts.append(match[0])
                self._at = match.end()
            elif char == "\\":
                parts.append(_literal(text[self._at + 1 : self._at + 2]))
                self._at += 2
            elif char == "'":
                end = _find(text, "'", self._at + 1)
                parts.append(_literal(text[self._at + 1 : end]))
                self._at = end + 1
            elif char == '"':
                parts.append(self._double_quoted())
            elif text.startswith("$'", self._at):
                parts.append(self._ansi_quoted())
            elif char in "$`" or text.startswith(("<(", ">("), self._at):
                parts.append(self._substitution())
            elif char in "#{":
                parts.append(char)
                self._at += 1
            else:
                break
        return "".join(parts)

    def _double_quoted(self) -> str:
        text, parts = self._text, list[str]()
        self._at += 1
        while self._at < len(text) and text[self._at] != '"':
            char = text[self._at]
            if char == "\\" and text[self._at + 1 : self._at + 2] in {"$", "`", '"', "\\"}:
                parts.append(_literal(text[self._at + 1]))
                self._at += 2
            elif char in "$`":
                parts.append(self._substitution())
            else:
                end = min(_find(text, mark, self._at + 1) for mark in ('"', "\\", "$", "`"))
                parts.append(text[self._at : end])
                self._at = end
        self._at += 1
        return "".join(parts)

    def _ansi_quoted(self) -> str:
        match = re.compile(r"\$'((?:[^'\\]|\\.)*)'?", re.DOTALL).match(self._text, self._at)
        assert match is not None  # the caller saw $'
        self._at = match.end()
        return _literal(_ANSI.sub(_unescape, match[1]))

    def _substitution(self) -> str:
        """Read `$(...)`, a backtick, `<(...)`, `${...}`, `$((...))` or a lone dollar; keep the commands inside."""
        text, start = self._text, self._at
        if text.startswith("$((", start):
            end = _find(text, "))", start)
            self._at = end + 2
        elif text.startswith("${", start):
            self._at = _closing(text, start + 1, "{", "}") + 1
            if "$(" in text[start : self._at] or "`" in text[start : self._at]:  # a default that runs something
                self._inner("$(", f'"{text[start + 2 : self._at - 1].replace(chr(34), "")}"')
        elif text.startswith(("$(", "<(", ">("), start):
            end = _closing(text, start + 1, "(", ")")
            self._inner(text[start : start + 2], text[start + 2 : end])
            self._at = end + 1
        elif text[start] == "`":
            end = _find(text, "`", start + 1)
            self._inner("$(", text[start + 1 : end].replace("\\`", "`"))
            self._at = end + 1
        else:
            self._at = start + 1
            return "$"
        return text[start : self._at]

    def _inner(self, sort: str, script: str) -> None:
        if self._depth < MAX_DEPTH:
            self._now.inner.append((sort, Scanner(script, self._depth + 1).commands()))


def scan(text: str) -> list[ShellCommand]:
    """Return the simple commands of a shell script, in order."""
    return Scanner(text).commands()


def plain(word: str) -> str:
    """Return the word as text again, with its literal dollars and backticks."""
    return word.replace(DOLLAR, "$").replace(TICK, "`")


def _literal(text: str) -> str:
    return text.replace("$", DOLLAR).replace("`", TICK)


def _unescape(match: re.Match[str]) -> str:
    hexadecimal, unicode, octal, other = match.groups()
    if hexadecimal or unicode:
        return chr(int(hexadecimal or unicode, 16))
    return chr(int(octal, 8) & 0xFF) if octal else _ESCAPES.get(other, other)


def _find(text: str, what: str, start: int) -> int:
    at = text.find(what, start)
    return len(text) if at < 0 else at


def _closing(text: str, start: int, opens: str, closes: str) -> int:
    """Return where the bracket at `start` closes, minding quotes; the end of the text when it does not."""
    depth, at, quote = 0, start, ""
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == opens:
            depth += 1
        elif char == closes:
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return len(text)


def _braces(word: str) -> list[str]:
    """Return `{a,b,c}` as its words: shells run `{rm,-rf,/}` as `rm -rf /`."""
    return word[1:-1].split(",") if word.endswith("}") and word.count("{") == 1 else [word]


def _split_ifs(word: str) -> list[str]:
    """Return the words that a shell makes of `rm${IFS}-rf`."""
    if "$IFS" not in word and "${IFS" not in word:
        return [word]
    return [part for part in re.split(r"\$\{IFS[^}]{0,20}\}|\$IFS(?:\$\d)?", word) if part]


# ---- what a command would print


def output_of(command: ShellCommand) -> str | None:
    """Return what a command writes, for the few where it can be known: echo, printf, cat <<EOF, base64 -d, rev, xxd."""
    name, args = program_of(command), [plain(word) for word in command.argv[1:]]
    words = [word for word in args if not word.startswith("-")]
    if name == "echo":
        text = " ".join(word for word in args if word not in {"-e", "-n", "-E", "-en", "-ne"})
        return text.replace("\\n", "\n") if "-e" in " ".join(args) else text
    if name == "printf":
        return _printf(words)
    if name in {"cat", "tee"} and command.here is not None:
        return plain(command.here)
    given = plain(command.here) if command.here is not None else None
    if given is None and command.feeds_from is not None:
        given = output_of(command.feeds_from)
    if given is None:
        return None
    return _transform(name, args, given)


def _printf(words: list[str]) -> str:
    form = words[0] if words else ""
    text = form.replace("\\n", "\n").replace("\\t", "\t")
    for value in words[1:]:
        text = re.sub(r"%[sbq]", lambda _, value=value: value, text, count=1) if "%" in text else text + value  # type: ignore[misc]
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)


def _transform(name: str, args: list[str], given: str) -> str | None:
    try:
        if name == "base64" and {"-d", "-D", "--decode", "-di"} & set(args):
            return base64.b64decode(given.strip() + "==", validate=False).decode("utf-8", "replace")
        if name == "xxd" and "-r" in " ".join(args):
            return binascii.unhexlify(re.sub(r"\s|0x", "", given)).decode("utf-8", "replace")
    except (ValueError, binascii.Error):
        return None
    if name == "rev":
        return "\n".join(line[::-1] for line in given.splitlines())
    return given if name in {"cat", "tee", "sudo"} else None


def program_of(command: ShellCommand) -> str:
    """Return the name of the program that a command runs, behind sudo and its like."""
    words = [word for word in command.argv if word not in {"sudo", "command", "env", "exec"}]
    return words[0].rsplit("/", 1)[-1].lower() if words else ""
