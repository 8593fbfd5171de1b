"""Sentences of a page, with their place in it, out of text as PDFs give it: hard line ends, tables, lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_QUOTE = 300
WHOLE = 500  # characters up to which a sentence is quoted as it is
_MIN_CUT = 0.6  # a shortened quote keeps at least this share of MAX_QUOTE

_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"\s*(?:[•●▪■◦‣–—*·-]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,4}[.)])\s+\S")
_LETTERS = re.compile(r"[^\W\d_]{3}")
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[。！？]+[”’」』]*")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:mr|mrs|ms|dr|prof|sr|jr|st|vs|etc|e\.g|i\.e|cf|al|no|nos|vol|fig|figs|eq|sec|art|ch|pp|p|para|"
    r"inc|corp|co|ltd|llc|plc|bros|dept|est|approx|ca|min|max|tel|ext|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|"
    r"gen|col|lt|hon|rev|gov|sen|rep|u\.s|u\.k|u\.n|a\.m|p\.m|ph\.d|z\.b|d\.h|bzw|nr|str|[a-z])\.$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}\.$")  # German writes "the 1st of February" as "1. Februar"
_COUNTED = re.compile(
    r"(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Quartal|Halbjahr|Jahrhundert|Auflage|Klasse|Stock|Etage)"
)
_ROW = re.compile(r"\s*\|.*\S|.*\|\s*$")  # of a Markdown table
_CELLS = re.compile(r"[^\s,;][,;](?=[^\s\d]|\d(?!\d\d(?!\d)))")  # commas of a data file, not of 1,234
_MANY_CELLS, _RULE = 3, 3
_STATEMENT = re.compile(  # of code and settings
    r"\s*(?:[A-Za-z_][\w.\[\]]*\s*(?:[-+*/|&:]?=)\s*\S|(?:def|func|fn|function)\s+\w+\(|class\s+\w+[:({]|[@#])"
)
_BROKEN_WORD = re.compile(r"(?<=\w)([-\u2010])\s*\n\s*(?=\w)")


@dataclass(frozen=True)
class Sentence:
    """A sentence or a row of a table; `text` is page[start:end] on one line."""

    start: int
    end: int
    text: str


def split(page: str, start: int = 0, end: int | None = None) -> list[Sentence]:
    """Return the sentences of `page` that overlap start..end, whole."""
    end = len(page) if end is None else end
    found = []
    for block_start, block_end in _blocks(page):
        if block_end <= start or block_start >= end:
            continue
        for a, b in _in_block(page, block_start, block_end):
            if b > start and a < end and re.search(r"\w", page[a:b]):
                found.append(Sentence(a, b, on_one_line(page[a:b])))
    return found


def on_one_line(text: str) -> str:
    """Return `text` with line ends and runs of spaces as one space, words broken at a hyphen joined."""
    return " ".join(_BROKEN_WORD.sub(r"\1", text).split())


def shorten(page: str, sentence: Sentence, wanted: set[str], limit: int = MAX_QUOTE) -> Sentence:
    """Return the sentence cut at words to about `limit` characters, around the `wanted` (lower case) words."""
    if len(sentence.text) <= max(limit, WHOLE):
        return sentence
    words = [(m.start() + sentence.start, m.end() + sentence.start) for m in re.finditer(r"\S+", _of(page, sentence))]
    hits = [any(w in page[a:b].lower() for w in wanted) for a, b in words]
    best, best_hits, first = (0, 0), -1, 0
    for last, (_, word_end) in enumerate(words):
        while word_end - words[first][0] > limit and first < last:
            first += 1
        count = sum(hits[first : last + 1])
        long_enough = word_end - words[first][0] >= limit * _MIN_CUT
        if long_enough and count > best_hits:
            best, best_hits = (first, last), count
    a, b = words[best[0]][0], words[best[1]][1]
    b = a + limit if b - a > 2 * limit else b  # one endless word
    return Sentence(a, b, on_one_line(page[a:b]))


def _of(page: str, sentence: Sentence) -> str:
    return page[sentence.start : sentence.end]


def _blocks(page: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of runs of lines that belong together: a paragraph, an item, a row with its figures."""
    lines = [(m.start(), m.end()) for m in _LINE.finditer(page)]
    widths = sorted(len(page[a:b].strip()) for a, b in lines if page[a:b].strip())
    wide = widths[int(len(widths) * 0.8)] if widths else 0
    start: int | None = None
    previous = (0, 0)
    for line in lines:
        text = page[line[0] : line[1]].strip()
        if not text:
            if start is not None:
                yield start, previous[1]
                start = None
            continue
        if start is not None and _parts(page, start, previous, line, wide):
            yield start, previous[1]
            start = None
        start = line[0] if start is None else start
        previous = line
    if start is not None:
        yield start, previous[1]


def _parts(page: str, start: int, previous: tuple[int, int], line: tuple[int, int], wide: int) -> bool:
    """Return whether `line` begins something new after the line `previous` of the block from `start`."""
    before, text = page[previous[0] : previous[1]].strip(), page[line[0] : line[1]].strip()
    if page[previous[1] : line[0]].count("\n") > 1 or _BULLET.match(page[line[0] : line[1]]):
        return True
    if _alone(before) or _alone(text):
        return True
    if "\t" in text or ("\t" in before and not text[0].islower()):
        return True  # a row of a table; what begins in lower case is the rest of its last cell
    if _is_figure(text):
        return line[1] - start > MAX_QUOTE  # figures belong to the words before them
    if _is_figure(before):
        return True
    ended = bool(re.search(r"[.!?:;。！？][\"'”’)\]]*$", before))
    short = len(before) < 0.6 * wide
    if short and not text[0].islower():
        return True
    return ended and len(before) < 0.85 * wide and not text[0].islower()


def is_row(line: str) -> bool:
    """Return whether a line is a row of a Markdown table or of a data file."""
    return bool(_ROW.match(line)) or len(_CELLS.findall(line)) >= _MANY_CELLS


def _alone(line: str) -> bool:
    """Return whether a line says something by itself: a row, a statement of code, a rule of dashes."""
    rule = len(line) >= _RULE and not any(sign.isalnum() for sign in line)
    return rule or is_row(line) or bool(_STATEMENT.match(line))


def _is_figure(line: str) -> bool:
    """Return whether a line is a figure of a table: 1,234.5 or (12)% or a dash."""
    return not _LETTERS.search(line) and (any(c.isdigit() for c in line) or not any(c.isalnum() for c in line))


def _in_block(page: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the sentences of one block, without surrounding spaces."""
    at = start
    for match in _END.finditer(page, start, end):
        if _goes_on(page, at, match.start(), match.end(), end):
            continue
        yield _strip(page, at, match.end())
        at = match.end()
    if page[at:end].strip():
        yield _strip(page, at, end)


def _goes_on(page: str, start: int, mark: int, after: int, end: int) -> bool:
    """Return whether the mark at `mark` does not end a sentence."""
    if page[mark] in "。！？":
        return False
    rest = page[after:end].lstrip()
    if not rest:
        return False
    if rest[0].islower() or rest[0] in ",;:)":
        return True
    if page[mark] != "." or after - mark > 1:
        return False
    head = page[max(start, mark - 12) : mark + 1]
    if re.fullmatch(r"\s*\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})\.", page[start : mark + 1]):
        return True  # the number of an item
    if _ORDINAL.search(head) and _COUNTED.match(rest):
        return True
    return bool(_ABBREVIATION.search(head)) and not _clear_end(head, rest)


def _clear_end(head: str, rest: str) -> bool:
    """Return whether an abbreviation most likely ends the sentence: "… by 5 p.m. The shop …"."""
    ending = re.search(r"(?:etc|inc|corp|co|ltd|llc|plc|a\.m|p\.m|u\.s|u\.k)\.$", head, re.IGNORECASE)
    opener = re.match(r"(?:The|This|These|Those|It|We|He|She|They|In|On|If|When|As|For|A|An|Our|All|Please)\b", rest)
    return bool(ending and opener)


def _strip(page: str, start: int, end: int) -> tuple[int, int]:
    text = page[start:end]
    return start + len(text) - len(text.lstrip()), start + len(text.rstrip())
