"""Whether the pages that were read say what is asked, told from what the question demands of its answer.

Search finds the right document for a question that it does not answer; coverage of words cannot tell that (by chance,
on 40 such questions). Demands can: a named thing, number or year of the question stands in the document; what
something costs is money near a word of paying; what is counted is named beside its number; a role stands beside a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

from trayassist.api import normal_text
from trayassist.workers.memory import spans, text
from trayassist.workers.memory.asked import Asked, Measure
from trayassist.workers.memory.cells import LIKELY, SURE, CellAnswer
from trayassist.workers.memory.question import ParsedQuestion
from trayassist.workers.memory.quotes import Candidate

_LIKE = 0.45  # cosine from which a name of the document may stand for a name of the question (Dutch, Netherlands)
_LOOKED_AT, _BEST, _NEAR_BEST = 6, 3, 2.0  # best sentences; those that tell a price, and how far behind the best
_SHARED = 4  # first signs that two identifiers have in common to be offered for each other
_OFFERED = 3
_AROUND = 400  # characters around an answer in which its year may stand
_ANYTHING = "people persons times years months days hours minutes weeks percent personen personnes personas"
_ANYTHING_COUNTED = frozenset(_ANYTHING.split())
_NAME = re.compile(r"[^\W\d_]{4,}")
_NO_NAME = re.compile(  # months, and what people are called after where they are from: the document names the place
    r"^(?:january|february|march|april|june|july|august|september|october|november|december|state|etat)$|(?:an"
    r"|ish|ese|ch|ic|ois|aise?)$"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NUMBER = re.compile(r"(?<![\w.,/-])(?:(?:19|20)\d\d|\d[\d.,/-]*\d{2}|[A-Za-z]{1,5}[-/]?\d{2,}[\w/-]*)(?![\w/])")
_PAYS = re.compile(
    r"\b(?:costs?|pri[cs]es?|priced|pays?|paid|paying|payments?|earns?|earned|charges?|charged|fees?|salar(?:y"
    r"|ies)|wages?|fine[sd]?"
    r"|compensation|gains?|proceeds|purchase price|consideration|expens\w{1,4}|rent|kost\w{1,3}|preise?"
    r"|zahl\w{1,3}|verdien\w{0,3}|gehalt|gebühr\w{0,2}"
    r"|coûte\w{0,3}|prix|payer?|gagne\w{0,2}|salaire|cuesta\w?|precio|paga\w?|gana\w?)\b",
    re.IGNORECASE,
)
_ASKS_PAY = re.compile(
    r"\b(?:costs?|price|pays?|earns?|charges?|salary|wage|fine|kostet|kosten|verdien\w{1,2}|coûte\w{0,3}"
    r"|coûtent|gagne\w{0,2}|cuesta\w?|gana)\b",
    re.IGNORECASE,
)
_GERMAN = re.compile(r"\b(?:der|die|das|wer|wie|was|wann|welche\w?|ist|und|für|ein|eine|im|von|mit)\b", re.IGNORECASE)


def missing_names(
    question: ParsedQuestion, known: AbstractSet[str], similar: Callable[[str, Iterable[str]], float]
) -> list[str]:
    """Return the names, numbers and years of the question that `known`, the words of its documents, do not have.

    `similar` returns how near a word is to the nearest of several.
    """
    numbers = dict.fromkeys(match.group() for match in _NUMBER.finditer(question.asked))
    missing = [name for name in numbers if not all(_begins_one(part, known) for part in text.words(name))]
    if _GERMAN.search(question.asked):  # German writes every noun with a capital
        return missing
    for match in _NAME.finditer(question.asked):
        name = normal_text.fold(match.group())
        if _NO_NAME.search(name):
            continue
        asked = name in question.names and name not in question.named
        if asked and not _begins_one(name, known) and similar(name, known) < _LIKE:
            missing.append(match.group())
    return missing


def _begins_one(part: str, known: AbstractSet[str]) -> bool:
    return part in known or any(word.startswith(part) for word in known)


def alike(name: str, pages: Iterable[str]) -> list[str]:
    """Return identifiers of the pages that begin as `name` does, at most three."""
    start = re.escape(name[: max(_SHARED, len(name) - 2)])
    pattern = re.compile(rf"(?<![\w/-]){start}[\w/-]{{0,12}}", re.IGNORECASE)
    return sorted({match.group() for page in pages for match in pattern.finditer(page)})[:_OFFERED]


class Demands:
    """What a question demands of its answer."""

    def __init__(self, question: ParsedQuestion, kind: Asked, similar: Callable[[str, Iterable[str]], float]) -> None:
        self._question, self._kind, self._similar = question, kind, similar

    def are_met(self, sentences: Sequence[Candidate], cells: Sequence[CellAnswer]) -> bool:
        """Return whether a sentence or a cell says what is asked; True where the question demands nothing special."""
        sure = bool(cells) and cells[0].choice.score >= SURE
        if cells and cells[0].choice.score >= LIKELY and not self._is_named(cells[0]):
            return False
        if not self._has_years(sentences, cells[:1] if sure else ()):
            return False
        if self._kind.measure is Measure.MONEY and _ASKS_PAY.search(self._question.asked):
            return (sure and _is_money(cells[0])) or any(
                self._is_paid(c) for c in sentences[:_BEST] if c.score >= sentences[0].score - _NEAR_BEST
            )
        if self._kind.counted and not sure:
            return any(self._is_counted(c.block.text) for c in sentences[:_LOOKED_AT]) or any(
                self._is_counted(f"{cell.choice.answer} {cell.choice.table.caption}") for cell in cells[:2]
            )
        return True

    def _is_named(self, cell: CellAnswer) -> bool:
        """Return whether the cell's heads have a word of the question beside years and what the document is about."""
        known = cell.source.named | cell.source.given
        lost = [word for word in cell.choice.missing if word.isalpha() and text.stem(word) not in known]
        told = [word for word in cell.choice.covered if word.isalpha() and text.stem(word) not in known]
        return bool(told) or not lost

    def _is_paid(self, candidate: Candidate) -> bool:
        said = candidate.block.text
        return bool(_PAYS.search(said)) and spans.fit(self._kind, said, frozenset()) == 1.0

    def _is_counted(self, said: str) -> bool:
        """Return whether a number stands here, and a word for what is counted."""
        counted = [word for word in text.words(self._kind.counted) if word not in text.STOP_WORDS]
        counted = [word for word in counted if word not in self._question.named][:2]
        if not counted or counted[0] in _ANYTHING_COUNTED:
            return True
        there = {word for word in text.words(said) if word.isalpha()}
        stems = {text.stem(word) for word in there}
        named = any(text.stem(word) in stems or self._similar(word, there) >= _LIKE for word in counted)
        return named and spans.fit(self._kind, said, frozenset(_NUMBER.findall(self._question.asked))) > 0

    def _has_years(self, sentences: Sequence[Candidate], cells: Sequence[CellAnswer]) -> bool:
        """Return whether each year asked for stands in the answer, around it, or on its document's first page."""
        years = set(_YEAR.findall(self._question.clean))
        best = sentences[:_LOOKED_AT]
        around = " ".join(c.source.page[max(0, c.block.start - _AROUND) : c.block.end + _AROUND] for c in best)
        told = {stem for c in best[:1] for stem in c.source.given | c.source.named}
        told |= {word for cell in cells for word in cell.choice.covered}
        return all(year in around or year in told for year in years)


def _is_money(cell: CellAnswer) -> bool:
    return bool(re.search(r"[$€£¥]|\b(?:million|billion|thousand|USD|EUR)\b", cell.choice.answer))
