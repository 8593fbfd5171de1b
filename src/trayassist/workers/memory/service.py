"""The operations of the memory worker, and the upkeep that runs beside them.

One request is answered at a time. Upkeep (indexes, merging of small files) runs in a thread, in native
code that leaves the interpreter free, so that a search that comes meanwhile does not wait for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np

from trayassist.api import Evidence, Fact, Passage, TrayassistError
from trayassist.workers.memory import upkeep
from trayassist.workers.memory.access import WriterLock
from trayassist.workers.memory.catalog import Catalog, find_named
from trayassist.workers.memory.embedder import Embedder, Vectors, vectors_from_bytes
from trayassist.workers.memory.errors import CannotRead, MemoryInUse, translate_errors
from trayassist.workers.memory.evidence import EvidenceBuilder
from trayassist.workers.memory.facts import FactTable
from trayassist.workers.memory.messages import IndexState, Stamp, WholeFile, WriteResult
from trayassist.workers.memory.rebuild import Rebuild
from trayassist.workers.memory.search import Searcher
from trayassist.workers.memory.tables import MissingTables, Tables
from trayassist.workers.memory.writer import Writer

logger = logging.getLogger(__name__)

READ_TRIES = 5
SEARCHED_S = 60.0  # after a search the next ones are expected, and the indexes are kept closer up to date
OPEN_TRIES = 100  # a tenth of a second apart


class MemoryService:
    """A memory folder, open. A damaged one opens too: then every operation says so, and forget_all repairs.

    What writes needs the folder's lock (access.py), and raises MemoryInUse while another process has it. It is held
    while something is written bit by bit, or until `release` after `claim`. What reads needs none: what other
    processes wrote meanwhile is read anew first.
    """

    def __init__(self, folder: str, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._folder = Path(folder)
        self._lock = WriterLock(self._folder)
        self._claims: set[str] = set()
        self._version: frozenset[str] | None = None  # of the tables that are open
        self._searched = -SEARCHED_S  # when, on the monotonic clock
        self._cleared = False  # whether this process has looked for what a killed one left half done
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
        self._open_anew(tries=1)
        if self._tables.problem is None and not self._cleared:
            self._look_for_damage()

    def operations(self) -> dict[str, Callable[..., Any]]:
        """Return what the parent may call."""
        reading = (self.search, self.quote, self.summary, self.find_document, self.documents, self.passages, self.facts)
        states = (self.state, self.sample, self.adopt, self.release, self.upkeep_running, self.at_rest)
        writing = (
            self.begin,
            self.cut,
            self.add_pages,
            self.add_files,
            self.finish,
            self.abandon,
            self.forget,
            self.forget_all,
        )
        others = (self.claim, self.remember, self.forget_fact, self.optimize)
        rebuilding = (self.rebuild, self.missing, self.fill, self.index, self.switch, self.stop_rebuild)
        readers = {operation.__name__: self._as_reader(operation) for operation in (*reading, *states)}
        return readers | {o.__name__: self._as_writer(o) for o in (*writing, *others, *rebuilding)}

    def close(self) -> None:
        """Write what is pending, end the threads and give the lock back."""
        try:
            self._flush_quietly()
            with translate_errors(self._folder):
                self._rebuild.write()
        except TrayassistError as error:  # what is lost are vectors, and they are made again
            logger.warning("a re-index lost its last passages: %s", error)
        finally:
            self._searcher.close()
            self._upkeep_thread.shutdown(wait=False, cancel_futures=True)
            if self._upkeep is None or self._upkeep.done():
                self._lock.release()  # else with the process, which waits for it

    # ------------------------------------------------------------ one writer, many readers

    def _as_reader(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        """Return the operation, done on what the tables hold now, and again where they changed meanwhile."""

        @wraps(operation)
        def call(**arguments: Any) -> Any:
            for attempt in range(READ_TRIES):
                if not self._lock.held and self._version != self._tables.version():
                    self._open_anew()
                self._check_problem(operation)
                try:
                    with translate_errors(self._folder):
                        result = operation(**arguments)
                except CannotRead:  # files that a writer has just replaced
                    if self._lock.held or attempt == READ_TRIES - 1:
                        raise
                    self._version = None
                    time.sleep(0.1 * 2**attempt)
                    continue
                if self._lock.held or attempt or self._version == self._tables.version():
                    break
            self._release_when_done()
            return result

        return call

    def _as_writer(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        """Return the operation, done under the folder's lock. It raises MemoryInUse while another process has it."""

        @wraps(operation)
        def call(**arguments: Any) -> Any:
            self._take_lock(anyway=operation.__name__ in ("claim", "forget_all"))
            try:
                self._check_problem(operation)
                with translate_errors(self._folder):
                    return operation(**arguments)
            finally:
                self._release_when_done()

        return call

    def _take_lock(self, *, anyway: bool = False) -> None:
        """Have the right to write; with `anyway` also where what is half done cannot be removed (the disk is full)."""
        held = self._lock.held
        if held:
            self._lock.show_life()
            if self._cleared:
                return
        else:
            with translate_errors(self._folder):
                self._lock.take()
        try:
            if not self._cleared or self._tables.problem is not None or self._version != self._tables.version():
                self._open_to_write()
        except BaseException as error:
            if anyway and isinstance(error, TrayassistError):
                return
            if not held:
                self._lock.release()
            raise

    def _release_when_done(self) -> None:
        """Give the lock back when nobody claims it and nothing is half written."""
        if not self._lock.held or not self.at_rest():
            return
        self._version = self._tables.version()
        self._lock.release()
        upkeep.give_memory_back()

    def _check_problem(self, operation: Callable[..., Any]) -> None:
        if self._tables.problem is None or operation.__name__ in ("forget_all", "claim", "release"):
            return
        if self._lock.held:  # the disk may have room again, the folder its permissions
            self._open_to_write()
        else:
            self._open_anew()
        if self._tables.problem is not None:
            raise self._tables.problem

    def _open_anew(self, tries: int = OPEN_TRIES) -> None:
        """Open the tables to read. Where there are none, make them; a process that does so now is waited for."""
        try:
            for attempt in range(tries):
                if attempt:
                    time.sleep(0.1)
                try:
                    self._version = self._tables.version()
                    self._tables.open(writing=False)
                    self._load()
                    return
                except MissingTables:
                    if self._make_tables():
                        return
            raise MemoryInUse("Another trayassist is making this memory.", "Try again when it is done.")
        except TrayassistError as error:
            self._tables.problem = error

    def _make_tables(self) -> bool:
        """Make the tables, unless another process has the lock."""
        try:
            self._take_lock()
        except MemoryInUse:
            return False
        self._release_when_done()
        return True

    def _open_to_write(self) -> None:
        """Open the tables as they are now under the lock, and remove what a killed process left half done."""
        if self._tables.problem is not None or not self._tables.is_open or self._version != self._tables.version():
            self._tables.open(writing=True)
            self._load()
        if self._tables.problem is None:
            with translate_errors(self._folder):
                self._tables.tidy()
                self._catalog.clear_debris()
                self._findings = find_damage(self._tables, self._catalog, self._embedder)
                self._keep_up()
        self._cleared = self._tables.problem is None
        self._version = self._tables.version()

    def _look_for_damage(self) -> None:
        """Check the index once, unless a writer changes it just now."""
        try:
            with translate_errors(self._folder):
                self._lock.take()
        except MemoryInUse:
            return
        except TrayassistError:
            pass  # a folder that cannot be written can be read
        try:
            with translate_errors(self._folder):
                self._findings = find_damage(self._tables, self._catalog, self._embedder)
        except TrayassistError as error:
            self._tables.problem = error
        finally:
            self._lock.release()

    def _load(self) -> None:
        if self._tables.problem is None:
            try:
                with translate_errors(self._folder):
                    self._catalog.load()
                    self._facts.load()
            except TrayassistError as error:
                self._tables.problem = error
        if self._tables.problem is not None:
            logger.error("memory does not open: %s", self._tables.problem)

    def claim(self, purpose: str) -> None:
        """Keep the lock from now on, until `release` with the same purpose."""
        self._claims.add(purpose)

    def release(self, purpose: str) -> None:
        """Keep the lock no longer for this purpose."""
        self._claims.discard(purpose)
        if self._lock.held and not self._claims:
            self._writer.flush()
            self._rebuild.pause()

    # ------------------------------------------------------------ reading

    def search(self, query: str, limit: int, vector: bytes | None = None, made_by: Stamp | None = None) -> Evidence:
        self._flush_quietly()
        found = self._builder.search(query, limit, self._question_vector(vector, made_by))
        self._expect_searches()
        return found

    def quote(
        self,
        query: str,
        limit: int,
        vector: bytes | None = None,
        made_by: Stamp | None = None,
        order: Sequence[tuple[str, int]] = (),
        prefer: Sequence[str] = (),
    ) -> Evidence:
        self._flush_quietly()
        found = self._builder.quote(query, limit, self._question_vector(vector, made_by), order, prefer)
        self._expect_searches()
        return found

    def _expect_searches(self) -> None:
        """Keep the indexes closer up to date from now on: the first search went through what they lack."""
        self._searched = time.monotonic()
        if self._lock.held:
            self._keep_up()

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

    def passages(self, path: str, after: tuple[int, int], limit: int) -> list[Passage]:
        return self._builder.passages(path, after, limit)

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

    def add_files(self, files: list[WholeFile]) -> list[WriteResult]:
        written = self._writer.add_files(files)
        self._keep_up()
        return written

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
        count = 0 if self._tables.problem is not None else self._catalog.visible_count
        self._wait_for_upkeep()
        self._writer.clear()
        self._rebuild.clear()
        self._tables.reset()
        self._catalog.load()
        self._facts.load()
        self._cleared, self._findings = True, ""
        return count

    def remember(self, text: str) -> Fact:
        return self._facts.remember(text)

    def forget_fact(self, fact_id: str) -> None:
        self._wait_for_upkeep()
        self._facts.forget(fact_id)

    # ------------------------------------------------------------ the embedder of the passages

    def state(self) -> IndexState:
        """Return whose vectors the passages have, how many there are, and what a re-index has done so far."""
        done, wanted = self._rebuild.progress()
        passages = self._passage_count()
        return IndexState(self._tables.stamp, passages, wanted, done, self._findings)

    def adopt(self, wanted: Stamp) -> IndexState:
        """Make new tables for this embedder from now on, an empty one at once; return the state."""
        self._tables.wanted = wanted
        if not self._tables.stamp.same_vectors(wanted) and not self._passage_count():
            with suppress(MemoryInUse):  # who writes now decides; there will be passages then
                self._take_lock()
                self._wait_for_upkeep()
                self._tables.adopt(wanted)
        return self.state()

    def _passage_count(self) -> int:
        self._flush_quietly()
        return int(self._tables["passages"].count_rows())

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

    def at_rest(self) -> bool:
        """Return whether nothing is begun that would be lost with this process."""
        upkeep_runs = self._upkeep is not None and not self._upkeep.done()
        return not (self._claims or self._writer.busy or self._rebuild.busy or upkeep_runs)

    def _keep_up(self) -> None:
        if upkeep.due(self._tables, searching=time.monotonic() - self._searched < SEARCHED_S):
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
    if there != expected:  # passages that a killed writer left are of no document, and the next writer removes them
        there = catalog.count_whole_passages()
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
