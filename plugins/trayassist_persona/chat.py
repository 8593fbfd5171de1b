"""Questions, talk and searches: with a model from passages and knowledge, without one from quoted sentences."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from trayassist.api import (
    Answer,
    Chunk,
    Evidence,
    Found,
    Host,
    Kind,
    Message,
    Passage,
    Request,
    Route,
    Setting,
    Turn,
    as_data,
    as_messages,
    plain,
    plain_name,
    quote_pages,
    why_no_model,
)
from trayassist_persona import citing, followup, words

PASSAGES = Setting(
    name="passages",
    title="Passages for the model",
    default=4,
    least=1,
    most=12,
    help="How many passages of your documents a model reads with a question. More of them take longer to read.",
)
QUOTES = Setting(
    name="quotes",
    title="Sentences quoted",
    default=4,
    least=1,
    most=12,
    help="The most sentences an answer quotes when no model writes it.",
)


TURNS = 6  # of the conversation, shown to the model and looked at for follow-ups
TURN_CHARACTERS = 1500  # of a past answer, in the prompt
_FURNITURE = re.compile(r"\bpage \d{1,4}(?: of \d{1,4})?\W{0,3}$|^\W{0,3}page \d{1,4}\b", re.IGNORECASE)


async def answer(request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
    """Yield the answer to a question, from memory where memory is about it."""
    if words.asks_for_help(route.text):
        yield Chunk(words.CAN_DO)
        return
    if words.asks_to_delete_a_file(route.text):
        yield Chunk(words.DELETES)
        return
    if words.small_talk(route.text):
        async for item in _talk(route, host):
            yield item
        return
    turns = await host.turns(TURNS)
    limit = QUOTES.of(host.settings)
    follow_up = followup.resolve(route.text, turns)
    if follow_up is not None:
        yield follow_up
    asked = follow_up.asks if follow_up else route.text
    cited = turns[-1].cited if follow_up else ()
    found = await host.quote(_with_names(asked, request.files), 2 * limit, cited)
    evidence = _worth_quoting(of_files(found, request), limit)
    yield evidence
    if route.model is not None:
        async for item in _by_model(route, host, turns, evidence):
            yield item
    else:
        async for item in without_model(route, host, evidence):
            yield item


async def without_model(route: Route, host: Host, evidence: Evidence) -> AsyncIterator[Answer]:
    """Yield the sentences that answer best, each with its page, or the plain word that there are none."""
    if evidence.quotes and evidence.found is not Found.NO:
        for item in quote_pages(evidence):
            yield item
    elif route.kind is Kind.MATH:
        yield Chunk(f"{words.NO_MODEL_MATHS} {await why_no_model(route, host)}")
    else:
        yield Chunk(words.NOTHING if evidence.documents else words.EMPTY)


def of_files(evidence: Evidence, request: Request) -> Evidence:
    """Return the evidence from the files that came with the request, or all of it when none is from them."""
    if not request.files:
        return evidence
    dropped = {str(file) for file in request.files}
    passages = tuple(p for p in evidence.passages if p.path in dropped)
    quotes = tuple(q for q in evidence.quotes if q.passage.path in dropped)
    if not passages and not quotes:
        return evidence
    return replace(evidence, passages=passages, quotes=quotes)


def _worth_quoting(evidence: Evidence, limit: int) -> Evidence:
    """Leave out lines that stand on every page ("Lease, page 2 of 3"): they match names and answer nothing."""
    quotes = [q for q in evidence.quotes if len(q.text.split()) > 14 or not _FURNITURE.search(q.text)]
    return replace(evidence, quotes=tuple(quotes[:limit]))


async def _talk(route: Route, host: Host) -> AsyncIterator[Answer]:
    if route.model is None:
        missing = await why_no_model(route, host, named=True)
        yield Chunk(f"{words.reply_to_talk(route.text)}\n\n{missing}".rstrip())
        return
    past = as_messages(await host.turns(TURNS), TURN_CHARACTERS)
    messages = [
        Message(speaker="system", text=host.prompt("persona")),
        *past,
        _user(route.text),
    ]
    async for chunk in host.generate(route, messages):
        yield chunk


async def _by_model(route: Route, host: Host, turns: Sequence[Turn], evidence: Evidence) -> AsyncIterator[Answer]:
    passages = _passages(evidence, PASSAGES.of(host.settings))
    system = host.prompt("maths" if route.kind is Kind.MATH else "persona")
    question = [*as_data(passages), _user(f"Question: {route.text}" if passages else route.text)]
    messages = [Message(speaker="system", text=system), *as_messages(turns, TURN_CHARACTERS), *question]
    async for item in citing.with_citations(host.generate(route, messages), passages, route.text):
        yield item


def _passages(evidence: Evidence, limit: int) -> list[Passage]:
    """Return what the model may read: nothing when memory is not about the question."""
    if evidence.found is Found.NO:
        return []
    facts = [quote.passage for quote in evidence.quotes if quote.passage.path.startswith("fact:")]
    return [*dict.fromkeys(facts), *evidence.passages[:limit]]


def _user(text: str) -> Message:
    return Message(speaker="user", text=text)


def _with_names(query: str, files: Sequence[Path]) -> str:
    """Add the names of dropped files: they pick the document."""
    return " ".join([query, *(file.stem for file in files[:3])]).strip()


# ---- searches: the best pages, listed, without a model

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


async def list_pages(request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
    """Yield the pages memory holds about what is searched, best first, each with its citation."""
    query = search_words(route.text)
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
        yield Chunk(
            f"{number}. **{plain_name(passage.name)}**, page {passage.page} [{number}]  \n   {plain(snippet)}\n"
        )
        yield citation


def search_words(text: str) -> str:
    """Return what is searched, without "search my documents for" and "in my files"."""
    rest = _INSIDE.sub("", _ASKING.sub("", f"{text} ", count=1).strip()).strip(" ?.!")
    return rest if re.search(r"\w{2,}", rest) else text


def _lead(found: Found, count: int) -> str:
    if found is Found.NO:
        return f"{words.NOTHING} The nearest pages:"
    match = "1 page" if count == 1 else f"{count} pages"
    return f"{match}, a weak match:" if found is Found.WEAK else f"{match}:"
