"""Time to the first token of a conversation's second turn, after a first of 4,000 tokens: at once, and after another.

A random model of 110 million parameters, made in a temporary folder. The floor is the first turn of the same run.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import tiny_gguf

from trayassist.api import Message
from trayassist.workers import model as model_worker
from trayassist.workers.model import Report
from trayassist.workers.pool import Worker

TOKENS, ROUNDS, BAR = 4000, 3, 0.1
GREEDY: model_worker.Sampling = {
    "temperature": 0.0, "max_tokens": 16, "stop": (), "seed": 1, "grammar": "", "schema": None,
}  # fmt: skip


def user(text: str) -> Message:
    return Message(speaker="user", text=text)


async def answer(worker: Worker, messages: Sequence[Message], conversation: str) -> tuple[str, Report]:
    stream = worker.stream("generate", messages=list(messages), sampling=GREEDY, conversation=conversation)
    *items, report = [item async for item in stream]
    return "".join(item["text"] for item in items if "text" in item), report


async def one_round(worker: Worker, number: int) -> tuple[float, float, float]:
    """Return the times to the first token of a first turn, of the second, and of the third after another talk."""
    talk = [user(f"{number}" + "q" * TOKENS)]
    said, first = await answer(worker, talk, f"talk {number}")
    talk += [Message(speaker="assistant", text=said), user("and then")]
    said, second = await answer(worker, talk, f"talk {number}")
    await answer(worker, [user(f"other {number}" + "z" * 2000)], f"other {number}")
    talk += [Message(speaker="assistant", text=said), user("and last")]
    _, third = await answer(worker, talk, f"talk {number}")
    return first["first_ms"], second["first_ms"], third["first_ms"]


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = tiny_gguf.write_over_100_m(Path(folder) / "random.gguf")
        options = model_worker.LoadOptions(
            file=str(file),
            context_length=4608,
            n_batch=512,
            n_threads=2,
            n_gpu_layers=0,
            use_mmap=True,
            conversation_cache_bytes=2**30,
        )
        worker = Worker("model", model_worker.main, options=options)
        await worker.call("load")
        rounds = [await one_round(worker, number) for number in range(ROUNDS)]
        await worker.stop()
    first, second, third = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(
        json.dumps(
            {
                "benchmark": "second_turn",
                "first_turn_ms": round(first, 1),
                "second_turn_ms": round(second, 1),
                "ratio": round(statistics.median(two / one for one, two, _ in rounds), 4),
                "after_another_conversation_ms": round(third, 1),
                "ratio_after_another": round(statistics.median(three / one for one, _, three in rounds), 4),
                "bar": BAR,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
