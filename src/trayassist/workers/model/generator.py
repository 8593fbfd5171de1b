"""A model that answers: its prompts, adapters, kept conversations and drafts, and one answer from first to last."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from trayassist.api import Message
from trayassist.workers.model import Adapter, Began, Lookup, Options, Piece, Report, Sampling
from trayassist.workers.model.adapters import Adapters
from trayassist.workers.model.context import Context
from trayassist.workers.model.conversations import Conversations
from trayassist.workers.model.detokenizer import Written, marks
from trayassist.workers.model.drafting import Drafting
from trayassist.workers.model.generation import Speculation, tokens
from trayassist.workers.model.likelihood import likelihood
from trayassist.workers.model.llama import Model
from trayassist.workers.model.prompt import PLAIN_STOP, Prompt, Prompts
from trayassist.workers.model.sampling import Sampler

PIECE_EVERY_S = 0.02  # windows paint less often, and each piece wakes the tray process, which shares the model's cores


@dataclass(slots=True)
class _Count:
    """What is counted while an answer grows; `first` is when its first token came (time.perf_counter)."""

    tokens: int = 0
    first: float = 0.0
    finish: str = "stop"


class Talker:
    """One model with one context. It keeps what it read, and reads of the next prompt only what differs."""

    def __init__(self, model: Model, options: Options, cancelled: Callable[[Any], bool]) -> None:
        self.model = model
        self.context = Context(model, options, cancelled)
        self.context_length = self.context.length
        self._adapters = Adapters(self.context)
        self._conversations = Conversations(self.context, self._adapters, options.conversation_cache_bytes)
        self._prompts = Prompts(self, model.render, model.control_texts())
        self._drafting = Drafting(model, options, cancelled)
        self._marks = marks(model)

    def tokenize(self, text: str) -> list[int]:
        """Return the text's tokens, as a prompt has them."""
        return self.model.tokenize(text)

    def answer(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        adapters: Sequence[Adapter],
        conversation: str,
        lookup: Lookup | None,
    ) -> Generator[Began | Piece | Report, None, None]:
        """Yield Began, the pieces of the answer, then the Report. Raises TrayassistError when nothing fits.

        Raises Aborted when evaluating was given up; what is evaluated by then is of use to the next answer.
        """
        began = time.perf_counter()
        constrained = bool(sampling["grammar"]) or sampling["schema"] is not None
        prompt = self._prompts.fit(messages, sampling["max_tokens"], think=not constrained)
        wanted = self._adapters.wanted(adapters)
        with closing(Sampler(self.model, sampling)) as sampler:
            yield _began(prompt)
            self._conversations.enter(conversation, wanted, prompt.tokens)
            speculation, off = self._drafting.begin(lookup)
            stop = (*sampling["stop"], *(PLAIN_STOP if self.model.base else ()))
            written = Written(self.model, self._marks, stop, opened=prompt.opened, split=not constrained)
            room, count = min(sampling["max_tokens"], self.context_length - len(prompt.tokens)), _Count()
            with closing(tokens(self.context, sampler, prompt.tokens, speculation)) as stream:
                yield from _pieces(stream, written, room, count)
        yield self._report(count, began, speculation, off)

    def likelihood(self, texts: Sequence[str], adapters: Sequence[Adapter]) -> tuple[float, int]:
        """Return the sum of the log-probabilities of the texts' tokens in nats, and how many. Raises Aborted."""
        self._conversations.enter("", self._adapters.wanted(adapters), ())
        each = [likelihood(self.context, self.model.tokenize(text)) for text in texts]
        return sum(total for total, _ in each), sum(count for _, count in each)

    def _report(self, count: _Count, began: float, speculation: Speculation | None, off: str) -> Report:
        now = time.perf_counter()
        return {
            "tokens_out": count.tokens,
            "cached_tokens": self.context.reused,
            "first_ms": ((count.first or now) - began) * 1e3,
            "tokens_per_s": (count.tokens - 1) / (now - count.first) if count.tokens > 1 else 0.0,
            "finish": count.finish,
            "drafted": speculation.drafted if speculation else 0,
            "accepted": speculation.accepted if speculation else 0,
            "speculation_off": off or (speculation.off if speculation else ""),
        }


def _began(prompt: Prompt) -> Began:
    began: Began = {"tokens_in": len(prompt.tokens), "trimmed": prompt.trimmed}
    if prompt.left_out:
        began["left_out"] = prompt.left_out
    return began


def _pieces(stream: Iterator[int], written: Written, room: int, count: _Count) -> Iterator[Piece]:
    """Yield the pieces of an answer of at most `room` tokens; note in `count` how it went."""
    sent = 0.0
    for token in stream:
        now = time.perf_counter()
        if not count.tokens:
            count.first = now
        count.tokens += 1
        ready = written.feed(token)
        if written.stopped:
            break
        if count.tokens >= room:
            count.finish = "length"
            break
        if ready and now - sent >= PIECE_EVERY_S:
            for text, thought in written.take():
                yield {"text": text, "tokens_out": count.tokens, "thought": thought}
            sent = now
    for text, thought in written.end():
        yield {"text": text, "tokens_out": count.tokens, "thought": thought}
