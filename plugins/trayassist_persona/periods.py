"""Years, quarters, months and days in a question: where they stand, and how another one takes their place.

English, German, French and Spanish. "A year earlier" is counted from the period that the question before named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = tuple(
    line.split()
    for line in (
        "January February March April May June July August September October November December",
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
)
_SHORT_MONTHS = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Okt|Nov|Dec|Dez"
_ORDINALS = tuple(
    line.split()
    for line in (
        "first second third fourth",
        "ersten zweiten dritten vierten",
        "premier deuxième troisième quatrième",
        "primer segundo tercer cuarto",
    )
)
_MONTH_NAMES = sorted({name for names in _MONTHS for name in names}, key=len, reverse=True)
_MONTH = "(?:" + "|".join(_MONTH_NAMES) + rf"|(?:{_SHORT_MONTHS})\.?)"
_ORDINAL = "(?:" + "|".join(word for names in _ORDINALS for word in names) + "|[1-4](?:st|nd|rd|th|er|e|º|\\.))"
_FISCAL = r"(?:FY ?|fiscal (?:year )?|the year |year |Geschäftsjahr |Jahr |l['’]année |l['’]exercice |el año |año )"
_YEAR = r"(?:19|20)\d\d(?:[-/–](?:(?:19|20)\d\d|\d\d))?(?![\d%]|[.,-]\d)"
_JOIN = r"(?:,? |, ?| of | de | del | du | des | de l['’]| von | im | in )"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|\.)?"
_PERIOD = re.compile(
    rf"(?<![\w.,-])(?:(?P<iso>{_YEAR}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./](?:19|20)\d\d)"
    rf"|(?P<day>{_MONTH} {_DAY}(?!\d)|{_DAY} (?:of |de )?{_MONTH})(?:{_JOIN}{_FISCAL}?(?P<y1>{_YEAR}))?"
    rf"|(?P<quarter>Q[1-4]|H[12]|{_ORDINAL} (?:fiscal )?(?:quarter|half|Quartal|Halbjahr|trimestre|semestre))"
    rf"(?:{_JOIN}{_FISCAL}?(?P<y2>{_YEAR})|[-/ ]?(?P<y5>{_YEAR}))?"
    rf"|(?P<month>{_MONTH})(?:{_JOIN}(?P<y3>{_YEAR}))?"
    rf"|(?P<year>(?:FY ?)?(?P<y4>{_YEAR})))(?!\w)"
)
_NUMBERS = {
    word: count
    for count, words in enumerate(
        (
            "a an one ein einem einen ein eine un une uno una", "two zwei deux dos", "three drei trois tres",
            "four vier quatre cuatro", "five fünf cinq cinco", "six sechs seis", "seven sieben sept siete",
            "eight acht huit ocho", "nine neun neuf nueve", "ten zehn dix diez",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_COUNT = r"(?:\d{1,2}|" + "|".join(_NUMBERS) + ")"
_UNITS = {
    "year": r"years?|Jahre?n?|ans?|années?|años?",
    "quarter": r"quarters?|Quartale?n?|trimestres?",
    "day": r"days?|Tage?n?|jours?|días?",
    "month": r"months?|Monate?n?|mois|mes(?:es)?",
}
_UNIT = "(?:" + "|".join(_UNITS.values()) + ")"
_EARLIER = (
    r"before(?: that)?|earlier|prior|davor|zuvor|früher|vorher|plus tôt|d['’]avant|avant|auparavant|précédente?"
    r"|antes|anterior|previo"
)
_LATER = r"after(?: that)?|later|danach|später|darauf|plus tard|d['’]après|après|suivante?|después|siguiente|más tarde"
_RELATIVE = re.compile(
    rf"\b(?:(?P<count>{_COUNT}) (?P<u1>{_UNIT}) (?:(?P<e1>{_EARLIER})|(?:{_LATER}))"
    rf"|(?:the |l['’]|el |le |im |das )?(?P<u2>{_UNIT}) (?:(?P<e2>{_EARLIER})|(?:{_LATER}))"
    r"|(?:the |im |in the |in dem |am |au |al |el |das )?(?:(?P<e3>previous|preceding|prior|vorherigen?|vorigen?"
    r"|vorangegangenen?|vorausgegangenen?)|following|next|subsequent|folgenden?|nächsten?|darauffolgenden?"
    rf"|próximo) (?:fiscal )?(?P<u3>{_UNIT})"
    rf"|(?P<same>(?:the |im |in |la |le |el |au |al )?(?:same|that(?: same)?|selben|gleichen|diesem|jenem|même|cette"
    rf"|ce|mismo|ese(?: mismo)?) (?:fiscal )?{_UNIT}(?:-là)?)"
    r"|(?P<joined>(?:im )?(?:Vorjahr(?:es)?(?:quartal|zeitraum|monat)?|Vorquartal|Vormonat)|(?:im )?Folgejahr))(?!\w)",
    re.IGNORECASE,
)
_NTH = re.compile(rf"\b(?:the|im|le|au|el|en el) {_ORDINAL}$", re.IGNORECASE)
_LEADS = re.compile(
    r"(?:\b(?:in|on|for|during|of|at|as of|since|by|im|am|vom|für|seit|en|le|au|du|de|del|el|para|pour|depuis|desde)"
    r"(?: the| dem| der| den)?|\bl['’])\s?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a text: where it stands, how fine it is, and its year ("" where it names none)."""

    start: int
    end: int
    unit: str  # day, quarter, month or year
    text: str
    year: str
    year_at: int

    @property
    def fine(self) -> str:
        """Return what stands before the year: "July 29", "second quarter"."""
        return re.sub(r"(?:\s(?:of|de|del|du|des|von)|,)?\s?$", "", self.text[: self.year_at - self.start])


def find_periods(text: str) -> list[Period]:
    """Return the periods of `text`, in order."""
    found = []
    for match in _PERIOD.finditer(text):
        unit = next(name for name in ("iso", "day", "quarter", "month", "year") if match[name])
        if unit == "month" and not _is_month(text, match):
            continue
        group = next((name for name in ("y1", "y2", "y3", "y4", "y5") if match[name]), "")
        year = match[group] if group else ""
        at = match.start(group) if group else match.end()
        found.append(Period(match.start(), match.end(), "day" if unit == "iso" else unit, match[0], year, at))
    return found


def _is_month(text: str, match: re.Match[str]) -> bool:
    """Tell "in May" from "May I", and "Mars" from the French month."""
    if match["y3"] or match["month"].rstrip(".") not in ("May", "Mai", "Mar", "mars", "mai", "August", "Sep"):
        return True
    before = text[: match.start()].rstrip().rsplit(" ", 1)[-1].lower()
    return before in ("in", "for", "of", "im", "en", "de", "and", "und", "et", "y", "until", "since", "by")


def has_period(text: str) -> bool:
    """Return whether `text` names a period or one relative to another ("the year before")."""
    return bool(_RELATIVE.search(text)) or bool(find_periods(text))


def leans_on_period(text: str) -> bool:
    """Return whether `text` names a period that only the question before can tell."""
    return bool(_RELATIVE.search(text))


def period_spans(text: str) -> list[tuple[int, int]]:
    """Return where periods, and those relative to another, stand in `text`."""
    relative = [match.span() for match in _RELATIVE.finditer(text)]
    return sorted([*relative, *((period.start, period.end) for period in find_periods(text))])


def with_leads(text: str, period: Period) -> str:
    """Return a period of `text` with the words that lead to it: "in the second quarter of 2020"."""
    lead = _LEADS.search(text[: period.start])
    return (lead[0] if lead else "").lstrip() + period.text


def without_periods(text: str) -> str:
    """Return `text` without its periods and the words that lead to them."""
    text = _cut(text, [match.span() for match in _RELATIVE.finditer(text)])
    return _cut(text, [(period.start, period.end) for period in find_periods(text)])


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        before = text[:start]
        while lead := _LEADS.search(before):
            before = before[: lead.start()]
        text = f"{before.rstrip()} {text[end:].lstrip()}".strip()
    return text


def spell_out(phrase: str, former: str) -> str:
    """Return "in the third" as "in the third quarter" where `former` is about a quarter."""
    if _NTH.search(phrase):
        nouns = [period.fine.split()[-1] for period in find_periods(former) if period.unit == "quarter"]
        return f"{phrase} {nouns[0]}" if nouns and nouns[0].isalpha() else phrase
    return phrase


def replace_period(former: str, phrase: str, answer: str = "") -> str:
    """Return `former` about the period that `phrase` names; unchanged where it names none.

    A year that `former` does not name is taken from `answer`, what was said to it, where that names one only.
    """
    steps = [(_steps(match), _unit(match)) for match in _RELATIVE.finditer(phrase)]
    if any(count for count, _ in steps):
        former = _with_year(former, answer)
        for count, unit in steps:
            former = _shift(former, count, unit)
    own = _cut(phrase, [match.span() for match in _RELATIVE.finditer(phrase)])
    periods = find_periods(own)
    return _put(former, own, periods) if periods else former


def _unit(match: re.Match[str]) -> str:
    words = match["joined"] or match["u1"] or match["u2"] or match["u3"] or "year"
    if match["joined"]:
        return "quarter" if "vorquartal" in words.lower() else "month" if "vormonat" in words.lower() else "year"
    return next(unit for unit, pattern in _UNITS.items() if re.fullmatch(pattern, words, re.IGNORECASE))


def _steps(match: re.Match[str]) -> int:
    if match["same"]:
        return 0
    if match["joined"]:
        return 1 if "folge" in match["joined"].lower() else -1
    count = match["count"] or "1"
    number = int(count) if count.isdigit() else _NUMBERS[count.lower()]
    return -number if match["e1"] or match["e2"] or match["e3"] else number


def _with_year(former: str, answer: str) -> str:
    """Return `former` with the one year that its answer began with, where it names none itself."""
    if any(period.year for period in find_periods(former)):
        return former
    lead = answer.strip().split("\n", 1)[0][:300]
    years = {period.year for period in find_periods(lead) if period.year}
    return append(former, f"in {years.pop()}") if len(years) == 1 else former


def _shift(text: str, steps: int, unit: str) -> str:
    for period in reversed(find_periods(text)):
        if unit == "year" and period.year:
            text = text[: period.year_at] + _move_year(period.year, steps) + text[period.year_at + len(period.year) :]
        elif unit == "day" and period.unit == "day":
            text = text[: period.start] + _move_day(period, steps) + text[period.end :]
        elif unit in ("quarter", "month") and period.unit == unit:
            text = text[: period.start] + _turn_period(period, steps) + text[period.end :]
    return text


def _move_year(year: str, steps: int) -> str:
    """Return a year, or a span of two ("1996-97"), so many years on."""
    return re.sub(r"\d{2,4}", lambda part: _move_number(part[0], steps), year)


def _move_number(digits: str, steps: int) -> str:
    whole = 10 ** len(digits)
    return f"{(int(digits) + steps) % whole:0{len(digits)}}"


def _turn_period(period: Period, steps: int) -> str:
    """Return the quarter or month so many steps on, in its own language; the year goes along."""
    for names in (*_MONTHS, *_ORDINALS, ["Q1", "Q2", "Q3", "Q4"]):
        head = next((name for name in names if period.text.startswith(name)), None)
        if head is not None and (len(names) == 4) == (period.unit == "quarter"):
            years, at = divmod(names.index(head) + steps, len(names))
            rest = period.text[len(head) :]
            if period.year and years:
                rest = rest.replace(period.year, _move_year(period.year, years))
            return names[at] + rest
    return period.text


def _move_day(period: Period, steps: int) -> str:
    """Return a day with its month written out so many days on; others stay."""
    names = next((names for names in _MONTHS if any(name in period.text for name in names)), None)
    number = re.search(r"(?<!\d)\d{1,2}(?!\d)", period.text)
    if names is None or number is None:
        return period.text
    month = next(at for at, name in enumerate(names) if name in period.text)
    try:
        moved = date(int(period.year[:4] or 2001), month + 1, int(number[0])) + timedelta(steps)
    except ValueError:  # the 31st of a month that has no such day
        return period.text
    text = period.text[: number.start()] + str(moved.day) + period.text[number.end() :]
    text = text.replace(names[month], names[moved.month - 1])
    return text.replace(period.year, str(moved.year)) if period.year else text


def _put(former: str, phrase: str, new: list[Period]) -> str:
    """Return `former` with the periods of `phrase` in the places of its own."""
    old = find_periods(former)
    lead = phrase[: new[0].start]
    found = _LEADS.search(lead)
    whole = (found[0] if found else "") + phrase[new[0].start : new[-1].end]
    if not old:
        return append(former, whole if found else f"in {whole}" if new[0].unit == "year" else whole)
    if len(new) == len(old):
        for one, period in zip(reversed(old), reversed(new), strict=True):
            former = _exchange(former, one, period, whole if len(new) == 1 else period.text)
        return former
    if len({one.year for one in old}) == 1 and len(new) == 1:  # "Q1 and Q2 2020", or a date and its year
        for one in reversed(old):
            former = _exchange(former, one, new[0], whole)
        return former
    return append(_cut(former, [(one.start, one.end) for one in old]), whole)


def _exchange(former: str, old: Period, new: Period, whole: str) -> str:
    if new.unit == "year" and old.year and old.unit != "day":  # "fiscal 2022" and "Q2 2022" stay what they are
        return former[: old.year_at] + new.year + former[old.year_at + len(old.year) :]
    if not new.year and old.year:
        whole += _year_behind(new, old.year)
    lead = _LEADS.search(former[: old.start])
    leads = _LEADS.match(whole.split(new.text[:1], 1)[0]) is not None if new.text else False
    start = lead.start() if lead and leads else old.start
    return former[:start] + whole + former[old.end :]


def _year_behind(new: Period, year: str) -> str:
    if new.unit == "day" and new.text[:1].isalpha():
        return f", {year}"
    joints = (("quarter", " of"), ("half", " of"), ("mestre", " de"))
    joint = next((word for sign, word in joints if sign in new.text), "")
    return f"{joint} {year}"


def append(question: str, phrase: str) -> str:
    """Return the question with a phrase before its question mark."""
    end = re.search(r"[\s?!.…]{0,6}$", question)
    at = end.start() if end else len(question)
    return f"{question[:at]} {phrase.strip()}{question[at:].strip() or ''}".strip()


def in_place_of_relative(question: str, before: str, period: str) -> str:
    """Return the question with `period`, moved as the question says, for "that year" or "a year earlier"."""
    found = list(_RELATIVE.finditer(question))
    for match in found:
        period = _shift(period, _steps(match), _unit(match))
    return append(_cut(question, [match.span() for match in found]), f"in {period}")
