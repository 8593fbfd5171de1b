"""The text and the headings of a PDF page, from one parse of the page; the rows of its tables whole."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from trayassist.api.normal_text import normal
from trayassist_ingest import letters, mupdf, pdf_forms, pdf_lines, pdf_tables
from trayassist_ingest.pdf_tables import Arranged, Quad

HEADING_SIZE = 1.15  # times the size of most characters of the page
HEADING_WORDS = 14
HAS_WORD = re.compile(r"[^\W\d_]{3}")

# MuPDF writes a line as <p ...>, a stretch of one font as <span style="font-family:...;font-size:9.5pt;...">,
# inside <b> where it is bold. Writing and scanning this costs a third of what `get_text("dict")` costs.
SPAN = re.compile(r";font-size:([\d.]+)pt;[^>]*>([^<]*)")
BOLD_SPAN = re.compile(r"(<b>)?(?:<i>)?<span[^>]*>([^<]*)")


def parse(page: Any) -> Any:
    """Return the page parsed as `page.get_text()` parses it; positions are those of the unrotated page.

    Ligatures are left as they are: MuPDF would put the letters of an Arabic one in the wrong order. What is written
    out of the page has their letters.
    """
    pymupdf = mupdf.load()
    return page.get_textpage(flags=pymupdf.TEXTFLAGS_TEXT)


def read_lines(page: Any, parsed: Any, markup: str, margins: Collection[int] = ()) -> pdf_lines.Reading:
    """Return the page's lines as they are read; `margins` are the numbers of those that are left out."""
    text = str(parsed.extractText())
    form = page.first_widget is not None
    if not (form or margins or pdf_lines.looks_odd(page, text, markup)):
        return pdf_lines.Reading(text, markup)
    lines = list(pdf_lines.take_apart(parsed, text, markup))
    if not lines:
        return pdf_lines.Reading(text, markup)
    left_out = [line.box for at, line in enumerate(lines) if at in margins]
    lines, unseen = pdf_lines.mend(page, [line for at, line in enumerate(lines) if at not in margins])
    ticks: tuple[pdf_lines.Box, ...] = ()
    if form:
        lines, ticks = pdf_forms.fill_in(page, lines)
    return pdf_lines.put_together(lines, markup, (*left_out, *unseen, *ticks))


def text_of(
    page: Any, parsed: Any, lines: pdf_lines.Reading
) -> tuple[str, list[tuple[str, Any]], Sequence[Any] | None]:
    """Return the page's text as people read it, rows of tables whole, then the readers' comments; and those.

    Then the words in the order of the text, None when that is the order of `lines`.
    """
    places = [(float(top), float(left)) for top, left in PLACE.findall(lines.markup)]
    sideways = bool(page.rotation % 180)
    arranged = Arranged(lines.text if sideways else join_rows(lines.text, places))
    if pdf_tables.may_hold(lines.text, places, sideways):
        words = pdf_lines.seen_words(parsed, lines)
        arranged = pdf_tables.arrange(lines.text, words, lines.places, arranged.text, turn_of(page))
    text = letters.write_out(arranged.text)
    found = comments(page, text)
    return "".join([text, *(f"{comment}\n" for comment, _ in found)]), found, arranged.words


def turn_of(page: Any) -> Callable[[Quad], Quad] | None:
    """Return what turns a rectangle of the parsed page as the page is shown, None when nothing does."""
    if not page.rotation:
        return None
    pymupdf, matrix = mupdf.load(), page.rotation_matrix
    return lambda quad: tuple(pymupdf.Rect(quad) * matrix)


def comments(page: Any, text: str) -> list[tuple[str, Any]]:
    """Return the comments that no get_text() gives (sticky notes, remarks on highlights) and their rectangles."""
    if not page.annot_xrefs():
        return []
    found = []
    for annotation in page.annots() or ():
        content = " ".join(normal(str(annotation.info.get("content") or "")).split())
        if content and content not in text:
            found.append((content, annotation.rect))
    return found


def markup_of(parsed_page: Any) -> str:
    """Return the page as MuPDF's HTML: a `<p>` per line of its text, with place, sizes and weights."""
    return str(parsed_page.extractHTML())


def headings(markup: str) -> tuple[str, ...]:
    """Return the lines of 1 to 14 words that are larger than the page's body text, or all bold."""
    weight: Counter[str] = Counter()
    for size, text in SPAN.findall(markup):
        weight[size] += len(text.strip())
    if not weight:
        return ()
    body = float(weight.most_common(1)[0][0])
    large = [f"font-size:{size}pt" for size in weight if float(size) > HEADING_SIZE * body]
    found = []
    for line in markup.split("<p style")[1:]:
        is_large = any(size in line for size in large)
        if not is_large and "<b>" not in line:
            continue
        spans = BOLD_SPAN.findall(line)
        if not is_large and not all(bold for bold, text in spans if text.strip()):
            continue
        words = html.unescape("".join(text for _, text in spans)).split()
        heading = " ".join(words)
        if 1 <= len(words) <= HEADING_WORDS and HAS_WORD.search(heading):
            found.append(heading)
    return tuple(found)


# MuPDF gives each cell of a table a line of its own. Only the white space between words changes (a tab between
# cells), so offsets, words and their order stay.
PLACE = re.compile(r'<p style="top:([-\d.]+)pt;left:([-\d.]+)pt')
SAME_HEIGHT = 2.5  # points two cells of a row may differ in height
SAME_EDGE = 1.5  # points two lines of a cell may differ at the left
CELL_LETTERS = 60  # longer lines are prose in columns
WRAPS = 2  # lines a cell may have beyond its first, before the next cell of the row


def join_rows(text: str, places: Sequence[tuple[float, float]]) -> str:
    """Return `text` with the cells of each row on one line; `places` are (top, left) of its lines.

    Where there are not as many places as lines, the text is returned as it is.
    """
    lines = text.split("\n")
    if len(places) != len(lines) - 1:
        return text
    breaks = ["\n"] * len(places)
    at = 0
    while at < len(places):
        at = _row(lines, places, at, breaks) + 1
    return "".join(line + end for line, end in zip(lines, [*breaks, ""], strict=True))


def _row(lines: list[str], places: Sequence[tuple[float, float]], first: int, breaks: list[str]) -> int:
    """Set the breaks of the row that begins with line `first`; return its last line."""
    height, edge = places[first]
    last, wraps = first, 0
    for at in range(first + 1, len(places)):
        if max(len(lines[at - 1]), len(lines[at])) > CELL_LETTERS or not (lines[at - 1].strip() and lines[at].strip()):
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
