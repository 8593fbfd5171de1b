"""Upkeep of the tables: indexes brought up to date, small files merged, removed text really gone.

It may run in a thread beside searches and appends: LanceDB takes both, and deletes wait for the table's lock.
"""

from __future__ import annotations

import ctypes
import sys
import warnings
from datetime import timedelta
from typing import Any

import pyarrow
from lancedb.index import IvfFlat

from trayassist.workers.memory import schemas
from trayassist.workers.memory.tables import BUILDING, TableChanges, Tables

ANN_ROWS = 50_000  # above it, all vectors are no longer compared one by one
PARTITIONS = 256
MAX_PARTS = 4  # each upkeep adds a part to the index over the vectors; searching goes through all
MAX_FRAGMENTS = 4


def due(tables: Tables, *, searching: bool) -> bool:
    """Return whether enough is unindexed or scattered to slow searches down.

    While nobody is searching more may come together: each upkeep goes through what is indexed already once more.
    """
    passages, pages, docs = (tables.changes[n] for n in ("passages", "pages", "docs"))
    if searching:
        rows, documents, commits = (
            1000 + tables["passages"].count_rows() // 50,
            64 + tables["docs"].count_rows() // 4,
            60,
        )
    else:
        rows, documents = (10_000 + tables[name].count_rows() // 3 for name in ("passages", "docs"))
        commits = 150
    return passages.rows > rows or docs.rows > documents or max(passages.commits, pages.commits, docs.commits) > commits


def optimize(tables: Tables, keep_versions_s: float = 60.0) -> None:
    """Bring the indexes up to date, merge small files, drop versions older than `keep_versions_s`.

    Makes the index over the vectors when there are more than 50,000 passages.
    """
    for name, changes in list(tables.changes.items()):
        if not (changes.rows or changes.commits or changes.deleted):
            continue
        with tables.locks[name]:
            tables.changes[name] = TableChanges()
            try:
                _tidy(tables[name], keep_versions_s)
            except Exception:  # barrier: not done means still to be done; the cause goes on to the caller
                tables.changes[name] = changes
                raise
    with tables.locks["passages"]:
        tables.has_ann = _index_vectors(tables["passages"], has_index=tables.has_ann)


def finish_building(tables: Tables) -> None:
    """Make the indexes of the table that is in the making."""
    with tables.locks[BUILDING]:
        table = tables[BUILDING]
        schemas.index(table, "passages")
        _index_vectors(table, has_index=False)
        _tidy(table, 0.0)


def purge(tables: Tables, names: tuple[str, ...] = ("passages", "pages", "docs")) -> None:
    """Write the tables anew without what was deleted, so that its text is on disk no more."""
    for name in (*names, *([BUILDING] if "passages" in names and BUILDING in tables else [])):
        with tables.locks[name]:
            old = tables[name]
            rows = old.search().limit(old.count_rows() or 1).to_batches()
            table = tables.overwrite(name, old.schema, rows)
            if name != BUILDING:
                schemas.index(table, name)
                tables.changes[name] = TableChanges()
            _tidy(table, 0.0)
    with tables.locks["passages"]:
        tables.has_ann = _index_vectors(tables["passages"], has_index=tables.has_ann)


def _index_vectors(table: Any, *, has_index: bool) -> bool:
    """Make the index over the vectors when there are enough, anew when it fell into many parts; return if one is."""
    if table.count_rows() <= ANN_ROWS:
        return has_index
    if has_index and (table.index_stats("vector_idx").num_indices or 1) <= MAX_PARTS:
        return True
    table.create_index("vector", config=IvfFlat(distance_type="cosine", num_partitions=PARTITIONS))
    _tidy(table, 60.0)
    return True


def _tidy(table: Any, keep_versions_s: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of other processes; only one process has this folder
        older_than = timedelta(seconds=keep_versions_s)
        table.optimize(cleanup_older_than=older_than, delete_unverified=keep_versions_s == 0)
        if table.stats()["fragment_stats"]["num_fragments"] > MAX_FRAGMENTS:
            # Files whose rows had just come into the indexes are merged only now.
            table.optimize(cleanup_older_than=older_than, delete_unverified=keep_versions_s == 0)


def give_memory_back() -> None:
    """Give what was freed back to the system, as after an upkeep. Takes some milliseconds."""
    pyarrow.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
