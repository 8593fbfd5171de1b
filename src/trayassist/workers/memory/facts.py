"""What the user asked to remember: a small table, kept in memory too."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pyarrow as pa

from trayassist.api import Fact, TrayassistError
from trayassist.workers.memory import text, upkeep
from trayassist.workers.memory.embedder import DIMENSIONS, Embedder, Vectors
from trayassist.workers.memory.schemas import SCHEMAS
from trayassist.workers.memory.tables import Tables

MAX_FACT = 4000  # characters; longer ones belong into a file
_ABOUT = 0.35  # score from which a fact is about a query


class FactTable:
    """The facts, oldest first, with their vectors."""

    def __init__(self, tables: Tables, embedder: Embedder) -> None:
        self._tables, self._embedder = tables, embedder
        self.all: list[Fact] = []
        self._vectors: Vectors = np.zeros((0, DIMENSIONS), np.float32)

    def load(self) -> None:
        """Read the table."""
        table = self._tables["facts"]
        rows = table.search().limit(table.count_rows() or 1).to_list() if table.count_rows() else []
        rows.sort(key=lambda row: (row["created"], row["id"]))
        self.all = [Fact(id=row["id"], text=row["text"], created=row["created"]) for row in rows]
        vectors = [row["vector"] for row in rows]
        self._vectors = np.array(vectors, np.float32).reshape(len(rows), DIMENSIONS)

    def remember(self, fact_text: str) -> Fact:
        """Store a fact; one with the same words is returned instead. Raises when it is empty or too long."""
        fact_text = " ".join(fact_text.split())
        if not fact_text:
            raise TrayassistError("There is nothing to remember.", "Say what, such as: remember that the key is 4711.")
        if len(fact_text) > MAX_FACT:
            raise TrayassistError(
                f"This is too long to remember as one fact ({len(fact_text)} characters, at most {MAX_FACT}).",
                "Save it as a text file and add that.",
            )
        wanted = _normal(fact_text)
        if there := next((fact for fact in self.all if _normal(fact.text) == wanted), None):
            return there
        created = datetime.now(UTC).isoformat(timespec="microseconds")
        fact = Fact(id=uuid4().hex[:12], text=fact_text, created=created)
        vector = self._embedder.embed([fact_text])
        row = {"id": [fact.id], "text": [fact_text], "created": [created], "vector": vector.tolist()}
        self._tables.append("facts", pa.table(row, schema=SCHEMAS["facts"]))
        self.all.append(fact)
        self._vectors = np.concatenate([self._vectors, vector])
        return fact

    def about(self, query: str, limit: int) -> list[Fact]:
        """Return the facts about `query`, best first; without a query the newest first."""
        if not query.strip():
            return self.all[::-1][:limit]
        if not self.all:
            return []
        cosines = (self._vectors @ self._embedder.embed_one(query)).tolist()
        wanted = set(text.terms(" ".join(text.query_words(query))))
        scored = []
        for fact, cosine in zip(self.all, cosines, strict=True):
            share = len(wanted & set(text.terms(fact.text))) / (len(wanted) or 1)
            score = 0.5 * cosine + 0.5 * share
            if score >= _ABOUT:
                scored.append(Fact(id=fact.id, text=fact.text, created=fact.created, score=round(score, 4)))
        return sorted(scored, key=lambda fact: -fact.score)[:limit]

    def forget(self, fact_id: str) -> None:
        """Remove one fact, from the disk too. An unknown id is an error."""
        at = next((i for i, fact in enumerate(self.all) if fact.id == fact_id), None)
        if at is None:
            raise TrayassistError(f"There is no fact {fact_id}.", "List the facts to see their ids.")
        assert fact_id.isalnum()  # it is one of ours
        self._tables.delete("facts", f"id = '{fact_id}'")
        del self.all[at]
        self._vectors = np.delete(self._vectors, at, axis=0)
        upkeep.purge(self._tables, ("facts",))


def _normal(fact_text: str) -> str:
    return " ".join(text.words(fact_text))
