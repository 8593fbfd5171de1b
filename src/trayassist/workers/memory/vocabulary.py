"""How rare a word is in this memory: on how many pages each stem stands."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import chain

from trayassist.workers.memory import text

_LONG_ENOUGH = 4  # letters of a stem
_MOST_MEANT = 2
_GIVEN = 0.25  # weight of a word that the question shares with the document's name
_MANY_NEW = 50_000  # words
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Vocabulary:
    """Page counts by stem. Long numbers are left out: each stands on a page or two."""

    def __init__(self) -> None:
        self._pages_with: Counter[str] = Counter()
        self._new: Counter[str] = Counter()  # by word; stems are made of many at once, when they are asked for
        self.pages = 0

    def add_pages(self, pages: Sequence[AbstractSet[str]]) -> None:
        """Count pages in, each by its distinct words."""
        self.pages += len(pages)
        self._new.update(chain.from_iterable(pages))
        if len(self._new) > _MANY_NEW:
            self._count_new()

    def add(self, counts: Iterable[tuple[str, int]], pages: int) -> None:
        """Count pages in: (word, on how many of them it stands) for their distinct words, and how many they are."""
        self.pages += pages
        for word, count in counts:
            for term in _terms(word):
                self._pages_with[term] += count

    def _count_new(self) -> None:
        new, self._new = self._new, Counter()
        self.add(new.items(), 0)

    def remove(self, counts: Iterable[tuple[str, int]], pages: int) -> None:
        """Take pages out again; nothing of them stays."""
        self._count_new()
        self.pages -= pages
        for word, count in counts:
            for term in _terms(word):
                self._pages_with[term] -= count
                if self._pages_with[term] <= 0:
                    del self._pages_with[term]

    def __contains__(self, term: str) -> bool:
        self._count_new()
        return term in self._pages_with

    def corrections(self, word: str) -> list[str]:
        """Return the two commonest stems here that `word` is one slip of the finger away from; [] if it needs none.

        Short words, words with other signs than letters and slips in the first letter are left alone: too much
        is near them.
        """
        self._count_new()
        slip = text.stem(word)
        if len(slip) < _LONG_ENOUGH or not slip.isalpha() or slip in self._pages_with:
            return []
        near = {term for term in _one_slip(slip) if term in self._pages_with and len(term) >= _LONG_ENOUGH}
        return sorted(near, key=lambda term: (-self._pages_with[term], term))[:_MOST_MEANT]

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of a stem over pages, above 0."""
        self._count_new()
        count = min(self._pages_with.get(term, 0), self.pages)
        return math.log(1 + (self.pages - count + 0.5) / (count + 0.5))

    def coverage(
        self, terms: Iterable[str], passage_terms: AbstractSet[str], given: AbstractSet[str] = frozenset()
    ) -> float:
        """Return the share of `terms`, weighted by rarity, that `passage_terms` has, in 0..1.

        Terms in `given` are known from elsewhere and count little.
        """
        weights = {term: self.rarity(term) * (_GIVEN if term in given else 1.0) for term in terms}
        total = sum(weights.values())
        return sum(w for term, w in weights.items() if term in passage_terms) / total if total else 0.0


def _one_slip(word: str) -> Iterator[str]:
    """Yield what `word` becomes by one letter too few, too many, wrong, or two exchanged; the first one stays."""
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail
            yield head + letter + tail[1:]


@lru_cache(maxsize=100_000)
def _terms(word: str) -> tuple[str, ...]:
    if len(word) > 4 and word.isdigit():
        return ()
    return tuple(text.terms(word))
