"""The registry's embedder and reranker, as memory asks them: vectors of texts, scores of passages for a question.

An embedder is known by its stamp: the sha256 of its file, its dimensions, the prefix it wants. A model that got
another name in the registry is still the one that made a memory; a file that was replaced is not.
"""

from __future__ import annotations

import asyncio
import math
import re
from array import array
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from trayassist.api import ModelUnavailable, TrayassistError, WorkerDied
from trayassist.models.adapters.bases import Bases
from trayassist.models.gguf import header as gguf
from trayassist.models.registry.resolve import model_of
from trayassist.models.registry.schema import Prefixes, Registry
from trayassist.models.serving import providers
from trayassist.paths import Paths
from trayassist.workers.memory.messages import BUILTIN, Stamp
from trayassist.workers.pool import Worker

Lend = Callable[..., AbstractAsyncContextManager[Worker]]

EMBEDDER, RERANKER = "embedder", "reranker"
AT_ONCE = 8  # texts: in between, a question may go first
SPECIAL_TOKENS = 8  # that a model may put around a text
DEATHS_IN_A_ROW = 3
RERANK_LIMIT_S = 1.5


class ModelEmbedders:
    """Asks embedders and the reranker. `lend` is the engine's `worker_for`."""

    def __init__(self, paths: Paths, registry: Registry, lend: Lend) -> None:
        self._paths, self._registry, self._lend = paths, registry, lend
        self._bases = Bases(paths, lambda: self._registry)
        self._remote_dims: dict[str, int] = {}
        self._stamps: dict[str, tuple[Any, Stamp]] = {}  # by model: what it was worked out from, and the stamp

    def use(self, registry: Registry) -> None:
        """Take over a changed registry."""
        self._registry = registry

    @property
    def named(self) -> str:
        """The model of the role embedder, "" when it is the built-in one."""
        return model_of(self._registry, EMBEDDER) or ""

    @property
    def reranker(self) -> str:
        """The model of the role reranker, "" when passages are left in the order they were found in."""
        return model_of(self._registry, RERANKER) or ""

    @property
    def rerank_limit_s(self) -> float:
        """How long scoring may take."""
        return self._registry.role(RERANKER).timeout_s or RERANK_LIMIT_S

    async def stamp_in_force(self) -> Stamp:
        """Return the stamp of the embedder that the registry names. Raises ModelUnavailable, in words."""
        return await self._stamp(self.named) if self.named else BUILTIN

    async def missing(self, made_by: Stamp) -> str:
        """Return why no model of the registry makes these vectors, in words, or "" when one does. Loads nothing."""
        try:
            await self._holder(made_by)
        except TrayassistError as error:
            return error.what
        return ""

    async def embed(self, made_by: Stamp, texts: Sequence[str], *, question: bool = False) -> bytes:
        """Return the float32 vectors of texts, one after the other, of the embedder with this stamp.

        A text longer than the model's context is cut into parts that fit; its vector is the mean of theirs. Raises
        ModelUnavailable when there is no such embedder (any more), WorkerDied when it crashed again and again.
        """
        name = await self._holder(made_by)
        prefix = self._prefixes(name).query if question else made_by.prefix
        found: list[bytes] = []
        for at in range(0, len(texts), AT_ONCE):
            found += await self._some(name, prefix, texts[at : at + AT_ONCE])
        made = b"".join(found)
        if len(made) != 4 * made_by.dim * len(texts):
            dim = len(made) // 4 // max(1, len(texts))
            raise ModelUnavailable(
                f"The model {name} makes vectors of {dim} dimensions, not {made_by.dim}.",
                "Name another model for search by meaning.",
            )
        return made

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the question, by the reranker. Raises ModelUnavailable, WorkerDied."""
        name = self.reranker
        self._check(name, RERANKER)
        if self._registry.provider(name).api == "openai":
            raise ModelUnavailable(
                f"The model {name} runs on a server, and those do not put results in order.", "Name a GGUF file."
            )
        async with self._lend(name, role=RERANKER) as worker:
            scores: list[float] = await worker.call("rerank", query=question, texts=list(texts))
        if len(scores) != len(texts):
            raise ModelUnavailable(
                f"The model {name} did not score every passage.", "Name another model for the order of results."
            )
        return scores

    # ------------------------------------------------------------ which model

    def _check(self, name: str, role: str) -> None:
        if problem := providers.why_forbidden(self._registry, role, name):
            raise ModelUnavailable(problem)

    async def _stamp(self, name: str) -> Stamp:
        self._check(name, EMBEDDER)
        prefix = self._prefixes(name).passage
        if self._registry.provider(name).api != "llama_cpp":
            return Stamp(embedder=name, dim=await self._remote_dim(name), prefix=prefix)
        base = self._bases.find(name)
        seen = (base.files, base.stamp(), prefix)
        known = self._stamps.get(name)
        if known is None or known[0] != seen or seen[1] is None:
            header = await asyncio.to_thread(gguf.read, base.files[0], "embedding")
            sha256 = await self._bases.sha256(base)
            size, dim = header.file_bytes, header.embedding_length
            known = seen, Stamp(embedder=name, dim=dim, sha256=sha256, size=size, prefix=prefix)
            self._stamps[name] = known
        return known[1]

    async def _remote_dim(self, name: str) -> int:
        if name not in self._remote_dims:
            (vector,) = await self._some(name, "", ["A passage."])
            self._remote_dims[name] = len(vector) // 4
        return self._remote_dims[name]

    async def _holder(self, made_by: Stamp) -> str:
        """Return the model that makes these vectors: the one of that name, or the same file under another name."""
        there = [name for name, model in self._registry.models.items() if model.kind == "embedding"]
        problem = "It is not described in the registry any more."
        for name in sorted(there, key=lambda name: name != made_by.embedder):
            try:
                if (await self._stamp(name)).same_vectors(made_by):
                    return name
                if name == made_by.embedder:
                    problem = "The model of that name is another file now, or is told another prefix."
            except TrayassistError as error:
                problem = error.what if name == made_by.embedder else problem
        raise ModelUnavailable(
            f"Memory was made with the model {made_by.embedder}, which is not here. {problem}",
            "Bring it back, or re-index with the model that is set now (trayassist memory reindex).",
        )

    def _prefixes(self, name: str) -> Prefixes:
        model = self._registry.models[name]
        if model.prefixes is not None:
            return model.prefixes
        return family_prefixes(model.family, name, Path(model.file).name, model.remote_id)

    # ------------------------------------------------------------ asking it

    async def _some(self, name: str, prefix: str, texts: Sequence[str]) -> list[bytes]:
        """Return a vector for each text; an embedder that dies is started anew and asked again."""
        deaths = 0
        while True:
            try:
                async with self._lend(name, role=EMBEDDER) as worker:
                    return await self._ask(worker, prefix, texts)
            except WorkerDied as error:
                deaths += 1
                if deaths == DEATHS_IN_A_ROW:
                    raise WorkerDied(
                        f"The model {name} ended {deaths} times on the same passages. {error.what}",
                        "Name another model for search by meaning, or try again.",
                    ) from error

    async def _ask(self, worker: Worker, prefix: str, texts: Sequence[str]) -> list[bytes]:
        room = await self._room(worker)
        cut = [await self._parts(worker, prefix + text, room, prefix) for text in texts]
        answer: list[Any] = await worker.call("embed", texts=[part for parts in cut for part in parts])
        if len(answer) != sum(map(len, cut)):
            raise ModelUnavailable(
                "The model did not give a vector for every passage.", "Name another model for search by meaning."
            )
        vectors = iter(answer)
        return [_mean([next(vectors) for _ in parts], [len(part) for part in parts]) for parts in cut]

    @staticmethod
    async def _room(worker: Worker) -> int:
        """Return how many tokens of text fit; the worker is loaded, so it answers at once."""
        return max(1, int((await worker.call("load"))["context_length"]) - SPECIAL_TOKENS)

    async def _parts(self, worker: Worker, text: str, room: int, prefix: str = "") -> list[str]:
        """Return the text in as few parts of whole words as fit `room` tokens each, all with the prefix (S1-12)."""
        if len(text.encode()) <= room:  # a token is a byte at least
            return [text]
        tokens = int(await worker.call("tokens", text=text))
        if tokens <= room:
            return [text]
        words = text[len(prefix) :]
        middle = len(words) // 2
        space = words.find(" ", middle)
        cut = space + 1 if 0 < space < len(words) - 1 else middle
        if not 0 < cut < len(words):
            return [text]  # not even a character fits: the model's own cut has to do
        halves = (prefix + words[:cut], prefix + words[cut:])
        return [part for half in halves for part in await self._parts(worker, half, room, prefix)]


def _mean(vectors: Sequence[Any], weights: Sequence[int]) -> bytes:
    """Return the weighted mean of the directions of vectors (float32 bytes or numbers) as float32 bytes."""
    rows = [array("f", vector) for vector in vectors]
    if len(rows) == 1:
        return rows[0].tobytes()
    shares = [weight / (math.hypot(*row) or 1.0) for weight, row in zip(weights, rows, strict=True)]
    summed = (sum(share * x for share, x in zip(shares, column, strict=True)) for column in zip(*rows, strict=True))
    return array("f", summed).tobytes()


_RETRIEVE = "Represent this sentence for searching relevant passages: "
_QWEN3 = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
_FAMILIES: tuple[tuple[str, Prefixes], ...] = (
    (r"nomic-embed-text|nomic-bert", Prefixes(query="search_query: ", passage="search_document: ")),
    (r"e5-mistral|e5-.*-instruct", Prefixes(query=_QWEN3.replace("\nQuery:", "\nQuery: "))),
    (r"(^|[-_/ ])e5-", Prefixes(query="query: ", passage="passage: ")),
    (r"bge-(small|base|large)-en", Prefixes(query=_RETRIEVE)),
    (r"bge-(small|base|large)-zh", Prefixes(query="为这个句子生成表示以用于检索相关文章：")),
    (r"mxbai-embed", Prefixes(query=_RETRIEVE)),
    (r"arctic-embed-.*v2|arctic-embed-.*2\.0", Prefixes(query="query: ")),
    (r"arctic-embed", Prefixes(query=_RETRIEVE)),
    (r"qwen3-embedding", Prefixes(query=_QWEN3)),
    (
        r"embedding-?gemma|gemma-embedding",
        Prefixes(query="task: search result | query: ", passage="title: none | text: "),
    ),
)


def family_prefixes(*names: str) -> Prefixes:
    """Return the prefixes of the first family that one of `names` (family, file, the GGUF's own name) fits."""
    for pattern, prefixes in _FAMILIES:
        if any(re.search(pattern, name.lower().replace("_", "-").replace(" ", "-")) for name in names if name):
            return prefixes
    return Prefixes()
