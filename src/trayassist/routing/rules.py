"""The rules stage: what roles claim, what the patterns say, and what the conversation was about."""

from __future__ import annotations

import logging
import re

from trayassist.api import Kind, Request, Route
from trayassist.routing.decision import KIND_OF_ROLE, Context, Decision
from trayassist.routing.patterns import RULES
from trayassist.routing.patterns.code import PASTED
from trayassist.routing.rule import DECIDES, LIKELY, Rule
from trayassist.routing.text import Text

logger = logging.getLogger(__name__)

SURE_MEMORY, NO_MEMORY = 0.57, 0.30  # the limits of Found.YES and Found.NO
MEMORY_WEIGHS = 0.25
_FOLLOWS = re.compile(
    r"^(?:and|but|also|now|then|or|instead|again|same|make it|make that|do it|do the same|add|use|can you also"
    r"|change it|rename|"
    r"without|with|what about|how about|what if|could it|does it|try|shorter|simplify|explain (?:it|that|line)"
    r"|why)\b"
)


def by_claims(text: Text, request: Request, context: Context) -> Decision | None:
    """Return the decision of the first role that claims the request."""
    for role in context.claiming:
        context.asked.append(role.name)
        try:
            reason = role.claims(request)
        except BaseException:  # barrier: a plugin's code runs here, in a thread that no signal reaches
            logger.warning("role %s could not say whether it claims a request", role.name, exc_info=True)
            continue
        if isinstance(reason, str) and reason:
            kind = KIND_OF_ROLE.get(role.name, Kind.CHAT)
            return Decision(kind=kind, confidence=0.95, method="rules", reason=reason, role=role.name)
    return None


def by_rules(text: Text, request: Request, context: Context) -> Decision | None:
    """Return what the patterns say; other kinds that were seen are the alternatives."""
    hits = [rule for rule in RULES if rule.hits(text)]
    deciding = [(rule.confidence + _support(rule, context), rule) for rule in hits]
    best = max(deciding, key=lambda item: item[0], default=None)
    if best is None or best[0] < DECIDES:
        return None
    confidence, rule = best
    told = confidence > rule.confidence
    others = _others(rule.kind, deciding)
    if rule.kind in (Kind.TOOL, Kind.TASK) and Kind.CHAT not in others:
        others = (*others[:2], Kind.CHAT)  # it may have been a question
    rival = max((c for c, other in deciding if other.kind is not rule.kind), default=0.0)
    return Decision(
        kind=rule.kind,
        confidence=round(min(1.0, confidence) - 0.15 * (rival >= DECIDES), 3),
        method="rules",
        reason=f"{rule.reason} Memory holds something about it." if told else rule.reason,
        alternatives=others,
    )


def by_conversation(text: Text, request: Request, context: Context) -> Decision | None:
    """Return code for a short follow-up of the coder's answer ("now make it recursive")."""
    previous = context.previous
    if previous is None or KIND_OF_ROLE.get(previous.role) is not Kind.CODE or previous.role not in context.roles:
        return None
    if len(text.line) > 120 or not _FOLLOWS.search(text.core):
        return None
    return Decision(
        kind=Kind.CODE,
        confidence=0.7,
        method="rules",
        reason="It goes on with the code of the last answer.",
        alternatives=(Kind.CHAT,),
    )


def by_default(text: Text, request: Request, context: Context) -> Decision | None:
    """Return chat, with the hints of weak rules as alternatives."""
    hits = [(rule.confidence, rule) for rule in RULES if rule.hits(text)]
    return Decision(
        kind=Kind.CHAT,
        confidence=0.4,
        method="default",
        reason="No rule was sure, so it is answered as a question.",
        alternatives=_others(Kind.CHAT, hits),
    )


def pasted_code(text: Text) -> bool:
    """Return whether the text holds pasted code."""
    return PASTED.hits(text)


def memory_tells(route: Route) -> bool:
    """Return whether memory's probability could change this route: words leave open whether to look there."""
    if route.method not in ("rules", "default"):
        return False
    if route.kind is Kind.SEARCH:
        return route.confidence < LIKELY
    return Kind.SEARCH in route.alternatives and route.confidence < DECIDES + MEMORY_WEIGHS


def _support(rule: Rule, context: Context) -> float:
    """Words alone cannot tell "search for X" from a wish for the web: memory can, where it was asked."""
    if rule.kind is not Kind.SEARCH or context.memory_hit is None or rule.confidence >= LIKELY:
        return 0.0
    if context.memory_hit >= SURE_MEMORY:
        return MEMORY_WEIGHS
    return -MEMORY_WEIGHS if context.memory_hit < NO_MEMORY else 0.0


def _others(kind: Kind, hits: list[tuple[float, Rule]]) -> tuple[Kind, ...]:
    ranked = sorted(hits, key=lambda item: -item[0])
    return tuple(dict.fromkeys(rule.kind for _, rule in ranked if rule.kind is not kind))[:3]
