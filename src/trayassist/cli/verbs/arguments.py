"""Checks what a verb is called with, as the signature of its function declares it; and how its errors end it.

Requests come over the socket from other programs: a wrong type is refused here and never reaches the assistant.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from trayassist.api import ConfigError, NotAllowed, TrayassistError, UnreadableFile
from trayassist.config.snapshots import NotSaved
from trayassist.ipc import EXIT_FAILED, EXIT_NO, EXIT_UNREADABLE, EXIT_USAGE

Verb = Callable[..., AsyncGenerator[dict[str, Any], None]]
Actions = Mapping[str, Verb]  # of a verb that has several; its argument `action` names one

LONGEST_TEXT = 2_000_000  # characters; a question with a long paste is far below
MOST_ITEMS = 200_000


@dataclass(frozen=True, slots=True)
class Between:
    """The bounds of a number, both allowed: `Annotated[int, Between(1, 100)]`."""

    least: float
    most: float


class WrongArguments(TrayassistError):
    """A verb was called with arguments that it does not take."""


def exit_code(error: TrayassistError) -> int:
    """Return how a verb ends that this error ended, by the table of docs/command-line.md."""
    for kind, code in _EXITS:
        if isinstance(error, kind):
            return code
    return EXIT_FAILED


_EXITS: tuple[tuple[type[TrayassistError], int], ...] = (
    (WrongArguments, EXIT_USAGE),
    (UnreadableFile, EXIT_UNREADABLE),
    (NotAllowed, EXIT_NO),
    (NotSaved, EXIT_FAILED),
    (ConfigError, EXIT_UNREADABLE),
)


def choose(verb: str, entry: Verb | Actions, arguments: Mapping[str, Any]) -> tuple[Verb, dict[str, Any]]:
    """Return the function that does what is asked, and its arguments, checked. Raises WrongArguments."""
    given = dict(arguments)
    if isinstance(entry, Mapping):
        action = given.pop("action", "list")
        if not isinstance(action, str) or action not in entry:
            raise WrongArguments(f"“{verb}” has no action {_show(action)}.", f"Known: {', '.join(entry)}.")
        verb, function = f"{verb} {action}", entry[action]
    else:
        function = entry
    parameters = _parameters(function)
    for name in given:
        if name not in parameters:
            known = ", ".join(parameters) or "nothing"
            raise WrongArguments(f"“{verb}” takes no {_show(name)}.", f"It takes: {known}.")
    for name, (hint, needed) in parameters.items():
        if name not in given:
            if needed:
                raise WrongArguments(f"“{verb}” needs “{name}”.", f"Give {_expectation(hint)}.")
        elif not _fits(given[name], hint):
            raise WrongArguments(f"“{verb}” cannot use this “{name}”.", f"Give {_expectation(hint)}.")
    return function, given


@functools.cache
def _parameters(function: Verb) -> Mapping[str, tuple[Any, bool]]:
    """Return the type of each argument, and whether it must be given; without the assistant."""
    hints = get_type_hints(function, include_extras=True)
    _, *parameters = inspect.signature(function).parameters.values()
    return {one.name: (hints[one.name], one.default is inspect.Parameter.empty) for one in parameters}


def _fits(value: Any, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is Annotated:
        return _fits(value, inner[0]) and inner[1].least <= value <= inner[1].most
    if origin in (list, tuple, Sequence):
        return isinstance(value, list | tuple) and len(value) <= MOST_ITEMS and all(_fits(v, inner[0]) for v in value)
    if origin in (dict, Mapping):
        return isinstance(value, dict) and all(isinstance(key, str) for key in value)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is str:
        return isinstance(value, str) and len(value) <= LONGEST_TEXT
    return isinstance(value, hint)


def _expectation(hint: Any) -> str:
    """Return in words what fits."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(_expectation(one) for one in inner if one is not NoneType)
    if origin is Literal:
        return f"one of: {', '.join(inner)}"
    if origin is Annotated:
        return f"{_expectation(inner[0])} from {inner[1].least:g} to {inner[1].most:g}"
    if origin in (list, tuple, Sequence):
        return "a list of objects" if get_origin(inner[0]) in (dict, Mapping) else "a list of texts"
    if origin in (dict, Mapping):
        return "an object"
    return {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}.get(hint, "a value")


def _show(value: Any) -> str:
    return f"“{value[:40]}”" if isinstance(value, str) else "of that kind"
