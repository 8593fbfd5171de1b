"""What a command would print, where that can be known without running it."""

from __future__ import annotations

import base64
import binascii
import re

from .scanner import Command, plain


def output_of(command: Command) -> str | None:
    """Return what a command writes, for the few where it can be known: echo, printf, cat <<EOF, base64 -d, rev, xxd."""
    name, args = program(command), [plain(word) for word in command.argv[1:]]
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
    return _transformed(name, args, given)


def _printf(words: list[str]) -> str:
    form = words[0] if words else ""
    text = form.replace("\\n", "\n").replace("\\t", "\t")
    for value in words[1:]:
        text = re.sub(r"%[sbq]", lambda _, value=value: value, text, count=1) if "%" in text else text + value  # type: ignore[misc]
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)


def _transformed(name: str, args: list[str], given: str) -> str | None:
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


def program(command: Command) -> str:
    """Return the name of the program that a command runs, behind sudo and its like."""
    words = [word for word in command.argv if word not in {"sudo", "command", "env", "exec"}]
    return words[0].rsplit("/", 1)[-1].lower() if words else ""
