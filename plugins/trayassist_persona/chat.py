"""Questions, talk and searches: with a model from passages and knowledge, without one from quoted sentences."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
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
    Quote,
    Request,
    Route,
    Setting,
    Status,
    Turn,
    as_data,
    as_messages,
    cite,
    plain,
    plain_name,
    quote_pages,
    why_no_model,
)
from trayassist.api.words import count
from trayassist_persona import citing, excerpts, followup, words

PASSAGES = Setting(
    name="passages",
    title="Passages for the model",
    default=8,
    least=1,
    most=12,
    help="The most passages of your documents that a model reads with a question. A slow one reads parts of them.",
)
QUOTES = Setting(
    name="quotes",
    title="Sentences quoted",
    default=3,
    least=1,
    most=12,
    help="The most sentences an answer quotes when no model writes it.",
)
FIRST_WORD = Setting(
    name="first_word_s",
    title="First word within",
    default=8,
    least=2,
    most=120,
    unit="s",
    help="How long a model may read before it answers. A slow one reads fewer sentences of your documents then.",
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
    cited = next((turn.cited for turn in reversed(turns) if turn.cited), ()) if follow_up else ()
    found = await host.quote(_with_names(asked, request.files), 2 * limit, cited)
    evidence = _worth_quoting(of_files(found, request), limit)
    yield evidence
    if route.model is None:
        stream = without_model(route, host, evidence)
    elif evidence.found is not Found.NO:
        stream = _from_documents(replace(route, text=asked), host, evidence, found.quotes)
    elif (
        _is_about_it(evidence)
        or request.files
        or words.about_own_things(route.text)
        or await host.find_document(route.text[:400])
    ):
        stream = without_model(route, host, evidence)  # a model would invent it: no sentence in a prompt stops that
    else:
        stream = _from_own_knowledge(route, host, turns)
    async for item in stream:
        yield item


async def without_model(route: Route, host: Host, evidence: Evidence) -> AsyncIterator[Answer]:
    """Yield the sentences that answer best, each with its page, or the plain word that there are none."""
    if evidence.quotes and evidence.found is not Found.NO:
        for item in quote_pages(evidence):
            yield item
    elif route.kind is Kind.MATH:
        yield Chunk(f"{words.NO_MODEL_MATHS} {await why_no_model(route, host)}")
    elif _is_about_it(evidence):
        yield Chunk(words.not_said(evidence, words.language(route.text) or "en"))
    else:
        yield Chunk(words.NOTHING if evidence.documents else words.EMPTY)


def _is_about_it(evidence: Evidence) -> bool:
    """Return whether the documents are about a question whose answer they do not hold."""
    return bool(evidence.passages) and Found.at(evidence.probability) is not Found.NO


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
    system = await _system(route, host, "persona")
    async for chunk in host.generate(route, [system, *past, _user(route.text)]):
        yield chunk


# ---- with a model

SMALL_B = 4.0  # billions of parameters below which a model gets the short prompts: two sentences made more right
RETRY_QUOTES = 3
LEAST_READ = 200  # tokens, however slow the model: with less it answers from a single sentence
NO_LIMIT = 10**9  # tokens, where nothing is known of the model's speed
OVERHEAD_S = 0.5  # until a model begins to read


async def _system(route: Route, host: Host, name: str) -> Message:
    """Return the system prompt `name`, its short form for a small model."""
    short = 0 < await host.model_size(route) < SMALL_B
    return Message(speaker="system", text=host.prompt(f"{name}-short" if short else name))


async def _from_own_knowledge(route: Route, host: Host, turns: Sequence[Turn]) -> AsyncIterator[Answer]:
    """Yield the model's answer to what the documents are not about, led by the words that say so."""
    system = await _system(route, host, "persona")
    if route.kind is Kind.MATH:
        system = Message(speaker="system", text=host.prompt("maths"))
    elif not words.asks_for_writing(route.text):
        yield Chunk(f"{words.OWN_KNOWLEDGE[words.language(route.text) or 'en']}\n\n")
    async for chunk in host.generate(route, [system, *as_messages(turns, TURN_CHARACTERS), _user(route.text)]):
        yield chunk


async def _from_documents(
    route: Route, host: Host, evidence: Evidence, quotes: Sequence[Quote]
) -> AsyncIterator[Answer]:
    """Yield the model's answer from the documents, each sentence with what supports it.

    The question stands alone, also a follow-up, which is completed: earlier answers would only lead a small model
    back to them. `quotes` may be more than an answer would show.

    One that says what stands nowhere is not shown: the model is asked once more with the quotes alone, and when that
    fails, too, the quotes are the answer.
    """
    tongue = words.language(route.text) or "en"
    question = _user(f"Question: {route.text}")
    speed = await host.reading_speed(route)
    budget = _budget(host, speed, question)
    read = excerpts.choose(replace(evidence, quotes=tuple(quotes)), route.text, PASSAGES.of(host.settings), budget)
    for prompt, passages in (("documents", read), ("quotes", _best_quotes(evidence))):
        messages = [*as_data(passages, numbered=False), question]
        yield _reading_status(messages, speed)
        answer = citing.AlignedAnswer(citing.Sources(passages, route.text), tongue)
        try:
            async for item in answer.read(host.generate(route, [await _system(route, host, prompt), *messages])):
                yield item
        except citing.UnsupportedClaimError:
            pass  # what was shown before it stays
        if answer.said:
            for under in _sources(answer, evidence, tongue):
                yield under
            return
    async for quoted in without_model(route, host, evidence):
        yield quoted
    yield Chunk(f"\n{words.LEFT_OUT[tongue]}")


def _budget(host: Host, speed: float, question: Message) -> int:
    """Return how many tokens of documents a model of this speed may read beside the question."""
    if not speed:
        return NO_LIMIT
    seconds = FIRST_WORD.of(host.settings) - OVERHEAD_S
    return max(LEAST_READ, int(seconds * speed) - excerpts.tokens(question.text))


def _best_quotes(evidence: Evidence) -> list[Passage]:
    """Return the best quotes as passages of their own."""
    return [
        replace(quote.passage, text=quote.text, start=quote.start, end=quote.end)
        for quote in evidence.quotes[:RETRY_QUOTES]
    ]


def _reading_status(messages: Sequence[Message], speed: float) -> Status:
    read = count(sum(excerpts.tokens(message.text) for message in messages), "token")
    if not speed:
        return Status(text=f"Reading {read}")
    seconds = max(1, round(sum(excerpts.tokens(message.text) for message in messages) / speed))
    return Status(text=f"Reading {read}, about {seconds} s")


def _sources(answer: citing.AlignedAnswer, evidence: Evidence, tongue: str) -> Iterator[Answer]:
    """Yield what stands under an answer: the nearest quotes after a refusal, what was read where nothing was cited."""
    first = len(answer.cited) + 1
    best = replace(evidence, quotes=evidence.quotes[:2])
    if answer.refused and best.quotes:
        yield Chunk("\n\n")
        yield from quote_pages(best, first, words.NEAREST[tongue])
    elif not answer.cited:
        for number, quote in enumerate(best.quotes, first):
            yield cite(number, quote)


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
            f"{number}. **{plain_name(passage.name)}**, page {plain(passage.page_name)} [{number}]  \n"
            f"   {plain(snippet)}\n"
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
