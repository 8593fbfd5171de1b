"""Numbers, dates and names of a text in canonical form, each with its place, and whether two are the same value.

`numbers`, `dates` and `names` read English, German, French and Spanish spellings. What may be read in two ways carries
both readings ("1.234", "03/11/2024"); what is a value only perhaps is marked `doubtful`: it can support a claim, and
needs no support itself. Every pattern has bounded repeats, so reading takes time linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from trayassist.api.numbers import (
    BLANKS,
    CURRENCIES,
    LONGEST_RUN,
    SCALES,
    Number,
    Taken,
    read_numbers,
    same_number,
    words_of,
)

Day = tuple[int | None, int | None, int | None, int | None]  # year, month, day, quarter; None: not said


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """A date, a month, a quarter or a year. `readings` are (year, month, day, quarter) with None for what is open."""

    text: str
    start: int
    end: int
    readings: tuple[Day, ...]
    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name. `kind` is name, acronym, identifier, email, url or version; `key` is its canonical form.

    `doubtful`: the word may have its capital because a sentence begins with it, or because it is a German noun.
    """

    text: str
    start: int
    end: int
    kind: str
    key: str
    doubtful: bool = False


Value = Number | Date | Name


def values(text: str) -> list[Value]:
    """Return all numbers, dates and names of a text in the order of their places; digits of a date are doubtful."""
    when, called = dates(text), names(text)
    inside: list[Value] = [*when, *(name for name in called if name.kind not in ("name", "acronym"))]
    found: list[Value] = [*when, *read_numbers(text, inside), *called]
    return sorted(found, key=lambda value: (value.start, -value.end))


def same(one: Value, other: Value) -> bool:
    """Return whether both are the same value.

    1.2 billion is 1,200 million. A unit that only one of them names does not part them. A rounded number is the same
    as the exact one only when "about" or the like stands before it. A year is the same as its number.
    """
    if isinstance(one, Number) and isinstance(other, Number):
        return same_number(one, other)
    if isinstance(one, Date) and isinstance(other, Date):
        return not set(one.readings).isdisjoint(other.readings)
    if isinstance(one, Name) and isinstance(other, Name):
        return one.key == other.key
    if isinstance(one, Date) and isinstance(other, Number):
        return not other.unit and any(Decimal(year) in other.readings for year in bare_years(one))
    if isinstance(one, Number) and isinstance(other, Date):
        return same(other, one)
    return False


def covers(evidence: Date, claim: Date) -> bool:
    """Return whether all that the claim says of a date is said by the evidence: 18 May 2022 covers May 2022."""
    return any(
        all(wanted is None or _part(held, at) == wanted for at, wanted in enumerate(claimed))
        for held in evidence.readings
        for claimed in claim.readings
    )


def bare_years(date: Date) -> tuple[int, ...]:
    """Return the year of a date that says nothing but a year."""
    return tuple(day[0] for day in date.readings if day[0] is not None and day[1:] == (None, None, None))


def _part(day: Day, at: int) -> int | None:
    if at == 3 and day[3] is None and day[1] is not None:
        return (day[1] + 2) // 3
    return day[at]


def numbers(text: str) -> list[Number]:
    """Return the numbers of a text, written in digits or in words up to the millions, in the order of their places.

    What is part of a date is left out. Groups that a plain space parts ("12 345") may be numbers of their own: these
    follow as doubtful ones.
    """
    taken = Taken(text, (date for date in dates(text) if not bare_years(date)))
    return [number for number in read_numbers(text) if not taken.holds(number.start, number.end)]


# ------------------------------------------------------------------------------------------------ dates


_MONTH_NAMES: dict[str, int] = {}
for _names in (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jänner feber mrz apr mai jun jul aug sept okt nov dez",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil aout sept oct nov déc",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sept oct nov dic",
):
    _MONTH_NAMES |= {name: number for number, name in enumerate(_names.split(), 1)}
_MONTH = words_of(list(_MONTH_NAMES))
_YEAR = r"(?:1[4-9]|20|21)\d\d"
_NUMERIC_DATE = re.compile(
    rf"(?<![\d./-])(?:(?P<iso>{_YEAR})(?P<i>[-/.])(?P<im>\d\d?)(?P=i)(?P<id>\d\d?)"
    rf"|(?P<one>\d\d?)(?P<s>[-/.])[{BLANKS}]?(?P<two>\d\d?)(?P=s)[{BLANKS}]?(?P<year>{_YEAR}|\d\d))(?![\d/]|[-.]\d)"
)
_WRITTEN_DATE = re.compile(
    rf"(?<![\w.,])(?P<day>\d\d?)(?:st|nd|rd|th|er|\.)?[{BLANKS}]?(?:of |de )?(?P<month>{_MONTH})(?!\w)\.?"
    rf"(?:,?[{BLANKS}](?:de |del )?(?P<year>{_YEAR})(?![\d-]))?"
    rf"|(?<!\w)(?P<month2>{_MONTH})(?!\w)\.?(?:[{BLANKS}](?P<day2>\d\d?)(?:st|nd|rd|th)?(?![\w.]\d|\w|,\d))?"
    rf"(?:,?[{BLANKS}](?:de |of )?(?P<year2>{_YEAR})(?!\d))?",
    re.IGNORECASE,
)
_ORDER = {
    "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "first": 1, "second": 2, "third": 3, "fourth": 4, "erstes": 1,
    "zweites": 2, "drittes": 3, "viertes": 4, "ersten": 1, "zweiten": 2, "dritten": 3, "vierten": 4, "premier": 1,
    "deuxième": 2, "troisième": 3, "quatrième": 4, "primer": 1, "segundo": 2, "tercer": 3, "cuarto": 4,
}  # fmt: skip
_FISCAL = r"(?:(?:fiscal|FY|calendar|financial|Geschäftsjahr|exercice)[ -]?(?:year )?)"
_QUARTER = re.compile(
    rf"(?<!\w)(?:Q(?P<q>[1-4])|(?P<q2>[1-4])Q|(?P<q3>[1-4])\.[{BLANKS}]?(?=Quartal)"
    rf"|(?P<word>{words_of(list(_ORDER))})(?=[{BLANKS}-](?:(?:fiscal|financial)[{BLANKS}])?(?:quarter|Quartal|trimestre)))"
    rf"(?:[{BLANKS}-]?(?:(?:fiscal|financial)[{BLANKS}])?(?:quarter|Quartals?|trimestre))?"
    rf"(?:,?[{BLANKS}/'’-]{{0,2}}(?:of |de |del |des Jahres )?{_FISCAL}?['’]?"
    rf"(?P<year>{_YEAR}|\d\d)(?![\d%]|[.,]\d))?(?!\w)",
    re.IGNORECASE,
)
_BARE_YEAR = re.compile(
    rf"(?<![\w.,$€£¥/-])(?:FY|CY)?[{BLANKS}'’]?(?P<year>{_YEAR})(?P<to>[-–/](?P<end>{_YEAR}|\d\d))?(?![\d%]|[.,]\d|[{BLANKS}]?%)"
    rf"|(?<!\w)(?:FY|{_FISCAL})[{BLANKS}'’]{{0,2}}(?P<short>\d\d)(?![\d%]|[.,]\d)",
    re.IGNORECASE,
)
_CAPITAL_MONTHS = frozenset(("may", "march", "mar", "mars", "dec", "sept", "mai", "ago", "jun", "jan", "ene"))


def dates(text: str) -> list[Date]:
    """Return the dates of a text in the order of their places: days, months, quarters, years; none overlaps another."""
    found: list[Date] = []
    taken = Taken(text)
    for read in (_numeric_dates, _written_dates, _quarters, _years):
        for date in read(text):
            if not taken.holds(date.start, date.end):
                taken.take(date.start, date.end)
                found.append(date)
    return sorted(found, key=lambda date: date.start)


def _numeric_dates(text: str) -> Iterator[Date]:
    for match in _NUMERIC_DATE.finditer(text):
        if match["iso"]:
            readings = [_day(int(match["iso"]), int(match["im"]), int(match["id"]))]
        else:
            one, two, year = int(match["one"]), int(match["two"]), _full_year(match["year"])
            if len(match["year"]) == 2 and match["s"] == ".":
                readings = [_day(year, two, one)]
            else:
                readings = [_day(year, two, one), _day(year, one, two)]
        if known := tuple(dict.fromkeys(day for day in readings if day)):
            yield Date(text=match.group(), start=match.start(), end=match.end(), readings=known)


def _day(year: int | None, month: int, day: int) -> Day | None:
    return (year, month, day, None) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else 2000 + year if year < 70 else 1900 + year


def _written_dates(text: str) -> Iterator[Date]:
    for match in _WRITTEN_DATE.finditer(text):
        written = match["month"] or match["month2"]
        month, day = _MONTH_NAMES[written.lower()], match["day"] or match["day2"]
        year = match["year"] or match["year2"]
        if day is not None and not 1 <= int(day) <= 31:
            continue
        if not year and written.lower() in _CAPITAL_MONTHS and not written[0].isupper():
            continue  # "it may 5"
        bare = day is None and year is None
        if bare and (not written[0].isupper() or (len(written) < 4 and written.lower() != "may")):
            continue
        doubtful = bare and written.lower() in _CAPITAL_MONTHS
        reading = (int(year) if year else None, month, int(day) if day else None, None)
        end = match.end() - (1 if match.group().endswith(".") and bare else 0)
        yield Date(text=text[match.start() : end], start=match.start(), end=end, readings=(reading,), doubtful=doubtful)


def _quarters(text: str) -> Iterator[Date]:
    for match in _QUARTER.finditer(text):
        digit = match["q"] or match["q2"] or match["q3"]
        quarter = int(digit) if digit else _ORDER[match["word"].lower()]
        year = _full_year(match["year"]) if match["year"] else None
        yield Date(text=match.group(), start=match.start(), end=match.end(), readings=((year, None, None, quarter),))


def _years(text: str) -> Iterator[Date]:
    for match in _BARE_YEAR.finditer(text):
        if match["short"]:
            yield _year_at(text, match.start(), match.end(), _full_year(match["short"]))
            continue
        start, end = match.span("year")
        yield _year_at(text, match.start() if not match["to"] else start, end, int(match["year"]))
        if match["end"]:
            last = match["end"]
            year = int(last) if len(last) == 4 else int(match["year"][:2] + last)
            if year > int(match["year"]):
                yield _year_at(text, *match.span("end"), year)


def _year_at(text: str, start: int, end: int, year: int) -> Date:
    return Date(text=text[start:end], start=start, end=end, readings=((year, None, None, None),))


# ------------------------------------------------------------------------------------------------ names


_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"“”()]{2,500}[^\s<>\"“”().,;:!?]"
    r"|(?<![\w@.-])(?:[\w-]{1,63}\.){1,4}(?:com|org|net|edu|gov|io|eu|de|fr|es|uk|ch|at|info)(?![\w.-]\w|\w)(?:/[^\s<>\"]{0,300})?",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?<![\w.])(?:v\.? ?\d{1,5}(?:\.\d{1,6}){0,4}|\d{1,5}(?:\.\d{1,6}){2,5})(?![\w.]\d|\d|\w)", re.IGNORECASE
)
_IDENTIFIER = re.compile(r"(?<![\w./-])(?=[\w./‐‑–#-]{2,60})[^\W_]{1,40}(?:[-‐‑–/._#:][^\W_]{1,40}){0,6}")
_TOKEN = re.compile(r"[^\W\d_](?:[^\W_]|['’&.-](?=[^\W_])){0,40}")
_NO_IDENTIFIER = re.compile(
    r"\d{1,4}(?:st|nd|rd|th|er|e|k|m|bn?|x|s|%)?|(?:fy|q|cy)\d{1,4}|\dq\d{0,4}|\d{1,3}(?:[.,]\d{3})+"
    r"|[\d.,]+(?:k|m|bn|mn|mm|mio|cm|km|kg|g|mg|ml|l|kw|kwh|mw|gb|mb|kb|hz|mhz|ghz|v|w|a|h|min|s|pt|px|°c|nm|bar)",
    re.IGNORECASE,
)
_LINKS_NAMES = frozenset(
    "of de la le du des von van der den di da dos del el al bin ibn and & und et y zu zum für".split()  # noqa: SIM905
)
_NO_NAME = frozenset(
    "i i'm i'll the a an this that these those it he she we you they my our your his her their its in on at of for to"  # noqa: SIM905
    " from by with and or but if when while as is are was were be been being has have had do does did not no yes all"
    " any each every some many most more there here what which who whom whose where why how according based however"
    " therefore thus also only both between under over after before during since until although because so then"
    " please note answer question passage passages document documents page der die das ein eine einer eines dem den"
    " des es er sie wir ihr ich du und oder aber wenn als ist sind war waren hat haben nicht kein keine nein ja alle"
    " laut nach im in am auf aus bei mit von zu für über unter le la les un une des il elle nous vous ils elles je tu"
    " ce cette ces et ou mais si est sont était ont a pas non oui tous selon dans sur pour par avec el los las una"
    " unos unas en lo su sus y o pero es son fue han no sí según con por para que qué mr mrs ms dr prof herr frau m"
    " mme sr sra monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag"
    " samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes"
    " sábado domingo total note table figure section chapter part appendix annex article item january".split()
) | frozenset((*_MONTH_NAMES, *SCALES, *(word for word in CURRENCIES if word.isalpha())))
_TITLES = frozenset("chief officer president director head chairman minister ceo cfo coo chair secretary".split())  # noqa: SIM905
_SENTENCE_END = re.compile(r"(?:^|[.!?:;…»“\"”(\[|\t\n•*>#-])[\s*_\"“(\[]{0,6}$")
_GERMAN = re.compile(r"\b(?:der|die|das|und|ist|nicht|ein|eine|den|dem|von|mit|für|auf|wird|werden|im|zu|sich|des)\b")


def names(text: str) -> list[Name]:
    """Return the names of a text in the order of their places: capitalised runs, acronyms, identifiers, addresses."""
    found: list[Name] = []
    taken = Taken(text)
    for kind, pattern in (("email", _EMAIL), ("url", _URL), ("version", _VERSION)):
        for match in pattern.finditer(text):
            if not taken.holds(*match.span()) and not _is_grouped(match.group()):
                taken.take(*match.span())
                found.append(_name(text, *match.span(), kind))
    for date in dates(text):
        taken.take(date.start, date.end)
    for match in _IDENTIFIER.finditer(text):
        if _is_identifier(match.group()) and not taken.holds(*match.span()):
            taken.take(*match.span())
            found.append(_name(text, *match.span(), "identifier"))
    found += [name for name in _capitals(text) if not taken.holds(name.start, name.end)]
    return sorted(found, key=lambda name: name.start)


def fold(text: str) -> str:
    """Return a text for comparing names: small letters without accents, one kind of dash and apostrophe."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char) and char not in "\u00ad\u200b\u2060")
    return plain.translate(_DASHES)


_DASHES = str.maketrans({**dict.fromkeys("‐‑‒–—−", "-"), "’": "'", "‘": "'"})


def _name(text: str, start: int, end: int, kind: str, *, doubtful: bool = False) -> Name:
    written = text[start:end]
    key = fold(written)
    if kind == "version":
        key = re.sub(r"^v\.? ?", "", key)
    elif kind == "url":
        key = re.sub(r"^https?://|^www\.|/$", "", re.sub(r"^https?://", "", key))
    else:
        key = " ".join(re.sub(r"'s?$|\.(?=\s|$)", "", part) for part in key.split())
    return Name(text=written, start=start, end=end, kind=kind, key=key, doubtful=doubtful)


def _is_grouped(text: str) -> bool:
    """Return whether the text is a grouped number (1.234.567) or a date (12.5.2023) and no version."""
    return re.fullmatch(r"\d{1,3}(?:\.\d{3}){1,6}", text) is not None or _NUMERIC_DATE.fullmatch(text) is not None


def _is_identifier(word: str) -> bool:
    letters, digits = any(c.isalpha() for c in word), any(c.isdigit() for c in word)
    if not digits or _NO_IDENTIFIER.fullmatch(word) or _NUMERIC_DATE.fullmatch(word):
        return False
    if letters:
        return not re.fullmatch(r"\d[\d.,]*[-‐‑–][^\W\d_]{3,40}(?:-[^\W\d_]{1,40}){0,4}", word)  # "12-month"
    return re.fullmatch(r"\d{2,}(?:[-/]\d{2,}){2,6}|\d{3,}[-/]\d{3,}", word) is not None


def _capitals(text: str) -> Iterator[Name]:
    """Yield the runs of capitalised words, joined by "of", "de" and the like, and acronyms."""
    german = len(_GERMAN.findall(text[:2000])) > 0.12 * max(1, text[:2000].count(" "))
    run: list[re.Match[str]] = []
    links: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text):
        last = (links or run)[-1] if run else None
        if last is not None and (
            len(run) == LONGEST_RUN or not _is_joined(last.group(), text[last.end() : match.start()])
        ):
            yield from _of_run(text, run, german)
            run, links = [], []
        word = match.group()
        if _has_capital(word) and text[match.end() : match.end() + 1] not in _SIGNS:
            run += [*links, match] if run else [match]
            links = []
        elif run and word in _LINKS_NAMES and len(links) < 2 and not _is_title(run[-1].group()):
            links.append(match)
        elif run:
            yield from _of_run(text, run, german)
            run, links = [], []
    yield from _of_run(text, run, german) if run else ()


_SIGNS = ("$", "€", "£")


def _is_joined(word: str, gap: str) -> bool:
    """Return whether a run goes on after a word: at a dot only after an initial or a short form ("J. Smith")."""
    mark = gap.strip(BLANKS)
    if mark == ".":
        return len(word) == 1 or "." in word or _bare(word) in ("dr", "mr", "mrs", "ms", "st", "prof")
    return mark in ("", "&", "-") and len(gap) <= 3 and "\n" not in gap and "\t" not in gap


def _is_title(word: str) -> bool:
    """Return whether "of" after this word leads to another name: "CEO of Best Buy"."""
    return word.isupper() or _bare(word) in _TITLES


def _has_capital(word: str) -> bool:
    return word[0].isupper() or (len(word) > 2 and word[1:2].isupper())  # iPhone


def _of_run(text: str, run: list[re.Match[str]], german: bool) -> Iterator[Name]:
    opens = _SENTENCE_END.search(text[max(0, run[0].start() - 8) : run[0].start()]) is not None or not run[0].start()
    while run and _bare(run[0].group()) in _NO_NAME:
        run, opens = run[1:], False
        while run and not _has_capital(run[0].group()):
            run = run[1:]
    while run and (_bare(run[-1].group()) in _NO_NAME or not _has_capital(run[-1].group())):
        run = run[:-1]
    if not run:
        return
    words = [match.group() for match in run]
    capitals = sum(len(word) > 1 and word.replace("&", "").replace(".", "").isupper() for word in words)
    kind = "acronym" if len(words) == 1 and capitals else "name"
    doubtful = (len(words) == 1 and kind == "name" and (opens or german)) or (len(words[0]) < 2 and len(words) == 1)
    start, end = run[0].start(), run[-1].end()
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    yield _name(text, start, end, kind, doubtful=doubtful)


def _bare(word: str) -> str:
    return word.casefold().replace("’", "'").rstrip(".")
