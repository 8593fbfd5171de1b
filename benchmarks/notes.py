"""A folder of notes: what remembering many small files costs, beside reading and embedding the same files alone.

    python benchmarks/notes.py [NOTES]

Both figures are processor seconds of all processes taken together, measured in the same run: they hold on a machine
that does other things, too. `cpu_s` includes the upkeep of the indexes that follows. `memory_worker_mb` is what the
memory worker holds at the end, beside what it held before and what it holds when it had time to give memory back.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from trayassist.config import MemorySettings
from trayassist.memory.ingest import FileReport, Ingest
from trayassist.memory.store import Memory
from trayassist.paths import current
from trayassist.safety.audit import Audit

BAR_S, BAR_RATIO = 60.0, 3.0  # for 10,000 notes
FLOOR = """
import sys, time
from pathlib import Path
from trayassist.api import ReadOptions
from trayassist.workers.memory.embedder import Embedder
from trayassist.workers.memory.text import windows
from trayassist_ingest.text import MarkdownIngestor
ingestor, embedder = MarkdownIngestor(), Embedder()
began = time.process_time()
texts = []
for file in sorted(Path(sys.argv[1]).rglob("*.md")):
    for page in ingestor.read(file, ReadOptions()):
        texts += [page.text[a:b] for a, b in windows(page.text)]
    if len(texts) >= 500:
        embedder.embed(texts)
        texts = []
embedder.embed(texts)
print(time.process_time() - began)
"""


def write_notes(folder: Path, count: int) -> None:
    """Write notes of 1 KB each, a hundred to a folder, of a vocabulary of 20,000 words."""
    chance = random.Random(1)
    vocabulary = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=chance.randint(3, 9))) for _ in range(20_000)]
    for number in range(count):
        place = folder / f"{number // 100:03}"
        place.mkdir(exist_ok=True)
        words = " ".join(chance.choices(vocabulary, k=160))[:960]
        (place / f"note {number}.md").write_text(f"# Note {number}\n\n{words}\n")


def floor(folder: Path) -> float:
    """Return the processor seconds of reading and embedding alone, in one process."""
    done = subprocess.run([sys.executable, "-c", FLOOR, str(folder)], capture_output=True, text=True, check=True)
    return float(done.stdout)


class Work:
    """Processor seconds of this process and of all that it started, from now on."""

    def __init__(self) -> None:
        self._before = self._used()

    def seconds(self) -> float:
        """Return what was used since."""
        return self._used() - self._before

    @staticmethod
    def _used() -> float:
        used = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        for child in psutil.Process().children(recursive=True):
            times = child.cpu_times()
            used += times.user + times.system
        return used


async def remember(folder: Path) -> dict[str, Any]:
    """Return the figures of an ingest of all notes, begun with warm workers."""
    os.environ["TRAYASSIST_HOME"] = tempfile.mkdtemp(prefix="trayassist-bench-")
    paths, settings = current(), MemorySettings()
    paths.make()
    memory, audit = Memory(paths), Audit(paths.audit, 30)
    ingest = Ingest(paths, memory, settings, audit)
    await memory.start()
    await ingest.warm_up()
    at_first = worker_mb(memory)
    work, began = Work(), time.perf_counter()
    reports = [item async for item in ingest.ingest([folder]) if isinstance(item, FileReport)]
    seconds, spent = time.perf_counter() - began, work.seconds()
    assert {report.status for report in reports} == {"ingested"}, {report.status for report in reports}
    at_end = worker_mb(memory)
    await memory.optimize()
    with_upkeep = work.seconds()
    await memory.release("ingest")
    assert (await memory.search("note 77")).documents == len(reports)
    rested = worker_mb(memory)
    await ingest.stop()
    await memory.stop()
    audit.close()
    return {
        "cpu_s": round(with_upkeep, 1),
        "cpu_until_reported_s": round(spent, 1),
        "seconds": round(seconds, 1),
        "memory_worker_before_mb": at_first,
        "memory_worker_mb": at_end,
        "memory_worker_after_upkeep_mb": rested,
    }


def worker_mb(memory: Memory) -> int:
    """Return what the memory worker holds of the machine's memory, in millions of bytes."""
    assert memory.worker.pid is not None
    return round(psutil.Process(memory.worker.pid).memory_info().rss / 1e6)


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_notes(folder, count)
        before = floor(folder)  # and again after it: on a busy machine the same work takes more of the processor
        figures = await remember(folder)
        alone = (before + floor(folder)) / 2
    print(
        json.dumps(
            {
                "benchmark": "notes",
                "notes": count,
                **figures,
                "cpu_bar_s": BAR_S * count / 10_000,
                "reading_and_embedding_alone_cpu_s": round(alone, 1),
                "ratio": round(figures["cpu_until_reported_s"] / alone, 2),
                "ratio_with_indexes": round(figures["cpu_s"] / alone, 2),
                "ratio_bar": BAR_RATIO,
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
