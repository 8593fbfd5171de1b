"""Files into memory and what is told about it; with real reader and memory workers."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from tests.memory.ingest import pdfs
from tests.memory.ingest.conftest import Desk, desk, until
from trayassist.memory import filereading
from trayassist.memory.ingest import FileReport, Progress


async def test_a_file_is_read_searchable_and_reported(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "lease.pdf", ["Late payments carry a fee of five percent.", pdfs.prose(1)])
    async with desk() as d:
        report = await d.read_one(path)
        assert (report.path, report.status, report.pages, report.ocr_pages) == (str(path), "ingested", 2, 0)
        assert report.passages >= 2
        assert report.ms > 0
        found = await d.memory.search("late payments fee")
        assert (found.passages[0].path, found.passages[0].page) == (str(path), 1)
        (line,) = d.audit.lines
        assert line["event"] == "ingest"
        assert (line["pages"], line["status"]) == (2, "ingested")
        assert "lease" not in str(line)  # F-32, CAPABILITIES 3.5: the path only as a hash
        assert d.ingest.waiting() == 0


async def test_the_same_content_is_one_document_and_a_changed_file_replaces(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", ["The old harbour."])
    async with desk() as d:
        await d.read_one(path)
        assert (await d.read_one(path)).status == "unchanged"
        copy = tmp_path / "copy.pdf"
        copy.write_bytes(path.read_bytes())
        report = await d.read_one(copy)
        assert (report.status, report.reason) == ("unchanged", f"The same as {path}.")
        assert len(await d.memory.documents()) == 1
        path.unlink()
        pdfs.plain(path, ["The new lantern."])
        assert (await d.read_one(path)).status == "ingested"
        texts = [p.text for p in (await d.memory.search("lantern harbour")).passages if p.path == str(path)]
        assert any("lantern" in text for text in texts)
        assert not any("harbour" in text for text in texts)


async def test_a_folder_is_walked_and_every_file_is_reported_once(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    (folder / "deep").mkdir(parents=True)
    pdfs.plain(folder / "a.pdf", [pdfs.prose(1)])
    (folder / "deep" / "b.md").write_text("# Notes\n\nThe granite saddle.")
    (folder / "c.docx").write_bytes(b"PK\x03\x04 word")
    (folder / ".hidden.txt").write_text("not this")
    async with desk() as d:
        reports = {Path(report.path).name: report for report in await d.read(folder)}
        assert {name: report.status for name, report in reports.items()} == {
            "a.pdf": "ingested",
            "b.md": "ingested",
            "c.docx": "refused",
        }
        assert "Word files are not read yet" in reports["c.docx"].reason
        assert {Path(p.path).name for p in await d.ingest.problems()} == {"c.docx"}
        await d.ingest.clear_problems()
        assert await d.ingest.problems() == []


async def test_what_is_not_there_or_empty_or_too_large_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").touch()
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(3 * 2**20)
    async with desk(max_file_mb=1) as d:
        gone = await d.read_one(tmp_path / "gone.pdf")
        assert (gone.status, gone.reason) == ("failed", "gone.pdf does not exist. Check the path and try again.")
        empty = await d.read_one(tmp_path / "empty.pdf")
        assert (empty.status, "is empty" in empty.reason) == ("refused", True)
        too_large = await d.read_one(large)
        assert too_large.status == "refused"
        assert "the limit is 1 MB" in too_large.reason
        assert await d.read() == []


async def test_a_file_without_any_text_is_not_silently_ingested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    async with desk(ocr=False) as d:
        report = await d.read_one(pdfs.write_scan(tmp_path / "scan.pdf", pages=3))
        assert report.status == "failed"
        assert "None of its 3 pages has text." in report.reason
        assert "Pages 1-3: not read as it is a scan: OCR is switched off" in report.reason
        assert await d.memory.documents() == []


async def test_a_file_with_some_scans_says_which_pages(tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.pdf"
    import pymupdf

    with pymupdf.open(pdfs.write_scan(tmp_path / "scan.pdf")) as scan, pymupdf.open() as document:
        document.new_page().insert_text((72, 100), pdfs.prose(1))
        document.insert_pdf(scan)
        document.save(mixed)
    async with desk(ocr=False) as d:
        report = await d.read_one(mixed)
        assert (report.status, report.pages) == ("ingested", 2)
        assert report.reason.startswith("Page 2: not read as it is a scan")


async def test_passwords_are_asked_for_used_and_never_written(tmp_path: Path) -> None:
    secret = "open-sesame-4711"
    path = pdfs.write_encrypted(tmp_path / "locked.pdf", user=secret, owner="owner")
    async with desk() as d:
        report = await d.read_one(path)
        assert (report.status, "needs a password" in report.reason) == ("needs_password", True)
        report = await d.read_one(path, password="wrong-guess-0815")
        assert (report.status, "does not open" in report.reason) == ("needs_password", True)
        told: asyncio.Queue[FileReport | Progress] = asyncio.Queue()
        end = d.ingest.subscribe(told.put_nowait)
        await d.ingest.give_password(path, secret)
        while not isinstance(item := await told.get(), FileReport):
            pass
        end()
        assert item.status == "ingested"
        assert await d.ingest.problems() == []
        assert secret not in str(d.audit.lines)
    for file in d.paths.data.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert secret.encode() not in content
            assert b"wrong-guess-0815" not in content


async def test_progress_has_file_page_rate_and_grows(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "long.pdf", [pdfs.prose(seed, 60) for seed in range(400)])
    async with desk() as d:
        items = await d.watch(path)
        steps = [item for item in items if isinstance(item, Progress)]
        assert steps
        assert [step.page for step in steps] == sorted(step.page for step in steps)
        assert {(step.path, step.pages, step.files_total) for step in steps} == {(str(path), 400, 1)}
        assert steps[-1].pages_per_s > 0
        assert isinstance(items[-1], FileReport)


async def test_the_first_page_is_searchable_while_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.hang"
    path.write_text("unusual zephyr")
    async with desk("hang", page_time_limit_s=3) as d:
        reading = asyncio.create_task(d.read(path))
        await until(lambda: _has_pages(d, path))
        assert not reading.done()
        await reading


async def test_pause_and_resume(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(1)])
    async with desk() as d:
        d.ingest.pause()
        reading = asyncio.create_task(d.read(path))
        await asyncio.sleep(0.3)
        assert d.ingest.paused
        assert not reading.done()
        assert await d.memory.documents() == []
        d.ingest.resume()
        assert (await reading)[0].status == "ingested"


async def test_cancelling_one_leaves_the_others(tmp_path: Path) -> None:
    stuck, other = tmp_path / "stuck.hang", pdfs.plain(tmp_path / "other.pdf", [pdfs.prose(2)])
    stuck.write_text("stuck here")
    async with desk("hang", readers=1) as d:
        reading = asyncio.create_task(d.read(stuck, other))
        await until(lambda: _has_pages(d, stuck))
        d.ingest.cancel(path=stuck)
        reports = {Path(report.path).name: report.status for report in await reading}
        assert reports == {"stuck.hang": "cancelled", "other.pdf": "ingested"}
        assert [Path(document.path).name for document in await d.memory.documents()] == ["other.pdf"]


async def test_cancelling_all_empties_the_queue(tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.hang" for n in range(5)]
    for file in files:
        file.write_text(f"act {file.stem}")
    async with desk("hang", readers=2) as d:
        reading = asyncio.create_task(d.read(*files))
        await until(d.memory.documents)
        d.ingest.cancel()
        assert [report.status for report in await reading] == ["cancelled"] * 5
        assert await d.memory.documents() == []
        assert d.ingest.waiting() == 0


async def test_a_file_that_changes_or_vanishes_while_it_is_read(tmp_path: Path) -> None:
    async with desk("slow") as d:
        for change, words in ((lambda p: p.write_text("other"), "changed while"), (Path.unlink, "vanished while")):
            path = tmp_path / f"{len(words)}.slow"
            path.write_text(f"content {words}")
            reading = asyncio.create_task(d.read_one(path))
            await until(d.memory.documents)
            change(path)
            report = await reading
            assert report.status == "failed"
            assert words in report.reason
            assert await d.memory.documents() == []


async def test_a_full_disk_pauses_with_a_reason_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(1)])
    async with desk() as d:
        monkeypatch.setattr(filereading, "ROOM_BYTES", 2**62)
        report = await d.read_one(path)  # nobody is kept waiting
        assert report.status == "failed"
        assert "The disk is almost full" in report.reason
        assert d.ingest.paused
        assert "disk" in d.ingest.paused_reason
        monkeypatch.setattr(filereading, "ROOM_BYTES", 0)
        told: asyncio.Queue[FileReport | Progress] = asyncio.Queue()
        d.ingest.subscribe(told.put_nowait)
        d.ingest.resume()
        while not isinstance(item := await told.get(), FileReport):
            pass
        assert (item.path, item.status) == (str(path), "ingested")


async def test_what_waits_is_read_by_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for n in range(3):
        pdfs.plain(folder / f"{n}.pdf", [pdfs.prose(n)])
    async with desk() as d:
        d.ingest.pause()
        d.ingest.enqueue([folder])
        await until(lambda: asyncio.to_thread(_three_wait, d.paths.queue))
    async with desk() as d:
        told: asyncio.Queue[FileReport | Progress] = asyncio.Queue()
        d.ingest.subscribe(told.put_nowait)
        await d.ingest.start()
        done = 0
        while done < 3:
            done += isinstance(await told.get(), FileReport)
        assert len(await d.memory.documents()) == 3


async def _has_pages(d: Desk, path: Path) -> bool:
    """Whether pages of a file that is still being read can be found."""
    return any(passage.path == str(path) for passage in (await d.memory.search(path.read_text())).passages)


def _three_wait(queue: Path) -> bool:
    if not queue.exists():
        return False
    with sqlite3.connect(queue) as db:
        try:
            ((count,),) = db.execute("SELECT count(*) FROM files")
        except sqlite3.OperationalError:
            count = 0  # the table is about to be made
    db.close()
    return int(count) == 3


async def test_a_closed_stream_cancels_nothing(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(seed) for seed in range(100)])
    async with desk() as d:
        told: asyncio.Queue[FileReport | Progress] = asyncio.Queue()
        d.ingest.subscribe(told.put_nowait)
        stream = d.ingest.ingest([path])
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        while not isinstance(item := await told.get(), FileReport):
            pass
        assert item.status == "ingested"


async def test_names_that_are_no_text_are_said(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    bad = Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.txt"))
    bad.write_text("words")
    async with desk() as d:
        report = await d.read_one(bad)
        assert (report.status, "not valid text" in report.reason) == ("failed", True)
        assert ["not valid text" in report.reason for report in await d.read(folder)] == [True]


async def test_memory_is_tended_when_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trayassist.memory.ingest.UPKEEP_AFTER_S", 0.05)
    monkeypatch.setattr("trayassist.memory.ingest.READERS_KEPT_S", 0.05)
    async with desk() as d:
        tended = asyncio.Event()
        optimize = d.memory.optimize

        async def note_optimize() -> None:
            await optimize()
            tended.set()

        monkeypatch.setattr(d.memory, "optimize", note_optimize)
        await d.read_one(pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(1)]))
        await asyncio.wait_for(tended.wait(), 20)
        await until(lambda: asyncio.to_thread(lambda: not d.ingest.readers.pids()))  # their memory is given back
        report = await d.read_one(pdfs.plain(tmp_path / "b.pdf", [pdfs.prose(2)]))  # and they come back
        assert report.status == "ingested"


async def test_files_that_are_dropped_again_while_they_wait_count_once(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for n in range(3):
        pdfs.plain(folder / f"{n}.pdf", [pdfs.prose(n)])
    async with desk() as d:
        told: list[bool] = []
        d.ingest.on_pause.append(lambda: told.append(d.ingest.paused))
        d.ingest.pause()
        walked: asyncio.Queue[FileReport | Progress] = asyncio.Queue()
        d.ingest.subscribe(walked.put_nowait)
        for _ in range(2):
            d.ingest.enqueue([folder, tmp_path / "gone.pdf"])  # walked in order: what is not there is told of last
            while (await walked.get()).path != str(tmp_path / "gone.pdf"):
                pass
        assert d.ingest.waiting() == 3
        d.ingest.resume()
        for _ in range(3):
            while not isinstance(await walked.get(), FileReport):
                pass
        assert (d.ingest.waiting(), told) == (0, [True, False])
