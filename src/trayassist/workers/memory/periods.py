"""Periods of time that a head of a table, a label or a question names, in English, German, French and Spanish."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

_any_case = partial(re.compile, flags=re.IGNORECASE)

MONTHS: dict[str, int] = {
    name: at
    for at, names in enumerate(
        (
            "jan january januar jänner janvier enero ene",
            "feb february februar février fevrier febrero",
            "mar march märz mär mars marzo",
            "apr april avril abril avr",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet julio",
            "aug august août aout agosto",
            "sep sept september septembre septiembre",
            "oct october oktober okt octobre octubre",
            "nov november novembre noviembre",
            "dec december dezember dez décembre decembre diciembre dic",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_MONTH_WORD = _any_case(rf"(?<![^\W\d_])({_MONTH})(?![^\W\d_])\.?")
_DAY_AFTER = re.compile(r"[ -]?(\d{1,2})(?!\d|[.,]\d)(?:st|nd|rd|th)?")
_DAY_BEFORE = re.compile(r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th)?(?: of| de)?[ -]$")
YEARS = _any_case(r"(?<![\d.,$€£])(?:fy|cy)?(?:(19\d\d|20\d\d)(?!\d|[.,]\d)|(?<=fy)(\d\d)(?!\d))")
_SECOND_YEAR = re.compile(r"(?<!\d)(?:19|20)(\d\d)\s?[/\u2013-]\s?(?:(?:19|20)?(\d\d))(?!\d|-)")
_NUMERIC_DATE = _any_case(
    r"(?<![\w.])(?:((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?|(\d{1,2})([./])(\d{1,2})(?:\5((?:19|20)\d\d)|(\.)))(?!\d)"
    r"|\b(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)\.?,? {0,2}(\d{1,2})([./])(\d{1,2})(?!\d)"
)
_QUARTERS = _any_case(
    r"\b(?:q([1-4])|([1-4])q|(first|second|third|fourth|1st|2nd|3rd|4th|erste[sn]?|zweite[sn]?|dritte[sn]?|vierte[sn]?|"
    r"premier|deuxième|troisième|quatrième)[ -](?:fiscal )?(?:quarter|quartal|trimestre|q)\b|([1-4])\. ?quartal)"
)
_ORDINALS = (
    "first 1st erst premier",
    "second 2nd zweit deuxième",
    "third 3rd dritt troisième",
    "fourth 4th viert quat",
)
_SPANS = (
    (
        3,
        _any_case(r"\b(?:three|3) months?\b|\bquarter(?:ly|s)?\b|\bquartal|\btrimestre|\b13 weeks|\bthirteen weeks"),
    ),
    (
        6,
        _any_case(r"\b(?:six|6) months?\b|\bhalf[ -]?years?\b|\bhalbjahr|\bfirst half\b|\b26 weeks|\bsemestre"),
    ),
    (9, _any_case(r"\b(?:nine|9) months?\b|\b39 weeks")),
    (
        12,
        _any_case(r"\b(?:twelve|12) months?\b|\bfull[ -]year\b|\byears? ended\b|\bannual\b|\b5[23] weeks"),
    ),
)


@dataclass(frozen=True)
class Period:
    """What a text says of time: years, months, days, quarters, and how many months long."""

    years: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    quarters: frozenset[int] = frozenset()
    spans: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.years or self.months or self.days or self.quarters or self.spans)


def period_of(words: str) -> Period:
    """Return the period that a head, a label or a question names; "may" is a month beside a number or a preposition."""
    years = {int(m[1] or f"20{m[2]}") for m in YEARS.finditer(words)}
    years |= {int(f"20{m[2]}") for m in _SECOND_YEAR.finditer(words) if int(m[2]) == int(m[1]) + 1}
    months, days = _months(words)
    for m in _NUMERIC_DATE.finditer(words):
        if m[1]:
            year, month, day = int(m[1]), int(m[2]), int(m[3] or 0)
        else:
            first, second, year = int(m[4] or m[9]), int(m[6] or m[11]), int(m[7] or 0)
            dotted = "." in (m[5], m[10])
            day, month = (first, second) if dotted or first > 12 else (second, first)
        if 1 <= month <= 12 and day <= 31:
            months.add(month)
            years |= {year} if year else set()
            days |= {day} if day else set()
    quarters = {_quarter(m) for m in _QUARTERS.finditer(words)}
    spans = {months for months, sign in _SPANS if sign.search(words)} | ({3} if quarters else set())
    return Period(*map(frozenset, (years, months, days, quarters, spans)))


def _months(words: str) -> tuple[set[int], set[int]]:
    months, days = set(), set()
    for m in _MONTH_WORD.finditer(words):
        after, before = _DAY_AFTER.match(words, m.end()), _DAY_BEFORE.search(words, max(0, m.start() - 10), m.start())
        near = re.match(r"[ ,.'-]{0,3}\d", words[m.end() : m.end() + 4]) or before
        said = re.search(r"(?:\b(?:in|to|of|until|since|ended|im|bis|seit|en|de|and)|^) $", words[: m.start()])
        if len(m[1]) <= 5 and not near and not (said and m[1][0].isupper()) and m.group() != words.strip():
            continue  # "may", "mar", "march", "sept" in a sentence
        months.add(MONTHS[m[1].lower()])
        day = int(beside[1]) if (beside := after or before) else 0
        days |= {day} if 1 <= day <= 31 else set()
    return months, days


def _quarter(match: re.Match[str]) -> int:
    if digit := match[1] or match[2] or match[4]:
        return int(digit)
    word = match[3].lower()
    return next(at for at, names in enumerate(_ORDINALS, 1) if any(word.startswith(name) for name in names.split()))


def agreement(asked: Period, there: Period) -> float | None:
    """Return how many things of the asked period are there, None when one contradicts."""
    score = 0.0
    for wanted, has, worth in (
        (asked.years, there.years, 1.0),
        (asked.quarters, there.quarters, 1.0),
        (asked.months, there.months, 0.8),
        (asked.days, there.days, 0.6),
        (asked.spans, there.spans, 0.5),
    ):
        if wanted and has:
            if not wanted & has:
                return None
            score += worth
    return score
