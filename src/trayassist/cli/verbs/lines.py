"""The lines of a batch: each is answered on its own, so that a bad one costs itself and no more."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from trayassist.api import TrayassistError
from trayassist.cli.verbs.exits import EXIT_UNREADABLE

Item = Mapping[str, Any]
Work = Callable[[Item], Awaitable[dict[str, Any]]]

_HALF = re.compile("[\ud800-\udfff]")


class BadLine(TrayassistError):
    """A line of a batch that cannot be used: no JSON, a field that is missing or of another type."""


async def each(batch: Sequence[Item] | None, single: Item, work: Work) -> AsyncGenerator[dict[str, Any], None]:
    """Yield what `work` returns for `single`, or with a batch for each of its items, under the item's id.

    In a batch an error is an object with `error` and `todo` in its place; if a line could not be used,
    the exit code is 3. For a single item the error is raised.
    """
    if batch is None:
        yield await work(single)
        return
    unusable = False
    for item in batch:
        try:
            line = await work(item)
        except TrayassistError as error:
            unusable = unusable or isinstance(error, BadLine)
            line = {"error": error.what, "todo": error.todo}
        yield {"id": item.get("id"), **line}
    if unusable:
        yield {"exit": EXIT_UNREADABLE}


def text_of(item: Item, name: str) -> str:
    """Return a field that must be text. Raises BadLine."""
    if problem := item.get("unreadable"):  # what the command line says about a line that was no object
        raise BadLine(str(problem), "Give one JSON object a line.")
    value = item.get(name)
    if not isinstance(value, str):
        raise BadLine(
            f"A line has no “{name}”: {whole(str(item)[:80])}.", f'Give objects like {{"id": 1, "{name}": "…"}}.'
        )
    return whole(value)


def number_of(item: Item, name: str, otherwise: int) -> int:
    """Return a field that must be a whole number above 0, or `otherwise` where it is missing. Raises BadLine."""
    value = item.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadLine(f"“{name}” is {whole(str(value)[:40])}.", "Give a whole number above 0.")
    return value


def whole(text: str) -> str:
    """Return the text with U+FFFD for halves of characters (lone surrogates), which no file or hash can hold."""
    return _HALF.sub("\ufffd", text)
