"""Decides which role answers a request and why. Stages are asked in order; the first that is sure decides."""

from __future__ import annotations

import difflib
import functools
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trayassist.api import Kind, NotAllowed, Request, Role, Route, TrayassistError, Turn
from trayassist.plugins.sandbox import in_time
from trayassist.routing.patterns import RULES
from trayassist.routing.rules import (
    by_claims,
    by_conversation,
    by_correction,
    by_default,
    by_drop,
    by_examples,
    by_rules,
    pasted_code,
)
from trayassist.routing.stages import DEFAULT_ROLE, KIND_OF_ROLE, ROLE_OF_KIND, Decision, RoutingContext, Stage
from trayassist.routing.text import RequestText, prepare

logger = logging.getLogger(__name__)

CLAIM_S = 1.0  # a role that takes longer to say whether it claims a request
REST_S = 60.0  # is not asked for so long

# ---- the user's own choice: a role picked in the window, `@role text`, slash commands

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


# ---- all stages

# A stage that needs more than words (a classifier, a small model) belongs between by_conversation and by_default.
STAGES: tuple[Stage, ...] = (
    by_role_picked,
    by_at,
    by_slash,
    by_drop,
    by_claims,
    by_examples,
    by_correction,
    by_rules,
    by_conversation,
    by_default,
)


class Router:
    """Routes requests over the given roles. `model_for` names the model of a role, or None where it has none.

    `why_off` says in words that a role is off in the mode in force, "" when it is on: nothing answers in its place.
    """

    def __init__(
        self,
        roles: Mapping[str, Role],
        model_for: Callable[[str], str | None],
        why_off: Callable[[str], str] = lambda role: "",
        *,
        stages: Sequence[Stage] = STAGES,
    ) -> None:
        self._roles, self._model_for, self._why_off, self._stages = roles, model_for, why_off, stages
        self._resting: dict[str, float] = {}  # role whose claims() hung: until when it is not asked

    async def decide_apart(
        self,
        request: Request,
        *,
        previous: Turn | None = None,
        memory_hit: float | None = None,
        corrects_fact: bool = False,
    ) -> Route:
        """Return what `decide` returns, decided in a thread: a role's claims() is a plugin's code and may hang.

        One that does is passed over, and rests. Raises as `decide` does.
        """
        while True:
            asked: list[str] = []
            known: dict[str, Any] = {"previous": previous, "memory_hit": memory_hit, "corrects_fact": corrects_fact}
            decide = functools.partial(self.decide, request, **known, asked=asked)
            try:
                return await in_time(decide, limit_s=CLAIM_S)
            except TimeoutError:
                if not asked:  # no role is at fault: the machine is slow
                    return self.decide(request, **known)
                logger.error("role %s took longer than %s s to say whether it claims a request", asked[-1], CLAIM_S)
                self._resting[asked[-1]] = time.monotonic() + REST_S

    def decide(
        self,
        request: Request,
        *,
        previous: Turn | None = None,
        memory_hit: float | None = None,
        corrects_fact: bool = False,
        asked: list[str] | None = None,
    ) -> Route:
        """Return the route of a request. `asked` is given the names of the roles whose claims were asked for.

        `previous` is the last turn of its conversation; `memory_hit` is memory's probability (0..1) that it
        holds something about the request, where it was asked; `corrects_fact` says that it corrects a remembered
        fact. Raises TrayassistError for an unknown role or
        command, an empty request, and when no role is there at all; NotAllowed when the role is off.
        """
        began = time.perf_counter()
        text = prepare(request.text)
        if not text.whole and not request.files:
            raise TrayassistError("The request is empty.", "Write a question, or drop a file.")
        context = RoutingContext(
            roles=self._roles,
            claiming=self._claiming(),
            asked=asked if asked is not None else [],
            previous=previous,
            memory_hit=memory_hit,
            corrects_fact=corrects_fact,
        )
        decision = self._first(text.whole, (stage(text, request, context) for stage in self._stages))
        role, reason = self._role_of(decision)
        return Route(
            kind=decision.kind,
            role=role,
            text=text.whole if decision.text is None else decision.text,
            confidence=decision.confidence,
            method=decision.method,
            reason=reason,
            model=self._model_for(role) if request.model is None else request.model or None,
            alternatives=decision.alternatives,
            ms=(time.perf_counter() - began) * 1e3,
        )

    def _claiming(self) -> list[Role]:
        now = time.monotonic()
        awake = (role for name, role in self._roles.items() if self._resting.get(name, 0.0) <= now)
        return [role for role in awake if not self._why_off(role.name)]

    def warm(self) -> None:
        """Compile all patterns now, which the first decision would wait for. May run in a thread."""
        for rule in RULES:
            list(rule.patterns())

    def _first(self, text: str, decisions: Iterable[Decision | None]) -> Decision:
        for decision in decisions:
            if decision is not None:
                return decision
        raise TrayassistError(f"No stage of the router decided on “{text[:60]}”.", "Pick a role with @.")

    def _role_of(self, decision: Decision) -> tuple[str, str]:
        """Return the role that answers, and the reason.

        Another one steps in when its plugin is off, but for facts, which no other role stores or forgets.
        """
        wanted = decision.role or ROLE_OF_KIND.get(decision.kind, DEFAULT_ROLE)
        if wanted in self._roles:
            self._check_on(wanted)
            return wanted, decision.reason
        if not self._roles:
            raise TrayassistError("No role is there to answer.", "Switch “Assistant” on in Settings, Plugins.")
        if decision.kind is Kind.CURATE:
            raise NotAllowed(
                f"Nothing is remembered or forgotten: the plugin {wanted} is switched off, or does not work.",
                "See Settings, Plugins, or `trayassist plugins`.",
            )
        role = DEFAULT_ROLE if DEFAULT_ROLE in self._roles else next(iter(self._roles))
        self._check_on(role)
        return role, f"{decision.reason} The role {wanted} is switched off, so {role} answers."

    def _check_on(self, role: str) -> None:
        if why := self._why_off(role):
            nothing = " Nothing is remembered or forgotten." if role == ROLE_OF_KIND[Kind.CURATE] else ""
            raise NotAllowed(f"{why}{nothing}", "Choose another mode in Settings, Models (mode in registry.yaml).")
