"""The answer without a model: what is asked, the cell or the sentences that answer it, and whether any does."""

from __future__ import annotations

from collections.abc import Sequence

from trayassist.api import Quote
from trayassist.workers.memory import asked, quotes
from trayassist.workers.memory.asked import Answer, Asked
from trayassist.workers.memory.cells import LIKELY, SURE, CellAnswer, CellReader
from trayassist.workers.memory.embedder import Embedder
from trayassist.workers.memory.question import ParsedQuestion
from trayassist.workers.memory.quotes import Candidate, Quoter, QuoteSource
from trayassist.workers.memory.vocabulary import Vocabulary

MARGIN = 2.5  # of score behind the best sentence, beyond which another one pads


class Reader:
    """Reads pages for a question."""

    def __init__(self, embedder: Embedder, vocabulary: Vocabulary) -> None:
        self._quoter, self._cells = Quoter(embedder, vocabulary), CellReader(embedder, vocabulary)

    def read(self, question: ParsedQuestion, sources: Sequence[QuoteSource], limit: int) -> list[Quote]:
        """Return at most `limit` quotes that answer the question, best first, none that pads."""
        kind = asked.read(question.asked)
        sentences = self._quoter.best(question, kind, sources)
        cells = self._cells.best(question, kind, sources)
        wanted = {word for word in question.words if len(word) > 2}
        near = [c for c in sentences if c.score >= sentences[0].score - MARGIN]
        quoted = [quotes.as_quote(c, kind, question, wanted) for c in _without_rows(near, kind)]
        if cells and _answers(cells[0], sentences, kind):
            alone = cells[0].choice.score >= SURE
            return [cells[0].as_quote(), *([] if alone else quoted)][:limit]
        return quoted[:limit]


def _answers(cell: CellAnswer, sentences: Sequence[Candidate], kind: Asked) -> bool:
    return cell.choice.score >= LIKELY


def _without_rows(found: Sequence[Candidate], kind: Asked) -> list[Candidate]:
    """Return the candidates without rows of tables where an amount is asked for: it is read as a cell or not at all."""
    if kind.answer is not Answer.AMOUNT:
        return list(found)
    prose = [c for c in found if "\t" not in c.source.page[c.sentence.start : c.sentence.end]]
    return prose or list(found)
