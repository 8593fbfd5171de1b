"""A second table of the same passages with the vectors of another embedder, filled bit by bit, then put in force.

The passages themselves are copied as they are, so places, words and documents stay the same. What is done is
found anew from the tables each time, so that it can be killed and resumed at any point, and what is added or
forgotten meanwhile is seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from trayassist.api import TrayassistError, WorkerDied
from trayassist.workers.memory import schemas
from trayassist.workers.memory.embedder import Embedder, vector_column, vectors_from_bytes
from trayassist.workers.memory.messages import Stamp, stamp_of_metadata
from trayassist.workers.memory.schemas import KEYS
from trayassist.workers.memory.tables import BUILDING, Tables

WRITE_ROWS = 500  # each commit makes a file
WRITE_AFTER_S = 20.0  # a slow embedder loses no more than this to a kill
_DOCUMENTS_AT_ONCE = 50


class Rebuild:
    """At most one at a time. `flush` writes what the writer still holds."""

    def __init__(self, tables: Tables, embedder: Embedder, flush: Callable[[], None]) -> None:
        self._tables, self._embedder, self._flush = tables, embedder, flush
        self.clear()

    def clear(self) -> None:
        """Forget what is not written."""
        self._left: list[tuple[int, int, int]] = []  # the passages that lack, last first
        self._asked: pa.Table | None = None
        self._filled: list[pa.Table] = []
        self._written = time.monotonic()
        self._all = 0

    @property
    def busy(self) -> bool:
        """Whether passages were asked for, or their vectors are not written yet."""
        return bool(self._asked is not None or self._filled)

    def progress(self) -> tuple[int, Stamp | None]:
        """Return how many passages are done, and for whom; (0, None) when there is no second table."""
        if BUILDING not in self._tables:
            return 0, None
        table = self._tables[BUILDING]
        return int(table.count_rows()), stamp_of_metadata(table.schema.metadata)

    def sample(self, count: int) -> list[str]:
        """Return the texts of at most `count` passages, in even steps through all of them."""
        table = self._tables["passages"]
        rows = table.count_rows()
        steps = [rows * step // count for step in range(count)] if rows > count else list(range(rows))
        return [table.search().select(["text"]).offset(at).limit(1).to_list()[0]["text"] for at in steps]

    def begin(self, made_by: Stamp) -> tuple[int, int]:
        """Return (passages done, all passages) of a re-index for `made_by`, begun or resumed."""
        self.write()  # of a run that was cancelled
        self.clear()
        self._tables.start_building(made_by)
        return self._look()

    def missing(self, count: int) -> list[str]:
        """Return the texts of the next passages, in the order in which `fill` takes their vectors."""
        self._table()
        wanted: list[tuple[int, int, int]] = []
        documents: set[int] = set()
        while self._left and len(wanted) < count and len(documents) <= _DOCUMENTS_AT_ONCE:
            wanted.append(self._left.pop())
            documents.add(wanted[-1][0])
        self._asked = self._rows(wanted)
        if wanted and not len(self._asked):  # they were forgotten meanwhile
            return self.missing(count)
        return [str(text) for text in self._asked["text"].to_pylist()]

    def fill(self, made: bytes | None) -> tuple[int, int]:
        """Take vectors for what was asked last; without them the built-in embedder makes them."""
        rows, made_by = self._asked, stamp_of_metadata(self._table().schema.metadata)
        if rows is None:
            raise WorkerDied("The memory process started anew during the re-index.", "Go on with it.")
        texts = rows["text"].to_pylist()
        received = self._embedder.embed(texts) if made is None else vectors_from_bytes(made, len(texts), made_by.dim)
        columns = [*rows.columns, vector_column(received)]
        self._filled.append(pa.Table.from_arrays(columns, schema=schemas.passages(made_by)))
        self._asked = None
        late = time.monotonic() - self._written > WRITE_AFTER_S
        if late or sum(map(len, self._filled)) >= WRITE_ROWS:
            self.write()
        return self._all - len(self._left), self._all

    def write(self) -> None:
        """Write what is filled. What fails to be written is kept, and written by the next try."""
        if self._filled and BUILDING in self._tables:
            self._tables.append(BUILDING, pa.concat_tables(self._filled))
        self._filled = []
        self._written = time.monotonic()

    def pause(self) -> None:
        """Write what is filled, and forget what was asked for."""
        self._asked = None
        self.write()

    def switch(self) -> bool:
        """Put the second table in force when it has the same passages as the first; return whether it has."""
        self._table()
        self._flush()
        self.write()
        self._look()
        if self._left:
            return False
        self._tables.put_in_force()
        self.clear()
        return True

    def stop(self) -> None:
        """Remove the second table."""
        self.clear()
        self._tables.stop_building()

    # ------------------------------------------------------------ inside

    def _table(self) -> Any:
        if BUILDING not in self._tables:
            raise TrayassistError("There is no re-index under way.", "Begin one: trayassist memory reindex.")
        return self._tables[BUILDING]

    def _look(self) -> tuple[int, int]:
        """Compare the two tables: note what the second lacks, remove what only the second has."""
        ours, theirs = (_keys(self._tables[name]) for name in ("passages", BUILDING))
        gone = theirs.join(ours, KEYS, join_type="left anti")
        for doc in sorted(set(gone["doc"].to_pylist())):
            self._tables[BUILDING].delete(f"doc = {doc}")  # its rows that are still there are copied again
        if len(gone):
            theirs = _keys(self._tables[BUILDING])
        lacking = ours.join(theirs, KEYS, join_type="left anti").select(KEYS)
        found = zip(*(lacking[key].to_pylist() for key in KEYS), strict=True)
        self._left = sorted(found, reverse=True)
        self._all = len(ours)
        return self._all - len(self._left), self._all

    def _rows(self, wanted: list[tuple[int, int, int]]) -> pa.Table:
        """Return the wanted passages that are still there, without their vectors."""
        table = self._tables["passages"]
        columns = [name for name in table.schema.names if name != "vector"]
        pages: dict[int, tuple[int, int]] = {}
        for doc, page, _ in wanted:
            low, high = pages.get(doc, (page, page))
            pages[doc] = min(low, page), max(high, page)
        parts = [f"(doc = {doc} AND page >= {low} AND page <= {high})" for doc, (low, high) in pages.items()]
        query = table.search().where(" OR ".join(parts) or "false").select(columns)
        found = query.limit(table.count_rows() or 1).to_arrow().select(columns)
        keys = zip(*(found[key].to_pylist() for key in KEYS), strict=True)
        chosen = set(wanted)
        return found.take(pa.array([at for at, key in enumerate(keys) if key in chosen], pa.int64()))


def _keys(table: Any) -> pa.Table:
    found: pa.Table = table.search().select(KEYS).limit(table.count_rows() or 1).to_arrow()
    return found.select(KEYS)
