"""Vectors for memory from a model worker: of questions while someone waits, of passages while files are read.

Memory works without any of it: with the embedder that comes with trayassist, or by words alone, and says so.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from trayassist.api import Evidence, ModelUnavailable, TrayassistError, WorkerDied
from trayassist.workers.memory.errors import CannotWrite
from trayassist.workers.memory.messages import Stamp

QUESTION_LIMIT_S = 1.5  # a search that waits longer for its vector goes by words alone
QUESTIONS_KEPT = 200
RERANKED = 24  # best pages that the reranker scores


class Embedders(Protocol):
    """The side of the models that makes vectors and scores (models/serving/embedding.py)."""

    @property
    def reranker(self) -> str: ...
    @property
    def rerank_limit_s(self) -> float: ...
    async def stamp_in_force(self) -> Stamp: ...
    async def missing(self, made_by: Stamp) -> str: ...
    async def embed(self, made_by: Stamp, texts: Sequence[str], *, question: bool = False) -> bytes: ...
    async def scores(self, question: str, texts: Sequence[str]) -> list[float]: ...


@dataclass(frozen=True, slots=True)
class QuestionVector:
    """A question's vector and whose it is; `note` says in words why there is none."""

    vector: bytes | None = None
    made_by: Stamp | None = None
    note: str = ""

    def arguments(self) -> dict[str, Any]:
        """Return what goes to the memory worker with the question."""
        return {} if self.vector is None else {"vector": self.vector, "made_by": self.made_by}


class Embedding:
    """Vectors of questions, kept for a while, and of passages."""

    def __init__(self, embedders: Embedders | None) -> None:
        self.embedders = embedders
        self._questions: OrderedDict[tuple[Stamp, str], bytes] = OrderedDict()

    async def missing(self, made_by: Stamp) -> str:
        """Return why there is no embedder for passages of `made_by`, in words, or "" when there is."""
        if made_by.builtin:
            return ""
        if self.embedders is None:
            return f"The model {made_by.name} for search by meaning is not here."
        return await self.embedders.missing(made_by)

    async def of_question(self, made_by: Stamp, question: str) -> QuestionVector:
        """Return the question's vector for passages of `made_by`; without it, why. The built-in one needs none."""
        if made_by.builtin or not question.strip():
            return QuestionVector()
        if known := self._questions.get((made_by, question)):
            return QuestionVector(known, made_by)
        if self.embedders is None:
            return QuestionVector(note=f"Searched by words only: the model {made_by.name} is not here.")
        try:
            async with asyncio.timeout(QUESTION_LIMIT_S):
                vector = await self.embedders.embed(made_by, [question], question=True)
        except TimeoutError:  # the model goes on loading
            return QuestionVector(note=f"Searched by words only: the model {made_by.name} is not loaded yet.")
        except TrayassistError as error:
            return QuestionVector(note=f"Searched by words only: {error}")
        self._questions[made_by, question] = vector
        if len(self._questions) > QUESTIONS_KEPT:
            self._questions.popitem(last=False)
        return QuestionVector(vector, made_by)

    async def of_passages(self, made_by: Stamp, texts: Sequence[str]) -> bytes:
        """Return the vectors of passages. Raises CannotWrite, in words, when there is no embedder to make them."""
        try:
            if self.embedders is None:
                raise ModelUnavailable(f"The model {made_by.name} for search by meaning is not here.")
            return await self.embedders.embed(made_by, texts) if texts else b""
        except (ModelUnavailable, WorkerDied) as error:
            raise CannotWrite(f"Documents cannot be made searchable now. {error.what}", error.todo) from error

    # ------------------------------------------------------------ the order of what was found

    @property
    def reranks(self) -> bool:
        """Whether a reranker is set."""
        return self.embedders is not None and bool(self.embedders.reranker)

    async def rerank(self, question: str, evidence: Evidence) -> Evidence:
        """Return the evidence with its best pages in the reranker's order, or as it was, with a note why."""
        best, rest = evidence.passages[:RERANKED], evidence.passages[RERANKED:]
        if self.embedders is None or len(best) < 2:
            return evidence
        limit, name = self.embedders.rerank_limit_s, self.embedders.reranker
        began = time.perf_counter()
        try:
            async with asyncio.timeout(limit):
                scores = await self.embedders.scores(question, [passage.text for passage in best])
        except TimeoutError:
            return with_note(
                evidence, f"The results are not in the order of {name}: it took longer than {limit:g} seconds."
            )
        except TrayassistError as error:
            return with_note(evidence, f"The results are not in the order of {name}: {error}")
        order = sorted(range(len(best)), key=lambda at: -scores[at])
        # The scores stay in their places: how good the best page is, is not what a reranker says.
        ordered = [replace(best[at], score=best[place].score) for place, at in enumerate(order)]
        ms = evidence.ms + (time.perf_counter() - began) * 1e3
        return replace(evidence, passages=(*ordered, *rest), ms=round(ms, 2))


def with_note(evidence: Evidence, note: str) -> Evidence:
    """Return the evidence with one more sentence on how it was found."""
    return replace(evidence, note=f"{evidence.note} {note}".strip()) if note else evidence
