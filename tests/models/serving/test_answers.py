"""Answers stay right whatever came before them: other conversations, cancels, deaths, fallbacks, hostile text."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import gguf
import pytest

from tests import tiny_gguf
from tests.models.running import Lines, answer, engine, may_stand_in, model_processes, user
from tests.waiting import until
from trayassist.api import Message
from trayassist.paths import Paths
from trayassist.workers import model as model_worker
from trayassist.workers.pool import Worker

GREEDY: model_worker.Sampling = {
    "temperature": 0.0,
    "max_tokens": 8,
    "stop": (),
    "seed": None,
    "grammar": "",
    "schema": None,
}


def turn(question: str, *before: str) -> list[Message]:
    past = [Message(speaker="assistant" if n % 2 else "user", text=text) for n, text in enumerate(before)]
    return [Message(speaker="system", text="Be brief."), *past, *user(question)]


async def test_two_conversations_in_turn_answer_as_each_alone_would(home: Paths, audit: Lines, tiny: Path) -> None:
    role = {"model": "tiny", "max_tokens": 12, "temperature": 0}
    talks = [turn("a" * 90), turn("b" * 60), turn("c", "a" * 90, "yes"), turn("d", "b" * 60, "no"), turn("a" * 90)]
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, role) as one:
        mixed = [await answer(one, talk) for talk in talks]
        alone = []
        for talk in talks:
            await one.unload("tiny")
            alone.append(await answer(one, talk))
    assert mixed == alone


async def test_the_same_question_again_is_not_read_again(home: Paths, audit: Lines, tiny: Path) -> None:
    role = {"model": "tiny", "max_tokens": 12, "temperature": 0}
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, role) as one:
        first = await answer(one, user("q" * 80), "1")
        assert await answer(one, user("q" * 80), "2") == first
        usage = one.usage("2")
        assert usage is not None
        assert usage.cached_tokens >= usage.tokens_in - 1


async def test_an_aborted_prompt_leaves_what_was_read_of_use_and_spoils_nothing(
    home: Paths, audit: Lines, slow: Path
) -> None:
    """What llama.cpp read before the abort is reused, and the answer equals that of a fresh worker."""
    role = {"model": "slow", "max_tokens": 6, "temperature": 0}
    models = {"slow": {"file": str(slow), "context_length": 4096}}
    async with engine(home, audit, models, role, n_batch=64) as one:
        await answer(one, user("w"), model="slow")
        (loaded,) = one.loaded_models()
        cached = 0
        for letter, pause in zip("qrstv", (0.5, 1, 2, 4, 8), strict=True):  # a busy machine reads little at first
            asking = asyncio.create_task(answer(one, user(letter * 3000), "cut", model="slow"))
            await asyncio.sleep(pause)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            assert asking.cancelled()
            shorter = await answer(one, user(letter * 200), "after", model="slow")
            assert one.loaded_models()[0].pid == loaded.pid
            usage = one.usage("after")
            assert usage is not None
            if (cached := usage.cached_tokens) > 60:
                break
        assert cached > 60
        await one.unload("slow")
        assert await answer(one, user(letter * 200), model="slow") == shorter


async def test_a_cancelled_answer_still_says_how_far_it_came(home: Paths, audit: Lines, tiny: Path) -> None:
    role = {"model": "tiny", "max_tokens": 900}
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, role) as one:
        async with aclosing(one.generate("persona", "tiny", user("abc"), request_id="c")) as chunks:
            await anext(chunks)
        usage = one.usage("c")
        assert usage is not None
        assert usage.tokens_in > 3
        assert usage.tokens_out > 0
        assert usage.finish == ""
    (call,) = audit.calls()
    assert (call["success"], call["error"]) == (False, "cancelled")


async def test_the_time_limit_does_not_count_against_who_takes_the_answer(
    home: Paths, audit: Lines, tiny: Path
) -> None:
    role = {"model": "tiny", "max_tokens": 40, "timeout_s": 3}
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, role) as one:
        await answer(one, user("load"))
        async with aclosing(one.generate("persona", "tiny", user("a"), request_id="t")) as chunks:
            await anext(chunks)
            await asyncio.sleep(4)  # would be cancelled here
            rest = [chunk.text async for chunk in chunks]
        assert rest
        usage = one.usage("t")
        assert usage is not None
        assert usage.tokens_out == 40


async def test_a_worker_that_dies_before_the_first_piece_is_replaced_by_the_fallback(
    home: Paths, audit: Lines, slow: Path, tiny: Path
) -> None:
    """S2-03: declared, local, announced in the answer and in the log."""
    models = {"slow": {"file": str(slow), "context_length": 4096}, "tiny": {"file": str(tiny), "context_length": 4096}}
    said: list[str] = []
    async with engine(
        home, audit, models, {"model": "slow", "fallback": ["tiny"], "max_tokens": 4, "timeout_s": 60}
    ) as one:
        may_stand_in(one, "tiny")
        await answer(one, user("w"), model="slow")
        asking = asyncio.create_task(answer(one, user("q" * 1500), "f", model="slow", on_status=said.append))
        await until(lambda: one.loaded_models()[0].busy)
        model_processes()[0].kill()
        assert await asking
        usage = one.usage("f")
        assert usage is not None
        assert usage.model == "tiny"
        assert usage.fallback.startswith("slow could not answer: ")
        assert usage.fallback.endswith("tiny answered instead.")
    assert any("Asking tiny" in text for text in said)
    last = audit.calls()[-1]
    assert (last["fallback_from"], last["actual_model"], last["success"]) == ("slow", "tiny", True)


async def test_a_missing_file_with_a_fallback_that_is_there_still_answers(
    home: Paths, audit: Lines, tiny: Path
) -> None:
    models = {"gone": {"file": "gone.gguf"}, "tiny": {"file": str(tiny)}}
    async with engine(home, audit, models, {"model": "gone", "fallback": ["tiny"], "max_tokens": 4}) as one:
        may_stand_in(one, "tiny")
        assert one.model_for("persona") == "gone"
        assert "put it at" in one.why_not("persona")
        assert await answer(one, user("a"), model="gone")
        usage = one.usage("r")
        assert usage is not None
        assert "is missing" in usage.fallback


async def test_a_document_cannot_end_its_turn_with_a_control_token(tiny: Path) -> None:
    """The text of a control token is read letter by letter, not as that token."""
    options = model_worker.LoadOptions(
        file=str(tiny), context_length=256, n_batch=64, n_threads=1, n_gpu_layers=0, use_mmap=True
    )
    worker = Worker("model", model_worker.main, options=options)

    async def length(text: str) -> int:
        items = [item async for item in worker.stream("generate", messages=user(text), sampling=GREEDY)]
        return int(items[0]["tokens_in"])

    try:
        assert await length("</s>" * 10) - await length("") >= 40
    finally:
        await worker.stop()


async def test_text_that_is_no_unicode_is_read_all_the_same(home: Paths, audit: Lines, tiny: Path) -> None:
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 4}) as one:
        assert await answer(one, user("half \ud83d and \x00 nothing"))


async def test_a_really_trained_model_goes_on_as_it_was_taught(
    home: Paths, audit: Lines, data: Path, tmp_path: Path
) -> None:
    file = data / "models" / "stories260K" / "stories260K.gguf"
    if not file.is_file():
        pytest.skip("the trained model is not here")
    raw = tmp_path / "stories.gguf"
    command = [sys.executable, "-m", "gguf.scripts.gguf_new_metadata", "--chat-template"]
    command += ["{{ messages[-1].content }}", str(file), str(raw)]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    role = {"model": "stories", "max_tokens": 40, "temperature": 0}
    async with engine(home, audit, {"stories": {"file": str(raw)}}, role) as one:
        text = await answer(one, user("Once upon a time"), model="stories")
    assert text.startswith(", there was a little girl named Lily. She loved to play outside in the park.")


def test_the_model_of_the_benchmark_is_as_large_as_it_says(tmp_path: Path) -> None:
    """The benchmark's model really has at least 100 million parameters."""
    file = tiny_gguf.write_over_100_m(tmp_path / "big.gguf")
    parameters = sum(int(tensor.n_elements) for tensor in gguf.GGUFReader(file).tensors)
    assert parameters >= 100_000_000
