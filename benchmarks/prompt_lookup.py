"""Drafting with words of the prompt: speed on a text that repeats its prompt, and on one that does not, beside none.

The first is a slow model that recites the letters its prompt recites; the second a random one, where drafts are
wrong and switch themselves off. Texts must be identical: the weights are not quantized. `auto_off` says whether the
worker left it off.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import reciting, tiny_gguf

from trayassist.api import Message
from trayassist.workers import model as model_worker
from trayassist.workers.model import Lookup, Report
from trayassist.workers.pool import Worker

TOKENS, ROUNDS = 120, 3
LOOKUP: Lookup = {"k": 10, "ngram": 2}
EAGER: Lookup = {"k": 10, "ngram": 1}  # drafts after every word it knows, mostly wrongly
GREEDY: model_worker.Sampling = {
    "temperature": 0.0, "max_tokens": TOKENS, "stop": (), "seed": 1, "grammar": "", "schema": None,
}  # fmt: skip


async def answer(worker: Worker, text: str, lookup: Lookup | None) -> tuple[str, Report]:
    messages = [Message(speaker="user", text=text)]
    stream = worker.stream("generate", messages=messages, sampling=GREEDY, lookup=lookup)
    *items, report = [item async for item in stream]
    return "".join(item["text"] for item in items if "text" in item), report


async def compare(file: Path, prompts: list[str], lookup: Lookup) -> dict[str, Any]:
    """Return the speeds with and without, in turn and by workers of their own, and whether the texts are the same."""
    options = model_worker.LoadOptions(
        file=str(file), context_length=2048, n_batch=512, n_threads=2, n_gpu_layers=0, use_mmap=True
    )
    plain, drafting = (Worker("model", model_worker.main, options=options) for _ in range(2))
    gains, same, drafted, accepted, off = [], True, 0, 0, ""
    for prompt in prompts:
        text, without = await answer(plain, prompt, None)
        other, with_drafts = await answer(drafting, prompt, lookup)
        same = same and text == other
        gains.append(with_drafts["tokens_per_s"] / without["tokens_per_s"])
        drafted, accepted = drafted + with_drafts["drafted"], accepted + with_drafts["accepted"]
        off = off or with_drafts["speculation_off"]
    await plain.stop()
    await drafting.stop()
    return {
        "ratio": round(statistics.median(gains), 3),
        "identical_text": same,
        "drafted": drafted,
        "accepted": accepted,
        "auto_off": off,
    }


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        recites = reciting.write(Path(folder) / "recites.gguf", width=512, feed_forward=1536, heads=8)
        random = tiny_gguf.write(Path(folder) / "random.gguf", width=384, layers=6, heads=6, feed_forward=1024)
        repeated = await compare(
            recites, [f"{reciting.LETTERS * 8}{'abcdefgh'[:n]}" for n in range(3, 3 + ROUNDS)], LOOKUP
        )
        other = await compare(random, [f"{n} " + "words that lead nowhere " * 6 for n in range(ROUNDS)], EAGER)
    print(
        json.dumps(
            {
                "benchmark": "prompt_lookup",
                "text_that_repeats_its_prompt": repeated,
                "text_that_does_not": other,
                "bar": "ratio > 1 and identical text, or auto_off",
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
