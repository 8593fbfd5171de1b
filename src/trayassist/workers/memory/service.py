"""The operations of the memory worker, and the upkeep that runs beside them.

One request is answered at a time. Upkeep (indexes, merging of small files) runs in a thread, in native
code that leaves the interpreter free, so that a search that comes meanwhile does not wait for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np

from trayassist.api import Evidence, Fact, TrayassistError
from trayassist.workers.memory import upkeep
from trayassist.workers.memory.catalog import Catalog, find_named
from trayassist.workers.memory.embedder import Embedder, Vectors, vectors_from_bytes
from trayassist.workers.memory.errors import translate_errors
from trayassist.workers.memory.evidence import EvidenceBuilder
from trayassist.workers.memory.facts import FactTable
from trayassist.workers.memory.rebuild import Rebuild
from trayassist.workers.memory.search import Searcher
from trayassist.workers.memory.stamp import IndexState, Stamp
from trayassist.workers.memory.tables import Tables
from trayassist.workers.memory.writer import Writer

logger = logging.getLogger(__name__)


class MemoryService:
    """A memory folder, open. A damaged one opens too: then every operation says so, and forget_all repairs."""

    def __init__(self, folder: str, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._folder = Path(folder)
        self._upkeep_thread = ThreadPoolExecutor(1, thread_name_prefix="upkeep")
        self._upkeep: Future[None] | None = None
        embedder = Embedder()
        self._tables = Tables(self._folder)
        self._catalog = Catalog(self._tables)
        self._facts = FactTable(self._tables, embedder)
        self._writer = Writer(self._tables, self._catalog, embedder)
        self._searcher = Searcher(self._tables, self._catalog, embedder, cancelled)
        self._builder = EvidenceBuilder(self._tables, self._catalog, embedder, self._searcher, self._facts)
        self._rebuild = Rebuild(self._tables, embedder, self._writer.flush)
        self._embedder, self._findings = embedder, ""
        self._open()

    def _open(self) -> None:
        self._tables.open()
        if self._tables.problem is None:
            try:
                with translate_errors(self._folder):
                    self._catalog.load()
                    self._facts.load()
                    self._findings = find_damage(self._tables, self._catalog, self._embedder)
                    self._keep_up()
            except TrayassistError as error:
                self._tables.problem = error
        if self._tables.problem is not None:
            logger.error("memory does not open: %s", self._tables.problem)

    def operations(self) -> dict[str, Callable[..., Any]]:
        """Return what the parent may call."""
        reading = (self.search, self.quote, self.summary, self.find_document, self.documents, self.facts)
        writing = (self.begin, self.cut, self.add_pages, self.finish, self.abandon, self.forget, self.forget_all)
        others = (self.remember, self.forget_fact, self.optimize, self.upkeep_running, self.state, self.adopt)
        rebuilding = (self.sample, self.rebuild, self.missing, self.fill, self.index, self.switch, self.stop_rebuild)
        every = (*reading, *writing, *others, *rebuilding)
        return {operation.__name__: self._guard(operation) for operation in every}

    def _guard(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(operation)
        def call(**arguments: Any) -> Any:
            if self._tables.problem is not None and operation.__name__ != "forget_all":
                self._open()  # the disk may have room again, the folder its permissions
                if self._tables.problem is not None:
                    raise self._tables.problem
            with translate_errors(self._folder):
                return operation(**arguments)

        return call

    def close(self) -> None:
        """Write what is pending and end the threads."""
        try:
            self._flush_quietly()
            with translate_errors(self._folder):
                self._rebuild.write()
        except TrayassistError as error:  # what is lost are vectors, and they are made again
            logger.warning("a re-index lost its last passages: %s", error)
        finally:
            self._searcher.close()
            self._upkeep_thread.shutdown(wait=False, cancel_futures=True)

    # ------------------------------------------------------------ reading

    def search(self, query: str, limit: int, vector: bytes | None = None, made_by: Stamp | None = None) -> Evidence:
        self._flush_quietly()
        return self._builder.search(query, limit, self._question_vector(vector, made_by))

    def quote(
        self,
        query: str,
        limit: int,
        vector: bytes | None = None,
        made_by: Stamp | None = None,
        order: Sequence[tuple[str, int]] = (),
    ) -> Evidence:
        self._flush_quietly()
        return self._builder.quote(query, limit, self._question_vector(vector, made_by), order)

    def _question_vector(self, vector: bytes | None, made_by: Stamp | None) -> Vectors | None:
        """Return the question's vector, None when it is not of the embedder that made the passages'."""
        if vector is None or made_by is None or not self._tables.stamp.same_vectors(made_by):
            return None
        one: Vectors = vectors_from_bytes(vector, 1, self._tables.stamp.dim)[0]
        return one

    def summary(self, path: str, sentences: int) -> Evidence:
        self._flush_quietly()
        return self._builder.summary(path, sentences)

    def find_document(self, text: str) -> str | None:
        found = find_named(text, self._catalog.visible())
        return found.path if found else None

    def documents(self, after: str | None, limit: int) -> list[dict[str, Any]]:
        return self._catalog.listing(after, limit)

    def facts(self, query: str, limit: int) -> list[Fact]:
        return self._facts.about(query, limit)

    # ------------------------------------------------------------ writing

    def begin(self, path: str, sha256: str, size: int, mtime: float) -> tuple[str, int, str | None]:
        return self._writer.begin(path, sha256, size, mtime)

    def cut(self, token: str, payload: bytes) -> list[str]:
        return self._writer.cut(token, payload)

    def add_pages(self, token: str, payload: bytes, made: bytes | None = None, made_by: Stamp | None = None) -> int:
        count = self._writer.add_pages(token, payload, made, made_by)
        self._keep_up()
        return count

    def finish(self, token: str, title: str) -> None:
        self._writer.finish(token, title)
        self._keep_up()

    def abandon(self, token: str) -> None:
        self._writer.abandon(token)

    def forget(self, path: str) -> int:
        """Forget documents at or below `path`: at once for searches, then on disk. Returns how many."""
        numbers = set(self._catalog.below(path))
        if not numbers:
            return 0
        shown = len([n for n in numbers if n not in self._catalog.hidden])
        self._writer.forget(numbers)
        self._catalog.promise_purge()
        self._catalog.remove(numbers)
        self._wait_for_upkeep()
        self._catalog.purge()
        return shown

    def forget_all(self) -> int:
        """Forget every document and fact; also repairs a damaged memory. Returns how many documents."""
        count = 0 if self._tables.problem is not None else len(self._catalog.visible())
        self._wait_for_upkeep()
        self._writer.clear()
        self._rebuild.clear()
        self._tables.reset()
        self._catalog.load()
        self._facts.load()
        return count

    def remember(self, text: str) -> Fact:
        return self._facts.remember(text)

    def forget_fact(self, fact_id: str) -> None:
        self._wait_for_upkeep()
        self._facts.forget(fact_id)

    # ------------------------------------------------------------ the embedder of the passages

    def state(self) -> IndexState:
        """Return whose vectors the passages have, how many there are, and what a re-index has done so far."""
        self._flush_quietly()
        done, wanted = self._rebuild.progress()
        passages = int(self._tables["passages"].count_rows())
        return IndexState(self._tables.stamp, passages, wanted, done, self._findings)

    def adopt(self, wanted: Stamp) -> IndexState:
        """Make new tables for this embedder from now on, an empty one at once; return the state."""
        if not self._tables.stamp.same_vectors(wanted):
            self._writer.flush()
            self._wait_for_upkeep()
        self._tables.adopt(wanted)
        return self.state()

    def sample(self, count: int) -> list[str]:
        """Return the texts of at most `count` passages, of all that are there in even steps."""
        return self._rebuild.sample(count)

    def rebuild(self, made_by: Stamp) -> tuple[int, int]:
        """Begin, or go on with, a second table of the same passages with these vectors: (done, all)."""
        self._wait_for_upkeep()
        return self._rebuild.begin(made_by)

    def missing(self, count: int) -> list[str]:
        """Return the texts of the next passages that the second table lacks; none when it has all."""
        return self._rebuild.missing(count)

    def fill(self, made: bytes | None) -> tuple[int, int]:
        """Take the vectors of the passages that `missing` gave (None: make them here): (done, all)."""
        return self._rebuild.fill(made)

    def index(self) -> None:
        """Begin to index the second table; `upkeep_running` tells when that is done."""
        self._rebuild.write()
        self._wait_for_upkeep()
        self._upkeep = self._upkeep_thread.submit(upkeep.finish_building, self._tables)

    def switch(self) -> bool:
        """Let the second table serve, in one step. False, and nothing is done, when passages came meanwhile."""
        self._wait_for_upkeep()
        return self._rebuild.switch()

    def stop_rebuild(self) -> None:
        """Remove the second table and what was done for it."""
        self._wait_for_upkeep()
        self._rebuild.stop()

    # ------------------------------------------------------------ upkeep

    def optimize(self) -> None:
        """Begin upkeep, unless it runs; `upkeep_running` tells when it is done."""
        self._writer.flush()
        self._start_upkeep()

    def upkeep_running(self) -> bool:
        """Return whether upkeep runs. Raises once when it failed."""
        if self._upkeep is None:
            return False
        if not self._upkeep.done():
            return True
        done, self._upkeep = self._upkeep, None
        done.result()
        return False

    def _keep_up(self) -> None:
        if upkeep.due(self._tables):
            self._start_upkeep()

    def _start_upkeep(self) -> None:
        if self._upkeep is None or self._upkeep.done():
            self._upkeep = self._upkeep_thread.submit(upkeep.optimize, self._tables)

    def _wait_for_upkeep(self) -> None:
        if self._upkeep is not None:
            error = self._upkeep.exception()
            self._upkeep = None
            if error is not None:
                logger.warning("upkeep failed: %s", error)

    def _flush_quietly(self) -> None:
        """Make pending pages searchable. Searching goes on without them when they cannot be written."""
        try:
            with translate_errors(self._folder):
                self._writer.flush()
        except TrayassistError as error:
            logger.warning("pages are not searchable yet: %s", error)


_ALIKE = 0.99  # cosine of a stored vector with one made of the same text now


def find_damage(tables: Tables, catalog: Catalog, embedder: Embedder) -> str:
    """Return what is wrong with the index, in words with what to do, or "" when nothing was found."""
    table = tables["passages"]
    rows = table.count_rows()
    expected = sum(doc.passages for doc in catalog.docs.values() if doc.complete)
    partial = [doc.doc for doc in catalog.docs.values() if not doc.complete]
    there = rows - (table.count_rows(f"doc IN ({', '.join(map(str, partial))})") if partial else 0)
    if there != expected:
        return (
            f"The index holds {there:,} passages where its documents have {expected:,}. "
            "Forget the documents that are not found any more and add them again."
        )
    return _round_trip(tables, embedder, rows) if rows else ""


def _round_trip(tables: Tables, embedder: Embedder, rows: int) -> str:
    """Read the passage in the middle back, and find it by its vector."""
    table = tables["passages"]
    columns = ["doc", "page", "start", "text", "vector"]
    kept: dict[str, Any] = table.search().select(columns).offset(rows // 2).limit(1).to_list()[0]
    vector = np.array(kept["vector"], np.float32)
    if not vector.any():
        return ""  # a passage without a word the embedder knows
    if tables.stamp.builtin and float(embedder.embed_one(kept["text"]) @ vector) < _ALIKE:
        return "The vectors of the index do not fit its passages. Re-index: trayassist memory reindex --again."
    nearest = table.search(vector).distance_type("cosine").select(["doc", "_distance"]).limit(1).to_list()
    if not nearest or nearest[0]["_distance"] > 1 - _ALIKE:
        return "The index over the vectors does not find its own passages. Re-index: trayassist memory reindex --again."
    return ""
