"""The verb about LoRA adapters: list, import, approve, judge, switch on and off, go back, export, remove."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from trayassist.api import TrayassistError
from trayassist.assistant import Assistant
from trayassist.cli.verbs.arguments import Actions
from trayassist.ipc import EXIT_NO, EXIT_OK, wire
from trayassist.models.adapters import comparing
from trayassist.models.adapters import record as records
from trayassist.models.adapters.applied import Active
from trayassist.models.adapters.record import AdapterRecord, Slot

ACTOR = "command line"
MOST_TURNS = 1_000_000  # of the history; more than anyone asks

Lines = AsyncGenerator[dict[str, Any], None]


async def list_(assistant: Assistant) -> Lines:
    """Yield a line per adapter, then one per folder that cannot be read."""
    found, broken = await assistant.adapters.list()
    for one in found:
        yield _line(assistant, one)
    for name, error in broken.items():
        yield {"id": name, "state": "broken", "problem": error.what}
    if assistant.adapters.active.problem:
        yield {"error": assistant.adapters.active.problem, "todo": ""}


async def import_(assistant: Assistant, *, path: str, base: str = "", role: str = "persona", name: str = "") -> Lines:
    """Yield progress, then the new adapter."""
    stream = assistant.adapters.take(Path(path), base=base, role=role, name=name)
    async with aclosing(stream) as items:
        async for item in items:
            if isinstance(item, AdapterRecord):
                yield _line(assistant, item)
            else:
                yield {"progress": {key: item[key] for key in ("stage", "done", "total")}}


async def approve(assistant: Assistant, *, id: str) -> Lines:  # noqa: A002  # here and below: the option's own name
    """Approve an adapter that waits, or that was rejected."""
    yield _line(assistant, await assistant.adapters.approve(id, actor=ACTOR))


async def reject(assistant: Assistant, *, id: str) -> Lines:  # noqa: A002
    """Reject an adapter that is not active."""
    yield _line(assistant, await assistant.adapters.reject(id, actor=ACTOR))


async def evaluate(assistant: Assistant, *, id: str, scale: float = 1.0) -> Lines:  # noqa: A002
    """Yield progress, then the adapter with its evaluation; the answer is no when it did not pass."""
    stream = assistant.adapters.evaluate(id, scale=scale, actor=ACTOR)
    async with aclosing(stream) as items:
        async for item in items:
            if isinstance(item, AdapterRecord):
                passed = item.evaluation is not None and item.evaluation.passed
                yield _line(assistant, item) | {"exit": EXIT_OK if passed else EXIT_NO}
            else:
                yield {"progress": wire.plain(item)}


async def activate(assistant: Assistant, *, id: str, slot: Slot, scale: float = 1.0, override: str = "") -> Lines:  # noqa: A002
    """Switch an adapter on."""
    record = await assistant.adapters.activate(id, slot, scale=scale, override=override, actor=ACTOR)
    yield _line(assistant, record)


async def scale(assistant: Assistant, *, id: str, scale: float) -> Lines:  # noqa: A002
    """Change an active adapter's scale."""
    yield _line(assistant, await assistant.adapters.scale(id, scale, actor=ACTOR))


async def off(assistant: Assistant, *, id: str) -> Lines:  # noqa: A002
    """Switch an adapter off."""
    yield _line(assistant, await assistant.adapters.switch_off(id, actor=ACTOR))


async def revert(assistant: Assistant, *, role: str = "persona") -> Lines:
    """Go back to the adapters before the last change."""
    state = await assistant.adapters.revert(role, actor=ACTOR)
    yield {"role": role, "active": [_slot(one) for one in state]}


async def remove(assistant: Assistant, *, id: str) -> Lines:  # noqa: A002
    """Remove an adapter that is not active."""
    await assistant.adapters.remove(id, actor=ACTOR)
    yield {"removed": id}


async def export(assistant: Assistant, *, id: str, dest: str) -> Lines:  # noqa: A002
    """Copy an adapter's folder."""
    yield {"exported": id, "to": str(await assistant.adapters.export(id, Path(dest)))}


async def training(assistant: Assistant, *, dest: str) -> Lines:
    """Write past turns of the role persona as training data."""
    turns = reversed(await assistant.history.recent(MOST_TURNS))
    found = await assistant.adapters.export_training(turns, Path(dest))
    yield {"exported": "training", "to": str(found.file), "pairs": found.pairs, "left_out": dict(found.left_out)}


async def verify(assistant: Assistant, *, role: str = "persona") -> Lines:
    """Load the role's model, ask it once, and say whether its active adapters were really applied (S4-18, S4-32)."""
    found = await comparing.verify(assistant.adapters, role)
    if not found.active:
        raise TrayassistError(f"No adapter is active for the role {role}.", "See trayassist adapters list.")
    yield wire.plain(found) | {"exit": EXIT_OK if found.bound else EXIT_NO}


def _line(assistant: Assistant, record: AdapterRecord) -> dict[str, Any]:
    active = next((one for one in assistant.adapters.slots(record.role) if one.modelName == record.id), None)
    return records.plain(record) | {"active": _slot(active) if active else None}


def _slot(one: Active) -> dict[str, Any]:
    return {"id": one.modelName, "slot": one.slot, "scale": one.scale, "override": one.override}


ACTIONS: Actions = {
    "list": list_,
    "import": import_,
    "approve": approve,
    "reject": reject,
    "eval": evaluate,
    "activate": activate,
    "scale": scale,
    "off": off,
    "revert": revert,
    "remove": remove,
    "export": export,
    "training": training,
    "verify": verify,
}

VERBS: dict[str, Actions] = {"adapters": ACTIONS}
