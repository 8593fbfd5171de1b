"""Taking an adapter in: hash its base, copy or convert it in a worker, and only then let it appear in the store."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.models.adapters.bases import Base, Bases
from trayassist.models.adapters.record import Record
from trayassist.models.adapters.store import Store
from trayassist.workers import convert
from trayassist.workers.convert import Step, Taken
from trayassist.workers.pool import Worker


async def take(
    store: Store, bases: Bases, source: Path, *, base: Base, role: str, name: str = ""
) -> AsyncGenerator[Step | Record, None]:
    """Yield where the import stands, then the Record. Close it to cancel; nothing half stays, whatever happens.

    Raises UnreadableFile, NotAllowed (does not fit, is here already), ModelUnavailable (no base), TrayassistError.
    """
    if base.stamp() is None:
        raise ModelUnavailable(
            f"The file of model {base.name} is missing, so it cannot be an adapter's base.",
            f"Put it at {base.files[0]}, or name another model.",
        )
    worker = Worker("convert", convert.main)
    staging: Path | None = None
    try:
        staging = await asyncio.to_thread(store.staging)
        taken: Taken | None = None
        files = [str(file) for file in base.files]
        async with aclosing(worker.stream("take", source=str(source), folder=str(staging), base=files)) as steps:
            async for step in steps:
                taken = step["taken"] or taken
                yield step
        assert taken is not None
        await asyncio.to_thread(store.refuse_twice, taken)  # before the base is hashed, which may take a minute
        async for hashing in hashed(worker, bases, base):
            yield hashing
        keep = (base.name, bases.known(base))
        if not keep[1]:
            raise TrayassistError(f"The file of model {base.name} changed meanwhile.", "Import the adapter again.")
        record = await asyncio.to_thread(store.keep, staging, taken, source=source, name=name, role=role, base=keep)
        staging = None
        yield record
    finally:
        await worker.stop(grace_s=0.2)
        if staging is not None:
            await asyncio.to_thread(shutil.rmtree, staging, ignore_errors=True)


async def hashed(worker: Worker, bases: Bases, base: Base) -> AsyncGenerator[Step, None]:
    """Yield where hashing the base stands; afterwards `bases` knows its sha256, which may be at once."""
    stamp = base.stamp()
    if stamp is None or bases.known(base):
        return
    stream = worker.stream("hash", files=[str(file) for file in base.files])
    async with aclosing(stream) as steps:
        async for step in steps:
            if step["sha256"] and base.stamp() == stamp:
                bases.keep(base, stamp, step["sha256"])
            yield step
