"""Memory with real embedding GGUFs through the real engine: killed, replaced, too small a context (S0-21, S1-12)."""

from __future__ import annotations

import asyncio
import pickle
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.memory.writing import begin, pages_of, write
from tests.workers.model import kinds
from trayassist.api import ModelUnavailable
from trayassist.memory.store import Memory
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Prefixes
from trayassist.models.serving.embedding import ModelEmbedders, family_prefixes
from trayassist.models.serving.engine import Engine
from trayassist.paths import Paths
from trayassist.safety.audit import Audit

PAGES = pages_of("lease lease rent rent", "boat sea boat sea", "fee late fee late")


@pytest.fixture(scope="session")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoders")
    kinds.encoder(folder / "one.gguf", pooling=1, seed=1)
    kinds.encoder(folder / "two.gguf", pooling=2, width=48, seed=2)
    kinds.encoder(folder / "judge.gguf", pooling=4, seed=3)
    return folder


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search waits for its vector however busy the machine is: these tests are about which vector it is."""
    monkeypatch.setattr("trayassist.memory.embedding.QUESTION_LIMIT_S", 60)


class House:
    """Engine, embedders and memory on one registry, which can be changed."""

    def __init__(self, paths: Paths, encoders: Path) -> None:
        self.paths = paths
        for file in encoders.glob("*.gguf"):
            (paths.models / file.name).write_bytes(file.read_bytes())
        self._write({"embedder": {"model": "one"}})
        registry = registry_file.load(paths)
        self.engine = Engine(paths, registry, Audit(paths.audit, 30))
        self.embedders = ModelEmbedders(paths, registry, self.engine.worker_for)
        self.memory = Memory(paths, self.embedders)

    def _write(self, roles: dict[str, Any], models: dict[str, Any] | None = None) -> None:
        described = {name: {"file": f"{name}.gguf", "kind": "embedding"} for name in ("one", "two")}
        described["judge"] = {"file": "judge.gguf", "kind": "reranker"}
        defaults = {"context_length": 512, "n_threads": 1}
        settings = {"models": described | (models or {}), "roles": roles, "runtime_defaults": defaults}
        self.paths.registry.write_text(yaml.safe_dump(settings))

    def change(self, roles: dict[str, Any], models: dict[str, Any] | None = None) -> None:
        self._write(roles, models)
        registry = registry_file.load(self.paths)
        self.engine.reload(registry)
        self.embedders.use(registry)
        self.memory.look_again()


@asynccontextmanager
async def house(paths: Paths, encoders: Path) -> AsyncIterator[House]:
    one = House(paths, encoders)
    try:
        await write(one.memory, "/d/pages.pdf", PAGES)
        yield one
    finally:
        await one.memory.stop()
        await one.engine.stop()


async def test_a_gguf_embeds_passages_and_questions(home: Paths, encoders: Path) -> None:
    async with house(home, encoders) as here:
        state = await here.memory.index()
        assert (state.stamp.embedder, state.stamp.dim, state.passages) == ("one", 32, 3)
        assert len(state.stamp.sha256) == 64
        assert state.stamp.size == (home.models / "one.gguf").stat().st_size
        found = await here.memory.search("sea boat")
        assert (found.passages[0].page, found.note) == (2, "")
        assert [model.name for model in here.engine.loaded_models()] == ["one"]
        await here.memory.stop()
        assert (await here.memory.index()).findings == "", "a passage is found by its own vector"


async def test_reindex_from_one_gguf_to_another(home: Paths, encoders: Path) -> None:
    async with house(home, encoders) as here:
        here.change({"embedder": {"model": "two"}})
        offer = await here.memory.reindex.offer(measure=True)
        assert offer is not None
        assert (offer.made_with, offer.now, offer.passages, offer.serves) == ("one", "two", 3, "old")
        assert (await here.memory.search("sea boat")).note == "", "the old one goes on serving"
        here.memory.reindex.start()
        async for _ in here.memory.reindex.follow():
            pass
        state = await here.memory.index()
        assert (state.stamp.embedder, state.stamp.dim, state.passages) == ("two", 48, 3)
        assert (await here.memory.search("sea boat")).passages[0].page == 2


async def test_a_replaced_or_missing_file_is_another_embedder_s0_21(home: Paths, encoders: Path) -> None:
    async with house(home, encoders) as here:
        file = home.models / "one.gguf"
        kinds.encoder(file, pooling=1, seed=9)
        here.change({"embedder": {"model": "one"}})
        found = await here.memory.search("boat late")
        assert "words only" in found.note
        assert "another file now" in found.note
        offer = await here.memory.reindex.offer()
        assert offer is not None
        assert offer.serves == "words"
        file.unlink()
        here.change({"embedder": {"model": "one"}})
        assert any("is missing" in line for line in await here.memory.warnings())
        here.change({"embedder": {"model": "new"}}, {"new": {"file": "kept.gguf", "kind": "embedding"}})
        (home.models / "kept.gguf").write_bytes((encoders / "one.gguf").read_bytes())
        assert (await here.memory.search("sea boat late")).note == "", "the same file under another name"
        assert await here.memory.warnings() == []


async def test_a_killed_embedder_is_started_anew_and_no_passage_is_lost(home: Paths, encoders: Path) -> None:
    pages = pages_of(*(f"lease {' '.join(['rent'] * (n % 50))} fee word{n}" for n in range(200)))
    async with house(home, encoders) as here:
        begun = await begin(here.memory, "/d/long.pdf", pages)
        writing = asyncio.create_task(_all_of(here, begun.token, pages))
        for _ in range(2):
            await asyncio.sleep(0.1)
            for model in here.engine.loaded_models():
                psutil.Process(model.pid).kill()
        await writing
        await here.memory.finish(begun.token)
        assert {d.path: d.passages for d in await here.memory.documents()} == {"/d/long.pdf": 200, "/d/pages.pdf": 3}
        assert (await here.memory.index()).findings == ""


async def _all_of(here: House, token: str, pages: list[Any]) -> None:
    for at in range(0, len(pages), 20):
        await here.memory.add_pages(token, pickle.dumps(pages[at : at + 20]))


async def test_no_chunk_is_longer_than_the_embedders_context_s1_12(home: Paths, encoders: Path) -> None:
    async with house(home, encoders) as here:
        here.change({"embedder": {"model": "one", "context_length": 128}})
        stamp = await here.embedders.stamp_in_force()
        long, last = "boat " * 180, "sea " * 60
        whole, first, second = await _vectors(here, stamp, [long + last, long, last])
        assert _cosine(whole, first) < 0.999, "what stands at the end counts, too"
        assert _cosine(whole, second) > _cosine(first, second)
        async with here.engine.worker_for("one") as worker:
            room = (await worker.call("load"))["context_length"]
            parts = await here.embedders._parts(worker, "doc: " + long + last, room - 8, "doc: ")
            assert len(parts) == 3
            assert all(part.startswith("doc: ") for part in parts)
            assert "".join(part.removeprefix("doc: ") for part in parts) == long + last
            for part in parts:
                assert await worker.call("tokens", text=part) <= room


async def _vectors(here: House, stamp: Any, texts: list[str]) -> list[array[float]]:
    made = array("f", await here.embedders.embed(stamp, texts))
    return [made[at : at + stamp.dim] for at in range(0, len(made), stamp.dim)]


def _cosine(one: array[float], other: array[float]) -> float:
    def dot(a: array[float], b: array[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    return float(dot(one, other) / (dot(one, one) * dot(other, other)) ** 0.5)


async def test_a_reranker_gguf_orders_pages(home: Paths, encoders: Path) -> None:
    async with house(home, encoders) as here:
        here.change({"embedder": {"model": "one"}, "reranker": {"model": "judge", "timeout_s": 60}})
        found = await here.memory.search("boat rent late")
        assert found.note == ""
        scores = await here.embedders.scores("boat rent late", [p.text for p in found.passages])
        assert scores == sorted(scores, reverse=True)
        here.change({"embedder": {"model": "one"}, "reranker": {"model": "one", "timeout_s": 60}})
        assert "not in the order of one" in (await here.memory.search("boat rent fee")).note


async def test_a_premium_or_switched_off_model_never_gets_passages(home: Paths, encoders: Path) -> None:
    async with house(home, encoders) as here:
        there = {"there": {"provider": "ollama", "remote_id": "nomic-embed-text", "kind": "embedding"}}
        here.change({"embedder": {"model": "there"}}, there)
        with pytest.raises(ModelUnavailable, match="is off, so nothing is sent"):
            await here.embedders.stamp_in_force()
        assert (await here.memory.search("sea boat")).note == "", "the old embedder serves"


async def test_another_prefix_makes_other_vectors(home: Paths, encoders: Path) -> None:
    async with house(home, encoders) as here:
        own = {"one": {"file": "one.gguf", "kind": "embedding", "prefixes": {"passage": "late ", "query": "fee "}}}
        here.change({"embedder": {"model": "one"}}, own)
        offer = await here.memory.reindex.offer()
        assert offer is not None
        here.memory.reindex.start()
        async for _ in here.memory.reindex.follow():
            pass
        assert (await here.memory.index()).stamp.prefix == "late "


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("nomic-embed-text-v1.5.Q8_0.gguf", Prefixes(query="search_query: ", passage="search_document: ")),
        ("multilingual-e5-small-q8_0.gguf", Prefixes(query="query: ", passage="passage: ")),
        ("bge-small-en-v1.5-f16.gguf", Prefixes(query="Represent this sentence for searching relevant passages: ")),
        ("snowflake-arctic-embed-l-v2.0-q8_0.gguf", Prefixes(query="query: ")),
        ("bge-m3-q8_0.gguf", Prefixes()),
        ("all-MiniLM-L6-v2-ggml-model-f16.gguf", Prefixes()),
        ("the5-model.gguf", Prefixes()),
    ],
)
def test_prefixes_go_by_family(name: str, wanted: Prefixes) -> None:
    assert family_prefixes(name) == wanted
