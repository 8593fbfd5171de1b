"""Pages a second from file to searchable memory, beside `page.get_text()` alone; and how soon a dropped file is found.

    python benchmarks/ingest.py [rounds]

Floor: `page.get_text()` over the same PDFs in one process of its own (the reading alone, on one core). Rounds
alternate; every round ingests into a memory of its own, with warm workers. `first_page_ms` is from the drop of a
500-page PDF made here to the first search that finds its first page. Data: the folder TRAYASSIST_DATA, else
`shared/data` beside the repository; without it, eight PDFs of 150 pages made here.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.memory.ingest import pdfs

from trayassist.config import MemorySettings
from trayassist.memory.ingest import FileReport, Ingest
from trayassist.memory.store import Memory
from trayassist.paths import current

DATA = Path(os.environ.get("TRAYASSIST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
FLOOR = """
import sys, time
from pathlib import Path
import pymupdf
pymupdf.TOOLS.mupdf_display_errors(False)
files = sorted(Path(sys.argv[1]).glob("*.pdf"))
pages, began = 0, time.perf_counter()
for file in files:
    with pymupdf.open(file) as document:
        for page in document:
            page.get_text()
            pages += 1
print(pages / (time.perf_counter() - began))
"""


class Silent:
    """Takes audit lines and drops them."""

    def write(self, event: str, **fields: Any) -> None: ...


def floor(folder: Path) -> float:
    """Return the pages a second of page.get_text() alone."""
    done = subprocess.run([sys.executable, "-c", FLOOR, str(folder)], capture_output=True, text=True, check=True)
    return float(done.stdout)


async def end_to_end(folder: Path) -> tuple[float, int]:
    """Return pages a second and pages, from the call of ingest() to the last report."""
    memory, ingest = await warm()
    began = time.perf_counter()
    reports = [item async for item in ingest.ingest([folder]) if isinstance(item, FileReport)]
    seconds = time.perf_counter() - began
    assert {report.status for report in reports} == {"ingested"}, reports
    await ingest.stop()
    await memory.stop()
    pages = sum(report.pages for report in reports)
    return pages / seconds, pages


async def warm() -> tuple[Memory, Ingest]:
    """Return a new memory and an ingest whose workers run."""
    os.environ["TRAYASSIST_HOME"] = tempfile.mkdtemp(prefix="trayassist-bench-")
    paths, settings = current(), MemorySettings()
    paths.make()
    memory = Memory(paths)
    ingest = Ingest(paths, memory, settings, Silent())
    small = Path(os.environ["TRAYASSIST_HOME"])
    await memory.start()
    files = [pdfs.plain(small / f"warm{n}.pdf", [f"warm {n}"] * 20) for n in range(settings.readers)]
    async for _ in ingest.ingest(files):
        pass
    return memory, ingest


async def first_page_ms(path: Path) -> float:
    """Return the time from the drop to the first search that finds the first page."""
    memory, ingest = await warm()
    began = time.perf_counter()
    reading = asyncio.create_task(_drain(ingest, path))
    while not await _finds(memory, path):  # noqa: ASYNC110  # other processes bring it about
        await asyncio.sleep(0.005)
    milliseconds = (time.perf_counter() - began) * 1e3
    await reading
    await ingest.stop()
    await memory.stop()
    return milliseconds


async def _finds(memory: Memory, path: Path) -> bool:
    found = await memory.search("zanzibar number0")
    return any(passage.path == str(path) and passage.page == 1 for passage in found.passages)


async def _drain(ingest: Ingest, path: Path) -> None:
    async for _ in ingest.ingest([path]):
        pass


async def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        folder = DATA / "qa" / "financebench" / "pdfs"
        if not folder.is_dir():
            folder = made / "made"
            folder.mkdir()
            for n in range(8):
                pdfs.plain(folder / f"{n}.pdf", [pdfs.prose(n * 1000 + page, 400) for page in range(150)])
        texts = [f"zanzibar number{page}\n{pdfs.prose(page, 400)}" for page in range(500)]
        large = pdfs.plain(made / "large.pdf", texts)
        alone, ours, pages = [], [], 0
        for _ in range(rounds):
            alone.append(floor(folder))
            rate, pages = await end_to_end(folder)
            ours.append(rate)
        first = [await first_page_ms(large) for _ in range(rounds)]
    ratio = statistics.median(a / b for a, b in zip(ours, alone, strict=True))
    figures = {
        "pages": pages,
        "get_text_alone_pages_per_s": round(statistics.median(alone), 1),
        "end_to_end_pages_per_s": round(statistics.median(ours), 1),
        "ratio": round(ratio, 3),
        "ratio_bar": 0.6,
        "first_page_of_500_ms": round(statistics.median(first), 1),
        "first_page_of_500_worst_ms": round(max(first), 1),
        "first_page_bar_ms": 1500,
        "readers": MemorySettings().readers,
        "cores": os.cpu_count(),
    }
    print(json.dumps({"benchmark": "ingest", **figures}))


if __name__ == "__main__":
    asyncio.run(main())
