"""The check at start: what is counted is there, and a passage is found again by its own vector (F-10).

Cheap on purpose: two counts and one look-up. A memory that fails it still opens, and says what is wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from trayassist.workers.memory.catalog import Catalog
from trayassist.workers.memory.embedder import Embedder
from trayassist.workers.memory.tables import Tables

_ALIKE = 0.99  # cosine of a stored vector with one made of the same text now


def check(tables: Tables, catalog: Catalog, embedder: Embedder) -> str:
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
