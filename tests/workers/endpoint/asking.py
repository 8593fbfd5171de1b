"""Asking a worker directly, without an engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

from trayassist.api import Message
from trayassist.models.registry.schema import Model, Provider
from trayassist.models.serving.providers import make_worker
from trayassist.workers.child import Channel
from trayassist.workers.endpoint import EndpointOptions
from trayassist.workers.pool import Worker

KEY = "local-secret-73"


def sampling(**changed: Any) -> dict[str, Any]:
    return {
        "temperature": 0.0, "max_tokens": 40, "stop": (), "seed": 1, "grammar": "", "schema": None,
        **changed,
    }  # fmt: skip


async def no_key() -> str:
    return ""


@asynccontextmanager
async def endpoint(url: str, model: str = "big", key: str = "", **more: Any) -> AsyncIterator[Worker]:
    described = Model(provider="there", remote_id=model, **more)

    async def the_key() -> str:
        return key

    worker = make_worker("remote", described, Provider(base_url=url, enabled=True), the_key)
    try:
        yield worker
    finally:
        await worker.stop()


@contextmanager
def service(url: str, model: str = "big", key: str = "", context_length: int = 0) -> Iterator[Any]:
    """Give the operations of an endpoint worker in this process: starting a worker for each fault takes too long."""
    from trayassist.workers.endpoint.service import EndpointService

    never = Channel(connection=None, cancel_flag=SimpleNamespace(value=1))  # type: ignore[arg-type]  # no pipe here
    options = EndpointOptions(provider="there", base_url=url, model=model, context_length=context_length)
    one = EndpointService(never, options)
    one._key.value = key  # comes with each request
    try:
        yield one
    finally:
        one.close()


async def items(worker: Worker, text: str | list[Message], **changed: Any) -> list[dict[str, Any]]:
    """Return all that a worker streams for a question."""
    messages = [Message(speaker="user", text=text)] if isinstance(text, str) else text
    stream = worker.stream("generate", messages=messages, sampling=sampling(**changed))
    async with aclosing(stream) as found:
        return [item async for item in found]


def answer_text(found: list[dict[str, Any]], *, thought: bool = False) -> str:
    return "".join(item["text"] for item in found if item.get("thought") is thought)
