"""Aligns what a model writes with what it read: the sentence of a document that supports each sentence of the answer.

A model is not asked for marks: small ones name the wrong passage nearly always. Its answer is taken sentence by
sentence. Words are weighed by how rare they are in what was read; numbers, dates and names must stand there in any
spelling of the same value, near the words of the claim. What stands nowhere is never shown.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from trayassist.api import Chunk, Citation, Passage
from trayassist.api.numbers import Number, table_scales
from trayassist.api.values import Date, Name, Value, covers, dates, fold, names, same, values
from trayassist_persona import words

SUPPORTED = 0.5  # share of a sentence's words, by rarity, that stand in one sentence of a document and beside it
NEAR = 0.15  # share of the claim's and the question's words that must stand beside a figure: else it is another figure
BEFORE = 0.5  # what a word of the sentence before weighs there
_BLANK = " \r\n\v\f\u00a0"
MOST_UNITS = 3  # sentences cited for one sentence
HEAD_ROWS = 2  # first rows of a table that may be its head
_BREAK = re.compile(  # after a sentence, at a blank line, before a list item
    r"(?<=[.!?])[\"”’)]?\s+(?=[\"“(]?[^\W_a-z])|\n\s*\n|\n(?=\s*(?:[-•*]|\d{1,3}[.)])\s)"
)
_HEADING = re.compile(r"^[^\n.,;:!?]{1,45}\n(?=[A-Z0-9“\"])", re.MULTILINE)  # a short line without a stop
_WORD = re.compile(r"[^\W\d_]{2,40}")
_MARK = re.compile(r"[ \t]?\[\s?\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,8}\s?\]")
_ITEM = re.compile(r"^\s{0,12}(?:[-*•]\s{1,3}|\(?\d{1,2}[.)]\s{1,3}){1,2}")
_PLACE = re.compile(
    r"\(?\b(?:passages?|sources?|documents?|excerpts?|quotes?|Quelle)"
    r" (?:\d{1,4}(?:, | and |-)?){1,4}\)?",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\b(?:not|no|never|none|nobody|neither|nor|without|cannot|isn't|aren't|doesn't|don't|didn't|won't|can't"
    r"|nicht|kein|keine|keinen|keiner|nie|niemals|ohne|ne|pas|aucun|aucune|jamais|sans|sin|nunca|ningún)\b",
    re.IGNORECASE,
)


# ------------------------------------------------------------------------------------------------ sentences


def split(text: str) -> list[tuple[int, int]]:
    """Return where the sentences and the rows of tables (lines with tabs) lie in a text."""
    spans: list[tuple[int, int]] = []
    prose, at = 0, 0
    for line in text.splitlines(keepends=True):
        if "\t" in line:
            spans += _sentences(text, prose, at)
            spans.append((at, at + len(line.rstrip("\r\n"))))
            prose = at + len(line)
        at += len(line)
    return [_trim(text, *span) for span in [*spans, *_sentences(text, prose, at)]]


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    part = text[start:end]
    cuts = {0, len(part)}
    cuts |= {found.end() for found in _BREAK.finditer(part)}
    cuts |= {found.end() for found in _HEADING.finditer(part)}
    return [(start + a, start + b) for a, b in pairwise(sorted(cuts)) if part[a:b].strip()]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]  # a row of a table keeps its tabs: they tell the columns
    return start + len(piece) - len(piece.lstrip(_BLANK)), end - len(piece) + len(piece.rstrip(_BLANK))


def best_sentence(text: str, about: str) -> tuple[int, int]:
    """Return where in `text` the sentence lies that shares most words with `about`; rare words count more."""
    wanted, spans = stems(about), split(text)
    if not spans:
        return 0, len(text)
    everywhere = Counter(stem(word) for word in _WORD.findall(text))

    def worth(span: tuple[int, int]) -> float:
        own = stems(text[slice(*span)])
        return sum(1.0 / everywhere[word] for word in own & wanted) + 0.01 * min(len(own), 20)

    return max(spans, key=worth)


def of_passage(number: int, passage: Passage, about: str) -> Citation:
    """Return the citation of a passage: its sentence that shares most with `about`."""
    return _citation(number, passage, *best_sentence(passage.text, about))


def _citation(number: int, passage: Passage, start: int, end: int) -> Citation:
    return Citation(
        number=number,
        path=passage.path,
        title=passage.title,
        page=passage.page,
        quote=" ".join(passage.text[start:end].split()),
        start=passage.start + start,
        end=passage.start + end,
    )


def stem(word: str) -> str:
    """Return a word without its ending, roughly and in any language: "reports", "reported" and "report" are one."""
    plain = fold(word)
    if len(plain) > 6:
        return plain[:6]
    return plain[:-1] if len(plain) > 3 and plain[-1] in "se" else plain


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a text that carry a sense."""
    found = (word for word in _WORD.findall(text) if word.casefold() not in words.EMPTY_WORDS)
    return frozenset(stem(word) for word in found)


# ------------------------------------------------------------------------------------------------ what was read


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or table row of a passage, at [start, end) of its text.

    `stems` are those of its words, for a row with those of the table's first rows; `before_stems` of what stands
    before it, `near_stems` of all of that and the sentence after it.
    """

    passage: Passage
    start: int
    end: int
    head: str  # the first row of its table, "" for a sentence
    stems: frozenset[str]
    before_stems: frozenset[str]
    near_stems: frozenset[str]
    figures: tuple[Number | Date, ...]

    @property
    def text(self) -> str:
        """The sentence itself."""
        return self.passage.text[self.start : self.end]

    @property
    def place(self) -> tuple[str, int, int]:
        """Path, page and offset in the page: what tells it from others."""
        return self.passage.path, self.passage.page, self.passage.start + self.start


def _units(passage: Passage) -> Iterator[Unit]:
    spans = split(passage.text)
    texts = [passage.text[slice(*span)] for span in spans]
    top = 0  # where the table begins that a row belongs to
    for at, (start, end) in enumerate(spans):
        row = "\t" in texts[at]
        if not row or not at or "\t" not in texts[at - 1]:
            top = at
        heads = texts[top : min(at, top + HEAD_ROWS)] if row else []
        beside = [] if row else [*texts[max(0, at - 2) : at], *texts[at + 1 : at + 2]]
        own, before = stems("\n".join([texts[at], *heads])), stems("\n".join(texts[max(0, top - 1) : top]))
        yield Unit(
            passage=passage,
            start=start,
            end=end,
            head=heads[0] if heads else "",
            stems=own,
            before_stems=before,
            near_stems=own | before | stems("\n".join(beside)),
            figures=tuple(one for one in values(texts[at]) if not isinstance(one, Name)),
        )


@dataclass(frozen=True, slots=True)
class Alignment:
    """What supports a sentence of an answer. `missing` are its values that stand nowhere, or beside other words."""

    units: tuple[Unit, ...] = ()
    missing: tuple[Value, ...] = ()
    bare: bool = False  # it says nothing that could be looked up ("Yes.")

    @property
    def holds(self) -> bool:
        """Whether a document supports it."""
        return bool(self.units) and not self.missing


class Sources:
    """What a model read with a question, ready to look up what it says."""

    def __init__(self, passages: Iterable[Passage], question: str) -> None:
        self.passages = list(passages)
        seen: dict[tuple[str, int, int], Unit] = {}
        for passage in self.passages:
            for unit in _units(passage):
                seen.setdefault(unit.place, unit)
        self.units = list(seen.values())
        self._asked_values = values(question)
        self._asked_stems = stems(question)
        self._asked_years = {day[0] for date in dates(question) for day in date.readings if day[0]}
        rare = Counter(word for unit in self.units for word in unit.near_stems)
        self._weights = {word: math.log(1 + len(self.units) / count) for word, count in rare.items()}
        self._unseen = math.log(1 + len(self.units) or 1)
        self._folded = [fold(f"{p.text} {p.title} {p.name}") for p in self.passages]
        self._folded_asked = fold(question)
        self._scales = {passage: table_scales(passage.text) for passage in self.passages}
        self._language = words.language(" ".join(passage.text[:600] for passage in self.passages[:3]))

    # ------------------------------------------------------------ one sentence

    def align(self, sentence: str) -> Alignment:
        """Return what supports a sentence of an answer, and what of it stands nowhere."""
        claim = _ITEM.sub("", _PLACE.sub("", _MARK.sub("", sentence))).replace("*", "").strip()
        own = stems(claim)
        missing: list[Value] = [name for name in names(claim) if not name.doubtful and not self._has_name(name)]
        chosen: list[Unit] = []
        for figure in values(claim):
            if isinstance(figure, Name) or figure.doubtful or self._is_asked(figure):
                continue
            found = self._nearest([unit for unit in self.units if self._states(unit, figure)], own, chosen)
            if found is None:
                missing.append(figure)
            elif found not in chosen:
                chosen.append(found)
        if missing:
            return Alignment(missing=tuple(missing))
        if not chosen and (best := self._best(claim, own)) is not None:
            chosen.append(best)
        if not chosen and (doubtful := self._unknown_opening(claim)):
            return Alignment(missing=doubtful)
        return Alignment(units=tuple(chosen[:MOST_UNITS]), bare=not own)

    def _is_asked(self, figure: Number | Date) -> bool:
        for asked in self._asked_values:
            if same(figure, asked) or (isinstance(figure, Date) and isinstance(asked, Date) and covers(asked, figure)):
                return True
        return False

    def _has_name(self, name: Name) -> bool:
        if _stands(name, self._folded_asked):
            return True
        return any(_stands(name, text) for text in self._folded)

    def _states(self, unit: Unit, figure: Number | Date) -> bool:
        """Return whether a figure stands in a sentence: as it is, as a scaled cell, or a date in two parts."""
        for held in unit.figures:
            if same(figure, held) or same(held, figure):
                return self._in_column_asked(unit, held)
            if isinstance(figure, Date) and isinstance(held, Date) and covers(held, figure):
                return True
        if isinstance(figure, Number) and figure.scaled:
            return self._states_scaled(unit, figure)
        return isinstance(figure, Date) and self._in_two_parts(unit, figure)

    def _states_scaled(self, unit: Unit, figure: Number) -> bool:
        """Return whether "101 million" is the 101 of a table in millions."""
        for scale in self._scales[unit.passage]:
            for held in unit.figures:
                if not isinstance(held, Number) or held.scaled:
                    continue
                if any(abs(a) == abs(b) * scale for a in figure.readings for b in held.readings):
                    return self._in_column_asked(unit, held)
        return False

    def _in_two_parts(self, unit: Unit, figure: Date) -> bool:
        """Return whether "18 May" stands in the sentence and its year elsewhere in the passage."""
        for year, month, day, quarter in figure.readings:
            if year is None or (month is None and quarter is None):
                continue
            part = Date(text="", start=0, end=0, readings=((None, month, day, quarter),))
            said = any(isinstance(held, Date) and covers(held, part) for held in unit.figures)
            if said and str(year) in unit.passage.text:
                return True
        return False

    def _in_column_asked(self, unit: Unit, held: Number | Date) -> bool:
        """Return whether a cell stands under the year that is asked for, where the table's head names years."""
        if not unit.head or not self._asked_years or "\t" not in unit.text:
            return True
        heads, cells = unit.head.split("\t"), unit.text.split("\t")
        if len(heads) != len(cells):
            return True
        years = [{day[0] for date in dates(head) for day in date.readings if day[0]} for head in heads]
        if not any(named & self._asked_years for named in years):
            return True
        column = unit.text.count("\t", 0, held.start)
        return not years[column] or bool(years[column] & self._asked_years)

    # ------------------------------------------------------------ the best sentence

    def _nearest(self, found: Sequence[Unit], own: frozenset[str], chosen: Sequence[Unit]) -> Unit | None:
        """Return the sentence in which a figure stands nearest to the words of claim and question, or None."""
        wanted = {word for word in own | self._asked_stems if word in self._weights}
        whole = sum(self._weights[word] for word in wanted)

        def nearness(unit: Unit) -> float:
            beside = self._weigh(wanted & unit.before_stems - unit.stems)
            return (self._weigh(wanted & unit.stems) + BEFORE * beside) / whole if whole else 1.0

        def rank(unit: Unit) -> tuple[bool, float]:
            return unit in chosen, nearness(unit) + 0.5 * self._share(own, unit.stems)

        best = max(found, key=rank, default=None)
        return best if best is not None and nearness(best) >= NEAR else None

    def _best(self, claim: str, own: frozenset[str]) -> Unit | None:
        """Return the sentence that says most of a claim without figures, if it says enough of it."""
        if not own:
            return self._best_for_question()
        negative = _NO.search(claim) is not None

        def worth(unit: Unit) -> float:
            whole = self._share(own, unit.stems)
            likeness = 0.6 * whole + 0.4 * self._share(own, unit.near_stems)
            agrees = (_NO.search(unit.text) is not None) == negative
            return likeness + 0.05 * self._share(self._asked_stems, unit.stems) - (0.0 if agrees else 0.2)

        best = max(self.units, key=worth, default=None)
        if best is None:
            return None
        if self._share(own, best.near_stems) >= SUPPORTED:
            return best
        foreign = words.language(claim) not in ("", self._language) and self._language
        return self._best_for_question() if foreign else None

    def _best_for_question(self) -> Unit | None:
        best = max(self.units, key=lambda unit: self._share(self._asked_stems, unit.near_stems), default=None)
        return best if best is not None and self._share(self._asked_stems, best.near_stems) >= SUPPORTED else None

    def _unknown_opening(self, claim: str) -> tuple[Name, ...]:
        """Return the word that a short claim begins with, where it may be a name and stands nowhere: "Canberra."."""
        if len(claim.split()) > 3:
            return ()
        return tuple(name for name in names(claim) if not self._has_name(name))

    def _weigh(self, found: Iterable[str]) -> float:
        return sum(self._weights.get(word, self._unseen) for word in found)

    def _share(self, wanted: frozenset[str], held: frozenset[str]) -> float:
        whole = self._weigh(wanted)
        return self._weigh(wanted & held) / whole if whole else 0.0


def _stands(name: Name, text: str) -> bool:
    """Return whether a name stands in a folded text: as it is, by its initials or spelled out, or inflected.

    The words of a longer one must follow each other: Anna Smith and Karl Berger are no Anna Berger.
    """
    if re.search(rf"(?<!\w){re.escape(name.key)}(?!\w)", text):
        return True
    found = re.findall(r"\w{1,40}", name.key)
    if name.kind == "acronym":
        letters = [letter for letter in name.key if letter.isalpha()]
        return 2 <= len(letters) <= 6 and _follow_each_other([rf"{letter}\w{{1,30}}" for letter in letters], text)
    if name.kind != "name" or not found:
        return False
    if len(found) == 1:
        root = found[0] if len(found[0]) < 5 else found[0][: max(4, len(found[0]) - 3)]
        return re.search(rf"(?<!\w){re.escape(root)}\w{{0,4}}(?!\w)", text) is not None
    initials = r"\.?".join(re.escape(word[0]) for word in found)
    if re.search(rf"(?<!\w){initials}(?!\w)", text):
        return True
    return _follow_each_other([rf"{re.escape(word.removesuffix('s'))}\w{{0,3}}" for word in found], text)


def _follow_each_other(patterns: Sequence[str], text: str) -> bool:
    """Return whether words stand one after the other, at most one other word ("of", an initial) between two."""
    return re.search(rf"(?<!\w){r'\W{1,3}(?:\w{1,12}\W{1,3})?'.join(patterns)}(?!\w)", text) is not None


# ------------------------------------------------------------------------------------------------ the stream


class UnsupportedClaimError(Exception):
    """The model said a number, date or name that stands in nothing it read. Nothing of that sentence was shown."""


_END = re.compile(r"[.!?…][\"”’)*_]{0,3}(?=\s)|\n")
_SHORT = re.compile(
    r"(?:\b(?:[A-Za-z]|e\.g|i\.e|etc|approx|ca|no|nr|vs|inc|ltd|co|corp|st|dr|mr|mrs|ms|prof|jan|feb|mar|apr|jun|jul|aug"
    r"|sept?|oct|nov|dec|mio|mrd|bzw|z\.b|d\.h|art|fig|u\.s|p|pp|vol|est|abs|bspw|tel|str)|^\s*\(?\d{1,3})\.$",
    re.IGNORECASE,
)


def _cut(text: str) -> int:
    """Return how much of a growing text is finished sentences."""
    for found in _END.finditer(text):
        if found.group() == "\n":
            if text[: found.start()].strip():
                return found.end()
            continue
        rest = text[found.end() :].lstrip()
        ends_short = text[found.start()] == "." and _SHORT.search(text[max(0, found.start() - 14) : found.start() + 1])
        if rest and not ends_short and not rest[0].islower():
            return len(text) - len(rest)
    return 0


@dataclass
class AlignedAnswer:
    """A model's answer as it streams: each sentence is shown when it is complete and was looked up.

    `supported` counts sentences that a document supports, `said` those shown; `refused`: it says that the documents
    do not say it, after which nothing more is taken.
    """

    sources: Sources
    language: str = "en"
    supported: int = 0
    said: int = 0
    refused: bool = False
    cited: list[Citation] = field(default_factory=list)
    _places: dict[tuple[str, int, int], int] = field(default_factory=dict)
    _held: str = ""

    async def read(self, chunks: AsyncIterator[Chunk]) -> AsyncIterator[Chunk | Citation]:
        """Yield the answer with its marks and citations; thoughts go by as they are.

        Raises UnsupportedClaimError at a sentence that says what stands nowhere.
        """
        try:
            async for chunk in chunks:
                if chunk.thought:
                    yield chunk
                    continue
                self._held += chunk.text
                while cut := _cut(self._held):
                    sentence, self._held = self._held[:cut], self._held[cut:]
                    for item in self._take(sentence):
                        yield item
                    if self.refused:
                        return
        finally:
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()  # the model stops here, not when this is collected
        sentence, self._held = self._held, ""
        for item in self._take(sentence):
            yield item

    def _take(self, sentence: str) -> Iterator[Chunk | Citation]:
        text = _MARK.sub("", sentence)
        body = text.rstrip()
        if not body.strip() or body.strip().startswith("```"):
            yield from [Chunk(text)] if text and self.said else []
            return
        if words.says_not_there(body):
            self.refused = True
            self.said += 1
            yield Chunk(body)
            return
        alignment = self.sources.align(body)
        if alignment.missing:
            raise UnsupportedClaimError
        self.said += 1
        self.supported += bool(alignment.units)
        before = len(self.cited)
        marks = "".join(f"[{self._number(unit)}]" for unit in alignment.units)
        open_ended = alignment.bare or body.endswith(":") or body.lstrip().startswith("#")  # it leads to what follows
        note = marks or ("" if open_ended else words.NOT_THERE[self.language])
        yield Chunk(f"{body}{' ' * bool(note)}{note}{text[len(body) :]}")
        yield from self.cited[before:]

    def _number(self, unit: Unit) -> int:
        """Return the number of the mark of a sentence of a document; a new one makes its citation."""
        known = self._places.get(unit.place)
        if known is None:
            known = self._places[unit.place] = len(self._places) + 1
            self.cited.append(_citation(known, unit.passage, unit.start, unit.end))
        return known
