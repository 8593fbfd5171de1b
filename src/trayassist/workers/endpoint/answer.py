"""One streamed answer: what the endpoint sends, in pieces that windows can paint."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from openai import AsyncStream
from openai.types.chat import ChatCompletionChunk

PIECE_EVERY_S = 0.02  # windows paint less often, and each piece wakes the tray process


@dataclass(slots=True)
class Delta:
    """A part of the answer as it came, or what was said at its end."""

    text: str = ""
    thought: str = ""
    finish: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0


@dataclass(slots=True)
class Incoming:
    """Reads a stream into a queue, so that what comes quickly is taken together. The last item is None or an error."""

    stream: AsyncStream[ChatCompletionChunk]
    queue: asyncio.Queue[Delta | Exception | None] = field(default_factory=asyncio.Queue)
    _taken: float = 0.0

    async def read(self) -> None:
        """Read to the end; what goes wrong is the last item."""
        try:
            async for chunk in self.stream:
                self.queue.put_nowait(_delta(chunk))
        except Exception as error:  # barrier: another program's bytes; the error is put into words by who takes it
            self.queue.put_nowait(error)
        else:
            self.queue.put_nowait(None)

    async def take(self) -> list[Delta | Exception | None]:
        """Return what has come, at least one item, at most every 20 ms."""
        items = [await self.queue.get()]
        if (early := PIECE_EVERY_S - (time.perf_counter() - self._taken)) > 0:
            await asyncio.sleep(early)
        while not self.queue.empty():
            items.append(self.queue.get_nowait())
        self._taken = time.perf_counter()
        return items


def _delta(chunk: ChatCompletionChunk) -> Delta:
    """Return what a chunk says. Raises TypeError for one that is none: the client checks nothing."""
    found = Delta()
    usage: Any = chunk.usage
    if usage is not None:
        details = usage.prompt_tokens_details
        found.tokens_in, found.tokens_out = int(usage.prompt_tokens or 0), int(usage.completion_tokens or 0)
        found.cached = int((details.cached_tokens if details else 0) or 0)
    for choice in (chunk.choices or ())[:1]:
        found.finish = str(choice.finish_reason or "")
        if choice.delta is not None:
            extra = choice.delta.model_extra or {}
            found.text = _text(choice.delta.content)
            # DeepSeek's, llama-server's and vLLM's name, then that of Ollama and OpenRouter
            found.thought = _text(extra.get("reasoning_content") or extra.get("reasoning"))
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("text was expected")
    return value
