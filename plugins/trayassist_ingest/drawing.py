"""Pages as pictures, with the rectangles of a stretch of their text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trayassist.api import PageView
from trayassist.api.normal_text import skeleton
from trayassist_ingest import mupdf

Quad = tuple[float, float, float, float]
MIN_WIDTH, MAX_WIDTH = 16, 6000
MAX_PIXELS = 40_000_000
SEARCHED = 300  # letters in which the next word of a page must follow; one that does not is looked for elsewhere


def view(
    page: Any,
    parsed: Any,
    text: str,
    width: int,
    mark: tuple[int, int],
    pages: int,
    extras: Sequence[tuple[str, Any]] = (),
    places: Mapping[tuple[int, int], int] | None = None,
    hidden: Sequence[Quad] = (),
    words: Sequence[Any] | None = None,
) -> PageView:
    """Return the page `width` pixels wide; the characters of `mark` (offsets into `text`) as quads.

    `parsed` is what `text` came from; `extras` are pieces at the end of `text` that lie in rectangles of their own.
    `places` and `hidden` are as for `mark_words`. `words` are those of `parsed` in the order of the text.
    """
    pymupdf = mupdf.load()
    frame = page.rect
    zoom = max(MIN_WIDTH, min(width, MAX_WIDTH)) / max(1.0, frame.width)
    zoom = min(zoom, (MAX_PIXELS / max(1.0, frame.width * frame.height)) ** 0.5)
    picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False, colorspace=pymupdf.csRGB)
    place = page.rotation_matrix * pymupdf.Matrix(zoom, zoom)
    if words is None:
        found = mark_words(parsed.extractWORDS(), text, mark, places, hidden)
    else:
        found = mark_words(words, text, mark, None, hidden)
    found += _mark_extras(text, mark, extras)
    quads = tuple(_pixels(pymupdf.Rect(quad) * place) for quad in found)
    return PageView(
        width=picture.width,
        height=picture.height,
        stride=picture.stride,
        rgb=bytes(picture.samples_mv),
        quads=quads,
        pages=pages,
        text=text,
    )


def mark_words(
    words: Iterable[Sequence[Any]],
    text: str,
    mark: tuple[int, int],
    places: Mapping[tuple[int, int], int] | None = None,
    hidden: Sequence[Quad] = (),
) -> list[Quad]:
    """Return one rectangle per line for the words of `mark`.

    `words` are (x0, y0, x1, y1, word, block, line, ...). The text may be written otherwise than the page: broken words
    are whole, letters in their usual form, some lines elsewhere. So letters and figures alone are compared, in the
    order of the lines (`places`: the line of the text in which a (block, line) stands); words that are not where they
    should be are looked for where nothing else was found. Words in `hidden` boxes stand in no text.
    """
    there = list(skeleton(text))
    signs = "".join(sign for sign, _ in there)
    known = places or {}
    placed = [word for word in words if not any(_lies_in(word, box) for box in hidden)]
    if known:
        placed.sort(key=lambda word: known.get((word[5], word[6]), len(known)))  # stable within a line
    lines: dict[Any, Quad] = {}
    gaps: list[tuple[int, int]] = []
    missed = []
    at = 0

    def note(word: Sequence[Any], begin: int, end: int) -> None:
        first, last = there[begin][1], there[end - 1][1]
        if last < mark[0] or first >= mark[1]:
            return
        x0, y0, x1, y1 = word[:4]
        key = known.get((word[5], word[6]), (word[5], word[6]))
        old = lines.get(key, (x0, y0, x1, y1))
        lines[key] = (min(old[0], x0), min(old[1], y0), max(old[2], x1), max(old[3], y1))

    for word in placed:
        own = "".join(sign for sign, _ in skeleton(word[4]))
        if not own:
            continue
        begin = signs.find(own, at, at + SEARCHED + len(own))
        if begin < 0:
            missed.append((word, own))
            continue
        if begin > at:
            gaps.append((at, begin))
        at = begin + len(own)
        note(word, begin, at)
    gaps.append((at, len(signs)))
    for word, own in missed:
        for index, (begin, end) in enumerate(gaps):
            found = signs.find(own, begin, end)
            if found >= 0:
                gaps[index : index + 1] = [(begin, found), (found + len(own), end)]
                note(word, found, found + len(own))
                break
    return list(lines.values())


def _lies_in(word: Sequence[Any], box: Quad) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _mark_extras(text: str, mark: tuple[int, int], extras: Sequence[tuple[str, Any]]) -> list[Quad]:
    begin = len(text) - sum(len(extra) + 1 for extra, _ in extras)
    quads = []
    for extra, place in extras:
        end = begin + len(extra)
        if begin < mark[1] and end > mark[0]:
            quads.append((place.x0, place.y0, place.x1, place.y1))
        begin = end + 1
    return quads


def _pixels(rectangle: Any) -> Quad:
    return (rectangle.x0, rectangle.y0, rectangle.x1, rectangle.y1)
