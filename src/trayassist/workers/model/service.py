"""The operations of a model worker."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence

from trayassist.api import Message, TrayassistError
from trayassist.workers.child import Channel
from trayassist.workers.model.context import Aborted
from trayassist.workers.model.generator import AnswerGenerator
from trayassist.workers.model.llama import LlamaModel
from trayassist.workers.model.protocol import Adapter, Began, Info, LoadOptions, Lookup, Piece, Report, Sampling
from trayassist.workers.model.vectors import Vectors


class ModelService:
    """One model: loaded when first asked for, answering one request at a time."""

    def __init__(self, channel: Channel, options: LoadOptions) -> None:
        self._channel, self._options = channel, options
        self._ready: AnswerGenerator | Vectors | None = None
        self._load_ms = 0.0

    def load(self) -> Info:
        """Load the model unless it is loaded. Raises ModelUnavailable, in words."""
        ready = self._ensure_loaded()
        return {
            "load_ms": self._load_ms,
            "context_length": ready.context_length,
            "base": isinstance(ready, AnswerGenerator) and ready.model.base,
            "gpu": ready.model.gpu,
            "gpu_layers": ready.model.gpu_layers,
        }

    def generate(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        adapters: Sequence[Adapter] = (),
        conversation: str = "",
        lookup: Lookup | None = None,
    ) -> Generator[Began | Piece | Report, None, None]:
        """Yield Began, the pieces of the answer, then the Report. Raises TrayassistError when nothing fits.

        Cancelled, it ends without a Report; what is evaluated by then is of use to the next answer.
        """
        answers = self._require_generator()
        try:
            yield from answers.answer(messages, sampling, adapters, conversation, lookup)
        except Aborted as error:
            if not self._channel.cancelled():
                answers.context.clear()
                raise TrayassistError(f"llama.cpp could not go on: {error}.", "Ask again.") from error

    def read_ahead(self, messages: Sequence[Message], adapters: Sequence[Adapter] = ()) -> int:
        """Read what prompts will begin with, before they come; return how many tokens that is.

        Raises TrayassistError when llama.cpp gives up or an adapter does not fit.
        """
        answers = self._require_generator()
        try:
            return answers.read_ahead(messages, adapters)
        except Aborted as error:
            answers.context.clear()
            raise TrayassistError(f"llama.cpp could not go on: {error}.", "Try again.") from error

    def likelihood(self, texts: Sequence[str], adapters: Sequence[Adapter] = ()) -> tuple[float, int]:
        """Return the sum of the log-probabilities (nats) of the texts' tokens, and how many tokens those are.

        Raises TrayassistError when llama.cpp gives up.
        """
        answers = self._require_generator()
        try:
            return answers.likelihood(texts, adapters)
        except Aborted as error:
            answers.context.clear()
            raise TrayassistError(f"llama.cpp could not go on: {error}.", "Try again.") from error

    def preference(self, messages: Sequence[Message], answers: tuple[str, str]) -> float:
        """Return by how many nats the model prefers one of two answers at the token where they part; 0 where none."""
        ready = self._require_generator()
        try:
            return ready.preference(messages, answers)
        except Aborted as error:
            ready.context.clear()
            raise TrayassistError(f"llama.cpp could not go on: {error}.", "Try again.") from error

    def tokens(self, text: str) -> int:
        """Return how many tokens the text has for this model, what stands around a prompt left out."""
        return len(self._ensure_loaded().model.tokens(text, ends=False, special=False))

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return each text's vector, of length 1, as float32 bytes in this machine's order (purpose embed)."""
        vectors = self._ensure_loaded()
        if not isinstance(vectors, Vectors) or self._options.purpose != "embed":
            raise self._other("makes no vectors")
        return vectors.embed(texts)

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the query, on the model's own scale (purpose rerank)."""
        vectors = self._ensure_loaded()
        if not isinstance(vectors, Vectors) or self._options.purpose != "rerank":
            raise self._other("judges no passages")
        return vectors.rerank(query, texts)

    def _require_generator(self) -> AnswerGenerator:
        answers = self._ensure_loaded()
        if not isinstance(answers, AnswerGenerator):
            raise self._other("writes no answers")
        return answers

    def _other(self, what: str) -> TrayassistError:
        purpose = {"generate": "instruct", "embed": "embedding", "rerank": "reranker"}[self._options.purpose]
        return TrayassistError(
            f"{self._ensure_loaded().model.name} is loaded as kind: {purpose}, which {what}.",
            "Name another model for this.",
        )

    def _ensure_loaded(self) -> AnswerGenerator | Vectors:
        if self._ready is None:
            began = time.perf_counter()
            flag, channel = self._channel.cancel_flag, self._channel
            make = AnswerGenerator if self._options.purpose == "generate" else Vectors
            # short: llama.cpp asks it very often
            self._ready = make(LlamaModel(self._options), self._options, lambda _: flag.value == channel.current)
            self._load_ms = (time.perf_counter() - began) * 1e3
        return self._ready
