"""Whether a page must be read by OCR: decided page by page, never for a whole file."""

from __future__ import annotations

import unicodedata
from typing import Any

ENOUGH_WORDS = 100  # a page with so many words is a text page, whatever pictures lie on it
INTERIOR_WORDS = 4  # fewer than this inside the margins (a stamp, a page number) is no text layer
MARGIN = 0.125  # of the page's width and height, on each side
CORRUPT_SHARE = 0.3  # of the characters that are not white space
COVER_WITH_WORDS = 0.5  # share of the page under pictures: with a few words they must be the page ...
COVER_WITHOUT_WORDS = 0.05  # ... without any, a small one may hold all there is
MANY_STROKES = 50  # letters drawn as outlines: a page without words and pictures, but with many paths


def needs_ocr(page: Any, parsed: Any, text: str) -> bool:
    """Return whether the text layer of the page is missing, a mere stamp, or rubbish."""
    if is_corrupt(text):
        return True
    if len(text.split()) >= ENOUGH_WORDS:
        return False
    words = _interior_words(page, parsed)
    if words >= INTERIOR_WORDS:
        return False
    cover = picture_cover(page)
    if words:
        return cover >= COVER_WITH_WORDS
    return cover >= COVER_WITHOUT_WORDS or (not text.strip() and _strokes(page) >= MANY_STROKES)


def is_corrupt(text: str) -> bool:
    """Return whether more than 30 % of the characters stand for nothing: unknown, private or control."""
    bad = {sign for sign in set(text) if not sign.isspace() and _stands_for_nothing(sign)}
    if not bad:
        return False
    signs = [sign for sign in text if not sign.isspace()]
    return sum(sign in bad for sign in signs) > CORRUPT_SHARE * len(signs)


def picture_cover(page: Any) -> float:
    """Return the share of the page that lies under pictures, overlaps counted twice, at most 1."""
    area = float(abs(page.rect.width * page.rect.height))
    if not area:
        return 0.0
    frame = page.rect * page.derotation_matrix
    covered = sum(abs((frame & picture["bbox"]).get_area()) for picture in page.get_image_info())
    return float(min(1.0, covered / area))


def _stands_for_nothing(sign: str) -> bool:
    return sign == "\ufffd" or unicodedata.category(sign) in ("Co", "Cc", "Cn", "Cs")


def _interior_words(page: Any, parsed: Any) -> int:
    frame = page.rect * page.derotation_matrix
    left, right = frame.x0 + MARGIN * frame.width, frame.x1 - MARGIN * frame.width
    top, bottom = frame.y0 + MARGIN * frame.height, frame.y1 - MARGIN * frame.height
    return sum(
        left <= (word[0] + word[2]) / 2 <= right and top <= (word[1] + word[3]) / 2 <= bottom
        for word in parsed.extractWORDS()
    )


def _strokes(page: Any) -> int:
    return sum(len(drawing["items"]) for drawing in page.get_cdrawings())
