"""How fast search and writing are, as one JSON object; the floor is the same calls made directly.

    python benchmarks/search.py [--passages 6000 100000] [--queries 60]

Real passages: the pages of the FinanceBench and docugami PDFs; beyond those, near-copies of them under
other names (each page cut anew from a random word on). Reported for each size: milliseconds through the
worker (`worker`), the same operation called in this process on the same tables (`direct`), what pipe and
process add (median of the differences, the two asked in turns), and the median of LanceDB's full-text
search alone (`fts`). Writing: pages/s through the worker, indexes up to date at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pickle
import random
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from lancedb.query import MatchQuery

from retrieval import DATA, read_pdf
from trayassist.api import Page
from trayassist.memory.store import Memory
from trayassist.paths import Paths

if TYPE_CHECKING:  # what is heavy is imported late: the worker process imports this file too
    from trayassist.workers.memory.service import Service


def percentiles(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
    }


def documents(originals: dict[str, list[Page]]) -> Iterator[tuple[str, list[Page]]]:
    """Yield the real documents, then near-copies of them under other names, without end."""
    yield from originals.items()
    chance = random.Random(7)
    copy = 0
    while True:
        copy += 1
        for path, pages in originals.items():
            cut = [Page(number=p.number, text=_later(p.text, chance), headings=p.headings) for p in pages]
            yield f"{Path(path).parent}/copy{copy:03d}_{chance.randrange(10**6)}.pdf", cut


def _later(text: str, chance: random.Random) -> str:
    words = text.split()
    return " ".join(words[chance.randrange(min(150, len(words) // 2 + 1)) :])


async def fill(memory: Memory, source: Iterator[tuple[str, list[Page]]], passages: int, there: int) -> dict[str, Any]:
    """Write documents until memory has `passages`; return how fast that was."""
    pages, began = 0, perf_counter()
    while there < passages:
        path, content = next(source)
        begun = await memory.begin(path, path, 0, 0.0)
        for at in range(0, len(content), 32):
            there += await memory.add_pages(begun.token, pickle.dumps(content[at : at + 32]))
        await memory.finish(begun.token)
        pages += len(content)
    written = perf_counter() - began
    await memory.optimize()
    whole = perf_counter() - began
    return {"passages": there, "pages": pages, "pages_per_s": round(pages / written), "with_indexes_s": round(whole, 2)}


async def ask_both(memory: Memory, service: Service, questions: Sequence[str]) -> dict[str, Any]:
    """Ask each question through the worker and directly, in turns."""

    table = service._tables["passages"]
    search = service.operations()["search"]
    times: dict[str, list[float]] = {"worker": [], "direct": [], "fts": [], "quote": []}

    async def timed(name: str, ask: Callable[[], Awaitable[Any]]) -> None:
        began = perf_counter()
        await ask()
        times[name].append((perf_counter() - began) * 1000)

    for round_, question in enumerate([*questions[:5], *questions]):
        await timed("worker", lambda q=question: memory.search(q, 8))  # type: ignore[misc]
        await asyncio.to_thread(lambda: None)
        for name, call in (
            ("direct", lambda q=question: search(query=q, limit=8)),
            ("fts", lambda q=question: table.search(MatchQuery(q, "text"), query_type="fts").limit(8).to_arrow()),
        ):
            began = perf_counter()
            await asyncio.to_thread(call)
            times[name].append((perf_counter() - began) * 1000)
        await timed("quote", lambda q=question: memory.quote(q, 4))  # type: ignore[misc]
        if round_ == 4:
            times = {name: [] for name in times}  # the first five warm both up
    added = [a - b for a, b in zip(times["worker"], times["direct"], strict=True)]
    report: dict[str, Any] = {name: percentiles(values) for name, values in times.items()}
    report["pipe_and_process_add_ms"] = round(statistics.median(added), 2)
    return report


async def measure(sizes: Sequence[int], count: int, folder: Path) -> dict[str, Any]:

    from trayassist.workers.memory.service import Service

    sys.path.insert(0, str(DATA))
    import load  # type: ignore[import-not-found]

    pdfs = [*(DATA / "qa/financebench/pdfs").glob("*.pdf"), *(DATA / "qa/docugami_10q/docs").glob("*.pdf")]
    source = documents({str(path): read_pdf(path) for path in sorted(pdfs)})
    questions = [item["question"] for item in (*load.financebench(), *load.docugami())]
    random.Random(3).shuffle(questions)
    report: dict[str, Any] = {}
    memory = Memory(Paths(config=folder / "config", data=folder / "data"))
    there = 0
    for size in sizes:
        filled = await fill(memory, source, size, there)
        there = filled["passages"]
        service = Service(str(folder / "data" / "memory"))
        report[str(size)] = {"writing": filled, **await ask_both(memory, service, questions[:count])}
        service.close()
    pid = memory.worker.pid
    if pid is not None and sys.platform == "linux":
        status = Path(f"/proc/{pid}/status").read_text()
        report["worker_rss_mb"] = round(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    await memory.stop()
    return report


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--passages", type=int, nargs="+", default=[6000, 100_000])
    parser.add_argument("--queries", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(measure(sorted(options.passages), options.queries, Path(folder)))
    print(json.dumps({"cores": os.cpu_count(), **report}, indent=1))


if __name__ == "__main__":
    main()
