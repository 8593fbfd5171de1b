"""The verb that gives memory the vectors of the embedder that is set now."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from trayassist.assistant import Assistant
from trayassist.cli.verbs.exits import EXIT_NO, EXIT_OK, Verb
from trayassist.ipc import wire
from trayassist.memory.reindex import in_words


async def reindex(assistant: Assistant, *, action: str = "run") -> AsyncGenerator[dict[str, Any], None]:
    """Tell what a re-index would do (check), remove what one has done (discard), or run it (run, again).

    Yields progress, and a last object with what memory is made with. Closed, what this call began is cancelled, and
    what is done is kept.
    """
    task = assistant.memory.reindex
    if action == "check":
        offer = await task.offer(measure=True)
        yield {"offer": wire.plain(offer), "text": in_words(offer) if offer else "", "exit": EXIT_NO if offer else 0}
        return
    if action == "discard":
        await task.discard()
        yield {"discarded": True, "exit": EXIT_OK}
        return
    ours = not task.running
    if ours:
        task.start(again=action == "again")
    try:
        async for progress in task.follow():
            yield {"progress": wire.plain(progress)}
    finally:
        if ours:
            await task.cancel()
    state = await assistant.memory.index()
    assistant.audit.write("reindexed", embedder=state.stamp.embedder, passages=state.passages)
    yield {"embedder": state.stamp.name, "dimensions": state.stamp.dim, "passages": state.passages, "exit": EXIT_OK}


VERBS: dict[str, Verb] = {"reindex": reindex}
