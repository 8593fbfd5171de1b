"""Pages as pictures, with the rectangles of a stretch of their text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from trayassist.api import PageView
from trayassist_ingest import mupdf

Quad = tuple[float, float, float, float]
MIN_WIDTH, MAX_WIDTH = 16, 6000
MAX_PIXELS = 40_000_000
SEARCHED = 300  # characters in which the next word of a page must follow; a word that does not is skipped


def view(
    page: Any,
    parsed: Any,
    text: str,
    width: int,
    mark: tuple[int, int],
    pages: int,
    extras: Sequence[tuple[str, Any]] = (),
) -> PageView:
    """Return the page `width` pixels wide; the characters of `mark` (offsets into `text`) as quads.

    `parsed` is what `text` came from; `extras` are pieces at the end of `text` that lie in rectangles of their own.
    """
    pymupdf = mupdf.load()
    frame = page.rect
    zoom = max(MIN_WIDTH, min(width, MAX_WIDTH)) / max(1.0, frame.width)
    zoom = min(zoom, (MAX_PIXELS / max(1.0, frame.width * frame.height)) ** 0.5)
    picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False, colorspace=pymupdf.csRGB)
    place = page.rotation_matrix * pymupdf.Matrix(zoom, zoom)
    found = mark_words(parsed.extractWORDS(), text, mark) + _mark_extras(text, mark, extras)
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


def mark_words(words: Iterable[Sequence[Any]], text: str, mark: tuple[int, int]) -> list[Quad]:
    """Return one rectangle per line for the words of `mark`.

    `words` are (x0, y0, x1, y1, word, block, line, ...) in the order of `text`.
    """
    lines: dict[tuple[int, int], Quad] = {}
    position = 0
    for x0, y0, x1, y1, word, block, line, *_ in words:
        begin = text.find(word, position, position + SEARCHED + len(word))
        if begin < 0:
            continue
        position = begin + len(word)
        if position <= mark[0] or begin >= mark[1]:
            continue
        old = lines.get((block, line), (x0, y0, x1, y1))
        lines[block, line] = (min(old[0], x0), min(old[1], y0), max(old[2], x1), max(old[3], y1))
    return list(lines.values())


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
