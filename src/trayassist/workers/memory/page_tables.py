"""Tables in the text of a page: found again from the text alone, with heads, notes and the value of each cell.

What is read: rows of cells with tabs between them (PDF, HTML, sheets and TSV come so), Markdown tables, and data files
(CSV with comma or semicolon, quotes as the csv module reads them). Pure functions on text; no library.

    for table in find_tables(page_text):
        table.caption, table.notes           # the lines above; what they say about units
        table.columns[c].path, .name         # heads from the top one down; joined
        table.rows[r].label, .path           # the row's own name; with the sections it stands under
        cell = table.rows[r].cells[c]        # text, start, end (offsets into page_text), row, column
        value_of(table, cell)                # number with sign, percent, currency, scale

Which cell answers a question is told by `cell_choice.best_cells`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

MAX_HEAD_ROWS = 4
CAPTION_LINES = 3
FAR = 30  # lines above a table, empty ones mostly, in which its caption may stand
CAPTION_CHARACTERS = 300
MIN_DATA_LINES = 3  # lines of a data file
MIN_DATA_SHARE = 0.9  # of the lines of a page of a data file that have the same number of fields


@dataclass(frozen=True)
class Cell:
    """A cell: `text` is on one line; page[start:end] is it as it stands, `row` and `column` count from 0."""

    text: str
    start: int
    end: int
    row: int
    column: int


@dataclass(frozen=True)
class TableColumn:
    """The heads over a column, from the top one down; none twice in a row."""

    path: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the heads joined: "Three Months Ended – July 29, 2023"."""
        return " – ".join(self.path)


@dataclass(frozen=True)
class TableRow:
    """A row with its cells, one a column; `path` are the sections it stands under and then its own label."""

    path: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def label(self) -> str:
        """Return the row's own name, "" when it has none."""
        return self.path[-1]


@dataclass(frozen=True)
class PageTable:
    """A table of a page. The first `stubs` columns name the rows; the others hold what is asked for.

    `caption` are the lines right above, `notes` what is said about units there, in the heads and over the row names.
    """

    start: int
    end: int
    caption: str
    notes: tuple[str, ...]
    stubs: int
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    legend: tuple[tuple[str, str], ...] = ()  # abbreviations that the page explains: ("CI", "confidence interval")

    @cached_property
    def decimal_comma(self) -> bool:
        """Whether figures of this table have a comma before the decimals (7,8 and 1.234,50)."""
        texts = [cell.text for row in self.rows for cell in row.cells]
        comma = sum(bool(_DECIMAL_COMMA.search(text)) for text in texts)
        return comma > sum(bool(_DECIMAL_POINT.search(text)) for text in texts)


def find_tables(page: str) -> list[PageTable]:
    """Return the tables of a page's text in order; cells know their offsets into it."""
    lines = _lines(page)
    grids = list(_grids(page, lines))
    legend = _legend(page) if grids else ()
    found = [table for rows, above in grids if (table := _table(page, rows, above, legend)) is not None]
    return sorted(found, key=lambda table: table.start)


# ---- lines of a page that are rows of one grid

type _Span = tuple[int, int]
type _Raw = list[_Span]  # the cells of one row, as offsets into the page

_RULE = re.compile(r"[ \t]{0,8}\|?(?:[ \t]{0,40}:?-{1,200}:?[ \t]{0,40}\|){0,60}[ \t]{0,40}:?-{1,200}:?[ \t]*\|?[ \t]*")
_PIPES = re.compile(r"(?<!\\)\|")


def _lines(page: str) -> list[_Span]:
    found, at = [], 0
    for line in page.split("\n"):
        found.append((at, at + len(line)))
        at += len(line) + 1
    return found


def _grids(page: str, lines: Sequence[_Span]) -> Iterator[tuple[list[_Raw], list[_Span]]]:
    """Yield the rows of each grid, and the lines above it, nearest last."""
    data = _data_file(page, lines)
    if data:
        yield data, []
        return
    kinds = [_kind(page[a:b]) for a, b in lines]
    at = 0
    for kind, run in groupby(kinds):
        count = len(list(run))
        part = lines[at : at + count]
        above = [(a, b) for a, b in lines[max(0, at - FAR) : at] if page[a:b].strip()][-CAPTION_LINES:]
        at += count
        if kind == "pipes":
            yield from ((rows, above) for rows in _markdown(page, part))
        elif kind == "tabs":
            for rows in _of_one_width([_split_tabs(page, a, b) for a, b in part]):
                yield rows, above
                above = []


def _kind(line: str) -> str:
    if "\t" in line and line.strip():
        return "tabs"
    return "pipes" if line.count("|") >= 2 or (_RULE.fullmatch(line) and "|" in line) else ""


def _split_tabs(page: str, start: int, end: int) -> _Raw:
    cells, at = [], start
    for part in page[start:end].split("\t"):
        cells.append((at, at + len(part)))
        at += len(part) + 1
    return cells


def _of_one_width(rows: list[_Raw]) -> Iterator[list[_Raw]]:
    """Yield the runs of two rows and more with the same number of cells.

    Other tools leave out cells at the end: rows a little shorter than those around them are filled up.
    """
    widths = Counter(len(row) for row in rows)
    if not widths:
        return
    usual, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if count >= 2 and all(abs(width - usual) <= 1 or width == 2 for width in widths) and count >= 0.6 * len(rows):
        yield [_fill(row, usual) for row in rows]
        return
    for _, run in groupby(rows, len):
        if len(part := list(run)) >= 2:
            yield part


def _fill(row: _Raw, width: int) -> _Raw:
    last = row[-1][1]
    return (row + [(last, last)] * (width - len(row)))[:width]


def _markdown(page: str, lines: Sequence[_Span]) -> Iterator[list[_Raw]]:
    """Yield the rows of Markdown tables: a head, a rule of dashes, rows."""
    rules = [at for at, (a, b) in enumerate(lines) if at and _RULE.fullmatch(page[a:b])]
    for rule, after in pairwise([*rules, len(lines) + 1]):
        rows = [_split_pipes(page, *lines[at]) for at in (rule - 1, *range(rule + 1, min(after - 1, len(lines))))]
        if len(rows) >= 2:
            yield [_fill(row, len(rows[0])) for row in rows if row]


def _split_pipes(page: str, start: int, end: int) -> _Raw:
    text = page[start:end]
    begin = start + len(text) - len(text.lstrip())
    stop = start + len(text.rstrip())
    if page.startswith("|", begin):
        begin += 1
    if stop > begin and page[stop - 1] == "|" and page[stop - 2] != "\\":
        stop -= 1
    cuts = [m.start() for m in _PIPES.finditer(page, begin, stop)]
    return list(zip([begin, *(cut + 1 for cut in cuts)], [*cuts, stop], strict=True))


def _data_file(page: str, lines: Sequence[_Span]) -> list[_Raw]:
    """Return the rows when the whole page is a data file with commas or semicolons, else []."""
    full = [(a, b) for a, b in lines if page[a:b].strip()]
    if len(full) < MIN_DATA_LINES:
        return []
    for sign, fewest in ((";", 2), (",", 3)):
        if sum(sign in page[a:b] for a, b in full) < MIN_DATA_SHARE * len(full):
            continue
        rows = list(_split_data(page, full[0][0], full[-1][1], sign))
        widths = Counter(len(row) for row in rows)
        width, count = max(widths.items(), key=lambda item: item[1])
        if not _is_data(page, rows, sign):
            continue
        if width >= fewest and count >= max(MIN_DATA_LINES, MIN_DATA_SHARE * len(rows)):
            return [_fill(row, width) for row in rows if len(row) == width]
    return []


def _is_data(page: str, rows: Sequence[_Raw], sign: str) -> bool:
    """Return whether these are fields, not the clauses of sentences or statements."""
    ended = sum(page[row[-1][1] - 1 : row[-1][1]] in (".", "!", "?", "{", "}") for row in rows)
    spaced = sum(page.startswith(" ", cell[0]) for row in rows for cell in row[1:])
    signs = sum(len(row) - 1 for row in rows)
    figures = sum(any(is_figure(page[a:b]) for a, b in row) for row in rows[1:])
    return 2 * ended < len(rows) and (2 * spaced < signs or 2 * figures > len(rows))


def _split_data(page: str, start: int, end: int, sign: str) -> Iterator[_Raw]:
    """Yield the rows of fields; a quoted field may hold the sign, line ends and doubled quotes."""
    row: _Raw = []
    at = start
    while at <= end:
        stop, after = at, at
        if page.startswith('"', at):
            close = page.find('"', at + 1)
            while close >= 0 and page.startswith('""', close):
                close = page.find('"', close + 2)
            close = close if 0 <= close < end else end
            row.append((at + 1, close))
            after = min(close + 1, end)
        else:
            stops = [found for found in (page.find(sign, at, end), page.find("\n", at, end)) if found >= 0]
            stop = min(stops, default=end)
            row.append((at, stop))
            after = stop
        if after >= end or not page.startswith(sign, after):
            yield row
            row = []
        at = after + 1


# ---- a grid taken for a table

_YEAR = r"(?:fy|cy)?\s?'?(?:19|20)\d\d(?:\s?[-/\u2013]\s?(?:19|20)?\d\d)?[ae]?"
_LABEL_LIKE = re.compile(  # years, quarters, dates: they name columns, and say nothing themselves
    rf"{_YEAR}|q[1-4](?:[ -/]{_YEAR})?|[1-4]q(?:[ -/]?\d\d(?:\d\d)?)?|h[12](?:[ -/]{_YEAR})?|"
    r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d-\d\d(?:-\d\d)?|\(?unaudited\)?|"
    r"[a-z]{2,9}\.?,?[ -]\d{1,2}[./]\d{1,2}\.?|[a-z]{3,9}\.?[ -](?:\d{1,2},? )?(?:19|20)?\d\d",
    re.IGNORECASE,
)
_FIGURE = re.compile(  # a figure, with what stands before and after it
    r"[(+\-\u2212\u2013<>\u2264\u2265~\u00b1]{0,3}\s{0,2}(?:[$€£¥₹]|[A-Z]{2,3}\$?\s?(?=\d)|[A-Z]{1,2}\$|[<>\u2264\u2265])?\s{0,2}"
    r"[(+\-\u2212\u2013]{0,2}\s{0,2}\d[\d.,'’\s\u00a0\u202f:/\-\u2013]{0,40}"
    r"\)?\s{0,2}(?:[%\u2030x×°)*†‡]|[\u00b9\u00b2\u00b3\u2070-\u2079]{1,3}|[a-zA-Z\u00b5\u00b2\u00b3/€$£.]{1,9}|\(\w{1,3}\)|\[\w{1,3}\]|[,+])?"
    r"[)%*†‡\s\d]{0,6}(?:\([^()]{0,20}\))?"
)
_EMPTY = re.compile(r"[\s\-\u2013\u2014\u2212.*$%€]*|n\.?/?a\.?|nm", re.IGNORECASE)
_CLAUSE = re.compile(r"[^();:]{2,120}")
_NOTE = re.compile(
    r"\b(?:thousands?|millions?|billions?|tausend|tsd|mio|mrd|millionen|milliarden|milliers|milliards)\b|[$€£]\s?000|"
    r"\bin %|\b(?:in|en) (?:euros?|dollars?|percent|prozent|usd|eur|gbp|chf)\b|\bper share\b",
    re.IGNORECASE,
)


def is_figure(text: str) -> bool:
    """Return whether a cell holds a figure: 1,234.5 or (12)% or $ 5 or 16:45, not a year or a date alone."""
    text = text.strip()
    return any(map(str.isdigit, text)) and not _LABEL_LIKE.fullmatch(text) and bool(_FIGURE.fullmatch(text))


_EXPLAINED = re.compile(r"(?:^|[;:,(\n]) {0,3}([A-Z][\w/&.-]{0,9}) {0,3}[=:] {0,3}([a-z][^;=\n)]{2,60})")


def _legend(page: str) -> tuple[tuple[str, str], ...]:
    """Return the abbreviations that a page explains beside its tables ("CI = confidence interval")."""
    return tuple(m.groups() for m in _EXPLAINED.finditer(page)) if "=" in page else ()  # type: ignore[misc]


def _table(
    page: str, rows: list[_Raw], above: Sequence[_Span], legend: tuple[tuple[str, str], ...]
) -> PageTable | None:
    rows = [row for row in rows if any(page[a:b].strip() for a, b in row)]
    if len(rows) < 2 or len(rows[0]) < 2:
        return None
    rows = _drop_empty_columns(page, rows)
    if len(rows[0]) < 2:
        return None
    texts = [[_one_line(page[a:b]) for a, b in row] for row in rows]
    heads = _head_count(texts)
    stubs = _stub_count(texts[heads:])
    caption = _caption(page, above)
    columns = _columns(texts[:heads], len(rows[0]))
    stub_heads = [head for column in columns[:stubs] for head in column.path]
    over_all = set.intersection(*(set(column.path) for column in columns[stubs:]))
    clauses = [m.group().strip() for text in (caption, *stub_heads, *over_all) for m in _CLAUSE.finditer(text)]
    notes = [clause for clause in clauses if _NOTE.search(clause)]
    return PageTable(
        start=rows[0][0][0],
        end=rows[-1][-1][1],
        caption=caption,
        notes=tuple(dict.fromkeys(notes)),
        stubs=stubs,
        columns=columns,
        rows=tuple(_rows(page, rows[heads:], stubs)),
        legend=legend,
    )


def _one_line(text: str) -> str:
    return " ".join(text.replace("\\|", "|").replace('""', '"').split())


def _drop_empty_columns(page: str, rows: list[_Raw]) -> list[_Raw]:
    kept = [at for at in range(len(rows[0])) if any(page[row[at][0] : row[at][1]].strip() for row in rows)]
    return [[row[at] for at in kept] for row in rows]


def _head_count(texts: Sequence[Sequence[str]]) -> int:
    """Return how many of the first rows are heads: those before the first with a figure, sections left out."""
    first = next((at for at, row in enumerate(texts) if _has_figures(row)), None)
    wide = len(texts[0]) > 2
    if first is None:  # words only: with two columns they are names and what is said of them
        return 1 if wide and all(texts[0][1:]) else 0
    while first and not any(texts[first - 1][1:]) and any(any(row[1:]) for row in texts[: first - 1]):
        first -= 1
    return first if first <= MAX_HEAD_ROWS else int(all(texts[0][1:]))


def _has_figures(row: Sequence[str]) -> bool:
    return any(is_figure(cell) for cell in row[1:]) and not _is_numbering(row)


def _is_numbering(row: Sequence[str]) -> bool:
    """Return whether a row only counts the columns: (1) (2) (3)."""
    numbers = [int(cell.strip("()")) for cell in row if re.fullmatch(r"\(?\d{1,2}\)?", cell)]
    return len(numbers) > 2 and len(numbers) == sum(map(bool, row)) and all(b == a + 1 for a, b in pairwise(numbers))


def _stub_count(texts: Sequence[Sequence[str]]) -> int:
    """Return how many of the first columns name the rows: those with words, before the first with figures."""
    width = len(texts[0]) if texts else 1
    for at in range(width):
        cells = [row[at] for row in texts if row[at]]
        figures = sum(is_figure(cell) or bool(_EMPTY.fullmatch(cell)) for cell in cells)
        serial = at == 0 and all(re.fullmatch(r"\d{1,4}[.)]?", cell) for cell in cells)
        if not serial and cells and figures > 0.5 * len(cells):
            return max(1, at)
    return 1


def _columns(heads: Sequence[Sequence[str]], width: int) -> tuple[TableColumn, ...]:
    columns = []
    for at in range(width):
        path: list[str] = []
        for row in heads:
            if row[at] and (not path or path[-1] != row[at]):
                path.append(row[at])
        columns.append(TableColumn(tuple(path)))
    return tuple(columns)


def _rows(page: str, rows: Sequence[_Raw], stubs: int) -> Iterator[TableRow]:
    """Yield the rows with figures; a row with a name only is the section of those below it, until a total of it."""
    sections: list[str] = []
    fresh = closed = False  # a section came right above; the last section ended with its total
    number, spread = 0, ""
    for row in rows:
        texts = [_one_line(page[a:b]) for a, b in row]
        label = " ".join(text for text in texts[:stubs] if text)
        if not any(texts[stubs:]):
            if label:
                sections = [*(sections if fresh or closed else sections[:-1]), label]
            fresh, closed = bool(label), False
            continue
        spread = texts[0] or spread
        path = (*sections, spread) if stubs > 1 and not texts[0] and spread else sections
        cells = tuple(
            Cell(text, *_bare(page, a, b), number, at) for at, (text, (a, b)) in enumerate(zip(texts, row, strict=True))
        )
        yield TableRow((*path, label), cells)
        number += 1
        fresh = False
        if sections and re.match(r"(?:sub)?total|summe|gesamt|insgesamt", label, re.IGNORECASE):
            sections, closed = sections[:-1], True


def _bare(page: str, start: int, end: int) -> _Span:
    text = page[start:end]
    bare = text.strip()
    begin = start + text.find(bare) if bare else start
    return begin, begin + len(bare)


def _caption(page: str, above: Sequence[_Span]) -> str:
    """Return the lines right above a table: the nearest paragraph of a few lines, one empty line allowed."""
    found: list[str] = []
    for a, b in reversed(above):
        line = _one_line(page[a:b])
        if line and ("\t" in page[a:b].strip() or len(line) > CAPTION_CHARACTERS):
            break
        if line:
            found.append(line)
        elif len(found) > 0:
            break
        if len(found) == CAPTION_LINES:
            break
    return " ".join(reversed(found))


# ---- what a cell is worth

_SCALES = (
    (re.compile(r"\b(?:billions?|milliarden?|mrd|milliards?|bn)\b", re.IGNORECASE), 1_000_000_000),
    (re.compile(r"\b(?:millions?|millionen|mio|mill?n|(?<=\$)mm)\b", re.IGNORECASE), 1_000_000),
    (re.compile(r"\b(?:thousands?|tausend|tsd|milliers|000s?)\b|[$€£]\s?000|\b000['’]s\b", re.IGNORECASE), 1_000),
)
_SCALE_NAMES = {1_000: "thousand", 1_000_000: "million", 1_000_000_000: "billion"}
_CURRENCIES = (
    (re.compile(r"[$]|\b(?:u\.?s\.? )?dollars?\b|\busd\b", re.IGNORECASE), "$"),
    (re.compile(r"€|\beuros?\b|\beur\b", re.IGNORECASE), "€"),
    (re.compile(r"£|\bpounds? sterling\b|\bgbp\b", re.IGNORECASE), "£"),
    (re.compile(r"¥|\byen\b|\bjpy\b", re.IGNORECASE), "¥"),
    (re.compile(r"₹|\brupees?\b|\binr\b|\brs\.", re.IGNORECASE), "₹"),
    (re.compile(r"\bchf\b|\bswiss francs?\b", re.IGNORECASE), "CHF"),
)
_PERCENT = re.compile(r"%|\bper ?cent\b|\bprozent\b|\bpercent(?:age)?\b|\bpourcent|\bv\.\s?h\.", re.IGNORECASE)
_PER_SHARE = re.compile(r"\bper (?:\w{1,12} ){0,2}(?:share|unit)\b|\beps\b|\bje aktie\b|\bpar action\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"\bshares\b|\bnumber of\b|\bemployees\b|\bheadcount\b|\bstores\b|\bcustomers\b|\bunits\b|\bratio\b|\brate\b|"
    r"\bdays\b|\bvolumes?\b|\banzahl\b|\baktien\b|\bnombre\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d.,'’ \u00a0\u202f]*\d|\d")
_OTHER_NUMBER = re.compile(r"[-\u2013\u2212/:]\s?\d")  # a range, a time, a ratio
_NEGATIVE = re.compile(r"^\s*[$€£¥]?\s*(?:\(\s*[$€£¥]?\s*[\d.]|[-\u2212\u2013]\s?[$€£¥]?\s?\d)|\d\s?[-\u2212]\s*$")
_DECIMAL_COMMA = re.compile(r"(?<![\d,.])\d{1,3}(?:[.\s\u00a0]\d{3})*,(?:\d{1,2}|\d{4,})(?![\d,.])")
_DECIMAL_POINT = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})*\.(?:\d{1,2}|\d{4,})(?![\d,.])|\d,\d{3},\d{3}")


@dataclass(frozen=True)
class CellValue:
    """What a cell is worth: `number` as written with its sign, times `scale`; of a percentage the percent figure."""

    number: float
    scale: int
    percent: bool
    currency: str  # its sign, "" when it is no money

    @property
    def scale_name(self) -> str:
        """Return "million" and its like, "" for 1."""
        return _SCALE_NAMES.get(self.scale, "")


def value_of(table: PageTable, cell: Cell) -> CellValue | None:
    """Return the value of a cell with the unit of its column, its row or the table, None when it is no figure.

    Brackets and a minus at either end are negative. Percentages and figures per share are not scaled by
    "in millions", counts are not money.
    """
    match = _NUMBER.search(cell.text)
    if match is None or not is_figure(cell.text) or _OTHER_NUMBER.search(cell.text, match.end()):
        return None
    number = parse_number(match.group(), table.decimal_comma)
    if number is None:
        return None
    row, column = table.rows[cell.row], table.columns[cell.column].name
    own, notes = " ".join(row.path), " ".join((*table.notes, table.caption[-120:]))
    percent = _is_percent(cell.text, row.label, column)
    per_share = bool(_PER_SHARE.search(f"{own} {column}"))
    counted = bool(_COUNTED.search(row.label) or _COUNTED.search(column)) and not _has_currency(cell.text)
    exempt = percent or per_share
    scale = 1 if exempt else next((s for s in map(_scale, (row.label, column, notes)) if s), 1)
    if counted and scale > 1 and not _COUNTED.search(notes) and not _scale(row.label) and not _scale(column):
        scale = 1
    currency = "" if percent or counted else _currency_of(cell.text, row.label, column, " ".join(table.notes))
    negative = bool(_NEGATIVE.search(cell.text)) and not cell.text.strip().endswith(("(%)", "(1)", "(2)"))
    bracketed_share = percent and cell.text.strip().startswith("(") and _all_in_brackets(table, cell.column)
    return CellValue(-number if negative and not bracketed_share else number, scale, percent, currency)


def parse_number(text: str, decimal_comma: bool = False) -> float | None:
    """Return the number that digits with any grouping stand for, None when they stand for none."""
    bare = re.sub(r"['’\s\u00a0\u202f]", "", text).rstrip(".,")
    if decimal_comma:
        bare = bare.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", bare):
        bare = bare.replace(".", "")
    else:
        bare = bare.replace(",", "")
    try:
        return float(bare)
    except ValueError:
        return None


def _all_in_brackets(table: PageTable, column: int) -> bool:
    """Return whether all figures of a column stand in brackets: then they are no negative ones."""
    texts = [row.cells[column].text for row in table.rows if is_figure(row.cells[column].text)]
    return len(texts) > 2 and all(text.startswith("(") for text in texts)


def _is_percent(cell: str, label: str, column: str) -> bool:
    if _has_currency(cell):
        return False
    return "%" in cell or bool(_PERCENT.search(column)) or bool(_PERCENT.search(label))


def _scale(text: str) -> int:
    return next((scale for sign, scale in _SCALES if sign.search(text)), 0)


def _has_currency(text: str) -> bool:
    return any(sign.search(text) for sign, _ in _CURRENCIES)


def _currency_of(*texts: str) -> str:
    for text in texts:
        for sign, name in _CURRENCIES:
            if sign.search(text):
                return name
    return ""
