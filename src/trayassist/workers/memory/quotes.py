"""The extractive answer: the sentences that answer best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from trayassist.api import Passage, Quote
from trayassist.workers.memory import sentences, text
from trayassist.workers.memory.embedder import Embedder, Vectors
from trayassist.workers.memory.question import ParsedQuestion
from trayassist.workers.memory.sentences import Sentence
from trayassist.workers.memory.vocabulary import Vocabulary

SAME_WORDS = 0.8  # share of common words from which two sentences say the same
SAME_VECTOR = 0.96
_KEEP = 0.72  # of the best score; weaker sentences are not offered

_WHEN = re.compile(
    r"\b(when|what (?:date|day|year|time)|which (?:date|day|year)|deadline|due|how long|until)\b", re.IGNORECASE
)
_WHO = re.compile(r"\b(who|whom|whose|which (?:person|company|author))\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:\d{1,2}[:.]\d\d|(?:19|20)\d\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday|days?|weeks?|months?|years?|hours?|noon|midnight)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=\S )[A-Z][\w’'-]+")


@dataclass(frozen=True)
class QuoteSource:
    """A passage, its page's text, and the passage's rank score over the best one's, in 0..1."""

    passage: Passage
    page: str
    standing: float
    headings: str = ""
    given: frozenset[str] = frozenset()  # stems that the document as a whole is about: they tell no sentence


@dataclass(frozen=True)
class _Candidate:
    sentence: Sentence
    source: QuoteSource
    vector: Vectors
    score: float


class Quoter:
    """Picks sentences."""

    def __init__(self, embedder: Embedder, vocabulary: Vocabulary) -> None:
        self._embedder, self._vocabulary = embedder, vocabulary

    def best(self, question: ParsedQuestion, sources: Sequence[QuoteSource], limit: int) -> list[Quote]:
        """Return at most `limit` sentences that answer the question, best first, none said twice."""
        candidates = self._score(question, list(_sentences(sources)))
        candidates.sort(key=lambda c: -c.score)
        wanted = {word for word in question.words if len(word) > 2}
        chosen: list[_Candidate] = []
        for candidate in candidates:
            if len(chosen) == limit or (chosen and candidate.score < _KEEP * chosen[0].score):
                break
            if not any(_same(candidate, other) for other in chosen):
                chosen.append(candidate)
        return [_quote(c, sentences.shorten(c.source.page, c.sentence, wanted)) for c in chosen]

    def _score(self, question: ParsedQuestion, found: list[tuple[Sentence, QuoteSource]]) -> list[_Candidate]:
        vectors = self._embedder.embed([sentence.text for sentence, _ in found])
        cosines = (vectors @ question.vector).tolist()
        standing = 0.6 if question.latest else 0.2  # then the page's document matters most
        scored = []
        heads = list(_table_heads(found))
        for at, ((sentence, source), cosine) in enumerate(zip(found, cosines, strict=True)):
            own = set(text.terms(sentence.text)) | heads[at]
            near = own | _terms_before(found, at)
            share = self._vocabulary.coverage(question.terms, own, source.given)
            around = self._vocabulary.coverage(question.terms, near, source.given)
            score = 0.35 * cosine + 0.40 * share + 0.15 * around + standing * source.standing
            score += _fits_kind(question, sentence.text) - _awkward(question, sentence.text)
            title = sentence.text.strip("#= ")
            score -= 0.60 if len(title) > 3 and title in source.headings else 0.0
            scored.append(_Candidate(sentence, source, vectors[at], score))
        return scored


def _sentences(sources: Iterable[QuoteSource]) -> Iterable[tuple[Sentence, QuoteSource]]:
    for source in sources:
        for sentence in sentences.split(source.page, source.passage.start, source.passage.end):
            yield sentence, source


def _table_heads(found: Sequence[tuple[Sentence, QuoteSource]]) -> Iterator[set[str]]:
    """Yield for each sentence the stems of the first row of the table that it is a row of: they name its cells."""
    head: set[str] = set()
    inside: QuoteSource | None = None
    for sentence, source in found:
        if not sentences.is_row(sentence.text):
            inside, head = None, set()
            yield set()
        elif inside is source:
            yield head
        else:
            inside, head = source, set(text.terms(sentence.text))
            yield set()


def _terms_before(found: list[tuple[Sentence, QuoteSource]], at: int) -> set[str]:
    """Return the stems of the two sentences before: a heading or the sentence that names the subject."""
    before = [s for s, source in found[max(0, at - 2) : at] if source is found[at][1]]
    return {term for sentence in before for term in text.terms(sentence.text)}


def _fits_kind(question: ParsedQuestion, sentence: str) -> float:
    """Return a bonus when the sentence has the kind of thing that is asked for."""
    if _WHEN.search(question.asked):
        return 0.08 if _DATE.search(sentence) else 0.0
    if _WHO.search(question.asked):
        return 0.06 if _NAME.search(sentence) else 0.0
    if question.numeric:
        return 0.06 if any(c.isdigit() for c in sentence) else 0.0
    return 0.0


def _awkward(question: ParsedQuestion, sentence: str) -> float:
    """Return a malus for what no one would quote: headings, fragments, questions."""
    words = sentence.split()
    has_news = set(text.terms(sentence)) - set(question.terms)
    if not has_news:
        return 0.30
    if sentence.endswith("?"):
        return 0.15
    if len(words) < 4 and not _has_digit(sentence):
        return 0.20
    fragment = len(words) < 7 and not _ends(sentence) and not _has_digit(sentence)
    return 0.12 if len(has_news) < 2 or fragment else 0.0


def _ends(sentence: str) -> bool:
    return sentence.rstrip("\"'”’)]")[-1:] in ".!…。！;:"


def _has_digit(sentence: str) -> bool:
    return any(c.isdigit() for c in sentence)


def _same(one: _Candidate, other: _Candidate) -> bool:
    a, b = set(text.words(one.sentence.text)), set(text.words(other.sentence.text))
    if a and b and len(a & b) / min(len(a), len(b)) > SAME_WORDS and min(len(a), len(b)) > 0.5 * max(len(a), len(b)):
        return _figures(a) == _figures(b)
    return float(one.vector @ other.vector) > SAME_VECTOR and _figures(a) == _figures(b)


def _figures(words: set[str]) -> set[str]:
    """Return the numbers: sentences that differ in them say different things."""
    return {word for word in words if word[0].isdigit()}


def _quote(candidate: _Candidate, cut: Sentence) -> Quote:
    passage = replace(candidate.source.passage, score=candidate.score)
    return Quote(text=cut.text, passage=passage, start=cut.start, end=cut.end, score=round(candidate.score, 4))
