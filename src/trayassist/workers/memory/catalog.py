"""The documents that memory holds, and the order of writes that survives being killed at any point.

A document is what its row in `docs` says. Order: passages, then pages, then the row. A page counts as
written when it is in `pages`; what lies beyond is debris and is removed at the next start. A changed
file is a new document that stays hidden until it is complete; then the old one is removed.
"""

from __future__ import annotations

import heapq
import json
import math
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from trayassist.api.normal_text import fold
from trayassist.workers.memory import schemas, text, upkeep
from trayassist.workers.memory.schemas import SCHEMAS
from trayassist.workers.memory.tables import Tables
from trayassist.workers.memory.vocabulary import Vocabulary

_SHOWN = ("path", "title", "pages", "ocr_pages", "passages", "bytes", "sha256", "mtime", "added", "complete")
_OF_DOC = tuple(name for name in SCHEMAS["docs"].names if name not in ("aliases", "name", "first", "words", "counts"))
_PURGE_MARK = "purge.pending"


@dataclass(slots=True)
class Doc:
    """One document; `aliases` are other paths with the same content."""

    doc: int
    path: str
    sha256: str
    bytes: int
    mtime: float
    added: str
    aliases: list[str] = field(default_factory=list)
    title: str = ""
    date: float = 0.0
    pages: int = 0
    ocr_pages: int = 0
    passages: int = 0
    complete: bool = False

    @property
    def name(self) -> str:
        """The words of its file name and title."""
        return f"{text.spaced_name(self.path)} {self.title}".strip()

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path, *self.aliases)

    @property
    def cited_path(self) -> str:
        """The first of its paths where a file is; it may have been moved since, and be known at its new place, too."""
        if not self.aliases or Path(self.path).exists():
            return self.path
        return next((path for path in self.aliases if Path(path).exists()), self.path)


class _DocumentIndex(NamedTuple):
    """What the look-ups hold of a document."""

    paths: frozenset[str]
    sha256: str
    words: tuple[str, ...]


class Catalog:
    """The rows of `docs`, kept in memory without their long columns."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._next = 1
        self._clear()

    def _clear(self) -> None:
        self.docs: dict[int, Doc] = {}
        self.vocabulary = Vocabulary()
        self.hidden: set[int] = set()  # unfinished versions of documents that are there
        self.name_words: Counter[str] = Counter()  # of how many documents each word names
        self.name_stems: Counter[str] = Counter()
        self._noted: dict[int, _DocumentIndex] = {}
        self._at: defaultdict[str, set[int]] = defaultdict(set)  # by path, in one spelling (`_spelling`)
        self._of_content: defaultdict[str, set[int]] = defaultdict(set)
        self._unfinished: set[int] = set()
        self._stored: set[int] = set()  # those with a row in the table

    # ------------------------------------------------------------ start

    def load(self) -> None:
        """Read the documents."""
        self._clear()
        columns = [c for c in SCHEMAS["docs"].names if c not in ("first", "name")]
        table, counted = self._tables["docs"], []
        for batch in table.search().select(columns).limit(_all(table)).to_batches():
            counted.append(_sum_words(batch))
            for row in batch.drop_columns(["words", "counts"]).to_pylist():
                row["aliases"] = json.loads(row["aliases"])
                doc = Doc(**row)
                self._stored.add(doc.doc)
                self.note(doc)
        if counted:
            summed = pa.concat_tables(counted).group_by("word").aggregate([("count", "sum")])
            words, counts = (summed[name].to_pylist() for name in ("word", "count_sum"))
            self.vocabulary.add(zip(words, counts, strict=True), sum(doc.pages for doc in self.docs.values()))

    def clear_debris(self) -> None:
        """Remove what a killed process left half done, and find the next free number. For the writer only."""
        numbers = self._numbers("passages") | self._numbers("pages")
        self._next = max(self._next, 1 + max([*self.docs, *numbers], default=0))  # a number is not given out twice
        orphans = numbers - set(self.docs)
        if orphans:
            self._delete_rows(orphans)
        newest: dict[str, int] = {}
        for doc in sorted(d.doc for d in self.docs.values() if d.complete):
            older = newest.get(self.docs[doc].path)
            newest[self.docs[doc].path] = doc
            if older is not None:
                self.remove([older])
        for partial in [d for d in self.docs.values() if not d.complete]:
            self._tables.delete("passages", f"doc = {partial.doc} AND page > {self.last_page(partial.doc)}")
        if self.purge_pending:
            self.purge()

    def last_page(self, doc: int) -> int:
        """Return the number of the last page that is written, 0 if none."""
        table = self._tables["pages"]
        pages = table.search().where(f"doc = {doc}").select(["page"]).limit(_all(table)).to_arrow()
        return int(pc.max(pages["page"]).as_py() or 0)

    def count_whole_passages(self) -> int:
        """Return how many passages of complete documents are in the table, each looked at."""
        whole = pa.array((doc.doc for doc in self.docs.values() if doc.complete), pa.int64())
        return int(pc.sum(pc.is_in(self._column_of_numbers("passages"), value_set=whole)).as_py() or 0)

    def _numbers(self, name: str) -> set[int]:
        return set(pc.unique(self._column_of_numbers(name)).to_pylist())

    def _column_of_numbers(self, name: str) -> Any:
        table = self._tables[name]
        return table.search().select(["doc"]).limit(_all(table)).to_arrow()["doc"]

    # ------------------------------------------------------------ find

    def note(self, doc: Doc) -> None:
        """Note a new document, or that the paths, the title or `complete` of one changed."""
        self._unnote(doc.doc)
        self.docs[doc.doc] = doc
        words = tuple(set(text.words(doc.name)))
        self._noted[doc.doc] = _DocumentIndex(frozenset(doc.paths), doc.sha256, words)
        self.name_words.update(words)
        self.name_stems.update(map(text.stem, words))
        self._of_content[doc.sha256].add(doc.doc)
        if not doc.complete:
            self._unfinished.add(doc.doc)
        for path in doc.paths:
            self._at[_spelling(path)].add(doc.doc)
            self._hide(path)

    def _unnote(self, number: int) -> None:
        noted = self._noted.pop(number, None)
        if noted is None:
            return
        _subtract(self.name_words, noted.words)
        _subtract(self.name_stems, map(text.stem, noted.words))
        _discard(self._of_content, noted.sha256, number)
        self._unfinished.discard(number)
        self.hidden.discard(number)
        for path in noted.paths:
            _discard(self._at, _spelling(path), number)
            self._hide(path)

    def _hide(self, path: str) -> None:
        """Hide what is not finished at `path` while there is a finished document."""
        there = self._exactly_at(path)
        finished = any(doc.complete for doc in there)
        for doc in there:
            if not doc.complete and doc.path == path:
                (self.hidden.add if finished else self.hidden.discard)(doc.doc)

    def _exactly_at(self, path: str) -> list[Doc]:
        numbers = self._at.get(_spelling(path), ())
        return [self.docs[n] for n in sorted(numbers) if n in self._noted and path in self._noted[n].paths]

    def visible(self) -> list[Doc]:
        return [d for d in self.docs.values() if d.doc not in self.hidden]

    @property
    def visible_count(self) -> int:
        return len(self.docs) - len(self.hidden)

    def at(self, path: str) -> Doc | None:
        """Return the complete document at `path`, or one that is being read.

        Where there is none, a name counts that is spelt with other code points (é as one or as two).
        """
        found = self._exactly_at(path) or [self.docs[n] for n in self._at.get(_spelling(path), ())]
        return max(found, key=lambda d: d.complete, default=None)

    def with_content(self, sha256: str) -> Doc | None:
        """Return the complete document with this content."""
        return next((d for n in self._of_content.get(sha256, ()) if (d := self.docs[n]).complete), None)

    def list_unfinished(self) -> list[Doc]:
        """Return the documents that are not complete."""
        return [self.docs[number] for number in sorted(self._unfinished)]

    def below(self, path: str) -> list[int]:
        """Return the documents at `path` or in the folder `path`; as in `at`, other spellings where there are none."""
        for spell in (str, _spelling):
            wanted = spell(path)
            folder = wanted.rstrip(os.sep) + os.sep
            found = [
                doc.doc
                for doc in self.docs.values()
                if any((p := spell(known)) == wanted or p.startswith(folder) for known in doc.paths)
            ]
            if found:
                return found
        return []

    def listing(self, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Return the first `limit` of what `memory list` shows, by path, or those whose path follows `after`."""
        wanted = (doc for doc in self.visible() if after is None or doc.path > after)
        first = heapq.nsmallest(limit, wanted, key=lambda doc: doc.path)
        return [{**{k: getattr(doc, k) for k in _SHOWN}, "aliases": tuple(doc.aliases)} for doc in first]

    # ------------------------------------------------------------ change

    def new(self, path: str, sha256: str, size: int, mtime: float, added: str) -> Doc:
        """Return a new, incomplete document; it counts from `note` on, and is not written yet."""
        doc = Doc(self._next, path, sha256, size, mtime, added)
        self._next += 1
        return doc

    def write(self, docs: Iterable[tuple[Doc, str, Mapping[str, int]]]) -> None:
        """Write rows: the document, the first words of its first page, its words with page counts."""
        rows: dict[int, dict[str, Any]] = {}
        for doc, first, counts in docs:
            name = doc.name
            row = {column: getattr(doc, column) for column in _OF_DOC} | {"aliases": json.dumps(doc.aliases)}
            row |= {"name": name, "first": f"{name} {first}"}
            rows[doc.doc] = row | {"words": " ".join(counts), "counts": list(counts.values())}
        if old := [row for number, row in rows.items() if number in self._stored]:
            self._tables.put_docs(_doc_table(old))
        if new := [row for number, row in rows.items() if number not in self._stored]:
            self._tables.append("docs", _doc_table(new))  # an insert would look for each of them in the whole table
            self._stored.update(row["doc"] for row in new)

    def change(self, doc: Doc, **values: Any) -> None:
        """Change columns of one written document, in one commit."""
        changed = replace(doc, **values)
        stored = {k: json.dumps(v) if k == "aliases" else v for k, v in values.items()} | {"name": changed.name}
        with self._tables.locks["docs"]:
            self._tables["docs"].update(where=f"doc = {doc.doc}", values=stored)
        for key, value in values.items():
            setattr(doc, key, value)
        self.note(doc)

    def release(self, paths: Iterable[str], *, keep: Container[int]) -> None:
        """Take `paths` away from every complete document not in `keep`; one without a path left is removed."""
        gone = set()
        for path in paths:
            for doc in [d for d in self._exactly_at(path) if d.doc not in keep and d.complete]:
                left = [p for p in doc.paths if p != path]
                if left:
                    self.change(doc, path=left[0], aliases=left[1:])
                else:
                    gone.add(doc.doc)
        self.remove(gone)

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove documents: first the rows that make them documents, then what belongs to them."""
        gone = set(numbers)
        if not gone:
            return
        table = self._tables["docs"]
        where = _among(gone)
        rows = table.search().where(where).select(["words", "counts", "pages"]).limit(len(gone)).to_arrow()
        self._tables.delete("docs", where)
        for row in rows.to_pylist():
            self.vocabulary.remove(zip(row["words"].split(), row["counts"], strict=True), row["pages"])
        self.forget_unwritten(gone)
        self._delete_rows(gone)

    def forget_unwritten(self, numbers: Iterable[int]) -> None:
        """Forget documents that have no row in the table."""
        for number in numbers:
            self._unnote(number)
            self._stored.discard(number)
            self.docs.pop(number, None)

    def _delete_rows(self, numbers: set[int]) -> None:
        self._tables.delete("passages", _among(numbers))
        self._tables.delete("pages", _among(numbers))

    # ------------------------------------------------------------ really gone

    @property
    def purge_pending(self) -> bool:
        return (self._tables.folder / _PURGE_MARK).exists()

    def promise_purge(self) -> None:
        """Note on disk that removed text must leave it; a killed process does it at the next start."""
        (self._tables.folder / _PURGE_MARK).touch()

    def purge(self) -> None:
        """Write the tables anew without removed text, then drop the old files."""
        upkeep.purge(self._tables)
        (self._tables.folder / _PURGE_MARK).unlink(missing_ok=True)


def _sum_words(rows: pa.RecordBatch) -> pa.Table:
    """Return the words of rows of `docs`, each once, with the number of pages that have it."""
    some = rows.filter(pc.not_equal(rows["words"], ""))
    spread = [pc.list_flatten(pc.split_pattern(some["words"], " ")), pc.list_flatten(some["counts"])]
    summed = pa.table(spread, ["word", "count"]).group_by("word").aggregate([("count", "sum")])
    return pa.table([summed["word"], summed["count_sum"]], ["word", "count"])


def _doc_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = SCHEMAS["docs"]
    return schemas.rows_to_table(schema, [[row[column] for column in schema.names] for row in rows])


def _spelling(path: str) -> str:
    """Return the path with each accented letter as one code point: macOS and archives write two."""
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def _subtract(counts: Counter[str], words: Iterable[str]) -> None:
    for word in words:
        counts[word] -= 1
        if counts[word] <= 0:
            del counts[word]


def _discard(numbers: defaultdict[str, set[int]], key: str, number: int) -> None:
    numbers[key].discard(number)
    if not numbers[key]:
        del numbers[key]


def _all(table: Any) -> int:
    return int(table.count_rows()) or 1


def _among(numbers: Iterable[int]) -> str:
    return f"doc IN ({', '.join(map(str, sorted(numbers)))})"


_ASKING_WORDS = """summary summaries summarise summarize summarised overview outline gist document documents doc docs
    file files pdf pages page report paper text content contents main points key read open latest newest recent
    last new"""
_ASKING = frozenset(_ASKING_WORDS.split())
_ENOUGH = 0.6  # share of a name's words, by rarity, that must be said
_ENOUGH_LATEST = 0.2  # the date is what "the latest" leaves out


def find_named(query: str, docs: Sequence[Doc]) -> Doc | None:
    """Return the document whose path, file name or title `query` contains; None if none or several do."""
    return _exactly(query, docs) or _in_words(query, docs) or _in_part(query, docs)


def _exactly(query: str, docs: Sequence[Doc]) -> Doc | None:
    plain, squashed = _spelling(query).casefold(), _squash(query)
    found: dict[int, int] = {}
    for doc in docs:
        for path in map(_spelling, doc.paths):
            name = PurePath(path).name
            if path.casefold() in plain or name.casefold() in plain:
                found[doc.doc] = max(found.get(doc.doc, 0), len(name) + (len(path) if path.casefold() in plain else 0))
            elif PurePath(path).suffix and len(_squash(name)) >= 5 and _squash(name) in squashed:
                found[doc.doc] = max(found.get(doc.doc, 0), len(name))
    return _longest(found, docs, query)


def _in_words(query: str, docs: Sequence[Doc]) -> Doc | None:
    """Find a file name without its ending, or a title, said word by word."""
    asked = text.words(text.spaced_name(query + ".x"))
    joined = f" {' '.join(asked)} "
    found: dict[int, int] = {}
    for doc in docs:
        for name in (*map(text.spaced_name, doc.paths), doc.title):
            words = text.words(name)
            if not words or set(words) <= _ASKING | text.STOP_WORDS:
                continue
            phrase = " ".join(words)
            together = "".join(words)
            if f" {phrase} " in joined or (len(together) >= 5 and f" {together} " in joined):
                found[doc.doc] = max(found.get(doc.doc, 0), len(phrase))
    return _longest(found, docs, query)


def _in_part(query: str, docs: Sequence[Doc]) -> Doc | None:
    """Find the one document most of whose name, or of whose distinctive words, is said."""
    asked = {text.stem(word) for word in text.words(query)}
    names = {doc.doc: {text.stem(w) for w in text.words(doc.name)} - text.STOP_WORDS for doc in docs}
    shared = Counter(word for words in names.values() for word in words)
    scores: dict[int, float] = {}
    enough = _ENOUGH_LATEST if text.asks_for_latest(query) else _ENOUGH
    asking = {text.stem(word) for word in _ASKING}
    for number, words in names.items():
        weak = asking | {word for word in words if word.isdigit()}  # dates are often left unsaid
        weight = {w: math.log(1 + len(docs) / shared[w]) * (0.3 if w in weak else 1.0) for w in words}
        matched = sum(weight[w] for w in words & asked)
        if words & asked - asking and matched >= enough * sum(weight.values()):
            scores[number] = matched
    best = max(scores.values(), default=0.0)
    return _one([d for d in docs if scores.get(d.doc, -1.0) == best and d.doc in scores], query)


def _longest(found: dict[int, int], docs: Sequence[Doc], query: str) -> Doc | None:
    best = max(found.values(), default=0)
    return _one([d for d in docs if d.doc in found and found[d.doc] == best], query)


def _one(docs: Sequence[Doc], query: str) -> Doc | None:
    if len(docs) > 1 and text.asks_for_latest(query):
        return max(docs, key=lambda d: (d.date, d.mtime))
    return docs[0] if len(docs) == 1 else None


def _squash(query: str) -> str:
    return re.sub(r"[\W_]+", "", fold(query))
