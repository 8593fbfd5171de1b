"""Words, windows and the reading of names and questions. Pure functions on text; no library.

The rules are those of the search recipe (docs/decisions/0003-search.md), measured on development sets.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache

from trayassist.api.normal_text import fold

WINDOW_WORDS = 200
OVERLAP_WORDS = 40
LONG_RUN = 60  # characters without a space that count as one word at most (addresses, encoded data)
FIRST_WORDS = 160
LONG_QUESTION = 4000  # characters

_STOP = """a an and are as at be but by for if in into is it no not of on or such that the their then there these they
    this to was will with what which who whom whose when where why how much many does do did were has have had can
    could would should may might please give list tell describe explain state find show me us you your i my we our
    any some its about according between from than also been being those"""
STOP_WORDS = frozenset(_STOP.split())

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_RUN = re.compile(r"\S+")
_LONG = re.compile(rf"\S{{{LONG_RUN + 1}}}")
_WITH_DIGIT = re.compile(r"\d\S*")
_FISCAL = re.compile(r"\b(?:fy|fiscal(?: year)?|cy)\s*'?(\d{4}|\d{2})\b", re.IGNORECASE)
_HOW = re.compile(
    r"\bhow (?:long|often|far|old|tall|big|high|large|fast|heavy|deep|wide|late|early|soon|well)\b", re.IGNORECASE
)
_FRAME = re.compile(  # says where to look, not for what
    r"\b(?:what|which|where|how)? ?(?:do|does|did|can|is|are)? ?(?:(?:in|from|of|to|by|per|according to|based on) )?"
    r"(?:the|my|our|this|that|these|those|any|all|your) (?:remembered |uploaded |dropped |attached )?"
    r"(?:documents?|files?|pdfs?|notes?|texts?) (?:says?|tells?|mentions?|states?|writes?|written|said|mentioned)\b"
    r"(?: (?:me|us))?(?: (?:about|on|of|regarding))?"
    r"|\b(?:according to|based on|in) (?:the|my|our|these|this|your) (?:documents?|files?|pdfs?)\b",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")
_QUARTER = re.compile(r"\b(first|second|third|fourth) quarter\b", re.IGNORECASE)
_ORDINALS = ("first", "second", "third", "fourth")
_NUMERIC = re.compile(
    r"\b(how (?:much|many)|what (?:is|was|were|percentage)|ratio|percent\w*|margins?|growth|rate|change[ds]?|highest|"
    r"lowest|largest|compare|increase|decrease|revenues?|sales|cash|amount|total|number of|average|income|expen\w+|"
    r"spen[dt])\b|%",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"\b(latest|most recent|most current|newest|"
    r"last (?:quarter|year|month|week|report|filing|version|meeting|statement|invoice|minutes|edition|issue))\b",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"\b(across|over time|over the years|compare[ds]?|comparison|versus|vs|between .{1,80} and)\b", re.IGNORECASE
)
_YEAR = re.compile(r"\b(20[0-3]\d|19[5-9]\d)\b")
_RECENT_YEAR = re.compile(r"\b(20[0-3]\d)\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_WORD = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\b", re.IGNORECASE)
_YEAR_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[ _.\-/]?(0[1-9]|1[0-2])(?:[ _.\-/]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
_SUFFIXES = ("ional", "ments", "ment", "ions", "ion", "ings", "ing", "ies", "ied", "ers", "ed", "es", "er", "ly", "s")


def words(text: str) -> list[str]:
    """Return the folded words of `text` in order; a run of Chinese, Japanese or Thai is one word."""
    return _WORD.findall(fold(text))


def terms(text: str) -> list[str]:
    """Return the stems that coverage and rarity are counted on; unspaced scripts give character pairs."""
    found: list[str] = []
    for word in words(text):
        if _UNSPACED.search(word):
            found += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            found.append(stem(word))
    return found


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return `word` without its commonest English endings; for matching only, not a real word."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):
            word = word[: -len(suffix)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word[-1] in "eiy" else word


def query_words(query: str) -> list[str]:
    """Return the words of a question that say what it is about; all of them when that leaves none."""
    found = words(_POSSESSIVE.sub("", _HOW.sub("how", query)))
    return [word for word in found if word not in STOP_WORDS] or found


def units(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each word; unspaced scripts count two characters as a word, long runs are cut."""
    spans = [run.span() for run in _RUN.finditer(text)]
    unspaced = not text.isascii() and _UNSPACED.search(text)
    if not unspaced and not _LONG.search(text):
        return spans
    found: list[tuple[int, int]] = []
    for start, end in spans:
        step = 2 if unspaced and _UNSPACED.search(text, start, end) else LONG_RUN
        found += [(cut, min(cut + step, end)) for cut in range(start, end, step)]
    return found


def windows(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of overlapping windows of 200 words, so that text[start:end] is the passage."""
    spans = units(text)
    at = 0
    while spans:
        last = min(at + WINDOW_WORDS, len(spans))
        yield spans[at][0], spans[last - 1][1]
        if last == len(spans):
            return
        at += WINDOW_WORDS - OVERLAP_WORDS


def number_density(text: str) -> float:
    """Return the share of words with a digit, of at least 20 words, in 0..1."""
    with_digit = len(_WITH_DIGIT.findall(text))
    return with_digit / max(len(text.split()), 20) if with_digit else 0.0


@lru_cache(maxsize=2000)
def spaced_name(path: str) -> str:
    """Return a file's name as words: split at _ - . and between lower and upper case, without its ending."""
    name = re.sub(r"[_\-.]+", " ", _stem(path))
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"(?<=\d)(?=Q\d)", " ", name)


def _stem(path: str) -> str:
    """Return the file's name without its ending; PurePath takes five times as long."""
    return os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122


def document_date(path: str, first_page: str) -> float:
    """Return the document's date as a year with fraction, from its name, else its first page; 0 if none."""
    name = spaced_name(path)
    if exact := [_year_month(m) for m in _YEAR_MONTH.finditer(_stem(path))]:
        return max(exact)
    if years := _YEAR.findall(name):
        return max(map(int, years)) + _part_of_year(name)
    if "20" in first_page and (years := _RECENT_YEAR.findall(first_page)):
        year = max(map(int, years))
        near = " ".join(first_page[max(0, m.start() - 24) : m.end() + 6] for m in re.finditer(str(year), first_page))
        return year + _part_of_year(near)
    return 0.0


def _year_month(match: re.Match[str]) -> float:
    year, month, day = match.groups()
    return int(year) + (int(month) - 1) / 12 + (int(day or 15) - 1) / 372


def _part_of_year(text: str) -> float:
    if quarter := re.search(r"\bQ([1-4])\b", text):
        return int(quarter.group(1)) / 4 - 0.01
    months = [_MONTHS.index(m.lower()) for m in _MONTH_WORD.findall(text)]
    return (max(months) + 0.5) / 12 if months else 0.5


def clean_question(query: str) -> str:
    """Return the question with fiscal years as years (FY18 -> 2018) and quarters by number too (Q2).

    Of a very long one, such as a pasted text, its beginning and its end are kept: the question stands in one of them.
    "What do my documents say about" is left out.
    """
    if len(query) > LONG_QUESTION:
        query = f"{query[: LONG_QUESTION // 2]} {query[-LONG_QUESTION // 2 :]}"
    bare = _FRAME.sub(" ", query)
    query = bare if any(sign.isalnum() for sign in bare) else query
    query = _FISCAL.sub(lambda m: m[1] if len(m[1]) == 4 else "20" + m[1], query)
    return _QUARTER.sub(lambda m: f"{m[0]} Q{_ORDINALS.index(m[1].lower()) + 1}", query)


def asks_for_number(query: str) -> bool:
    """Return whether the answer is probably a figure."""
    return bool(_NUMERIC.search(query))


def asks_for_latest(query: str) -> bool:
    """Return whether the newest document is meant."""
    return bool(_LATEST.search(query))


def asks_across(query: str) -> bool:
    """Return whether several documents are to be compared."""
    return bool(_COMPARE.search(query))


def capitalised_words(query: str) -> list[str]:
    """Return the folded capitalised words after the first that are no question words: probably names."""
    found = list(re.finditer(r"[^\W\d_][\w'’&-]*", query))
    if len(found) > 3 and query.isupper():
        return []  # all in capitals: they tell nothing
    names = [m.group() for m in found if m.group()[0].isupper()]
    if found and names and names[0] == found[0].group() and not names[0].isupper():
        names = names[1:]  # a sentence starts with a capital anyway
    found_words = (w for name in names for w in words(_POSSESSIVE.sub("", name)))
    return [w for w in found_words if len(w) > 1 and w.isalpha() and w not in STOP_WORDS]
