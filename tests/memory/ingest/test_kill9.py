"""kill -9 of the whole process while it ingests: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.memory.ingest import pdfs
from tests.memory.ingest.conftest import desk
from trayassist.memory.ingest import FileReport

RUN = """
import asyncio, sys
from trayassist.config import MemorySettings
from trayassist.memory.ingest import FileReport, Ingest
from trayassist.memory.store import Memory
from trayassist.paths import current
from trayassist.safety.audit import Audit
from pathlib import Path

async def main():
    paths = current()
    memory = Memory(paths)
    audit, readers = Audit(paths.audit, 30), (("i", "trayassist_ingest"),)
    ingest = Ingest(paths, memory, MemorySettings(), audit, reader_entries=readers)
    if len(sys.argv) > 1:
        ingest.enqueue([Path(sys.argv[1])])
    await ingest.start()
    await asyncio.sleep(3600)

if __name__ == "__main__":
    asyncio.run(main())
"""
FILES, PAGES, KILLS = 8, 60, 20


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_twenty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    folder, script = tmp_path / "papers", tmp_path / "run.py"
    folder.mkdir()
    script.write_text(RUN)
    for n in range(FILES):
        pdfs.plain(
            folder / f"{n}.pdf", [f"number{n}x{page} {pdfs.prose(n * 1000 + page, 80)}" for page in range(PAGES)]
        )
    await asyncio.to_thread(_kill_again_and_again, script, folder)
    async with desk() as d:
        reports = [item async for item in d.ingest.ingest([folder]) if isinstance(item, FileReport)]
        assert {report.status for report in reports} <= {"ingested", "unchanged"}
        documents = await d.memory.documents()
        assert sorted(Path(document.path).name for document in documents) == [f"{n}.pdf" for n in range(FILES)]
        assert {(document.pages, document.complete) for document in documents} == {(PAGES, True)}
        for n, page in ((0, 0), (3, 17), (7, PAGES - 1)):
            found = (await d.memory.search(f"number{n}x{page}")).passages
            assert (Path(found[0].path).name, found[0].page) == (f"{n}.pdf", page + 1)
        fresh = {document.path: document.passages for document in documents}
        await d.memory.forget(str(folder))
        assert all(report.status == "ingested" for report in await d.read(folder))
        assert {document.path: document.passages for document in await d.memory.documents()} == fresh


def _kill_again_and_again(script: Path, folder: Path) -> None:
    moment = random.Random(7)
    for kill in range(KILLS):
        arguments = [sys.executable, str(script), *([str(folder)] if kill == 0 else [])]
        process = subprocess.Popen(arguments, env=os.environ)
        _wait_until_it_writes(process)
        time.sleep(moment.uniform(0.0, 0.4))
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        psutil.wait_procs(children, timeout=10)
        assert not [child for child in children if child.is_running() and "trayassist" in " ".join(child.cmdline())]


def _wait_until_it_writes(process: subprocess.Popen[bytes]) -> None:
    """Wait until its workers run; a kill before that would hit nothing."""
    began = time.monotonic()
    while len(psutil.Process(process.pid).children()) < 2 and time.monotonic() - began < 30:
        assert process.poll() is None
        time.sleep(0.02)
