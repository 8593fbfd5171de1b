"""Stages that decide by rules: files that came with it, what roles claim, the patterns, the conversation."""

from __future__ import annotations

import logging
import re

from trayassist.api import Found, Kind, Request, Route
from trayassist.routing.patterns import RULES
from trayassist.routing.patterns.code import PASTED
from trayassist.routing.stages import (
    DECIDES,
    DEFAULT_ROLE,
    HINT,
    KIND_OF_ROLE,
    LIKELY,
    ROLE_OF_KIND,
    Decision,
    RoutingContext,
    Rule,
)
from trayassist.routing.text import RequestText, prepare

logger = logging.getLogger(__name__)

MEMORY_WEIGHS = 0.25
LIKE_AN_EXAMPLE = 0.6  # share of the words of a request and an example that both have
_FOLLOWS = re.compile(
    r"^(?:and|but|also|now|then|or|instead|again|same|make it|make that|do it|do the same|add|use|can you also"
    r"|change it|rename|"
    r"without|with|what about|how about|what if|could it|does it|try|shorter|simplify|explain (?:it|that|line)"
    r"|why)\b"
)
_CORRECTS = re.compile(  # "actually the garage is 7 metres long"
    r"^(?:no|nope|actually|correction|sorry|nein|eigentlich|korrektur|en fait|en realidad)\b[ ,:;.!-]{1,4}[^?]{5,300}$"
)
_SUFFIXES = (
    ".py .pyi .ipynb .js .mjs .ts .tsx .jsx .java .kt .c .h .cc .cpp .hpp .cs .go .rs .rb .php .swift .scala .sh "
    ".bash .zsh .fish .ps1 .bat .sql .pl .lua .r .jl .hs .ex .exs .clj .dart .vue .svelte .css .scss .toml .ini "
    ".cfg .yaml .yml .json .diff .patch .gradle .cmake .mk .tf .proto .asm .f90 .m .vb .log"
)
CODE_SUFFIXES = frozenset(_SUFFIXES.split())
CODE_NAMES = frozenset({"makefile", "dockerfile", "jenkinsfile", "cmakelists.txt", ".gitignore", ".env"})
_ABOUT_FILES = (Kind.SUMMARISE, Kind.SEARCH)  # kinds that a question about dropped documents may still be


def by_drop(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
    """Return the decision for a question that came with files."""
    if not request.files:
        return None
    if all(f.suffix.lower() in CODE_SUFFIXES or f.name.lower() in CODE_NAMES for f in request.files):
        return Decision(kind=Kind.CODE, confidence=0.9, method="drop", reason="It came with files of code.")
    if not text.whole:
        return Decision(
            kind=Kind.SUMMARISE, confidence=0.7, method="drop", reason="It came with documents and no question.",
            text="summarise this", alternatives=(Kind.CHAT,),
        )  # fmt: skip
    seen = by_rules(text, request, context)
    kind = seen.kind if seen is not None and seen.kind in _ABOUT_FILES else Kind.CHAT
    return Decision(kind=kind, confidence=0.9, method="drop", reason="It came with documents: it is about them.")


def by_claims(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
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


def by_examples(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
    """Return the decision for another plugin's role one of whose examples is nearly what was asked.

    The roles that come with trayassist have rules instead.
    """
    words = _words(text.core)
    best, nearest, owner = LIKE_AN_EXAMPLE, "", ""
    for role in context.claiming:
        if role.name in (DEFAULT_ROLE, *KIND_OF_ROLE):
            continue
        try:
            examples = tuple(role.examples)
        except BaseException:  # barrier: it may be a property, and then a plugin's code runs here
            logger.warning("role %s could not say its examples", role.name, exc_info=True)
            continue
        for example in examples:
            wanted = _words(prepare(example).core)
            shared = len(words & wanted) / max(1, len(words | wanted))
            if shared >= best and len(wanted) > 1:
                best, nearest, owner = shared, example, role.name
    if not owner:
        return None
    reason = f"It is like “{nearest}”, an example of the role {owner}."
    confidence = round(0.5 + 0.4 * best, 3)
    return Decision(kind=Kind.CHAT, confidence=confidence, method="examples", reason=reason, role=owner)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w{1,40}", text))


def is_correction(text: str) -> bool:
    """Return whether the text may correct something that was said before. Memory knows whether there is such a fact.

    A question or a wish is no correction: `prepare` leaves the "actually" before it out of the core.
    """
    return _CORRECTS.search(prepare(text).core) is not None


def make_curation(text: str) -> str:
    """Return the request that has `text` kept or forgotten: the text itself where it asks for that, else /remember."""
    prepared = prepare(text)
    asks = any(rule.kind is Kind.CURATE and rule.confidence > HINT and rule.hits(prepared) for rule in RULES)
    return text if asks else f"/remember {text}"


def by_correction(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
    """Return curate for the correction of a fact that is remembered."""
    curator = ROLE_OF_KIND[Kind.CURATE]
    if not context.corrects_fact or all(role.name != curator for role in context.claiming):
        return None
    return Decision(
        kind=Kind.CURATE,
        confidence=LIKELY,
        method="rules",
        reason="It corrects what you asked to remember.",
        alternatives=(Kind.CHAT,),
    )


def by_rules(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
    """Return what the patterns say; other kinds that were seen are the alternatives."""
    hits = [rule for rule in RULES if rule.hits(text)]
    deciding = [(rule.confidence + _support(rule, context), rule) for rule in hits]
    best = max(deciding, key=lambda item: item[0], default=None)
    if best is None or best[0] < DECIDES:
        return None
    confidence, rule = best
    by_memory = confidence > rule.confidence
    others = _others(rule.kind, deciding)
    if rule.kind in (Kind.TOOL, Kind.TASK) and Kind.CHAT not in others:
        others = (*others[:2], Kind.CHAT)  # it may have been a question
    rival = max((c for c, other in deciding if other.kind is not rule.kind), default=0.0)
    return Decision(
        kind=rule.kind,
        confidence=round(min(1.0, confidence) - 0.15 * (rival >= DECIDES), 3),
        method="rules",
        reason=f"{rule.reason} Memory holds something about it." if by_memory else rule.reason,
        alternatives=others,
    )


def by_conversation(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
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


def by_default(text: RequestText, request: Request, context: RoutingContext) -> Decision | None:
    """Return chat, with the hints of weak rules as alternatives."""
    hits = [(rule.confidence, rule) for rule in RULES if rule.hits(text)]
    return Decision(
        kind=Kind.CHAT,
        confidence=0.4,
        method="default",
        reason="No rule was sure, so it is answered as a question.",
        alternatives=_others(Kind.CHAT, hits),
    )


def pasted_code(text: RequestText) -> bool:
    """Return whether the text holds pasted code."""
    return PASTED.hits(text)


def memory_tells(route: Route) -> bool:
    """Return whether memory's probability could change this route: words leave open whether to look there."""
    if route.method not in ("rules", "default"):
        return False
    if route.kind is Kind.SEARCH:
        return route.confidence < LIKELY
    return Kind.SEARCH in route.alternatives and route.confidence < DECIDES + MEMORY_WEIGHS


def _support(rule: Rule, context: RoutingContext) -> float:
    """Words alone cannot tell "search for X" from a wish for the web: memory can, where it was asked."""
    if rule.kind is not Kind.SEARCH or context.memory_hit is None or rule.confidence >= LIKELY:
        return 0.0
    return {Found.YES: MEMORY_WEIGHS, Found.WEAK: 0.0, Found.NO: -MEMORY_WEIGHS}[Found.at(context.memory_hit)]


def _others(kind: Kind, hits: list[tuple[float, Rule]]) -> tuple[Kind, ...]:
    ranked = sorted(hits, key=lambda item: -item[0])
    return tuple(dict.fromkeys(rule.kind for _, rule in ranked if rule.kind is not kind))[:3]
