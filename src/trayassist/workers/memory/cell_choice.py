"""Which cell of a table answers a question: its words against the row's and the column's, its period against theirs.

    asked = read_asked("What was net income in 2022?", vocabulary.rarity)
    for choice in best_cells(table, asked, similar):      # best first
        choice.cell, choice.score                         # 0..about 1.4, comparable between tables
        choice.covered, choice.missing                    # words of the question that the cell's heads have or lack
        choice.answer                                     # "Net income, 2022: $1,234 million"

A cell whose column or row is of another year, quarter or date than the one asked for is never returned. When no period
is asked for, the latest one is preferred; a total is preferred to a part, a plain row to a qualified one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby, pairwise
from typing import Any

from trayassist.workers.memory import periods, text
from trayassist.workers.memory.page_tables import (
    Cell,
    CellValue,
    PageTable,
    TableRow,
    is_figure,
    parse_number,
    value_of,
)
from trayassist.workers.memory.periods import Period, period_of

_any_case = partial(re.compile, flags=re.IGNORECASE)

type Weight = Callable[[str], float]


class WordSimilarity:
    """How alike two words or texts are in meaning, in -1..1, by an embedder's vectors; each text is embedded once."""

    def __init__(self, embed: Callable[[Sequence[str]], Sequence[Any]]) -> None:
        self._embed = embed
        self._vectors: dict[str, Any] = {}

    def prepare(self, texts: Iterable[str]) -> None:
        """Embed the texts in one go: one at a time costs ten times as much."""
        new = [words for words in dict.fromkeys(texts) if words not in self._vectors]
        if new:
            self._vectors |= zip(new, self._embed(new), strict=True)

    def __call__(self, one: str, other: str) -> float:
        """Return the cosine of two texts."""
        self.prepare((one, other))
        return float(self._vectors[one] @ self._vectors[other])


# ---- what is asked

_KIND_WORDS = (
    "percentage percent per cent share proportion much many figure value amount number count year month quarter "
    "fiscal twelve three six nine ended end according table report reported total overall prozent anteil viele viel "
    "wie hoch waren war ist im jahr combien quel quelle cuánto cuántos worth cost costs make made get got take took "
    "days day date long"
)
_PERIODS = """year years month months quarter quarters fiscal fy cy twelve three six nine ended ending week weeks q1 q2
    q3 q4 first second third fourth quartal jahr jahre trimestre half annual"""
_PERIOD_WORDS = frozenset(_PERIODS.split())
_GENERIC = 0.35  # weight of a word that says what kind of figure is asked for, not which
GIVEN = 0.35  # weight of a word that the document as a whole is about
_GENERIC_STEMS = frozenset(text.stem(word) for word in _KIND_WORDS.split())
_ASKS_PERCENT = _any_case(
    r"\b(?:what|which) (?:share|percent\w*|proportion|fraction)|\bpercent|\bper cent|%|\brate\b|\bmargin\b|"
    r"\bhow full\b|\bprozent|\banteil|\bpourcentage|\bporcentaje|\bquote\b"
)
_ASKS_COUNT = _any_case(r"\bhow many\b|\bnumber of\b|\bwie ?viele\b|\banzahl\b|\bcombien de\b|\bcuánt[oa]s\b")
_ASKS_FIGURE = _any_case(
    r"\bhow (?:many|much|long|high|big|large|tight|far|fast|heavy|old|full)\b|"
    r"\bwie (?:viel|hoch|lange|groß|schwer|teuer|alt)|"
    r"\b(?:what|which) (?:percent\w*|share|factor|number|amount|figure|rate|price|ratio|sum|score|value)|\bcombien\b|"
    r"\bcuánt[oa]s?\b|\bquanto\b|\bwas kostet\b|\bwhat (?:is|was|were|did|does) .{0,80}\b(?:cost|worth|sales|revenues?|"
    r"income|profit|margin|total|earnings|expenses?|spend|rate|price|ratio|assets|debt|equity|cash)\b"
)
_NO_COUNT = _any_case(r"\b(?:rate|ratio|average|index|per|share|price)\b")
_RATES = _any_case(r"\b(?:rate|margin|ratio|growth|change|quote|marge)\b")
_ASKS_TIME = _any_case(
    r"\b(?:when|what time|at what time|wann|um wieviel uhr|quand|à quelle heure|cuándo|departs?|arrives?)\b"
)
_TIME = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}")
_TOTAL = _any_case(
    r"\b(?:grand )?totals?\b|\boverall\b|\ball\b|\bconsolidated\b|\bworldwide\b|\bsumme\b|\bgesamt|\binsgesamt\b|"
    r"\btotaux\b|\bensemble\b|\bttl\b"
)


_IN_TABLE = _any_case(
    r"\b(?:according to|in|from|per|laut|in der|selon) (?:the |this |that |der |la )?"
    r"(?:table|list|schedule|statement|chart|overview|tabelle|liste|tableau)\b"
    r"(?: (?:of|on|about|for|über|des)\b.{0,80})?"
)
_UNITS = (
    (_any_case(r"\bminut\w*"), _any_case(r"\d ?min\b|\bmin(?:ute[ns]?|\.)?(?![a-z])")),
    (
        _any_case(r"\bhours?\b|\bstunden?\b|\bheures?\b"),
        _any_case(r"\d ?(?:h|hrs?|std)\b|\bhours?\b"),
    ),
    (_any_case(r"\beuros?\b"), _any_case(r"€|\beur\b")),
    (_any_case(r"\bdollars?\b"), _any_case(r"\$|\busd\b")),
    (_any_case(r"\bkilomet\w+"), _any_case(r"\bkm\b")),
    (
        _any_case(r"\bkilo(?:gram)?\w*|\bhow heavy\b|\bweigh\w*|\bwie schwer\b"),
        _any_case(r"\bkg\b"),
    ),
    (_any_case(r"\bmillimet\w+"), _any_case(r"\bmm\b")),
    (_any_case(r"\bdegrees?\b|\bhow (?:hot|warm|cold)\b|\bgrad\b"), _any_case(r"°")),
    (
        _any_case(r"\bhow full\b|\bwie voll\b"),
        _any_case(r"\bload factor|\boccupan|\bcapacity|\butili[sz]"),
    ),
    (
        _any_case(r"\bhow tight|\btighten\w*"),
        _any_case(r"\btorque\b|\bn ?m\b|\bdrehmoment\b"),
    ),
)
_RANGES = (
    (
        _any_case(r"(?:under|below|less than|up to|unter|bis|moins de|[<\u2264])\s?[$€£]?([\d.,]+)"),
        (False, True),
    ),
    (
        _any_case(r"(?:over|above|more than|at least|über|ab|plus de|[>\u2265])\s?[$€£]?([\d.,]+)"),
        (True, False),
    ),
    (
        _any_case(r"(?<![\d.,])([\d.,]{1,12})\s?(?:[-\u2013]|to|and|bis|à)\s?[$€£]?([\d.,]{1,12})"),
        (True, True),
    ),
    (
        _any_case(r"(?<![\d.,])([\d.,]{1,12})\s?(?:\+|or (?:more|over|older)|and (?:over|above|older))"),
        (True, False),
    ),
)


_COMPARATIVES = "under below less more over above than least up between older younger"
_RANGE_STEMS = frozenset(map(text.stem, _COMPARATIVES.split()))


def _range_of(words: str) -> tuple[float, float] | None:
    """Return the range of numbers that a label or a question names: under 25,000; 18-24; 65 and over."""
    for sign, (low, high) in _RANGES:
        if match := sign.search(words):
            numbers = [parse_number(group) for group in match.groups()]
            if None in numbers:
                return None
            ends = [number for number in numbers if number is not None]
            return (ends[0] if low else -math.inf, ends[-1] if high else math.inf)
    return None


@dataclass(frozen=True)
class AskedCell:
    """A question as cells are compared with it: the weights of its stems, the words they come from, its period."""

    weights: Mapping[str, float]
    words: Mapping[str, str]
    question: str
    glued: Mapping[str, tuple[str, str]]  # stem of two neighbours written as one word -> their stems
    above: frozenset[str]  # stems that only name the table
    period: Period
    range: tuple[float, float] | None
    units: tuple[re.Pattern[str], ...]
    percent: bool
    count: bool
    figure: bool
    time: bool
    weight: Weight = field(repr=False, compare=False)


def read_asked(question: str, weight: Weight, given: AbstractSet[str] = frozenset()) -> AskedCell:
    """Return the question taken apart; `weight` gives the rarity of a stem, `given` those its document is about."""
    clean = text.clean_question(question)
    table = _IN_TABLE.search(clean)
    above = frozenset(text.terms(table.group())) if table else frozenset()
    period = period_of(clean)
    weights: dict[str, float] = {}
    words: dict[str, str] = {}
    found = text.query_words(clean)
    for word in found:
        if _says_when(word, period):
            continue
        for term in text.terms(word):
            generic = term in _GENERIC_STEMS or (term.isdigit() and len(term) < 2) or term in above
            weights[term] = max(weight(term), 0.1) * (_GENERIC if generic else GIVEN if term in given else 1.0)
            words[term] = word
    return AskedCell(
        weights=weights,
        words=words,
        question=_IN_TABLE.sub(" ", clean),
        glued={text.stem(a + b): (text.stem(a), text.stem(b)) for a, b in pairwise(found) if (a + b).isalpha()},
        above=above,
        period=period,
        range=_range_of(periods.YEARS.sub(" ", clean)),
        units=tuple(there for asked, there in _UNITS if asked.search(clean)),
        percent=bool(_ASKS_PERCENT.search(question)),
        count=bool(_ASKS_COUNT.search(question)),
        figure=bool(_ASKS_FIGURE.search(question) or text.asks_for_number(question)),
        time=bool(_ASKS_TIME.search(question)),
        weight=weight,
    )


def _says_when(word: str, period: Period) -> bool:
    if not period:
        return False
    if word.isdigit():
        return int(word) in period.years | period.days
    return word in _PERIOD_WORDS or periods.MONTHS.get(word, 0) in period.months


# ---- the choice

ROW, SECTION, BESIDE, COLUMN, ABOVE = 1.0, 0.9, 0.75, 1.0, 0.5  # what a word counts by where it stands
SOFT = 0.7  # of a word that is only alike
ALIKE = 0.45  # similarity from which two words are alike
MIN_SCORE = 0.15
LONGEST_FIGURE = 60  # characters of a cell that answers "how many"
LONGEST_DATE = 20
COMPARED = 15  # of the best cells, that are compared with the question as a whole
MEANING = 0.25  # weight of that


@dataclass(frozen=True)
class CellChoice:
    """A cell with how well it answers; `covered` and `missing` are words of the question, the period's among them."""

    table: PageTable
    cell: Cell
    score: float
    covered: frozenset[str]
    missing: frozenset[str]
    row_words: frozenset[str]
    answer: str


@dataclass(frozen=True)
class _Side:
    """The words of a row or a column: by stem how much they count; `own` are those of its name."""

    stems: Mapping[str, float]
    own: frozenset[str]
    period: Period


def best_cells(
    table: PageTable, asked: AskedCell, similar: WordSimilarity | None = None, limit: int = 5
) -> list[CellChoice]:
    """Return the cells that answer best, best first; none when no word of the question names a row or a column."""
    matcher = _Matcher(table, asked, similar)
    found = [choice for row in table.rows for cell in row.cells if (choice := matcher.choose(row, cell)) is not None]
    found.sort(key=lambda choice: -choice.score)
    best = found[: limit + COMPARED]
    if similar is not None and best:
        similar.prepare([asked.question, *map(_name, best)])
        best = [
            replace(choice, score=choice.score + MEANING * similar(asked.question, _name(choice))) for choice in best
        ]
        best.sort(key=lambda choice: -choice.score)
    return best[:limit]


def _name(choice: CellChoice) -> str:
    table, cell = choice.table, choice.cell
    return f"{table.rows[cell.row].label} {table.columns[cell.column].name}"


_NOTHING = ("none", "nil", "free", "keine", "kostenlos", "gratis")


def _is_period(said: str) -> bool:
    """Return whether a cell holds a year or a date and nothing else."""
    return bool(re.fullmatch(r"(?:fy)?(?:19|20)\d\d", said, re.IGNORECASE)) or bool(
        period_of(said).months and len(said) <= LONGEST_DATE
    )


class _Matcher:
    """Scores the cells of one table for one question."""

    def __init__(self, table: PageTable, asked: AskedCell, similar: WordSimilarity | None) -> None:
        self._table, self._asked, self._similar = table, asked, similar
        self._total = sum(asked.weights.values()) or 1.0
        self._names = [_spell_out(column.name, table.legend) for column in table.columns]
        self._columns = [
            _column_side(column.name, name) for column, name in zip(table.columns, self._names, strict=True)
        ]
        self._rows = [self._row_side(row) for row in table.rows]
        above = f"{table.caption} {' '.join(head for c in table.columns[: table.stubs] for head in c.path)}"
        self._above = dict.fromkeys(text.terms(above), ABOVE)
        self._above_period = period_of(table.caption)
        self._dated = any(side.period.years for side in (*self._columns, *self._rows))
        sides = (*self._columns, *self._rows)
        self._known = {term for term in asked.weights if any(term in side.stems for side in sides)}
        if similar is not None:
            unknown = [word for term, word in asked.words.items() if term not in self._known]
            similar.prepare([*unknown, *{stem for side in sides for stem in side.stems if _may_be_alike(stem)}])
        self._alike: dict[tuple[str, int], float] = {}
        self._latest = _ranks([side.period for side in self._columns])
        self._latest_row = _ranks([side.period for side in self._rows])

    def choose(self, row: TableRow, cell: Cell) -> CellChoice | None:
        table, asked = self._table, self._asked
        if not self._may_answer(row, cell):
            return None
        side, column = self._rows[cell.row], self._columns[cell.column]
        when = self._when(side, column)
        if when is None:
            return None
        by_row, by_column, covered = self._cover(side, column, cell)
        timed = side.period and when > 0
        in_total = by_column and _TOTAL.search(row.label)
        ranged = self._in_range(row)
        if not by_row and not timed and not in_total and ranged <= 0 and len(table.rows) > 1:
            return None
        if ranged > 0:
            covered |= {term: ROW for term in asked.weights if term.isdigit() or term in _RANGE_STEMS}
        score = sum(asked.weights[term] * share for term, share in covered.items()) / self._total
        if score < MIN_SCORE and not (timed and (by_column or covered)):
            return None
        score += ranged
        score += 0.12 * when
        score -= 0.22 * self._extra(side.own, covered) + 0.10 * self._extra(column.own, covered)
        score += 0.05 * bool(_TOTAL.search(row.label)) + 0.02 * self._latest[cell.column]
        score += 0.01 * self._latest_row[cell.row] + 0.01 * (cell.column == table.stubs)
        score += self._fits_kind(row, cell)
        words = frozenset(asked.words[term] for term, share in covered.items() if share >= ABOVE * SOFT)
        missing = frozenset(asked.words.values()) - words - self._generic()
        return CellChoice(
            table=table,
            cell=cell,
            score=score,
            covered=words | self._years(when, side, column),
            missing=missing | (self._years(1, None, None) - self._years(when, side, column)),
            row_words=frozenset(asked.words[term] for term in by_row),
            answer=describe(table, cell),
        )

    def _generic(self) -> frozenset[str]:
        return frozenset(word for term, word in self._asked.words.items() if term in _GENERIC_STEMS)

    def _years(self, when: float, side: _Side | None, column: _Side | None) -> frozenset[str]:
        """Return the years asked for, of those the cell has when sides are given."""
        years = self._asked.period.years
        if side is not None and column is not None:
            years = years & (side.period.years | column.period.years | self._above_period.years)
            terms = set(side.stems) | set(column.stems) | set(self._above)
            years |= {year for year in self._asked.period.years if str(year) in terms}
        return frozenset(map(str, years))

    def _may_answer(self, row: TableRow, cell: Cell) -> bool:
        """Return whether the cell can be an answer of the kind asked for, and says more than the question."""
        asked, said = self._asked, cell.text
        if not any(map(str.isalnum, said)) or (cell.column == 0 and self._table.stubs > 0 and len(row.cells) > 1):
            return False
        if set(text.terms(said)) <= asked.weights.keys():
            return False
        if asked.time and not asked.figure:
            return bool(_TIME.search(said)) or bool(period_of(said))
        if not asked.figure:
            return True
        if said.lower() in _NOTHING:
            return True
        return any(map(str.isdigit, said)) and len(said) <= LONGEST_FIGURE and (asked.time or not _is_period(said))

    def _when(self, side: _Side, column: _Side) -> float | None:
        """Return how well the cell's period agrees with the one asked for, None when it contradicts."""
        asked, score = self._asked.period, 0.0
        if not asked:
            return 0.0
        there = column.period
        others = (side.period,) if self._dated else (side.period, self._above_period)
        for other in others:
            there = Period(
                *(
                    getattr(there, name) or getattr(other, name)
                    for name in ("years", "months", "days", "quarters", "spans")
                )
            )
        agreed = periods.agreement(asked, there)
        if agreed is None:
            return None
        if asked.years and not asked.spans and there.spans:  # "in 2022" is the whole year
            score += 0.3 if 12 in there.spans else -0.3
        return score + agreed

    def _cover(self, side: _Side, column: _Side, cell: Cell) -> tuple[set[str], set[str], dict[str, float]]:
        """Return the terms that the row and the column have, and how much each term is covered."""
        by_row, by_column = set(), set()
        covered: dict[str, float] = {}
        for term in self._asked.weights:
            if term in self._asked.above:
                covered[term] = self._above.get(term, 0.0)
                continue
            in_row = self._share(term, side.stems, ("row", cell.row))
            in_column = self._share(term, column.stems, ("column", cell.column))
            best = max(in_row, in_column, self._above.get(term, 0.0))
            if best:
                covered[term] = best
            if in_row >= SECTION * SOFT * ALIKE:
                by_row.add(term)
            if in_column:
                by_column.add(term)
        for glued, terms in self._asked.glued.items():
            if glued in side.stems or glued in column.stems:
                (by_row if glued in side.stems else by_column).update(terms)
                covered |= {term: 1.0 for term in terms if term in self._asked.weights}
        return by_row, by_column, covered

    def _in_range(self, row: TableRow) -> float:
        """Return a bonus when the row is of the range of numbers asked for, a malus when it is of another."""
        asked = self._asked.range
        there = _range_of(row.label) if asked else None
        if asked is None or there is None:
            return 0.0
        same = all(a == b or abs(a - b) <= 1 for a, b in zip(asked, there, strict=True))
        return 0.3 if same else -0.2

    def _share(self, term: str, stems: Mapping[str, float], key: tuple[str, int]) -> float:
        if (share := stems.get(term)) is not None:
            return share
        if term.isdigit() or not term.isalpha():
            return 0.0
        if term in self._known:
            return 0.0
        place = (f"{key[0]} {term}", key[1])
        if place not in self._alike:
            near = (self._alikeness(term, stem) * share for stem, share in stems.items())
            self._alike[place] = max(near, default=0.0)
        return self._alike[place]

    def _alikeness(self, term: str, stem: str) -> float:
        """Return how much of `term` the stem covers: one begins with the other, or their meanings are near."""
        if not stem.isalpha():
            return 0.0
        short, long = sorted((term, stem), key=len)
        if len(short) >= 5 and (long.startswith(short) or long.endswith(short)):
            return 0.85
        if self._similar is None or not _may_be_alike(stem):
            return 0.0
        alike = self._similar(self._asked.words.get(term, term), stem)
        return SOFT * alike if alike >= ALIKE else 0.0

    def _extra(self, own: frozenset[str], covered: Mapping[str, float]) -> float:
        """Return the share of a name's words that nobody asked for, by weight."""
        weights = {stem: self._asked.weight(stem) for stem in own}
        total = sum(weights.values())
        asked = set(covered) - self._asked.above
        return sum(w for stem, w in weights.items() if stem not in asked) / total if total else 0.0

    def _fits_kind(self, row: TableRow, cell: Cell) -> float:
        asked, column = self._asked, self._table.columns[cell.column].name
        if asked.units and any(unit.search(f"{cell.text} {self._names[cell.column]}") for unit in asked.units):
            return 0.15
        if not asked.figure and not asked.percent:
            return 0.0
        percent = "%" in cell.text or "%" in column or "percent" in column.lower() or "%" in row.label
        share = percent or (asked.percent and _is_bracketed(cell.text))
        if not is_figure(cell.text) and not re.match(r"[$€£]?\d", cell.text):
            return -0.12
        if asked.percent:
            return 0.12 if share else -0.12 if _RATES.search(f"{row.label} {column} {asked.question}") else -0.4
        if asked.count:
            if percent or _NO_COUNT.search(f"{row.label} {column}"):
                return -0.12
            return 0.03 * bool(re.fullmatch(r"\d{1,3}(?:[.,\s]?\d{3})*", cell.text))
        return -0.06 if percent and not _RATES.search(asked.question) else 0.0

    def _row_side(self, row: TableRow) -> _Side:
        period = period_of(row.label)
        own = frozenset(text.terms(row.label))
        beside = (cell.text for cell in row.cells[self._table.stubs :] if not is_figure(cell.text))
        stems = dict.fromkeys(text.terms(" ".join(beside)), BESIDE)
        stems |= dict.fromkeys(text.terms(" ".join(row.path[:-1])), SECTION)
        stems |= dict.fromkeys((*text.terms(_spell_out(row.label, self._table.legend)), *own), ROW)
        plain = own - {str(year) for year in period.years} - _PERIOD_STEMS
        return _Side(stems, _plain(own), period if len(plain) <= max(1, len(period.months)) + 1 else Period())


def _may_be_alike(stem: str) -> bool:
    return len(stem) > 2 and stem.isalpha()


_PERIOD_STEMS = frozenset(text.stem(word) for word in _PERIOD_WORDS) | frozenset(map(text.stem, periods.MONTHS))


_SHORT = {  # what heads are shortened to
    "pax": "passengers",
    "qty": "quantity",
    "amt": "amount",
    "avg": "average",
    "temp": "temperature",
    "pop": "population",
    "dept": "department",
    "dep": "departure",
    "arr": "arrival",
    "dist": "distance",
    "wt": "weight",
    "hrs": "hours",
    "mins": "minutes",
    "approx": "approximate",
    "max": "maximum",
    "min": "minimum",
    "r&d": "research development",
    "capex": "capital expenditures",
    "eps": "earnings per share",
    "sg&a": "selling general administrative expenses",
    "ppe": "property plant equipment",
    "l/f": "load factor",
    "y.o.y": "change on year before",
}


def _spell_out(name: str, legend: Iterable[tuple[str, str]]) -> str:
    """Return a name with what its abbreviations stand for, on this page or as a rule."""
    words = [name]
    parts = {part.strip(".:%()").lower() for part in re.split(r"[\s()]+", name)}
    words += [long for short, long in (*legend, *_SHORT.items()) if short.lower() in parts]
    return " ".join(words)


def _column_side(name: str, spelt_out: str) -> _Side:
    stems = dict.fromkeys(text.terms(spelt_out), COLUMN)
    own = text.terms(spelt_out[len(name) :]) or text.terms(name)
    return _Side(stems, _plain(own), period_of(name))


def _plain(stems: Iterable[str]) -> frozenset[str]:
    """Return the stems of a name that qualify: no periods, no words for "all", no numbers."""
    bare = {stem for stem in stems if not stem.isdigit() and stem not in _PERIOD_STEMS and stem not in text.STOP_WORDS}
    return frozenset(stem for stem in bare if not _TOTAL.fullmatch(stem) and stem not in _GENERIC_STEMS)


def _is_bracketed(cell: str) -> bool:
    return cell.startswith("(") and cell.rstrip("%) ").lstrip("( ").replace(".", "").replace(",", "").isdigit()


def _ranks(periods: Sequence[Period]) -> list[float]:
    """Return for each period how late it is among all of them, in 0..1."""
    keys = [(max(p.years, default=0), max(p.months, default=0), max(p.quarters, default=0)) for p in periods]
    order = sorted({key for key in keys if key[0]})
    return [(order.index(key) + 1) / len(order) if key[0] else 0.0 for key in keys]


# ---- the answer in words


def describe(table: PageTable, cell: Cell) -> str:
    """Return a cell as an answer: "Effective tax rate, 2022: 0.6 %", "Net sales, 2023: $14,694 million"."""
    row, column = table.rows[cell.row], table.columns[cell.column]
    labels = [other.label for other in table.rows]
    path = row.path if labels.count(row.label) > 1 else row.path[-1:]
    heads = [head.strip(" :") for head in column.path]
    names = [" – ".join(part.strip(" :") for part in path if part), " – ".join(head for head in heads if head)]
    name = ", ".join(name for name, _ in groupby(filter(None, names)))
    value = value_of(table, cell)
    said = cell.text if value is None else _say(cell.text, value)
    return f"{name}: {said}" if name else said


def _say(written: str, value: CellValue) -> str:
    """Return a figure as it is written, its sign in front, with the unit that its heads give it."""
    digits = re.search(r"\d[\d.,'’ \u00a0\u202f]*\d|\d", written)
    if digits is None or re.search(r"[^\W\d_]|\d:\d", written):
        return written
    sign = "\u2212" if value.number < 0 else ""
    scale = f" {value.scale_name}" if value.scale_name else ""
    if value.percent:
        return f"{sign}{digits.group()} %"
    before = value.currency if len(value.currency) == 1 else f"{value.currency} " if value.currency else ""
    rest = written[digits.end() :].strip(" )$€£¥") if digits.end() < len(written) else ""
    return f"{sign}{before}{digits.group()}{scale}{' ' + rest if rest and not scale else ''}"
