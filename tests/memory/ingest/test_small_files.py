"""Small files are read and written many at a time; what is not that simple among them is read alone."""

from __future__ import annotations

import asyncio
import shutil
import unicodedata
from collections import Counter
from pathlib import Path

from tests.memory.ingest import pdfs
from tests.memory.ingest.conftest import Desk, desk, until
from trayassist.memory.queue import FileQueue


def notes(folder: Path, count: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        file = folder / f"note {number}.md"
        file.write_text(f"# Note {number}\n\nThe word of this one is zanzibar{number}. {pdfs.prose(number, 40)}\n")
        made.append(file)
    return made


async def where_found(d: Desk, word: str) -> str:
    return (await d.memory.search(word, 1)).passages[0].path


async def test_a_folder_of_notes_with_odd_ones_among_them(tmp_path: Path) -> None:
    made = notes(tmp_path / "notes", 120)
    (tmp_path / "notes" / "empty.md").write_text("")
    (tmp_path / "notes" / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    (tmp_path / "notes" / "copy.md").write_bytes(made[7].read_bytes())
    pdfs.plain(tmp_path / "notes" / "paper.pdf", ["The word of this one is quokka."])
    async with desk() as d:
        reports = {Path(report.path).name: report for report in await d.read(tmp_path / "notes")}
        status = Counter(report.status for report in reports.values())
        assert (status["ingested"], status["unchanged"], status.total()) == (121, 1, 124)
        for name in ("empty.md", "broken.pdf"):
            assert reports[name].status in ("failed", "refused")
            assert name in reports[name].reason
        for number in (0, 50, 119):
            assert await where_found(d, f"zanzibar{number}") == str(made[number])
        assert await where_found(d, "quokka") == str(tmp_path / "notes" / "paper.pdf")
        documents = await d.memory.documents()
        assert len(documents) == 121
        assert all(document.complete for document in documents)
        assert {report.path for report in await d.ingest.problems()} == {
            str(tmp_path / "notes" / name) for name in ("empty.md", "broken.pdf")
        }
        made[3].write_text("# Changed\n\nNow it says quetzal.\n")
        made[4].write_text("# Changed, too\n\nNow it says wombat.\n")
        again = Counter(report.status for report in await d.read(*made))
        assert again == {"ingested": 2, "unchanged": 118}
        assert await where_found(d, "quetzal") == str(made[3])
        assert all(passage.path != str(made[3]) for passage in (await d.memory.search("zanzibar3")).passages)
        assert len(await d.memory.documents()) == 121


async def test_half_a_character_in_a_title_costs_that_character_only(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    notes(folder, 3)
    pdfs.write_half_titled(folder / "half.pdf", "The word of this one is numbat.")
    async with desk() as d:
        assert {report.status for report in await d.read(folder)} == {"ingested"}
        assert await where_found(d, "numbat") == str(folder / "half.pdf")
        (title,) = (one.title for one in await d.memory.documents() if one.path.endswith("pdf"))
        assert title.rstrip("\ufffd") == "My"


async def test_the_memory_worker_killed_among_notes_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    made = notes(tmp_path / "notes", 400)
    async with desk() as d:
        reading = asyncio.create_task(d.read(tmp_path / "notes"))
        await until(lambda: has_documents(d))
        d.memory.worker.kill()
        status = Counter(report.status for report in await reading)
        assert status["ingested"] + status["unchanged"] == 400
        documents = await d.memory.documents()
        assert sorted(document.path for document in documents) == sorted(map(str, made))
        assert await where_found(d, "zanzibar399") == str(made[399])


async def has_documents(d: Desk) -> bool:
    return bool(await d.memory.documents())


async def test_a_moved_file_is_cited_at_its_new_place(tmp_path: Path) -> None:
    old, new = tmp_path / "old place" / "garage.md", tmp_path / "new place" / "carport.md"
    old.parent.mkdir()
    new.parent.mkdir()
    old.write_text("The garage is six metres long.")
    async with desk() as d:
        await d.read_one(old)
        shutil.copy(old, new)
        assert (await d.read_one(new)).status == "unchanged"
        assert await where_found(d, "how long is the garage") == str(old)
        old.unlink()  # and nothing is read again
        assert await where_found(d, "how long is the garage") == str(new)
        assert (await d.memory.quote("how long is the garage")).quotes[0].passage.path == str(new)
        assert (await d.read_one(new)).status == "unchanged"
        (document,) = await d.memory.documents()
        assert (document.path, document.aliases) == (str(new), ())
        newest = tmp_path / "renamed.md"
        new.rename(newest)
        assert (await d.read_one(newest)).status == "unchanged"
        (document,) = await d.memory.documents()
        assert (document.path, document.aliases) == (str(newest), ())


async def test_a_name_finds_its_file_however_its_accents_are_spelt(tmp_path: Path) -> None:
    on_disk = tmp_path / unicodedata.normalize("NFD", "Café à Zürich.md")
    on_disk.write_text("The café opens at nine.")
    typed = tmp_path / unicodedata.normalize("NFC", "Café à Zürich.md")
    assert str(typed) != str(on_disk)
    async with desk() as d:
        report = await d.read_one(typed)
        assert (report.status, report.path) == ("ingested", str(on_disk))
        assert await d.memory.find_document(f"summarise {typed.name}") == str(on_disk)
        assert (await d.memory.summary(str(typed))).quotes
        assert await d.memory.forget(str(typed)) == 1
        assert await d.memory.documents() == []


async def test_forgetting_takes_what_waits_out_of_the_queue(tmp_path: Path) -> None:
    first, second = notes(tmp_path / "first", 3), notes(tmp_path / "second", 3)
    async with desk() as d:
        await d.read(first[0])
        await d.memory.remember("the key is 4711")
        d.ingest.pause()
        d.ingest.enqueue([tmp_path / "first", tmp_path / "second", tmp_path / "gone"])
        await until(lambda: waits(d, 6))
        assert await d.ingest.forget(str(tmp_path / "second")) == 0
        assert await d.ingest._queue.run(FileQueue.count) == (3, sum(file.stat().st_size for file in first))
        assert await d.ingest.forget() == 1
        assert await d.ingest._queue.run(FileQueue.count) == (0, 0)
        assert await d.ingest.problems() == []
        d.ingest.resume()
        assert await d.memory.documents() == []
        assert await d.memory.facts() == []
        assert (await d.read_one(second[0])).status == "ingested"


async def waits(d: Desk, count: int) -> bool:
    return (await d.ingest._queue.run(FileQueue.count))[0] == count
