"""The answer without a model: what is asked, the cell or the sentences that answer it, and whether any does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from trayassist.api import Quote
from trayassist.workers.memory import absence, asked, quotes
from trayassist.workers.memory.asked import Answer, Asked
from trayassist.workers.memory.cells import LIKELY, SURE, CellAnswer, CellReader
from trayassist.workers.memory.embedder import Embedder
from trayassist.workers.memory.question import ParsedQuestion
from trayassist.workers.memory.quotes import Candidate, Quoter, QuoteSource
from trayassist.workers.memory.vocabulary import Vocabulary

MARGIN = 1.5  # of score behind the best sentence, beyond which another one pads


@dataclass(frozen=True)
class Reading:
    """What was read: the quotes, best first, and whether they say what is asked.

    `missing` are names, numbers and years of the question that its documents do not have, `alike` the nearest they do.
    """

    quotes: tuple[Quote, ...]
    said: bool = True
    missing: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()


class Reader:
    """Reads pages for a question."""

    def __init__(self, embedder: Embedder, vocabulary: Vocabulary) -> None:
        self._embedder = embedder
        self._quoter, self._cells = Quoter(embedder, vocabulary), CellReader(embedder, vocabulary)

    def read(
        self, question: ParsedQuestion, sources: Sequence[QuoteSource], known: AbstractSet[str], limit: int
    ) -> Reading:
        """Return at most `limit` quotes that answer the question, best first, none that pads.

        `known` are the words of the document that fits best.
        """
        kind = asked.read(question.asked)
        sentences = self._quoter.best(question, kind, sources)
        cells = self._cells.best(question, kind, sources)
        quoted = self._choose(question, kind, sentences, cells, limit)
        missing = absence.missing_names(question, known, self._similar) if known else []
        met = absence.Demands(question, kind, self._similar).are_met(sentences, cells) if sources else True
        pages = [source.page for source in sources]
        alike = [name for lost in missing if not lost.isalpha() for name in absence.alike(lost, pages)]
        return Reading(tuple(quoted), met and not missing, tuple(missing), tuple(dict.fromkeys(alike)))

    def _choose(
        self,
        question: ParsedQuestion,
        kind: Asked,
        sentences: Sequence[Candidate],
        cells: Sequence[CellAnswer],
        limit: int,
    ) -> list[Quote]:
        wanted = {word for word in question.words if len(word) > 2}
        readable = _without_rows(sentences, kind)
        near = [c for c in readable if c.score >= readable[0].score - MARGIN]
        quoted = [quotes.as_quote(c, kind, question, wanted) for c in near]
        if cells and cells[0].choice.score >= LIKELY:
            alone = cells[0].choice.score >= SURE
            return [cells[0].as_quote(), *([] if alone else quoted)][:limit]
        return quoted[:limit]

    def _similar(self, word: str, others: Iterable[str]) -> float:
        """Return how near a word is to the nearest of others, as the cosine of their vectors."""
        words = [other for other in others if other.isalpha() and len(other) > 2]
        if not words:
            return 0.0
        return float((self._embedder.embed_words([word]) @ self._embedder.embed_words(words).T).max())


def _without_rows(found: Sequence[Candidate], kind: Asked) -> list[Candidate]:
    """Return the candidates without rows of tables where an amount is asked for: it is read as a cell or not at all."""
    if kind.answer is not Answer.AMOUNT:
        return list(found)
    prose = [c for c in found if "\t" not in c.source.page[c.sentence.start : c.sentence.end]]
    return prose or list(found)
