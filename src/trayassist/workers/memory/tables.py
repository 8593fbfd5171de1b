"""The LanceDB tables of a memory folder: schemas, indexes, the stamp of the embedder, upkeep.

Facts about LanceDB 0.40 that this module rests on, all tried: a write is one atomic commit; rows that
are not in the full-text index yet are searched too, with the index's own statistics, at about 45 µs a
row; an overwrite drops the indexes; old text stays in old files until they are cleaned up.
"""

from __future__ import annotations

import shutil
import threading
import warnings
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa
from lancedb.index import FTS, BTree, IvfFlat

from trayassist.api import TrayassistError
from trayassist.workers.memory.embedder import DIMENSIONS, EMBEDDER_ID
from trayassist.workers.memory.errors import explained

ANN_ROWS = 50_000  # above it, all vectors are no longer compared one by one
PARTITIONS = 256
MAX_PARTS = 4  # each upkeep adds a part to the index over the vectors; searching goes through all
MAX_FRAGMENTS = 4
INDEX_CACHE = 384 * 2**20  # bytes; the indexes of 100,000 passages fit
METADATA_CACHE = 128 * 2**20

_VECTOR = pa.list_(pa.float32(), DIMENSIONS)
SCHEMAS: dict[str, pa.Schema] = {
    "passages": pa.schema(
        [
            ("doc", pa.int64()),
            ("page", pa.int32()),
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("num", pa.float32()),
            ("text", pa.string()),
            ("vector", _VECTOR),
        ]
    ),
    "pages": pa.schema(
        [
            ("doc", pa.int64()),
            ("page", pa.int32()),
            ("num", pa.float32()),
            ("head", pa.string()),
            ("text", pa.string()),
            ("ocr", pa.bool_()),
        ]
    ),
    "docs": pa.schema(
        [
            ("doc", pa.int64()),
            ("path", pa.string()),
            ("aliases", pa.string()),  # JSON list of the other paths with the same content
            ("title", pa.string()),
            ("name", pa.string()),
            ("first", pa.string()),
            ("words", pa.string()),
            ("counts", pa.list_(pa.int32())),
            ("date", pa.float64()),
            ("pages", pa.int32()),
            ("ocr_pages", pa.int32()),
            ("passages", pa.int32()),
            ("bytes", pa.int64()),
            ("sha256", pa.string()),
            ("mtime", pa.float64()),
            ("added", pa.string()),
            ("complete", pa.bool_()),
        ]
    ),
    "facts": pa.schema([("id", pa.string()), ("text", pa.string()), ("created", pa.string()), ("vector", _VECTOR)]),
}
_FTS_COLUMNS = {"passages": ("text",), "pages": ("head",), "docs": ("name", "first", "words"), "facts": ()}
_KEY_COLUMNS = {"passages": "doc", "pages": "doc", "docs": "", "facts": ""}
_WITH_VECTORS = ("passages", "facts")


def _full_text() -> FTS:
    # ICU finds words in scripts without spaces; for English it equals the plain splitter.
    return FTS(
        language="English",
        stem=True,
        remove_stop_words=True,
        ascii_folding=True,
        with_position=False,
        base_tokenizer="icu/split",
    )


@dataclass
class Changes:
    """What was written since the last upkeep; rows are those the full-text index does not know."""

    rows: int = 0
    commits: int = 0
    deleted: bool = False


@dataclass
class Tables:
    """The open tables of one folder. `problem` is set when they cannot be opened; then only `reset` works."""

    folder: Path
    stamp: dict[str, str] = field(default_factory=lambda: {"embedder": EMBEDDER_ID, "dim": str(DIMENSIONS)})
    problem: TrayassistError | None = None
    has_ann: bool = False
    generation: int = 0  # grows when the tables are opened anew
    _tables: dict[str, Any] = field(default_factory=dict)
    _changes: dict[str, Changes] = field(default_factory=dict)
    locks: dict[str, threading.RLock] = field(default_factory=dict)

    def open(self) -> None:
        """Open the tables, making those that are missing. Sets `problem` instead of raising."""
        self.locks = {name: threading.RLock() for name in SCHEMAS}
        self._changes = {name: Changes() for name in SCHEMAS}
        self.problem = None
        self.generation += 1
        try:
            with explained(self.folder):
                self._open_all()
        except TrayassistError as error:
            self.problem = error

    def _open_all(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._session = lancedb.Session(
            INDEX_CACHE, METADATA_CACHE
        )  # one for both connections: caches are not kept twice
        self._db = lancedb.connect(str(self.folder), session=self._session)
        there = set(self._db.list_tables().tables)
        if there and "docs" not in there and (self.folder / "passages.lance").exists():
            raise TrayassistError(f"The memory in {self.folder} is incomplete.", _REPAIR)
        for name in SCHEMAS:
            self._tables[name] = self._db.open_table(name) if name in there else self._make(name)
            self._read_once(name)
        self.has_ann = any(i.columns == ["vector"] for i in self["passages"].list_indices())

    def _make(self, name: str) -> Any:
        schema = SCHEMAS[name]
        if name in _WITH_VECTORS:
            schema = schema.with_metadata(self.stamp)
        table = self._db.create_table(name, schema=schema)
        self._index(table, name)
        return table

    def _index(self, table: Any, name: str) -> None:
        for column in _FTS_COLUMNS[name]:
            table.create_index(column, config=_full_text())
        if key := _KEY_COLUMNS[name]:
            table.create_index(key, config=BTree())

    def _read_once(self, name: str) -> None:
        """Self-check: the columns are ours, the count is known, the first and the last row can be read."""
        table = self._tables[name]
        if set(SCHEMAS[name].names) - set(table.schema.names):
            raise TrayassistError(f"The memory in {self.folder} was made by another version.", _REPAIR)
        if rows := table.count_rows():
            table.search().limit(1).to_arrow()
            table.search().offset(rows - 1).limit(1).to_arrow()
        self._changes[name].rows = sum(
            table.index_stats(i.name).num_unindexed_rows for i in table.list_indices() if i.index_type == "FTS"
        )
        self._changes[name].commits = table.stats()["fragment_stats"]["num_fragments"]

    def __getitem__(self, name: str) -> Any:
        if self.problem is not None:
            raise self.problem
        return self._tables[name]

    async def open_for_reading(self) -> dict[str, Any]:
        """Return the tables for many searches side by side; they always read the newest version."""
        if self.problem is not None:
            raise self.problem
        connection = await lancedb.connect_async(
            str(self.folder), read_consistency_interval=timedelta(0), session=self._session
        )
        return {name: await connection.open_table(name) for name in ("passages", "pages", "docs")}

    # ------------------------------------------------------------ writing

    def check_stamp(self, name: str) -> None:
        """Raise when the table's vectors were made by another embedder: they must not be mixed."""
        found = {k.decode(): v.decode() for k, v in (self[name].schema.metadata or {}).items()}
        if {k: found.get(k) for k in self.stamp} != self.stamp:
            was = f"{found.get('embedder', 'an unknown embedder')}, {found.get('dim', '?')} dimensions"
            raise TrayassistError(
                f"This memory was indexed with {was}; this version uses {self.stamp['embedder']}, "
                f"{self.stamp['dim']} dimensions.",
                "Re-index: forget everything (trayassist memory forget --all) and ingest the files again.",
            )

    def append(self, name: str, rows: pa.Table) -> None:
        """Add rows in one commit. Runs beside upkeep."""
        if name in _WITH_VECTORS:
            self.check_stamp(name)
        self[name].add(rows)
        self._changes[name].rows += len(rows)
        self._changes[name].commits += 1

    def put_docs(self, rows: pa.Table) -> None:
        """Insert or replace documents by their number, in one commit."""
        with self.locks["docs"]:
            self["docs"].merge_insert("doc").when_matched_update_all().when_not_matched_insert_all().execute(rows)
        self._changes["docs"].rows += len(rows)
        self._changes["docs"].commits += 1

    def delete(self, name: str, where: str) -> None:
        """Delete rows in one commit; the text leaves the disk with `purge`."""
        with self.locks[name]:
            self[name].delete(where)
        self._changes[name].deleted = True
        self._changes[name].commits += 1

    # ------------------------------------------------------------ upkeep

    def due(self) -> bool:
        """Return whether enough is unindexed or scattered to slow searches down."""
        passages, pages, docs = (self._changes[n] for n in ("passages", "pages", "docs"))
        allowed = 1000 + self["passages"].count_rows() // 50
        return passages.rows > allowed or docs.rows > 8 or max(passages.commits, pages.commits, docs.commits) > 60

    def optimize(self, keep_versions_s: float = 60.0) -> None:
        """Bring the indexes up to date, merge small files, drop versions older than `keep_versions_s`.

        Makes the index over the vectors when there are more than 50,000 passages.
        """
        for name, changes in self._changes.items():
            if not (changes.rows or changes.commits or changes.deleted):
                continue
            with self.locks[name]:
                self._changes[name] = Changes()
                try:
                    _tidy(self[name], keep_versions_s)
                except Exception:  # barrier: not done means still to be done; the cause goes on to the caller
                    self._changes[name] = changes
                    raise
        self._index_vectors()

    def _index_vectors(self) -> None:
        """Make the index over the vectors when there are enough; anew when it fell into many parts."""
        table = self["passages"]
        if table.count_rows() <= ANN_ROWS:
            return
        if self.has_ann and (table.index_stats("vector_idx").num_indices or 1) <= MAX_PARTS:
            return
        with self.locks["passages"]:
            table.create_index("vector", config=IvfFlat(distance_type="cosine", num_partitions=PARTITIONS))
            self.has_ann = True
            _tidy(table, 60.0)

    def purge(self, names: tuple[str, ...] = ("passages", "pages", "docs")) -> None:
        """Write the tables anew without what was deleted, so that its text is on disk no more."""
        for name in names:
            with self.locks[name]:
                old = self[name]
                rows = old.search().limit(old.count_rows() or 1).to_batches()
                table = self._db.create_table(name, data=rows, schema=old.schema, mode="overwrite")
                self._tables[name] = table
                if name == "passages":
                    self.has_ann = False
                self._index(table, name)
                _tidy(table, 0.0)
                self._changes[name] = Changes()
        self._index_vectors()

    def reset(self) -> None:
        """Remove all tables, also damaged ones, and make new empty ones."""
        self._tables.clear()
        with explained(self.folder):
            if self.folder.exists():
                for child in self.folder.iterdir():
                    if child.suffix == ".lance" and child.stem in SCHEMAS:
                        shutil.rmtree(child)
        self.open()
        if self.problem is not None:
            raise self.problem


_REPAIR = "Forget everything (trayassist memory forget --all) and ingest the files again."


def _tidy(table: Any, keep_versions_s: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of other processes; only one process has this folder
        older_than = timedelta(seconds=keep_versions_s)
        table.optimize(cleanup_older_than=older_than, delete_unverified=keep_versions_s == 0)
        if table.stats()["fragment_stats"]["num_fragments"] > MAX_FRAGMENTS:
            # Files whose rows had just come into the indexes are merged only now.
            table.optimize(cleanup_older_than=older_than, delete_unverified=keep_versions_s == 0)
