"""The points of a summary: the document's own sentences, or those of a model that reads it part by part.

Each part gives short points, which are then reduced to the most important. The model is never asked for citations: each
point is laid beside the sentences that the model read, and cites the one that says it. A point whose figures, dates or
names stand in none of them is dropped (Zhao et al. 2020, "Reducing quantity hallucinations in abstractive
summarization", drop such candidates in the same way).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from trayassist.api import (
    Answer,
    Chunk,
    Citation,
    Evidence,
    Host,
    Message,
    NotAllowed,
    Quote,
    Route,
    Status,
    TrayassistError,
    cite,
    plain,
    prompt_name,
)
from trayassist.api.values import same, values

LEAST, MOST = 3, 7  # points
WORDS = 140  # of a whole summary; the name of the file comes on top
LONG_POINT = 32  # words; a longer sentence is cut at the end of a clause
_BULLET = re.compile(r"^\s*(?:[•●▪■◦‣–—*·-]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
_ASIDE = re.compile(
    r"\s?\((?:see|e\.g\.|i\.e\.|siehe|vgl\.|z\. ?b\.|voir|cf\.|\d{1,3}(?:[,–-] ?\d{1,3})*\))?[^()]{0,160}\)"
    r"|\s?\[\d[^\]]{0,20}\]"
)
SENTENCES = 48  # of a document, at most, which the model reads
FEWEST = 16
READING = 40.0  # seconds that a model may take to read them
TOKENS = 40  # of a sentence, with its share of the prompts
PART_WORDS = 260  # of one part: a small model reads so many in a few seconds
MOST_PARTS = 9
ENOUGH = 5  # points that a summary of many parts has
FROM_PART = 3  # points of one part where there are several
LONGEST_POINT = 40  # words; a longer one is cut
LARGE = 4.0  # billions of parameters from which a model follows the long form of a prompt
SUPPORTED = 0.45  # share of a point's words, by rarity, that its sentence must hold
_LINE_MARK = re.compile(r"^\W{0,4}(?:[-•*–]|\(?\d{1,2}[.):])?\s{0,4}")
_MARK = re.compile(r"\s?\[\d{1,3}(?:, ?\d{1,3})*\]|\*\*|__|`")
_TALK = re.compile(
    r"^(?:here (?:is|are)|sure|certainly|summary|main points|key points|the (?:main|key) points|points|title"
    r"|hier (?:ist|sind)"
    r"|zusammenfassung|voici|résumé|note|page)\b.{0,60}[:：]?$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_SMALL = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "that",
        "this",
        "from",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "its",
        "his",
        "her",
        "their",
        "our",
        "your",
        "not",
        "but",
        "which",
        "who",
        "will",
        "would",
        "can",
        "could",
        "into",
        "than",
        "then",
        "also",
        "been",
        "being",
        "more",
        "most",
        "some",
        "such",
        "other",
        "over",
        "under",
        "about",
        "after",
        "before",
        "between",
        "during",
        "through",
        "they",
        "them",
        "der",
        "die",
        "das",
        "und",
        "mit",
        "von",
        "den",
        "dem",
        "des",
        "ein",
        "eine",
        "einer",
        "eines",
        "ist",
        "sind",
        "war",
        "wird",
        "werden",
        "nicht",
        "auch",
        "auf",
        "für",
        "bei",
        "aus",
        "nach",
        "sich",
        "als",
        "les",
        "des",
        "une",
        "est",
        "sont",
        "dans",
        "pour",
        "par",
        "sur",
        "aux",
        "avec",
        "que",
        "qui",
        "pas",
        "plus",
        "ses",
        "son",
        "leur",
        "cette",
    ]
)


# ---- without a model: the document's own sentences


def best_sentences(evidence: Evidence) -> list[tuple[Quote, str]]:
    """Return the best of the sentences that fit into a summary, in their order, each with what is shown of it."""
    room = WORDS - (len(evidence.headline.text.split()) if evidence.headline else 0) - 4
    points: list[tuple[Quote, str]] = []
    for quote in sorted(evidence.quotes, key=lambda q: -q.score):
        shown = compact(quote.text)
        words = len(shown.split()) + 2
        if len(points) < MOST and (words <= room or len(points) < LEAST):
            points.append((quote, shown))
            room -= words
    return sorted(points, key=lambda point: (point[0].passage.page, point[0].start))


def as_points(evidence: Evidence) -> list[Chunk | Citation]:
    """Return the document's own sentences as points, each with its page."""
    items: list[Chunk | Citation] = []
    for number, (quote, shown) in enumerate(best_sentences(evidence), 2 if evidence.headline else 1):
        items += [Chunk(f"\n- {plain(shown)} (page {plain(quote.passage.page_name)}) [{number}]"), cite(number, quote)]
    return [*items, Chunk("\n")]


def compact(sentence: str, most: int = LONG_POINT) -> str:
    """Return a sentence without bullet, asides and marks of notes; a long one ends, with "…", where a clause does."""
    bare = re.sub(r"\s+([.,;:])", r"\1", " ".join(_ASIDE.sub("", _BULLET.sub("", sentence)).split()))
    if len(bare.split()) <= most:
        return bare
    words = bare.split()
    cuts = [at for at in range(most, most // 2, -1) if words[at - 1][-1] in ";:,–—"]
    end = cuts[0] if cuts else most
    return f"{' '.join(words[:end]).rstrip(' ;:,–—')} …"


# ---- with a model


@dataclass(frozen=True)
class Point:
    """A point that a sentence of the document supports."""

    text: str
    quote: Quote
    support: float


async def count_for(route: Route, host: Host) -> int:
    """Return how many sentences of a document the route's model reads in a time that one can wait for."""
    speed = await host.reading_speed(route)
    return min(SENTENCES, max(FEWEST, int(speed * READING / TOKENS))) if speed else SENTENCES


async def by_model(route: Route, host: Host, evidence: Evidence) -> AsyncIterator[Answer]:
    """Yield the points of the document's summary, each with its page; its own sentences where the model fails."""
    found: list[Point] = []
    problem = ""
    try:
        async for item in _of_parts(route, host, split(evidence.quotes), found):
            yield item
    except NotAllowed:
        raise
    except TrayassistError as error:
        problem = error.what
    if len(found) < LEAST:
        if problem:
            yield Chunk(f"\n{plain(problem)} These are sentences of the document itself.\n")
        for item in as_points(evidence):
            yield item
        return
    for number, point in enumerate(_fit(found, evidence), 2 if evidence.headline else 1):
        yield Chunk(f"\n- {plain(point.text)} (page {plain(point.quote.passage.page_name)}) [{number}]")
        yield cite(number, point.quote)


async def _of_parts(
    route: Route, host: Host, parts: Sequence[Sequence[Quote]], found: list[Point]
) -> AsyncIterator[Answer]:
    """Put the points into `found`, part by part, and reduce them; yield what shows how far it is."""
    wanted = FROM_PART if len(parts) > 1 else MOST
    for number, part in enumerate(parts, 1):
        if len(parts) > 1:
            yield Status(text=f"Part {number} of {len(parts)}", done=number, total=len(parts))
        text = ""
        async for chunk in host.generate(route, await _ask_of_part(route, host, part, wanted, number, len(parts))):
            if chunk.thought:
                yield chunk
            else:
                text += chunk.text
        found += _fresh(find_support(text, part)[:wanted], found)
    if len(found) > MOST:
        yield Status(text="Putting the parts together", done=len(parts), total=len(parts))
        text = ""
        async for chunk in host.generate(route, await _ask_to_reduce(route, host, found)):
            text += "" if chunk.thought else chunk.text
        found[:] = _choose(text, found)


def split(quotes: Sequence[Quote]) -> list[list[Quote]]:
    """Return the sentences in parts of about `PART_WORDS` words, in order, at most `MOST_PARTS`."""
    words = sum(len(quote.text.split()) for quote in quotes)
    count = min(MOST_PARTS, max(1, round(words / PART_WORDS)))
    size = words / count
    parts: list[list[Quote]] = [[]]
    held = 0
    for quote in quotes:
        if parts[-1] and held >= size * len(parts):
            parts.append([])
        parts[-1].append(quote)
        held += len(quote.text.split())
    return parts


def find_support(text: str, quotes: Sequence[Quote]) -> list[Point]:
    """Return the points of a model's text that one of the sentences supports, without marks and talk."""
    rarity = _Rarity([quote.text for quote in quotes])
    everything = values("\n".join(quote.text for quote in quotes))
    found = []
    for line in text.splitlines():
        said = " ".join(_MARK.sub("", _LINE_MARK.sub("", line)).split())
        words = said.split()
        if len(words) < 4 or said.endswith(":") or _TALK.match(said):
            continue
        if len(words) > LONG_POINT:
            said = compact(_first_sentences(said), LONGEST_POINT)
        claims = [value for value in values(said) if not value.doubtful]
        if not all(any(same(held, claim) for held in everything) for claim in claims):
            continue
        best = max(quotes, key=lambda quote: rarity.share(said, quote.text))
        if (support := rarity.share(said, best.text)) >= SUPPORTED:
            found.append(Point(said, best, support))
    return found


def _first_sentences(said: str) -> str:
    """Return the sentences with which a point that is too long begins, at least one."""
    sentences = re.split(r"(?<=[.!?]) (?=[A-ZÄÖÜÉ])", said)
    kept = sentences[0]
    for sentence in sentences[1:]:
        if len(f"{kept} {sentence}".split()) > LONG_POINT:
            break
        kept = f"{kept} {sentence}"
    return kept


class _Rarity:
    """How rare words are among the sentences that the model read."""

    def __init__(self, sentences: Sequence[str]) -> None:
        counts = Counter(word for sentence in sentences for word in set(_stems(sentence)))
        self._weights = {word: math.log(1 + len(sentences) / count) for word, count in counts.items()}
        self._unknown = math.log(1 + len(sentences))

    def share(self, point: str, sentence: str) -> float:
        """Return which share of the point's words, by rarity, the sentence holds."""
        said, held = set(_stems(point)), set(_stems(sentence))
        total = sum(self._weights.get(word, self._unknown) for word in said)
        return sum(self._weights.get(word, self._unknown) for word in said & held) / total if total else 0.0


def _stems(text: str) -> list[str]:
    """Return the first letters of the words that say something: forms of a word begin alike."""
    return [word[:6] for word in _WORD.findall(text.lower()) if word not in _SMALL]


def _fresh(new: Sequence[Point], old: Sequence[Point]) -> list[Point]:
    """Leave out the points that say again what one says already."""
    kept: list[Point] = []
    for point in new:
        stems = set(_stems(point.text))
        others = [set(_stems(other.text)) for other in (*old, *kept)]
        if stems and not any(len(stems & other) >= 0.7 * min(len(stems), len(other)) for other in others if other):
            kept.append(point)
    return kept


def _choose(text: str, found: Sequence[Point]) -> list[Point]:
    """Return the points that the model kept, and the best of the others where it kept few, in the document's order."""
    quotes = list(dict.fromkeys(point.quote for point in found))
    kept = _fresh(find_support(text, quotes), [])[:MOST]
    for point in sorted(found, key=lambda point: -(point.support + point.quote.score)):
        if len(kept) < ENOUGH:
            kept += _fresh([point], kept)
    return sorted(kept, key=lambda point: (point.quote.passage.page, point.quote.start))


def _fit(found: Sequence[Point], evidence: Evidence) -> list[Point]:
    """Return the points that fit into a summary, at least `LEAST`."""
    room = WORDS - (len(evidence.headline.text.split()) if evidence.headline else 0) - 4
    kept: list[Point] = []
    for point in found:
        words = len(point.text.split()) + 2
        if len(kept) < MOST and (words <= room or len(kept) < LEAST):
            kept.append(point)
            room -= words
    return kept


# ---- prompts


async def prompt_name_for(route: Route, host: Host, name: str = "summarise") -> str:
    """Return the name of the prompt in the form that the model follows: short for a small one."""
    size = await host.model_size(route)
    return f"{name}-short" if 0 < size < LARGE else name


async def _ask_of_part(
    route: Route, host: Host, part: Sequence[Quote], wanted: int, number: int, count: int
) -> list[Message]:
    pages = sorted({quote.passage.page for quote in part})
    where = f"page {pages[0]}" if len(pages) == 1 else f"pages {pages[0]} to {pages[-1]}"
    which = f"Part {number} of {count} of" if count > 1 else "From"
    ask = f"{which} {prompt_name(part[0].passage.name)}, {where}. Its {wanted} main points, one a line:"
    text = "\n".join(f"| {quote.text}" for quote in part)
    return [
        Message(speaker="system", text=host.prompt(await prompt_name_for(route, host))),
        Message(speaker="user", text=f"{ask}\n\n{text}"),
    ]


async def _ask_to_reduce(route: Route, host: Host, found: Sequence[Point]) -> list[Message]:
    notes = "\n".join(f"| {point.text}" for point in found)
    ask = f"Notes on one document, in its order:\n\n{notes}\n\nKeep the {MOST - 1} most important notes, one a line."
    return [
        Message(speaker="system", text=host.prompt(await prompt_name_for(route, host))),
        Message(speaker="user", text=ask),
    ]
