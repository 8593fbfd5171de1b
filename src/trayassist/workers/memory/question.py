"""A question, taken apart once for all the searches that it starts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lancedb.query import BooleanQuery, MatchQuery, Occur

from trayassist.workers.memory import text
from trayassist.workers.memory.catalog import Catalog
from trayassist.workers.memory.embedder import Embedder, Vectors
from trayassist.workers.memory.messages import BUILTIN, Stamp

_LOWER_WORD = re.compile(r"\b[a-z]{5,30}\b")


@dataclass(frozen=True)
class ParsedQuestion:
    """`words` say what it is about; those of them that stand in some file name or title are `named`.

    `vector` is the built-in embedder's, by which sentences and facts are compared; `wanted` is what passages are
    searched by: of the embedder of their table, None when it cannot be asked.
    """

    asked: str
    clean: str
    words: tuple[str, ...]
    named: tuple[str, ...]
    others: tuple[str, ...]
    glued: tuple[str, ...]  # neighbours that are one word in some name ("foot locker" -> footlocker)
    terms: tuple[str, ...]  # distinct stems
    names: tuple[str, ...]  # capitalised words
    vector: Vectors
    wanted: Vectors | None
    numeric: bool
    latest: bool
    across: bool

    def matches(self, column: str, damp: float) -> list[tuple[float, Any]]:
        """Return (weight, full-text query): words that only tell the file count `damp` times.

        Two plain queries, not one with two clauses: LanceDB skips most of a plain one's work.
        """
        parts = [(1.0, self.others), (damp, self.named)]
        return [(weight, MatchQuery(" ".join(words), column)) for weight, words in parts if words]

    def expand(self, column: str, extra: dict[str, float], weight: float) -> Any:
        """Return the full-text query with weighted extra words, which get `weight` of the whole."""
        own = MatchQuery(" ".join(self.words), column, boost=(1 - weight) / len(self.words))
        more = [MatchQuery(word, column, boost=weight * share) for word, share in extra.items()]
        return BooleanQuery([(Occur.SHOULD, query) for query in (own, *more)])


def understand(
    asked: str, catalog: Catalog, embedder: Embedder, stamp: Stamp = BUILTIN, wanted: Vectors | None = None
) -> ParsedQuestion:
    """Return the question taken apart. `stamp` says whose vectors the passages have, `wanted` is the question's."""
    asked = asked.encode("utf-8", "replace").decode()  # a file's name in it may be no text, which no tokenizer takes
    clean = _correct_spelling(text.clean_question(asked), catalog, embedder)
    asked = asked[: text.LONG_QUESTION]
    own = embedder.embed_one(clean)
    words = text.query_words(clean)
    named = [word for word in words if word in catalog.name_words]
    joined = [a + b for a, b in pairwise(words)]
    return ParsedQuestion(
        asked=asked,
        clean=clean,
        words=tuple(words),
        named=tuple(named),
        others=tuple(word for word in words if word not in catalog.name_words),
        glued=tuple(word for word in joined if word in catalog.name_words),
        terms=tuple(dict.fromkeys(text.terms(" ".join(words)))),
        names=tuple(text.capitalised_words(asked)),
        vector=own,
        wanted=own if stamp.builtin else wanted,
        numeric=text.asks_for_number(clean),
        latest=text.asks_for_latest(clean),
        across=text.asks_across(clean),
    )


def _correct_spelling(question: str, catalog: Catalog, embedder: Embedder) -> str:
    """Return the question with its slips of the finger mended: words that memory has not, and almost has.

    Common English words are left alone, as "books" where memory has "brook". So are capitalised ones: a name that
    memory does not know says that the question is about somebody else.
    """

    def correct(match: re.Match[str]) -> str:
        word = match.group()
        if word in text.STOP_WORDS or word in catalog.name_words or embedder.knows(word):
            return word
        return " ".join(catalog.vocabulary.corrections(word)) or word

    return _LOWER_WORD.sub(correct, question)
