"""What is remembered, and what was found in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a remembered document.

    `page` counts from 1. `start` and `end` are character offsets into that page's text as the
    ingestor gave it. `path` is "fact:ID" for something the user asked to remember. `label` is what the document
    itself calls the page ("128", "iv"), "" where that is the number.
    """

    path: str
    title: str
    page: int
    start: int
    end: int
    text: str
    score: float = 0.0
    label: str = ""

    @property
    def name(self) -> str:
        """The file's name as a person knows it."""
        return self.title if self.path.startswith("fact:") else Path(self.path).name

    @property
    def page_name(self) -> str:
        """The page as the document names it, with its place in the file: "128 (4 in the file)"; else its number."""
        return f"{self.label} ({self.page} in the file)" if self.label else str(self.page)

    def __reduce__(self) -> tuple[Callable[..., Passage], tuple[Any, ...]]:
        # Every search sends some from a worker: this takes half the time of what a dataclass does by itself.
        return _passage, (self.path, self.title, self.page, self.start, self.end, self.text, self.score, self.label)


def _passage(
    path: str, title: str, page: int, start: int, end: int, text: str, score: float, label: str = ""
) -> Passage:
    return Passage(path=path, title=title, page=page, start=start, end=end, text=text, score=score, label=label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence of a passage that answers a question; `start`/`end` are offsets into the page's text.

    `answer` is the answer itself in short ("April 2028", "Effective tax rate, 2022: 0.6 %"), or "" where it cannot be
    told from the sentence.
    """

    text: str
    passage: Passage
    start: int
    end: int
    score: float
    answer: str = ""


class Found(StrEnum):
    """Whether memory holds something about a question."""

    YES = "yes"
    WEAK = "weak"
    NO = "no"

    @classmethod
    def at(cls, probability: float) -> Found:
        """Return what a probability (0..1) means; the limits were measured with the evidence's logistic regression."""
        return cls.YES if probability >= 0.57 else cls.WEAK if probability >= 0.30 else cls.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What memory holds about a query, best first. Never empty because of `found`: results are not hidden.

    `quotes` is filled by `Host.quote`, best first; `documents` is how many documents memory holds. `note` says in
    words what was left out while searching (no embedder, a late reranker), or is empty. `headline` is filled by
    `Host.summary`: what the document is, in a line of its own words; its passage is the place that names it.
    """

    found: Found
    probability: float
    passages: tuple[Passage, ...] = ()
    quotes: tuple[Quote, ...] = ()
    documents: int = 0
    ms: float = 0.0
    note: str = ""
    missing: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    headline: Quote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something the user asked to remember. `created` is ISO 8601 with time zone."""

    id: str
    text: str
    created: str
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page (or block) that an ingestor read. `number` counts from 1 and grows by document.

    `headings` are lines that stand out as headings. `total` is the number of pages of the document,
    0 if not known yet; `title` is the document's own title, if it has one. `label` is what the document calls the
    page, where that is not its number.
    """

    number: int
    text: str
    headings: tuple[str, ...] = ()
    ocr: bool = False
    total: int = 0
    title: str = ""
    note: str = ""  # why this page has no text, for the line about this file
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read a file: from `first_page` on (a resumed file), with this password, these plugin settings."""

    password: str | None = None
    first_page: int = 1
    settings: Mapping[str, Any] = field(default_factory=dict)
