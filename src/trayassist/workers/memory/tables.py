"""The LanceDB tables of a memory folder: opened, checked, written.

Facts about LanceDB 0.40 that this module rests on, all tried: a write is one atomic commit; rows that
are not in the full-text index yet are searched too, with the index's own statistics, at about 45 µs a
row; an overwrite drops the indexes; old text stays in old files until they are cleaned up.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa

from trayassist.api import TrayassistError
from trayassist.workers.memory import schemas
from trayassist.workers.memory.errors import CannotWrite, OtherEmbedder, translate_errors
from trayassist.workers.memory.messages import BUILTIN, Stamp, stamp_of_metadata
from trayassist.workers.memory.schemas import SCHEMAS, WITH_VECTORS

LAYOUT_FILE = "passages.json"
FIRST_TABLE = "passages"
_TABLE = re.compile(r"passages(?:_\d+)?")


@dataclass(frozen=True, slots=True)
class TableLayout:
    """Names of tables: the one with the passages in force, and the one in the making, "" when there is none."""

    passages: str = FIRST_TABLE
    building: str = ""

    def next_name(self) -> str:
        """Return a name that neither has."""
        number = max(int(name.partition("_")[2] or 1) for name in (self.passages, self.building or FIRST_TABLE))
        return f"{FIRST_TABLE}_{number + 1}"


def read_layout(folder: Path) -> TableLayout:
    """Return what is in force in `folder`; without the file the oldest table is."""
    try:
        return TableLayout(**json.loads((folder / LAYOUT_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        there = sorted(passage_tables(folder), key=lambda name: int(name.partition("_")[2] or 1))
        return TableLayout(there[0] if there else FIRST_TABLE)


def write_layout(folder: Path, layout: TableLayout) -> None:
    """Put `layout` in force in one step, durably. Raises OSError; then the old one is in force."""
    temporary = folder / f".{LAYOUT_FILE}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(asdict(layout), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / LAYOUT_FILE)
    if os.name == "posix":  # the new name has to outlast a power cut before the old table goes
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def passage_tables(folder: Path) -> list[str]:
    """Return the names of all tables of passages in `folder`."""
    return [file.stem for file in folder.glob("passages*.lance") if _TABLE.fullmatch(file.stem)]


def tidy_layout(folder: Path, layout: TableLayout) -> None:
    """Remove tables of passages that are not in force. What cannot be removed now is tried at the next start."""
    for name in passage_tables(folder):
        if name not in (layout.passages, layout.building):
            shutil.rmtree(folder / f"{name}.lance", ignore_errors=True)


INDEX_CACHE = 384 * 2**20  # bytes; the indexes of 100,000 passages fit
METADATA_CACHE = 128 * 2**20
BUILDING = "building"  # the table of passages that is in the making, beside "passages"


class MissingTables(TrayassistError):
    """Tables are not there yet: they are made by a process that may write."""


@dataclass
class TableChanges:
    """What was written since the last upkeep; rows are those the full-text index does not know."""

    rows: int = 0
    commits: int = 0
    deleted: bool = False


@dataclass
class Tables:
    """The open tables of one folder. `problem` is set when they cannot be opened; then only `reset` works.

    `wanted` is whose vectors a table of passages gets that is made anew; `stamp` whose vectors it has.
    """

    folder: Path
    wanted: Stamp = BUILTIN
    problem: TrayassistError | None = None
    stamp: Stamp = BUILTIN
    has_ann: bool = False
    generation: int = 0  # grows when the tables are opened anew
    layout: TableLayout = field(default_factory=TableLayout)
    changes: dict[str, TableChanges] = field(default_factory=dict)
    locks: dict[str, threading.RLock] = field(default_factory=dict)
    _tables: dict[str, Any] = field(default_factory=dict)

    def open(self, *, writing: bool) -> None:
        """Open the tables. With `writing`, make those that are missing and remove what is in force no more.

        Sets `problem` instead of raising. Raises MissingTables without `writing`.
        """
        names = (*SCHEMAS, BUILDING)
        self.locks = {name: threading.RLock() for name in names}
        self.changes = {name: TableChanges() for name in SCHEMAS}
        self._tables.clear()
        self.problem = None
        self.generation += 1
        try:
            with translate_errors(self.folder):
                self._open_all(writing)
        except MissingTables:
            raise
        except TrayassistError as error:
            self.problem = error

    def _open_all(self, writing: bool) -> None:
        if writing:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not self.folder.is_dir():
            raise MissingTables("Nothing is remembered yet.")
        # One session for both connections: caches are not kept twice.
        self._session = lancedb.Session(INDEX_CACHE, METADATA_CACHE)
        self._db = lancedb.connect(str(self.folder), session=self._session)
        self.layout = read_layout(self.folder)
        there = set(self._db.list_tables().tables)
        if there and "docs" not in there and self.layout.passages in there:
            raise TrayassistError(f"The memory in {self.folder} is incomplete.", REPAIR)
        if not writing and (missing := {self._physical(name) for name in SCHEMAS} - there):
            raise MissingTables(f"The memory in {self.folder} has no {', '.join(sorted(missing))}.")
        for name in SCHEMAS:
            physical = self._physical(name)
            self._tables[name] = self._db.open_table(physical) if physical in there else self._make(name)
            self._read_once(name)
        self._passages_changed()
        if self.layout.building in there:
            self._tables[BUILDING] = self._db.open_table(self.layout.building)

    def tidy(self) -> None:
        """Remove tables that are in force no more, and make an empty one fit the embedder. For the writer only."""
        tidy_layout(self.folder, self.layout)
        if not self["passages"].count_rows():
            self.adopt(self.wanted)

    @property
    def is_open(self) -> bool:
        """Whether all tables are open."""
        return all(name in self._tables for name in SCHEMAS)

    def version(self) -> frozenset[str]:
        """Return what changes with each commit to the tables, by this or another process. Costs 0.2 ms."""
        found: set[str] = set()
        try:
            found.add((self.folder / LAYOUT_FILE).read_text(encoding="utf-8"))
        except OSError:
            found.add("")
        for name in SCHEMAS:
            physical = self._physical(name)
            with suppress(OSError):
                found.update(map(str, (self.folder / f"{physical}.lance" / "_versions").iterdir()))
        return frozenset(found)

    def _physical(self, name: str) -> str:
        return {"passages": self.layout.passages, BUILDING: self.layout.building}.get(name, name)

    def _make(self, name: str) -> Any:
        schema = schemas.passages(self.wanted) if name == "passages" else SCHEMAS[name]
        table = self._db.create_table(self._physical(name), schema=schema)
        schemas.index(table, name)
        return table

    def _passages_changed(self) -> None:
        table = self._tables["passages"]
        self.stamp = stamp_of_metadata(table.schema.metadata)
        self.has_ann = any(i.columns == ["vector"] for i in table.list_indices())

    def _read_once(self, name: str) -> None:
        """Self-check: the columns are ours, the count is known, the first and the last row can be read (F-10)."""
        table = self._tables[name]
        if set(SCHEMAS[name].names) - set(table.schema.names):
            raise TrayassistError(f"The memory in {self.folder} was made by another version.", REPAIR)
        if rows := table.count_rows():
            table.search().limit(1).to_arrow()
            table.search().offset(rows - 1).limit(1).to_arrow()
        self.changes[name].rows = sum(
            table.index_stats(i.name).num_unindexed_rows for i in table.list_indices() if i.index_type == "FTS"
        )
        self.changes[name].commits = table.stats()["fragment_stats"]["num_fragments"]

    def __getitem__(self, name: str) -> Any:
        if self.problem is not None:
            raise self.problem
        return self._tables[name]

    def __contains__(self, name: str) -> bool:
        return name in self._tables

    async def open_for_reading(self) -> dict[str, Any]:
        """Return the tables for many searches side by side; they always read the newest version."""
        if self.problem is not None:
            raise self.problem
        connection = await lancedb.connect_async(
            str(self.folder), read_consistency_interval=timedelta(0), session=self._session
        )
        names = ("passages", "pages", "docs")
        return {name: await connection.open_table(self._physical(name)) for name in names}

    # ------------------------------------------------------------ writing

    def append(self, name: str, rows: pa.Table) -> None:
        """Add rows in one commit. Runs beside upkeep. Raises OtherEmbedder for vectors that are not the table's."""
        if name in WITH_VECTORS:
            self._check_stamp(name, stamp_of_metadata(rows.schema.metadata))
        self[name].add(rows)
        if name in self.changes:
            self.changes[name].rows += len(rows)
            self.changes[name].commits += 1

    def _check_stamp(self, name: str, made_by: Stamp) -> None:
        has = stamp_of_metadata(self[name].schema.metadata)
        if not has.same_vectors(made_by):
            raise OtherEmbedder(
                f"This memory was indexed with {has.name}, {has.dim} dimensions; these vectors are of "
                f"{made_by.name}, {made_by.dim} dimensions.",
                "Re-index (trayassist memory reindex): the two cannot be compared.",
            )

    def put_docs(self, rows: pa.Table) -> None:
        """Insert or replace documents by their number, in one commit."""
        with self.locks["docs"]:
            self["docs"].merge_insert("doc").when_matched_update_all().when_not_matched_insert_all().execute(rows)
        self.changes["docs"].rows += len(rows)
        self.changes["docs"].commits += 1

    def delete(self, name: str, where: str) -> None:
        """Delete rows in one commit; the text leaves the disk with `upkeep.purge`. Passages also where they are built.

        An interrupted delete of passages that are built is made good before they are put in force.
        """
        with self.locks[name]:
            self[name].delete(where)
        self.changes[name].deleted = True
        self.changes[name].commits += 1
        if name == "passages" and BUILDING in self:
            with self.locks[BUILDING]:
                self[BUILDING].delete(where)

    # ------------------------------------------------------------ tables that come and go

    def adopt(self, wanted: Stamp) -> None:
        """From now on make tables of passages for `wanted`; an empty one is made for it at once."""
        self.wanted = wanted
        if self.stamp.same_vectors(wanted) or self["passages"].count_rows():
            return
        self.stop_building()
        with self.locks["passages"]:
            self._tables["passages"] = self.overwrite("passages", schemas.passages(wanted), None)
            self._passages_changed()
            self.generation += 1

    def overwrite(self, name: str, schema: Any, rows: Any) -> Any:
        """Replace a table by one with only `rows` and no index; return it. Its lock must be held."""
        table = self._db.create_table(self._physical(name), data=rows, schema=schema, mode="overwrite")
        self._tables[name] = table
        if name == "passages":
            self.has_ann = False
        return table

    def start_building(self, wanted: Stamp) -> None:
        """Make an empty table of passages beside the one in force, or go on with one that was begun for `wanted`."""
        if BUILDING in self:
            if stamp_of_metadata(self[BUILDING].schema.metadata) == wanted:
                return
            self.stop_building()
        planned = TableLayout(self.layout.passages, self.layout.next_name())
        write_layout(self.folder, planned)  # before the table: one that is not named would be removed
        self.layout = planned
        self._tables[BUILDING] = self._db.create_table(
            planned.building, schema=schemas.passages(wanted), mode="overwrite"
        )

    def stop_building(self) -> None:
        """Remove the table that is in the making."""
        if self.layout.building:
            self.layout = TableLayout(self.layout.passages)
            write_layout(self.folder, self.layout)
        self._tables.pop(BUILDING, None)
        tidy_layout(self.folder, self.layout)

    def put_in_force(self) -> None:
        """Let the table in the making serve from now on, in one step, and remove the one before."""
        with self.locks["passages"], self.locks[BUILDING]:
            switched = TableLayout(self.layout.building)
            write_layout(self.folder, switched)
            self.layout = switched
            self._tables["passages"] = self._tables.pop(BUILDING)
            self.changes["passages"] = TableChanges()
            self._read_once("passages")
            self._passages_changed()
            self.generation += 1
        tidy_layout(self.folder, self.layout)

    def reset(self) -> None:
        """Remove all tables, also damaged ones, and make new empty ones."""
        self._tables.clear()
        with translate_errors(self.folder):
            if self.folder.exists():
                (self.folder / LAYOUT_FILE).unlink(missing_ok=True)
                for name in (*passage_tables(self.folder), *SCHEMAS):
                    if (self.folder / f"{name}.lance").exists():
                        shutil.rmtree(self.folder / f"{name}.lance")
        self.open(writing=True)
        if isinstance(self.problem, CannotWrite):
            self.problem = CannotWrite(
                f"Everything is forgotten, and there is no room on the disk of {self.folder} for a new memory.",
                "Free some space before you add files again.",
            )
        if self.problem is not None:
            raise self.problem


REPAIR = "Forget everything (trayassist memory forget --all) and add the files again."
