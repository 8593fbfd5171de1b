"""The role curator: stores facts, lists them, forgets them; asks before it forgets what was not named."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

from trayassist.api import (
    Answer,
    Chunk,
    Citation,
    Evidence,
    Fact,
    Found,
    Host,
    Message,
    Passage,
    Request,
    Route,
    TrayassistError,
    plain,
    quote_pages,
)
from trayassist_curator.reading import Wish, read, subject_and_value

LISTED = 50
QUOTES = 4  # for a question that came with the wish
NAMED = 8  # facts quoted in a question before forgetting
MOST = 1_000_000
LONGEST = 4000  # characters of one fact
HOW = (
    "Write “remember that …” to store a fact, “what do you remember about …” to list facts,"
    " or “forget that …” to remove one. Nothing was changed."
)
_WORD = re.compile(r"[^\W_]{2,}")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_TOKEN = re.compile(r"[-−+]?\d+(?:[.,:/]\d+)*|\w+")
_NO_TOPIC = (
    "the and that this for with from have has had was were are our your his her their its you all any not but "
    "about what who when where how me my mine i is am be been of to in on at an as it we us do does did fact "
    "note what's der die das und ein eine ist mein meine le la les un une est mon ma el los las es mi"
)
_FILLER = re.compile(  # only what never carries a fact: "I like salt", "the well is dry", "um 5 Uhr" stay
    r"^(?:(?:so|well|ok|okay|you know|i mean|like|also|tja|naja|bon|ben|alors)\b[ ,]{1,3}){1,4}(?=\w)|\b(?:uh+|uhm+"
    r"|umm+|erm+|hmm+"
    r"|basically|btw|by the way|äh+m?|sozusagen|übrigens|euh+|du coup)\b,?|\bum\b(?:,|\.\.\.|…| (?=(?:my|the|i|we"
    r"|our|it|so|like)\b))"
    r"|, (?:you know|i mean|like),",
    re.IGNORECASE,
)
_ADDED = frozenset(
    ("a", "an", "the", "that", "is", "are", "and", "der", "die", "das", "ist", "und", "le", "la", "les", "est", "et")
)
_ARTICLES = frozenset(("a", "an", "the", "that", "dass", "der", "die", "das", "que", "le", "la", "les", "el", "los"))
_STOP = frozenset(_NO_TOPIC.split())


class Curator:
    """Keeps what the user asks to remember: word by word, or tidied by a model where that changes no fact."""

    name = "curator"
    title = "Remembers and forgets"
    examples: Sequence[str] = (
        "Remember that my locker code is 4411",
        "What do you remember about me?",
        "Forget that I live in Berlin",
        "Curate my memories",
    )

    def claims(self, request: Request) -> str | None:
        """Return None: the router's rules know these requests."""
        return None

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        """Yield what was stored, listed or forgotten."""
        wish = read(route.text, sure=route.method == "slash")
        if wish.action == "unclear" and wish.text == "" and _is_curation(route.text):
            wish = Wish("list")
        if wish.action == "store" and route.model is not None:
            wish = replace(wish, text=await _tidy(wish.text, route, host))
        stream = {
            "store": _store,
            "correct": _correct,
            "list": _list,
            "forget": _forget,
            "forget_all": _forget_all,
            "unclear": _unclear,
        }[wish.action](wish, host)
        async for item in stream:
            yield item
        if wish.question:
            async for item in _answer_question(wish.question, host):
                yield item


async def _answer_question(question: str, host: Host) -> AsyncIterator[Answer]:
    """Yield what the documents say to a question that came with the wish."""
    evidence = await host.quote(question, QUOTES)
    if evidence.found is Found.NO or not evidence.quotes:
        yield Chunk(f"\n\nYour documents do not answer “{plain(question)}”. Ask it alone for any other answer.")
        return
    yield evidence
    yield Chunk("\n\n")
    for item in quote_pages(evidence):
        yield item


async def _store(wish: Wish, host: Host) -> AsyncIterator[Answer]:
    if len(wish.text) > LONGEST:
        yield _refusal(wish.text)
        return
    known = list(await host.facts(limit=MOST))
    fact = await host.remember(wish.text)
    if any(fact.id == one.id for one in known):
        yield Chunk(f"That is remembered already: “{plain(fact.text)}”")
        return
    older = [one for one in known if _is_another_value(fact.text, one.text)]
    if older and await host.approve(_question_before(fact.text, older), "Forget the old one"):
        for one in older:
            await host.forget_fact(one.id)
        yield Chunk(_confirmation(fact.text, older))
        return
    yield Chunk(f"Remembered: “{plain(fact.text)}”")


async def _tidy(text: str, route: Route, host: Host) -> str:
    """Return the fact as the model words it where that changes no fact, else as it was said.

    A model is asked only where there is something to tidy: words without a sense of their own, or several lines.
    """
    if not _FILLER.search(text) and "\n" not in text.strip():
        return text
    said = ""
    try:
        asked = [Message(speaker="system", text=host.prompt("remember")), Message(speaker="user", text=f"| {text}")]
        async for chunk in host.generate(route, asked):
            said += "" if chunk.thought else chunk.text
    except TrayassistError:  # the fact is kept in any case
        return text
    said = " ".join(said.split()).strip("“”\"'| ")
    return said if says_the_same(text, said) else text


def says_the_same(said: str, tidied: str) -> bool:
    """Return whether `tidied` has the words of `said` in their order, but for fillers, articles and "is".

    So numbers, dates, names, negations, persons and tenses are the same, and who does what to whom.
    """
    before, after = _TOKEN.findall(_without_fillers(said).lower()), _TOKEN.findall(tidied.lower())
    at = 0
    for word in after:
        if at < len(before) and word == before[at]:
            at += 1
        elif word in _ADDED:
            continue
        else:
            while at < len(before) and before[at] in _ARTICLES:
                at += 1
            if at == len(before) or word != before[at]:
                return False
            at += 1
    return all(word in _ARTICLES for word in before[at:]) and bool(after)


def _without_fillers(text: str) -> str:
    for _ in range(3):  # "um, so, you know, …"
        text = _FILLER.sub(" ", text.strip())
    return text


def _refusal(text: str) -> Chunk:
    return Chunk(
        f"That is {len(text):,} characters long; a fact may have {LONGEST:,}. Nothing was stored."
        " Save it as a text file and drop it on the tray icon."
    )


async def _correct(wish: Wish, host: Host) -> AsyncIterator[Answer]:
    """Propose the correction of a fact that is remembered; one with the same words is no older one."""
    if len(wish.text) > LONGEST:
        yield _refusal(wish.text)
        return
    known, text = await host.facts(limit=MOST), plain(wish.text)
    same = [one for one in known if _tokens(one.text) == _tokens(wish.text)]
    others = [one for one in known if one not in same]
    older = [one for one in others if _is_another_value(wish.text, one.text)]
    if same and not older:
        yield Chunk(f"That is remembered already: “{plain(same[0].text)}”")
        return
    older = older or _about_the_same(wish.text, others)
    if not older:
        yield Chunk(f"Nothing that is remembered fits “{text}”, so nothing was changed. To have it remembered, write: ")
        yield Chunk(f"remember that {text}")
    elif await host.approve(_question_before(wish.text, older), "Replace it"):
        fact = same[0] if same else await host.remember(wish.text)
        for one in older:
            if one.id != fact.id:
                await host.forget_fact(one.id)
        yield Chunk(_confirmation(fact.text, older))
    else:
        yield Chunk(f"Nothing was changed. Remembered is: “{plain(older[0].text)}”")


def _question_before(text: str, older: Sequence[Fact]) -> str:
    """Return the question before a fact takes the place of others."""
    listed = "\n".join(f"- {fact.text}" for fact in older[:NAMED])
    return f"Remember “{text}” in place of this?\n{listed}"


def _confirmation(text: str, older: Sequence[Fact]) -> str:
    old = plain(older[0].text)
    more = f" and {len(older) - 1} more" if len(older) > 1 else ""
    return f"Remembered: “{plain(text)}”, in place of “{old}”{more}. To have that back, write: remember that {old}"


def _about_the_same(text: str, facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts about just what `text` is about, or else those whose subject it names in fewer or more words."""
    wanted = _subject_key(text)
    same = [fact for fact in facts if wanted and _subject_key(fact.text) == wanted]
    if same or not wanted:
        return same
    keys = [(fact, _subject_key(fact.text)) for fact in facts]
    return [fact for fact, key in keys if key and (key <= wanted or wanted <= key)]


def _is_another_value(text: str, other: str) -> bool:
    """Return whether two facts give the same thing another number: "is 6 metres" and "is 7 metres"."""
    if not _subject_key(text) or _subject_key(text) != _subject_key(other):
        return False
    words, before = _words_only(_key(text)), _words_only(_key(other))
    numbers, earlier = set(_NUMBER.findall(text)), set(_NUMBER.findall(other))
    return bool(numbers and earlier) and numbers != earlier and (words <= before or before <= words)


def _subject_key(text: str) -> frozenset[str]:
    return _words_only(_key(subject_and_value(text)[0]))


def _words_only(key: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in key if not any(map(str.isdigit, word)))


async def _list(wish: Wish, host: Host) -> AsyncIterator[Answer]:
    facts = await host.facts(wish.text, LISTED)
    everything = facts if not wish.text else await host.facts(limit=LISTED)
    if wish.text:
        facts = [fact for fact in facts if _matches(wish.text, fact)]
    if not facts:
        about = f" about “{plain(wish.text)}”" if wish.text else ""
        rest = f" {_count(len(everything))} about other things; ask “what do you remember”." if everything else ""
        yield Chunk(
            f"You have not asked to remember anything{about}.{rest}"
            if not rest
            else f"Nothing is remembered{about}.{rest}"
        )
        return
    passages = tuple(_passage(fact) for fact in facts)
    yield Evidence(found=Found.YES, probability=1.0, passages=passages)
    yield Chunk("You asked to remember:\n")
    for number, fact in enumerate(facts, 1):
        yield Chunk(f"\n{number}. {plain(fact.text)} ({_day(fact.created)}) [{number}]")
        yield Citation(
            number=number,
            path=f"fact:{fact.id}",
            title="Remembered",
            page=1,
            quote=fact.text,
            start=0,
            end=len(fact.text),
        )
    more = "\n\nOnly the newest are listed." if len(facts) == LISTED else ""
    yield Chunk(f"{more}\n")


async def _forget(wish: Wish, host: Host) -> AsyncIterator[Answer]:
    """Forget the fact that was named word by word; ask before any other that may be meant."""
    facts = [fact for fact in await host.facts(limit=MOST) if _matches(wish.text, fact)]
    same = [fact for fact in facts if _words(fact.text) == _words(wish.text)]
    facts = same or facts
    if not facts:
        yield Chunk(
            f"Nothing that is remembered fits “{plain(wish.text)}”, so nothing was forgotten."
            " Ask “what do you remember” for the list; documents are forgotten in the memory window."
        )
        return
    if len(facts) > 1 or not same:
        question, yes = _which(wish.text, facts)
        if not await host.approve(question, yes):
            one = len(facts) == 1
            fits = "This fits:" if one else "These fit:"
            yield Chunk(f"Nothing was forgotten. {fits}\n")
            for fact in facts[:NAMED]:
                yield Chunk(f"\n- {plain(fact.text)}")
            way = "To forget it, name it word by word." if one else "To forget one of them, name it word by word."
            yield Chunk(f"\n\n{way}")
            return
    for fact in facts:
        await host.forget_fact(fact.id)
    if len(facts) == 1:
        fact_text = plain(facts[0].text)
        yield Chunk(f"Forgotten: “{fact_text}”. To have it back, write: remember that {fact_text}")
        return
    yield Chunk(f"Forgotten: {len(facts)} facts. To have one back, ask to remember it again:\n")
    for fact in facts[:NAMED]:
        yield Chunk(f"\n- {plain(fact.text)}")


def _which(text: str, facts: Sequence[Fact]) -> tuple[str, str]:
    """Return the question before forgetting, and the words of its yes."""
    if len(facts) == 1:
        return f"Forget “{facts[0].text}”?", "Forget it"
    listed = "\n".join(f"- {fact.text}" for fact in facts[:NAMED])
    more = f"\nand {len(facts) - NAMED} more" if len(facts) > NAMED else ""
    return f"{len(facts)} facts fit “{text}”. Forget all of them?\n{listed}{more}", f"Forget {len(facts)} facts"


async def _forget_all(wish: Wish, host: Host) -> AsyncIterator[Answer]:
    facts = await host.facts(limit=MOST)
    if not facts:
        yield Chunk(
            "Nothing is remembered, so there was nothing to forget. Documents are forgotten in the memory window."
        )
        return
    count = "the 1 fact" if len(facts) == 1 else f"all {len(facts)} facts"
    if not await host.approve(f"Forget {count} you asked to remember? Documents stay.", f"Forget {count}"):
        yield Chunk("Nothing was forgotten.")
        return
    for fact in facts:
        await host.forget_fact(fact.id)
    yield Chunk(f"Forgotten: {count} you asked to remember. Documents are still in memory.")


async def _unclear(wish: Wish, host: Host) -> AsyncIterator[Answer]:
    if wish.text == "forget":
        yield Chunk("Say what to forget, such as “forget that my locker code is 4411”. Nothing was changed.")
    elif wish.text == "store":
        yield Chunk("Say what to remember, such as “remember that my locker code is 4411”. Nothing was changed.")
    else:
        yield Chunk(HOW)


def _is_curation(text: str) -> bool:
    return (
        re.search(
            r"\b(?:curat\w{1,5}|organi[sz]e|tidy|clean|sort|review|consolidate|merge|manage)\b", text, re.IGNORECASE
        )
        is not None
    )


def _matches(text: str, fact: Fact) -> bool:
    """Return whether the fact is about `text`: it holds most words of it, and every number and name."""
    wanted, held = _key(text), _key(fact.text)
    if not wanted:
        return False
    shared = wanted & held
    numbers = {word for word in wanted if any(c.isdigit() for c in word)}
    return numbers <= held and len(shared) >= max(1, round(0.6 * len(wanted)))


def _key(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP)


def _words(text: str) -> frozenset[str]:
    """Return the words that two sayings of one fact share: all but articles and "that"."""
    return frozenset(re.findall(r"\w+", text.lower())) - _ARTICLES


def _tokens(text: str) -> list[str]:
    """Return words and numbers in order, without articles and signs: what two facts with the same words share."""
    return [word for word in _TOKEN.findall(text.lower()) if word not in _ARTICLES]


def _stem(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 and not word.endswith("ss") else word


def _passage(fact: Fact) -> Passage:
    return Passage(path=f"fact:{fact.id}", title="Remembered", page=1, start=0, end=len(fact.text), text=fact.text)


def _count(number: int) -> str:
    return "1 fact is remembered" if number == 1 else f"{number} facts are remembered"


def _day(created: str) -> str:
    try:
        return datetime.fromisoformat(created).strftime("%-d %B %Y")
    except ValueError:
        return created
