"""What is cancelled, forgotten or lost while it is still looked for, waits for another process, or finds no room."""

from __future__ import annotations

import asyncio
import unicodedata
from pathlib import Path

import pytest

from tests.memory.ingest.conftest import Desk, desk, until
from trayassist.api import TrayassistError
from trayassist.memory.filereading import FileReading
from trayassist.memory.queue import FileQueue
from trayassist.memory.store import Memory


def notes(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"note {number:04}.md").write_text(f"The word of this one in {folder.name} is zanzibar{number}.\n")
    return folder


async def waiting(d: Desk) -> int:
    return (await d.ingest._queue.run(FileQueue.count))[0]


async def roots(d: Desk) -> list[str]:
    return await d.ingest._queue.run(FileQueue.roots)


async def test_a_full_disk_while_a_folder_is_queued_is_told_and_the_next_drop_goes_on(tmp_path: Path) -> None:
    folder = notes(tmp_path / "notes", 3000)

    async def limit(d: Desk, pages: int) -> None:
        await d.ingest._queue.run(lambda q: q._database.work(lambda db: db.execute(f"PRAGMA max_page_count={pages}")))

    async with desk() as d:
        d.ingest.pause()
        await limit(d, 40)
        reports = await d.read(folder)
        assert {report.status for report in reports} == {"failed"}
        assert "no space left" in reports[0].reason
        assert await roots(d) == [str(folder)]
        await limit(d, 2**30)
        d.ingest.resume()
        await until(lambda: _remembers(d, 3000))


async def _remembers(d: Desk, count: int) -> bool:
    return len(await d.memory.documents()) == count


async def test_files_that_another_process_took_from_the_queue_are_looked_for_and_reported(tmp_path: Path) -> None:
    folder = notes(tmp_path / "notes", 4)
    async with desk() as d:
        d.ingest.pause()
        reading = asyncio.create_task(d.read(folder))
        await until(lambda: _has(d, 4))
        other = FileQueue(d.paths.queue)
        other.cancel()
        other.close()
        d.ingest.resume()
        assert [report.status for report in await reading] == ["ingested"] * 4


async def _has(d: Desk, count: int) -> bool:
    return await waiting(d) == count and not d.ingest._discovery.running


async def test_cancelling_while_another_process_reads_leaves_its_files_and_takes_all_of_ours(tmp_path: Path) -> None:
    folder = notes(tmp_path / "notes", 4)
    async with desk() as d:
        await d.memory.start()
        other, queue = Memory(d.paths), FileQueue(d.paths.queue)
        await other.claim("ingest")
        queue.add([("/other/file.md", 1, "")])
        d.ingest.enqueue([folder])
        await until(lambda: roots(d))
        d.ingest.cancel()
        await until(lambda: _no_root(d))
        assert queue.count() == (1, 1)
        await other.release("ingest")
        await d.memory.claim("test")  # what waited for the other one would go on now
        await asyncio.sleep(0.3)
        assert queue.count() == (1, 1)
        assert await roots(d) == []
        await other.stop()
        queue.close()


async def _no_root(d: Desk) -> bool:
    return not await roots(d)


async def test_forgetting_a_folder_ends_the_search_in_it_until_it_is_dropped_again(tmp_path: Path) -> None:
    notes(tmp_path / "all" / "other", 30)
    folder = notes(tmp_path / "all" / "here", 1500)
    for dropped, left in ((folder, 0), (tmp_path / "all", 30)):
        async with desk() as d:
            d.ingest.pause()
            reading = asyncio.create_task(d.read(dropped))
            await until(lambda d=d: waiting(d))  # type: ignore[misc]
            await d.ingest.forget(str(folder))
            await until(lambda d=d, left=left: _has(d, left))  # type: ignore[misc]
            assert await roots(d) == []
            d.ingest.resume()
            reports = await reading
            assert {report.status for report in reports if "/other/" in report.path} == (
                {"ingested"} if left else set()
            )
            assert {report.status for report in reports if "/here/" in report.path} <= {"cancelled"}
            assert len(await d.memory.documents()) == left
            assert {report.status for report in await d.read(folder / "note 0007.md")} == {"ingested"}
            await d.ingest.forget()


async def test_memory_is_forgotten_also_when_the_list_of_files_cannot_be_used(tmp_path: Path) -> None:
    def spoil(queue: FileQueue) -> None:
        queue.close()
        for file in d.paths.queue.parent.glob(f"{d.paths.queue.name}*"):
            file.unlink()
        d.paths.queue.mkdir()

    async with desk() as d:
        await d.read(notes(tmp_path / "notes", 3))
        await d.ingest._queue.run(spoil)
        with pytest.raises(TrayassistError, match="list of files to read"):
            await d.ingest.forget()
        assert await d.memory.documents() == []


async def test_a_file_that_waits_is_taken_off_by_its_name_in_any_composition(tmp_path: Path) -> None:
    queue = FileQueue(tmp_path / "q.sqlite")
    for place in ("/x/café.txt", "/x/café"):
        name = unicodedata.normalize("NFD", f"{place}/a.txt" if place.endswith("é") else place)
        queue.add([(name, 1, "")])
        assert queue.cancel(unicodedata.normalize("NFC", place)) == [name]
    queue.close()


async def test_readers_that_died_are_counted_in_a_row(tmp_path: Path) -> None:
    path = str(notes(tmp_path, 1) / "note 0000.md")
    async with desk() as d:
        await d.ingest._queue.run(FileQueue.add, [(path, 9, path)])
        (file,) = await d.ingest._queue.run(FileQueue.waiting, [], 1)
        reading: FileReading = d.ingest._reading_of(file, d.ingest.readers.take().worker)
        for deaths in (2, 0):  # it got on
            reading.deaths = deaths
            await d.ingest._on_batch(reading)
            assert [one.deaths for one in await d.ingest._queue.run(FileQueue.waiting, [], 1)] == [deaths]
