"""Which token comes next: by chance or greedily, within a grammar where one is given."""

from __future__ import annotations

import ctypes
import json
import math
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from llama_cpp.llama_grammar import SchemaConverter

from trayassist.api import TrayassistError
from trayassist.workers.model.context import LlamaContext
from trayassist.workers.model.llama import LlamaModel, complaint, forget_complaints, native
from trayassist.workers.model.protocol import Sampling

TOP_K, TOP_P, MIN_P = 40, 0.95, 0.05  # llama.cpp's own
_ENTRY = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data


class Sampler:
    """Picks tokens for one answer. Raises TrayassistError for a grammar or schema that is none."""

    def __init__(self, model: LlamaModel, sampling: Sampling) -> None:
        self._model = model
        self._grammar = _grammar(model, sampling)
        seed = sampling["seed"] if sampling["seed"] is not None else int.from_bytes(os.urandom(4))
        self._chain = _chain(sampling["temperature"], seed & 0xFFFFFFFF)

    def pick(self, context: LlamaContext, place: int = -1) -> int:
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


def _grammar(model: LlamaModel, sampling: Sampling) -> Any:
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


MOST_NUMBERS = 1000  # that are written out where a number has limits, which the converter leaves out
_FROM_ONE = "[1-9] [0-9]{0,15}"
_FRACTION = '"." [0-9]{1,15}'
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


class _Converter(SchemaConverter):  # type: ignore[misc]  # llama_cpp has no types
    def __init__(self) -> None:
        super().__init__(prop_order={}, allow_fetch=False, dotall=False, raw_pattern=False)

    def visit(self, schema: Any, name: str) -> Any:
        if not isinstance(schema, Mapping):
            raise ValueError(f"{json.dumps(schema)} is no schema")
        if "enum" in schema and not schema["enum"]:
            raise ValueError("an empty enum allows nothing")
        limits = [key for key in _LIMITS if key in schema]
        if limits and not {"enum", "const"} & set(schema):
            return self._add_rule(name or "root", f"({_numbers(schema, limits)}) space")
        return super().visit(schema, name)

    def _format_literal(self, literal: str) -> str:
        """Return JSON, or a sign of a pattern, as a literal of GBNF; the converter forgets the backslashes of JSON."""
        if literal.startswith('"') and "\\u" in literal:  # a model writes ü, and no \u00fc
            literal = json.dumps(json.loads(literal), ensure_ascii=False)
        escaped = literal.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
        return f'"{escaped}"'

    def _generate_constant_rule(self, value: Any) -> str:
        return self._format_literal(json.dumps(value, ensure_ascii=False))


def of_schema(schema: Mapping[str, Any]) -> str:
    """Return the grammar of a JSON Schema. Raises TrayassistError for one that cannot be made a grammar."""
    converter = _Converter()
    try:
        converter.visit(converter.resolve_refs(json.loads(json.dumps(schema)), "stdin"), "")
        return str(converter.format_grammar())
    except Exception as error:  # barrier: the converter fails in many ways on what is no schema
        raise TrayassistError(
            f"The JSON schema cannot be followed: {type(error).__name__} {error}.",
            "Use types, properties, enums and arrays, without references to the network.",
        ) from error


def _numbers(schema: Mapping[str, Any], limits: list[str]) -> str:
    """Return a rule of the numbers that the limits allow. Raises ValueError where there is none."""
    whole = schema.get("type") == "integer"
    low, high = _whole_limits(schema) if whole else (schema.get("minimum", -math.inf), schema.get("maximum", math.inf))
    expressed = "multipleOf" not in limits and (whole or not any("exclusive" in limit for limit in limits))
    if expressed and high == math.inf and (low == 0 or (low == 1 and whole)):
        return " | ".join(([] if low else ['"0"']) + [_FROM_ONE]) if whole else f'("0" | {_FROM_ONE}) ({_FRACTION})?'
    if not expressed or not 0 <= high - low < MOST_NUMBERS or low != int(low) or high != int(high):
        raise ValueError(
            f"{', '.join(limits)}: limits hold for numbers from 0 on, or between two whole ones at most "
            f"{MOST_NUMBERS} apart"
        )
    low, high = int(low), int(high)
    values = [f'"{value}"' for value in range(low, high + 1)]
    if not whole:  # of 3.5 the part before the point, and of -3.5
        values += [f'"{value}" {_FRACTION}' for value in range(max(low, 0), high)]
        values += [f'"-{value}" {_FRACTION}' for value in range(max(-high, 0), -low)]
    return " | ".join(values)


def _whole_limits(schema: Mapping[str, Any]) -> tuple[float, float]:
    """Return the least and the greatest integer that the limits allow, infinity where there is no limit."""
    low = max(schema.get("minimum", -math.inf), _next(math.floor, schema.get("exclusiveMinimum", -math.inf), 1))
    high = min(schema.get("maximum", math.inf), _next(math.ceil, schema.get("exclusiveMaximum", math.inf), -1))
    return _next(math.ceil, low, 0), _next(math.floor, high, 0)


def _next(rounded: Callable[[float], int], value: float, more: int) -> float:
    return value if math.isinf(value) else rounded(value) + more
