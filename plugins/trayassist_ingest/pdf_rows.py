"""The rows of tables: MuPDF gives each cell a line of its own; here a row's cells come back onto one line.

Only the white space between words changes (a tab between cells), so offsets, words and their order stay.
"""

from __future__ import annotations

import re

PLACE = re.compile(r'<p style="top:([-\d.]+)pt;left:([-\d.]+)pt')
SAME_HEIGHT = 2.5  # points two cells of a row may differ in height
SAME_EDGE = 1.5  # points two lines of a cell may differ at the left
CELL_LETTERS = 60  # longer lines are prose in columns
WRAPS = 2  # lines a cell may have beyond its first, before the next cell of the row


def joined(text: str, markup: str) -> str:
    """Return `text` with the cells of each row on one line; `markup` is the same page as MuPDF's HTML.

    Where the two do not have the same lines, the text is returned as it is.
    """
    lines = text.split("\n")
    places = [(float(top), float(left)) for top, left in PLACE.findall(markup)]
    if len(places) != len(lines) - 1:
        return text
    breaks = ["\n"] * len(places)
    at = 0
    while at < len(places):
        at = _row(lines, places, at, breaks) + 1
    return "".join(line + end for line, end in zip(lines, [*breaks, ""], strict=True))


def _row(lines: list[str], places: list[tuple[float, float]], first: int, breaks: list[str]) -> int:
    """Set the breaks of the row that begins with line `first`; return its last line."""
    height, edge = places[first]
    last, wraps = first, 0
    for at in range(first + 1, len(places)):
        if max(len(lines[at - 1]), len(lines[at])) > CELL_LETTERS:
            break
        top, left = places[at]
        if abs(top - height) <= SAME_HEIGHT and left > edge + SAME_EDGE:
            breaks[last : at - 1] = [" "] * (at - 1 - last)
            breaks[at - 1] = "\t"
            last, edge, wraps = at, left, 0
        elif wraps < WRAPS and top > height and abs(left - edge) <= SAME_EDGE:
            wraps += 1
        else:
            break
    return last
