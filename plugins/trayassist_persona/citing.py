"""Turns the marks `[1]` in what a model writes about numbered passages into citations."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from trayassist.api import Chunk, Citation, Passage

_MARK = re.compile(r"\[\s?(\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,8})\s?\]")
_OPEN_MARK = re.compile(r"\[[\d\s,;–-]{0,40}$")
_BREAK = re.compile(  # after a sentence, at a blank line, before a list item
    r"(?<=[.!?])[\"”’)]?\s+(?=[\"“(]?[^\W_a-z])|\n\s*\n|\n(?=\s*(?:[-•*]|\d{1,3}[.)])\s)"
)
_HEADING = re.compile(r"^[^\n.,;:!?]{1,45}\n(?=[A-Z0-9“\"])", re.MULTILINE)  # a short line without a stop
_WORD = re.compile(r"\w{3,}")


def of_passage(number: int, passage: Passage, about: str) -> Citation:
    """Return the citation of a passage: its sentence that shares most with `about`."""
    start, end = best_sentence(passage.text, about)
    return Citation(
        number=number,
        path=passage.path,
        title=passage.title,
        page=passage.page,
        quote=" ".join(passage.text[start:end].split()),
        start=passage.start + start,
        end=passage.start + end,
    )


def best_sentence(text: str, about: str) -> tuple[int, int]:
    """Return where in `text` the sentence lies that shares most words with `about`; rare words count more."""
    wanted = set(_WORD.findall(about.lower()))
    spans = _sentences(text)
    if not spans:
        return 0, len(text)
    everywhere = _WORD.findall(text.lower())

    def worth(span: tuple[int, int]) -> float:
        words = set(_WORD.findall(text[slice(*span)].lower()))
        return sum(1.0 / everywhere.count(word) for word in words & wanted) + 0.01 * min(len(words), 20)

    start, end = max(spans, key=worth)
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _sentences(text: str) -> list[tuple[int, int]]:
    cuts = {0, len(text)}
    for found in _BREAK.finditer(text):
        cuts.add(found.end())
    for found in _HEADING.finditer(text):
        cuts.add(found.end())
    edges = sorted(cuts)
    return [(a, b) for a, b in pairwise(edges) if text[a:b].strip()]


@dataclass
class Marks:
    """Watches a streamed answer for marks; a mark whose passage is not there is taken out."""

    passages: Sequence[Passage]
    question: str
    _held: str = ""
    _sentence: str = ""
    _seen: set[int] = field(default_factory=set)

    def feed(self, text: str) -> Iterator[Chunk | Citation]:
        """Yield what can be shown so far; a mark that may be unfinished waits."""
        text = self._held + text
        unfinished = _OPEN_MARK.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        yield from self._cite(text[:cut])

    def end(self) -> Iterator[Chunk | Citation]:
        """Yield what still waits."""
        held, self._held = self._held, ""
        yield from self._cite(held)

    def _cite(self, text: str) -> Iterator[Chunk | Citation]:
        done = 0
        for mark in _MARK.finditer(text):
            self._sentence += text[done : mark.start()]
            kept = [n for n in _numbers(mark.group(1)) if 1 <= n <= len(self.passages)]
            shown = text[done : mark.start()] + "".join(f"[{n}]" for n in kept)
            yield from [Chunk(shown)] if shown else []
            for number in kept:
                if number not in self._seen:
                    self._seen.add(number)
                    yield of_passage(number, self.passages[number - 1], f"{self._last_sentence()} {self.question}")
            done = mark.end()
        self._sentence = (self._sentence + text[done:])[-600:]
        if text[done:]:
            yield Chunk(text[done:])

    def _last_sentence(self) -> str:
        sentences = [part for part in re.split(r"(?<=[.!?])\s|\n", self._sentence) if part.strip()]
        return sentences[-1] if sentences else ""


async def with_citations(
    chunks: AsyncIterator[Chunk], passages: Sequence[Passage], question: str
) -> AsyncIterator[Chunk | Citation]:
    """Yield a model's answer with a citation for each passage it marks; its thoughts go by as they are."""
    marks = Marks(passages, question)
    async for chunk in chunks:
        for item in (chunk,) if chunk.thought else marks.feed(chunk.text):
            yield item
    for item in marks.end():
        yield item


def _numbers(inside: str) -> list[int]:
    """Return the numbers of a mark: "1, 3" is 1 and 3, "2-4" is 2, 3 and 4."""
    numbers: list[int] = []
    for part in re.split(r"[,;]", inside):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        numbers += range(ends[0], min(ends[-1], ends[0] + 20) + 1) if len(ends) == 2 and ends[0] <= ends[1] else ends
    return numbers
