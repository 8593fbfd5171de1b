"""Memory, as the rest of the application knows it: the client of the memory worker.

The worker is started at first use and replaced when it dies. Everything here may raise TrayassistError
(the memory folder is full, read-only or damaged) and WorkerDied.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from trayassist.api import Evidence, Fact
from trayassist.paths import Paths
from trayassist.workers import memory as memory_worker
from trayassist.workers.pool import Worker

_UPKEEP_POLL_S = 0.1  # only while upkeep runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A remembered document. `added` is ISO 8601 with time zone; `complete` is False while it is read.

    `aliases` are other paths with the same content; `bytes` is the size of the file.
    """

    path: str
    title: str
    pages: int
    ocr_pages: int
    passages: int
    bytes: int
    sha256: str
    mtime: float
    added: str
    complete: bool
    aliases: tuple[str, ...] = ()


class Begun(NamedTuple):
    """How to write a document: with `token`, from page `first_page` on; or not at all, when `known`.

    `known` is the path under which the same content is in memory already.
    """

    token: str
    first_page: int
    known: str | None


class Memory:
    """The remembered documents and facts."""

    def __init__(self, paths: Paths) -> None:
        self.worker = Worker("memory", memory_worker.main, folder=str(paths.memory))

    async def start(self) -> None:
        """Start the worker now, so that the first search does not wait for it."""
        await self.worker.start()

    async def stop(self) -> None:
        """End the worker."""
        await self.worker.stop()

    # ------------------------------------------------------------ asking

    async def search(self, query: str, limit: int = 8) -> Evidence:
        """Return the best pages for `query`, each by its best passage, and whether memory is about it."""
        evidence: Evidence = await self.worker.call("search", query=query, limit=limit)
        return evidence

    async def quote(self, query: str, limit: int = 4) -> Evidence:
        """Like search, with at most `limit` sentences (of documents and facts) that answer best in `quotes`."""
        evidence: Evidence = await self.worker.call("quote", query=query, limit=limit)
        return evidence

    async def summary(self, path: str, sentences: int = 7) -> Evidence:
        """Return the most central sentences of the document at `path`, in reading order, in `quotes`."""
        evidence: Evidence = await self.worker.call("summary", path=path, sentences=sentences)
        return evidence

    async def find_document(self, text: str) -> str | None:
        """Return the path of the remembered document that `text` names, None if none or several fit."""
        path: str | None = await self.worker.call("find_document", text=text)
        return path

    # ------------------------------------------------------------ documents

    async def documents(self) -> list[Document]:
        """Return what is remembered, by path."""
        return [Document(**row) for row in await self.worker.call("documents")]

    async def forget(self, path: str) -> int:
        """Forget the document at `path`, or all below the folder `path`; nothing of them stays on disk.

        Returns how many documents were forgotten.
        """
        return int(await self.worker.call("forget", path=path))

    async def forget_all(self) -> int:
        """Forget all documents and facts. Also repairs a damaged memory. Returns how many documents."""
        return int(await self.worker.call("forget_all"))

    # ------------------------------------------------------------ facts

    async def remember(self, text: str) -> Fact:
        """Store a fact. The same words twice are one fact."""
        fact: Fact = await self.worker.call("remember", text=text)
        return fact

    async def facts(self, query: str = "", limit: int = 50) -> list[Fact]:
        """Return the newest facts; with a query the ones about it, best first."""
        facts: list[Fact] = await self.worker.call("facts", query=query, limit=limit)
        return facts

    async def forget_fact(self, fact_id: str) -> None:
        """Forget one fact; nothing of it stays on disk."""
        await self.worker.call("forget_fact", fact_id=fact_id)

    # ------------------------------------------------------------ writing documents

    async def begin(self, path: str, sha256: str, size: int, mtime: float) -> Begun:
        """Begin or resume writing the document at `path`; the same content is written once."""
        return Begun(*await self.worker.call("begin", path=path, sha256=sha256, size=size, mtime=mtime))

    async def add_pages(self, token: str, payload: bytes) -> int:
        """Write pages (a pickled list of api.Page, in order); they are searchable when this returns.

        Returns how many passages they gave. Raises WorkerDied when the worker was replaced since `begin`:
        begin again, it tells from which page on to read.
        """
        return int(await self.worker.call("add_pages", token=token, payload=payload))

    async def finish(self, token: str, title: str = "") -> None:
        """Mark the document complete; an older version of the same path is removed then, not before."""
        await self.worker.call("finish", token=token, title=title)

    async def abandon(self, token: str) -> None:
        """Remove what was written of the document."""
        await self.worker.call("abandon", token=token)

    async def optimize(self, progress: Callable[[], None] | None = None) -> None:
        """Bring the indexes up to date and merge small files; searches are answered meanwhile."""
        await self.worker.call("optimize")
        while await self.worker.call("upkeep_running"):
            if progress is not None:
                progress()
            await asyncio.sleep(_UPKEEP_POLL_S)
