"""Readers that hang, crash, exit, eat memory or return rubbish cost their own file and no more."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.ingest import pdfs
from tests.ingest.conftest import Desk, desk, until


async def _begun(d: Desk) -> bool:
    return any(document.pages > 20 for document in await d.memory.documents())


def _act(path: Path) -> Path:
    path.write_text("what there is to read")
    return path


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        ("hang", "a page took longer than 1 seconds"),
        ("hog", "memory"),
        ("raises", "the ingestor “raises” failed (ZeroDivisionError: made for this test)"),
        ("rubbish", "it gave str, not a page"),
        ("backwards", "it gave page 1 after page 2"),
        ("crash", "ended its reader 3 times and was set aside"),
    ],
)
async def test_a_faulty_reader_fails_its_file_with_a_sentence(tmp_path: Path, plugin: str, words: str) -> None:
    async with desk(plugin, page_time_limit_s=1 if plugin == "hang" else 60, reader_memory_mb=512, readers=1) as d:
        bad, good = _act(tmp_path / "bad.act"), pdfs.plain(tmp_path / "good.pdf", [pdfs.prose(1)])
        reports = {Path(report.path).name: report for report in await d.read(bad, good)}
        assert reports["bad.act"].status == "failed"
        assert words in reports["bad.act"].reason
        assert reports["good.pdf"].status == "ingested"
        assert [Path(document.path).name for document in await d.memory.documents()] == ["good.pdf"]
        assert (await d.ingest.problems())[0].path == str(bad)


@pytest.mark.parametrize("plugin", ["segfault", "exits"])
async def test_a_page_that_crashes_its_reader_is_left_out(tmp_path: Path, plugin: str) -> None:
    async with desk(plugin, readers=1) as d:
        report = await d.read_one(_act(tmp_path / "bad.act"))
        assert (report.status, report.pages) == ("ingested", 3)
        assert report.reason == "Page 2: left out, as its reader crashed on it."
        pages = {passage.page for passage in (await d.memory.search("what there is to read")).passages}
        assert pages == {1, 3}


async def test_a_noisy_reader_disturbs_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with desk("noise") as d:
        assert (await d.read_one(_act(tmp_path / "a.act"))).status == "ingested"


async def test_a_reader_killed_in_the_middle_is_replaced_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "long.pdf", [pdfs.prose(seed, 200) for seed in range(600)])
    async with desk(readers=1) as d:
        reading = asyncio.create_task(d.read(path))
        await until(lambda: _begun(d))
        (pid,) = d.ingest.readers.pids()
        os.kill(pid, signal.SIGKILL)
        (report,) = await reading
        assert (report.status, report.pages, report.reason) == ("ingested", 600, "")
        (document,) = await d.memory.documents()
        assert (document.pages, document.complete) == (600, True)


async def test_the_memory_worker_killed_in_the_middle_is_replaced(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "long.pdf", [pdfs.prose(seed, 200) for seed in range(600)])
    async with desk(readers=1) as d:
        reading = asyncio.create_task(d.read(path))
        await until(lambda: _begun(d))
        d.memory.worker.kill()
        (report,) = await reading
        assert report.status == "ingested"
        (document,) = await d.memory.documents()
        assert (document.pages, document.complete) == (600, True)


async def test_a_file_time_limit_ends_a_file_whose_pages_are_each_in_time(tmp_path: Path) -> None:
    async with desk("slow", file_time_limit_s=0.3, page_time_limit_s=10) as d:
        report = await d.read_one(_act(tmp_path / "slow.act"))
        assert report.status == "failed"
        assert "longer than 0.3 seconds" in report.reason


async def test_a_disabled_plugin_reads_nothing(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(1)])
    async with desk() as d:
        d.ingest.use(d.ingest._settings, ["ingest"])
        report = await d.read_one(path)
        assert report.status == "refused"
        assert "switched off" in report.reason
