"""Which token comes next: by chance or greedily, within a grammar where one is given."""

from __future__ import annotations

import ctypes
import os
from typing import Any

import numpy as np

from trayassist.api import TrayassistError
from trayassist.workers.model import Sampling
from trayassist.workers.model.context import Context
from trayassist.workers.model.llama import Model, complaint, forget_complaints, native
from trayassist.workers.model.schema import of_schema

TOP_K, TOP_P, MIN_P = 40, 0.95, 0.05  # llama.cpp's own
_ENTRY = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data


class Sampler:
    """Picks tokens for one answer. Raises TrayassistError for a grammar or schema that is none."""

    def __init__(self, model: Model, sampling: Sampling) -> None:
        self._model = model
        self._grammar = _grammar(model, sampling)
        seed = sampling["seed"] if sampling["seed"] is not None else int.from_bytes(os.urandom(4))
        self._chain = _chain(sampling["temperature"], seed & 0xFFFFFFFF)

    def pick(self, context: Context, place: int = -1) -> int:
        """Return the token that comes after the one at `place` of the context's last batch."""
        token = int(native.llama_sampler_sample(self._chain, context.pointer, place))
        if self._grammar is None:
            return token
        if not self._allows(token):
            token = self._within_grammar(context.scores(place))
        native.llama_sampler_accept(self._grammar, token)
        return token

    def close(self) -> None:
        """Give the memory back."""
        for one in (self._chain, self._grammar):
            if one is not None:
                native.llama_sampler_free(one)
        self._chain = self._grammar = None

    def _allows(self, token: int) -> bool:
        """Return whether the grammar goes on with this token: asked of one alone, where all would take long."""
        one = np.array([(token, 1.0, 0.0)], _ENTRY)
        native.llama_sampler_apply(self._grammar, ctypes.byref(_candidates(one)))
        return bool(np.isfinite(one["logit"][0]))

    def _within_grammar(self, scores: np.ndarray[Any, Any]) -> int:
        """Return a token picked among those the grammar allows (as common_sampler_sample of llama.cpp does)."""
        entries = np.zeros(len(scores), _ENTRY)
        entries["id"], entries["logit"] = np.arange(len(scores)), scores
        candidates = _candidates(entries)
        native.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        if not np.isfinite(entries["logit"]).any():
            raise TrayassistError(
                "The grammar allows nothing that the model could say next.", "Widen the grammar, or leave it out."
            )
        native.llama_sampler_apply(self._chain, ctypes.byref(candidates))
        return int(entries["id"][candidates.selected])


def _candidates(entries: np.ndarray[Any, Any]) -> Any:
    pointer = entries.ctypes.data_as(ctypes.POINTER(native.llama_token_data))
    return native.llama_token_data_array(data=pointer, size=len(entries), selected=-1, sorted=False)


def _chain(temperature: float, seed: int) -> Any:
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    if temperature <= 0:
        native.llama_sampler_chain_add(chain, native.llama_sampler_init_greedy())
        return chain
    for part in (
        native.llama_sampler_init_top_k(TOP_K),
        native.llama_sampler_init_top_p(TOP_P, 1),
        native.llama_sampler_init_min_p(MIN_P, 1),
        native.llama_sampler_init_temp(temperature),
        native.llama_sampler_init_dist(seed),
    ):
        native.llama_sampler_chain_add(chain, part)
    return chain


def _grammar(model: Model, sampling: Sampling) -> Any:
    text = of_schema(sampling["schema"]) if sampling["schema"] is not None else sampling["grammar"]
    if not text:
        return None
    forget_complaints()
    grammar = native.llama_sampler_init_grammar(model.vocab, text.encode(), b"root")
    if not grammar:
        raise TrayassistError(
            f"The grammar is broken: {complaint()}.",
            "Write it in GBNF, with a rule named root, and no rule that begins with itself.",
        )
    return grammar
