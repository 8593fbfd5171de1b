"""One streamed answer: what the endpoint sends, in pieces that windows can paint."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from openai import AsyncStream
from openai.types.chat import ChatCompletionChunk

from trayassist.workers import remote_info
from trayassist.workers.model.protocol import Piece, Report, Sampling
from trayassist.workers.model.reasoning import ReasoningSplitter
from trayassist.workers.model.stop_filter import StopFilter

PIECE_EVERY_S = 0.02  # windows paint less often, and each piece wakes the tray process
OVER_LENGTH = 2  # times max_tokens in pieces, of a token or more each: the endpoint does not keep to it


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

    async def close(self, reading: asyncio.Task[None]) -> None:
        """Close the connection, once nobody reads it any more."""
        await asyncio.gather(reading, return_exceptions=True)
        await self.stream.close()


class Answer:
    """An answer as it grows. `over` is set at its end; `error` is what ended it, if that was no proper end.

    Thoughts come apart from the text, or in it between marks; a grammar or a schema leaves no room for marks.
    """

    def __init__(self, sampling: Sampling, began: float) -> None:
        self._text, self._began, self._first = StopFilter(sampling["stop"]), began, 0.0
        self._thoughts = ReasoningSplitter() if not sampling["grammar"] and sampling["schema"] is None else None
        self._most = OVER_LENGTH * sampling["max_tokens"]
        self.end, self.count = Delta(), 0
        self.over = False
        self.error: Exception | None = None

    @property
    def complete(self) -> bool:
        """Whether it ended as an answer does: by a stop string, or with a reason."""
        return self._text.stopped or (self.error is None and bool(self.end.finish))

    def add(self, items: Sequence[Delta | Exception | None]) -> list[Piece]:
        """Return the pieces to show for what came; a stop string and what follows it are in none."""
        pieces: list[Piece] = []
        for item in items:
            if not isinstance(item, Delta):
                self.over, self.error = True, item
                break
            self._note(item)
            self._append(pieces, item.thought, thought=True)
            self._write(pieces, self._thoughts.feed(item.text) if self._thoughts else [(item.text, False)])
            if self.count > self._most:
                self.end.finish, self.over = "length", True
            if self._text.stopped or self.over:
                self.over = True
                break
        if self.over:
            self._write(pieces, self._thoughts.rest() if self._thoughts else ())
            self._append(pieces, self._text.rest(), thought=False)
        return pieces

    def report(self) -> Report:
        """Return the report, with the endpoint's own count of tokens where it gave one, else of the pieces."""
        now, tokens = time.perf_counter(), self.end.tokens_out or self.count
        first = self._first or now
        rate = (tokens - 1) / (now - first) if tokens > 1 and now > first else 0.0
        finish = "length" if self.end.finish == "length" else "stop"
        return remote_info.report(tokens, (first - self._began) * 1e3, rate, finish, self.end.cached)

    def _write(self, pieces: list[Piece], split: Iterable[tuple[str, bool]]) -> None:
        for text, thought in split:
            self._append(pieces, text if thought else self._text.take(text), thought=thought)

    def _append(self, pieces: list[Piece], text: str, *, thought: bool) -> None:
        if not text:
            return
        self._first = self._first or time.perf_counter()
        self.count += 1
        if pieces and pieces[-1]["thought"] == thought:
            text = pieces.pop()["text"] + text
        pieces.append({"text": text, "tokens_out": self.count, "thought": thought})

    def _note(self, item: Delta) -> None:
        self.end.finish = item.finish or self.end.finish
        self.end.tokens_in = item.tokens_in or self.end.tokens_in
        self.end.tokens_out = item.tokens_out or self.end.tokens_out
        self.end.cached = item.cached or self.end.cached


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
    return value.encode("utf-8", "replace").decode()  # half a surrogate pair can be neither stored nor shown
