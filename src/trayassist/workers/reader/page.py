"""Plain text as a picture of a page, for files whose ingestor cannot draw. Imported in reader workers only."""

from __future__ import annotations

import textwrap
from typing import Any

from trayassist.api import PageView

MIN_WIDTH, MAX_WIDTH = 16, 6000
LINE_WIDTH = 100  # characters of a line
FONT_SIZE = 10.0  # points, as all lengths here
LEADING = 14.0
BORDER = 36.0
MAX_LINES = 2000

Quad = tuple[float, float, float, float]


def text_view(text: str, width: int, mark: tuple[int, int], pages: int) -> PageView:
    """Return plain text as a picture of a page, the characters of `mark` as quads."""
    import pymupdf

    lines = wrapped(text)[:MAX_LINES]
    paper = pymupdf.Rect(0, 0, 2 * BORDER + LINE_WIDTH * 0.6 * FONT_SIZE, 2 * BORDER + LEADING * max(1, len(lines)))
    with pymupdf.open() as document:
        page = document.new_page(width=paper.width, height=paper.height)
        writer = pymupdf.TextWriter(page.rect)
        font, fallback = pymupdf.Font("cour"), None
        step = font.glyph_advance(ord("x")) * FONT_SIZE
        quads: list[Quad] = []
        for row, (begin, line) in enumerate(lines):
            base = BORDER + (row + 0.8) * LEADING
            if not all(font.has_glyph(ord(sign)) for sign in line):
                fallback = fallback or pymupdf.Font("cjk")  # the widest built-in coverage
                ends = _write(writer, line, base, fallback)
            else:
                writer.append((BORDER, base), line, font=font, fontsize=FONT_SIZE)
                ends = [BORDER + step * (index + 1) for index in range(len(line))]
            first, last = max(mark[0], begin) - begin, min(mark[1], begin + len(line)) - begin
            if first < last:
                left = BORDER if first == 0 else ends[first - 1]
                quads.append((left, base - 0.8 * LEADING, ends[last - 1], base + 0.2 * LEADING))
        writer.write_text(page)
        zoom = max(MIN_WIDTH, min(width, MAX_WIDTH)) / paper.width
        picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False, colorspace=pymupdf.csRGB)
        scaled = tuple((a * zoom, b * zoom, c * zoom, d * zoom) for a, b, c, d in quads)
        return PageView(
            width=picture.width,
            height=picture.height,
            stride=picture.stride,
            rgb=bytes(picture.samples_mv),
            quads=scaled,
            pages=pages,
            text=text,
        )


def wrapped(text: str) -> list[tuple[int, str]]:
    """Return the text in lines of at most 100 characters, each with the offset of its first character."""
    lines: list[tuple[int, str]] = []
    begin = 0
    for line in text.split("\n"):
        plain = line.expandtabs(1).replace("\r", " ")
        pieces = textwrap.wrap(plain, LINE_WIDTH, drop_whitespace=False, replace_whitespace=False) or [""]
        offset = begin
        for piece in pieces:
            lines.append((offset, piece))
            offset += len(piece)
        begin += len(line) + 1
    return lines


def _write(writer: Any, line: str, base: float, font: Any) -> list[float]:
    ends, x = [], BORDER
    for sign in line:
        writer.append((x, base), sign if font.has_glyph(ord(sign)) else "?", font=font, fontsize=FONT_SIZE)
        x += font.glyph_advance(ord(sign)) * FONT_SIZE
        ends.append(x)
    return ends
