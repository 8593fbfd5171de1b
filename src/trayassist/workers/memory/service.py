"""The operations of the memory worker, and the upkeep that runs beside them.

One request is answered at a time. Upkeep (indexes, merging of small files) runs in a thread, in native
code that leaves the interpreter free, so that a search that comes meanwhile does not wait for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import wraps
from pathlib import Path
from typing import Any

from trayassist.api import Evidence, Fact, TrayassistError
from trayassist.workers.memory import naming
from trayassist.workers.memory.catalog import Catalog
from trayassist.workers.memory.embedder import Embedder
from trayassist.workers.memory.errors import explained
from trayassist.workers.memory.evidence import Reader
from trayassist.workers.memory.facts import Facts
from trayassist.workers.memory.search import Searcher
from trayassist.workers.memory.tables import Tables
from trayassist.workers.memory.writer import Writer

logger = logging.getLogger(__name__)


class Service:
    """A memory folder, open. A damaged one opens too: then every operation says so, and forget_all repairs."""

    def __init__(self, folder: str, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._folder = Path(folder)
        self._upkeep_thread = ThreadPoolExecutor(1, thread_name_prefix="upkeep")
        self._upkeep: Future[None] | None = None
        embedder = Embedder()
        self._tables = Tables(self._folder)
        self._catalog = Catalog(self._tables)
        self._facts = Facts(self._tables, embedder)
        self._writer = Writer(self._tables, self._catalog, embedder)
        self._searcher = Searcher(self._tables, self._catalog, embedder, cancelled)
        self._reader = Reader(self._tables, self._catalog, embedder, self._searcher, self._facts)
        self._open()

    def _open(self) -> None:
        self._tables.open()
        if self._tables.problem is None:
            try:
                with explained(self._folder):
                    self._catalog.load()
                    self._facts.load()
                    self._keep_up()
            except TrayassistError as error:
                self._tables.problem = error
        if self._tables.problem is not None:
            logger.error("memory does not open: %s", self._tables.problem)

    def operations(self) -> dict[str, Callable[..., Any]]:
        """Return what the parent may call."""
        reading = (self.search, self.quote, self.summary, self.find_document, self.documents, self.facts)
        writing = (self.begin, self.add_pages, self.finish, self.abandon, self.forget, self.forget_all)
        others = (self.remember, self.forget_fact, self.optimize, self.upkeep_running)
        return {operation.__name__: self._guarded(operation) for operation in (*reading, *writing, *others)}

    def _guarded(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(operation)
        def guarded(**arguments: Any) -> Any:
            if self._tables.problem is not None and operation.__name__ != "forget_all":
                self._open()  # the disk may have room again, the folder its permissions
                if self._tables.problem is not None:
                    raise self._tables.problem
            with explained(self._folder):
                return operation(**arguments)

        return guarded

    def close(self) -> None:
        """Write what is pending and end the threads."""
        try:
            self._flush_quietly()
        finally:
            self._searcher.close()
            self._upkeep_thread.shutdown(wait=False, cancel_futures=True)

    # ------------------------------------------------------------ reading

    def search(self, query: str, limit: int) -> Evidence:
        self._flush_quietly()
        return self._reader.search(query, limit)

    def quote(self, query: str, limit: int) -> Evidence:
        self._flush_quietly()
        return self._reader.quote(query, limit)

    def summary(self, path: str, sentences: int) -> Evidence:
        self._flush_quietly()
        return self._reader.summary(path, sentences)

    def find_document(self, text: str) -> str | None:
        found = naming.find(text, self._catalog.visible())
        return found.path if found else None

    def documents(self) -> list[dict[str, Any]]:
        return self._catalog.listing()

    def facts(self, query: str, limit: int) -> list[Fact]:
        return self._facts.about(query, limit)

    # ------------------------------------------------------------ writing

    def begin(self, path: str, sha256: str, size: int, mtime: float) -> tuple[str, int, str | None]:
        return self._writer.begin(path, sha256, size, mtime)

    def add_pages(self, token: str, payload: bytes) -> int:
        made = self._writer.add_pages(token, payload)
        self._keep_up()
        return made

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
        self._tables.reset()
        self._catalog.load()
        self._facts.load()
        return count

    def remember(self, text: str) -> Fact:
        return self._facts.remember(text)

    def forget_fact(self, fact_id: str) -> None:
        self._wait_for_upkeep()
        self._facts.forget(fact_id)

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
        if self._tables.due():
            self._start_upkeep()

    def _start_upkeep(self) -> None:
        if self._upkeep is None or self._upkeep.done():
            self._upkeep = self._upkeep_thread.submit(self._tables.optimize)

    def _wait_for_upkeep(self) -> None:
        if self._upkeep is not None:
            error = self._upkeep.exception()
            self._upkeep = None
            if error is not None:
                logger.warning("upkeep failed: %s", error)

    def _flush_quietly(self) -> None:
        """Make pending pages searchable. Searching goes on without them when they cannot be written."""
        try:
            with explained(self._folder):
                self._writer.flush()
        except TrayassistError as error:
            logger.warning("pages are not searchable yet: %s", error)
