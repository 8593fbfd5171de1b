"""Memory, as the rest of the application knows it: the client of the memory worker.

The worker is started at first use and replaced when it dies. Everything here may raise TrayassistError
(the memory folder is full, read-only or damaged) and WorkerDied.

Passages have the vectors of one embedder: the built-in one, made in the memory worker, or a model's, fetched here
(memory/embedding.py) and handed to the worker. Which one is in the tables' stamp, not in the settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from trayassist.api import Evidence, Fact, Passage, TrayassistError, WorkerDied
from trayassist.memory.embedding import RERANKED, Embedders, Embedding, with_note
from trayassist.memory.reindex import Reindex, in_words
from trayassist.paths import Paths
from trayassist.workers import memory as memory_worker
from trayassist.workers.memory.errors import MemoryInUse, OtherEmbedder
from trayassist.workers.memory.messages import IndexState, WholeFile, WriteResult
from trayassist.workers.pool import Worker

DOCUMENTS_AT_ONCE = 1000
PASSAGES_AT_ONCE = 200
LARGE_WORKER_BYTES = 400_000_000  # it takes 230 million when it starts with little to remember
_LOCK_POLL_S = 0.25
_UPKEEP_POLL_S = 0.1  # only while upkeep runs
_TRIES = 3  # when a re-index changes the embedder while pages are on their way, or the worker dies


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


class DocumentWrite(NamedTuple):
    """How to write a document: with `token`, from page `first_page` on; or not at all, when `known`.

    `known` is the path under which the same content is in memory already.
    """

    token: str
    first_page: int
    known: str | None


class Memory:
    """The remembered documents and facts. Without `embedders` there is only the built-in one."""

    def __init__(self, paths: Paths, embedders: Embedders | None = None) -> None:
        self._folder = paths.memory
        self.worker = self._new_worker()
        self._embedding = Embedding(embedders)
        self._state: IndexState | None = None
        self._fresh_bytes = 0  # held by the worker when it was last replaced: with much to remember it is large
        self.writing = asyncio.Lock()
        self.waiting = ""  # for whom, in words, while a change waits for another process
        self.on_waiting: list[Callable[[str], None]] = []
        self.reindex = Reindex(self, self._embedding)

    async def start(self) -> None:
        """Start the worker now, so that the first search does not wait for it."""
        await self.worker.start()

    async def stop(self) -> None:
        """End a re-index, which is resumed by the next one, and the worker."""
        await self.reindex.cancel()
        await self.worker.stop()

    # ------------------------------------------------------------ one writer

    async def claim(self, purpose: str) -> None:
        """Have the right to write, until `release` for the same purpose; wait while another process has it."""
        for _ in range(_TRIES - 1):
            with suppress(WorkerDied):  # of something else: nothing was claimed, and a new one starts
                await self._change("claim", purpose=purpose)
                return
        await self._change("claim", purpose=purpose)

    async def try_claim(self, purpose: str) -> bool:
        """Have the right to write as `claim` gives it, if no other process has it; return whether."""
        try:
            await self.worker.call("claim", purpose=purpose)
        except MemoryInUse:
            return False
        return True

    async def release(self, purpose: str) -> None:
        """Let other processes write, unless something else is being written here."""
        if self.worker.pid is not None:
            with suppress(WorkerDied):  # the right ended with it
                await self.worker.call("release", purpose=purpose)

    async def _change(self, operation: str, **arguments: Any) -> Any:
        """Ask for something that writes; wait while another process writes, and say so to `on_waiting`."""
        try:
            while True:
                try:
                    return await self.worker.call(operation, **arguments)
                except MemoryInUse as error:
                    self._say_waiting(f"{error.what} Waiting until it is done.")
                    await asyncio.sleep(_LOCK_POLL_S)
        finally:
            self._say_waiting("")

    def _say_waiting(self, reason: str) -> None:
        if reason != self.waiting:
            self.waiting = reason
            for callback in self.on_waiting:
                callback(reason)

    # ------------------------------------------------------------ the index

    async def index(self) -> IndexState:
        """Return whose vectors memory has, and how many passages; an empty one takes over the embedder that is set."""
        embedders = self._embedding.embedders
        try:
            wanted = None if embedders is None else await embedders.stamp_in_force()
        except TrayassistError:
            wanted = None  # `reindex.wanted_problem` says why
        state: IndexState = await (self.worker.call("adopt", wanted=wanted) if wanted else self.worker.call("state"))
        self._state = state
        return state

    def look_again(self) -> None:
        """Forget whose vectors memory has: the settings, or the table in force, changed."""
        self._state = None

    async def warnings(self) -> list[str]:
        """Return what is wrong with the index or its embedder, in sentences that say what to do. Loads no model."""
        findings = (await self.index()).findings
        offer = await self.reindex.offer()
        notes = [findings, await self.reindex.wanted_problem(), in_words(offer) if offer else ""]
        return [line for line in dict.fromkeys(notes) if line]

    async def _index_state(self) -> IndexState:
        return self._state or await self.index()

    # ------------------------------------------------------------ asking

    async def search(self, query: str, limit: int = 8) -> Evidence:
        """Return the best pages for `query`, each by its best passage, and whether memory is about it."""
        asked = await self._embedding.of_question((await self._index_state()).stamp, query)
        reranks = self._embedding.reranks
        most = max(limit, RERANKED) if reranks else limit
        evidence: Evidence = await self.worker.call("search", query=query, limit=most, **asked.arguments())
        if reranks:
            evidence = await self._embedding.rerank(query, evidence)
            evidence = replace(evidence, passages=evidence.passages[:limit])
        return with_note(evidence, asked.note)

    async def quote(self, query: str, limit: int = 4, prefer: Sequence[str] = ()) -> Evidence:
        """Like search, with at most `limit` sentences (of documents and facts) that answer best in `quotes`.

        Of pages that fit alike, those of the documents at the paths `prefer` come first.
        """
        asked = await self._embedding.of_question((await self._index_state()).stamp, query)
        wanted = {"query": query, "limit": limit, "prefer": tuple(prefer), **asked.arguments()}
        if not self._embedding.reranks:
            evidence: Evidence = await self.worker.call("quote", **wanted)
            return with_note(evidence, asked.note)
        found: Evidence = await self.worker.call("search", query=query, limit=RERANKED, **asked.arguments())
        ordered = await self._embedding.rerank(query, found)
        order = [(passage.path, passage.page) for passage in ordered.passages]
        evidence = await self.worker.call("quote", order=order, **wanted)
        evidence = replace(evidence, ms=round(evidence.ms + ordered.ms, 2))
        return with_note(with_note(evidence, ordered.note), asked.note)

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
        found: list[Document] = []
        while True:  # in pieces: unpacking ten thousand at once would hold up the windows
            after = found[-1].path if found else None
            piece = await self.worker.call("documents", after=after, limit=DOCUMENTS_AT_ONCE)
            found += [Document(**row) for row in piece]
            if len(piece) < DOCUMENTS_AT_ONCE:
                return found

    async def passages(self, path: str) -> AsyncIterator[Passage]:
        """Yield the passages of a document as they are indexed, in order. Raises TrayassistError when it is unknown."""
        after = (0, -1)
        while True:
            piece: list[Passage] = await self.worker.call("passages", path=path, after=after, limit=PASSAGES_AT_ONCE)
            for passage in piece:
                yield passage
            if len(piece) < PASSAGES_AT_ONCE:
                return
            after = (piece[-1].page, piece[-1].start)

    async def forget(self, path: str) -> int:
        """Forget the document at `path`, or all below the folder `path`; nothing of them stays on disk.

        Returns how many documents were forgotten.
        """
        return int(await self._change("forget", path=path))

    async def forget_all(self) -> int:
        """Forget all documents and facts. Also repairs a damaged memory. Returns how many documents."""
        await self.reindex.cancel()
        gone = int(await self._change("forget_all"))
        self.look_again()
        return gone

    # ------------------------------------------------------------ facts

    async def remember(self, text: str) -> Fact:
        """Store a fact. The same words twice are one fact."""
        fact: Fact = await self._change("remember", text=text)
        return fact

    async def facts(self, query: str = "", limit: int = 50) -> list[Fact]:
        """Return the newest facts; with a query the ones about it, best first."""
        facts: list[Fact] = await self.worker.call("facts", query=query, limit=limit)
        return facts

    async def forget_fact(self, fact_id: str) -> None:
        """Forget one fact; nothing of it stays on disk."""
        await self._change("forget_fact", fact_id=fact_id)

    # ------------------------------------------------------------ writing documents

    async def begin(self, path: str, sha256: str, size: int, mtime: float) -> DocumentWrite:
        """Begin or resume writing the document at `path`; the same content is written once.

        Like all that writes documents, it raises MemoryInUse while another process writes: `claim` waits.
        """
        return DocumentWrite(*await self.worker.call("begin", path=path, sha256=sha256, size=size, mtime=mtime))

    async def add_pages(self, token: str, payload: bytes) -> int:
        """Write pages (a pickled list of api.Page, in order); they are searchable when this returns.

        Returns how many passages they gave. Raises WorkerDied when the worker was replaced since `begin`:
        begin again, it tells from which page on to read. Raises CannotWrite, with nothing written, when the disk is
        full or the embedder cannot be asked.
        """
        for _ in range(_TRIES - 1):
            try:
                return await self._add(token, payload)
            except OtherEmbedder:
                self.look_again()
        return await self._add(token, payload)

    async def _add(self, token: str, payload: bytes) -> int:
        stamp = (await self._index_state()).stamp
        if stamp.builtin:
            async with self.writing:
                return int(await self.worker.call("add_pages", token=token, payload=payload))
        texts = await self.worker.call("cut", token=token, payload=payload)
        made = await self._embedding.of_passages(stamp, texts)
        async with self.writing:
            return int(await self.worker.call("add_pages", token=token, payload=payload, made=made, made_by=stamp))

    async def add_files(self, files: Sequence[WholeFile]) -> list[WriteResult]:
        """Write whole documents together; they are searchable, and on disk, when this returns.

        Raises CannotWrite, with nothing written, when the disk is full.
        """
        if not (await self._index_state()).stamp.builtin:
            return [WriteResult("alone")] * len(files)
        async with self.writing:
            written: list[WriteResult] = await self.worker.call("add_files", files=list(files))
        return written

    async def finish(self, token: str, title: str = "") -> None:
        """Mark the document complete; an older version of the same path is removed then, not before."""
        await self.worker.call("finish", token=token, title=title)

    async def abandon(self, token: str) -> None:
        """Remove what was written of the document."""
        await self.worker.call("abandon", token=token)

    async def optimize(self, progress: Callable[[], None] | None = None) -> None:
        """Bring the indexes up to date and merge small files; searches are answered meanwhile."""
        await self._change("optimize")
        while await self.worker.call("upkeep_running"):
            if progress is not None:
                progress()
            await asyncio.sleep(_UPKEEP_POLL_S)

    async def renew_large_worker(self) -> None:
        """Give memory back to the system: a worker that has grown large is replaced while nothing is begun.

        Where there is no room for two, the next request starts the new one.
        """
        import psutil  # here: not needed to start

        old = self.worker
        size = old.resident_bytes()
        if size < max(LARGE_WORKER_BYTES, 1.25 * self._fresh_bytes) or not await old.call("at_rest"):
            return
        if psutil.virtual_memory().available < size:
            await old.retire()
            return
        fresh, ready = self._new_worker(), False
        try:
            await fresh.start()
            self.worker = fresh
            ready = await old.call("at_rest")  # or something was begun just now
        finally:
            self.worker = fresh if ready else old
            await asyncio.shield((old if ready else fresh).retire())
        if ready:
            self._fresh_bytes = fresh.resident_bytes()

    def _new_worker(self) -> Worker:
        return Worker("memory", memory_worker.main, folder=str(self._folder))
