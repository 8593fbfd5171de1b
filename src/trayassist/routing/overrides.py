"""The user decides: a role picked in the window, `@role text`, and slash commands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from trayassist.api import Kind, Request, Role, TrayassistError
from trayassist.routing.rules import by_rules, pasted_code
from trayassist.routing.stages import KIND_OF_ROLE, Decision, RoutingContext
from trayassist.routing.text import RequestText, prepare

_AT = re.compile(r"@([A-Za-z][\w-]{0,40})(?:[ \t]{1,20}(?=\S)|$)")
_SLASH = re.compile(r"/([A-Za-z][A-Za-z-]{0,24})(?=\s|$)\s{0,20}")
# first parts of paths: "/tmp is full" is no command
_FOLDER_NAMES = (
    "bin boot dev etc home lib media mnt opt proc root run sbin srv sys tmp usr var users applications library volumes"
)
_FOLDERS = frozenset(_FOLDER_NAMES.split())


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A slash command: what kind it is, the words put before its text, and what it does in a word."""

    kind: Kind
    title: str
    lead: str = ""
    alone: str = ""  # the text when nothing follows; without it something must follow


COMMANDS: Mapping[str, SlashCommand] = {
    "chat": SlashCommand(Kind.CHAT, "talk or ask"),
    "ask": SlashCommand(Kind.CHAT, "talk or ask"),
    "code": SlashCommand(Kind.CODE, "write or mend code"),
    "math": SlashCommand(Kind.MATH, "calculate"),
    "search": SlashCommand(Kind.SEARCH, "list pages from memory"),
    "find": SlashCommand(Kind.SEARCH, "list pages from memory"),
    "remember": SlashCommand(Kind.CURATE, "store a fact", "remember"),
    "forget": SlashCommand(Kind.CURATE, "forget facts", "forget"),
    "facts": SlashCommand(Kind.CURATE, "list facts", "what do you remember about", "what do you remember"),
    "summarise": SlashCommand(Kind.SUMMARISE, "summarise a document", "summarise", "summarise this"),
    "summarize": SlashCommand(Kind.SUMMARISE, "summarise a document", "summarise", "summarise this"),
    "tool": SlashCommand(Kind.TOOL, "do something on this machine"),
    "task": SlashCommand(Kind.TASK, "keep a task"),
    "todo": SlashCommand(Kind.TASK, "keep a task"),
    "draft-compat": SlashCommand(Kind.TOOL, "say whether one model can draft for another"),  # answered before routing
    "help": SlashCommand(Kind.CHAT, "say what can be asked", "what can you do with", "what can you do"),
}


def by_role_picked(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
    """Return the decision when the user picked a role in the window. Raises TrayassistError for an unknown role."""
    if request.role is None:
        return None
    role = _role_named(request.role, context.roles)
    return _for_role(role, text, request, context, f"You picked {role}.")


def by_at(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
    """Return the decision for `@role text`. Raises TrayassistError for an unknown role or no text.

    Code such as `@dataclass` or `@media` in front of a paste is no role.
    """
    match = _AT.match(text.whole)
    if match is None:
        return None
    name = match.group(1)
    if name.lower() not in {role.lower() for role in context.roles} and pasted_code(text):
        return None
    role = _role_named(name, context.roles)
    rest = text.whole[match.end() :].strip()
    if not rest and not request.files:
        raise TrayassistError(
            f"Nothing was asked after @{role}.", f"Write it after the name: @{role} and your question."
        )
    return _for_role(role, prepare(rest), request, context, f"You wrote @{role}.")


def by_slash(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
    """Return the decision for a slash command. Raises TrayassistError for an unknown one, naming near ones."""
    match = _SLASH.match(text.whole)
    if match is None or match.group(1).lower() in _FOLDERS:
        return None
    name, rest = match.group(1).lower(), text.whole[match.end() :].strip()
    if name == "role":
        return _by_role_command(rest, request, context)
    command = COMMANDS.get(name)
    if command is None:
        raise TrayassistError(f"There is no command /{name}.", _near(name))
    if not rest and not command.alone and not request.files:
        raise TrayassistError(
            f"Nothing was asked after /{name}.", f"Write it after the command, such as /{name} and your words."
        )
    return Decision(
        kind=command.kind,
        confidence=1.0,
        method="slash",
        reason=f"You wrote /{name}: {command.title}.",
        text=f"{command.lead} {rest}".strip() if rest else command.alone,
    )


def _by_role_command(rest: str, request: Request, context: RoutingContext) -> Decision:
    name, _, asked = rest.partition(" ")
    known = ", ".join(sorted(context.roles))
    if not name:
        raise TrayassistError(
            "No role was named after /role.", f"Known roles: {known}. Write /role and a name, then your question."
        )
    role = _role_named(name, context.roles)
    if not asked.strip() and not request.files:
        raise TrayassistError(
            f"Nothing was asked after /role {role}.", f"Write it after the name: /role {role} and your question."
        )
    return _for_role(role, prepare(asked), request, context, f"You wrote /role {role}.")


def _for_role(role: str, text: RequestText, request: Request, context: RoutingContext, reason: str) -> Decision:
    """The role is the user's choice; its own kind goes with it, else the kind that the rules see."""
    kind = KIND_OF_ROLE.get(role)
    if kind is None:
        seen = by_rules(text, request, context)
        own = seen is not None and seen.kind not in KIND_OF_ROLE.values()
        kind = seen.kind if seen is not None and own else Kind.CHAT
    return Decision(kind=kind, confidence=1.0, method="override", reason=reason, role=role, text=text.whole)


def _role_named(name: str, roles: Mapping[str, Role]) -> str:
    by_lower = {role.lower(): role for role in roles}
    if name.lower() in by_lower:
        return by_lower[name.lower()]
    near = difflib.get_close_matches(name.lower(), list(by_lower), n=2, cutoff=0.6)
    todo = (
        f"Did you mean {' or '.join(f'@{by_lower[n]}' for n in near)}?"
        if near
        else f"Known roles: {', '.join(sorted(roles))}."
    )
    raise TrayassistError(f"There is no role “{name}”.", todo)


def _near(name: str) -> str:
    known = [*COMMANDS, "role"]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or [c for c in known if c.startswith(name[:2])][:3]
    if near:
        return f"Did you mean {' or '.join(f'/{n}' for n in near)}?"
    return f"Known commands: {', '.join(f'/{n}' for n in sorted(known))}."
