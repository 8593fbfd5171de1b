"""What the tests of the model worker share: one worker, asked as the engine asks it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trayassist.api import Message
from trayassist.workers import model as model_worker
from trayassist.workers.model import Report, Sampling
from trayassist.workers.pool import Worker


def options(file: Path, **more: Any) -> model_worker.LoadOptions:
    usual: dict[str, Any] = {"context_length": 1024, "n_batch": 64, "n_threads": 1, "n_gpu_layers": 0, "use_mmap": True}
    return model_worker.LoadOptions(file=str(file), **{**usual, **more})


@asynccontextmanager
async def worker(file: Path, **more: Any) -> AsyncIterator[Worker]:
    one = Worker("model", model_worker.main, options=options(file, **more))
    try:
        yield one
    finally:
        await one.stop()


def sampling(**more: Any) -> Sampling:
    usual: dict[str, Any] = {"temperature": 0.0, "max_tokens": 24, "stop": (), "seed": 7, "grammar": "", "schema": None}
    return {**usual, **more}  # type: ignore[return-value]


@dataclass
class Answer:
    """An answer as the worker gave it: its text, its thoughts, the beginning and the report."""

    text: str
    thoughts: str
    began: dict[str, Any]
    report: Report


async def ask(one: Worker, text: str | Sequence[Message], *, sampled: Sampling | None = None, **more: Any) -> Answer:
    messages = [Message(speaker="user", text=text)] if isinstance(text, str) else list(text)
    stream = one.stream("generate", messages=messages, sampling=sampled or sampling(), **more)
    async with aclosing(stream) as items:
        found = [item async for item in items]
    pieces = found[1:-1]
    return Answer(
        text="".join(piece["text"] for piece in pieces if not piece["thought"]),
        thoughts="".join(piece["text"] for piece in pieces if piece["thought"]),
        began=found[0],
        report=found[-1],
    )


async def with_template(file: Path, template: str, to: Path) -> Path:
    """Copy a GGUF with another chat template."""
    command = [sys.executable, "-m", "gguf.scripts.gguf_new_metadata", "--chat-template", template, str(file), str(to)]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    return to
