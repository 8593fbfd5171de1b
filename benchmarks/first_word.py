"""The first word of an answer from documents, with a trained model: beside bare llama.cpp, and on the second turn.

The prompt has instructions, passages and a question, as a role sends them; on the second turn the first one stands
before it as it was sent, and one new passage comes. The floor reads the same tokens with llama_decode and nothing
else, in a process of its own and in turns with ours, on all cores. `second_turn` is the share of tokens that the
second turn reads, of those of the first. Models are looked for as tests/real_models.py says; without one it says so.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import real_models

from trayassist.api import Message
from trayassist.models.gguf.hardware import cores_that_read, usable_cores
from trayassist.workers import model as model_worker
from trayassist.workers.child import Channel
from trayassist.workers.model import LoadOptions, Report
from trayassist.workers.pool import Worker

ROUNDS, CONTEXT, BATCH = 3, 2048, 512
SYSTEM = "Answer in one short sentence, with the exact number, name or date that the passages give. " * 2
GREEDY: model_worker.Sampling = {
    "temperature": 0.0, "max_tokens": 24, "stop": (), "seed": 1, "grammar": "", "schema": None,
}  # fmt: skip


def passage(number: int, sentences: int) -> Message:
    text = " ".join(
        f"Boat {number}{n} has berth {n + 3} and pays {40 + n} euros a month to the harbour office."
        for n in range(sentences)
    )
    return Message(speaker="user", text=f"Harbour book, page {number}:\n| {text}", part="passage")


class Floor:
    """Reads tokens with llama_decode, each time from an empty context."""

    def __init__(self, options: LoadOptions) -> None:
        from trayassist.workers.model.llama import LlamaModel, native

        self._native, self._model = native, LlamaModel(options)
        parameters = native.llama_context_default_params()
        parameters.n_ctx, parameters.n_batch = options.context_length, options.n_batch
        parameters.n_threads = parameters.n_threads_batch = options.n_threads_read
        parameters.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._context = native.llama_init_from_model(self._model.pointer, parameters)

    def read(self, tokens: int) -> float:
        """Return the seconds that so many tokens take."""
        native = self._native
        native.llama_memory_clear(native.llama_get_memory(self._context), False)
        began = time.perf_counter()
        for start in range(0, tokens, BATCH):
            part = [100 + n % 900 for n in range(start, min(start + BATCH, tokens))]
            kept = (native.llama_token * len(part))(*part)  # the batch points to it
            assert native.llama_decode(self._context, native.llama_batch_get_one(kept, len(part))) == 0
        native.llama_synchronize(self._context)
        return time.perf_counter() - began


def serve_floor(channel: Channel, options: LoadOptions) -> None:
    floor = Floor(options)
    channel.serve({"read": floor.read})


async def ask(worker: Worker, messages: Sequence[Message]) -> tuple[str, int, Report]:
    stream = worker.stream("generate", messages=list(messages), sampling=GREEDY, conversation="talk")
    began, *pieces, report = [item async for item in stream]
    return "".join(piece["text"] for piece in pieces), began["tokens_in"], report


async def one_round(ours: Worker, floor: Worker, number: int) -> tuple[float, float, float]:
    """Return the first word's time over the floor's, the share that the second turn reads, and the time in s."""
    first = [Message(speaker="system", text=SYSTEM), passage(number, 16)]
    first.append(Message(speaker="user", text=f"Question: What does boat {number}7 pay?"))
    said, tokens, report = await ask(ours, first)
    read = tokens - report["cached_tokens"]
    bare = await floor.call("read", tokens=read)
    second = [*first, Message(speaker="assistant", text=said), passage(number + 50, 3)]
    second.append(Message(speaker="user", text="Question: And what does the next one pay?"))
    _, more, again = await ask(ours, second)
    took = report["first_ms"] / 1e3
    return took / bare, (more - again["cached_tokens"]) / read, took


async def main() -> None:
    name = next((name for name in ("qwen-1.5b", "qwen-0.5b", "smollm2") if real_models.find(name)), "")
    if not name:
        print(json.dumps({"benchmark": "first_word", "skipped": f"no trained model in {real_models.folder()}"}))
        return
    options = LoadOptions(
        file=str(real_models.find(name)), context_length=CONTEXT, n_batch=BATCH, n_threads=usable_cores(),
        n_threads_read=cores_that_read(), n_gpu_layers=0, use_mmap=True, conversation_cache_bytes=2**28,
    )  # fmt: skip
    ours = Worker("model", model_worker.main, options=options)
    floor = Worker("floor", serve_floor, options=options)
    try:
        await ours.call("load")
        rounds = [await one_round(ours, floor, number) for number in range(10, 10 + ROUNDS)]
    finally:
        await ours.stop()
        await floor.stop()
    over, second, took = (statistics.median(one) for one in zip(*rounds, strict=True))
    found: dict[str, Any] = {
        "benchmark": "first_word",
        "model": name,
        "first_word_s": round(took, 2),
        "over_llama_cpp": round(over, 3),
        "second_turn": round(second, 3),
        "bar": {"over_llama_cpp": 1.15, "second_turn": 0.3},
    }
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())
