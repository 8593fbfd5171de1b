"""Re-indexing for another embedder: the old vectors serve until the new ones are whole, whatever happens (S0-21)."""

from __future__ import annotations

import asyncio
import pickle
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.memory.embedders import WordEmbedders
from tests.memory.writing import begin, pages_of, write
from trayassist.api import Busy, TrayassistError
from trayassist.memory.store import Memory
from trayassist.paths import Paths
from trayassist.workers.memory.messages import BUILTIN
from trayassist.workers.memory.tables import LAYOUT_FILE, TableLayout, Tables, read_layout, tidy_layout, write_layout

SECRET = "zanzibarquux"
PAGES = pages_of(*(f"Leaf {n} tells of number{n} and a boat on the river." for n in range(120)))
OTHER = pages_of(*(f"Sheet {n} speaks of place{n} near the {SECRET} bridge." for n in range(40)))


class MemoryWithEmbedder:
    """A memory of the built-in embedder with two documents, and an embedder that was set since."""

    def __init__(self, paths: Paths) -> None:
        self.paths, self.embedders = paths, WordEmbedders("")
        self.memory = Memory(paths, self.embedders)

    async def fill(self) -> None:
        await write(self.memory, "/d/leaves.pdf", PAGES, batch=50)
        await write(self.memory, "/d/sheets.pdf", OTHER, batch=50)
        self.set("one")

    def set(self, name: str) -> None:
        self.embedders.set = name
        self.memory.look_again()

    async def again(self) -> None:
        """End the process and open the folder anew."""
        await self.memory.stop()
        self.memory = Memory(self.paths, self.embedders)

    async def reindex(self) -> list[int]:
        self.memory.reindex.start()
        return [progress.done async for progress in self.memory.reindex.follow()]


@asynccontextmanager
async def open_memory(paths: Paths) -> AsyncIterator[MemoryWithEmbedder]:
    one = MemoryWithEmbedder(paths)
    try:
        await one.fill()
        yield one
    finally:
        await one.memory.stop()


def keys(paths: Paths) -> list[tuple[int, int, int]]:
    tables = Tables(paths.memory)
    tables.open(writing=True)
    rows = tables["passages"].search().select(["doc", "page", "start"]).limit(10_000).to_list()
    return sorted((row["doc"], row["page"], row["start"]) for row in rows)


def folders(paths: Paths) -> list[str]:
    return sorted(path.name for path in paths.memory.glob("passages*.lance"))


def on_disk(folder: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_the_old_vectors_serve_until_the_new_ones_are_whole_s0_21(home: Paths) -> None:
    async with open_memory(home) as here:
        before = [p.text for p in (await here.memory.search("number77")).passages]
        offer = await here.memory.reindex.offer(measure=True)
        assert offer is not None
        assert (offer.made_with, offer.now, offer.passages, offer.done) == ("the built-in model", "one", 160, 0)
        assert (offer.serves, offer.problem) == ("old", "")
        assert 0 < (offer.seconds or 0) < 60
        here.embedders.slow_s = 0.02
        here.memory.reindex.start()
        with pytest.raises(Busy):
            here.memory.reindex.start()
        seen = 0
        async for progress in here.memory.reindex.follow():
            found = await here.memory.search("number77")
            assert found.passages[0].page == 78, progress
            assert found.note == ""
            seen += 1
        assert seen > 2
        assert here.memory.reindex.progress is not None
        assert here.memory.reindex.progress.phase == "done"
        assert (await here.memory.index()).stamp.embedder == "one"
        assert await here.memory.reindex.offer() is None
        asked = len(here.embedders.questions)
        assert (await here.memory.search("number77")).passages[0].text == before[0]
        await here.memory.search("the river")
        assert len(here.embedders.questions) == asked + 1, "questions go to the new one now"
    assert len(keys(home)) == 160
    assert folders(home) == ["passages_2.lance"]


async def test_back_to_the_built_in_embedder(home: Paths) -> None:
    async with open_memory(home) as here:
        await here.reindex()
        here.set("")
        await here.reindex()
        assert (await here.memory.index()).stamp == BUILTIN
        assert (await here.memory.search("number77")).passages[0].page == 78
        assert (await here.memory.index()).findings == ""
    assert len(keys(home)) == 160
    assert folders(home) == ["passages_3.lance"]


async def test_cancelled_it_goes_on_where_it_was(home: Paths) -> None:
    async with open_memory(home) as here:
        here.embedders.slow_s = 0.02
        here.memory.reindex.start()
        async for progress in here.memory.reindex.follow():
            if progress.done >= 64:
                break
        await here.memory.reindex.cancel()
        assert not here.memory.reindex.running
        assert here.memory.reindex.problem == ""
        assert (await here.memory.index()).stamp == BUILTIN
        assert (await here.memory.search("number77")).passages[0].page == 78
        first = len(here.embedders.embedded)
        await here.again()
        await here.reindex()
        assert (await here.memory.index()).stamp.embedder == "one"
        assert len(here.embedders.embedded) < 160 + 64, first
    assert len(keys(home)) == 160


@pytest.mark.slow
async def test_killed_at_any_point_nothing_is_lost_and_the_old_serves(home: Paths) -> None:
    """kill -9 of the memory worker, again and again, at random moments of a re-index."""
    chance = random.Random(5)
    async with open_memory(home) as here:
        here.embedders.slow_s = 0.005
        kills = 0
        while kills < 7:
            here.memory.reindex.start()
            while here.memory.reindex.running and kills < 7:
                await asyncio.sleep(chance.uniform(0.0, 0.6))
                here.memory.worker.kill()
                kills += 1
            with suppress(TrayassistError):  # three deaths in a row are an end
                async for _ in here.memory.reindex.follow():
                    pass
            await here.again()
            state = await here.memory.index()
            assert state.findings == ""
            assert state.passages == 160
            assert (await here.memory.search("number77")).passages[0].page == 78
            if state.stamp.embedder == "one":
                here.set("two" if here.embedders.set == "one" else "one")
        await here.reindex()
        assert (await here.memory.index()).stamp.embedder == here.embedders.set
    assert len(keys(home)) == len(set(keys(home))) == 160
    assert len(folders(home)) == 1


async def test_what_comes_and_goes_meanwhile_is_seen(home: Paths) -> None:
    async with open_memory(home) as here:
        here.embedders.slow_s = 0.02
        here.memory.reindex.start()
        step = 0
        async for _ in here.memory.reindex.follow():
            step += 1
            if step == 2:
                await write(here.memory, "/d/new.pdf", pages_of("A new page about the lighthouse at dusk."))
            if step == 3:
                assert await here.memory.forget("/d/sheets.pdf") == 1
                assert not on_disk(home.memory, SECRET), "what is forgotten leaves the table in the making, too"
        assert (await here.memory.index()).stamp.embedder == "one"
        assert (await here.memory.search("lighthouse")).passages[0].path == "/d/new.pdf"
        assert [d.path for d in await here.memory.documents()] == ["/d/leaves.pdf", "/d/new.pdf"]
    assert len(keys(home)) == 121
    assert not on_disk(home.memory, SECRET)


async def test_a_document_that_is_being_written_is_finished_with_the_new_vectors(home: Paths) -> None:
    pages = pages_of(*(f"Chapter {n} about marble and word{n}x." for n in range(10)))
    async with open_memory(home) as here:
        begun = await begin(here.memory, "/d/book.pdf", pages)
        await here.memory.add_pages(begun.token, pickle.dumps(pages[:5]))
        await here.reindex()
        await here.memory.add_pages(begun.token, pickle.dumps(pages[5:]))
        await here.memory.finish(begun.token)
        assert {d.path: d.passages for d in await here.memory.documents()}["/d/book.pdf"] == 10
        assert (await here.memory.search("word8x")).passages[0].page == 9
    assert len(keys(home)) == 170


async def test_an_embedder_that_fails_in_the_middle_is_said_and_resumed(home: Paths) -> None:
    async with open_memory(home) as here:
        here.embedders.calls_left = 2
        with pytest.raises(TrayassistError, match="The embedder ended 3 times"):
            await here.reindex()
        assert (await here.memory.search("number77")).passages[0].page == 78
        offer = await here.memory.reindex.offer()
        assert offer is not None
        assert offer.made_with == "the built-in model"
        here.embedders.calls_left = 10**9
        await here.reindex()
        assert (await here.memory.index()).stamp.embedder == "one"


async def test_what_was_begun_for_an_embedder_that_is_set_no_more_is_dropped(home: Paths) -> None:
    async with open_memory(home) as here:
        here.embedders.calls_left = 2
        with pytest.raises(TrayassistError):
            await here.reindex()
        here.embedders.calls_left = 10**9
        here.set("")
        assert await here.memory.reindex.offer() is None
        assert folders(home) == ["passages.lance"]
        here.set("two")
        await here.reindex()
        assert (await here.memory.index()).stamp.embedder == "two"


@pytest.mark.skipif(not hasattr(psutil.Process, "rlimit"), reason="limits of a process are Linux's")
async def test_a_full_disk_stops_it_in_words_and_the_old_serves(home: Paths) -> None:
    async with open_memory(home) as here:
        await here.memory.index()
        process = psutil.Process(here.memory.worker.pid)
        process.rlimit(psutil.RLIMIT_FSIZE, (8192, psutil.RLIM_INFINITY))
        with pytest.raises(TrayassistError, match="no room left"):
            await here.reindex()
        assert (await here.memory.search("number77")).passages[0].page == 78
        process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        await here.reindex()
        assert (await here.memory.index()).stamp.embedder == "one"
    assert len(keys(home)) == 160


async def test_discarding_leaves_the_old_index_alone(home: Paths) -> None:
    async with open_memory(home) as here:
        here.embedders.calls_left = 3
        with pytest.raises(TrayassistError):
            await here.reindex()
        await here.memory.reindex.discard()
        assert folders(home) == ["passages.lance"]
        assert (await here.memory.index()).building is None
        assert (await here.memory.search("number77")).passages[0].page == 78


async def test_forgetting_everything_ends_it(home: Paths) -> None:
    async with open_memory(home) as here:
        here.embedders.slow_s = 0.05
        here.memory.reindex.start()
        await asyncio.sleep(0.3)
        assert await here.memory.forget_all() == 2
        assert not here.memory.reindex.running
        await write(here.memory, "/d/new.pdf", pages_of("A new page about the lighthouse."))
        assert (await here.memory.index()).stamp.embedder == "one", "what is made anew is made for what is set"
    assert not on_disk(home.memory, SECRET)


def test_whichever_way_a_switch_is_cut_short_one_whole_table_is_in_force(tmp_path: Path) -> None:
    for name in ("passages", "passages_2", "passages_3", "passages_x"):
        (tmp_path / f"{name}.lance").mkdir()
    assert read_layout(tmp_path) == TableLayout("passages")
    write_layout(tmp_path, TableLayout("passages_2", "passages_3"))
    assert read_layout(tmp_path).next_name() == "passages_4"
    tidy_layout(tmp_path, read_layout(tmp_path))
    assert sorted(path.name for path in tmp_path.glob("*.lance")) == [
        "passages_2.lance",
        "passages_3.lance",
        "passages_x.lance",
    ]
    (tmp_path / LAYOUT_FILE).unlink()
    assert read_layout(tmp_path) == TableLayout("passages_2")
