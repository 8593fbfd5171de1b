"""Documents in memory: searchable at once, written once, replaced and forgotten whole, killed at any point."""

from __future__ import annotations

import asyncio
import errno
import pickle
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.memory.writing import begin, content_of, open_memory, pages_of, write
from trayassist.api import Found, Page, TrayassistError, UnreadableFile, WorkerDied
from trayassist.memory.store import Memory
from trayassist.paths import Paths
from trayassist.workers.memory.errors import CannotWrite, OtherEmbedder, in_words
from trayassist.workers.memory.messages import Stamp, WholeFile
from trayassist.workers.memory.ranking import RECIPE
from trayassist.workers.memory.search import TAIL_FED_BACK
from trayassist.workers.memory.service import MemoryService
from trayassist.workers.memory.tables import Tables
from trayassist.workers.memory.upkeep import optimize

HARBOUR = pages_of("The harbour master keeps the tide tables.", "Ships over forty metres need a pilot named Quillon.")
BAKERY = pages_of("The bakery opens at six. Rye bread is baked on Tuesdays.")


def rows(folder: Path, name: str) -> list[dict[str, object]]:
    """Return a table's rows, read directly when no worker runs."""
    tables = Tables(folder)
    tables.open(writing=False)
    table = tables[name]
    found: list[dict[str, object]] = table.search().limit(max(1, table.count_rows())).to_list()
    return found


async def test_a_question_with_half_a_character_or_an_unreadable_file_name_is_answered(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/lease.pdf", pages_of("The late fee of the lease is forty dollars."))
        assert (await memory.search("late fee na\udcffme.txt")).passages
        assert (await memory.quote("\ud83d late fee")).passages


async def test_a_page_is_searchable_when_add_pages_returns(home: Paths) -> None:
    async with open_memory(home) as memory:
        begun = await begin(memory, "/d/harbour.pdf", HARBOUR)
        await memory.add_pages(begun.token, pickle.dumps(HARBOUR[:1]))
        first = await memory.search("who keeps the tide tables")
        assert [(p.path, p.page) for p in first.passages] == [("/d/harbour.pdf", 1)]
        assert [d.complete for d in await memory.documents()] == [False]
        await memory.add_pages(begun.token, pickle.dumps(HARBOUR[1:]))
        await memory.finish(begun.token, "Harbour rules")
        found = await memory.search("pilot for ships over forty metres")
        assert found.passages[0].page == 2
        assert found.passages[0].title == "Harbour rules"
        (document,) = await memory.documents()
        assert (document.complete, document.pages, document.passages) == (True, 2, 2)


async def test_a_passage_is_the_slice_of_its_page(home: Paths) -> None:
    text = "\n".join(f"Line {n} speaks of   item{n}, and\tmore." for n in range(400))
    chinese = "电子商务的发展非常迅速。" * 300 + "\n仓库在鹿特丹。"
    pages = pages_of(text, chinese)
    async with open_memory(home) as memory:
        assert (await write(memory, "/d/long.txt", pages)).known is None
        for query in ("item7", "item390", "仓库在鹿特丹", "电子商务"):
            for passage in (await memory.search(query)).passages:
                assert passage.text == pages[passage.page - 1].text[passage.start : passage.end]
                assert 0 < len(passage.text) <= 4000
    lengths = [row["end"] - row["start"] for row in rows(home.memory, "passages") if row["page"] == 2]  # type: ignore[operator]
    assert len(lengths) > 5  # text without spaces is cut too
    assert max(lengths) <= 500


async def test_a_word_in_a_script_without_spaces_is_found(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/a.txt", pages_of("公司在汉堡开设了新的仓库。员工每年有三十天假期。"))
        await write(memory, "/d/b.txt", pages_of("光合作用发生在叶绿体中。植物把光能转化为化学能。"))
        found = await memory.search("叶绿体")
        assert found.passages[0].path == "/d/b.txt"
        assert found.found is not Found.NO


async def test_the_same_content_is_one_document_under_both_paths(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/one.pdf", BAKERY)
        assert (await begin(memory, "/d/one.pdf", BAKERY)).known == "/d/one.pdf"
        assert (await begin(memory, "/e/copy.pdf", BAKERY)).known == "/d/one.pdf"
        (document,) = await memory.documents()
        assert document.aliases == ("/e/copy.pdf",)
        assert len((await memory.search("rye bread")).passages) == 1
        assert await memory.forget("/e/copy.pdf") == 1
        assert await memory.documents() == []


async def test_two_files_with_the_same_content_read_at_the_same_time_become_one(home: Paths) -> None:
    async with open_memory(home) as memory:
        one = await begin(memory, "/d/one.pdf", BAKERY)
        two = await begin(memory, "/d/two.pdf", BAKERY)
        for begun in (one, two):
            await memory.add_pages(begun.token, pickle.dumps(BAKERY))
        for begun in (one, two):
            await memory.finish(begun.token)
        (document,) = await memory.documents()
        assert {document.path, *document.aliases} == {"/d/one.pdf", "/d/two.pdf"}
    assert len(rows(home.memory, "passages")) == 1


async def test_a_changed_file_answers_from_its_old_text_until_the_new_one_is_whole(home: Paths) -> None:
    new = pages_of("The bakery opens at nine now.", "Spelt bread is baked on Fridays.")
    async with open_memory(home) as memory:
        await write(memory, "/d/bakery.pdf", BAKERY)
        begun = await begin(memory, "/d/bakery.pdf", new)
        await memory.add_pages(begun.token, pickle.dumps(new[:1]))
        texts = [p.text for p in (await memory.search("when does the bakery open")).passages]
        assert texts == [BAKERY[0].text]
        await memory.add_pages(begun.token, pickle.dumps(new[1:]))
        await memory.finish(begun.token)
        texts = [p.text for p in (await memory.search("bakery bread")).passages]
        assert sorted(texts) == sorted(page.text for page in new)
        assert [d.sha256 for d in await memory.documents()] == [content_of(new)]
    assert len(rows(home.memory, "pages")) == 2


async def test_a_changed_copy_leaves_the_other_path_its_document(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/one.pdf", BAKERY)
        await begin(memory, "/d/two.pdf", BAKERY)
        await write(memory, "/d/one.pdf", HARBOUR)
        assert {d.path: d.sha256 for d in await memory.documents()} == {
            "/d/one.pdf": content_of(HARBOUR),
            "/d/two.pdf": content_of(BAKERY),
        }


async def test_an_abandoned_document_leaves_nothing(home: Paths) -> None:
    async with open_memory(home) as memory:
        begun = await begin(memory, "/d/harbour.pdf", HARBOUR)
        await memory.add_pages(begun.token, pickle.dumps(HARBOUR))
        assert (await memory.search("tide tables")).passages
        await memory.abandon(begun.token)
        await memory.abandon(begun.token)
        assert await memory.documents() == []
        assert (await memory.search("tide tables")).passages == ()
    assert rows(home.memory, "passages") == rows(home.memory, "pages") == []


async def test_pages_sent_twice_are_written_once(home: Paths) -> None:
    async with open_memory(home) as memory:
        begun = await begin(memory, "/d/harbour.pdf", HARBOUR)
        assert await memory.add_pages(begun.token, pickle.dumps(HARBOUR)) == 2
        assert await memory.add_pages(begun.token, pickle.dumps(HARBOUR)) == 0
        await memory.finish(begun.token)
    assert len(rows(home.memory, "passages")) == 2


async def test_what_no_table_takes_fails_alone(home: Paths) -> None:
    """Rows of several files are written together: one bad row must not keep its neighbours from it."""
    bad = [
        [Page(number=1, text="a page", title="My\ud83d")],
        [Page(number=2**40, text="a page from a reader that cannot count")],
        [Page(number=1, text="half \ud83d a character")],
        [Page(number=1, text="a page", headings=("\udcff",))],
    ]
    async with open_memory(home) as memory:
        begun = await begin(memory, "/d/harbour.pdf", HARBOUR)
        await memory.add_pages(begun.token, pickle.dumps(HARBOUR))  # not written yet
        for number, pages in enumerate(bad):
            other = await memory.begin(f"/d/bad {number}.pdf", f"{number}", 5, 1.0)
            with pytest.raises(UnreadableFile, match=f"bad {number}.pdf cannot be stored"):
                await memory.add_pages(other.token, pickle.dumps(pages))
            await memory.abandon(other.token)
        with pytest.raises(UnreadableFile, match="cannot be stored"):
            await memory.finish(begun.token, "\ud83d")
        await memory.finish(begun.token, "Harbour")
        files = [WholeFile(f"/n/{n}.txt", f"n{n}", 5, 1.0, "", pickle.dumps(pages)) for n, pages in enumerate(bad)]
        files.insert(1, WholeFile("/n/good.txt", content_of(BAKERY), 5, 1.0, "", pickle.dumps(BAKERY)))
        files.append(WholeFile("/n/titled.txt", "t", 5, 1.0, "\ud83d", pickle.dumps(BAKERY)))
        outcomes = [result.outcome for result in await memory.add_files(files)]
        assert outcomes == ["alone", "written", "alone", "alone", "alone", "alone"]
        assert {one.path for one in await memory.documents()} == {"/d/harbour.pdf", "/n/good.txt"}
        assert (await memory.search("rye bread")).passages
        assert (await memory.search("Quillon")).passages


async def test_a_new_worker_does_not_know_old_tokens_and_resumes(home: Paths) -> None:
    async with open_memory(home) as memory:
        begun = await begin(memory, "/d/harbour.pdf", HARBOUR)
        await memory.add_pages(begun.token, pickle.dumps(HARBOUR[:1]))
        await memory.search("tide")  # writes what is pending
        memory.worker.kill()
        for _ in range(2):  # the first may still meet the dead process, the second meets a new one
            with pytest.raises(WorkerDied):
                await memory.add_pages(begun.token, pickle.dumps(HARBOUR[1:]))
        with pytest.raises(WorkerDied):
            await memory.finish(begun.token)
        again = await begin(memory, "/d/harbour.pdf", HARBOUR)
        assert again.first_page == 2
        await memory.add_pages(again.token, pickle.dumps(HARBOUR[1:]))
        await memory.finish(again.token)
        (document,) = await memory.documents()
        assert (document.pages, document.passages, document.complete) == (2, 2, True)
    assert sorted(row["page"] for row in rows(home.memory, "pages")) == [1, 2]  # type: ignore[type-var]


@pytest.mark.slow
async def test_killed_at_any_point_nothing_is_lost_and_nothing_doubled(home: Paths) -> None:
    """kill -9 of the worker at random moments of two files' ingest, one of them replacing an old version."""
    chance = random.Random(4)
    old = pages_of("An old version about granite.")
    new = pages_of(*(f"Chapter {n} of the new book on marble mentions word{n}x. " * 30 for n in range(1, 41)))
    other = pages_of(*(f"Section {n} of the atlas mentions place{n}y. " * 30 for n in range(1, 41)))
    kills = 0
    async with open_memory(home) as memory:
        await write(memory, "/d/book.pdf", old)
        while True:
            waiting = asyncio.create_task(_write_both(memory, new, other))
            if kills < 8:
                await asyncio.sleep(chance.uniform(0.0, 0.25))
                if not waiting.done():
                    memory.worker.kill()
                    kills += 1
            try:
                await waiting
            except WorkerDied:
                continue
            if kills >= 8:
                break
            await memory.forget("/d/atlas.pdf")
            await write(memory, "/d/book.pdf", pages_of(f"Another old version {kills}."))
        found = {d.path: d for d in await memory.documents()}
        assert {path: (d.complete, d.pages) for path, d in found.items()} == {
            "/d/book.pdf": (True, 40),
            "/d/atlas.pdf": (True, 40),
        }
    numbers = {row["doc"]: row["path"] for row in rows(home.memory, "docs")}
    pages = sorted((numbers[row["doc"]], row["page"]) for row in rows(home.memory, "pages"))  # type: ignore[type-var]
    assert pages == sorted((path, n) for path in found for n in range(1, 41))
    spans = [(row["doc"], row["page"], row["start"]) for row in rows(home.memory, "passages")]
    assert len(spans) == len(set(spans)) == sum(d.passages for d in found.values())


async def _write_both(memory: Memory, new: list[Page], other: list[Page]) -> None:
    await write(memory, "/d/book.pdf", new, batch=5)
    await write(memory, "/d/atlas.pdf", other, batch=5)


async def test_nothing_of_a_forgotten_document_remains_on_disk(home: Paths) -> None:
    secret, title = "Zyxomma petiolatum", "Vermilionwort"
    kept = pages_of(*(f"An ordinary page number {n} about gardens and bicycles." for n in range(30)))
    async with open_memory(home) as memory:
        await write(memory, "/d/kept.pdf", kept)
        await write(memory, "/secret/dragonfly.pdf", pages_of(f"The {secret} flies at dusk.", title=title))
        await memory.optimize()
        assert on_disk(home.memory, "zyxomma")
        assert on_disk(home.memory, title.lower())
        assert await memory.forget("/secret") == 1
        assert (await memory.search("zyxomma")).passages[0].path == "/d/kept.pdf"
        assert not on_disk(home.memory, "zyxomma")
        assert not on_disk(home.memory, "petiolatum")
        assert not on_disk(home.memory, title.lower())
        assert not on_disk(home.memory, "dragonfly")
        assert (await memory.search("gardens and bicycles")).found is not Found.NO
        assert (await memory.documents())[0].pages == 30


async def test_forgetting_is_finished_at_the_next_start_when_the_worker_is_killed(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/kept.pdf", BAKERY)
        await write(memory, "/d/gone.pdf", pages_of("The Zyxomma flies at dusk."))
        forgetting = asyncio.create_task(memory.forget("/d/gone.pdf"))
        for _ in range(500):
            if (home.memory / "purge.pending").exists() or forgetting.done():
                break
            await asyncio.sleep(0.001)
        memory.worker.kill()
        await asyncio.gather(forgetting, return_exceptions=True)
        if [d.path for d in await memory.documents()] != ["/d/kept.pdf"]:
            await memory.forget("/d/gone.pdf")
        assert not on_disk(home.memory, "zyxomma")
        assert not (home.memory / "purge.pending").exists()


def on_disk(folder: Path, word: str) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and word.encode() in file.read_bytes().lower()]


async def test_forget_all_and_forgetting_what_is_not_there(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/one.pdf", BAKERY)
        await write(memory, "/d/two.pdf", HARBOUR)
        await memory.remember("The key is under the mat.")
        assert await memory.forget("/d/on") == 0
        assert await memory.forget_all() == 2
        assert await memory.documents() == []
        assert await memory.facts() == []
        await write(memory, "/d/one.pdf", BAKERY)
        assert (await memory.search("rye bread")).passages


async def test_an_empty_memory_says_no(home: Paths) -> None:
    async with open_memory(home) as memory:
        for evidence in (await memory.search("anything"), await memory.quote("anything")):
            assert (evidence.found, evidence.documents, evidence.passages) == (Found.NO, 0, ())
        assert (await memory.search("")).found is Found.NO
        with pytest.raises(TrayassistError, match="not in memory"):
            await memory.summary("/d/none.pdf")
        assert await memory.find_document("none.pdf") is None
        await memory.optimize()


async def test_a_document_without_text_is_kept_and_finds_nothing(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/scan.pdf", pages_of("", "   \n"))
        (document,) = await memory.documents()
        assert (document.pages, document.passages) == (2, 0)
        assert (await memory.search("scan")).found is Found.NO
        assert (await memory.summary("/d/scan.pdf")).quotes == ()


async def test_a_damaged_memory_says_so_and_forget_all_repairs_it(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/one.pdf", BAKERY)
        await memory.optimize()
    for file in home.memory.rglob("*.lance"):
        if file.is_file():
            file.write_bytes(b"rubbish" * 20)
    async with open_memory(home) as memory:
        for asked in (memory.search("rye"), memory.documents(), begin(memory, "/d/x.pdf", HARBOUR)):
            with pytest.raises(TrayassistError) as error:
                await asked
            assert not isinstance(error.value, WorkerDied)
            assert "forget --all" in str(error.value)
        await memory.forget_all()
        await write(memory, "/d/one.pdf", BAKERY)
        assert (await memory.search("rye bread")).passages


async def test_a_table_that_vanished_is_a_clear_error(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/one.pdf", BAKERY)
    for manifest in (home.memory / "docs.lance").rglob("*"):
        if manifest.is_file():
            manifest.unlink()
    async with open_memory(home) as memory:
        with pytest.raises(TrayassistError, match="forget --all"):
            await memory.search("rye")


def _half_of(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _zeros_for(data: bytes) -> bytes:
    return bytes(len(data))


def _nothing_for(data: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [_half_of, _zeros_for, _nothing_for])
@pytest.mark.parametrize("kind", ["pages.lance/data", "passages.lance/data", "docs.lance/_versions"])
def test_files_cut_or_overwritten_are_said_with_the_way_out(
    home: Paths, kind: str, damage: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    service = MemoryService(str(home.memory))
    whole = WholeFile("/n/a.txt", "a", 5, 1.0, "", pickle.dumps(BAKERY))
    service.operations()["add_files"](files=[whole])
    service.close()
    for file in (home.memory / kind).iterdir():
        file.write_bytes(damage(file.read_bytes()))
    service = MemoryService(str(home.memory))
    operations = service.operations()
    with pytest.raises(TrayassistError, match="forget --all"):
        operations["quote"](query="rye bread", limit=3)
    operations["claim"](purpose="forget")
    operations["forget_all"]()
    assert operations["add_files"](files=[whole])[0].outcome == "written"
    assert operations["quote"](query="rye bread", limit=3).passages
    assert operations["state"]().findings == ""
    service.close()


def test_all_can_be_forgotten_on_a_full_disk(home: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed writer left cannot be removed one by one then, and is not in the way of removing all."""
    service = MemoryService(str(home.memory))
    operations = service.operations()
    whole = [WholeFile(f"/n/{name}.txt", name, 5, 1.0, "", pickle.dumps(BAKERY)) for name in ("a", "b")]
    operations["add_files"](files=whole)
    service.close()
    tables = Tables(home.memory)
    tables.open(writing=True)
    tables["docs"].delete("path = '/n/b.txt'")

    def refuse(self: Tables, name: str, where: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Tables, "delete", refuse)
        service = MemoryService(str(home.memory))
        operations = service.operations()
        operations["claim"](purpose="forget")
        with pytest.raises(CannotWrite):
            operations["add_files"](files=whole)
        assert operations["forget_all"]() == 1
    assert operations["add_files"](files=whole[:1])[0].outcome == "written"
    assert [one["path"] for one in operations["documents"](after=None, limit=5)] == ["/n/a.txt"]
    with monkeypatch.context() as full:
        full.setattr(Tables, "_make", lambda self, name: refuse(self, name, ""))
        with pytest.raises(CannotWrite, match="Everything is forgotten, and there is no room"):
            operations["forget_all"]()
    assert operations["documents"](after=None, limit=5) == []
    service.close()


@pytest.mark.parametrize(
    "cause", [OSError(errno.EIO, "Input/output error"), OSError(errno.ESTALE, "Stale file handle"), ValueError("ours")]
)
def test_another_fault_is_not_called_damage(cause: Exception) -> None:
    said = str(in_words(cause, Path("/m")))
    assert str(cause) in said
    assert "Try again." in said
    assert "damaged" not in said
    assert "orget" not in said


@pytest.mark.skipif(sys.platform != "linux", reason="limits the file size of another process")
async def test_a_full_disk_is_said_and_memory_works_when_there_is_room_again(home: Paths) -> None:
    big = pages_of(*(f"Page {n} " + " ".join(f"w{n}q{i}" for i in range(900)) for n in range(60)))
    async with open_memory(home) as memory:
        await write(memory, "/d/one.pdf", BAKERY)
        assert memory.worker.pid is not None
        worker = psutil.Process(memory.worker.pid)
        worker.rlimit(psutil.RLIMIT_FSIZE, (20_000, psutil.RLIM_INFINITY))
        begun = await begin(memory, "/d/big.pdf", big)
        await memory.add_pages(begun.token, pickle.dumps(big[:40]))
        with pytest.raises(TrayassistError, match="no room left"):
            await memory.finish(begun.token)
        assert (await memory.search("rye bread")).passages[0].path == "/d/one.pdf"
        worker.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        await memory.add_pages(begun.token, pickle.dumps(big))
        await memory.finish(begun.token)
        assert memory.worker.pid == worker.pid
        assert {d.path: d.pages for d in await memory.documents()} == {"/d/one.pdf": 1, "/d/big.pdf": 60}
    spans = [(row["doc"], row["page"], row["start"]) for row in rows(home.memory, "passages")]
    assert len(spans) == len(set(spans))


async def test_vectors_of_another_embedder_are_never_mixed_s0_21(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/one.pdf", BAKERY)
        await memory.optimize()
    tables = Tables(home.memory)
    tables.open(writing=False)
    before = tables["passages"].count_rows()
    rows = tables["passages"].head(1)
    other = Stamp(embedder="another", dim=256, sha256="a" * 64, size=1)
    with pytest.raises(OtherEmbedder, match="Re-index"):
        tables.append("passages", rows.replace_schema_metadata(other.metadata()))
    with pytest.raises(OtherEmbedder, match="indexed with the built-in model"):
        tables.append("passages", rows.replace_schema_metadata(None))
    assert tables["passages"].count_rows() == before == 1


async def test_a_cancelled_search_leaves_the_worker_working(home: Paths) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/one.pdf", BAKERY)
        pid = memory.worker.pid
        for pause in (0.0, 0.001, 0.005):
            asking = asyncio.create_task(memory.search("rye bread"))
            await asyncio.sleep(pause)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        assert (await memory.search("rye bread")).passages
        assert memory.worker.pid == pid


async def test_searches_are_answered_while_upkeep_runs(home: Paths) -> None:
    pages = pages_of(*(f"Page {n} about topic{n} and " + "many other words " * 60 for n in range(300)))
    async with open_memory(home) as memory:
        await write(memory, "/d/big.pdf", pages, batch=50)
        upkeep = asyncio.create_task(memory.optimize())
        answers = 0
        while not upkeep.done():
            assert (await memory.search("topic250")).passages[0].page == 251
            answers += 1
        await upkeep
        assert answers > 0
    tables = Tables(home.memory)
    tables.open(writing=False)
    assert tables["passages"].index_stats("text_idx").num_unindexed_rows == 0


def test_vectors_get_an_index_above_a_size_and_searches_stay_right(
    home: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trayassist.workers.memory.upkeep.ANN_ROWS", 300)
    monkeypatch.setattr("trayassist.workers.memory.upkeep.PARTITIONS", 8)
    service = MemoryService(str(home.memory))
    operations = service.operations()
    pages = pages_of(*(f"Leaf {n} about number{n} with filler text." for n in range(400)))
    token, _, _ = operations["begin"](path="/d/a.pdf", sha256="a", size=1, mtime=1.0)
    operations["add_pages"](token=token, payload=pickle.dumps(pages))
    operations["finish"](token=token, title="")
    operations["optimize"]()
    service._wait_for_upkeep()
    assert any(index.columns == ["vector"] for index in service._tables["passages"].list_indices())
    assert operations["search"](query="number123", limit=3).passages[0].page == 124
    service.close()


def test_the_tray_side_imports_nothing_heavy() -> None:
    heavy = "('lancedb', 'numpy', 'pyarrow', 'wordllama', 'pymupdf')"
    code = f"import sys, trayassist.memory.store; print([m for m in {heavy} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_the_worker_leaves_out_the_client_of_a_web_service(tmp_path: Path) -> None:
    """It would take two thirds of the time of importing LanceDB, and a folder needs none of it."""
    code = (
        "import sys\n"
        "from trayassist.workers import memory\n"
        "memory.leave_out_web_client()\n"
        "from trayassist.workers.memory.service import MemoryService\n"
        "MemoryService(sys.argv[1], cancelled=lambda: False).close()\n"
        "client = [name for name in sys.modules if name.startswith('lance_namespace_urllib3_client')]\n"
        "print(len(client), 'lance_namespace_urllib3_client.api' in sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    count, has_api = ended.stdout.split()
    assert int(count) < 40
    assert has_api == "False"


async def test_a_worker_that_has_grown_is_replaced_when_nothing_is_begun(
    home: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_memory(home) as memory:
        await write(memory, "/d/bakery.txt", BAKERY)
        first = memory.worker.pid
        await memory.renew_large_worker()
        assert memory.worker.pid == first  # it is not large
        monkeypatch.setattr("trayassist.memory.store.LARGE_WORKER_BYTES", 1)
        begun = await begin(memory, "/d/harbour.txt", HARBOUR)
        await memory.renew_large_worker()
        assert memory.worker.pid == first  # a document is half written
        await memory.add_pages(begun.token, pickle.dumps(HARBOUR))
        await memory.finish(begun.token)
        asked = asyncio.gather(*(memory.search("Rye bread") for _ in range(20)), memory.renew_large_worker())
        *answers, _ = await asked  # none of them fails meanwhile
        assert all(answer.passages[0].path == "/d/bakery.txt" for answer in answers)
        assert first is not None
        assert memory.worker.pid not in (None, first)
        assert not psutil.pid_exists(first)
        assert (await memory.search("pilot Quillon")).passages[0].path == "/d/harbour.txt"
        await write(memory, "/d/more.txt", pages_of("It may write: the marzipan is in the cellar."))
        assert (await memory.search("marzipan")).passages[0].path == "/d/more.txt"


def test_fresh_rows_are_not_gone_through_for_every_word_that_a_search_adds(home: Paths) -> None:
    """Forty words more took forty seconds among ten thousand fresh notes."""
    service = MemoryService(str(home.memory))
    do = service.operations()
    try:
        token, _, _ = do["begin"](path="/d/tides.txt", sha256="0" * 64, size=1, mtime=1.0)
        count = TAIL_FED_BACK + 1
        texts = [f"Pilot {n} sails at tide {n * 7}. Quay {n % 5} has mooring {n % 3}." for n in range(count)]
        do["add_pages"](token=token, payload=pickle.dumps(pages_of(*texts)))
        do["finish"](token=token, title="")
        plain, added = [], []
        for _ in range(2):
            plain.append(service._searcher.rank("which pilot sails", replace(RECIPE, feedback=0.0)).hits)
            added.append(service._searcher.rank("which pilot sails").hits)
            optimize(service._tables)
    finally:
        service.close()
    assert added[0] == plain[0]
    assert added[1] != plain[1]  # in the index they cost little
