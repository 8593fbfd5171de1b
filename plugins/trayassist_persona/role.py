"""The role persona: one way of answering for each kind of request, and plain words for what it cannot do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence

from trayassist.api import Answer, Chunk, Found, Host, Kind, Request, Route, quote_pages
from trayassist_persona import arithmetic, chat, summary, words

_ASKS = re.compile(
    r"(?:what|which|who|when|where|how|is|are|do|does|did|any|show|list|read|tell|was|welche|wie|wann|wo|quels?|quelles?"
    r"|qu'|que|qué|cuánd?t?o)\b|.{0,300}\?\s{0,3}$",
    re.IGNORECASE | re.DOTALL,
)
_INSTEAD = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        (
            r"\bmodels?\b",
            "Settings, Models shows the models, and so does `trayassist models list`.",
        ),
        (
            (
                r"\b(?:settings|preferences|options|hotkey|shortcut|theme|dark|light|plugins?|adapters?|memory window"
                r"|activity|indexing|trayassist|einstellungen|paramètres|ajustes)\b"
            ),
            "The menu of the tray icon leads to settings, memory and activity, and pauses reading.",
        ),
        (
            r"\b(?:timer|alarm|countdown|stopwatch|wake|time|date|day|days|week|uhr|wecker|heure|hora|minuteur|temporizador)\b",
            "The clock and the calendar of your desktop do that.",
        ),
        (
            r"\b(?:cpu|ram|disk|drive|battery|processor|memory|uptime|temperature|festplatte|akku|disque|batería|disco)\b",
            "The system monitor of your desktop shows that; `trayassist status` shows what trayassist holds itself.",
        ),
        (
            r"\d ?(?:\w{1,12} ){1,2}(?:to|in|into)\b|\bconvert\b|\bhow many \w{1,12} (?:are )?in\b",
            "Written as a sum, such as 5 * 1.609, it can be worked out here.",
        ),
    )
)
_TO_DO = re.compile(
    r"\b(?:remind(?: me)?|reminder|forget|task|to-?do)\b(?: (?:me|for me))?[ :]{1,3}"
    r"(?:to |that i (?:have|need) to )?(?P<what>\w.{2,200}?)[.!]?$",
    re.IGNORECASE,
)
_FOR_A_LIST = re.compile(
    r"\b(?:add|put|write|note)\s(?P<what>.{2,120}?)\s(?:to|on|onto|in|into)\s(?:my|the|our)\s"
    r"(?P<list>[\w -]{3,30})\W{0,3}$",
    re.IGNORECASE,
)


async def _say_unable(request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
    """Yield that nothing was done and what works instead; for a question also the sentences memory holds about it."""
    asks = _ASKS.match(route.text.strip()) is not None
    more = ""
    if route.kind is Kind.TOOL:
        more = next((sentence for pattern, sentence in _INSTEAD if pattern.search(route.text)), "")
        asks, more = asks and not more, more or words.CAN_DO  # what the desktop knows, no document answers
    elif not asks:
        more = _as_a_fact(route.text)
    yield Chunk(f"{words.NOT_YET[route.kind]} {more}".strip())
    if not asks:
        return
    limit = chat.QUOTES.of(host.settings)
    found = await host.quote(route.text, limit)
    if found.found is not Found.YES or not found.quotes:
        return
    yield found
    yield Chunk("\n\n")
    for item in quote_pages(found):
        yield item


def _as_a_fact(text: str) -> str:
    """Return the sentence that would keep this as a fact, ready to be copied."""
    line = " ".join(text.split())
    if listed := _FOR_A_LIST.search(line):
        fact = f"my {listed['list'].strip()} has {listed['what']}"
    elif to_do := _TO_DO.search(line):
        fact = f"I have to {to_do['what']}"
    else:
        return "“Remember that …” keeps it as a fact that you can ask for later."
    return f"To keep it as a fact that you can ask for later, write: remember that {fact}"


class Persona:
    """Answers and chats. Without a model it quotes memory, with the pages, and says what it cannot do."""

    name = "persona"
    title = "Answers and chats"
    examples: Sequence[str] = (
        "What does the lease say about late fees?",
        "How are you feeling today?",
        "Explain inflation in simple words",
        "Write an email to my landlord",
        "Search my documents for the warranty",
        "Summarise the annual report",
    )

    def claims(self, request: Request) -> str | None:
        """Return None: persona answers what no one else owns."""
        return None

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        """Yield the answer in the way of the route's kind."""
        if route.kind is Kind.SEARCH:
            stream = chat.list_pages(request, route, host)
        elif route.kind is Kind.SUMMARISE:
            stream = summary.answer(request, route, host)
        elif route.kind is Kind.MATH and (result := arithmetic.solve(route.text)) is not None:
            stream = _say(result)
        elif route.kind in (Kind.TOOL, Kind.TASK):
            stream = _say_unable(request, route, host)
        else:
            stream = chat.answer(request, route, host)
        async for item in stream:
            yield item


async def _say(text: str) -> AsyncIterator[Answer]:
    yield Chunk(text)
