"""How well sentences have the words of a question: the word itself, another form, or one that means the same.

Words that mean the same have token vectors that point the same way (shop and store .65, planes and aircraft .51, cost
and apple -.03); figures and short words count only as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trayassist.workers.memory import text
from trayassist.workers.memory.embedder import Embedder, Vectors
from trayassist.workers.memory.vocabulary import Vocabulary

LIKE = 0.38  # cosine from which two words count as alike
_SHORTEST = 3  # letters of a word that may be like another
_MOST_RARE = 8.0  # weight of the rarest word in a sentence's vector

Row = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Likeness:
    """`found[s, w]` is how well sentence s has word w of the question, in 0..1; 1 is the word itself.

    `cosines` compare each sentence with the question as means of their words' vectors, weighted by rarity; `split` are
    the sentences' words.
    """

    words: tuple[str, ...]
    stems: tuple[str, ...]
    found: Row
    cosines: Row
    split: Sequence[Sequence[str]]


def compare(
    words: Sequence[str], weights: Row, sentences: Sequence[str], embedder: Embedder, vocabulary: Vocabulary
) -> Likeness:
    """Return how well each of `sentences` has the `words` of a question; `weights` say how much each word tells."""
    stems = tuple(text.stem(word) for word in words)
    split = [text.words(sentence) for sentence in sentences]
    known: dict[str, int] = {}
    places = [[known.setdefault(word, len(known)) for word in own] for own in split]
    asked = embedder.embed_words(words)
    vectors = embedder.embed_words(list(known))
    pairs = _pairs(words, stems, list(known), asked @ vectors.T)
    found = np.zeros((len(sentences), len(words)))
    filled = [at for at, own in enumerate(places) if own]
    if filled and len(words):
        flat = np.fromiter((place for at in filled for place in places[at]), np.intp)
        starts = np.cumsum([0, *(len(places[at]) for at in filled[:-1])])
        found[filled] = np.maximum.reduceat(pairs[flat], starts, axis=0)
    rare = np.array([min(vocabulary.rarity(text.stem(w)), _MOST_RARE) if _has_meaning(w) else 0.0 for w in known])
    wanted: Vectors = (asked * weights[:, None]).sum(0).astype(np.float32)
    cosines = _cosines(wanted, vectors * rare[:, None].astype(np.float32), places)
    return Likeness(tuple(words), stems, found, cosines, split)


def _pairs(words: Sequence[str], stems: Sequence[str], known: Sequence[str], alike: Vectors) -> Row:
    """Return how alike each word of the sentences and each word of the question are, a row a word of the sentences."""
    there: dict[str, list[int]] = {}
    for at, word in enumerate(known):
        there.setdefault(text.stem(word), []).append(at)
    pairs = np.minimum(alike.T.astype(np.float64), 0.95)
    pairs[pairs < LIKE] = 0.0
    pairs[[not _has_meaning(word) for word in known]] = 0.0
    for column, (word, stem) in enumerate(zip(words, stems, strict=True)):
        if not _has_meaning(word):
            pairs[:, column] = 0.0
        pairs[there.get(stem, []), column] = 1.0
    return pairs


def _has_meaning(word: str) -> bool:
    return len(word) >= _SHORTEST and word.isalpha() and word not in text.STOP_WORDS


def _cosines(wanted: Vectors, vectors: Vectors, places: Sequence[Sequence[int]]) -> Row:
    """Return the cosine of each sentence's sum of word vectors, each word once, with the question's."""
    rows = np.zeros((len(places), vectors.shape[1] if len(vectors) else 1), np.float32)
    for at, own in enumerate(places):
        if own:
            rows[at] = vectors[list(dict.fromkeys(own))].sum(0)
    lengths = np.linalg.norm(rows, axis=1) * (np.linalg.norm(wanted) or 1.0)
    cosines: Row = np.asarray((rows @ wanted) / np.maximum(lengths, 1e-9), np.float64)
    return cosines
