"""Writing documents: pages come in batches, are cut, embedded and kept a moment, then written together.

Every commit to LanceDB costs some 10 ms and makes a fragment, so pages of all files that are being read
are written together: when 500 passages have come together, when a file is finished, and before anything
is read from memory (so that a page is searchable once `add_pages` has returned). Pages that were not
written when the process is killed are read again: `begin` tells from which page on.

Vectors of another embedder than the built-in one come with the pages: who sends them asks first how the pages
are cut (`cut`). Nothing is kept between the two, so an embedder that dies in between costs its own work only.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from trayassist.api import Page, UnreadableFile, WorkerDied
from trayassist.workers.memory import schemas, text
from trayassist.workers.memory.catalog import Catalog, Doc
from trayassist.workers.memory.embedder import Embedder, Vectors, vector_column, vectors_from_bytes
from trayassist.workers.memory.errors import OtherEmbedder
from trayassist.workers.memory.messages import Stamp, WholeFile, WriteResult
from trayassist.workers.memory.schemas import SCHEMAS
from trayassist.workers.memory.tables import Tables

FLUSH_PASSAGES = 500


@dataclass
class Session:
    """One document that is being written."""

    doc: Doc
    first: str = ""
    counts: Counter[str] = field(default_factory=Counter)  # pages with each word
    last_page: int = 0
    new_pages: list[set[str]] = field(default_factory=list)  # the words of those that are not in the vocabulary yet


class Writer:
    """The documents that are being written, and their rows that are not written yet."""

    def __init__(self, tables: Tables, catalog: Catalog, embedder: Embedder) -> None:
        self._tables, self._catalog, self._embedder = tables, catalog, embedder
        self.clear()

    def clear(self) -> None:
        """Forget all sessions and unwritten rows."""
        self._sessions: dict[str, Session] = {}
        self._passages: list[tuple[Any, ...]] = []
        self._vectors: list[Vectors] = []
        self._pages: list[tuple[Any, ...]] = []
        self._touched: dict[int, Session] = {}

    @property
    def busy(self) -> bool:
        """Whether a document is being written, or rows wait to be."""
        return bool(self._sessions or self._touched or self._passages or self._pages)

    # ------------------------------------------------------------ operations

    def begin(self, path: str, sha256: str, size: int, mtime: float) -> tuple[str, int, str | None]:
        """Return (token, first page wanted, path under which the content is known)."""
        if same := self._catalog.with_content(sha256):
            self._leave_partials(path)
            if path not in same.paths:
                self._catalog.release([path], keep=(same.doc,))
                self._catalog.change(same, aliases=[*same.aliases, path])
            if same.path != path and Path(path).exists() and not Path(same.path).exists():  # it was moved, or renamed
                there = [one for one in same.aliases if one != path and Path(one).exists()]
                self._catalog.change(same, path=path, aliases=there)
            return "", 1, same.path
        doc = self._resumable(path, sha256)
        self._leave_partials(path, keep=doc)
        if doc is None:
            session = Session(self._catalog.new(path, sha256, size, mtime, _now()))
            self._catalog.note(session.doc)
        else:
            session = self._resume(doc, path)
        token = uuid4().hex
        self._sessions[token] = session
        return token, session.last_page + 1, None

    def add_files(self, files: Sequence[WholeFile]) -> list[WriteResult]:
        """Write documents whole, all in three commits; an older version of the same path is removed then.

        One that is not that simple is left alone: of unfinished documents, of content that is known elsewhere, and
        with something in it that no table takes.
        When something cannot be written nothing is.
        """
        results: list[WriteResult] = []
        new: list[Session] = []
        rows: list[tuple[Any, ...]] = []
        unfinished = self._catalog.list_unfinished()
        taken, added = {doc.path for doc in unfinished} | {doc.sha256 for doc in unfinished}, _now()
        try:
            for file in files:
                same = self._catalog.with_content(file.sha256)
                if same is not None and _is_of(same, file.path):
                    results.append(WriteResult("unchanged"))
                elif same is not None or not taken.isdisjoint((file.sha256, file.path)):
                    results.append(WriteResult("alone"))
                else:
                    try:
                        new.append(self._take_whole(file, added, rows))
                    except UnreadableFile:  # by itself it is told why
                        results.append(WriteResult("alone"))
                        continue
                    taken.add(file.sha256)
                    results.append(WriteResult("written", new[-1].doc.passages))
            if new:
                self._add(rows, self._embedder.embed([row[-1] for row in rows]))  # many texts at once cost a fifth
                self.flush()
        except BaseException:
            self.forget({session.doc.doc for session in new})
            raise
        self._catalog.release([session.doc.path for session in new], keep={session.doc.doc for session in new})
        return results

    def _take_whole(self, file: WholeFile, added: str, rows: list[tuple[Any, ...]]) -> Session:
        session = Session(self._catalog.new(file.path, file.sha256, file.size, file.mtime, added))
        pages = self._fresh(session, file.payload)
        _require_storable(file.path, pages, file.title)
        new = _passage_rows(session.doc, pages)
        self._record(session, pages, new)
        rows += new
        session.doc.title = file.title or session.doc.title
        session.doc.complete = True
        return session

    def cut(self, token: str, payload: bytes) -> list[str]:
        """Return the passages of a batch of pages, in the order in which `add_pages` wants their vectors."""
        fresh = self._fresh(self._session(token), payload)
        return [page.text[a:b] for page in fresh for a, b in text.windows(page.text)]

    def add_pages(self, token: str, payload: bytes, made: bytes | None = None, made_by: Stamp | None = None) -> int:
        """Take a batch of pages; returns how many passages they gave. Pages that came before are left out.

        `made` are the vectors of the passages, of the embedder `made_by`; without them the built-in one is used.
        Raises OtherEmbedder, with nothing taken, when that is not the embedder of the table, and UnreadableFile when
        a table takes something in them not.
        """
        session = self._session(token)
        fresh = self._fresh(session, payload)
        _require_storable(session.doc.path, fresh)
        stamp = self._tables.stamp
        if (made_by is None and not stamp.builtin) or (made_by is not None and not stamp.same_vectors(made_by)):
            raise OtherEmbedder(f"This memory is made with {stamp.name}.", "Give vectors of this model.")
        count = self._take(session, fresh, made)
        if len(self._passages) >= FLUSH_PASSAGES:
            self.flush()
        return count

    @staticmethod
    def _fresh(session: Session, payload: bytes) -> list[Page]:
        pages: list[Page] = pickle.loads(payload)  # noqa: S301
        return [page for page in pages if page.number > session.last_page]

    def finish(self, token: str, title: str) -> None:
        """Mark the document complete, then remove the version it replaces."""
        session = self._session(token)
        doc = session.doc
        _require_storable(doc.path, (), title)
        doc.title = title or doc.title
        self._flush_rows()
        same = self._catalog.with_content(doc.sha256)
        if same is not None:  # the same content came in by another path meanwhile
            self._touched.pop(doc.doc, None)
            if doc.path not in same.paths:
                self._catalog.change(same, aliases=[*same.aliases, doc.path])
            self._catalog.remove([doc.doc])
        else:
            self._touched[doc.doc] = session
            self._complete(doc)
        self._catalog.release([doc.path], keep=(same.doc if same else doc.doc,))
        del self._sessions[token]

    def _complete(self, doc: Doc) -> None:
        """Write the row that makes the document complete."""
        doc.complete = True
        try:
            self.flush()
        except BaseException:
            doc.complete = False
            raise

    def abandon(self, token: str) -> None:
        """Remove what was written of the document; an unknown token is none."""
        session = self._sessions.pop(token, None)
        if session is not None:
            self._drop_pending(session.doc.doc)
            self._catalog.remove([session.doc.doc])

    def forget(self, numbers: set[int]) -> None:
        """End the sessions of documents that are about to be removed."""
        for token in [t for t, s in self._sessions.items() if s.doc.doc in numbers]:
            del self._sessions[token]
        for number in numbers:
            self._drop_pending(number)

    # ------------------------------------------------------------ inside

    def _session(self, token: str) -> Session:
        session = self._sessions.get(token)
        if session is None:
            raise WorkerDied("The memory process started anew while this file was read.", "Read the file again.")
        return session

    def _resumable(self, path: str, sha256: str) -> Doc | None:
        active = {s.doc.doc for s in self._sessions.values() if s.doc.path != path}
        found = [d for d in self._catalog.list_unfinished() if d.sha256 == sha256]
        found = [d for d in found if d.doc not in active]
        return max(found, key=lambda d: d.path == path, default=None)

    def _leave_partials(self, path: str, keep: Doc | None = None) -> None:
        """Remove unfinished documents of this path that nobody will finish, and end their sessions."""
        gone = {d.doc for d in self._catalog.list_unfinished() if d.path == path and d is not keep}
        if keep is not None:
            for token in [t for t, s in self._sessions.items() if s.doc is keep]:
                self.flush()
                del self._sessions[token]
        self.forget(gone)
        self._catalog.remove(gone)

    def _resume(self, doc: Doc, path: str) -> Session:
        session = Session(doc)
        doc.pages = doc.ocr_pages = 0  # counted again: the process may have died before the row was written
        doc.passages = self._tables["passages"].count_rows(f"doc = {doc.doc}")
        table = self._tables["pages"]
        rows = table.search().where(f"doc = {doc.doc}").select(["page", "text", "ocr"])
        for row in rows.limit(table.count_rows() or 1).to_list():
            doc.pages += 1
            doc.ocr_pages += row["ocr"]
            session.counts.update(set(text.words(row["text"])))
            session.last_page = max(session.last_page, row["page"])
            if row["page"] == 1:
                session.first = _first_words(row["text"])
        if doc.path != path:
            self._catalog.change(doc, path=path)
        return session

    def _take(self, session: Session, pages: list[Page], made: bytes | None) -> int:
        rows = _passage_rows(session.doc, pages)
        vectors = self._vectors_of(rows, made) if rows else None  # before anything is taken in: they may be wrong
        self._record(session, pages, rows)
        self._add(rows, vectors)
        return len(rows)

    def _record(self, session: Session, pages: list[Page], rows: list[tuple[Any, ...]]) -> None:
        """Take pages into the document; `_add` takes the rows of their passages."""
        doc = session.doc
        numbers = {row[1]: row[4] for row in rows}  # a page without passages has no words, so none with a digit
        for page in pages:
            number = numbers.get(page.number, 0.0)
            self._pages.append((doc.doc, page.number, number, _head(page), page.text, page.ocr))
            words = set(text.words(page.text))
            session.counts.update(words if session.counts else dict.fromkeys(words, 1))  # at first, in half the time
            session.new_pages.append(words)
            session.last_page = page.number
            self._describe(session, page)
        doc.passages += len(rows)
        self._touched[doc.doc] = session

    def _add(self, rows: list[tuple[Any, ...]], made: Vectors | None) -> None:
        self._passages += rows
        if made is not None:
            self._vectors.append(made)

    def _vectors_of(self, rows: list[tuple[Any, ...]], made: bytes | None) -> Vectors:
        if made is None:
            return self._embedder.embed([row[-1] for row in rows])
        return vectors_from_bytes(made, len(rows), self._tables.stamp.dim)

    def _describe(self, session: Session, page: Page) -> None:
        doc = session.doc
        doc.pages += 1
        doc.ocr_pages += page.ocr
        if page.title and not doc.title:
            doc.title = page.title.strip()
        if not session.first:
            session.first = _first_words(page.text)
            doc.date = text.document_date(doc.path, page.text)

    def flush(self) -> None:
        """Write what came together. What fails to be written is kept, and written by the next flush."""
        self._flush_rows()
        if self._touched:
            touched = self._touched.values()
            self._catalog.write((s.doc, s.first, s.counts) for s in touched)
            self._catalog.vocabulary.add_pages([words for session in touched for words in session.new_pages])
            for session in touched:
                session.new_pages = []
                self._catalog.note(session.doc)
            self._touched = {}

    def _flush_rows(self) -> None:
        if self._passages:
            schema = schemas.passages(self._tables.stamp)
            vectors = vector_column(np.concatenate(self._vectors))
            self._tables.append("passages", schemas.rows_to_table(schema, self._passages, vectors))
            self._passages, self._vectors = [], []
        if self._pages:
            self._tables.append("pages", schemas.rows_to_table(SCHEMAS["pages"], self._pages))
            self._pages = []

    def _drop_pending(self, number: int) -> None:
        kept = [i for i, row in enumerate(self._passages) if row[0] != number]
        if self._passages:
            self._vectors = [np.concatenate(self._vectors)[kept]]
            self._passages = [self._passages[i] for i in kept]
        self._pages = [row for row in self._pages if row[0] != number]
        self._touched.pop(number, None)


def _passage_rows(doc: Doc, pages: list[Page]) -> list[tuple[Any, ...]]:
    """Return the rows of the pages' passages, without their vectors."""
    rows: list[tuple[Any, ...]] = []
    for page in pages:
        number = text.number_density(page.text)
        rows += [(doc.doc, page.number, a, b, number, page.text[a:b]) for a, b in text.windows(page.text)]
    return rows


def _head(page: Page) -> str:
    """Return the page's headings; what the document calls the page stands after a tab."""
    headings = " ".join(page.headings)
    label = " ".join(page.label.split())
    return f"{headings}\t{label}" if label and label != str(page.number) else headings


def _require_storable(path: str, pages: Sequence[Page], title: str = "") -> None:
    """Raise UnreadableFile when a table takes something of the pages not: it would fail all that is written with it."""
    try:  # by hand: a table of each of ten thousand notes would cost as much as reading them
        for one in (title, *(text for page in pages for text in (page.title, page.text, page.label, *page.headings))):
            one.encode()
        for page in pages:
            if not -(2**31) <= page.number < 2**31 or not isinstance(page.ocr, bool):
                raise ValueError(f"page {page.number} is none")
    except (ValueError, TypeError, AttributeError) as error:
        raise UnreadableFile(
            f"What was read of {Path(path).name} cannot be stored: {error}.",
            "Save the file again in another form, or switch off the plugin that reads it.",
        ) from error


def _is_of(doc: Doc, path: str) -> bool:
    """Return whether the document is known to be at `path`, and cited at a place where a file is."""
    return path == doc.path or (path in doc.paths and Path(doc.path).exists())


def _first_words(page: str) -> str:
    return " ".join(page.split(maxsplit=text.FIRST_WORDS)[: text.FIRST_WORDS])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
