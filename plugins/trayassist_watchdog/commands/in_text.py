"""Finds the commands in a text: in code blocks, in inline code, on lines of their own, and after "run"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from trayassist.api import Risk

from .clouds import KNOWN
from .databases import SQL_START
from .engine import BY_NAME, judge
from .interpreters import DELETES
from .model import Danger, word_set
from .windows import NAMES as WINDOWS_NAMES
from .windows import RULES as WINDOWS_RULES
from .wrappers import WRAPPERS

MAX_SNIPPETS = 200
MAX_CODE = 20_000

_FENCE = re.compile(r"^[ \t]{0,6}(?P<mark>```|~~~)[ \t]{0,4}(?P<language>[\w+#.-]{0,20})[^\n]{0,80}\n", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`([^`\n]{3,400})`(?!`)")
_PROMPT = re.compile(r"^\s{0,8}(?:[\w.@~:/-]{0,60}[$%]|PS [^>\n]{0,80}>|[A-Za-z]:\\[^>\n]{0,80}>|>>?|#)\s{1,3}(?=\S)")
_ORDER = re.compile(
    r"(?i)\b(?:run|execute|type|enter|issue|try|use|do|launch|invoke|apply|paste)(?:ning|ing)?\s{1,3}(?:this |that "
    r"|the )?(?:following )?(?:commands?)?\s{0,3}:?\s{0,3}(?=[a-z./~\\$])"
)
_TYPED = re.compile(  # "paste this line at the prompt: …", "to finish the setup run: …"
    r"(?i)\b(?:run|execute|type|enter|issue|use|paste|command|terminal|shell|prompt|console|cmd|ausführen|eingeben|"
    r"befehl|exécute[zr]?|commande|ejecuta|comando)\b[^:\n]{0,60}:\s{1,3}(?=\S)"
)
_PROSE = re.compile(
    r"(?i)(?<!\S)(?:the|my|an?|please|is|are|was|how|what|why|which|you|your|should|would|i|we|it|this|that|these|"
    r"of|about|with)(?!\S)"
)
_SYNTAX = re.compile(
    r"(?:^|\s)(?:--?[A-Za-z]|/[a-zA-Z](?:\s|$)|[~$/*]|\./|[A-Za-z]:\\|\S{1,80}/\S|of=)|[|;&]\s|\s>{1,2}\s?\S|\$\("
)
_ASKS = re.compile(
    r"(?i)^\s{0,5}(?:what|why|how|when|where|who|which|is|are|does|do|did|can|could|should|would|will|explain|"
    r"describe|tell me (?:what|why|how|about)|difference|meaning|was|warum|wie|was ist)\b|\?\s{0,3}$"
)
_WARNS = re.compile(
    r"(?i)\b(?:never|don'?t|do not|avoid|dangerous|danger|warning|caution|careful|beware|destructive|irreversible)\b"
)
_SHELLS = frozenset(
    [
        "",
        "sh",
        "bash",
        "shell",
        "zsh",
        "fish",
        "console",
        "terminal",
        "cmd",
        "bat",
        "batch",
        "powershell",
        "ps1",
        "pwsh",
        "ps",
        "shell-session",
        "shellsession",
        "text",
        "plain",
    ]
)
_SQL = frozenset(("sql", "mysql", "postgresql", "postgres", "plpgsql", "sqlite", "tsql"))
_CODE = {
    "python": "python3",
    "py": "python3",
    "python3": "python3",
    "js": "node",
    "javascript": "node",
    "ts": "node",
    "typescript": "node",
}
_CODE |= {"perl": "perl", "ruby": "ruby", "rb": "ruby", "php": "php", "lua": "lua", "node": "node"}
_WORDS = word_set(  # programs whose names are everyday words: a line that begins so needs more to be a command
    "find kill make format install cut sort cat history reboot shutdown halt service time watch at test wipe split "
    "move start call for eval script exec zip flux surge stripe modal render railway deck slack linear notion task "
    "step pass op act hydra temporal convex fauna es dog pd atlas realm fly now tea init host route net reg cancel "
    "screen command trap unset ex dist exit print mail task scrub service chronic then else arch cipher up get put "
    "select drop delete truncate source rip zap say iron nova glance cinder copilot amplify travis buildkite sam "
    "less more dig link r k mix clickhouse presto hive trino snow turso supabase chamber vault consul boundary "
    "waypoint packer tailscale rancher kind restic borg security"
)
_NAME = re.compile(
    r"^(?:sudo |doas |time |nohup )?(?:[A-Z_]{2,30}=\S{0,80} "
    r")?(?P<name>[a-z0-9_./~:{$\\'\"()-][\w.+/\\{},:$'\"()-]{0,80})(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text that is a command, and how it stands there: block, inline, line or order."""

    text: str
    place: str
    around: str = ""  # the line it stands in
    shown: str = ""  # what to show of it, where that is not the command itself


def dangers(text: str) -> list[Danger]:
    """Return the dangers of the commands in a text.

    A command that is only asked or warned about is at most MEDIUM, and so is code of other languages, which
    deletes files for good reasons. Prose that speaks of deleting is no command.
    """
    found: list[Danger] = []
    for piece in _pieces(text):
        for danger in judge(piece.text):
            danger = replace(danger, text=piece.shown or danger.text)
            spoken_of = piece.place != "block" and (_ASKS.search(piece.around) or _WARNS.search(piece.around))
            mild = piece.place == "code" and danger.risk is Risk.HIGH and danger.why == DELETES
            found.append(replace(danger, risk=min(danger.risk, Risk.MEDIUM)) if spoken_of or mild else danger)
    return found


def _pieces(text: str) -> Iterator[Snippet]:
    yield from islice(_all(text), MAX_SNIPPETS)


def _all(text: str) -> Iterator[Snippet]:
    at = 0
    for match in _FENCE.finditer(text):
        if match.start() < at:
            continue  # the closing mark of a block
        yield from _prose(text[at : match.start()])
        end = text.find(match["mark"], match.end())
        end = len(text) if end < 0 else end
        yield from _block(match["language"].lower(), text[match.end() : end][:MAX_CODE])
        at = min(len(text), end + 3)
    yield from _prose(text[at:])


def _block(language: str, code: str) -> Iterator[Snippet]:
    if language in _SHELLS:
        lines = code.splitlines()
        typed = [_PROMPT.sub("", line) for line in lines if _PROMPT.match(line) and not line.lstrip().startswith("# ")]
        yield Snippet("\n".join(typed) if typed else code, "block")
    elif language in _SQL:
        yield Snippet(f"psql <<'END_OF_SQL'\n{code}\nEND_OF_SQL", "block", shown=_telling_line(code))
    elif language in _CODE:
        yield Snippet(f"{_CODE[language]} - <<'END_OF_CODE'\n{code}\nEND_OF_CODE", "code", shown=_telling_line(code))


def _telling_line(code: str) -> str:
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    telling = (line for line in lines if re.search(r"(?i)drop|truncate|delete|remove|unlink|rm|system|exec|run", line))
    return next(telling, lines[0] if lines else "")


def _prose(text: str) -> Iterator[Snippet]:
    for line in text.splitlines():
        if len(line) < 3:
            continue
        for match in _INLINE.finditer(line):
            yield Snippet(match[1], "inline", line[:400])
        bare = line.strip().strip("`")[:1000]
        prompt = _PROMPT.match(bare)
        if prompt and not bare.startswith("# "):
            yield Snippet(bare[prompt.end() :], "line")
        elif _looks_like_command(bare):
            yield Snippet(bare, "line")
        else:
            for match in (*_ORDER.finditer(bare), *_TYPED.finditer(bare)):
                rest = re.split(
                    r"[.!?](?:\s|$)|[\"”`]|\s(?:and|to|on|in order|then|for|now|please)\s",
                    bare[match.end() :],
                    maxsplit=1,
                )[0]
                if "`" not in bare and _looks_like_command(rest):
                    yield Snippet(rest, "order", line[:400])


def _looks_like_command(line: str) -> bool:
    """Return whether the line begins with a program we judge and reads like a shell's line, not like a sentence."""
    if SQL_START.match(line):
        return line.rstrip().endswith(";") or line[:4].isupper()
    if line.startswith(":("):  # the fork bomb
        return True
    if not line or not (match := _NAME.match(line)):
        return re.match(r"(?i)^(?:remove|clear|format|stop|set|invoke)-\w{3,30}\s", line) is not None
    name = re.split(r"[/\\]", match["name"].strip("'\""))[-1].lower()
    syntax = _SYNTAX.search(line) is not None
    if match["name"].startswith(("$(", "{", "\\", "'", '"', "$", "/", "./", "~")):
        return syntax and not _PROSE.search(line.split("'")[0].split('"')[0])
    known = (
        name in BY_NAME
        or name in KNOWN
        or name in WRAPPERS
        or name in WINDOWS_RULES
        or WINDOWS_NAMES.match(line) is not None
    )
    known = known or name.startswith(("mkfs.", "kafka-"))
    if not known or _PROSE.search(re.sub(r"'[^']*'|\"[^\"]*\"", "", line)[:200]):
        return False
    return syntax or (
        name not in _WORDS and len(line.split()) <= 8 and not line.rstrip().endswith((".", "?", "!", ","))
    )
