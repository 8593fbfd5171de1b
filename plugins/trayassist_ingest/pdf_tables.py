"""Tables of a PDF page, found by where its words stand, and the page's text with their rows as cells with tabs.

A table is a run of rows whose pieces of text stand in columns: between them runs white space from the first row to the
last. Every row of a table gets the same number of cells; the head of several columns is repeated over each of them;
wrapped cells are joined; "$", "%" and footnote marks in columns of their own go to the figure beside them. Prose in
columns, lists, contents and forms stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

type Word = Sequence[Any]  # x0, y0, x1, y1, word, block, line, ...
type Quad = tuple[float, ...]

WIDE_GAP = 0.75  # heights of a line between two words that are two pieces
SAME_ROW = 0.45  # heights by which the centres of a row's pieces may differ
GUTTER = 0.12  # heights that are white between two columns at least
CROSSED = 0.04  # share of the rows that may write over the white between two columns
NEXT_ROW = 3.2  # heights from one row of a table to the next at most
PROSE_WORDS = 7  # of a line that crosses the columns: prose, no section
LINE_WORDS = 10  # of a line of prose at least
SHORT = 32  # characters of the middle piece of a table of words at most
CELL = 28  # characters of the middle cell where cells are drawn column by column
LOOK_BACK = 300  # pieces
LABELS = 6  # rows with a label only, one below the other
CUT = 0.35  # heights between two words of a line that are in two columns
CELL_LINES = 4  # of the last row at most
HEAD_ROWS = 9  # lines of heads at most, wrapped ones counted

_FIGURE = re.compile(
    r"[(\[+\-\u2212\u2013<>\u2264\u2265~]{0,3}\s?(?:[$€£¥₹]|[A-Z]{2,3}\$?\s?(?=\d)|[A-Z]{1,2}\$)?\s?[(\-\u2212]{0,2}\s?"
    r"[\d][\d.,'’/:\s\u00a0\u2013\-\u2212]{0,40}[)\]]?\s?(?:[%\u2030x×°*†‡)\u00b9\u00b2\u00b3\u2070-\u2079]{0,3}|[a-zA-Z%/]{1,6})(?:\s?\(\w{1,2}\))?"
)
_NIL = re.compile(r"[\u2014\u2013\u2212-]{1,3}|n\.?/?a\.?|nm|\*+|\.{1,3}|nil|none", re.IGNORECASE)
_BEFORE = re.compile(r"[$€£¥₹(]{1,3}|[A-Z]{0,2}\$|\([$€£]|[$€£]\(")  # stands before the figure it belongs to
_AFTER = re.compile(
    r"[\u00b9\u00b2\u00b3\u2070-\u2079]{1,3}|[%)\]]{1,3}|\)\s?%|[*†‡§]{1,3}|\(\w{1,2}\)|\[\w{1,2}\]|pts?|bps|x"
)
_ITEM = re.compile(r"[•●▪■◦‣–—*·\uf0b7-]|\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,4})[.)]")
_PLAIN = re.compile(r"[\d.,()%$€£\s\u2014\u2013-]*")
_YEAR = re.compile(r"\(?(?:19|20)\d\d(?:[-/\u2013]\d\d(?:\d\d)?)?[AEae]?\)?")
_OPEN_END = re.compile(
    r"(?:[,(\u2013-]|\b(?:and|or|of|the|to|in|for|from|by|with|on|at|a|und|der|die|von|de|et|du))$", re.IGNORECASE
)
_APART = re.compile(
    r"(?:table|figure|fig\.|tabelle|abbildung|tableau|tabla|source|sources|notes?|quelle)\b.{0,8}[\d:]", re.IGNORECASE
)
_DECIMAL = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")
_BROKEN = re.compile(r"[^\W\d_][-\u2010]$")
_PAGE = re.compile(r"pages?|seiten?|p\.|s\.|nos?\.?", re.IGNORECASE)
_PERIOD = re.compile(r"\(?(?:19|20)\d\d\)?|.{0,24}\b(?:19|20)\d\d")
_LEADERS = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}")


class TextPiece:
    """Words of one line without a wide gap between them; `lines` are the lines of the text that they come from."""

    __slots__ = ("_figure", "height", "lines", "middle", "text", "words", "x0", "x1", "y0", "y1")

    def __init__(self, words: list[Word], lines: tuple[int, ...], text: str = "") -> None:
        first, last = words[0], words[-1]
        self.words, self.lines = words, lines
        self.x0: float = first[0]
        self.x1: float = last[2]
        self.y0: float = min(first[1], last[1])
        self.y1: float = max(first[3], last[3])
        self.height, self.middle = self.y1 - self.y0, (self.y0 + self.y1) / 2
        self.text: str = text or " ".join([word[4] for word in words])
        self._figure: bool | None = None

    @property
    def figure(self) -> bool:
        if self._figure is None:
            self._figure = is_figure(self.text)
        return self._figure

    def part(self, numbers: Sequence[int]) -> TextPiece:
        """Return the piece that some of its words are."""
        return TextPiece([self.words[at] for at in numbers], self.lines)


type Row = list[TextPiece]
type Columns = Sequence[tuple[float, float]]  # left and right of each


@dataclass(slots=True)
class Grid:
    """A table: rows of cells, a cell being its words in order; `lines` are the lines of the text it stands for."""

    rows: list[list[list[TextPiece]]]
    lines: set[int]
    top: float = 0.0


@dataclass(slots=True)
class Arranged:
    """The text of a page with the rows of its tables, and its words in the order in which they stand there."""

    text: str
    words: list[Word] | None = None  # None: as they come


def is_figure(text: str) -> bool:
    """Return whether a piece is a figure of a table or stands for none: 1,234.5 or (12)% or a dash."""
    if any(map(str.isdigit, text)):
        return _FIGURE.fullmatch(text) is not None and not _YEAR.fullmatch(text)
    return _NIL.fullmatch(text) is not None


ROWS = 3  # lines beside another one from which a page may hold a table
BEFORE = 12  # lines among which the one beside is looked for
BESIDE = 8.0  # points
LEVEL = 2.5  # points


def may_hold(text: str, places: Sequence[tuple[float, float]], sideways: bool = False) -> bool:
    """Return whether a page may hold a table: short lines stand beside each other. It costs a fiftieth of looking.

    `places` are (top, left) of its lines on the page before it is turned.
    """
    lines = text.split("\n")
    if text.count("   ") > ROWS and sum(line.strip().count("   ") > 0 for line in lines) >= ROWS:
        return True
    if sideways:
        places = [(left, top) for top, left in places]
    short = [place for place, line in zip(places, lines, strict=False) if 0 < len(line.strip()) <= 2 * SHORT]
    beside = 0
    for at, (top, left) in enumerate(short):
        for other, edge in short[max(0, at - BEFORE) : at]:
            if abs(other - top) <= LEVEL and abs(edge - left) > BESIDE:
                beside += 1
                break
        if beside >= ROWS:
            return True
    return False


def arrange(
    text: str,
    words: Sequence[Word],
    places: Mapping[tuple[int, int], int],
    joined: str,
    turn: Callable[[Quad], Quad] | None = None,
) -> Arranged:
    """Return the page's text with the rows of its tables, and its words in the new order.

    `words` are those of `text` in order; `places` says which line of it a (block, line) is, and is empty where its
    lines hold the words as they are. `joined` is `text` with other white space at some line ends; lines outside
    of tables are taken from it. `turn` maps the rectangle of a word onto the page as it is read.
    """
    turn = turn or _upright(words)
    if turn is not None:
        words = [(*turn(tuple(word[:4])), *word[4:8], word) for word in words]
    words = [word for word in words if not word[4].isspace()]
    of_line = _by_place(words, places) if places else _by_line(text, words)
    if of_line is None:
        return Arranged(joined)
    lines = text.split("\n")
    pieces = [piece for line, found in of_line.items() for piece in _pieces(found, line, lines[line])]
    grids = [grid for flow in _flows(pieces) for part in _regions(_rows(flow)) for grid in _grids(part)]
    return _write(text, joined, of_line, grids) if grids else Arranged(joined)


def _upright(words: Sequence[Word]) -> Callable[[Quad], Quad] | None:
    """Return what sets text upright that runs up or down the page, None when it runs across."""
    long = [word for word in words if len(word[4]) > 3]
    if 2 * sum(word[3] - word[1] > 1.5 * (word[2] - word[0]) for word in long) <= len(long):
        return None
    pairs = [(a, b) for a, b in pairwise(words) if a[5:7] == b[5:7]]
    if 2 * sum(b[1] < a[1] for a, b in pairs) > len(pairs):
        return lambda quad: (-quad[3], quad[0], -quad[1], quad[2])
    return lambda quad: (quad[1], -quad[2], quad[3], -quad[0])


# ---- pieces, rows, and stretches of rows that may be tables


def _by_line(text: str, words: Sequence[Word]) -> dict[int, list[Word]] | None:
    """Return the words of each line of the text that has any, None where the words are not those of the text."""
    of_line: dict[int, list[Word]] = {}
    start, count = 0, len(words)
    for number, line in enumerate(text.split("\n")):
        at, position = start, 0
        while at < count:
            word = words[at][4]
            found = line.find(word, position)
            if found < 0:
                break
            position = found + len(word)
            at += 1
        if at > start:
            of_line[number] = list(words[start:at])
            start = at
    return of_line if start == count else None


def _by_place(words: Sequence[Word], places: Mapping[tuple[int, int], int]) -> dict[int, list[Word]]:
    of_line: dict[int, list[Word]] = {}
    for word in words:
        of_line.setdefault(places[word[5], word[6]], []).append(word)
    return of_line


def _pieces(words: list[Word], line: int, written: str) -> Iterator[TextPiece]:
    """Yield the pieces of a line: its words, cut at wide gaps; one that is the whole line is as it is `written`."""
    start = 0
    for at in range(1, len(words)):
        word, edge = words[at], words[at - 1][2]
        height = word[3] - word[1]
        if not edge - height <= word[0] < edge + WIDE_GAP * height:
            yield TextPiece(words[start:at], (line,))
            start = at
    yield TextPiece(words[start:], (line,), "" if start else " ".join(written.split()))


def _flows(pieces: Sequence[TextPiece]) -> Iterator[list[TextPiece]]:
    """Yield the columns of the page in the order of its text; cells that were drawn column by column stay together."""
    flow: list[TextPiece] = []
    for part in _falling(pieces):
        if flow and not _belongs(flow[-LOOK_BACK:], part):
            yield flow
            flow = []
        flow += part
    if flow:
        yield flow


def _falling(pieces: Sequence[TextPiece]) -> Iterator[list[TextPiece]]:
    """Yield stretches in which no piece lies above the one before it."""
    part: list[TextPiece] = []
    for piece in pieces:
        if part and piece.y1 < part[-1].y0:
            yield part
            part = []
        part.append(piece)
    if part:
        yield part


def _belongs(flow: Sequence[TextPiece], part: Sequence[TextPiece]) -> bool:
    """Return whether `part`, which begins higher up than `flow` ends, is more cells of the same rows."""
    top, bottom = part[0].y0, max(piece.y1 for piece in flow)
    beside = [piece for piece in flow if piece.y1 > top]
    if not beside:
        return False
    return max(_usual_length(beside), _usual_length([piece for piece in part if piece.y0 < bottom])) <= CELL


def _usual_length(pieces: Sequence[TextPiece]) -> float:
    return median(len(piece.text) for piece in pieces)


def _rows(flow: Sequence[TextPiece]) -> list[Row]:
    """Return the pieces in rows from the top down, each from left to right."""
    rows: list[Row] = []
    for piece in sorted(flow, key=lambda piece: piece.middle):
        if rows:
            first = rows[-1][0]
            if piece.middle - first.middle <= SAME_ROW * min(piece.height, first.height):
                rows[-1].append(piece)
                continue
        rows.append([piece])
    return [_attach_signs(sorted(row, key=lambda piece: piece.x0)) for row in rows]


def _attach_signs(row: Row) -> Row:
    """Return the row with currency signs, percent signs, brackets, marks and item numbers joined to their neighbour."""
    if len(row) < 2:
        return row
    done: Row = []
    for piece in row:
        if done and _is_one(done[-1], piece):
            done[-1] = _join(done[-1], piece)
        else:
            done.append(piece)
    return done


def _is_one(left: TextPiece, right: TextPiece) -> bool:
    gap = right.x0 - left.x1
    if _BEFORE.fullmatch(left.text):
        return right.figure
    if gap < 3 * right.height and _AFTER.fullmatch(right.text):
        return left.figure or gap < right.height
    return gap < 4 * right.height and bool(_ITEM.fullmatch(left.text)) and right.text[0].isalpha()


def _join(left: TextPiece, right: TextPiece) -> TextPiece:
    return TextPiece(left.words + right.words, left.lines + right.lines, f"{left.text} {right.text}")


def _regions(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield runs of rows of which two and more have several pieces, cut at wide white space and at prose."""
    several = [at for at, row in enumerate(rows) if len(row) > 1 and not _is_prose(row)]
    run: list[int] = []
    for at in several:
        if run and not _goes_on(rows, run[-1], at):
            yield from _with_neighbours(rows, run)
            run = []
        run.append(at)
    yield from _with_neighbours(rows, run)


def _is_prose(row: Row) -> bool:
    """Return whether a row is a line of prose with wide gaps, a caption or a note."""
    if _APART.match(row[0].text):
        return True
    words = [len(piece.words) for piece in row]
    if len(row) < 2 or sum(words) < LINE_WORDS or max(words) < PROSE_WORDS or any(piece.figure for piece in row):
        return False
    return all(b.x0 - a.x1 < 3 * b.height for a, b in pairwise(row))


def _goes_on(rows: Sequence[Row], last: int, at: int) -> bool:
    """Return whether the row `at` may be of the table of row `last`: all between them are labels."""
    for above, row in pairwise(rows[last : at + 1]):
        if row[0].y0 - above[0].y1 > NEXT_ROW * row[0].height:
            return False
    if _same_places(rows[last], rows[at]):
        return True
    edge = min(rows[last][1].x0, rows[at][1].x0)
    between = [row[0] for row in rows[last + 1 : at]]
    if any(_is_prose(row) for row in rows[last + 1 : at]):
        return False
    return not any(piece.x1 > edge and len(piece.words) >= PROSE_WORDS for piece in between) and len(between) <= LABELS


def _same_places(one: Row, other: Row) -> bool:
    """Return whether two rows of three and more pieces begin these at the same places, as of one table."""
    if len(one) < 3 or len(one) != len(other):
        return False
    return all(abs(a.x0 - b.x0) < 0.2 * a.height for a, b in zip(one, other, strict=True))


def _with_neighbours(rows: Sequence[Row], run: Sequence[int]) -> Iterator[list[Row]]:
    """Yield the rows of a run with the single pieces right above and below it: heads, and the rest of a label."""
    if len(run) < 2:
        return
    first, last = run[0], run[-1]
    edge = min(rows[at][1].x0 for at in run)
    left = min(rows[at][0].x0 for at in run)
    right = max(rows[at][-1].x1 for at in run)
    while first and run[0] - first < HEAD_ROWS and _is_head(rows[first - 1], rows[first], left, right, edge):
        first -= 1
    body = rows[last]
    while last + 1 < len(rows) and last - run[-1] < CELL_LINES and _is_rest(rows[last], rows[last + 1], body, edge):
        last += 1
    yield list(rows[first : last + 1])


def _is_head(row: Row, below: Row, left: float, right: float, edge: float) -> bool:
    piece = row[0]
    near = below[0].y0 - piece.y1 < 1.2 * piece.height
    over_figures = piece.x0 + piece.x1 > 2 * edge and piece.x0 > edge - 4 * piece.height
    inside = piece.x0 > left + piece.height and piece.x1 < right + piece.height
    return len(row) == 1 and near and inside and over_figures and not _APART.match(piece.text)


def _is_rest(row: Row, below: Row, body: Row, edge: float) -> bool:
    """Return whether the single piece `below` is the next line of a cell of the last row with several, `body`."""
    piece = below[0]
    if len(below) > 1 or piece.y0 - row[0].y1 >= 0.5 * piece.height:
        return False
    if piece.x0 < edge - 1:
        return piece.x1 < edge and _carries_on(row[0].text, piece.text)
    return any(abs(piece.x0 - cell.x0) < 1.5 and not cell.figure for cell in body[1:])


def _carries_on(text: str, rest: str) -> bool:
    """Return whether `rest` is the second line of the label `text`."""
    return rest[:1].islower() or bool(_OPEN_END.search(text)) or text.count("(") > text.count(")")


# ---- columns and cells


def _grids(rows: list[Row]) -> Iterator[Grid]:
    columns = _columns(rows)
    if len(columns) < 2:
        return
    rows, details = _details(rows, columns)
    heads = _count_heads(rows, columns)
    if again := _next_heads(rows, heads, columns):
        yield from _grids(rows[:again])
        yield from _grids(rows[again:])
        return
    body = [_in_columns(row, columns) for row in rows[heads:]]
    body = _join_lines(body, [row[0] for row in rows[heads:]], columns)
    _spread_labels(body)
    if not _is_table(rows, body, columns) or _is_contents(rows, body, heads):
        return
    head = _head_cells(rows[:heads], columns)
    if details:
        head = [[*row, []] for row in head]
        body = [[*row, _detail(row, details)] for row in body]
    lines = {line for row in (*rows, *details.values()) for piece in row for line in piece.lines}
    yield Grid([*head, *body], lines)


def _details(rows: list[Row], columns: Columns) -> tuple[list[Row], dict[int, Row]]:
    """Return the rows without the prose that stands under some of them, and that prose by the first word above it."""
    kept: list[Row] = []
    details: dict[int, Row] = {}
    prose = False
    for row in rows:
        piece = row[0]
        crosses = piece.x1 > columns[1][0] and len(piece.words) >= PROSE_WORDS
        if kept and len(row) == 1 and (crosses or (prose and abs(piece.x0 - columns[0][0]) < piece.height)):
            details.setdefault(id(kept[-1][0].words[0]), []).append(piece)
            prose = True
        else:
            kept.append(row)
            prose = False
    return kept, details


def _detail(row: list[list[TextPiece]], details: dict[int, Row]) -> list[TextPiece]:
    return [piece for cell in row for part in cell for word in part.words for piece in details.get(id(word), ())]


def _spread_labels(body: list[list[list[TextPiece]]]) -> None:
    """Give a label that stands in the middle of the rows it is for to each of them."""
    labels = [at for at, row in enumerate(body) if row[0]]
    seconds = sum(bool(row[1]) and not row[1][0].figure for row in body)
    if sum(len(piece.text) for row in body for piece in row[1]) > CELL * len(body):
        return
    if not labels or labels[0] == 0 or 3 * len(labels) > len(body) or seconds < 0.8 * len(body) or len(body[0]) < 3:
        return
    for at, row in enumerate(body):
        if not row[0]:
            row[0] = list(body[min(labels, key=lambda label: abs(label - at))][0])


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Return (left, right) of each column: between them runs white space that hardly a row writes over."""
    body = [row for row in rows if sum(piece.figure for piece in row) >= 1 and len(row) > 1]
    if len(body) < 2:
        body = [row for row in rows if len(row) > 1]
    pieces = [piece for row in body for piece in row]
    if not pieces:
        return []
    allowed = int(CROSSED * len(body))
    edges = sorted([(p.x0, 1) for p in pieces] + [(p.x1, -1) for p in pieces])
    columns: list[tuple[float, float]] = []
    depth, start = 0, None
    for x, step in edges:
        before, depth = depth, depth + step
        if before <= allowed < depth:
            start = x
        elif depth <= allowed < before and start is not None:
            columns.append((start, x))
            start = None
    gutter = GUTTER * median(piece.height for piece in pieces)
    return _with_gutters(columns, gutter)


def _with_gutters(columns: Columns, gutter: float) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for left, right in columns:
        if kept and left - kept[-1][1] < gutter:
            kept[-1] = (kept[-1][0], right)
        else:
            kept.append((left, right))
    return kept


def _in_columns(row: Row, columns: Columns) -> list[list[TextPiece]]:
    """Return the pieces of a row by column; a piece over several columns is cut at the white between its words."""
    cells: list[list[TextPiece]] = [[] for _ in columns]
    for piece in row:
        touched = _columns_under(piece, columns)
        if len(touched) > 1 and len(piece.words) > 1:
            for at, part in _cut(piece, columns):
                cells[at].append(part)
        else:
            cells[touched[0]].append(piece)
    return cells


def _columns_under(piece: TextPiece, columns: Columns) -> list[int]:
    """Return the columns that a piece lies over; the nearest when it lies over none."""
    found = [at for at, (left, right) in enumerate(columns) if piece.x0 < right - 0.5 and piece.x1 > left + 0.5]
    return found or [min(range(len(columns)), key=lambda at: abs(sum(columns[at]) - piece.x0 - piece.x1))]


def _cut(piece: TextPiece, columns: Columns) -> Iterator[tuple[int, TextPiece]]:
    """Yield (column, part) of a piece whose words lie in several columns; all in the first when no white parts them."""
    parts: list[tuple[int, list[int]]] = []
    for number, (x0, _, x1, *_) in enumerate(piece.words):
        at = min(range(len(columns)), key=lambda at: _distance(columns[at], (x0, x1)))
        if (parts and parts[-1][0] == at) or (parts and x0 - piece.words[number - 1][2] < CUT * piece.height):
            parts[-1][1].append(number)
        else:
            parts.append((at, [number]))
    for at, numbers in parts:
        yield at, piece.part(numbers)


def _distance(column: tuple[float, float], place: tuple[float, float]) -> float:
    return max(0.0, column[0] - place[1], place[0] - column[1]) * 1000 + abs(sum(column) - sum(place))


def _count_heads(rows: Sequence[Row], columns: Columns) -> int:
    """Return how many of the first rows are heads: those before the first with figures, its sections left out."""
    first = next((at for at, row in enumerate(rows) if _has_figures(row, columns)), None)
    if first is None:
        return 1
    while first and len(rows[first - 1]) == 1 and rows[first - 1][0].x1 < columns[1][0] and first > 1:
        if not any(len(row) > 1 for row in rows[: first - 1]):
            break
        first -= 1
    return first if first <= HEAD_ROWS else 0


def _next_heads(rows: Sequence[Row], heads: int, columns: Columns) -> int:
    """Return the row at which heads with years begin again below the figures, 0 when they do not."""
    for at in range(heads + 2, len(rows) - 1):
        row = [piece for piece in rows[at] if piece.x0 > columns[0][1] - 1]
        if len(row) > 1 and all(not piece.figure for piece in row) and sum(map(_is_period, row)) > 1:
            while at > heads + 1 and not any(piece.figure for piece in rows[at - 1]) and _over(rows[at - 1], columns):
                at -= 1
            return at
    return 0


def _is_period(piece: TextPiece) -> bool:
    return _PERIOD.fullmatch(piece.text) is not None


def _over(row: Row, columns: Columns) -> bool:
    return row[-1].x1 > columns[1][0]


def _has_figures(row: Row, columns: Columns) -> bool:
    figures = [
        piece for piece in row if piece.figure and piece.x0 > columns[0][1] - 1 and any(map(str.isdigit, piece.text))
    ]
    return bool(figures) and 2 * len(figures) >= len([p for p in row if p.x0 > columns[0][1] - 1])


def _join_lines(
    body: list[list[list[TextPiece]]], firsts: Sequence[TextPiece], columns: Columns
) -> list[list[list[TextPiece]]]:
    """Return the rows with the second lines of their cells joined to the first ones."""
    done: list[list[list[TextPiece]]] = []
    ends: list[float] = []
    for cells, first in zip(body, firsts, strict=True):
        if done and _continues(done[-1], cells, first.y0 - ends[-1], first.height, columns):
            for cell, more in zip(done[-1], cells, strict=True):
                cell += more
            ends[-1] = first.y1
        else:
            done.append(cells)
            ends.append(first.y1)
    return done


def _continues(
    above: list[list[TextPiece]], cells: list[list[TextPiece]], gap: float, height: float, columns: Columns
) -> bool:
    """Return whether a line is the rest of the row above it."""
    if gap > 0.6 * height:
        return False
    has = [bool(cell) for cell in cells]
    figures = [at for at, cell in enumerate(cells) if at and cell and cell[-1].figure]
    above_figures = any(cell and cell[-1].figure for cell in above[1:])
    label, before = cells[0], above[0]
    if not has[0]:  # nothing in the first column: more lines of the cells above, if those are no plain figures
        if not before or (not any(above[1:]) and figures):
            return bool(before) and gap < -0.25 * height
        return all(above[at] and not _PLAIN.fullmatch(above[at][-1].text) for at in range(len(cells)) if has[at])
    if above_figures and (figures or any(has[1:])):
        return False
    if not before:
        return not any(has[1:]) and gap < -0.25 * height
    text, rest = before[-1].text, label[0].text
    if any(has[1:]) and not above_figures and any(above[1:]) and not figures:
        return False
    if _carries_on(text, rest):
        return True
    room = columns[1][0] - 0.5 * height - before[-1].x1
    first_word = label[0].words[0][2] - label[0].x0
    return not above_figures and any(has[1:]) and not text.endswith(":") and room < first_word and not any(above[1:])


def _is_table(rows: Sequence[Row], body: list[list[list[TextPiece]]], columns: Columns) -> bool:
    """Return whether rows and columns hold figures or short words, not prose, items, contents or a form."""
    filled = [[cell for cell in row[1:] if cell] for row in body]
    cells = [cell for row in filled for cell in row]
    figures = [cell for cell in cells if all(piece.figure for piece in cell)]
    with_cells = [row for row in filled if row]
    if len(with_cells) < 2 or (len(columns) == 2 and _is_axis(body)):
        return False
    numbers = sum(any(any(map(str.isdigit, piece.text)) for piece in cell) for cell in figures)
    if 2 * len(figures) >= len(cells) and numbers >= 2:
        return _usual_length([piece for row in rows for piece in row]) <= 2 * SHORT
    pieces = [piece for row in rows for piece in row]
    few = len(columns) < 3 and not numbers
    return (
        not few and len(with_cells) >= 2 + (len(columns) < 3) and _usual_length(pieces) <= SHORT and _are_aligned(body)
    )


def _is_axis(body: list[list[list[TextPiece]]]) -> bool:
    """Return whether two columns are what stands beside a chart: numbers without labels, or two rows of even steps."""
    if 2 * sum(bool(row[0]) for row in body) <= len(body):
        return True
    columns = [[piece.text.replace(",", "") for cell in column for piece in cell] for column in zip(*body, strict=True)]
    return all(_are_even(column) for column in columns)


def _are_even(texts: Sequence[str]) -> bool:
    """Return whether these are three numbers and more in steps of one size."""
    if len(texts) < 3 or any(not _DECIMAL.fullmatch(text) for text in texts):
        return False
    numbers = [float(text) for text in texts]
    steps = [b - a for a, b in pairwise(numbers)]
    return all(abs(step - steps[0]) < 0.01 * abs(steps[0]) for step in steps)


def _are_aligned(body: list[list[list[TextPiece]]]) -> bool:
    """Return whether the cells of each column begin or end at one place, or have one middle."""
    for column in list(zip(*body, strict=True))[1:]:
        cells = [cell[0] for cell in column if cell]
        if len(cells) < 2:
            return False
        height = cells[0].height
        spreads = [_spread(x) for x in ([p.x0 for p in cells], [p.x1 for p in cells], [p.x0 + p.x1 for p in cells])]
        if min(spreads) > 0.4 * height:
            return False
    return True


def _spread(values: Sequence[float]) -> float:
    middle = median(values)
    return median(abs(value - middle) for value in values)


def _is_contents(rows: Sequence[Row], body: list[list[list[TextPiece]]], heads: int) -> bool:
    """Return whether this is a list of contents: names, and page numbers that rise."""
    if sum(bool(_LEADERS.search(piece.text)) or piece.text == "." for row in rows for piece in row) * 3 > len(rows):
        return True
    last = [row[-1][0].text for row in body if row[-1]]
    if len(last) < 4 or len(body[0]) > 3 or any(len(text) > 4 or not text.isdecimal() for text in last):
        return False
    named = any(len(row) > 1 and not _PAGE.fullmatch(row[-1].text) for row in rows[:heads])
    numbers = [int(text) for text in last]
    return not named and all(a <= b for a, b in pairwise(numbers)) and numbers[-1] < 1000 and len(set(numbers)) > 2


# ---- heads


def _head_cells(rows: Sequence[Row], columns: Columns) -> list[list[list[TextPiece]]]:
    """Return the heads in rows of cells: one over several columns is given to each, wrapped ones are joined."""
    stacks: list[list[list[TextPiece]]] = [[] for _ in columns]
    spans: list[tuple[tuple[int, ...], list[TextPiece]]] = []
    for number, row in enumerate(rows):
        below, wide = _below(rows, number, columns)
        for columns_of, piece in _place_heads(row, wide, rows[number + 1 :], below, [span for span, _ in spans]):
            same = next(
                (cell for span, cell in reversed(spans) if span == columns_of and _is_next_line(cell[-1], piece)), None
            )
            if same is not None:
                same.append(piece)
                continue
            cell = [piece]
            spans.append((columns_of, cell))
            for at in columns_of:
                stacks[at].append(cell)
    depth = max(map(len, stacks), default=0)
    return [[_level(stack, depth, level) for stack in stacks] for level in range(depth)]


def _level(stack: Sequence[list[TextPiece]], depth: int, level: int) -> list[TextPiece]:
    at = level - (depth - len(stack))
    return stack[at] if at >= 0 else []


def _is_next_line(above: TextPiece, below: TextPiece) -> bool:
    gap = below.y0 - above.y1
    return bool(abs(gap) < 0.6 * below.height)


def _below(rows: Sequence[Row], number: int, columns: Columns) -> tuple[list[set[int]], Columns]:
    """Return the columns that each row of heads below row `number` has heads for; and the columns as wide as these."""
    wide = list(columns)
    lower: list[set[int]] = []
    for row in rows[number + 1 :]:
        found: set[int] = set()
        for piece in row:
            over = _columns_under(piece, columns)
            found.update(over)
            if len(over) == 1:
                at = over[0]
                wide[at] = (min(wide[at][0], piece.x0), max(wide[at][1], piece.x1))
        lower.append(found)
    return lower, wide


def _place_heads(
    row: Row, columns: Columns, rows_below: Sequence[Row], below: list[set[int]], spans: Sequence[tuple[int, ...]]
) -> Iterator[tuple[tuple[int, ...], TextPiece]]:
    """Yield each head of a row with the columns it is over; `spans` are those of the heads above."""
    parts = [part for piece in row for part in _split_head(piece, columns)]
    taken = [_columns_under(part, columns) for part in parts]
    for number, part in enumerate(parts):
        over = taken[number]
        left = max((max(other) for other in taken[:number]), default=-1) + 1
        right = min((min(other) for other in taken[number + 1 :]), default=len(columns))
        for span in spans:  # heads are nested
            if len(span) > 1 and span[0] <= over[0] and over[-1] <= span[-1]:
                left, right = max(left, span[0]), min(right, span[-1] + 1)
        centred = len(over) == 1 and _off(part, columns, over[0], over[0]) < 0.6 * part.height
        if centred and rows_below and _wraps(part, rows_below[0]) and not _are_periods(rows_below[0], columns):
            yield tuple(over), part
        else:
            yield tuple(_span(part, columns, over, max(left, 1 if over[0] else 0), right, below)), part


def _are_periods(row: Row, columns: Columns) -> bool:
    """Return whether a row of heads has years or dates alone: what stands over them spans them."""
    heads = [piece for piece in row if piece.x0 > columns[0][1] - 1]
    return len(heads) > 1 and all(_is_period(piece) for piece in heads)


def _wraps(part: TextPiece, below: Row) -> bool:
    """Return whether a head goes on in the next line: right under it, with the same middle or the same edge."""
    for piece in below:
        near = piece.y0 - part.y1 < 0.25 * piece.height
        offs = (part.x0 - piece.x0, part.x1 - piece.x1, (part.x0 + part.x1 - piece.x0 - piece.x1) / 2)
        if near and piece.x0 < part.x1 and piece.x1 > part.x0 and min(map(abs, offs)) < 0.2 * piece.height:
            return True
    return False


def _span(
    part: TextPiece, columns: Columns, over: list[int], left: int, right: int, below: list[set[int]]
) -> list[int]:
    """Return the columns around `over` in whose middle the head stands; each of them needs a lower head in one row."""
    first, last = over[0], over[-1]
    best, off_best = (first, last), _off(part, columns, first, last)
    lowest = next((row for row in reversed(below) if not row.isdisjoint(over)), set())
    for a in range(left, first + 1):
        for b in range(last, right):
            if (a, b) == (first, last) or not lowest.issuperset(range(a, b + 1)):
                continue
            off = _off(part, columns, a, b)
            wider = b - a > best[1] - best[0] and off < off_best + 0.3 * part.height
            if off < 0.6 * off_best or (wider and off < 0.1 * (columns[b][1] - columns[a][0])):
                best, off_best = (a, b), off
    return list(range(best[0], best[1] + 1))


def _off(part: TextPiece, columns: Columns, first: int, last: int) -> float:
    return abs(part.x0 + part.x1 - columns[first][0] - columns[last][1]) / 2


def _split_head(piece: TextPiece, columns: Columns) -> list[TextPiece]:
    """Return a head that was written in one line with its neighbour as two."""
    if len(_columns_under(piece, columns)) < 2 or len(piece.words) < 2:
        return [piece]
    gaps = [b[0] - a[2] for a, b in pairwise(piece.words)]
    usual = min(gaps)
    parts: list[list[int]] = [[0]]
    for number, gap in enumerate(gaps, 1):
        if gap > max(1.8 * usual, 0.45 * piece.height):
            parts.append([])
        parts[-1].append(number)
    return [piece.part(numbers) for numbers in parts]


# ---- the text


def _text_of(cell: Sequence[TextPiece]) -> str:
    """Return the text of a cell on one line, words whole that a hyphen parts."""
    text = cell[0].text if cell else ""
    for piece in cell[1:]:
        if not _BROKEN.search(text):
            text += f" {piece.text}"
        elif piece.text[:1].islower():
            text = text[:-1] + piece.text
        else:
            text += piece.text
    return text


def _write(text: str, joined: str, of_line: Mapping[int, list[Word]], grids: list[Grid]) -> Arranged:
    """Return the text with each table in place of its first line, and the words in their new order."""
    grid_of = {line: grid for grid in grids for line in grid.lines}
    after_table = False
    written: set[int] = set()
    parts: list[str] = []
    order: list[Word] = []
    start = 0
    for line, plain in enumerate(text.split("\n")):
        content = joined[start : start + len(plain) + 1]
        start += len(plain) + 1
        grid = grid_of.get(line)
        if grid is None:
            if after_table and "\t" in content and content.strip():
                parts.append("\n")
            after_table = after_table and not content.strip()
            parts.append(content)
            order += of_line.get(line, ())
        elif id(grid) not in written:
            written.add(id(grid))
            _end_line(parts)
            parts += ["\t".join(_text_of(cell) for cell in row) + "\n" for row in grid.rows]
            order += [word for row in grid.rows for cell in row for piece in cell for word in piece.words]
            after_table = True
    return Arranged("".join(parts), [word[8] if len(word) > 8 else word for word in order])


def _end_line(parts: list[str]) -> None:
    """End the line before a table; a line with tabs is set apart, or it would look like a row of it."""
    if parts and not parts[-1].endswith("\n"):
        parts[-1] = parts[-1][:-1] + "\n"
    line = "".join(parts[-12:]).removesuffix("\n").rpartition("\n")[2]
    if "\t" in line.strip():
        parts.append("\n")
