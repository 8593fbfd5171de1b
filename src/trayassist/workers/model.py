"""The model worker: one GGUF, one llama.cpp context, one answer at a time.

The context keeps the tokens of the last answer, so the next turn of a conversation evaluates only what is
new (llama.cpp's prefix reuse). A cancel works also while a prompt is read: llama.cpp asks the abort
callback some 200 times a token; an aborted batch leaves the tokens before it in place.
"""

from __future__ import annotations

import codecs
import ctypes
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypedDict

from trayassist.api import Message, ModelUnavailable, TrayassistError
from trayassist.workers.child import Channel

PIECE_BYTES = 512  # longest text of one token
ANSWER_ROOM = 64  # tokens that must be left for the answer, whatever the prompt


class Sampling(TypedDict):
    """How an answer is sampled. `seed` None is a new one each time; `temperature` 0 is greedy."""

    temperature: float
    max_tokens: int
    stop: tuple[str, ...]
    seed: int | None


class Report(TypedDict):
    """How an answer went; the last item of `generate`. Times in ms; `trimmed` counts the turns left out."""

    tokens_in: int
    tokens_out: int
    cached_tokens: int
    first_ms: float
    tokens_per_s: float
    trimmed: int
    finish: str


def main(
    channel: Channel, file: str, context_length: int, n_batch: int, n_threads: int, n_gpu_layers: int, use_mmap: bool
) -> None:
    """Load the model and serve `info` and `generate`. A model that does not load is said so at every request."""
    _silence_native_output()
    try:
        model = _Model(channel, file, context_length, n_batch, n_threads, n_gpu_layers, use_mmap)
    except (ValueError, RuntimeError, OSError, MemoryError) as error:
        failure = ModelUnavailable(f"The model {os.path.basename(file)} does not load: {error}.", "Name another file.")  # noqa: PTH119

        def fail(**_: Any) -> None:
            raise failure

        channel.serve({"info": fail, "generate": fail})
        return
    channel.serve({"info": model.info, "generate": model.generate})


def _silence_native_output() -> None:
    """Native code prints to the terminal; what matters comes back over the pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


class _Model:
    def __init__(
        self, channel: Channel, file: str, n_ctx: int, n_batch: int, n_threads: int, n_gpu_layers: int, use_mmap: bool
    ) -> None:
        import llama_cpp

        self._channel, self._native = channel, llama_cpp.llama_cpp
        began = time.perf_counter()
        self._llama = llama_cpp.Llama(
            file,
            n_ctx=n_ctx,
            n_batch=n_batch,
            n_threads=n_threads,
            n_threads_batch=n_threads,
            n_gpu_layers=n_gpu_layers,
            use_mmap=use_mmap,
            verbose=False,
        )
        self._load_ms = (time.perf_counter() - began) * 1e3
        self._vocab = self._llama._model.vocab
        self._buffer = ctypes.create_string_buffer(PIECE_BYTES)
        self._template = self._formatter()
        # the reference must live as long as the context, which calls it
        self._abort = self._native.ggml_abort_callback(lambda _: channel.cancelled())
        self._native.llama_set_abort_callback(self._llama.ctx, self._abort, None)

    def info(self) -> dict[str, Any]:
        """Return load time, context length and whether the file has a chat template (a base model has none)."""
        return {
            "load_ms": self._load_ms,
            "context_length": self._llama.n_ctx(),
            "has_template": bool(self._llama.metadata.get("tokenizer.chat_template")),
        }

    def generate(self, messages: Sequence[Message], sampling: Sampling) -> Iterator[str | Report]:
        """Yield pieces of the answer, then the Report. Raises TrayassistError when the prompt does not fit."""
        began = time.perf_counter()
        prompt, trimmed = self._fit(messages, sampling["max_tokens"])
        cached = self._common_prefix(prompt)
        room = min(sampling["max_tokens"], self._llama.n_ctx() - len(prompt))
        self._llama.set_seed(sampling["seed"] if sampling["seed"] is not None else int.from_bytes(os.urandom(4)))
        text = _Text(sampling["stop"])
        count, first_ms, finish = 0, 0.0, "length"
        try:
            for token in self._llama.generate(prompt, temp=sampling["temperature"]):
                first_ms = first_ms or (time.perf_counter() - began) * 1e3
                if self._native.llama_vocab_is_eog(self._vocab, token):
                    finish = "stop"
                    break
                count += 1
                if piece := text.feed(self._piece(token)):
                    yield piece
                if text.stopped or count >= room:
                    finish = "stop" if text.stopped else "length"
                    break
        except RuntimeError as error:
            if not self._channel.cancelled():
                self._llama.reset()
                raise TrayassistError(f"llama.cpp could not go on: {error}.", "Ask again.") from error
            return
        if rest := text.rest():
            yield rest
        seconds = time.perf_counter() - began - first_ms / 1e3
        yield Report(
            tokens_in=len(prompt),
            tokens_out=count,
            cached_tokens=cached,
            first_ms=first_ms,
            tokens_per_s=(count - 1) / seconds if count > 1 and seconds > 0 else 0.0,
            trimmed=trimmed,
            finish=finish,
        )

    def _fit(self, messages: Sequence[Message], max_tokens: int) -> tuple[list[int], int]:
        """Return the prompt's tokens and how many of the oldest turns were left out so that it fits (S1-17, F-15)."""
        fixed = [message for message in messages[:1] if message.speaker == "system"]
        turns = list(messages[len(fixed) :])
        reserve = min(max_tokens, max(ANSWER_ROOM, self._llama.n_ctx() // 4))
        trimmed = 0
        while True:
            tokens = self._tokens([*fixed, *turns])
            if len(tokens) + reserve <= self._llama.n_ctx():
                return tokens, trimmed
            if len(turns) <= 1:
                break
            turns, trimmed = turns[1:], trimmed + 1
            if turns[0].speaker == "assistant" and len(turns) > 1:  # a conversation begins with a question
                turns = turns[1:]
        raise TrayassistError(
            f"This is {len(tokens)} tokens long, and the model's context holds {self._llama.n_ctx()}.",
            "Ask about less at once, or raise context_length in registry.yaml.",
        )

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        plain = [{"role": message.speaker, "content": message.text} for message in messages]
        try:
            prompt = self._template(messages=plain).prompt
        except Exception as error:  # barrier: the template is code that came with the model file
            if messages[0].speaker == "system" and len(messages) > 1:  # many templates refuse the system role
                merged = Message(speaker="user", text=f"{messages[0].text}\n\n{messages[1].text}")
                return self._tokens([merged, *messages[2:]])
            raise TrayassistError(f"The model's chat template fails: {error}.", "Name another model.") from error
        tokens = self._llama.tokenize(prompt.encode(), add_bos=False, special=True)
        bos = self._llama.token_bos()
        if bos >= 0 and self._native.llama_vocab_get_add_bos(self._vocab) and tokens[:1] != [bos]:
            tokens.insert(0, bos)
        return list(tokens)

    def _formatter(self) -> Any:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        template = self._llama.metadata.get("tokenizer.chat_template") or PLAIN_TEMPLATE
        text = {}
        for name, token in (("bos", self._llama.token_bos()), ("eos", self._llama.token_eos())):
            text[name] = self._piece(token, special=True).decode(errors="replace") if token >= 0 else ""
        return Jinja2ChatFormatter(template=template, eos_token=text["eos"], bos_token=text["bos"])

    def _common_prefix(self, prompt: list[int]) -> int:
        held = self._llama.input_ids[: self._llama.n_tokens].tolist()
        return next(
            (n for n, (a, b) in enumerate(zip(held, prompt, strict=False)) if a != b), min(len(held), len(prompt))
        )

    def _piece(self, token: int, *, special: bool = False) -> bytes:
        length = self._native.llama_token_to_piece(self._vocab, token, self._buffer, PIECE_BYTES, 0, special)
        return self._buffer.raw[: max(length, 0)]


PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message.role | capitalize }}: {{ message.content }}\n{% endfor %}Assistant:"
)


class _Text:
    """Turns token bytes into text: never half a character, and nothing of a stop string."""

    def __init__(self, stop: Sequence[str]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = [word for word in stop if word]
        self._held = ""
        self._began = False
        self.stopped = False

    def feed(self, data: bytes) -> str:
        """Return the text that is safe to show."""
        self._held += self._decoder.decode(data)
        if not self._began:
            self._held = self._held.lstrip()
            self._began = bool(self._held)
        cut = min((at for word in self._stop if (at := self._held.find(word)) >= 0), default=-1)
        if cut >= 0:
            self.stopped, out, self._held = True, self._held[:cut], ""
            return out
        keep = max((n for word in self._stop for n in range(1, len(word)) if self._held.endswith(word[:n])), default=0)
        out, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return out

    def rest(self) -> str:
        """Return what was held back, at the end."""
        return "" if self.stopped else self._held + self._decoder.decode(b"", final=True)
