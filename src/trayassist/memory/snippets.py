"""The part of a text that a search found, with the found words marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

SHOWN = 24  # words of a part
LEAD = 4  # of them before the first found one
LOOKED_AT = 20_000  # characters of a text: two hundred are looked at while somebody types
WORD = re.compile(r"[^\W_]+")

Marks = tuple[tuple[int, int], ...]


def words_of(text: str) -> list[str]:
    """Return the words to search for in what somebody typed, at most sixteen."""
    return WORD.findall(text[:400])[:16]


def found_part(texts: Sequence[str], words: Sequence[str]) -> tuple[str, Marks]:
    """Return the part of the text that has the most of the words, the last one also as a beginning; and where they are.

    Case and accents do not matter. Without any of the words: an empty part.
    """
    wanted = [_folded(word) for word in words]
    found = [_best(text[:LOOKED_AT], wanted) for text in texts]
    score, part, marks = max(found, key=lambda one: one[0])
    return (part, marks) if score else ("", ())


def _best(text: str, wanted: Sequence[str]) -> tuple[int, str, Marks]:
    """Return how many of the words the best part of the text has, the part and its marks."""
    tokens = list(WORD.finditer(text))
    hits = {at: word for at, token in enumerate(tokens) if (word := _hit(token[0], wanted)) is not None}
    if not hits:
        return 0, "", ()
    scores = {at: len({hits[near] for near in range(at, at + SHOWN - LEAD) if near in hits}) for at in hits}
    best = max(scores, key=lambda at: (scores[at], -at))
    first, last = max(0, best - LEAD), min(len(tokens), max(0, best - LEAD) + SHOWN) - 1
    begin = 0 if first == 0 else tokens[first].start()
    end = len(text) if last == len(tokens) - 1 else tokens[last].end()
    lead = "…" if begin else ""
    part = f"{lead}{text[begin:end]}{'…' if end < len(text) else ''}"
    shift = len(lead) - begin
    marks = (tokens[at] for at in range(first, last + 1) if at in hits)
    return scores[best], part, tuple((token.start() + shift, token.end() + shift) for token in marks)


def _hit(token: str, wanted: Sequence[str]) -> int | None:
    """Return which of the words a token is, None for none."""
    folded = _folded(token)
    if folded.startswith(wanted[-1]):
        return len(wanted) - 1
    return wanted.index(folded) if folded in wanted else None


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
