"""The verb that measures a draft model beside its target."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from trayassist.api import TrayassistError
from trayassist.assistant import Assistant
from trayassist.cli.verbs.exits import EXIT_NO, EXIT_OK, Verb
from trayassist.models.serving.tuning import Row, Tuned

GB = 1e9


async def tune_draft(assistant: Assistant, *, target: str, draft: str) -> AsyncGenerator[dict[str, Any], None]:
    """Yield a line per depth, then the depth that is kept (0: none pays, and the answer is no)."""
    said: asyncio.Queue[str | Row | Tuned | BaseException | None] = asyncio.Queue()
    await _make_room(assistant, target, draft)

    async def measure() -> None:
        try:
            stream = assistant.tuning.measure(assistant.registry, target, draft, said.put_nowait)
            async with aclosing(stream) as found:
                async for one in found:
                    said.put_nowait(one)
            said.put_nowait(None)
        except TrayassistError as error:
            said.put_nowait(error)

    task = asyncio.create_task(measure())
    try:
        while (item := await said.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, str):
                yield {"status": item}
            elif isinstance(item, Row):
                yield {"measured": asdict(item)}
            else:
                assistant.engine.reload(assistant.registry)  # a model that is loaded with another depth is loaded anew
                assistant.audit.write("draft_tuned", target=target, draft=draft, k=item.k, note=item.note or None)
                yield {"tuned": asdict(item), "exit": EXIT_OK if item.k else EXIT_NO}
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _make_room(assistant: Assistant, target: str, draft: str) -> None:
    """Unload the two where they are loaded. Raises TrayassistError when memory is short for them all the same."""
    engine = assistant.engine
    for name in {target, draft} & {one.name for one in engine.loaded()}:
        await engine.unload(name)
    wanted = sum(assistant.tuning.path(assistant.registry, name).stat().st_size for name in (target, draft))
    budget = engine.budget()
    room = min(budget.limit - budget.used, budget.free - budget.headroom)
    if wanted > room:
        raise TrayassistError(
            f"Measuring takes {wanted / GB:.1f} GB of memory, and models have {max(room, 0) / GB:.1f} GB left.",
            "Unload other models first, or measure a smaller pair.",
        )


VERBS: dict[str, Verb] = {"tune_draft": tune_draft}
