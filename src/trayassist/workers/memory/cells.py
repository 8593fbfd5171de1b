"""Cells of tables as answers: the best one over the tables of all pages that are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from trayassist.api import Quote
from trayassist.workers.memory import spans
from trayassist.workers.memory.asked import Answer, Asked
from trayassist.workers.memory.cell_choice import CellChoice, WordSimilarity, best_cells, read_asked
from trayassist.workers.memory.embedder import Embedder
from trayassist.workers.memory.page_tables import PageTable, find_tables
from trayassist.workers.memory.question import ParsedQuestion
from trayassist.workers.memory.quotes import QuoteSource, around
from trayassist.workers.memory.vocabulary import Vocabulary

SURE = 0.6  # score from which a cell stands alone
LIKELY = 0.42  # from which it is an answer; both chosen by hand on 207 questions, 40 of them about cells
_PAGE = 0.4  # how much the page's rank counts beside the cell's score
_KEPT_PAGES = 64
_NEEDS = (Answer.PERSON, Answer.PLACE, Answer.NAME)
_TAKES_CELLS = (Answer.AMOUNT, Answer.DATE, Answer.ANYTHING, Answer.NAME, Answer.PERSON, Answer.PLACE)


@dataclass(frozen=True)
class CellAnswer:
    """A cell that answers, with the page it stands on and its score: the choice's, and a part for the page's rank."""

    choice: CellChoice
    source: QuoteSource
    score: float

    def as_quote(self) -> Quote:
        """Return the cell as a quote: its heads and its value; offsets are those of the value."""
        cell, said = self.choice.cell, self.choice.answer
        passage = replace(around(self.source, cell.start, cell.end), score=round(self.score, 4))
        answer = said.rpartition(": ")[2]
        return Quote(
            text=said, passage=passage, start=cell.start, end=cell.end, score=round(self.score, 4), answer=answer
        )


class CellReader:
    """Reads cells."""

    def __init__(self, embedder: Embedder, vocabulary: Vocabulary) -> None:
        self._embedder, self._vocabulary = embedder, vocabulary

    def best(self, question: ParsedQuestion, kind: Asked, sources: Sequence[QuoteSource]) -> list[CellAnswer]:
        """Return the cells that answer, best first; none where no cell can be meant."""
        if kind.answer not in _TAKES_CELLS:
            return []
        similar = WordSimilarity(lambda words: list(self._embedder.embed_words(words)))
        found: list[CellAnswer] = []
        for source in sources:
            tables = _tables(source.page)
            asked = read_asked(question.asked, self._vocabulary.rarity, source.named) if tables else None
            for table in tables:
                assert asked is not None
                choices = best_cells(table, asked, similar, limit=2)
                fitting = [c for c in choices if _fits(kind, c.cell.text)]
                found += [CellAnswer(c, source, c.score + _PAGE * source.standing) for c in fitting]
        return sorted(found, key=lambda one: -one.score)


def _fits(kind: Asked, said: str) -> bool:
    """Return whether a cell holds the kind of thing that is asked for; `best_cells` sees to amounts."""
    return kind.answer not in _NEEDS or spans.fit(kind, said, frozenset()) >= 1.0


@lru_cache(maxsize=_KEPT_PAGES)
def _tables(page: str) -> list[PageTable]:
    return find_tables(page) if "\t" in page or "|" in page or "," in page else []
