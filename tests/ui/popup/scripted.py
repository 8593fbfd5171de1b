"""A hand-written assistant that plays scripts of real api events, for the popup's tests and pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trayassist.api import (
    Answer,
    Chunk,
    Citation,
    Event,
    Evidence,
    Finish,
    Finished,
    Found,
    Kind,
    Passage,
    Request,
    Risk,
    Route,
    Routed,
    Timings,
    TrayassistError,
    Verdict,
)
from trayassist.config import App
from trayassist.memory.reports import FileReport, Progress
from trayassist.models.registry.schema import Model
from trayassist.models.serving.state import ModelState

Step = Event | float | TrayassistError | Exception  # a number waits so many seconds
LOW = Verdict(risk=Risk.LOW)


@dataclass
class PlainRole:
    name: str
    title: str
    examples: Sequence[str] = ()

    def claims(self, request: Request) -> str | None:
        return None

    async def answer(self, request: Request, route: Route, host: object) -> AsyncIterator[Answer]:
        yield Chunk("unused")


@dataclass
class Registry:
    models: dict[str, Model] = field(default_factory=dict)


@dataclass
class Plugins:
    roles: dict[str, PlainRole]


class Memory:
    def __init__(self) -> None:
        self.searched: list[str] = []
        self.answers: dict[str, Evidence] = {}
        self.delays: dict[str, float] = {}

    async def search(self, query: str, limit: int = 8) -> Evidence:
        self.searched.append(query)
        await asyncio.sleep(self.delays.get(query, 0))
        found = self.answers.get(query) or Evidence(found=Found.NO, probability=0.1)
        return Evidence(found=found.found, probability=found.probability, passages=found.passages[:limit])


class Ingest:
    """Reads nothing: a test calls `tell`, or gives `script`, the news of the next ingest()."""

    def __init__(self) -> None:
        self.queued: list[Path] = []
        self.passwords: list[tuple[str, str]] = []
        self.cancelled = 0
        self.paused = False
        self.left = 0
        self.script: list[Progress | FileReport] = []
        self.listeners: list[Callable[[Progress | FileReport], None]] = []

    async def ingest(
        self, paths: Sequence[Path], *, password: str | None = None
    ) -> AsyncIterator[FileReport | Progress]:
        self.queued += paths
        for news in self.script or [FileReport(str(path), "ingested", pages=1) for path in paths]:
            await asyncio.sleep(0)
            self.tell(news)
            yield news

    def enqueue(self, paths: Sequence[Path], password: str | None = None) -> int:
        self.queued += paths
        return len(paths)

    def cancel(self) -> None:
        self.cancelled += 1

    def resume(self) -> None:
        self.paused = False

    def waiting(self) -> int:
        return self.left

    def subscribe(self, callback: Callable[[Progress | FileReport], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    async def give_password(self, path: str | Path, password: str) -> None:
        self.passwords.append((str(path), password))

    def tell(self, news: Progress | FileReport, *, left: int | None = None) -> None:
        self.left = self.left if left is None else left
        for listener in list(self.listeners):
            listener(news)


@dataclass
class History:
    asked: list[str] = field(default_factory=list)
    on_forget: list[Callable[[], None]] = field(default_factory=list)

    async def questions(self, limit: int = 100) -> list[str]:
        return self.asked[:limit]

    def forget(self, *questions: str) -> None:
        self.asked = [question for question in self.asked if question not in questions]
        for callback in list(self.on_forget):
            callback()


class Scripted:
    """Plays `script` for every question; `requests` and `cancelled` say what came of it."""

    def __init__(self, *script: Step) -> None:
        self.script: list[Step] = list(script)
        self.config = App()
        self.memory, self.ingest, self.history = Memory(), Ingest(), History()
        self.plugins = Plugins({name: PlainRole(name, f"{name} role") for name in ("persona", "coder", "curator")})
        self.registry = Registry()
        self.states: list[ModelState] = []
        self.asked_for: list[str] = []  # roles
        self.requests: list[Request] = []
        self.expected: list[str] = []
        self.cancelled: list[str] = []
        self.approvals: list[tuple[str, bool]] = []
        self.go_on = asyncio.Event()

    async def ask(self, request: Request) -> AsyncIterator[Event]:
        self.requests.append(request)
        try:
            for step in list(self.script):
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, int | float):
                    await asyncio.sleep(step)
                else:
                    yield step
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled.append(request.text)
            raise

    async def preload_for(self, text: str) -> None:
        self.expected.append(text)

    def models_for(self, role: str) -> list[ModelState]:
        self.asked_for.append(role)
        return self.states

    def approve(self, approval_id: str, yes: bool) -> None:
        self.approvals.append((approval_id, yes))


def route(role: str = "persona", **more: object) -> Route:
    values: dict[str, object] = {
        "kind": Kind.CHAT,
        "role": role,
        "text": "q",
        "confidence": 0.9,
        "method": "rules",
        "reason": "a rule",
    }
    return Route(**{**values, **more})  # type: ignore[arg-type]


def citation(number: int = 1, name: str = "Miller-lease.pdf", page: int = 4, quote: str = "A fee of 5 %.") -> Citation:
    return Citation(number=number, path=f"/docs/{name}", title="", page=page, quote=quote, start=0, end=len(quote))


def passage(name: str = "Miller-lease.pdf", page: int = 4, text: str = "Late payments carry a fee.") -> Passage:
    return Passage(path=f"/docs/{name}", title="", page=page, start=0, end=len(text), text=text, score=1.0)


def finished_event(answer: str = "An answer.", **more: object) -> Finished:
    values: dict[str, object] = {
        "finish": Finish.STOP,
        "answer": answer,
        "route": route(),
        "verdict": LOW,
        "timings": Timings(total_ms=38.0),
        "found": Found.YES,
    }
    return Finished(**{**values, **more})  # type: ignore[arg-type]


def simple(answer: str = "An answer.") -> list[Step]:
    return [Routed(route()), Chunk(answer), finished_event(answer)]
