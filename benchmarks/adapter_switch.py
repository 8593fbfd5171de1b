"""Switching two LoRA slots of a loaded model, what was read cleared included; loading the same model anew beside it.

A random model of 110 million parameters and two adapters, made in a temporary folder. In one process: what is
measured is the work of the switch, not the pipe to the worker. Each switch comes after a pause, as a question does:
a process that has just computed for seconds is the first that has to wait when another wants the core. What is left of
that is told apart: `own_ms` is the processor time of the switch itself, the work of one thread, as llama.cpp has here.
Beside it, the same with the conversation that is left being copied aside, so that it can go on later.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import tiny_gguf
from tests.workers.model import kinds

from trayassist.workers.model import Adapter, LoadOptions
from trayassist.workers.model.adapters import ContextAdapters
from trayassist.workers.model.context import LlamaContext
from trayassist.workers.model.generator import Conversations
from trayassist.workers.model.llama import LlamaModel

ROUNDS, BAR_MS = 40, 5.0
PAUSE_S = 0.05  # before a switch
CACHE_BYTES = 512 * 2**20  # conversation_cache_mb as shipped
PROMPT = [1, *([70, 71, 72, 73] * 25)]
WIDTH, LAYERS = 768, 12  # of the model


def time_switches(
    file: Path, adapters: list[Path], cache_bytes: int, rounds: int
) -> tuple[list[float], list[float], list[float]]:
    """Return how long each switch took, its processor time, and the first evaluation after it, in ms."""
    options = LoadOptions(file=str(file), context_length=2048, n_batch=512, n_threads=1, n_gpu_layers=0, use_mmap=True)
    context = LlamaContext(LlamaModel(options), options, lambda _: False)
    slots = ContextAdapters(context)
    conversations = Conversations(context, slots, cache_bytes)
    scales = [(1.0, 1.0), (), (0.5, 1.0), (1.0,), (1.0, -0.5)]
    sets: list[list[Adapter]] = [
        [{"file": str(file), "scale": scale} for file, scale in zip(adapters, given, strict=False)] for given in scales
    ]
    for one in sets:
        slots.resolve(one)  # each file is read once in a worker's life
    took, own, after = [], [], []
    for number in range(rounds):
        conversations.forget()
        context.read(PROMPT)
        time.sleep(PAUSE_S)
        began, worked = time.perf_counter(), time.thread_time()
        conversations.enter("", slots.resolve(sets[number % len(sets)]), PROMPT)
        took.append((time.perf_counter() - began) * 1e3)
        own.append((time.thread_time() - worked) * 1e3)
        assert not context.tokens, "what was read under other adapters is gone"
        began = time.perf_counter()
        context.add(PROMPT[:1])
        after.append((time.perf_counter() - began) * 1e3)
        context.clear()
    return took, own, after


def time_reload(file: Path) -> float:
    """Return how long loading the model anew takes, in ms, its file in the page cache."""
    options = LoadOptions(file=str(file), context_length=2048, n_batch=512, n_threads=1, n_gpu_layers=0, use_mmap=True)
    began = time.perf_counter()
    context = LlamaContext(LlamaModel(options), options, lambda _: False)
    context.add(PROMPT[:1])
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = tiny_gguf.write_over_100_m(Path(folder) / "random.gguf")
        adapters = [
            kinds.adapter(Path(folder) / f"{seed}.gguf", width=WIDTH, layers=LAYERS, rank=16, seed=seed)
            for seed in (1, 2)
        ]
        reloads = [time_reload(file) for _ in range(5)]
        took, own, after = time_switches(file, adapters, 0, ROUNDS)
        keeping, keeping_own, _ = time_switches(file, adapters, CACHE_BYTES, ROUNDS // 4)
    print(
        json.dumps(
            {
                "benchmark": "adapter_switch",
                "switch_ms": _summary(took),
                "own_ms": _summary(own),
                "bar_ms": BAR_MS,
                "with_the_conversation_kept": {
                    "tokens": len(PROMPT), "switch_ms": _summary(keeping), "own_ms": _summary(keeping_own),
                },
                "first_token_evaluated_after_it_ms": round(statistics.median(after), 2),
                "reload_and_first_token_ms": round(statistics.median(reloads), 1),
            }
        )
    )  # fmt: skip


def _summary(times: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(times), 3), "max": round(max(times), 3)}


if __name__ == "__main__":
    main()
