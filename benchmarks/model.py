"""Tokens a second through the model worker, beside the same llama.cpp model called directly; and how quick a cancel is.

Both run on a random model of 110 million parameters, made in a temporary folder, alternating, greedy.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import tiny_gguf

from trayassist.api import Message
from trayassist.workers import model as model_worker
from trayassist.workers.pool import Worker

TOKENS, ROUNDS, CANCELS = 96, 7, 10
GREEDY: model_worker.Sampling = {
    "temperature": 0.0,
    "max_tokens": TOKENS,
    "stop": (),
    "seed": 1,
    "grammar": "",
    "schema": None,
}


def direct(file: Path) -> tuple[Any, Any]:
    """Return the model, loaded in this process, and a function that times one completion (tokens/s)."""
    import llama_cpp

    llama = llama_cpp.Llama(
        str(file), n_ctx=4096, n_batch=512, n_threads=2, n_threads_batch=2, n_gpu_layers=0, verbose=False
    )

    def once(text: str) -> float:
        count, first, last = 0, 0.0, 0.0
        for _ in llama.create_completion(text, max_tokens=TOKENS, temperature=0.0, stream=True):
            last = time.perf_counter()
            first = first or last
            count += 1
        return (count - 1) / (last - first)

    return llama, once


async def through_worker(worker: Worker, text: str) -> float:
    """Return the tokens/s that arrive at the parent, counted from the first to the last piece."""
    count, before, first, last = 0, 0, 0.0, 0.0
    messages = [Message(speaker="user", text=text)]
    async for item in worker.stream("generate", messages=messages, sampling=GREEDY):
        if "text" in item:
            last = time.perf_counter()
            if not first:
                first, before = last, item["tokens_out"]
            count = item["tokens_out"]
    return (count - before) / (last - first)


async def cancel_ms(worker: Worker, text: str, *, at_first_piece: bool) -> float:
    """Return how long the worker took to give up, in ms."""
    long: model_worker.Sampling = {**GREEDY, "max_tokens": 1000}
    stream = worker.stream("generate", messages=[Message(speaker="user", text=text)], sampling=long)
    async with aclosing(stream) as items:
        await anext(items)  # the prompt's length
        next_item = asyncio.ensure_future(anext(items))
        if at_first_piece:
            await next_item
        else:
            await asyncio.sleep(0.3)
        began = time.perf_counter()
        if not at_first_piece:
            next_item.cancel()
            await asyncio.gather(next_item, return_exceptions=True)
    return (time.perf_counter() - began) * 1e3


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = tiny_gguf.write_over_100_m(Path(folder) / "random.gguf")
        options = model_worker.LoadOptions(
            file=str(file), context_length=4096, n_batch=512, n_threads=2, n_gpu_layers=0, use_mmap=True
        )
        worker = Worker("model", model_worker.main, options=options)
        await worker.call("load")
        _llama, once = direct(file)
        ours, floor = [], []
        for number in range(ROUNDS):
            floor.append(await asyncio.to_thread(once, f"round {number} direct"))
            ours.append(await through_worker(worker, f"round {number} worker"))
        reading = [await cancel_ms(worker, f"{n}" + "long prompt " * 170, at_first_piece=False) for n in range(CANCELS)]
        writing = [await cancel_ms(worker, f"short {n}", at_first_piece=True) for n in range(CANCELS)]
        await worker.stop()
    print(
        json.dumps(
            {
                "benchmark": "model",
                "tokens_per_s": round(statistics.median(ours), 1),
                "floor_direct_tokens_per_s": round(statistics.median(floor), 1),
                "ratio": round(statistics.median(o / f for o, f in zip(ours, floor, strict=True)), 3),
                "bar": 0.97,
                "cancel_while_prompt_is_read_ms": {
                    "median": round(statistics.median(reading), 1),
                    "max": round(max(reading), 1),
                },
                "cancel_while_tokens_are_made_ms": {
                    "median": round(statistics.median(writing), 1),
                    "max": round(max(writing), 1),
                },
                "cancel_bar_ms": 50,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
