"""The one place that touches llama.cpp: loading in words, tokens, and a cancel that works in mid-prompt."""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llama_cpp
from jinja2 import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from trayassist.api import ModelUnavailable
from trayassist.workers.model import Options, Sampling
from trayassist.workers.model.prompt import PLAIN_TEMPLATE

native = llama_cpp.llama_cpp
CONTROL = native.LLAMA_TOKEN_ATTR_CONTROL | native.LLAMA_TOKEN_ATTR_UNKNOWN  # what parse_special turns on
PIECE_BYTES = 256  # room for the text of a token; longer ones are asked for again
_said: deque[str] = deque(maxlen=20)  # the last lines that llama.cpp logged


@native.llama_log_callback  # type: ignore[untyped-decorator]  # llama_cpp has no types
def _note(_level: int, text: bytes, _data: Any) -> None:  # native code calls it as long as the process lives
    _said.append(text.decode("utf-8", "replace").strip())


class Model:
    """A loaded model. It keeps the tokens of its last prompt and answer, and evaluates only what differs (prefix)."""

    def __init__(self, options: Options, cancelled: Callable[[Any], bool]) -> None:
        native.llama_log_set(_note, None)
        self._llama = self._loaded(options)
        self._vocab = self._llama._model.vocab
        self._buffer = ctypes.create_string_buffer(PIECE_BYTES)
        # asked some 200 times a token; the reference must live as long as the context that calls it
        self._abort = native.ggml_abort_callback(cancelled)
        native.llama_set_abort_callback(self._llama.ctx, self._abort, None)
        self.context_length: int = self._llama.n_ctx()
        template = "" if options.plain else self._llama.metadata.get("tokenizer.chat_template", "")
        self.base = not template
        self.render = Jinja2ChatFormatter(
            template=template or PLAIN_TEMPLATE,
            eos_token=self._special(self._llama.token_eos()),
            bos_token=self._special(self._llama.token_bos()),
        )

    @property
    def evaluated(self) -> int:
        """How many tokens were evaluated since loading."""
        return self._llama.evaluated

    def tokenize(self, text: str) -> list[int]:
        """Return the text's tokens; the texts of control tokens become those tokens, BOS comes first where it belongs.

        Lone surrogates become question marks.
        """
        tokens: list[int] = self._llama.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=True)
        bos = self._llama.token_bos()
        if bos >= 0 and native.llama_vocab_get_add_bos(self._vocab) and tokens[:1] != [bos]:
            tokens.insert(0, bos)
        return tokens

    def tokens(self, prompt: list[int], sampling: Sampling) -> Iterator[int]:
        """Yield the answer's tokens until the model ends it. Raises RuntimeError when evaluating was aborted."""
        seed = sampling["seed"] if sampling["seed"] is not None else int.from_bytes(os.urandom(4))
        self._llama.set_seed(seed)
        try:
            for token in self._llama.generate(prompt, temp=sampling["temperature"]):
                if native.llama_vocab_is_eog(self._vocab, token):
                    return
                yield token
        except RuntimeError:
            # the batches before the aborted one stand, but nothing may be sampled from before the next evaluation
            self._llama._requires_eval = True
            raise

    def forget(self) -> None:
        """Drop the tokens that are kept."""
        self._llama.reset()

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the token's bytes, which may be a part of a character; control tokens only with `special`."""
        room = len(self._buffer)
        length = native.llama_token_to_piece(self._vocab, token, self._buffer, room, 0, special)
        if length < 0:
            self._buffer = ctypes.create_string_buffer(-length)
            length = native.llama_token_to_piece(self._vocab, token, self._buffer, -length, 0, special)
        return self._buffer.raw[: max(length, 0)]

    def control_texts(self) -> Iterator[str]:
        """Yield the texts that are read as control tokens."""
        for token in range(self._llama.n_vocab()):
            if native.llama_vocab_get_attr(self._vocab, token) & CONTROL:
                yield (native.llama_vocab_get_text(self._vocab, token) or b"").decode("utf-8", "replace")

    def _special(self, token: int) -> str:
        return self.piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""

    def _loaded(self, options: Options) -> _Counting:
        name = Path(options.file).name
        try:
            return _Counting(
                options.file,
                n_ctx=options.context_length,
                n_batch=options.n_batch,
                n_threads=options.n_threads,
                n_threads_batch=options.n_threads,
                n_gpu_layers=options.n_gpu_layers,
                use_mmap=options.use_mmap,
                verbose=False,
            )
        except TemplateError as error:
            raise ModelUnavailable(f"{name} does not load: its chat template is broken ({error}).") from error
        except Exception as error:  # barrier: whatever is wrong with a model file shows here
            reason = _complaint() or str(error)
            raise ModelUnavailable(f"{name} does not load: {reason}.", "Copy it again or name another.") from error


def _complaint() -> str:
    """Return what llama.cpp said was wrong, without the name of the function that said it."""
    errors = [line for line in _said if "error" in line.lower() or "failed" in line.lower()]
    return errors[0].split("error loading model: ")[-1].split(": error: ")[-1].rstrip(".") if errors else ""


class _Counting(llama_cpp.Llama):  # type: ignore[misc]  # llama_cpp has no types
    """Counts the tokens that are evaluated, so that reuse is a measured number."""

    evaluated = 0

    def eval(self, tokens: list[int]) -> None:
        self.evaluated += len(tokens)
        super().eval(tokens)
