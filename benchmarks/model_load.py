"""Loading a model whose file is in the page cache, and its first token: through the worker, and llama.cpp directly.

Both in a process of their own that has imported what it needs: what is compared is the loading. `with_start` adds
the start of the process and the imports, which the first question of a day waits for.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import tiny_gguf

from trayassist.api import Message
from trayassist.workers import model as model_worker
from trayassist.workers.pool import Worker

ROUNDS, BAR = 7, 1.15
TEXT = "user: hello\nassistant: "
DIRECT = """
import sys, time
import llama_cpp
began = time.perf_counter()
llama = llama_cpp.Llama(sys.argv[1], n_ctx=4096, n_batch=512, n_threads=2, n_threads_batch=2, verbose=False)
next(llama.generate(llama.tokenize(sys.argv[2].encode()), temp=0.0))
print((time.perf_counter() - began) * 1e3)
"""
GREEDY: model_worker.Sampling = {
    "temperature": 0.0, "max_tokens": 2, "stop": (), "seed": 1, "grammar": "", "schema": None,
}  # fmt: skip


async def through_worker(file: Path) -> tuple[float, float]:
    """Return load and first token in ms, as the worker counts them, and from the start of its process on."""
    options = model_worker.LoadOptions(
        file=str(file), context_length=4096, n_batch=512, n_threads=2, n_gpu_layers=0, use_mmap=True
    )
    worker = Worker("model", model_worker.main, options=options)
    began = time.perf_counter()
    load_ms = (await worker.call("load"))["load_ms"]
    first = 0.0
    messages = [Message(speaker="user", text="hello")]
    async for item in worker.stream("generate", messages=messages, sampling=GREEDY):
        first = first or (time.perf_counter() - began) * 1e3 * ("text" in item)
        if "first_ms" in item:
            load_ms += item["first_ms"]
    await worker.stop()
    return load_ms, first


async def directly(file: Path) -> tuple[float, float]:
    """Return load and first token in ms, and from the start of its process on."""
    began = time.perf_counter()
    command = [sys.executable, "-c", DIRECT, str(file), TEXT]
    done = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True)
    return float(done.stdout), (time.perf_counter() - began) * 1e3


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = tiny_gguf.write_over_100_m(Path(folder) / "random.gguf")
        file.read_bytes()  # into the page cache
        rounds = [(await directly(file), await through_worker(file)) for _ in range(ROUNDS)]
    ratios = [worker[0] / direct[0] for direct, worker in rounds]
    print(
        json.dumps(
            {
                "benchmark": "model_load",
                "load_and_first_token_ms": round(statistics.median(worker[0] for _, worker in rounds), 1),
                "floor_direct_ms": round(statistics.median(direct[0] for direct, _ in rounds), 1),
                "ratio": round(statistics.median(ratios), 3),
                "bar": BAR,
                "with_start_ms": round(statistics.median(worker[1] for _, worker in rounds), 1),
                "direct_with_start_ms": round(statistics.median(direct[1] for direct, _ in rounds), 1),
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
