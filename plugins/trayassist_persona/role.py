"""The role persona: one way of answering for each kind of request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from trayassist.api import Answer, Chunk, Host, Kind, Request, Route
from trayassist_persona import arithmetic, chat, listing, summary, unable, words


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
            stream = listing.pages(request, route, host)
        elif route.kind is Kind.SUMMARISE:
            stream = summary.answer(request, route, host)
        elif route.kind is Kind.MATH and (result := arithmetic.solve(route.text)) is not None:
            stream = _said(result)
        elif route.kind in (Kind.TOOL, Kind.TASK):
            stream = unable.answer(request, route, host)
        elif route.kind in words.NOT_YET:
            stream = _said(words.NOT_YET[route.kind])
        else:
            stream = chat.answer(request, route, host)
        async for item in stream:
            yield item


async def _said(text: str) -> AsyncIterator[Answer]:
    yield Chunk(text)
