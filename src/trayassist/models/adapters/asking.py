"""Asking a model with and without adapters: what an evaluation and the preview need of the engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Protocol

from trayassist.api import Chunk, Message, TrayassistError
from trayassist.models.registry.schema import Adjustment
from trayassist.paths import Paths, shipped_file
from trayassist.workers.model import Adapter
from trayassist.workers.pool import Worker

SEED = 7  # the same for both sides of a comparison


class AnswerEngine(Protocol):
    """The part of the engine that is used here."""

    def generate(
        self,
        role: str,
        model: str,
        messages: Sequence[Message],
        *,
        conversation: str = "",
        request_id: str = "",
        on_status: Callable[[str], None] = ...,
        adjustment: Adjustment | None = None,
        job: bool = False,
        adapters: tuple[Adapter, ...] | None = None,
    ) -> AsyncGenerator[Chunk, None]: ...

    def worker_for(self, name: str) -> AbstractAsyncContextManager[Worker]: ...


def messages(paths: Paths, role: str, prompt: str, system: str | None = None) -> list[Message]:
    """Return what is asked: the role's own system prompt (unless another is given), then the prompt."""
    if system is None:
        system = _system_of(paths, role)
    first = [Message(speaker="system", text=system)] if system else []
    return [*first, Message(speaker="user", text=prompt)]


async def answer(
    engine: AnswerEngine,
    role: str,
    model: str,
    asked: Sequence[Message],
    adapters: tuple[Adapter, ...],
    *,
    max_tokens: int,
    temperature: float | None = 0.0,
    job: bool = False,
    on_status: Callable[[str], None] = lambda _: None,
) -> AsyncGenerator[str, None]:
    """Yield the answer's text, thoughts left out, with exactly these adapters and always the same seed."""
    adjustment = Adjustment(temperature=temperature, max_tokens=max_tokens, seed=SEED)
    stream = engine.generate(role, model, asked, adjustment=adjustment, job=job, adapters=adapters, on_status=on_status)
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            if not chunk.thought:
                yield chunk.text


async def likelihood(engine: AnswerEngine, model: str, texts: Sequence[str], adapters: tuple[Adapter, ...]) -> float:
    """Return the mean log-likelihood of the texts in nats per token. Raises TrayassistError when nothing is counted."""
    async with engine.worker_for(model) as worker:
        total, tokens = await worker.call("likelihood", texts=list(texts), adapters=adapters)
    if not tokens:
        raise TrayassistError("The held-out texts are too short to be judged.", "Write a few sentences.")
    return float(total / tokens)


def _system_of(paths: Paths, role: str) -> str:
    for folder in (paths.config / "prompts", shipped_file("config/prompts")):
        file = folder / f"{role}.md"
        if file.is_file():
            return file.read_text(encoding="utf-8").strip()
    return ""
