"""A hand-written embedder: words are counted, a few mean the same, and it can be slow, dead or away."""

from __future__ import annotations

import asyncio
import hashlib
from array import array
from collections.abc import Sequence

from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.workers.memory.messages import BUILTIN, Stamp

DIM = 512
SAME = {"automobile": "car", "vessel": "boat", "physician": "doctor"}


class WordEmbedders:
    """Two embedders, one and two, and a reranker that likes short passages.

    `away` are those whose file is gone; `slow_s` each call takes; after `calls_left` calls everything fails.
    """

    def __init__(self, wanted: str = "one") -> None:
        self.set = wanted
        self.away: set[str] = set()
        self.slow_s = 0.0
        self.calls_left = 10**9
        self.problem: TrayassistError = ModelUnavailable("The embedder ended 3 times.", "Try again.")
        self.embedded: list[str] = []
        self.questions: list[str] = []
        self.reranker = ""
        self.rerank_limit_s = 0.5
        self.rerank_s = 0.0

    @staticmethod
    def stamp(name: str) -> Stamp:
        if name == "":
            return BUILTIN
        return Stamp(embedder=name, dim=DIM, sha256=hashlib.sha256(name.encode()).hexdigest(), size=1000)

    async def stamp_in_force(self) -> Stamp:
        if self.set in self.away:
            raise ModelUnavailable(f"The model file {self.set}.gguf is missing.", "Put it there.")
        return self.stamp(self.set)

    async def missing(self, made_by: Stamp) -> str:
        return f"The model file {made_by.embedder}.gguf is missing." if made_by.embedder in self.away else ""

    async def embed(self, made_by: Stamp, texts: Sequence[str], *, question: bool = False) -> bytes:
        if made_by.embedder in self.away:
            raise ModelUnavailable(f"The model file {made_by.embedder}.gguf is missing.", "Put it there.")
        self.calls_left -= 1
        if self.calls_left < 0:
            raise self.problem
        await asyncio.sleep(self.slow_s)
        (self.questions if question else self.embedded).extend(texts)
        return b"".join(self._vector(made_by, text) for text in texts)

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        if self.calls_left <= 0:
            raise self.problem
        await asyncio.sleep(self.rerank_s)
        return [-float(len(text)) for text in texts]

    @staticmethod
    def _vector(made_by: Stamp, text: str) -> bytes:
        counts = [0.001] * made_by.dim
        for word in text.lower().replace(".", " ").replace("?", " ").split():
            meant = SAME.get(word, word) + made_by.embedder
            counts[int(hashlib.md5(meant.encode()).hexdigest(), 16) % made_by.dim] += 1.0
        return array("f", counts).tobytes()
