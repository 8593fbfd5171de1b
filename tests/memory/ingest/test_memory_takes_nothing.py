"""A full disk, a read-only folder, an embedder that is gone: the queue waits, says why, and nothing is lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import waiting
from tests.memory.embedders import WordEmbedders
from tests.memory.ingest.conftest import BUNDLED, Desk, Lines, desk, until
from trayassist.api import ModelUnavailable
from trayassist.config import MemorySettings
from trayassist.memory.ingest import FileReport, Ingest
from trayassist.memory.store import Memory
from trayassist.paths import Paths


def _mount(*options: str) -> bool:
    return subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(home: Paths) -> Iterator[Path]:
    """The memory folder on a disk of 24 MB; skipped where this user may not mount one."""
    home.memory.mkdir(parents=True, exist_ok=True)
    if sys.platform != "linux" or not _mount("-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", str(home.memory)):
        pytest.skip("this user may not mount a file system")
    yield home.memory
    subprocess.run(["umount", "-l", str(home.memory)], check=True)


def _text(path: Path, words: str, pages: int) -> Path:
    lines = (f"{words} leaf{n} " + f"and more words on {words} {n} " * 60 for n in range(pages))
    path.write_text("\f".join(lines), encoding="utf-8")
    return path


async def _ingest_stuck(here: Desk, file: Path) -> FileReport:
    (report,) = [item async for item in here.ingest.ingest([file]) if isinstance(item, FileReport)]
    assert here.ingest.paused
    assert here.ingest.paused_reason
    assert here.ingest.waiting() == 1
    return report


async def _resume(here: Desk, path: Path) -> None:
    async def done() -> bool:
        return any(d.path == str(path) and d.complete for d in await here.memory.documents())

    here.ingest.resume()
    await until(done)
    spans = (await here.memory.index()).passages
    assert spans == sum(d.passages for d in await here.memory.documents())
    assert await here.ingest.problems() == []


async def test_a_disk_that_fills_up_loses_nothing(
    tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trayassist.memory.filereading.ROOM_BYTES", 0)
    async with desk() as here:
        first = _text(tmp_path / "first.txt", "granite", 3)
        assert (await here.read_one(first)).status == "ingested"
        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(bytes(25 * 2**20))
        big = _text(tmp_path / "big.txt", "marble", 200)
        report = await _ingest_stuck(here, big)
        assert "no room left on the disk" in report.reason
        assert "stays in the queue" in report.reason
        assert (await here.memory.search("granite")).passages[0].path == str(first)
        filler.unlink()
        await _resume(here, big)
        assert {Path(d.path).name for d in await here.memory.documents()} == {"first.txt", "big.txt"}
        assert (await here.memory.search("marble leaf77")).passages[0].path == str(big)


async def test_a_folder_that_becomes_read_only_loses_nothing(tmp_path: Path, small_disk: Path) -> None:
    async with desk() as here:
        first = _text(tmp_path / "first.txt", "granite", 3)
        assert (await here.read_one(first)).status == "ingested"
        await waiting.until(lambda: _mount("-o", "remount,ro", str(small_disk)))
        second = _text(tmp_path / "second.txt", "marble", 5)
        assert "cannot be written" in (await _ingest_stuck(here, second)).reason
        assert (await here.memory.search("granite")).passages[0].path == str(first)
        assert _mount("-o", "remount,rw", str(small_disk))
        await _resume(here, second)
        assert (await here.memory.search("marble leaf3")).passages[0].path == str(second)


async def test_an_embedder_that_dies_in_the_middle_loses_nothing_and_doubles_nothing(
    tmp_path: Path, home: Paths
) -> None:
    embedders, audit = WordEmbedders(), Lines()
    memory = Memory(home, embedders)
    here = Desk(home, memory, Ingest(home, memory, MemorySettings(), audit, reader_entries=(BUNDLED,)), audit)
    try:
        assert (await here.read_one(_text(tmp_path / "first.txt", "granite", 3))).status == "ingested"
        embedders.calls_left, embedders.problem = 1, ModelUnavailable("The embedder one ended 3 times.", "Try again.")
        big = _text(tmp_path / "big.txt", "marble", 120)
        report = await _ingest_stuck(here, big)
        assert "cannot be made searchable now. The embedder one ended 3 times." in report.reason
        assert "stays in the queue" in report.reason
        await asyncio.sleep(0.1)
        embedders.calls_left = 10**9
        await _resume(here, big)
    finally:
        await here.ingest.stop()
        await here.memory.stop()
