"""What a model is estimated to take of memory before it is loaded, beside what its worker really takes; and what is
returned when it is unloaded.

Nine small random models of different width, depth, heads, vocabulary, weights, context and kind of keys and values.
Each is loaded in a worker and answers a prompt that fills a batch, so that all that llama.cpp reserves is in use.
Measured is the worker's resident memory, mapped weights among it (on Linux as PSS, which counts a page that
processes share once). What the worker takes without a model (Python, llama.cpp, its libraries) is printed apart, as
`base`: the estimate has it as a constant.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import tiny_gguf

from trayassist.api import Message
from trayassist.models.gguf import header as gguf
from trayassist.models.gguf.estimate import BASE, estimate
from trayassist.workers.model import LoadOptions, main
from trayassist.workers.pool import Worker

MIB = 2**20
PARTS = ("weights", "copied", "kv", "compute", "vocabulary", "base")
BAR, RETURNED_BAR = 0.15, 0.95
GREEDY = {"temperature": 0.0, "max_tokens": 4, "stop": (), "seed": 1, "grammar": "", "schema": None}


@dataclass(frozen=True)
class Case:
    """A model and how it is loaded."""

    name: str
    shape: dict[str, Any]
    context: int
    options: dict[str, Any] = field(default_factory=dict)


WIDE = {"width": 1024, "heads": 16, "feed_forward": 2816, "vocabulary": 32_000}
NARROW = {"width": 512, "heads": 8, "feed_forward": 1536, "vocabulary": 16_000}
CASES = (
    Case("wide", {**WIDE, "layers": 8}, 2048),
    Case("deep", {**NARROW, "layers": 28}, 4096),
    Case("long", {**NARROW, "layers": 12}, 16_384),
    Case("words", {**NARROW, "layers": 6, "vocabulary": 128_000}, 2048),
    Case("110M", {"width": 768, "layers": 12, "heads": 12, "feed_forward": 2048, "vocabulary": 16_000}, 4096),
    Case("shared", {**WIDE, "layers": 12, "kv_heads": 4}, 8192),
    Case(
        "8 bit keys",
        {"width": 768, "layers": 16, "heads": 12, "feed_forward": 2048, "vocabulary": 32_000},
        8192,
        {"kv_type": "q8_0", "flash_attention": "on"},
    ),
    Case("Q8_0", {**WIDE, "layers": 12, "quant": "Q8_0"}, 4096),
    Case("Q4_0", {**WIDE, "layers": 16, "quant": "Q4_0"}, 4096),
)


def memory(pid: int) -> int:
    """Return the bytes of a process that are in memory."""
    full = psutil.Process(pid).memory_full_info()
    return int(getattr(full, "pss", 0) or full.rss)


def of_all() -> int:
    """Return the bytes of this process and its workers."""
    process = psutil.Process()
    return memory(process.pid) + sum(memory(child.pid) for child in process.children(recursive=True))


async def base() -> int:
    """Return what a worker takes that has imported all it needs, and found no model."""
    worker = Worker("model", main, options=options(Path("/nowhere.gguf"), 512))
    try:
        await worker.call("load")
    except Exception:  # the file is not there
        return memory(worker.pid or 0)
    finally:
        await worker.stop()
    raise AssertionError


def options(file: Path, context: int, **more: Any) -> LoadOptions:
    return LoadOptions(
        file=str(file), context_length=context, n_batch=512, n_threads=1, n_gpu_layers=0, use_mmap=True, **more
    )


async def measure(case: Case, folder: Path) -> dict[str, Any]:
    shape = {"half": True, "context": case.context, **case.shape}
    file = tiny_gguf.write(folder / "random.gguf", **shape)
    chosen = options(file, case.context, **case.options)
    size = estimate(gguf.read(file), chosen)
    before = of_all()
    worker = Worker("model", main, options=chosen)
    await worker.call("load")
    loaded = memory(worker.pid or 0)
    prompt = [Message(speaker="user", text="q" * 530)]
    async for _ in worker.stream("generate", messages=prompt, sampling=GREEDY):
        pass
    peak = of_all()
    real = memory(worker.pid or 0)
    await worker.stop()
    after = of_all()
    return {
        "case": case.name,
        "estimated_mib": round(size.total / MIB, 1),
        "measured_mib": round(real / MIB, 1),
        "off": round(size.total / real - 1, 3),
        "without_base_off": round((size.total - BASE) / (real - BASE) - 1, 3),
        "after_load_mib": round(loaded / MIB, 1),
        "returned": round((peak - after) / (peak - before), 4),
        "parts_mib": {part: round(getattr(size, part) / MIB, 1) for part in PARTS},
    }


async def run() -> None:
    bare = await base()
    results = []
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            results.append(await measure(case, Path(folder)))
    worst = max(abs(one["off"]) for one in results)
    returned = min(one["returned"] for one in results)
    print(
        json.dumps(
            {
                "benchmark": "model_memory",
                "base_measured_mib": round(bare / MIB, 1),
                "base_estimated_mib": round(BASE / MIB, 1),
                "estimate_off_worst": worst,
                "estimate_off_median": round(statistics.median(abs(one["off"]) for one in results), 3),
                "bar_off": BAR,
                "returned_worst": returned,
                "bar_returned": RETURNED_BAR,
                "good": worst <= BAR and returned >= RETURNED_BAR,
                "models": results,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(run())
