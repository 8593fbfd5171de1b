"""A host written by hand: memory is a list of sentences, the model says what the test told it to say."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from trayassist.api import (
    Answer,
    Chunk,
    Citation,
    Evidence,
    Fact,
    Found,
    Host,
    Kind,
    Message,
    ModelUnavailable,
    NoModelNamed,
    Passage,
    Quote,
    Request,
    Role,
    Route,
    TrayassistError,
    Turn,
)
from trayassist.paths import shipped_file

T = TypeVar("T")


def passage(path: str, page: int, text: str) -> Passage:
    return Passage(path=path, title=Path(path).stem, page=page, start=100, end=100 + len(text), text=text, score=1.0)


def quote(source: Passage, sentence: str, score: float = 1.0) -> Quote:
    at = source.text.index(sentence)
    return Quote(
        text=sentence, passage=source, start=source.start + at, end=source.start + at + len(sentence), score=score
    )


@dataclass
class FakeHost:
    """Stands for the application. `found` and `quotes` are what memory answers to any query."""

    found: Found = Found.YES
    about: bool = False  # whether memory is about a question that it does not answer
    quotes: list[Quote] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    documents: int = 1
    says: Sequence[str] = ()
    thinks: str = ""
    size: float = 8.0  # billions of parameters
    speed: float = 500.0  # tokens of a prompt a second
    past: list[Turn] = field(default_factory=list)
    stored: list[Fact] = field(default_factory=list)
    agrees: bool = False
    unavailable: ModelUnavailable | None = None
    names: dict[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    prompts: list[list[Message]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    summarised: list[str] = field(default_factory=list)
    preferred: tuple[str, ...] = ()

    @property
    def probability(self) -> float:
        return 0.1 if self.found is Found.NO and not self.about else 0.5

    def prompt(self, name: str) -> str:
        return (shipped_file("config/prompts") / f"{name}.md").read_text(encoding="utf-8").strip()

    async def generate(
        self, route: Route, messages: Sequence[Message], *, grammar: str = "", schema: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Chunk]:
        if route.model is None:
            raise self.unavailable or NoModelNamed(f"The role {route.role} has no model.", "Name one in registry.yaml.")
        self.messages = list(messages)
        self.prompts.append(self.messages)
        if self.thinks:
            yield Chunk(self.thinks, thought=True)
        for piece in self.says:
            await asyncio.sleep(0)
            yield Chunk(piece)

    async def model_size(self, route: Route) -> float:
        return self.size if route.model else 0.0

    async def reading_speed(self, route: Route) -> float:
        return self.speed if route.model else 0.0

    async def search(self, query: str, limit: int = 8) -> Evidence:
        self.queries.append(query)
        passages = tuple(dict.fromkeys([*self.passages, *(q.passage for q in self.quotes)]))[:limit]
        return Evidence(
            found=self.found, probability=self.probability, passages=passages, documents=self.documents, ms=1.0
        )

    async def quote(self, query: str, limit: int = 4, prefer: Sequence[str] = ()) -> Evidence:
        self.preferred = tuple(prefer)
        evidence = await self.search(query, 8)
        return Evidence(
            found=self.found,
            probability=self.probability,
            passages=evidence.passages,
            quotes=tuple(self.quotes[:limit]),
            documents=self.documents,
            ms=1.0,
        )

    async def summary(self, path: str, sentences: int = 7) -> Evidence:
        self.summarised.append(path)
        quotes = tuple(q for q in self.quotes if q.passage.path == path)[:sentences]
        if not quotes:
            raise TrayassistError(f"{path} is not in memory.", "Ingest it first.")
        return Evidence(found=Found.YES, probability=1.0, quotes=quotes, passages=tuple(q.passage for q in quotes))

    async def find_document(self, text: str) -> str | None:
        return next((path for name, path in self.names.items() if name.lower() in text.lower()), None)

    async def turns(self, limit: int = 6) -> Sequence[Turn]:
        return self.past[-limit:]

    async def remember(self, text: str) -> Fact:
        for fact in self.stored:
            if fact.text == text:
                return fact
        new = next(name for name in map("f{}".format, itertools.count()) if name not in {one.id for one in self.stored})
        self.stored.append(Fact(id=new, text=text, created="2025-05-03T10:00:00+02:00"))
        return self.stored[-1]

    async def facts(self, query: str = "", limit: int = 50) -> Sequence[Fact]:
        words = set(re.findall(r"\w+", query.lower()))
        known = [f for f in self.stored if not words or words & set(re.findall(r"\w+", f.text.lower()))]
        return known[:limit]

    async def forget_fact(self, fact_id: str) -> None:
        self.stored = [fact for fact in self.stored if fact.id != fact_id]

    async def approve(self, question: str, yes: str) -> bool:
        self.questions.append(question)
        return self.agrees

    def redact(self, text: str) -> tuple[str, tuple[str, ...]]:
        return text, ()

    async def in_thread(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.to_thread(function, *args)


def route(
    text: str, kind: Kind = Kind.CHAT, model: str | None = None, role: str = "persona", method: str = "rules"
) -> Route:
    return Route(kind=kind, role=role, text=text, confidence=0.9, method=method, reason="A test.", model=model)


@dataclass
class AnswerParts:
    """An answer taken apart."""

    items: list[Answer]

    @property
    def text(self) -> str:
        return "".join(item.text for item in self.items if isinstance(item, Chunk) and not item.thought)

    @property
    def thoughts(self) -> str:
        return "".join(item.text for item in self.items if isinstance(item, Chunk) and item.thought)

    @property
    def citations(self) -> list[Citation]:
        return [item for item in self.items if isinstance(item, Citation)]

    @property
    def evidence(self) -> Evidence | None:
        return next((item for item in reversed(self.items) if isinstance(item, Evidence)), None)


def ask(answering: Role, host: Host | FakeHost, text: str, files: Sequence[Path] = (), **routed: Any) -> AnswerParts:
    """Let the role answer and return all it yielded."""

    async def go() -> list[Answer]:
        request = Request(text=text, files=tuple(files), conversation="c")
        return [item async for item in answering.answer(request, route(text, **routed), host)]

    return AnswerParts(asyncio.run(go()))


def turn(question: str, answer: str = "", *cited: str) -> Turn:
    return Turn(question=question, answer=answer, role="persona", at="2025-05-03T10:00:00+02:00", cited=cited)
