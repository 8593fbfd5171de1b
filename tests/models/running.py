"""What the tests of models share: an engine of their own on models they write, and the lines it logs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import yaml

from trayassist.api import Message
from trayassist.models.registry import file as registry_file
from trayassist.models.serving.engine import Engine
from trayassist.models.serving.smoke import Result
from trayassist.paths import Paths


class Lines:
    """An audit log in memory."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def write(self, event: str, **fields: Any) -> None:
        self.lines.append({"event": event, **fields})

    def calls(self) -> list[dict[str, Any]]:
        """Return the lines of model calls."""
        return [line for line in self.lines if line["event"] == "llm_call"]


@asynccontextmanager
async def engine(
    home: Paths,
    audit: Any,
    models: dict[str, Any],
    role: dict[str, Any],
    *,
    idle_unload_s: float = 300,
    **defaults: Any,
) -> AsyncIterator[Engine]:
    settings: dict[str, Any] = {"models": models, "roles": {"persona": {"seed": 7, **role}}}
    settings["mode"] = "dual"  # it changes nothing of a role
    settings["runtime_defaults"] = {"context_length": 1024, "n_threads": 1, **defaults}
    settings["residency"] = {"idle_unload_s": idle_unload_s}
    home.registry.write_text(yaml.safe_dump(settings))
    one = Engine(home, registry_file.load(home), audit)
    try:
        yield one
    finally:
        await one.stop()


def may_stand_in(one: Engine, *names: str) -> None:
    """Note that models passed the smoke tasks, which random weights do not."""
    for name in names:
        one.smoke.note(name, Result((), "2026-01-01T00:00:00+00:00"))


def user(text: str) -> list[Message]:
    return [Message(speaker="user", text=text)]


async def answer(one: Engine, messages: list[Message], request_id: str = "r", model: str = "tiny", **more: Any) -> str:
    stream = one.generate("persona", model, messages, request_id=request_id, **more)
    return "".join([chunk.text async for chunk in stream])


def model_processes() -> list[psutil.Process]:
    """Return our worker processes that live."""
    found = []
    for child in psutil.Process().children():
        try:
            if "spawn_main" in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found
