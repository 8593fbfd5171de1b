"""Tables of HTML pages as rows with the same number of cells; spanned heads are repeated, signs join their figures.

What is laid out with a table (one column, tables inside tables, long texts) is no table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

MAX_SPAN = 100
MAX_CELLS = 40_000  # of a table; a larger one is read row by row as it stands
LONG_CELL = 120  # characters of the middle cell of a page that is laid out with a table
BEFORE = frozenset({"$", "€", "£", "¥", "(", "$("})  # in a cell of their own before a figure
AFTER = frozenset({")", "%", ")%", "%)", ") %"})

type Cells = list[list[Any]]  # nodes, the same one in each place that it spans, None where there is none


def rows_of(table: Any, text_of: Callable[[Any], str], is_unseen: Callable[[Any], bool]) -> list[list[str]]:
    """Return the rows of a table in texts; [] when it holds no table of two rows and two columns.

    `text_of` gives the text of a cell on one line, `is_unseen` whether a row is hidden.
    """
    if (table.attributes or {}).get("role") == "presentation" or len(table.css("table")) > 1:
        return []
    cells = _spread([row for row in table.css("tr") if not is_unseen(row)])
    if len(cells) < 2 or len(cells[0]) < 2:
        return []
    texts = {id(node): text_of(node) for row in cells for node in row if node is not None}
    filled = sorted(len(text) for text in texts.values() if text)
    if not filled or filled[len(filled) // 2] > LONG_CELL:
        return []
    rows = [_texts(row, texts) for row in cells]
    for row in rows:
        _join_signs(row)
    kept = list(_columns(cells, rows))
    rows = [[row[at] for at in kept] for row in rows if any(row)]
    return rows if len(kept) > 1 and len(rows) > 1 else []


def _spread(rows: list[Any]) -> Cells:
    """Return the cells by row and column; rows are filled up to one width."""
    cells: Cells = []
    held: dict[tuple[int, int], Any] = {}
    for number, row in enumerate(rows):
        line: list[Any] = []
        for node in row.iter():
            if node.tag not in ("td", "th"):
                continue
            while (number, len(line)) in held:
                line.append(held.pop((number, len(line))))
            wide, high = _span(node, "colspan"), _span(node, "rowspan")
            for below in range(1, high):
                held |= {(number + below, len(line) + at): node for at in range(wide)}
            line += [node] * wide
        while (number, len(line)) in held:
            line.append(held.pop((number, len(line))))
        cells.append(line)
        if len(cells) * len(line) > MAX_CELLS or len(held) > MAX_CELLS:
            return []
    columns = zip_longest(*cells)
    return [list(row) for row in zip(*columns, strict=True)]


def _span(node: Any, name: str) -> int:
    value = (node.attributes or {}).get(name) or "1"
    return max(1, min(int(value), MAX_SPAN)) if value.isascii() and value.isdigit() else 1


def _texts(row: list[Any], texts: dict[int, str]) -> list[str]:
    """Return the texts of a row; what spans the whole row is in its first cell alone."""
    found = [texts.get(id(node), "") for node in row]
    if len({id(node) for node in row}) == 1:
        return [found[0], *[""] * (len(row) - 1)]
    return found


def _join_signs(row: list[str]) -> None:
    for at, text in enumerate(row):
        if text in BEFORE and at + 1 < len(row) and row[at + 1][:1].isdigit():
            row[at + 1] = f"{text} {row[at + 1]}"
            row[at] = ""
        elif text in AFTER and at and row[at - 1]:
            row[at - 1] += text
            row[at] = ""


def _columns(cells: Cells, rows: list[list[str]]) -> Iterator[int]:
    """Yield the columns that say something of their own: some cell that is not spanned from the one before or after."""
    last = -1
    for at in range(len(cells[0])):
        beside = [n for n in (last, at + 1) if 0 <= n < len(cells[0])]
        own = any(
            row[at] and not any(line[at] is line[n] for n in beside) for line, row in zip(cells, rows, strict=True)
        )
        if own or last < 0:
            last = at
            yield at
