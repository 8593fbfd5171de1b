"""From what the searches found to an order of pages. Pure functions on scores (docs/decisions/0003-search.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from trayassist.workers.memory.question import ParsedQuestion

COLUMNS = ["doc", "page", "start", "end", "num"]


@dataclass(frozen=True)
class Weights:
    """The recipe's numbers. Those of the default were measured on development sets (RECIPE in the decision)."""

    words: float = 0.65  # of a passage's score; the rest is the vectors' part
    name: float = 0.5  # document prior: names, first page, all words
    first: float = 0.4
    vocabulary: float = 0.3
    entity: float = 0.4  # names in the question that stand on a first page
    unnamed: float = 0.3  # of first page and words, when the question names nothing
    newest: float = 0.4
    preferred: float = 0.5  # of the documents that the answer before cited, as much as a name in the question
    heading: float = 0.3
    numbers: float = 0.5
    damp: float = 0.6
    candidates: int = 200
    documents: int = 3  # best documents that are searched once more by themselves
    feedback: float = 0.3
    feedback_passages: int = 5
    feedback_terms: int = 40
    feedback_rows: int = 30_000  # above it 40 more words cost too much time
    nprobes: int = 32


RECIPE = Weights()


@dataclass
class Hit:
    """A page and the span of its best passage."""

    doc: int
    page: int
    start: int
    end: int
    score: float


@dataclass
class Ranking:
    """The pages for a question, best first, and the best cosine of any passage.

    `best_cosine` is the built-in embedder's, as what is judged by it was fitted on that one; None where the
    passages have other vectors.
    """

    question: ParsedQuestion
    hits: list[Hit]
    best_cosine: float | None = 0.0


Place = tuple[int, int, int]  # document, page, start: which passage


class SearchRows(NamedTuple):
    """What one search found; `weight` of its word scores in the sum."""

    table: pa.Table
    weight: float = 1.0


@dataclass
class Candidates:
    """Raw scores by passage, and each passage's end and density of numbers."""

    words: dict[Place, float] = field(default_factory=dict)
    cosines: dict[Place, float] = field(default_factory=dict)
    more: dict[Place, tuple[int, float]] = field(default_factory=dict)

    def add(self, found: Iterable[SearchRows], known: Container[int], hidden: Container[int]) -> None:
        """Add the results of searches over the same passages: word scores are summed.

        Only documents that are `known` and not `hidden` count.
        """
        summed: dict[Place, float] = {}
        for rows, weight in found:
            by_words = "_score" in rows.column_names
            names = [*COLUMNS, "_score" if by_words else "_distance"]
            for doc, page, start, end, num, value in zip(*(rows[name].to_pylist() for name in names), strict=True):
                if doc in hidden or doc not in known:
                    continue
                place = (doc, page, start)
                self.more[place] = (end, num)
                if by_words:
                    summed[place] = summed.get(place, 0.0) + weight * value
                else:
                    self.cosines[place] = 1.0 - value
        for place, score in summed.items():
            self.words[place] = max(score, self.words.get(place, 0.0))


def pages(
    question: ParsedQuestion,
    found: Candidates,
    prior: Mapping[int, float],
    headings: Mapping[tuple[int, int], float],
    weights: Weights,
) -> list[Hit]:
    """Return the pages, best first, each by its best passage."""
    best: dict[tuple[int, int], Hit] = {}
    numbers = weights.numbers if question.numeric else 0.0
    for (doc, page, start), score in passage_scores(found, weights).items():
        end, num = found.more[doc, page, start]
        whole = score + numbers * num + prior.get(doc, 0.0) + weights.heading * headings.get((doc, page), 0.0)
        there = best.get((doc, page))
        if there is None or whole > there.score:
            best[doc, page] = Hit(doc, page, start, end, whole)
    hits = sorted(best.values(), key=lambda hit: (-hit.score, hit.doc, hit.page))
    return _spread(hits) if question.across else hits


def passage_scores(found: Candidates, weights: Weights) -> dict[Place, float]:
    """Return the score of each passage: words and vectors, each over its maximum."""
    top_words = max(found.words.values(), default=0.0) or 1.0
    top_cosine = max(found.cosines.values(), default=0.0) or 1.0
    unknown = min(found.cosines.values(), default=0.0) * 0.9  # below the last candidate
    return {
        place: weights.words * found.words.get(place, 0.0) / top_words
        + (1 - weights.words) * max(found.cosines.get(place, unknown), 0.0) / top_cosine
        for place in found.more
    }


def _spread(hits: list[Hit], each: int = 3, among: int = 10) -> list[Hit]:
    """Return the hits with at most `each` of one document among the first ten."""
    seen: Counter[int] = Counter()
    first: list[Hit] = []
    later: list[Hit] = []
    for hit in hits:
        seen[hit.doc] += 1
        (first if seen[hit.doc] <= each and len(first) < among else later).append(hit)
    return first + later
