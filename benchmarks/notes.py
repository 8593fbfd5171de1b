"""A folder of notes: what remembering many small files costs, beside reading and embedding the same files alone.

    python benchmarks/notes.py [NOTES]

Both figures are processor seconds of all processes taken together, measured in the same run: they hold on a machine
that does other things, too. `cpu_s` includes the upkeep of the indexes that follows. `memory_worker_mb` is what the
memory worker holds at the end, and when it had time to give memory back.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
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


class NoAudit:
    """Takes audit lines and drops them."""

    def write(self, event: str, **fields: Any) -> None: ...


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


class Clock:
    """Processor seconds of this process and all that it started, also of those that have ended."""

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}

    def look(self) -> float:
        """Note what every process has used; return the sum."""
        me = psutil.Process()
        for process in [me, *me.children(recursive=True)]:
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            self._seen[process.pid] = times.user + times.system
        return sum(self._seen.values())


async def remember(folder: Path) -> dict[str, Any]:
    """Return the figures of an ingest of all notes."""
    os.environ["TRAYASSIST_HOME"] = tempfile.mkdtemp(prefix="trayassist-bench-")
    paths, settings = current(), MemorySettings()
    paths.make()
    memory = Memory(paths)
    ingest = Ingest(paths, memory, settings, NoAudit())
    await memory.start()
    await ingest.warm_up()
    clock, began = Clock(), time.perf_counter()
    before = clock.look()
    looks = asyncio.create_task(_look_often(clock))
    reports = [item async for item in ingest.ingest([folder]) if isinstance(item, FileReport)]
    seconds = time.perf_counter() - began
    spent = clock.look() - before
    assert {report.status for report in reports} == {"ingested"}, {report.status for report in reports}
    assert memory.worker.pid is not None
    at_end = psutil.Process(memory.worker.pid).memory_info().rss
    await memory.optimize()
    with_upkeep = clock.look() - before
    looks.cancel()
    await ingest.stop()
    status = await memory.search("note 77")
    assert status.documents == len(reports)
    rested = psutil.Process(memory.worker.pid).memory_info().rss if memory.worker.pid else 0
    await memory.stop()
    return {
        "cpu_s": round(with_upkeep, 1),
        "cpu_until_reported_s": round(spent, 1),
        "seconds": round(seconds, 1),
        "memory_worker_mb": round(at_end / 1e6),
        "memory_worker_after_upkeep_mb": round(rested / 1e6),
    }


async def _look_often(clock: Clock) -> None:
    while True:
        clock.look()
        await asyncio.sleep(0.5)


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_notes(folder, count)
        alone = floor(folder)
        figures = await remember(folder)
    print(
        json.dumps(
            {
                "benchmark": "notes",
                "notes": count,
                **figures,
                "cpu_bar_s": BAR_S * count / 10_000,
                "reading_and_embedding_alone_cpu_s": round(alone, 1),
                "ratio": round(figures["cpu_s"] / alone, 2),
                "ratio_bar": BAR_RATIO,
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
