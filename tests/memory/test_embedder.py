"""Memory with vectors of a model: whose they are, what happens without it, in what order pages come (S0-21, S1-01)."""

from __future__ import annotations

import pickle

import pytest

from tests.memory.embedders import DIM, WordEmbedders
from tests.memory.writing import begin, pages_of, write
from trayassist.memory.store import Memory
from trayassist.paths import Paths
from trayassist.workers.memory.errors import CannotWrite
from trayassist.workers.memory.messages import BUILTIN, WholeFile
from trayassist.workers.memory.service import MemoryService
from trayassist.workers.memory.tables import Tables

CARS = pages_of("The garage repairs every car within two days.", "The canteen serves soup and bread at noon.")
BOATS = pages_of("Each boat needs a licence from the harbour office.", "Ropes are kept in the blue shed by the pier.")


async def fill_memory(paths: Paths, embedders: WordEmbedders | None) -> Memory:
    memory = Memory(paths, embedders)
    await write(memory, "/d/cars.pdf", CARS)
    await write(memory, "/d/boats.pdf", BOATS)
    await memory.optimize()  # rows that are not indexed yet are scored a little otherwise
    return memory


def stamp_on_disk(paths: Paths) -> tuple[str, int]:
    tables = Tables(paths.memory)
    tables.open(writing=True)
    return tables.stamp.embedder, tables["passages"].schema.field("vector").type.list_size


async def test_an_empty_memory_takes_the_embedder_that_is_set_s0_21(home: Paths) -> None:
    embedders = WordEmbedders()
    memory = await fill_memory(home, embedders)
    try:
        assert sorted(embedders.embedded) == sorted(page.text for page in (*CARS, *BOATS))
        found = await memory.search("a licence for the vessel")
        assert embedders.questions == ["a licence for the vessel"]
        assert found.passages[0].text == BOATS[0].text
        assert found.note == ""
        await memory.quote("a licence for the vessel")
        assert embedders.questions == ["a licence for the vessel"], "a question's vector is kept"
    finally:
        await memory.stop()
    assert stamp_on_disk(home) == ("one", DIM)


async def test_what_is_meant_is_found_though_no_word_is_the_same(home: Paths) -> None:
    memory = await fill_memory(home, WordEmbedders())
    try:
        assert (await memory.search("automobile")).passages[0].text == CARS[0].text
    finally:
        await memory.stop()


async def test_a_missing_embedder_means_words_only_and_says_so_s1_01(home: Paths) -> None:
    embedders = WordEmbedders()
    memory = await fill_memory(home, embedders)
    try:
        embedders.away.add("one")
        memory.look_again()
        found = await memory.search("licence from the harbour office")
        assert found.passages[0].text == BOATS[0].text
        assert "words only" in found.note
        assert "one.gguf is missing" in found.note
        assert "words only" in (await memory.quote("who repairs the car")).note
        begun = await begin(memory, "/d/new.pdf", CARS[:1])
        with pytest.raises(CannotWrite, match=r"one\.gguf is missing"):
            await memory.add_pages(begun.token, pickle.dumps(CARS[:1]))
        embedders.away.clear()
        assert await memory.add_pages(begun.token, pickle.dumps(CARS[:1])) == 1, "nothing was taken before"
        await memory.finish(begun.token)
        assert (await memory.search("licence from the harbour")).note == ""
    finally:
        await memory.stop()
    tables = Tables(home.memory)
    tables.open(writing=True)
    assert tables["passages"].count_rows() == 5


async def test_a_memory_of_the_built_in_embedder_needs_no_other_s1_01(home: Paths) -> None:
    memory = await fill_memory(home, None)
    await memory.stop()
    embedders = WordEmbedders()
    embedders.away.add("one")
    memory = await fill_memory(home, embedders)
    try:
        found = await memory.search("licence from the harbour office")
        assert (found.passages[0].text, found.note) == (BOATS[0].text, "")
        assert await memory.reindex.offer() is None
        assert "one.gguf is missing" in await memory.reindex.wanted_problem()
    finally:
        await memory.stop()
    assert stamp_on_disk(home) == (BUILTIN.embedder, BUILTIN.dim)


async def test_a_search_does_not_wait_for_a_slow_embedder(home: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    embedders = WordEmbedders()
    memory = await fill_memory(home, embedders)
    try:
        monkeypatch.setattr("trayassist.memory.embedding.QUESTION_LIMIT_S", 0.1)
        embedders.slow_s = 3600.0
        found = await memory.search("licence from the harbour office")
        assert found.passages[0].text == BOATS[0].text
        assert "not loaded yet" in found.note
    finally:
        await memory.stop()


def test_vectors_of_another_embedder_are_refused_by_the_worker_s0_21(home: Paths) -> None:
    service = MemoryService(str(home.memory))
    operations = service.operations()
    one, two = WordEmbedders.stamp("one"), WordEmbedders.stamp("two")
    operations["adopt"](wanted=one)
    token, _, _ = operations["begin"](path="/d/a.pdf", sha256="a", size=1, mtime=1.0)
    payload = pickle.dumps(CARS)
    made = b"\x00\x00\x80\x3f" * DIM * 2
    for refused in ({"made": made, "made_by": two}, {}):
        with pytest.raises(Exception, match="made with one"):
            operations["add_pages"](token=token, payload=payload, **refused)
    assert operations["add_pages"](token=token, payload=payload, made=made, made_by=one) == 2
    vector = b"\x00\x00\x80\x3f" * DIM
    words = operations["search"](query="soup", limit=2)
    assert operations["search"](query="soup", limit=2, vector=vector, made_by=two).passages == words.passages
    service.close()


def test_vectors_that_are_none_are_refused(home: Paths) -> None:
    service = MemoryService(str(home.memory))
    operations = service.operations()
    one = WordEmbedders.stamp("one")
    operations["adopt"](wanted=one)
    token, _, _ = operations["begin"](path="/d/a.pdf", sha256="a", size=1, mtime=1.0)
    for made, words in ((b"\x00" * 8, f"{DIM} dimensions"), (b"\x00\x00\xc0\x7f" * DIM * 2, "no numbers")):
        with pytest.raises(Exception, match=words):
            operations["add_pages"](token=token, payload=pickle.dumps(CARS), made=made, made_by=one)
    assert operations["state"]().passages == 0
    service.close()


async def test_a_reranker_orders_the_best_pages_and_its_limit_holds(home: Paths) -> None:
    embedders = WordEmbedders()
    memory = await fill_memory(home, embedders)
    try:
        plain = await memory.search("car boat soup ropes")
        assert len(plain.passages) == 4
        embedders.reranker = "judge"
        ordered = await memory.search("car boat soup ropes")
        lengths = [len(passage.text) for passage in ordered.passages]
        assert lengths == sorted(lengths)
        assert [p.score for p in ordered.passages] == sorted((p.score for p in ordered.passages), reverse=True)
        assert len((await memory.search("car boat soup ropes", limit=2)).passages) == 2
        quoted = await memory.quote("car boat soup ropes")
        assert [p.text for p in quoted.passages] == [p.text for p in ordered.passages]
        embedders.rerank_s, embedders.rerank_limit_s = 30.0, 0.05
        late = await memory.search("car boat soup ropes")  # an index that was made meanwhile may order otherwise
        assert {p.text for p in late.passages} == {p.text for p in plain.passages}
        assert "not in the order of judge: it took longer than 0.05 seconds" in late.note
        embedders.calls_left, embedders.rerank_s = 0, 0.0
        assert "not in the order of judge: The embedder ended" in (await memory.search("car boat soup ropes")).note
    finally:
        await memory.stop()


def test_the_check_at_start_finds_what_is_missing_f_10(home: Paths) -> None:
    service = MemoryService(str(home.memory))
    operations = service.operations()
    token, _, _ = operations["begin"](path="/d/a.pdf", sha256="a", size=1, mtime=1.0)
    operations["add_pages"](token=token, payload=pickle.dumps(CARS))
    operations["finish"](token=token, title="")
    assert operations["state"]().findings == ""
    service.close()
    assert _findings(home) == ""
    tables = Tables(home.memory)
    tables.open(writing=True)
    tables["passages"].update(where="page = 1", values={"vector": [1.0] + [0.0] * 255})
    tables["passages"].update(where="page = 2", values={"vector": [1.0] + [0.0] * 255})
    assert "do not fit its passages" in _findings(home)
    tables["passages"].delete("page = 1")
    assert "1 passages where its documents have 2" in _findings(home)


def test_what_a_killed_writer_left_is_not_called_missing(home: Paths) -> None:
    """Its passages are written before the row that makes them a document; a reader leaves them to the next writer."""
    service = MemoryService(str(home.memory))
    operations = service.operations()
    whole = [WholeFile(f"/d/{name}.txt", name, 5, 1.0, "", pickle.dumps(CARS)) for name in ("a", "b")]
    operations["add_files"](files=whole)
    service.close()
    tables = Tables(home.memory)
    tables.open(writing=True)
    tables["docs"].delete("path = '/d/b.txt'")
    assert _findings(home) == ""
    tables["passages"].delete("page = 1 AND doc = 1")
    assert "1 passages where its documents have 2" in _findings(home)


def _findings(home: Paths) -> str:
    service = MemoryService(str(home.memory))
    try:
        return str(service.operations()["state"]().findings)
    finally:
        service.close()
