"""Reads a line of cmd or PowerShell into argument lists. The backslash is a path's, never an escape."""

from __future__ import annotations

import re

from .scanner import Command

_TOKEN = re.compile(
    r"\s*(?:(?P<operator>\|\||&&|[|;&\n{}()])|(?P<word>(?:\"[^\"]{0,4000}\"?|'[^']{0,4000}'?|[\^`].|[^\s\"'|"
    r";&{}()\^`]|[\^`]$){1,4000}))",
    re.DOTALL,
)
_QUOTES = re.compile(r"\"([^\"]*)\"?|'([^']*)'?|[\^`](.)", re.DOTALL)
MAX_COMMANDS = 500


def scan(text: str) -> list[Command]:
    """Return the commands of the text in order, pipes linked."""
    commands: list[Command] = []
    now, at = Command(), 0
    while (match := _TOKEN.match(text, at)) and len(commands) < MAX_COMMANDS:
        at = match.end()
        if match["word"] is not None:
            now.argv.append(_QUOTES.sub(lambda found: found[1] or found[2] or found[3] or "", match["word"]))
            continue
        before = now
        if now.argv:
            commands.append(now)
        now = Command(feeds_from=before if match["operator"] == "|" and before.argv else None)
    return [*commands, now] if now.argv else commands
