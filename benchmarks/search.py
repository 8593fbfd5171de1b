"""How fast search and writing are, as one JSON object; the floor is the same calls made directly.

    python benchmarks/search.py [--passages 6000 100000] [--queries 60] [--pairs 5]

Real passages: the pages of the FinanceBench and docugami PDFs; beyond those, near-copies of them under
other names (each page cut anew from a random word on). Reported for each size: milliseconds through the
worker (`worker`), the same operation called in this process on the same tables (`direct`), what pipe and
process add (median of the differences, the two asked in turns, each first every other time), how much of
that is the pipe (`pipe_ms`: asked until answered, less what the worker says it searched), and the median of
LanceDB's full-text search alone (`fts`). Two processes with the same tables differ by up to 2 ms at 100,000
passages by where their memory happens to lie, one way or the other, so all this is asked of several fresh
pairs (`--pairs`), and the median pair counts. Writing: pages/s through the worker, indexes up to date at the end.
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
    from trayassist.workers.memory.service import MemoryService


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


async def ask_both(memory: Memory, service: MemoryService, questions: Sequence[str]) -> dict[str, Any]:
    """Ask each question through the worker and directly, in turns."""
    table = service._tables["passages"]
    search = service.operations()["search"]
    times: dict[str, list[float]] = {}

    async def measure_time(name: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        began = perf_counter()
        answer = await ask()
        times.setdefault(name, []).append((perf_counter() - began) * 1000)
        return answer

    for number, question in enumerate([*questions[:6], *questions]):
        calls: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
            ("worker", lambda q=question: memory.search(q, 8)),  # type: ignore[misc]
            ("direct", lambda q=question: asyncio.to_thread(search, query=q, limit=8)),  # type: ignore[misc]
        ]
        for name, ask in calls if number % 2 else calls[::-1]:
            answer = await measure_time(name, ask)
            if name == "worker":
                times.setdefault("pipe", []).append(times["worker"][-1] - answer.ms)
        fts = table.search(MatchQuery(question, "text"), query_type="fts").limit(8)
        await measure_time("fts", lambda found=fts: asyncio.to_thread(found.to_arrow))  # type: ignore[misc]
        await measure_time("quote", lambda q=question: memory.quote(q, 4))  # type: ignore[misc]
        if number == 5:
            times.clear()  # the first six warm both up
    added = [a - b for a, b in zip(times["worker"], times["direct"], strict=True)]
    report: dict[str, Any] = {name: percentiles(times[name]) for name in ("worker", "direct", "fts", "quote")}
    report["pipe_and_process_add_ms"] = round(statistics.median(added), 2)
    report["pipe_ms"] = round(statistics.median(times["pipe"]), 2)
    return report


async def ask_pairs(memory: Memory, folder: Path, questions: Sequence[str], pairs: int) -> dict[str, Any]:
    """Return the report of the median pair, by what pipe and process add, and what they added in each pair."""
    from trayassist.workers.memory.service import MemoryService

    reports = []
    for _ in range(pairs):
        await memory.stop()
        await memory.optimize()
        service = MemoryService(str(folder / "data" / "memory"))
        reports.append(await ask_both(memory, service, questions))
        service.close()
    reports.sort(key=lambda report: float(report["pipe_and_process_add_ms"]))
    added = [report["pipe_and_process_add_ms"] for report in reports]
    return {**reports[len(reports) // 2], "pipe_and_process_add_ms_of_pairs": added}


async def measure(sizes: Sequence[int], count: int, pairs: int, folder: Path) -> dict[str, Any]:
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
        report[str(size)] = {"writing": filled, **await ask_pairs(memory, folder, questions[:count], pairs)}
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
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(measure(sorted(options.passages), options.queries, options.pairs, Path(folder)))
    print(json.dumps({"cores": os.cpu_count(), **report}, indent=1))


if __name__ == "__main__":
    main()
