"""What the tables of memory look like: columns, indexes, the stamp on those with vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from lancedb.index import FTS, BTree

from trayassist.workers.memory.messages import BUILTIN, Stamp

# Half the work of what Lance takes by itself, and a tenth less on disk.
_COMPRESSED = {"lance-encoding:compression": "lz4"}


def _text(name: str) -> Any:
    return pa.field(name, pa.string(), metadata=_COMPRESSED)


_PAGES = pa.schema(
    [
        ("doc", pa.int64()),
        ("page", pa.int32()),
        ("num", pa.float32()),
        ("head", pa.string()),
        _text("text"),
        ("ocr", pa.bool_()),
    ]
)
_DOCS = pa.schema(
    [
        ("doc", pa.int64()),
        ("path", pa.string()),
        ("aliases", pa.string()),  # JSON list of the other paths with the same content
        ("title", pa.string()),
        ("name", pa.string()),
        _text("first"),
        _text("words"),
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
)
KEYS = ["doc", "page", "start"]  # which passage
_FTS_COLUMNS = {"passages": ("text",), "pages": ("head",), "docs": ("name", "first", "words"), "facts": ()}
_KEY_COLUMNS = {"passages": "doc", "pages": "doc", "docs": "", "facts": ""}
WITH_VECTORS = ("passages", "facts")


def _vector(dim: int) -> Any:
    return pa.list_(pa.float32(), dim)


def passages(stamp: Stamp) -> Any:
    """Return the schema of a table of passages with the vectors of `stamp`, which it carries."""
    columns = [
        ("doc", pa.int64()),
        ("page", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("num", pa.float32()),
        _text("text"),
        ("vector", _vector(stamp.dim)),
    ]
    return pa.schema(columns, metadata=stamp.metadata())


SCHEMAS: dict[str, pa.Schema] = {
    "passages": passages(BUILTIN),  # or another embedder's: `passages(stamp)`
    "pages": _PAGES,
    "docs": _DOCS,
    # Facts are few and short, and the limit from which one is about a question was fitted on the built-in embedder.
    "facts": pa.schema(
        [("id", pa.string()), ("text", pa.string()), ("created", pa.string()), ("vector", _vector(BUILTIN.dim))],
        metadata=BUILTIN.metadata(),
    ),
}


def rows_to_table(schema: Any, rows: Iterable[Sequence[Any]], *more: Any) -> Any:
    """Return rows, each with its values in the schema's order, as a table; `more` are its last columns, as arrays."""
    columns = [*zip(*rows, strict=True), *more]
    arrays = [c if isinstance(c, pa.Array) else pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def index(table: Any, name: str) -> None:
    """Make the full-text and key indexes of an open table; `name` says of which kind it is."""
    for column in _FTS_COLUMNS[name]:
        table.create_index(column, config=_full_text())
    if key := _KEY_COLUMNS[name]:
        table.create_index(key, config=BTree())


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
