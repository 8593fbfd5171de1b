"""Decides which role answers a request and why. Stages are asked in order; the first that is sure decides."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from trayassist.api import Kind, NotAllowed, Request, Role, Route, TrayassistError, Turn
from trayassist.plugins.sandbox import in_time
from trayassist.routing.overrides import by_at, by_role_picked, by_slash
from trayassist.routing.patterns import RULES
from trayassist.routing.rules import by_claims, by_conversation, by_default, by_drop, by_examples, by_rules
from trayassist.routing.stages import DEFAULT_ROLE, ROLE_OF_KIND, Decision, RoutingContext, Stage
from trayassist.routing.text import prepare

# A stage that needs more than words (a classifier, a small model) belongs between by_conversation and by_default.
STAGES: tuple[Stage, ...] = (
    by_role_picked,
    by_at,
    by_slash,
    by_drop,
    by_claims,
    by_examples,
    by_rules,
    by_conversation,
    by_default,
)


logger = logging.getLogger(__name__)

CLAIM_S = 1.0  # a role that takes longer to say whether it claims a request
REST_S = 60.0  # is not asked for so long


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
        self, request: Request, *, previous: Turn | None = None, memory_hit: float | None = None
    ) -> Route:
        """Return what `decide` returns, decided in a thread: a role's claims() is a plugin's code and may hang.

        One that does is passed over, and rests. Raises as `decide` does.
        """
        while True:
            asked: list[str] = []
            decide = functools.partial(self.decide, request, previous=previous, memory_hit=memory_hit, asked=asked)
            try:
                return await in_time(decide, limit_s=CLAIM_S)
            except TimeoutError:
                if not asked:  # no role is at fault: the machine is slow
                    return self.decide(request, previous=previous, memory_hit=memory_hit)
                logger.error("role %s took longer than %s s to say whether it claims a request", asked[-1], CLAIM_S)
                self._resting[asked[-1]] = time.monotonic() + REST_S

    def decide(
        self,
        request: Request,
        *,
        previous: Turn | None = None,
        memory_hit: float | None = None,
        asked: list[str] | None = None,
    ) -> Route:
        """Return the route of a request. `asked` is given the names of the roles whose claims were asked for.

        `previous` is the last turn of its conversation; `memory_hit` is memory's probability (0..1) that it
        holds something about the request, where it was asked. Raises TrayassistError for an unknown role or
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
            model=request.model or self._model_for(role),
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
            raise TrayassistError("No role is there to answer.", "Switch the plugin persona on in the settings.")
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
            todo = "Choose another mode in Settings, Models & roles, or give the role something other than null there"
            raise NotAllowed(f"{why}{nothing}", f"{todo} (modes, in registry.yaml).")
