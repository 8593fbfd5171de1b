"""Search requests: the best pages, listed, without a model."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from trayassist.api import Answer, Chunk, Found, Host, Request, Route, plain
from trayassist_persona import citing, words
from trayassist_persona.chat import of_files

LIMIT = 8
SNIPPET = 220  # characters of the sentence shown under a page
_DOCS = (
    r"(?:documents?|docs?|documentation|files?|pdfs?|notes|memory|papers|folders?|archive|library|records"
    r"|contracts?"
    r"|invoices?|emails?|pages?|passages?|sections?)"
)
_ASKING = re.compile(
    rf"^\W{{0,3}}(?:(?:please|can you|could you|hey)[ ,]{{1,2}}){{0,2}}"
    rf"(?:(?:search|find|look|locate|list|show|get|pull|bring|dig|query|scan|fetch|retrieve|open)(?: up| out"
    rf"| through| in| for| me){{0,3}}"
    rf"(?: (?:all|any|every|everything|the|my|our|these|those|a|an)){{0,3}}(?: {_DOCS})?(?: (?:about|for|on"
    rf"|regarding|mentioning|that (?:mentions?|talks? about|discuss(?:es)?)|where|with|containing|named"
    rf"|called))?"
    rf"|where (?:did|do|have) i (?:read|see|seen|save|write|put|note)(?: about| that)?|(?:in )?(?:which"
    rf"|what) {_DOCS} (?:do|does|did)?(?: ?(?:mentions?|says?|talks? about|contains?|discuss(?:es)?|covers?"
    rf"|describes?|i have (?:about|on)))?)\s",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    rf"\s(?:in|from|inside|through|within|across) (?:all )?(?:of )?(?:my|the|our) {_DOCS}\W{{0,3}}$", re.IGNORECASE
)


async def pages(request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
    """Yield the pages memory holds about what is searched, best first, each with its citation."""
    query = bare(route.text)
    evidence = of_files(await host.search(query, LIMIT), request)
    yield evidence
    if not evidence.passages:
        yield Chunk(words.NOTHING if evidence.documents else words.EMPTY)
        return
    yield Chunk(f"{_lead(evidence.found, len(evidence.passages))}\n\n")
    for number, passage in enumerate(evidence.passages, 1):
        citation = citing.of_passage(number, passage, query)
        snippet = (
            citation.quote if len(citation.quote) <= SNIPPET else f"{citation.quote[:SNIPPET].rsplit(' ', 1)[0]} …"
        )
        yield Chunk(f"{number}. **{passage.name}**, page {passage.page} [{number}]  \n   {plain(snippet)}\n")
        yield citation


def bare(text: str) -> str:
    """Return what is searched, without "search my documents for" and "in my files"."""
    rest = _INSIDE.sub("", _ASKING.sub("", f"{text} ", count=1).strip()).strip(" ?.!")
    return rest if re.search(r"\w{2,}", rest) else text


def _lead(found: Found, count: int) -> str:
    if found is Found.NO:
        return f"{words.NOTHING} The nearest pages:"
    match = "1 page" if count == 1 else f"{count} pages"
    return f"{match}, a weak match:" if found is Found.WEAK else f"{match}:"
