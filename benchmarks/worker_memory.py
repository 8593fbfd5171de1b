"""What the memory worker holds of the machine's memory: before, after 1,500 documents, and at rest behind them.

    python benchmarks/worker_memory.py [DOCUMENTS]

The documents are ten pages of text each, of real reports with other figures in every copy. Data: the folder
TRAYASSIST_DATA, else `shared/data` beside the repository; without it the pages are made here. At rest is when the
upkeep of the indexes is done and a worker that grew large was replaced; then a search is asked.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil

from trayassist.config import MemorySettings
from trayassist.memory.ingest import FileReport, Ingest
from trayassist.memory.store import Memory
from trayassist.paths import current
from trayassist.safety.audit import Audit

DATA = Path(os.environ.get("TRAYASSIST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
PAGES = 10  # of a document
BAR_MB = 600
NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # fonts without a table of characters give such


def real_pages() -> list[str]:
    """Return the texts of the pages of real reports."""
    import pymupdf  # here, as the workers import this file too, and it takes 90 MB

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.memory.ingest import pdfs

    found = []
    for file in sorted((DATA / "qa").rglob("*.pdf")):
        with pymupdf.open(file) as document:
            found += [NO_TEXT.sub(" ", page.get_text()) for page in document]
    return [text for text in found if len(text) > 500] or [pdfs.prose(seed, 400) for seed in range(1500)]


def write_documents(folder: Path, count: int) -> None:
    """Write documents of ten pages; each copy of a page has other figures."""
    chance, pages = random.Random(1), real_pages()
    for number in range(count):
        digits = str.maketrans("123456789", "".join(chance.sample("123456789", 9)))
        some = [pages[(number * PAGES + at) % len(pages)].translate(digits) for at in range(PAGES)]
        (folder / f"report {number}.txt").write_text("\n\n".join(some), encoding="utf-8", errors="replace")


async def measure(folder: Path) -> dict[str, Any]:
    """Return what the memory worker holds, in millions of bytes."""
    os.environ["TRAYASSIST_HOME"] = tempfile.mkdtemp(prefix="trayassist-bench-")
    paths = current()
    paths.make()
    memory, audit = Memory(paths), Audit(paths.audit, 30)
    ingest = Ingest(paths, memory, MemorySettings(), audit)
    await memory.start()
    figures = {"before_mb": worker_mb(memory)}
    await memory.search("net sales of the third quarter")
    figures["searched_mb"] = worker_mb(memory)
    most = [0]

    async def look() -> None:
        while True:
            most[0] = max(most[0], worker_mb(memory))
            await asyncio.sleep(0.5)

    watch = asyncio.create_task(look())
    reports = [item async for item in ingest.ingest([folder]) if isinstance(item, FileReport)]
    watch.cancel()
    assert {report.status for report in reports} == {"ingested"}, [report.reason for report in reports if report.reason]
    figures |= {"at_most_mb": most[0], "after_mb": worker_mb(memory)}
    await memory.optimize()
    figures["after_upkeep_mb"] = worker_mb(memory)
    await memory.release("ingest")
    await memory.renew_large_worker()
    figures["at_rest_mb"] = worker_mb(memory)
    assert (await memory.search("net sales of the third quarter")).documents == len(reports)
    figures["after_a_search_mb"] = worker_mb(memory)
    await ingest.stop()
    await memory.stop()
    audit.close()
    return figures | {"documents": len(reports), "passages": sum(report.passages for report in reports)}


def worker_mb(memory: Memory) -> int:
    """Return the resident memory of the memory worker."""
    assert memory.worker.pid is not None
    return round(psutil.Process(memory.worker.pid).memory_info().rss / 1e6)


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    with tempfile.TemporaryDirectory() as name:
        write_documents(Path(name), count)
        figures = await measure(Path(name))
    print(json.dumps({"benchmark": "worker_memory", **figures, "bar_mb": BAR_MB}))


if __name__ == "__main__":
    asyncio.run(main())
