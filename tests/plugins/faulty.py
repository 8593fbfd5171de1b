"""Plugins that misbehave, each in one way; `entry(module)` makes an entry point of one."""

from __future__ import annotations

import asyncio
import sys
import time
import types
from collections.abc import AsyncIterator, Callable
from importlib.metadata import EntryPoint
from typing import Any

from trayassist import paths
from trayassist.api import Answer, Chunk, Exchange, Host, PluginUnavailable, Request, Risk, Route, Verdict, hookimpl
from trayassist.plugins.host import PluginHost


def entry(name: str, **hooks: Callable[..., Any]) -> EntryPoint:
    """Return an entry point whose module has these functions as hooks."""
    module = types.ModuleType(f"faulty_{name}")
    for hook, function in hooks.items():
        setattr(module, hook, hookimpl(function))
    sys.modules[module.__name__] = module
    return EntryPoint(name=name, value=module.__name__, group="trayassist.plugins")


def raising(host: Host) -> Any:
    raise ZeroDivisionError("boom")


def exiting(host: Host) -> Any:
    sys.exit("leaving")


def interrupting(host: Host) -> Any:
    raise KeyboardInterrupt


async def waiting(host: Host) -> Any:
    return []


def unavailable(host: Host) -> Any:
    raise PluginUnavailable("The scanner is not connected.", "Connect it.")


class SaysHello:
    """A role that works."""

    title = "Greeter"
    examples = ("hello",)

    def __init__(self, name: Any = "greeter") -> None:
        self.name = name

    def claims(self, request: Request) -> str | None:
        return "It is a greeting." if request.text.startswith("greet") else None

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        yield Chunk("Hello.")


class Raises(SaysHello):
    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        yield Chunk("So far ")
        raise KeyError("missing")


class Exits(SaysHello):
    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        sys.exit(9)
        yield Chunk("never")


class Rubbish(SaysHello):
    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        yield 42  # type: ignore[misc]


class NotAStream(SaysHello):
    def answer(self, request: Request, route: Route, host: Host) -> Any:
        return "a string"


class KeepsItsSetupHost(SaysHello):
    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        kept: Any = PluginHost("faulty", {}, paths.current())
        await kept.search("anything")
        yield Chunk("never")


class Silent(SaysHello):
    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        return
        yield Chunk("never")


class Blocks(SaysHello):
    """Blocks its event loop with a call that never returns in time."""

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        time.sleep(30)  # noqa: ASYNC251  # the fault
        yield Chunk("late")


class Hangs(SaysHello):
    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        await asyncio.Event().wait()
        yield Chunk("never")


class ClaimsRaises(SaysHello):
    def claims(self, request: Request) -> str | None:
        raise RuntimeError("claims failed")


class ClaimsExits(SaysHello):
    def claims(self, request: Request) -> str | None:
        sys.exit(7)


class ClaimsHangs(SaysHello):
    """Never says whether it claims a request; `asked` counts how often it was asked."""

    asked = 0

    def claims(self, request: Request) -> str | None:
        self.asked += 1
        time.sleep(60)
        return None


class AsyncClaims(SaysHello):
    async def claims(self, request: Request) -> str | None:  # type: ignore[override]
        return None


class Returns(SaysHello):
    async def answer(self, request: Request, route: Route, host: Host) -> Any:
        return Chunk("Hello.")


class Untitled(SaysHello):
    title = None  # type: ignore[assignment]


class WrongParts(SaysHello):
    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        yield Chunk(42)  # type: ignore[arg-type]


class SteersTheTerminal(SaysHello):
    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        yield Chunk("a\udc80b\x1b[31mred\x00")


class Endless(SaysHello):
    """Gives an answer that never ends, without ever waiting for anything."""

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        while True:
            yield Chunk("and so on " * 100)


class Reads:
    name = "reads"

    def __init__(self, suffixes: Any) -> None:
        self.suffixes = suffixes

    def read(self, path: Any, options: Any) -> Any:
        return iter(())


class AsyncInspector:
    name = "async"

    async def inspect(self, exchange: Exchange) -> Verdict:
        return Verdict(risk=Risk.LOW)


class Tool:
    name = "tool"
    description = "Does nothing."

    def __init__(self, schema: Any = {}, risk: Any = Risk.LOW) -> None:  # noqa: B006  # never changed
        self.schema, self.risk = schema, risk

    async def run(self, arguments: Any, host: Host) -> str:
        return ""


class Job:
    name = "job"
    title = "Does nothing"

    def __init__(self, trigger: str) -> None:
        self.trigger = trigger

    async def run(self, host: Host) -> str:
        return ""


class Inspector:
    name = "faulty"

    def __init__(self, fault: Callable[[], Any]) -> None:
        self.fault = fault

    def inspect(self, exchange: Exchange) -> Verdict:
        result = self.fault()
        return result if result is not None else Verdict(risk=Risk.LOW)
