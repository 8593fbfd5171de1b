"""Whether memory holds something about a question at all: a small logistic model.

Its numbers were fitted on questions about remembered documents against questions about other things
(docs/decisions/0003-search.md). It cannot know that a detail is missing inside a document that is there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

from trayassist.api import Found
from trayassist.workers.memory import text
from trayassist.workers.memory.question import Question
from trayassist.workers.memory.vocabulary import Vocabulary

YES_FROM = 0.57
WEAK_FROM = 0.30
_GIVEN = 0.25


def coverage(
    terms: Iterable[str], passage_terms: set[str], vocabulary: Vocabulary, given: AbstractSet[str] = frozenset()
) -> float:
    """Return the share of `terms`, weighted by rarity, that `passage_terms` has, in 0..1.

    Terms in `given` are known from elsewhere and count little.
    """
    weights = {term: vocabulary.rarity(term) * (_GIVEN if term in given else 1.0) for term in terms}
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in passage_terms) / total if total else 0.0


def probability(
    question: Question,
    cosine: float,
    best: Sequence[str],
    near: set[str],
    vocabulary: Vocabulary,
    named: set[str],
) -> float:
    """Return how probable it is that memory is about the question, in 0..1.

    `best` are the best passages, with the names of their documents, `near` the stems of the best three
    and of what else their documents say of the question's names, `named` the stems of all names of documents.
    """
    share = max(coverage(question.terms, set(text.terms(passage)), vocabulary) for passage in best)
    names = {text.stem(word) for word in question.names}
    nowhere = _share(names, lambda name: name not in vocabulary and name not in named)
    not_near = _share(names, lambda name: name not in near)
    large = math.log(1 + vocabulary.pages)  # in a large memory something fits by chance
    z = 10.4 * cosine + 2.9 * share - 1.6 * nowhere - 1.2 * not_near - 0.39 * large - 2.9
    return 1.0 / (1.0 + math.exp(-z))


def verdict(chance: float) -> Found:
    """Return the word for a probability."""
    if chance >= YES_FROM:
        return Found.YES
    return Found.WEAK if chance >= WEAK_FROM else Found.NO


def _share(names: set[str], is_missing: Callable[[str], bool]) -> float:
    return sum(is_missing(name) for name in names) / len(names) if names else 0.0
