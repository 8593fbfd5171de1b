"""The operations of a model worker."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence

from trayassist.api import Message, TrayassistError
from trayassist.workers.child import Channel
from trayassist.workers.model import Began, Info, Options, Piece, Report, Sampling
from trayassist.workers.model.llama import Model
from trayassist.workers.model.prompt import PLAIN_STOP, Prompt, Prompts
from trayassist.workers.model.text import Text

PIECE_EVERY_S = 0.02  # windows paint less often, and each piece wakes the tray process, which shares the model's cores


class Service:
    """One model: loaded when first asked for, answering one request at a time."""

    def __init__(self, channel: Channel, options: Options) -> None:
        self._channel, self._options = channel, options
        self._model: Model | None = None
        self._prompts: Prompts | None = None
        self._load_ms = 0.0

    def load(self) -> Info:
        """Load the model unless it is loaded. Raises ModelUnavailable, in words."""
        model, _ = self._ready()
        return {
            "load_ms": self._load_ms,
            "context_length": model.context_length,
            "base": model.base,
            "gpu": False,
            "gpu_layers": 0,
        }

    def generate(
        self, messages: Sequence[Message], sampling: Sampling
    ) -> Generator[Began | Piece | Report, None, None]:
        """Yield Began, the pieces of the answer, then the Report. Raises TrayassistError when nothing fits.

        Cancelled, it ends without a Report; what is evaluated by then is of use to the next answer.
        """
        began = time.perf_counter()
        model, prompts = self._ready()
        prompt = prompts.fit(messages, sampling["max_tokens"])
        yield {"tokens_in": len(prompt.tokens), "trimmed": prompt.trimmed}
        try:
            yield from self._answer(model, prompt, sampling, began)
        except RuntimeError as error:
            if not self._channel.cancelled():
                model.forget()
                raise TrayassistError(f"llama.cpp could not go on: {error}.", "Ask again.") from error

    def _answer(
        self, model: Model, prompt: Prompt, sampling: Sampling, began: float
    ) -> Generator[Piece | Report, None, None]:
        text = Text((*sampling["stop"], *(PLAIN_STOP if model.base else ())))
        room = min(sampling["max_tokens"], model.context_length - len(prompt.tokens))
        before, count, cached, first, sent = model.evaluated, 0, 0, 0.0, 0.0
        finish, held = "stop", ""
        for token in model.tokens(prompt.tokens, sampling):
            now = time.perf_counter()
            if not count:
                first, cached = now, len(prompt.tokens) - (model.evaluated - before)
            count += 1
            held += text.feed(model.piece(token))
            if text.stopped:
                break
            if count >= room:
                finish = "length"
                break
            if held and now - sent >= PIECE_EVERY_S:
                yield {"text": held, "tokens_out": count, "thought": False}
                held, sent = "", now
        if held := held + text.rest():
            yield {"text": held, "tokens_out": count, "thought": False}
        now = time.perf_counter()
        yield {
            "tokens_out": count,
            "cached_tokens": cached,
            "first_ms": ((first or now) - began) * 1e3,
            "tokens_per_s": (count - 1) / (now - first) if count > 1 else 0.0,
            "finish": finish,
            "drafted": 0,
            "accepted": 0,
            "speculation_off": "",
        }

    def _ready(self) -> tuple[Model, Prompts]:
        if self._model is None or self._prompts is None:
            began = time.perf_counter()
            flag, channel = self._channel.cancel_flag, self._channel
            model = Model(self._options, lambda _: flag.value == channel.current)  # short: it is asked very often
            self._prompts = Prompts(model, model.render, model.control_texts())
            self._model = model
            self._load_ms = (time.perf_counter() - began) * 1e3
        return self._model, self._prompts
