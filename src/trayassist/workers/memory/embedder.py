"""The embedder that needs no download: WordLlama's token vectors, averaged.

Text is put in lower case first: the weights know little of capitals. Its tokenizer never joins words,
so each word's tokens are looked up once and kept: the same vectors as WordLlama.embed gives for the
text with single spaces, in a third of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import wordllama

from trayassist.api import TrayassistError
from trayassist.workers.memory.messages import BUILTIN

Vectors = npt.NDArray[np.float32]

DIMENSIONS = BUILTIN.dim
_KEPT_WORDS = 50_000
_KEPT_LENGTH = 40  # longer runs are hardly met again


class Embedder:
    """Turns texts into unit vectors of 256 dimensions; an empty text gives zeros."""

    def __init__(self) -> None:
        folder = Path(wordllama.__file__).parent  # the weights and the tokenizer lie in the package
        model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
        self._tokenizer = model.tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._weights: Vectors = model.embedding
        self._tokens: dict[str, list[int]] = {}
        self._gathered: Vectors = np.empty((2048, DIMENSIONS), np.float32)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text."""
        out = np.zeros((len(texts), DIMENSIONS), np.float32)
        split = [text.lower().split() for text in texts]
        tokens = self._known_tokens(split)
        for row, words in enumerate(split):
            ids = [token for word in words for token in tokens[word]]
            if not ids:
                continue
            if len(ids) > len(self._gathered):
                self._gathered = np.empty((2 * len(ids), DIMENSIONS), np.float32)
            rows = self._gathered[: len(ids)]  # one buffer: fresh memory for each text costs more than the sum
            np.take(self._weights, np.array(ids, np.intp), axis=0, out=rows, mode="clip")
            vector = np.add.reduce(rows, 0)
            out[row] = vector / (float(np.linalg.norm(vector)) or 1.0)
        return out

    def embed_words(self, words: Sequence[str]) -> Vectors:
        """Return one row a word, as `embed` would, in a fifth of its time: no text has more than one word."""
        tokens = self._known_tokens([[word.lower() for word in words]])
        ids = [tokens[word.lower()] or [0] for word in words]
        if not ids:
            return np.zeros((0, DIMENSIONS), np.float32)
        starts = np.cumsum([0, *(len(own) for own in ids[:-1])])
        flat = np.fromiter((token for own in ids for token in own), np.intp)
        rows = np.add.reduceat(np.take(self._weights, flat, axis=0, mode="clip"), starts, axis=0)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Vectors = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
        return unit

    def knows(self, word: str) -> bool:
        """Return whether a word in small letters is one token: common enough in English to be spelt as it is meant."""
        return len(self._known_tokens([[word]])[word]) == 1

    def _known_tokens(self, texts: list[list[str]]) -> dict[str, list[int]]:
        """Return the tokens of every word in `texts`; words that are hardly met again are not kept."""
        if len(self._tokens) > _KEPT_WORDS:
            self._tokens.clear()
        new = list({word for words in texts for word in words if word not in self._tokens})
        if not new:
            return self._tokens
        encodings = self._tokenizer.encode_batch_fast(new, add_special_tokens=False)
        found = {word: encoding.ids for word, encoding in zip(new, encodings, strict=True)}
        self._tokens.update((word, ids) for word, ids in found.items() if len(word) <= _KEPT_LENGTH)
        return self._tokens if len(max(new, key=len)) <= _KEPT_LENGTH else {**self._tokens, **found}

    def embed_one(self, text: str) -> npt.NDArray[np.float32]:
        """Return the vector of one text."""
        vector: npt.NDArray[np.float32] = self.embed([text])[0]
        return vector


def vectors_from_bytes(made: bytes, count: int, dim: int) -> Vectors:
    """Return `count` unit vectors from float32 bytes. Raises TrayassistError when they are none."""
    if len(made) != 4 * count * dim:
        raise TrayassistError(
            f"The model gave {len(made) // 4} numbers for {count} passages of {dim} dimensions.",
            "Name another model for search by meaning.",
        )
    rows = np.frombuffer(made, np.float32).reshape(count, dim)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise TrayassistError(
            "The model gave vectors that are no numbers.", "Name another model for search by meaning."
        )
    unit: Vectors = (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return unit


def vector_column(rows: Vectors) -> Any:
    """Return the column of a table that holds these vectors."""
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(rows).ravel()), rows.shape[1])
