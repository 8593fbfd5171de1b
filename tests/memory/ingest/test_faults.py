"""Readers that hang, crash, exit, eat memory or return rubbish cost their own file and no more."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from tests.memory.ingest import pdfs
from tests.memory.ingest.conftest import Desk, desk, until


async def _has_begun(d: Desk) -> bool:
    return any(document.pages > 20 for document in await d.memory.documents())


FAULTS = {
    "always_hangs": "bad.always_hangs was given up after page 2: a page took longer than 4 seconds",
    "hog": "memory",
    "raises": "the reader “raises” failed (ZeroDivisionError: made for this test)",
    "rubbish": "it gave str, not a page",
    "backwards": "it gave page 1 after page 2",
    "quits": "the reader “quits” failed (SystemExit: 3)",
    "interrupts": "the reader “interrupts” failed (KeyboardInterrupt)",
    "huge": "it gave a page of 6,000,000 characters",
    "mistyped": "it gave a page whose text, title, note, label or headings are no text",
    "crash": "ended its reader 3 times and was set aside",
}
TOO_LATE = "Page 2: left out, as it took too long."
LEFT_OUT = "Page 2: left out, as its reader crashed on it."


async def test_faulty_readers_cost_their_own_file_and_no_more(tmp_path: Path) -> None:
    """All at once, with good files between: nothing hangs, and the workers are there afterwards."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in (*FAULTS, "segfault", "exits", "hang", "noise"):
        (folder / f"bad.{name}").write_text(f"what there is to read in {name}")
        pdfs.plain(folder / f"good {name}.pdf", [pdfs.prose(len(name))])
    async with desk(*FAULTS, "segfault", "exits", "hang", "noise", page_time_limit_s=4, reader_memory_mb=512) as d:
        reports = {Path(report.path).suffix[1:]: report for report in await d.read(folder) if "bad" in report.path}
        for name, words in FAULTS.items():
            assert reports[name].status == "failed"
            assert words in reports[name].reason
        for name, words in (("segfault", LEFT_OUT), ("exits", LEFT_OUT), ("hang", TOO_LATE)):  # the others are there
            assert (reports[name].status, reports[name].pages, reports[name].reason) == ("ingested", 3, words)
            found = (await d.memory.search(f"what there is to read in {name}", 30)).passages
            assert {passage.page for passage in found if passage.path.endswith(name)} == {1, 3}
        assert reports["noise"].status == "ingested"
        remembered = {Path(document.path).name for document in await d.memory.documents()}
        assert {"bad.segfault", "bad.exits", "bad.hang", "bad.noise"} == {
            name for name in remembered if name.startswith("bad")
        }
        assert any(name.startswith("good") for name in remembered)
        assert {Path(report.path).suffix[1:] for report in await d.ingest.problems()} == set(FAULTS)


async def test_a_reader_killed_in_the_middle_is_replaced_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "long.pdf", [pdfs.prose(seed, 200) for seed in range(300)])
    async with desk(readers=1) as d:
        reading = asyncio.create_task(d.read(path))
        await until(lambda: _has_begun(d))
        (pid,) = d.ingest.readers.pids()
        os.kill(pid, signal.SIGKILL)
        (report,) = await reading
        assert (report.status, report.pages, report.reason) == ("ingested", 300, "")
        (document,) = await d.memory.documents()
        assert (document.pages, document.complete) == (300, True)


async def test_readers_that_are_killed_from_outside_are_not_blamed_on_the_file(tmp_path: Path) -> None:
    """Five in a row, each at the same page: more than a file's own crashes may be."""
    (tmp_path / "a.hang").write_text("what there is to read")
    good = pdfs.plain(tmp_path / "good.pdf", [pdfs.prose(1)])
    async with desk("hang", readers=1, page_time_limit_s=3600) as d:
        reading = asyncio.create_task(d.read(tmp_path / "a.hang", good))
        killed: set[int] = set()
        for number in [signal.SIGKILL, signal.SIGTERM] * 3:
            await until(lambda: _reads_on(d, killed))
            (pid,) = d.ingest.readers.pids()
            killed.add(pid)
            os.kill(pid, number)
        await until(lambda: _reads_on(d, killed))
        assert not await d.ingest.problems()
        assert not reading.done()
        d.ingest.cancel(path=tmp_path / "a.hang")
        reports = {Path(report.path).name: report.status for report in await reading}
        assert reports == {"a.hang": "cancelled", "good.pdf": "ingested"}


async def _reads_on(d: Desk, killed: set[int]) -> bool:
    """A reader that was not killed yet has the file open: the first page is in memory, the second hangs."""
    pids = d.ingest.readers.pids()
    # None of them while the file is still tried together with the other small one.
    workers = [reading.worker for reading, _ in d.ingest._reading.values()]
    return len(pids) == 1 and any(one.busy and one.pid in pids and one.pid not in killed for one in workers)


async def test_readers_that_do_not_start_leave_the_files_in_the_queue(tmp_path: Path) -> None:
    """Here a plugin ends each reader while it is loaded; a limit of the session has the same effect."""
    path = pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(1)])
    async with desk("ends_at_import") as d:
        (report,) = await d.read(path)
        assert "The reader process did not start: exit code 9. " in report.reason
        assert "stays in the queue" in report.reason
        assert d.ingest.paused
        assert not await d.ingest.problems()
    async with desk() as d:  # without that plugin it is read
        await d.ingest.start()
        await until(lambda: _has_one(d))


async def _has_one(d: Desk) -> bool:
    return any(document.complete for document in await d.memory.documents())


async def test_the_memory_worker_killed_in_the_middle_is_replaced(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "long.pdf", [pdfs.prose(seed, 200) for seed in range(300)])
    async with desk(readers=1) as d:
        reading = asyncio.create_task(d.read(path))
        await until(lambda: _has_begun(d))
        d.memory.worker.kill()
        (report,) = await reading
        assert report.status == "ingested"
        (document,) = await d.memory.documents()
        assert (document.pages, document.complete) == (300, True)


async def test_what_was_read_before_a_time_limit_is_kept_and_the_line_says_where_it_ends(tmp_path: Path) -> None:
    async with desk("hangs_on", file_time_limit_s=4, page_time_limit_s=3600) as d:
        (tmp_path / "a.hangs_on").write_text("what there is to read")
        report = await d.read_one(tmp_path / "a.hangs_on")
        assert (report.status, report.pages) == ("ingested", 1)
        assert report.reason.startswith("What comes after page 1 is not read: it took longer than 4 seconds.")
    async with desk("hangs_on", page_time_limit_s=2) as d:
        (tmp_path / "b.hangs_on").write_text("what else there is")
        report = await d.read_one(tmp_path / "b.hangs_on")
        assert (report.status, report.pages) == ("ingested", 5)
        assert "What comes after page 5 is not read: a page took longer than 2 seconds." in report.reason
        assert {passage.page for passage in (await d.memory.search("what else there is")).passages} == {1, 2}


async def test_a_disabled_plugin_reads_nothing(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(1)])
    async with desk() as d:
        d.ingest.use(d.ingest._settings, ["ingest"])
        report = await d.read_one(path)
        assert report.status == "refused"
        assert "switched off" in report.reason
