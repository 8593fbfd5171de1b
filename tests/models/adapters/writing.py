"""An engine whose answers are written by the test, and an audit log in memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from trayassist.api import Chunk, Message, TrayassistError


class Lines:
    """An audit log in memory."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def write(self, event: str, **fields: Any) -> None:
        self.lines.append({"event": event, **fields})

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


class WrittenEngine:
    """Answers with `with_adapter` when it is asked with adapters, else with `plain`. `broken` is raised instead."""

    def __init__(self) -> None:
        self.plain, self.with_adapter = "I am a model.", "I am Ada."
        self.likely = {False: -2.0, True: -1.0}
        self.broken: TrayassistError | None = None
        self.asked: list[dict[str, Any]] = []
        self.on_answer: list[Any] = []

    async def generate(
        self, role: str, model: str, messages: Sequence[Message], *, adapters: Any = None, **more: Any
    ) -> AsyncGenerator[Chunk, None]:
        self.asked.append({"role": role, "model": model, "messages": list(messages), "adapters": adapters, **more})
        if self.broken is not None:
            raise self.broken
        for callback in self.on_answer:
            await callback()
        yield Chunk("hm", thought=True)
        for word in (self.with_adapter if adapters else self.plain).split(" "):
            yield Chunk(f"{word} ")

    @asynccontextmanager
    async def worker_for(self, name: str) -> AsyncIterator[Any]:
        yield self

    async def call(self, operation: str, *, texts: list[str], adapters: Any) -> tuple[float, int]:
        assert operation == "likelihood"
        count = sum(len(text.split()) for text in texts)
        return self.likely[bool(adapters)] * count, count
