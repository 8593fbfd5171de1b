"""From a JSON Schema to a grammar: llama-cpp-python's converter, where it would give something else than was meant."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from llama_cpp.llama_grammar import SchemaConverter

from trayassist.api import TrayassistError

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
