"""How rare a word is in this memory: on how many pages each stem stands."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from trayassist.workers.memory import text


class Vocabulary:
    """Page counts by stem. Long numbers are left out: each stands on a page or two."""

    def __init__(self) -> None:
        self._pages_with: Counter[str] = Counter()
        self.pages = 0

    def add(self, words: Iterable[str], counts: Iterable[int], pages: int) -> None:
        """Count a document in: its distinct words, the number of its pages with each, all its pages."""
        self.pages += pages
        for word, count in zip(words, counts, strict=True):
            for term in _terms(word):
                self._pages_with[term] += count

    def remove(self, words: Iterable[str], counts: Iterable[int], pages: int) -> None:
        """Take a document out again; nothing of it stays."""
        self.pages -= pages
        for word, count in zip(words, counts, strict=True):
            for term in _terms(word):
                self._pages_with[term] -= count
                if self._pages_with[term] <= 0:
                    del self._pages_with[term]

    def __contains__(self, term: str) -> bool:
        return term in self._pages_with

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of a stem over pages, above 0."""
        count = min(self._pages_with.get(term, 0), self.pages)
        return math.log(1 + (self.pages - count + 0.5) / (count + 0.5))


@lru_cache(maxsize=100_000)
def _terms(word: str) -> tuple[str, ...]:
    if len(word) > 4 and word.isdigit():
        return ()
    return tuple(text.terms(word))
