"""What of the documents a model is given to read: as much as it reads in time, the best sentences before all others.

With time enough these are whole passages. Else they are quotes in their context: the best sentences with the ones
beside them, rows of tables with the table's first rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from trayassist.api import Evidence, Found, Passage, Quote
from trayassist_persona import citing

WORTH_READING = 0.4  # of the best passage's score: of unrelated passages 25 of 140 become 15, and no evidence is lost
CHARACTERS_A_TOKEN = 4.2  # of prose; digits and signs are mostly a token each
_SINGLE = re.compile(r"[\d\W]")
WITH_HEADS = 3  # quotes that bring the first rows of their table along
HEADER_TOKENS = 24  # of a passage's name and page, and of what leads the passages


def tokens(text: str) -> int:
    """Return about how many tokens a text has for a model."""
    signs = sum(not sign.isspace() for sign in _SINGLE.findall(text))
    return int((len(text) - signs) / CHARACTERS_A_TOKEN + signs) + 1


def choose(evidence: Evidence, question: str, most: int, budget: int) -> list[Passage]:
    """Return what to read, in the order of documents and pages: at most `most` passages, about `budget` tokens.

    Nothing when memory is not about the question. The best sentence is there whatever the budget.
    """
    if evidence.found is Found.NO:
        return []
    facts = list(dict.fromkeys(q.passage for q in evidence.quotes if q.passage.path.startswith("fact:")))
    passages = _worth_reading(evidence.passages)[:most]
    if sum(tokens(p.text) + HEADER_TOKENS for p in [*facts, *passages]) <= budget:
        return _in_order([*facts, *passages])
    return _in_order(_in_context(evidence, question, passages, budget))


def _worth_reading(passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages that are near enough to the best one."""
    best = max((passage.score for passage in passages), default=0.0)
    return [passage for passage in passages if passage.score >= WORTH_READING * best]


def _in_order(passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages document by document, the best one's first, each in the order of its pages."""
    rank: dict[str, int] = {}
    for passage in passages:
        rank.setdefault(passage.path, len(rank))
    return sorted(passages, key=lambda passage: (rank[passage.path], passage.page, passage.start))


# ------------------------------------------------------------------------------------------------ quotes in context


def _in_context(evidence: Evidence, question: str, passages: Sequence[Passage], budget: int) -> list[Passage]:
    """Return the best sentences with those beside them, as many as the budget holds, joined where they touch."""
    chosen: dict[Passage, list[tuple[int, int]]] = {}
    pages: dict[tuple[str, int], list[tuple[int, int]]] = {}  # what is read of each: passages overlap
    spent = 0
    for passage, spans in _candidates(evidence, question, passages):
        page = pages.get((passage.path, passage.page), [])
        new = [span for span in spans if not _inside(_on_page(passage, span), page)]
        cost = sum(tokens(passage.text[slice(*span)]) for span in new) + (0 if page else HEADER_TOKENS)
        if not new or (spent and spent + cost > budget):
            continue
        chosen.setdefault(passage, []).extend(new)
        pages[passage.path, passage.page] = [*page, *(_on_page(passage, span) for span in new)]
        spent += cost
    return [part for passage, spans in chosen.items() for part in _parts(passage, spans)]


def _candidates(
    evidence: Evidence, question: str, passages: Sequence[Passage]
) -> Iterator[tuple[Passage, list[tuple[int, int]]]]:
    """Yield places to read, best first: quotes, the first with what stands beside it, then what stands beside others.

    Of 76 questions over real documents, 300 tokens hold the answer of 46 so, of 43 when each quote brings its table's
    head or its neighbours along.
    """
    placed = [(quote.passage, _place(quote)) for quote in evidence.quotes]
    for at, (passage, span) in enumerate(placed):
        yield passage, [span, *(_heads(passage, span) if at < WITH_HEADS else ())]
        if not at:
            yield passage, _beside(passage, span)
    for passage, span in placed[1:]:
        yield passage, _beside(passage, span)
    wanted = citing.stems(question)
    for passage in passages:
        spans = citing.split(passage.text)
        spans.sort(key=lambda span: -len(wanted & citing.stems(passage.text[slice(*span)])))
        for span in spans[:3]:
            yield passage, [span, *_heads(passage, span)]
    for passage in passages:
        yield passage, [(0, len(passage.text))]


def _place(quote: Quote) -> tuple[int, int]:
    """Return where a quote lies in its passage's text; of a cell, where its row does."""
    passage = quote.passage
    start, end = quote.start - passage.start, quote.end - passage.start
    if not 0 <= start < end <= len(passage.text):
        return 0, len(passage.text)
    row = next((span for span in citing.split(passage.text) if span[0] <= start and end <= span[1]), (start, end))
    return row if "\t" in passage.text[slice(*row)] else (start, end)


def _heads(passage: Passage, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the first rows of the table that a row belongs to; nothing for a sentence."""
    rows = citing.split(passage.text)
    at = next((i for i, (start, end) in enumerate(rows) if start <= span[0] < end), None)
    if at is None or "\t" not in passage.text[slice(*rows[at])]:
        return []
    top = at
    while top and "\t" in passage.text[slice(*rows[top - 1])]:
        top -= 1
    return rows[max(0, top - 1) : min(at, top + citing.HEAD_ROWS)]


def _beside(passage: Passage, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the sentences before and after a place."""
    spans = citing.split(passage.text)
    before = [one for one in spans if one[1] <= span[0]][-1:]
    after = [one for one in spans if one[0] >= span[1]][:1]
    return [*before, *after]


def _on_page(passage: Passage, span: tuple[int, int]) -> tuple[int, int]:
    return passage.start + span[0], passage.start + span[1]


def _inside(span: tuple[int, int], spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def _parts(passage: Passage, spans: Sequence[tuple[int, int]]) -> list[Passage]:
    """Return the places of a passage as passages of their own, those that touch as one."""
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if (merged and not passage.text[merged[-1][1] : start].strip()) or (merged and start < merged[-1][1]):
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    first = passage.start
    return [replace(passage, text=passage.text[a:b], start=first + a, end=first + b) for a, b in merged]
