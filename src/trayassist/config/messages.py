"""What is wrong with a settings file's values, in words: which key, what stands there, and what should."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from trayassist.safety.redaction import redact

SECRET_NAME = re.compile(r"key|token|secret|password", re.IGNORECASE)

Key = tuple[str | int, ...]

LONGEST = 60  # characters of a value that are repeated
WANTED: Mapping[str, str] = {
    "int_type": "Give a whole number.",
    "int_parsing": "Give a whole number.",
    "int_from_float": "Give a whole number.",
    "int_parsing_size": "Give a smaller number.",
    "float_type": "Give a number.",
    "float_parsing": "Give a number.",
    "finite_number": "Give a number that ends.",
    "bool_type": "Give true or false.",
    "bool_parsing": "Give true or false.",
    "tuple_type": "Give a list, such as [one, two].",
    "list_type": "Give a list, such as [one, two].",
    "dict_type": "Give keys and values there, one a line and indented.",
    "model_type": "Give keys and values there, one a line and indented.",
    "string_type": "Give a text.",
}


@dataclass(frozen=True, slots=True)
class InvalidSetting:
    """A value that may not stand at a key. `what` and `todo` are sentences."""

    key: Key
    what: str
    todo: str


def describe_errors(error: ValidationError, model: type[BaseModel], data: Any) -> list[InvalidSetting]:
    """Return all that pydantic found, each key once; keys that nobody knows first, then in the order of the file."""
    found: dict[Key, InvalidSetting] = {}
    for problem in sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden"):
        one = _describe(problem, model, key_in_file(problem["loc"], data))
        found.setdefault(one.key, one)
    return list(found.values())


def _describe(problem: Any, model: type[BaseModel], key: Key) -> InvalidSetting:
    name, kind, value = ".".join(map(str, key)), problem["type"], problem["input"]
    if key[-1:] == ("[key]",):
        above = [part for part in key[:-1] if part != str(value) and part != value]
        what = f"Under “{'.'.join(map(str, above))}” stands {_show_value(value)} where a name must be a text."
        return InvalidSetting(key[:-1], what, "Put the name in quotes.")
    if kind == "extra_forbidden":
        known = _keys_at(model, key[:-1])
        near = difflib.get_close_matches(str(key[-1]), known, n=1, cutoff=0.5)
        todo = f"Did you mean “{near[0]}”?" if near else f"Known here: {', '.join(known)}."
        if key[0] == "providers" and SECRET_NAME.search(str(key[-1])):
            todo = f"A key is never written into this file. Store it with: trayassist providers key {key[1]}"
        return InvalidSetting(key, f"“{name}” is not a setting.", todo)
    if kind == "missing":
        return InvalidSetting(key, f"“{name}” is missing.", "Add it.")
    if kind == "secret":  # what stands there may be one, and is not repeated
        return InvalidSetting(key, f"“{name}” may not stand there as it does.", f"{problem['msg']}.")
    if value is None:
        return InvalidSetting(key, f"“{name}” has nothing after it.", "Write its value, or take the line out.")
    return InvalidSetting(key, f"“{name}” is {_show_value(value)}, which is not allowed.", _expectation(kind, problem))


def _expectation(kind: str, problem: Any) -> str:
    """Return what should stand there instead."""
    context = problem.get("ctx", {})
    if kind == "literal_error":
        allowed = re.findall(r"'([^']+)'", context["expected"])
        near = difflib.get_close_matches(str(problem["input"]).lower(), allowed, n=1)
        return f"Did you mean “{near[0]}”?" if near else f"Give one of: {', '.join(allowed)}."
    for limit, phrase in (("ge", "{} or more"), ("gt", "more than {}"), ("le", "{} or less"), ("lt", "less than {}")):
        if limit in context:
            number = context[limit]
            return f"Give {phrase.format(int(number) if number == int(number) else number)}."
    if kind == "string_type" and not isinstance(problem["input"], dict | list):
        return "Put it in quotes: it must be a text."
    return WANTED.get(kind, f"{problem['msg']}.")


def _show_value(value: Any) -> str:
    if isinstance(value, dict):
        return "keys and values"
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    text = redact(str(value) if type(value).__module__ == "datetime" else text)  # it may stand in a wrong place
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def key_in_file(key: Key, data: Any) -> Key:
    """Return the key without the numbers of lists that stand for a single entry in the file (a mode's choices)."""
    found: list[str | int] = []
    for part in key:
        if isinstance(part, int) and not isinstance(data, list):
            continue
        found.append(part)
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None
    return tuple(found)


def _keys_at(model: type[BaseModel], key: Key) -> list[str]:
    """Return the keys that the model knows at `key`; steps into mappings and lists of models too."""
    kind: Any = model
    for part in key:
        kind = _plain(kind)
        if get_origin(kind) is tuple:
            kind = _plain(get_args(kind)[0])
            if isinstance(part, int):
                continue
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(part))
            kind = field.annotation if field else None
        else:
            kind = next(iter(get_args(kind)[1:]), None)
    kind = _plain(kind)
    if get_origin(kind) is tuple:
        kind = _plain(get_args(kind)[0])
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []


def _plain(kind: Any) -> Any:
    """Return the type without what is only said about it, and without "or None"."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = next(part for part in get_args(kind) if part is not NoneType)
    return kind
