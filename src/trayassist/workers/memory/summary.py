"""The summary of a document in its own words: its most central sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trayassist.api import Passage, Quote
from trayassist.workers.memory import sentences, text
from trayassist.workers.memory.embedder import Embedder, Vectors
from trayassist.workers.memory.sentences import Sentence

_MAX_CENTRAL = 1500  # sentences that are compared with each other
_SAME_WORDS, _SAME_VECTOR = 0.8, 0.85  # from which two sentences say the same: share of common words, cosine


@dataclass(frozen=True)
class _Candidate:
    sentence: Sentence
    passage: Passage
    page: str
    vector: Vectors
    score: float


class Summariser:
    """Picks the sentences that stand for a document."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def central(self, pages: Sequence[tuple[Passage, str]], count: int) -> list[Quote]:
        """Return the `count` most central sentences of a document in reading order. Pages come in order."""
        found = [(s, passage, page) for passage, page in pages for s in sentences.split(page)]
        prose = [item for item in found if _is_prose(item[0].text)] or found
        prose = prose[:: max(1, -(-len(prose) // _MAX_CENTRAL))]
        if not prose:
            return []
        vectors = self._embedder.embed([sentence.text for sentence, _, _ in prose])
        degree = np.clip(vectors @ vectors.T, 0.0, 1.0).mean(1) / (np.linalg.norm(vectors.mean(0)) or 1.0)
        centre = vectors @ (vectors.mean(0) / (np.linalg.norm(vectors.mean(0)) or 1.0))
        early = 1.0 / (1.0 + 8.0 * np.arange(len(prose)) / len(prose))
        lengths = np.array([len(sentence.text.split()) for sentence, _, _ in prose])
        fit = np.minimum(1.0, lengths / 12.0) * np.minimum(1.0, 60.0 / np.maximum(lengths, 1))
        scores = (0.5 * degree + 0.5 * centre + 0.15 * early) * fit
        numbered = zip(prose, vectors, scores.tolist(), strict=True)
        candidates = [_Candidate(s, passage, page, vector, score) for (s, passage, page), vector, score in numbered]
        chosen: list[int] = []
        for at in np.argsort(-scores, kind="stable").tolist():
            if not any(_same(candidates[at], candidates[other]) for other in chosen):
                chosen.append(at)
            if len(chosen) == count:
                break
        return [_quote(candidates[at]) for at in sorted(chosen)]


def _is_prose(sentence: str) -> bool:
    words = sentence.split()
    figures = sum(any(c.isdigit() for c in word) for word in words)
    spaced = len(words) >= 6 and figures <= 0.4 * len(words)
    return (spaced or (len(words) < 6 and len(sentence) > 20 and not sentence.isascii())) and _ends(sentence)


def _ends(sentence: str) -> bool:
    return sentence.rstrip("\"'”’)]")[-1:] in ".!…。！;:"


def _same(one: _Candidate, other: _Candidate) -> bool:
    a, b = set(text.words(one.sentence.text)), set(text.words(other.sentence.text))
    if a and b and len(a & b) / min(len(a), len(b)) > _SAME_WORDS:
        return True
    return float(one.vector @ other.vector) > _SAME_VECTOR


def _quote(candidate: _Candidate) -> Quote:
    cut = sentences.shorten(candidate.page, candidate.sentence, set(), limit=400)
    passage = replace(candidate.passage, score=candidate.score)
    return Quote(text=cut.text, passage=passage, start=cut.start, end=cut.end, score=round(candidate.score, 4))
