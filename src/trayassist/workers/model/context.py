"""One llama.cpp context and its tokens: read on, step back, copy and bring back; a cancel that works in mid-prompt.

The keys and values of tokens that were evaluated stay, so that a prompt which begins like the last one is read from
where it differs (prefix).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trayassist.api import ModelUnavailable
from trayassist.workers.model.llama import LlamaModel, complaint, forget_complaints, native
from trayassist.workers.model.protocol import LoadOptions

UBATCH = 512  # tokens that are computed together; memory grows with it
MANY = 32  # tokens from which reading on more threads pays; a draft is checked on those that write
KV_TYPES = {"f16": native.GGML_TYPE_F16, "q8_0": native.GGML_TYPE_Q8_0, "q4_0": native.GGML_TYPE_Q4_0}
ALL_FROM_MODEL = native.LLAMA_POOLING_TYPE_UNSPECIFIED


class Aborted(RuntimeError):
    """llama.cpp gave up evaluating: it was cancelled, or it could not go on."""


@dataclass(slots=True)
class SavedState:
    """The state of a context: its tokens, and their keys and values as llama.cpp wrote them."""

    tokens: list[int]
    data: np.ndarray[Any, Any]


class LlamaContext:
    """A context of one model. `tokens` are those whose keys and values stand.

    `reused` counts those of the last prompt that stood before it was read.
    """

    def __init__(
        self,
        model: LlamaModel,
        options: LoadOptions,
        cancelled: Callable[[Any], bool],
        *,
        pooling: int = ALL_FROM_MODEL,
    ) -> None:
        self.model, self.reused = model, 0
        self.tokens: list[int] = []
        self.embeds = options.purpose != "generate"
        self.batch_size = min(options.n_batch, options.context_length)
        # asked some 200 times a token; the reference must live as long as the context that calls it
        self._abort = native.ggml_abort_callback(cancelled)
        self._cancelled = cancelled
        self._threads, self._threads_read = options.n_threads, options.n_threads_read or options.n_threads
        self.pointer = self._make(options, pooling)
        self.length: int = native.llama_n_ctx(self.pointer)
        self._memory = native.llama_get_memory(self.pointer)
        self._batch = native.llama_batch_init(self.batch_size, 0, 1)
        for n in range(self.batch_size):  # all but a token, its place and its sequence stays as it is
            self._batch.n_seq_id[n] = 1
            self._batch.seq_id[n][0] = 0

    # ------------------------------------------------------------ one conversation

    def read(self, prompt: Sequence[int]) -> None:
        """Evaluate what of the prompt is not there yet, at least its last token, whose scores stand then."""
        self.cut(min(common(self.tokens, prompt), len(prompt) - 1))
        self.reused = len(self.tokens)
        many = len(prompt) - self.reused >= MANY
        if many:
            native.llama_set_n_threads(self.pointer, self._threads, self._count_reading_threads())
        try:
            for start in range(len(self.tokens), len(prompt), self.batch_size):
                self.add(prompt[start : start + self.batch_size])
        finally:
            if many:
                native.llama_set_n_threads(self.pointer, self._threads, self._threads)

    def _count_reading_threads(self) -> int:
        """Return how many threads to read on: all, but on a busy machine those that write.

        llama.cpp's threads wait for each other by spinning, and one that has to wait for a core holds all of them.
        """
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        return self._threads_read if load < self._threads_read + 1 else self._threads

    def add(self, tokens: Sequence[int], *, all_scores: bool = False) -> None:
        """Evaluate tokens after those that stand, at most a batch; the scores of the last, or of all, stand then.

        Raises Aborted; what stood before stands on.
        """
        if self._cancelled(None):  # llama.cpp itself asks on a processor only, and not on a GPU
            raise Aborted("it was cancelled")
        batch, place, last = self._batch, len(self.tokens), len(tokens) - 1
        for n, token in enumerate(tokens):
            batch.token[n] = token
            batch.pos[n] = place + n
            batch.logits[n] = all_scores or n == last
        batch.n_tokens = last + 1
        try:
            self._decode()
        except Aborted:
            self.cut(place)  # a part of the batch may stand
            raise
        self.tokens.extend(tokens)

    def cut(self, length: int) -> None:
        """Leave the first `length` tokens; all go when the model cannot step back so far."""
        if length <= 0 or not native.llama_memory_seq_rm(self._memory, 0, length, -1):
            self.clear()
        else:
            del self.tokens[length:]

    def clear(self) -> None:
        """Drop all tokens."""
        self.tokens.clear()
        if self._memory:  # an embedder that reads a text at once has none
            native.llama_memory_clear(self._memory, False)

    def save(self) -> SavedState:
        """Return a copy of the state."""
        self.cut(len(self.tokens))  # tokens that were drafted and refused may lie behind
        size = native.llama_state_seq_get_size(self.pointer, 0)
        data = np.empty(size, np.uint8)
        written = native.llama_state_seq_get_data(self.pointer, _bytes_at(data), size, 0)
        return SavedState(list(self.tokens), data[:written])

    @property
    def bytes(self) -> int:
        """How large a copy of the state would be."""
        return int(native.llama_state_seq_get_size(self.pointer, 0))

    def restore(self, saved: SavedState) -> None:
        """Bring a saved state back; with none when llama.cpp does not take it."""
        self.clear()
        if native.llama_state_seq_set_data(self.pointer, _bytes_at(saved.data), saved.data.nbytes, 0):
            self.tokens = list(saved.tokens)
        else:
            self.clear()

    def scores(self, place: int = -1) -> np.ndarray[Any, Any]:
        """Return the scores of the token after the one at `place` of the last batch: a view, valid until the next."""
        return np.ctypeslib.as_array(native.llama_get_logits_ith(self.pointer, place), (self.model.vocabulary,))

    # ------------------------------------------------------------ several texts at once

    def embed(self, texts: Sequence[Sequence[int]]) -> list[np.ndarray[Any, Any]]:
        """Return what pooling made of each text; together they are no longer than a batch."""
        batch, n = self._batch, 0
        for sequence, tokens in enumerate(texts):
            for place, token in enumerate(tokens):
                batch.token[n], batch.pos[n], batch.seq_id[n][0], batch.logits[n] = token, place, sequence, True
                n += 1
        batch.n_tokens = n
        self.clear()
        self._decode()
        width = native.llama_model_n_embd_out(self.model.pointer)
        if native.llama_pooling_type(self.pointer) == native.LLAMA_POOLING_TYPE_RANK:
            width = native.llama_model_n_cls_out(self.model.pointer)
        found = (native.llama_get_embeddings_seq(self.pointer, sequence) for sequence in range(len(texts)))
        return [np.ctypeslib.as_array(one, (width,)).copy() for one in found]

    # ------------------------------------------------------------ inside

    def _decode(self) -> None:
        code = native.llama_decode(self.pointer, self._batch)
        if code != 0:
            raise Aborted(f"llama_decode returned {code}")

    def _make(self, options: LoadOptions, pooling: int) -> Any:
        parameters = native.llama_context_default_params()
        parameters.n_ctx, parameters.n_batch = options.context_length, self.batch_size
        parameters.n_ubatch = self.batch_size if self.embeds else min(self.batch_size, UBATCH)
        parameters.n_threads = parameters.n_threads_batch = options.n_threads
        parameters.flash_attn_type = self._flash(options)
        parameters.type_k = parameters.type_v = KV_TYPES[options.kv_type]
        parameters.abort_callback, parameters.abort_callback_data = self._abort, None
        parameters.no_perf = True
        parameters.swa_full = (
            True  # layers with a sliding window keep all tokens: a prompt can be read from the middle on
        )
        if self.embeds:
            parameters.embeddings, parameters.pooling_type = True, pooling
            parameters.kv_unified, parameters.n_seq_max = True, min(self.batch_size, 64)
        forget_complaints()
        pointer = native.llama_init_from_model(self.model.pointer, parameters)
        if not pointer:
            raise ModelUnavailable(
                f"{self.model.name} loads, but cannot be run as it is set: {complaint()}.",
                "Look at context_length, kv_type and flash_attention in registry.yaml.",
            )
        return pointer

    def _flash(self, options: LoadOptions) -> int:
        """Return llama.cpp's setting. Without a GPU auto is off: measured on a CPU it makes answers slower."""
        quantised = options.kv_type != "f16"
        if options.flash_attention == "off" and quantised:
            raise ModelUnavailable(
                f"kv_type {options.kv_type} needs flash attention, and that is off for {self.model.name}.",
                "Set flash_attention to auto, or kv_type to f16, in registry.yaml.",
            )
        if options.flash_attention == "on" or quantised:
            return int(native.LLAMA_FLASH_ATTN_TYPE_ENABLED)
        if options.flash_attention == "auto" and self.model.gpu_layers:
            return int(native.LLAMA_FLASH_ATTN_TYPE_AUTO)
        return int(native.LLAMA_FLASH_ATTN_TYPE_DISABLED)


def common(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens the two begin with alike."""
    for alike, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return alike
    return min(len(first), len(second))


def _bytes_at(data: np.ndarray[Any, Any]) -> Any:
    return data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
