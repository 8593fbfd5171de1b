"""An ingest with real workers, for the tests of this folder."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from trayassist.config import MemorySettings
from trayassist.memory.ingest import FileReport, Ingest, Progress
from trayassist.memory.store import Memory
from trayassist.paths import Paths, current

BUNDLED = ("ingest", "trayassist_ingest")


@pytest.fixture(autouse=True)
def _faulty_plugins_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers inherit the path, so that they find the test's own plugins."""
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent), *sys.path])


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Wait until the condition holds; the test's own time limit ends a wait in vain."""
    while not await condition():  # noqa: ASYNC110  # other processes bring it about: there is no event to wait for
        await asyncio.sleep(0.02)


@dataclass
class Lines:
    """Takes the audit lines."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def write(self, event: str, **fields: Any) -> None:
        self.lines.append({"event": event, **fields})


@dataclass
class Desk:
    """A memory, an ingest and its audit lines."""

    paths: Paths
    memory: Memory
    ingest: Ingest
    audit: Lines

    async def read(self, *paths: Path, password: str | None = None) -> list[FileReport]:
        """Ingest and return the reports."""
        items = [item async for item in self.ingest.ingest(paths, password=password)]
        return [item for item in items if isinstance(item, FileReport)]

    async def read_one(self, path: Path, password: str | None = None) -> FileReport:
        (report,) = await self.read(path, password=password)
        return report

    async def watch(self, *paths: Path) -> list[FileReport | Progress]:
        """Ingest and return all that was told."""
        return [item async for item in self.ingest.ingest(paths)]


@asynccontextmanager
async def desk(*plugins: str, bundled: bool = True, **settings: Any) -> AsyncIterator[Desk]:
    """Yield an ingest with the bundled readers and the named plugins of faulty_ingestors."""
    entries: Sequence[tuple[str, str]] = [(name, f"faulty_ingestors:{name}") for name in plugins]
    paths, audit = current(), Lines()
    memory = Memory(paths)
    chosen = MemorySettings(**settings)
    ingest = Ingest(paths, memory, chosen, audit, reader_entries=(*([BUNDLED] if bundled else []), *entries))
    try:
        yield Desk(paths, memory, ingest, audit)
    finally:
        await ingest.stop()
        await memory.stop()
