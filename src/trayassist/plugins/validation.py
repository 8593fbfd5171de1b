"""Checks what plugins hand over when they load, and what their roles and inspectors return later."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from trayassist.api import (
    Chunk,
    Citation,
    Evidence,
    FollowUp,
    Host,
    Ingestor,
    Inspector,
    Job,
    PluginUnavailable,
    Risk,
    Role,
    Setting,
    Status,
    Tool,
    Verdict,
)
from trayassist.plugins.host import PluginHost

TRIGGERS = ("at start", "by hand")
ASK_ITS_AUTHOR = "Ask the plugin's author for a mended version."
_WORD = re.compile(r"[\w.-]{1,60}")  # what can be written after an @, and in a command
_ADDRESSED = (Role, Tool, Job)
_FIELDS: Mapping[type, Mapping[str, type]] = {
    Chunk: {"text": str},
    FollowUp: {"to": str, "asks": str},
    Status: {"text": str, "done": int, "total": int},
    Citation: {"path": str, "title": str, "quote": str, "number": int, "page": int, "start": int, "end": int},
    Evidence: {"passages": tuple, "quotes": tuple},
}


def describe_error(error: BaseException) -> str:
    """Return the error's kind and text on one line, also where its text is empty or cannot be had.

    A plugin that asks the host of its loading for what only an answer's host has is told so.
    """
    if isinstance(error, AttributeError) and isinstance(error.obj, PluginHost) and hasattr(Host, error.name or ""):
        return f"it called {error.name}() of its setup host, which only the host of answer() and run() has"
    try:
        text = " ".join(str(error).split())
    except BaseException:  # barrier: the text comes from a plugin's code
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def check_setup(results: Sequence[Any]) -> None:
    """Check what `setup` returned: it must be a plain function. Raises PluginUnavailable."""
    for result in results:
        _not_async(result, "setup")


def check_parts(results: Sequence[Any], protocol: type) -> list[Any]:
    """Return the items that a hook handed over. Raises PluginUnavailable where one is not what the protocol says."""
    items: list[Any] = []
    for result in results:
        _not_async(result, "hook")
        if not isinstance(result, Sequence) or isinstance(result, str):
            raise PluginUnavailable(
                f"Its hook returned {type(result).__name__}, not a list of {protocol.__name__}.", ASK_ITS_AUTHOR
            )
        items += result
    for item in items:
        if problem := _problem(item, protocol):
            kind = item.__name__ if isinstance(item, type) else type(item).__name__
            raise PluginUnavailable(f"Its {kind} is no {protocol.__name__}: {problem}.", ASK_ITS_AUTHOR)
    names = [item.name for item in items]
    if twice := sorted({name for name in names if names.count(name) > 1 and protocol in _ADDRESSED}):
        raise PluginUnavailable(f"It hands over two of the name “{twice[0]}”.", ASK_ITS_AUTHOR)
    return items


def check_settings(results: Sequence[Any]) -> list[Setting]:
    """Return the settings that the plugin declares. They are shown and sent between processes: data only.

    Raises PluginUnavailable.
    """
    found: list[Setting] = []
    for result in results:
        _not_async(result, "hook")
        if not isinstance(result, Sequence) or isinstance(result, str):
            raise PluginUnavailable(
                f"Its hook returned {type(result).__name__}, not a list of Setting.", ASK_ITS_AUTHOR
            )
        found += result
    for item in found:
        if not _is_data(item) or item.problem(item.default):
            raise PluginUnavailable(
                f"Its setting {getattr(item, 'name', item)!r} is not described as a setting with an allowed default.",
                ASK_ITS_AUTHOR,
            )
    names = [item.name for item in found]
    if len(set(names)) < len(names):
        raise PluginUnavailable(f"It declares a setting twice: {', '.join(names)}.", ASK_ITS_AUTHOR)
    return [replace(item, choices=dict(item.choices)) for item in found]


def answer_problem(item: Any) -> str:
    """Return what a role yielded, where that is no part of an answer or has parts of another type, or ""."""
    kind = type(item)
    if kind not in _FIELDS:
        return f"{kind.__name__}, which is no part of an answer"
    for name, wanted in _FIELDS[kind].items():
        if not isinstance(getattr(item, name), wanted):
            return f"a {kind.__name__} whose {name} is {type(getattr(item, name)).__name__}"
    return ""


def is_verdict(item: Any) -> bool:
    """Return whether an inspector returned a verdict whose parts have the right types."""
    if not isinstance(item, Verdict) or not isinstance(item.risk, Risk) or not isinstance(item.score, int | float):
        return False
    return 0 <= item.score <= 1 and isinstance(item.reason, str) and _texts(item.tags) and _texts(item.matched)


def _not_async(result: Any, what: str) -> None:
    if isinstance(result, Coroutine):
        result.close()
        raise PluginUnavailable(f"Its {what} is async; hooks are plain functions.", ASK_ITS_AUTHOR)


def _is_data(item: Any) -> bool:
    texts = isinstance(item, Setting) and all(isinstance(t, str) for t in (item.name, item.title, item.help, item.unit))
    if not texts or not _WORD.fullmatch(item.name) or "." in item.name:
        return False
    limits = all(type(limit) in (int, float, type(None)) for limit in (item.least, item.most))
    choices = isinstance(item.choices, Mapping) and _texts((*item.choices.keys(), *item.choices.values()))
    return limits and choices and type(item.default) in (bool, int, float, str, tuple)


def _problem(item: Any, protocol: type) -> str:
    """Return what is wrong with one item, or ""."""
    if isinstance(item, type):
        return "it is a class, not an object of it"
    wanted = sorted(getattr(protocol, "__protocol_attrs__", ()))
    if missing := [name for name in wanted if not hasattr(item, name)]:
        return f"it lacks {', '.join(missing)}"
    if not isinstance(item.name, str) or not item.name.isprintable() or not item.name.strip():
        return f"its name is {item.name!r}"
    if protocol in _ADDRESSED and not _WORD.fullmatch(item.name):
        return f"its name “{item.name}” is not one word"
    return _CHECKS[protocol](item)


def _role(role: Any) -> str:
    if not isinstance(role.title, str) or isinstance(role.examples, str) or not _texts(role.examples):
        return "its title is no text, or its examples are no list of texts"
    if inspect.iscoroutinefunction(role.claims):
        return "claims() is async"
    return "answer() yields nothing" if inspect.iscoroutinefunction(role.answer) else ""


def _ingestor(ingestor: Any) -> str:
    suffixes = ingestor.suffixes
    fine = not isinstance(suffixes, str) and _texts(suffixes)
    if not fine or not all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes):
        return "its suffixes are no list of lower-case texts that begin with a dot"
    return "read() is async" if _is_async(ingestor.read) else ""


def _inspector(inspector: Any) -> str:
    return "inspect() is async" if _is_async(inspector.inspect) else ""


def _tool(tool: Any) -> str:
    if not isinstance(tool.description, str) or not isinstance(tool.risk, Risk):
        return "its description is no text, or its risk no Risk"
    properties = tool.schema.get("properties", {}) if isinstance(tool.schema, Mapping) else None
    if not isinstance(properties, Mapping) or not all(isinstance(one, Mapping) for one in properties.values()):
        return "its schema is no JSON Schema of an object"
    if not _texts(tool.schema.get("required", ())):
        return "its schema requires what has no name"
    try:
        json.dumps(dict(tool.schema))
    except (TypeError, ValueError, RecursionError):
        return "its schema is no JSON"
    return ""


def _job(job: Any) -> str:
    if not isinstance(job.title, str) or job.trigger not in TRIGGERS:
        return f"its trigger is {job.trigger!r}, and there are “{'” and “'.join(TRIGGERS)}”"
    return ""


_CHECKS: Mapping[type, Callable[[Any], str]] = {
    Role: _role,
    Ingestor: _ingestor,
    Inspector: _inspector,
    Tool: _tool,
    Job: _job,
}


def _is_async(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _texts(items: Any) -> bool:
    return isinstance(items, Iterable) and not isinstance(items, str) and all(isinstance(item, str) for item in items)
