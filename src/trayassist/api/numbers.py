"""Amounts in a text: digits in any grouping, brackets, percent, currencies, scale words, ranges and number words.

English, German, French and Spanish spellings are read. What may be read in two ways carries both readings ("1.234").
Every pattern has bounded repeats, so reading takes time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol


class Span(Protocol):
    """A place in a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """An amount. `readings` are its values, the likely one first, the scale word included ("1.2 million").

    `unit` is "%", "‰", "bp", a currency (ISO code, "$", "kr") or "". `step` is the place of the last digit that
    counts: 0.1 million for "1.2 million", 100 for "1,200". `approximate`: "about" or the like stands before it.
    """

    text: str
    start: int
    end: int
    readings: tuple[Decimal, ...]
    unit: str = ""
    step: Decimal = Decimal(1)
    scaled: bool = False
    approximate: bool = False
    ordinal: bool = False
    doubtful: bool = False


class Taken:
    """Which characters of a text are read already."""

    def __init__(self, text: str, spans: Iterable[Span] = ()) -> None:
        self._taken = bytearray(len(text))
        for span in spans:
            self.take(span.start, span.end)

    def take(self, start: int, end: int) -> None:
        self._taken[start:end] = b"\1" * (end - start)

    def holds(self, start: int, end: int) -> bool:
        """Return whether one of these characters is."""
        return self._taken.find(1, start, end) >= 0


def same_number(one: Number, other: Number) -> bool:
    """Return whether two numbers are the same value, as `values.same` has it."""
    if not _units_agree(one.unit, other.unit):
        return False
    if not set(one.readings).isdisjoint(other.readings):
        return True
    for about, exact in ((one, other), (other, one)):
        if about.approximate and about.step > exact.step:
            return abs(abs(about.readings[0]) - abs(exact.readings[0])) <= about.step / 2
    return False


def _units_agree(one: str, other: str) -> bool:
    if not one or not other or one == other:
        return True
    return "$" in (one, other) and {one, other} & _DOLLARS != set()


BLANKS = " \u00a0\u202f\u2009"
_NUMERAL = re.compile(
    r"\d{1,3}(?P<sep>[,.'’ \u00a0\u202f\u2009])\d{3}(?:(?P=sep)\d{3}){0,8}(?!\d)(?:(?!(?P=sep))[.,]\d{1,12})?"
    r"|\d{1,3},\d\d(?:,\d\d){0,4},\d{3}(?!\d)(?:\.\d{1,12})?"  # as written in India: 1,04,713
    r"|\d{1,40}(?:[.,]\d{1,20})?|(?<![\w.])\.\d{1,20}"
)
CURRENCIES = {
    "$": "$", "us$": "USD", "usd": "USD", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "a$": "AUD", "au$": "AUD",
    "aud": "AUD", "hk$": "HKD", "nz$": "NZD", "s$": "SGD", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "pfund": "GBP", "livres": "GBP", "libras": "GBP",
    "¥": "JPY", "jpy": "JPY", "yen": "JPY", "cny": "CNY", "rmb": "CNY", "yuan": "CNY", "chf": "CHF", "sfr": "CHF",
    "franken": "CHF", "₹": "INR", "inr": "INR", "rs": "INR", "rupees": "INR", "rupee": "INR", "₩": "KRW",
    "krw": "KRW", "won": "KRW", "₽": "RUB", "rub": "RUB", "kr": "kr", "sek": "SEK", "nok": "NOK", "dkk": "DKK",
    "pln": "PLN", "dollar": "$", "dollars": "$", "dólares": "$",
}  # fmt: skip
_DOLLARS = frozenset(("USD", "CAD", "AUD", "HKD", "NZD", "SGD"))
_PERCENTS = {
    "%": "%", "％": "%", "percent": "%", "per cent": "%", "prozent": "%", "pour cent": "%", "por ciento": "%",
    "percentage points": "%", "percentage point": "%", "prozentpunkte": "%", "prozentpunkten": "%", "‰": "‰",
    "promille": "‰", "basis points": "bp", "basis point": "bp", "bps": "bp", "basispunkte": "bp",
}  # fmt: skip
SCALES = {
    "thousand": 3, "thousands": 3, "tausend": 3, "tsd": 3, "mille": 3, "mil": 3, "k": 3, "lakh": 5, "lakhs": 5,
    "million": 6, "millions": 6, "millionen": 6, "mio": 6, "mn": 6, "mln": 6, "mm": 6, "m": 6, "millón": 6,
    "millones": 6, "mill": 6, "crore": 7, "crores": 7, "billion": 9, "billions": 9, "bn": 9, "bln": 9, "b": 9,
    "mrd": 9, "milliarde": 9, "milliarden": 9, "milliard": 9, "milliards": 9, "md": 9, "mds": 9, "mil millones": 9,
    "trillion": 12, "trillions": 12, "tn": 12, "billionen": 12, "billones": 12, "bio": 12, "hundred": 2,
    "dozen": 0, "dutzend": 0,
}  # fmt: skip
_LETTERS = frozenset(("k", "m", "b", "mm"))  # scales only right after a digit ("5k"), or after a currency
_SHORT_SCALES = frozenset(("mio", "mrd", "tsd", "mill", "bio", "mln", "md"))  # written with a full stop
_TWELVE = frozenset(("dozen", "dutzend"))


def words_of(words: Sequence[str]) -> str:
    """Return a pattern that matches each of the words, the longer first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_CURRENCY_WORDS = [word for word in CURRENCIES if (word.isalpha() and word.isascii()) or word == "dólares"]
_CURRENCY_SIGNS = [word for word in CURRENCIES if word not in _CURRENCY_WORDS]
_AFTER = re.compile(
    rf"(?P<scale>[{BLANKS}-]?(?:{words_of(list(SCALES))})(?![\w$€£])\.?)?"
    rf"(?P<unit>[{BLANKS}]?-?(?:(?:{words_of([w for w in _PERCENTS if w.isalpha() or ' ' in w])})(?!\w)|[%％‰]))?"
    rf"(?P<money>[{BLANKS}]?(?:(?:d['’]|de |of |US |U\.S\. )?(?:{words_of(_CURRENCY_WORDS)})(?!\w)"
    rf"|[{BLANKS}]?(?:{words_of(_CURRENCY_SIGNS)})(?![\d(.])))?",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?P<open>\(?)(?P<sign>(?<![\w)\]])[-−–])?"
    rf"(?P<money>(?:(?<!\w)(?:{words_of(_CURRENCY_WORDS)})|{words_of(_CURRENCY_SIGNS)})\.?[{BLANKS}]?)?"
    r"(?P<again>[-−–]|\()?$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:\b(?:about|around|approximately|approx|roughly|nearly|almost|some|circa|ca|rund|etwa|ungefähr|knapp|gut|fast"
    r"|environ|presque|quelque|près de|unos|unas|alrededor de|aproximadamente|casi|over|more than|above|just under"
    r"|just over|less than|under|up to)\b\.?|[~≈±])\s?(?:the |a |an |de |d['’])?$",
    re.IGNORECASE,
)
_ORDINAL_END = re.compile(r"(?:st|nd|rd|th|er|re|e|ème|eme|º|ª)(?!\w)", re.IGNORECASE)
_RANGE = re.compile(rf"[{BLANKS}]?(?:-|–|—|to|and|or|bis|und|oder|à|et|ou|a|y|o)[{BLANKS}]?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{1,40}(?:-[^\W\d_]{1,20}){0,3}")


def read_numbers(text: str, inside: Iterable[Span] = ()) -> list[Number]:
    """Return the numbers of a text, in digits or in words up to the millions, in the order of their places.

    Those `inside` of other values are doubtful. Groups that a plain space parts ("12 345") may be numbers of their
    own: these follow as doubtful ones.
    """
    found: list[Number] = []
    for match in _NUMERAL.finditer(text):
        found += _digits(text, match)
    found = _share_range(text, sorted([*found, *_in_words(text)], key=lambda number: (number.start, -number.end)))
    taken = Taken(text, inside)
    return [replace(one, doubtful=True) if taken.holds(one.start, one.end) else one for one in found]


def _digits(text: str, match: re.Match[str]) -> Iterator[Number]:
    """Yield the number of a run of digits, and the parts of one whose groups stand apart."""
    start, end = match.span()
    raw, sep = match.group(), match["sep"]
    before = _BEFORE.search(text, max(0, start - 8), start)
    assert before is not None  # all its parts may be missing
    written = (before["money"] or "").strip(BLANKS + ".").lower()
    money = CURRENCIES.get(written, "")
    bracket = "(" in (before["open"], before["again"]) and text[end : end + 1] == ")"
    scale, unit, stop, ordinal = _read_after(text, end + bracket, has_money=bool(money))
    stop = end if bracket and stop == end + 1 else stop
    factor = Decimal(10) ** scale
    read, step = _read_digits(raw, sep)
    first = before.start("money") if money else start
    yield Number(
        text=text[first:stop],
        start=first,
        end=stop,
        readings=_apply_sign(tuple(value * factor for value in read), _sign(before, closed=text[end : stop + 2])),
        unit=unit or money,
        step=step * factor,
        scaled=scale > 0,
        approximate=_ABOUT.search(text, max(0, first - 32), first) is not None,
        ordinal=ordinal,
        doubtful=_is_inside_word(text, start, stop),
    )
    if sep == " ":
        at = start
        for part in raw.split(" "):
            reading, part_step = _read_digits(part, None)
            yield Number(text=part, start=at, end=at + len(part), readings=reading, step=part_step, doubtful=True)
            at += len(part) + 1


def _read_after(text: str, end: int, *, has_money: bool) -> tuple[int, str, int, bool]:
    """Return what follows digits: the power of ten, the unit, where it ends, and whether it makes an ordinal."""
    after = _AFTER.match(text, end)
    assert after is not None  # all its parts may be missing
    scale, stop = _scale_of(after, end, has_money=has_money)
    if after["scale"] and not scale and stop == end:
        return 0, "", end, False
    if after["unit"]:
        return scale, _PERCENTS[after["unit"].strip(BLANKS + "-").lower()], after.end("unit"), False
    if after["money"] and not has_money:
        return scale, _money_after(after["money"]), after.end("money"), False
    ordinal = None if scale else _ORDINAL_END.match(text, end)
    return scale, "", ordinal.end() if ordinal else stop, ordinal is not None


def _is_inside_word(text: str, start: int, stop: int) -> bool:
    """Return whether digits are a part of an identifier: "M32x", "AB-12"."""
    if text[stop : stop + 1].isalpha() or text[stop : stop + 1] == "_":
        return True
    before = text[start - 1 : start] if start else ""
    if before in "-/" and before:
        return text[start - 2 : start - 1].isalpha()
    return before.isalpha() or before == "_"


def _scale_of(after: re.Match[str], end: int, *, has_money: bool) -> tuple[int, int]:
    """Return the power of ten of the word after a number, and where that word ends."""
    word = after["scale"]
    if not word:
        return 0, end
    bare = word.strip(BLANKS + "-.").lower()
    if bare in _TWELVE or (bare == "hundred" and word[0] == "-"):
        return 0, end
    if bare in _LETTERS and (word[0] in BLANKS or (bare == "m" and word[0] == "m")) and not has_money:
        return 0, end
    if bare in ("mil", "mille", "mill", "md", "bio") and not word[0].isspace():
        return 0, end
    if bare in ("m", "b", "k", "mm") and word[0] == "-":
        return 0, end
    full_stop = word.endswith(".") and bare not in _SHORT_SCALES
    return SCALES[bare], after.end("scale") - full_stop


def _money_after(found: str) -> str:
    word = re.sub(r"^(?:d['’]|de |of |us |u\.s\. )", "", found.strip(BLANKS).lower())
    return CURRENCIES.get(word, "")


def _read_digits(raw: str, sep: str | None) -> tuple[tuple[Decimal, ...], Decimal]:
    """Return the values that digits may mean, the likely one first, and the place of their last digit that counts."""
    if sep is not None and sep not in ",.":
        return _plain_value(raw.replace(sep, "").replace(",", "."))
    marks = [char for char in raw if char in ",."]
    if not marks:
        return _plain_value(raw)
    last = marks[-1]
    if marks.count(last) > 1:  # 1,234,567 or 1,04,713
        return _plain_value(raw.replace(last, ""))
    if len(marks) > 1:  # 1,234.50: the last mark is the decimal one
        other = "." if last == "," else ","
        return _plain_value(raw.replace(other, "").replace(last, "."))
    head, _, tail = raw.partition(last)
    decimal = _plain_value(f"{head or '0'}.{tail}")
    if len(tail) != 3 or not head or head[0] == "0" or len(head) > 3:
        return decimal
    grouped = _plain_value(head + tail)
    first, second = (grouped, decimal) if last == "," else (decimal, grouped)
    return (*first[0], *second[0]), first[1]


def _plain_value(plain: str) -> tuple[tuple[Decimal, ...], Decimal]:
    value = Decimal(plain)
    exponent = value.as_tuple().exponent
    if "." in plain and isinstance(exponent, int):
        return (value,), Decimal(1).scaleb(exponent)
    zeros = len(plain) - len(plain.rstrip("0")) if value else 0
    return (value,), Decimal(10) ** zeros


def _sign(before: re.Match[str], *, closed: str) -> str:
    """Return "-" for a minus, "(" for brackets (which may be just that), or ""."""
    if before["sign"] or ((before["again"] or "") in _MINUS and before["money"]):
        return "-"
    opened = before["open"] or before["again"] == "("
    return "(" if opened and ")" in closed else ""


_MINUS = ("-", "−", "–")


def _apply_sign(read: tuple[Decimal, ...], negative: str) -> tuple[Decimal, ...]:
    if negative == "-":
        return tuple(-value for value in read)
    return (*(-value for value in read), *read) if negative == "(" else read


def _share_range(text: str, found: list[Number]) -> list[Number]:
    """Give the first of "5 to 7 million" and of "5-7 %" the scale and unit of the second, too."""
    for at in range(len(found) - 1):
        one, other = found[at], found[at + 1]
        lends = (other.scaled and not one.scaled) or (other.unit and not one.unit)
        if not lends or not _RANGE.fullmatch(text, one.end, max(one.end, other.start)):
            continue
        factor = Decimal(1) if one.scaled else _factor(other)
        scaled = tuple(value * factor for value in one.readings)
        readings = one.readings if factor == 1 else (*scaled, *one.readings)
        found[at] = replace(
            one, readings=readings, unit=one.unit or other.unit, scaled=other.scaled, step=one.step * factor
        )
    return found


def _factor(number: Number) -> Decimal:
    """Return what the scale word of a number multiplies by."""
    for word, power in SCALES.items():
        if number.scaled and re.search(rf"{re.escape(word)}\b", number.text, re.IGNORECASE):
            return Decimal(10) ** power
    return Decimal(1)


_TABLE_SCALE = re.compile(
    r"(?:\b(?:in|en|dollars in|amounts in)\s(?:[A-Z]{3}\s|US\s|U\.S\.\s|[$€£]\s?)?|[($€£]\s?|\b(?:[A-Z]{3})\s|€\s)"
    r"(?P<word>thousands?|millions?|billions?|tausend|tsd|mio|millionen|mrd|milliarden|milliers|milliards|miles|millones"
    r"|mn|m|bn)\b"
    r"|(?<!\w)(?P<short>T€|TEUR|TUSD|k€|kEUR|M€|MEUR|[$€£]?['’]?000s?)(?!\w)",
    re.IGNORECASE,
)
_HEAD_SCALES = {"t€": 3, "teur": 3, "tusd": 3, "k€": 3, "keur": 3, "m€": 6, "meur": 6, "milliers": 3, "miles": 3}


def table_scales(text: str) -> tuple[Decimal, ...]:
    """Return what the figures of tables in a text are to be multiplied by ("in millions", "T€"), each factor once."""
    found = []
    for match in _TABLE_SCALE.finditer(text):
        word = (match["word"] or match["short"]).lower()
        power = _HEAD_SCALES.get(word) or SCALES.get(word) or (3 if "000" in word else 0)
        found.append(Decimal(10) ** power)
    return tuple(dict.fromkeys(found))


# ------------------------------------------------------------------------------------------------ numbers in words


def _build_words() -> dict[str, int]:
    ones = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()  # noqa: SIM905
    )
    ones += "seventeen eighteen nineteen".split()  # noqa: SIM905
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
    found = {word: at for at, word in enumerate(ones)}
    found |= {word: 10 * at for at, word in enumerate(tens, 2)}
    found |= {f"{ten}-{one}": 10 * t + o for t, ten in enumerate(tens, 2) for o, one in enumerate(ones[1:10], 1)}
    german = "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn"
    ones_de = [*german.split(), "siebzehn", "achtzehn", "neunzehn"]
    tens_de = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()  # noqa: SIM905
    found |= {word: at for at, word in enumerate(ones_de) if at != 1}
    found |= {word: 10 * at for at, word in enumerate(tens_de, 2)}
    found |= {
        f"{one}und{ten}": 10 * t + o for t, ten in enumerate(tens_de, 2) for o, one in enumerate(ones_de[1:10], 1)
    }
    french = "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()  # noqa: SIM905
    found |= {word: at for at, word in enumerate(french, 2)}
    found |= {"dix-sept": 17, "dix-huit": 18, "dix-neuf": 19, "soixante-dix": 70, "quatre-vingts": 80}
    tens_fr = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "quatre-vingt": 80}
    found |= tens_fr | {"quatre-vingt-dix": 90}
    found |= {f"{ten}-{one}": t + o for ten, t in tens_fr.items() for o, one in enumerate(french[:8], 2)}
    spanish = "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete"
    found |= {word: at for at, word in enumerate([*spanish.split(), "dieciocho", "diecinueve", "veinte"], 2)}
    found |= {
        "treinta": 30,
        "cuarenta": 40,
        "cincuenta": 50,
        "sesenta": 60,
        "setenta": 70,
        "ochenta": 80,
        "noventa": 90,
    }
    return found


_NUMBER_WORDS = _build_words()
_ORDINAL_WORDS = {
    word: at
    for at, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"  # noqa: SIM905
        " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
} | {"erste": 1, "ersten": 1, "zweite": 2, "zweiten": 2, "dritte": 3, "dritten": 3, "vierte": 4, "vierten": 4} | {
    "premier": 1, "première": 1, "deuxième": 2, "troisième": 3, "quatrième": 4, "primer": 1, "segundo": 2,
    "tercer": 3, "cuarto": 4, "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "hundredth": 100,
}  # fmt: skip
_WORD_SCALES = {
    "hundred": 100, "hundert": 100, "thousand": 1_000, "tausend": 1_000, "mille": 1_000, "million": 10**6,
    "millions": 10**6, "millionen": 10**6, "millones": 10**6, "billion": 10**9, "milliarden": 10**9,
    "milliards": 10**9, "dozen": 12, "dutzend": 12, "douzaine": 12, "docena": 12, "trillion": 10**12,
}  # fmt: skip
_OTHER_SENSE = frozenset(  # also plain words: "once a month", "one of them", "first of all"
    "one once elf six dix neuf dos mille cent tres quince première premier first second segundo third dozen".split()  # noqa: SIM905
)
LONGEST_RUN = 12  # words of one written number
_JOINS = frozenset(("and", "und", "et", "y", "a"))


def _in_words(text: str) -> Iterator[Number]:
    """Yield the numbers written in words: each the longest run of number words, with "and" inside."""
    run: list[tuple[str, int, int]] = []
    for match in _WORD.finditer(text):
        word = match.group().casefold()
        near = not run or text[run[-1][2] : match.start()].strip(BLANKS + "-") == ""
        if run and (not near or len(run) == LONGEST_RUN):
            yield from _word_number(text, run)
            run = []
        if word in _NUMBER_WORDS or word in _WORD_SCALES or word in _ORDINAL_WORDS or (run and word in _JOINS):
            run.append((word, *match.span()))
        elif run:
            yield from _word_number(text, run)
            run = []
    if run:
        yield from _word_number(text, run)


def _word_number(text: str, run: list[tuple[str, int, int]]) -> Iterator[Number]:
    """Yield the numbers of a run of number words; two that do not join ("two three") are two numbers."""
    while run and run[-1][0] in _JOINS:
        run = run[:-1]
    at = 0
    while at < len(run):
        value, stop, ordinal = _compose([word for word, _, _ in run[at:]])
        if not stop:
            at += 1
            continue
        part = run[at : at + stop]
        start, end = part[0][1], part[-1][2]
        alone = len(part) == 1 and part[0][0] in _OTHER_SENSE
        scale_only = len(part) == 1 and part[0][0] in _WORD_SCALES
        after_digits = re.search(r"\d\)?[\s-]?$", text[max(0, start - 3) : start]) is not None
        if not (scale_only and after_digits):
            yield _from_words(text, start, end, value, ordinal=ordinal, doubtful=alone or scale_only)
        at += stop


def _from_words(text: str, start: int, end: int, value: int, *, ordinal: bool, doubtful: bool) -> Number:
    after = _AFTER.match(text, end)
    unit = ""
    if after and not after["scale"] and after["unit"]:
        unit, end = _PERCENTS[after["unit"].strip(BLANKS + "-").lower()], after.end("unit")
    elif after and not after["scale"] and after["money"]:
        unit, end = _money_after(after["money"]), after.end("money")
    plain = str(value)
    return Number(
        text=text[start:end],
        start=start,
        end=end,
        readings=(Decimal(value),),
        unit=unit,
        step=Decimal(10) ** (len(plain) - len(plain.rstrip("0"))) if value else Decimal(1),
        scaled=value >= 1000,
        approximate=_ABOUT.search(text, max(0, start - 32), start) is not None,
        ordinal=ordinal,
        doubtful=doubtful,
    )


def _compose(words: Sequence[str]) -> tuple[int, int, bool]:
    """Return the number that the first words name, how many words that takes, and whether it is an ordinal."""
    total = current = used = 0
    for at, word in enumerate(words):
        if word in _JOINS:
            if not used or not _may_go_on(total + current, words[at + 1 : at + 2]):
                break
            continue
        if word in _WORD_SCALES:
            factor = _WORD_SCALES[word]
            if factor >= 1000:
                total, current = total + max(current, 1) * factor, 0
            else:
                current = max(current, 1) * factor
        elif word in _NUMBER_WORDS or word in _ORDINAL_WORDS:
            value = _NUMBER_WORDS.get(word, _ORDINAL_WORDS.get(word, 0))
            if used and not _fits_after(current, value):
                break
            current += value
            if word not in _NUMBER_WORDS:
                return total + current, at + 1, True
        used = at + 1
    return total + current, used, False


def _may_go_on(so_far: int, following: Sequence[str]) -> bool:
    return bool(following) and so_far >= 20 and (following[0] in _NUMBER_WORDS or following[0] in _WORD_SCALES)


def _fits_after(current: int, value: int) -> bool:
    if current == 0:
        return True
    return (current % 100 == 0 and value < 100) or (current % 100 >= 20 and current % 10 == 0 and 0 < value < 10)
