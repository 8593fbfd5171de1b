"""The answer that is read from pages: the sentences that answer best, and the words in them that are the answer.

Each sentence of the best pages gets a score: a weighted sum of what it has of the question, of what stands around it,
of how well its page ranks, and of whether it holds the kind of thing that is asked for. The weights were fitted on
pairs of sentences, one with and one without the answer (docs/decisions/0020-reading.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from trayassist.api import Passage, Quote
from trayassist.workers.memory import likeness, sentences, spans, text
from trayassist.workers.memory.asked import Answer, Asked
from trayassist.workers.memory.embedder import Embedder, Vectors
from trayassist.workers.memory.likeness import Likeness, Row
from trayassist.workers.memory.question import ParsedQuestion
from trayassist.workers.memory.sentences import Sentence
from trayassist.workers.memory.vocabulary import Vocabulary

SAME_WORDS = 0.8  # share of common words from which two sentences say the same
SAME_VECTOR = 0.96
_NAMED = 0.05  # weight of a word that names the document: it tells the file, not the sentence
_GIVEN = 0.35  # of a word that the document's first page has
_BEFORE, _AFTER = (0.9, 0.7, 0.5), 0.5  # how much the words of the sentences before and after count
_HEADING = 0.6
_LINES, _LINE_WORDS = 2, 9  # lines that belong to a short line, on each side; words of one
_LONGEST_LIST, _ITEM_WORDS = 700, 16  # characters of a list that is quoted as a whole; words of an item without a mark
_BULLET = re.compile(r"(?:[•●▪■◦‣–—*·-]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,4}[.)])\s")
_MOST = 8  # candidates
_SHORT_LINE = 12  # words: lines of a form, an address, a signature belong together
_AROUND = 3
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CONTEXT = 500  # characters on each side of a quote that lies outside its page's best passage
_FIGURE = re.compile(r"\d[\d.,]*")
_WORD = re.compile(r"[^\W_]+")

WEIGHTS = {  # of the features below
    "meaning": 1.22,
    "meaning near": 2.2,
    "words here": 1.13,
    "rare words near": 1.52,
    "words near": 2.87,
    "page": 4.51,
    "first page": 0.82,
    "kind": 2.22,
    "year": 0.6,  # fitted .11; more, so that another year than the one asked for comes behind
    "short": -0.54,
    "heading": -1.58,
    "best word": 0.26,
    "inside": 0.45,
    "kind and words": 1.3,
    "kind and lines": 2.09,
    "amount": 1.48,
    "sentence": 0.71,
    "question": -0.05,
}


@dataclass(frozen=True)
class QuoteSource:
    """A passage, its page's text, and the passage's rank score over the best one's, in 0..1."""

    passage: Passage
    page: str
    standing: float
    headings: str = ""
    rank: float = 1.0  # one over the page's place among the pages
    given: frozenset[str] = frozenset()  # stems that the document as a whole is about: they tell no sentence
    named: frozenset[str] = frozenset()  # stems of the document's name and title


Found = tuple[Sentence, QuoteSource]


@dataclass(frozen=True)
class Candidate:
    """A sentence with its score; `block` is what is quoted: the sentence, or the lines that it is one of."""

    sentence: Sentence
    block: Sentence
    source: QuoteSource
    vector: Vectors
    score: float


class Quoter:
    """Picks sentences."""

    def __init__(self, embedder: Embedder, vocabulary: Vocabulary) -> None:
        self._embedder, self._vocabulary = embedder, vocabulary

    def best(self, question: ParsedQuestion, kind: Asked, sources: Sequence[QuoteSource]) -> list[Candidate]:
        """Return the sentences of `sources`, best first, at most eight, none said twice."""
        found = list(_read(sources))
        if not found:
            return []
        vectors = self._embedder.embed([sentence.text for sentence, _ in found])
        rows = self.features(question, kind, found, vectors)
        scores = rows @ np.array(list(WEIGHTS.values()))
        chosen: list[Candidate] = []
        for at in np.argsort(-scores, kind="stable").tolist():
            if len(chosen) == _MOST:
                break
            candidate = Candidate(found[at][0], _block(found, at), found[at][1], vectors[at], float(scores[at]))
            if not any(_same(candidate, other) or _within(candidate, other) for other in chosen):
                chosen.append(candidate)
        return chosen

    def features(
        self,
        question: ParsedQuestion,
        wanted: Asked,
        found: Sequence[Found],
        vectors: Vectors,
    ) -> Row:
        """Return a row a sentence with a column for each of WEIGHTS."""
        words = [word for word in dict.fromkeys(question.words) if word not in text.STOP_WORDS] or list(question.words)
        rare = np.array([self._vocabulary.rarity(text.stem(word)) for word in words])
        telling = rare * np.array([_NAMED if word in question.named else 1.0 for word in words])
        texts = [sentence.text for sentence, _ in found]
        like = likeness.compare(words, telling, texts, self._embedder, self._vocabulary)
        sources = [source for _, source in found]
        near, lines = _around(like, texts, sources)
        named = _weights(like, sources, lambda source: source.named, _NAMED)
        weights = rare * np.minimum(named, _weights(like, sources, lambda source: source.given, _GIVEN))
        local = _local_rarity(like, sources) * named
        exact: Row = (like.found >= 1.0).astype(np.float64)
        figures = frozenset(_FIGURE.findall(question.asked))
        kind = np.array([spans.fit(wanted, _block(found, at).text, figures) for at in range(len(found))])
        rare_near, lined = _share(near, local), _share(lines, local)
        meaning = like.cosines
        columns = {
            "meaning": np.asarray(vectors @ question.vector, np.float64),
            "meaning near": _best_of_three(meaning, sources),
            "words here": _share(exact, weights),
            "rare words near": rare_near,
            "words near": _share(near, weights),
            "page": np.array([source.standing for source in sources]),
            "first page": np.array([source.rank for source in sources]),
            "kind": kind,
            "year": _years(question, texts, sources),
            "short": np.array([float(len(sentence.split()) < 4) for sentence in texts]),
            "heading": np.array([_is_heading(sentence, source) for sentence, source in found]),
            "best word": like.found.max(1) if like.found.size else np.zeros(len(found)),
            "inside": np.array([float(_is_inside(sentence, source)) for sentence, source in found]),
            "kind and words": kind * rare_near,
            "kind and lines": kind * lined,
            "amount": kind * float(wanted.answer is Answer.AMOUNT),
            "sentence": _share(like.found, weights),
            "question": np.array([float(sentence.endswith("?")) for sentence in texts]),
        }
        assert list(columns) == list(WEIGHTS)
        return np.stack(list(columns.values()), axis=1)


def _read(sources: Sequence[QuoteSource]) -> Iterator[Found]:
    for source in sources:
        for sentence in sentences.split(source.page):
            yield sentence, source


def _block(found: Sequence[Found], at: int) -> Sentence:
    """Return the sentence, or the lines it is one of: of a form, an address, a signature, a list it introduces."""
    sentence, source = found[at]
    first = last = at
    if _is_line(sentence):
        while first > max(0, at - _LINES) and found[first - 1][1] is source and _is_line(found[first - 1][0]):
            first -= 1
        while last < min(len(found) - 1, at + _LINES) and found[last + 1][1] is source and _is_line(found[last + 1][0]):
            last += 1
    elif sentence.text.rstrip(" •●▪-–").endswith(":"):
        end = sentence.start + _LONGEST_LIST
        while (
            last + 1 < len(found)
            and found[last + 1][1] is source
            and _is_item(found[last + 1][0], found[at + 1][0], end)
        ):
            last += 1
    if first == last:
        return sentence
    start, end = found[first][0].start, found[last][0].end
    return Sentence(start, end, sentences.on_one_line(source.page[start:end]))


def _is_line(sentence: Sentence) -> bool:
    """Return whether this is a line of its own: short, and no sentence."""
    return len(sentence.text.split()) < _LINE_WORDS and sentence.text[-1:] not in ".!?…。:"


def _is_item(sentence: Sentence, first: Sentence, end: int) -> bool:
    """Return whether this goes on the list whose first item is `first`."""
    if sentence.end > end:
        return False
    marks = _BULLET.match(first.text), _BULLET.match(sentence.text)
    return bool(marks[1]) if marks[0] else len(sentence.text.split()) < _ITEM_WORDS and sentence.text[-1:] not in ".:"


def _weights(
    like: Likeness, sources: Sequence[QuoteSource], stems: Callable[[QuoteSource], frozenset[str]], low: float
) -> Row:
    """Return for each sentence how much each word of the question counts: those its document is about count little."""
    rows: dict[int, Row] = {}
    for source in sources:
        if id(source) not in rows:
            known = stems(source)
            rows[id(source)] = np.array([low if stem in known else 1.0 for stem in like.stems])
    return np.array([rows[id(source)] for source in sources])


def _local_rarity(like: Likeness, sources: Sequence[QuoteSource]) -> Row:
    """Return for each sentence how rare each word of the question is among the sentences of the same document."""
    paths = [source.passage.path for source in sources]
    rows: dict[str, Row] = {}
    for path in dict.fromkeys(paths):
        own = np.array([other == path for other in paths])
        count = (like.found[own] >= 1.0).sum(0)
        rows[path] = np.log(1 + (own.sum() - count + 0.5) / (count + 0.5))
    return np.array([rows[path] for path in paths])


def _share(found: Row, weights: Row) -> Row:
    total = weights.sum(1)
    share: Row = (found * weights).sum(1) / np.where(total > 0, total, 1.0)
    return share


def _around(like: Likeness, texts: Sequence[str], sources: Sequence[QuoteSource]) -> tuple[Row, Row]:
    """Return what each sentence has of the question together with its neighbours and headings, and what the short

    lines around it have.
    """
    near, lines = like.found.copy(), np.zeros_like(like.found)
    count = len(texts)
    short = np.array([len(sentence.split()) < _SHORT_LINE for sentence in texts])
    for step in range(1, min(_AROUND, count - 1) + 1):
        same = np.array([sources[at] is sources[at - step] for at in range(step, count)], bool)
        for here, there, decay in ((step, 0, _BEFORE[step - 1]), (0, step, _AFTER if step == 1 else 0.0)):
            mine, other = slice(here, count - step + here), slice(there, count - step + there)
            gained = like.found[other] * same[:, None]
            near[mine] = np.maximum(near[mine], gained * decay)
            both = (short[mine] & short[other])[:, None]
            lines[mine] = np.maximum(lines[mine], gained * both)
    heads = {id(source): _stems_in(source.headings, like.stems) for source in {id(s): s for s in sources}.values()}
    near = np.maximum(near, np.array([heads[id(source)] for source in sources]) * _HEADING)
    lines = np.maximum(lines, like.found) * short[:, None]
    return near, lines


def _stems_in(line: str, stems: Sequence[str]) -> Row:
    there = set(text.terms(line))
    return np.array([float(stem in there) for stem in stems])


def _best_of_three(values: Row, sources: Sequence[QuoteSource]) -> Row:
    """Return for each sentence the best of its own value and those of its neighbours on the page."""
    best = values.copy()
    for at, (one, two) in enumerate(pairwise(sources)):
        if one is two:
            best[at] = max(best[at], values[at + 1])
            best[at + 1] = max(best[at + 1], values[at])
    return best


def _years(question: ParsedQuestion, texts: Sequence[str], sources: Sequence[QuoteSource]) -> Row:
    """Return 1 where a year of the question stands, .5 where it stands before, -1 where another year does."""
    wanted = set(_YEAR.findall(question.clean))
    own = [set(_YEAR.findall(sentence)) for sentence in texts]
    found = np.zeros(len(texts))
    for at, years in enumerate(own if wanted else ()):
        before = [own[b] for b in range(max(0, at - 2), at) if sources[b] is sources[at]]
        near = wanted & set().union(*before) if before else set()
        found[at] = 1.0 if wanted & years else 0.5 if near else -1.0 if years else 0.0
    return found


def _is_heading(sentence: Sentence, source: QuoteSource) -> float:
    title = sentence.text.strip("#= ")
    return float(len(title) > 3 and title in source.headings)


def _is_inside(sentence: Sentence, source: QuoteSource) -> bool:
    return source.passage.start <= sentence.start < source.passage.end


def _same(one: Candidate, other: Candidate, vector: float = SAME_VECTOR) -> bool:
    a, b = set(text.words(one.sentence.text)), set(text.words(other.sentence.text))
    if a and b and len(a & b) / min(len(a), len(b)) > SAME_WORDS and min(len(a), len(b)) > 0.5 * max(len(a), len(b)):
        return _figures(a) == _figures(b)
    return float(one.vector @ other.vector) > vector and _figures(a) == _figures(b)


def _within(one: Candidate, other: Candidate) -> bool:
    return one.source is other.source and other.block.start <= one.sentence.start < other.block.end


def _figures(words: set[str]) -> set[str]:
    """Return the numbers: sentences that differ in them say different things."""
    return {word for word in words if word[0].isdigit()}


def around(source: QuoteSource, start: int, end: int) -> Passage:
    """Return the passage that holds page[start:end]: the source's own, or lines of the page where it lies elsewhere."""
    passage, page = source.passage, source.page
    if passage.start <= start and end <= passage.end:
        return passage
    first = page.rfind("\n", 0, max(0, start - _CONTEXT)) + 1
    last = page.find("\n", end + _CONTEXT)
    last = len(page) if last < 0 else last
    return replace(passage, start=first, end=last, text=page[first:last])


def as_quote(candidate: Candidate, kind: Asked, question: ParsedQuestion, wanted: set[str]) -> Quote:
    """Return the sentence as a quote with its short answer; a very long one is cut around the `wanted` words."""
    cut = candidate.block
    if cut == candidate.sentence:
        cut = sentences.shorten(candidate.source.page, cut, wanted)
    passage = replace(around(candidate.source, cut.start, cut.end), score=round(candidate.score, 4))
    stems = set(question.terms)
    near = [m.span() for m in _WORD.finditer(cut.text) if text.stem(m.group().lower()) in stems]
    span = spans.short_answer(kind, cut.text, question.asked, near)
    answer = cut.text[slice(*span)].strip(" ,;:") if span else ""
    score = round(candidate.score, 4)
    return Quote(text=cut.text, passage=passage, start=cut.start, end=cut.end, score=score, answer=answer)
