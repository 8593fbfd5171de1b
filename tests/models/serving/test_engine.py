"""Models answer through worker processes: real llama.cpp on tiny files that the tests write."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import tiny_gguf
from tests.models.running import answer, engine, may_stand_in, user
from trayassist.api import Message, ModelUnavailable, TrayassistError, WorkerDied
from trayassist.paths import Paths


async def test_an_answer_streams_and_is_recorded(home: Paths, audit: Any, tiny: Path) -> None:
    """S4-25: one line per call, with the fields of section 3.5."""
    before = set(sys.modules)
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 12}) as one:
        assert one.model_for("persona") == "tiny"
        stream = one.generate("persona", "tiny", user("hello"), request_id="r")
        chunks = [chunk.text async for chunk in stream]
        assert len(chunks) > 1
        usage = one.usage("r")
        assert usage is not None
        assert (usage.model, usage.tokens_out, usage.finish) == ("tiny", 12, "length")
        assert usage.tokens_in > 5
        (loaded,) = one.loaded_models()
        assert (loaded.name, loaded.busy) == ("tiny", False)
        assert loaded.pid != os.getpid()
    (line,) = [line for line in audit.lines if line["event"] == "llm_call"]
    assert (line["run_id"], line["configured_model"], line["actual_model"]) == ("r", "tiny", "tiny")
    assert (line["kind"], line["success"], line["tokensOut"], line["messageCount"]) == ("local", True, 12, 1)
    assert "llama_cpp" not in set(sys.modules) - before


async def test_the_same_seed_gives_the_same_text_and_greedy_needs_none(home: Paths, audit: Any, tiny: Path) -> None:
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 20}) as one:
        first = await answer(one, user("hello"))
        await answer(one, user("something else entirely"))
        assert await answer(one, user("hello")) == first


async def test_what_prompts_begin_with_is_read_when_the_model_is_loaded_ahead(
    home: Paths, audit: Any, tiny: Path
) -> None:
    """After a restart the model has read the prompt of the configuration when the first question comes."""
    prompts = home.config / "prompts"
    prompts.mkdir(parents=True, exist_ok=True)
    (prompts / "own.md").write_text("You answer as a harbour master would, in one sentence. " * 4 + "\n")
    system = Message(speaker="system", text=(prompts / "own.md").read_text().strip())
    models, role = {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 4, "temperature": 0}
    async with engine(home, audit, models, role) as one:
        without = await answer(one, [system, *user("Who is there?")], "first")
        before = one.usage("first")
    async with engine(home, audit, models, role) as one:
        assert await one.preload("tiny")
        assert await answer(one, [system, *user("Who is there?")], "again") == without
        after = one.usage("again")
    assert before is not None
    assert after is not None
    assert before.cached_tokens == 0
    assert after.cached_tokens >= len(system.text)  # a byte is a token
    assert "harbour" not in (home.data / "beginnings.json").read_text()
    (prompts / "own.md").write_text("Something else.")
    async with engine(home, audit, models, role) as one:
        assert await one.preload("tiny")  # the prompt is gone: nothing is read ahead, and nothing fails
        await answer(one, [system, *user("Who is there?")], "last")
        last = one.usage("last")
    assert last is not None
    assert last.cached_tokens == 0


async def test_the_second_turn_reads_only_what_is_new(home: Paths, audit: Any, tiny: Path) -> None:
    async with engine(
        home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 8, "temperature": 0}
    ) as one:
        talk = [Message(speaker="system", text="x" * 200), *user("y" * 200)]
        await answer(one, talk, "first")
        first = one.usage("first")
        talk += [Message(speaker="assistant", text="ok"), *user("z")]
        text = await answer(one, talk, "second")
        second = one.usage("second")
        assert first is not None
        assert second is not None
        assert first.cached_tokens == 0
        assert second.cached_tokens >= first.tokens_in - 4
        assert second.tokens_in - second.cached_tokens < 60
        await one.unload("tiny")
        assert await answer(one, talk, "fresh") == text  # reuse changes nothing


async def test_cancel_while_tokens_are_made_keeps_the_worker(home: Paths, audit: Any, tiny: Path) -> None:
    async with engine(
        home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 900, "temperature": 0}
    ) as one:
        async with aclosing(one.generate("persona", "tiny", user("a"), request_id="c")) as chunks:
            async for _ in chunks:
                break
        pid = one.loaded_models()[0].pid
        after = await answer(one, user("b" * 50))
        assert one.loaded_models()[0].pid == pid
        await one.unload("tiny")
        assert await answer(one, user("b" * 50)) == after


async def test_cancel_while_the_prompt_is_read_keeps_the_worker_and_the_next_answer_is_right(
    home: Paths, audit: Any, tmp_path: Path
) -> None:
    """The abort callback of llama.cpp; without it the prompt would be read to its end and the worker killed."""
    slow = tiny_gguf.write(tmp_path / "slow.gguf", width=512, layers=8, heads=8, feed_forward=1536, context=4096)
    model = {"tiny": {"file": str(slow), "context_length": 4096}}
    async with engine(home, audit, model, {"model": "tiny", "max_tokens": 4, "temperature": 0}) as one:
        await answer(one, user("warm"))
        pid = one.loaded_models()[0].pid
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await answer(one, user("q" * 3000), "long")
        assert one.loaded_models()[0].pid == pid
        after = await answer(one, user("short"))
        assert one.loaded_models()[0].pid == pid
        await one.unload("tiny")
        assert await answer(one, user("short")) == after


@pytest.mark.parametrize("quant", ["Q4_0", "Q4_1", "Q8_0"])
async def test_a_quantized_model_reads_a_long_prompt_on_any_processor(
    home: Paths, audit: Any, tmp_path: Path, quant: str
) -> None:
    """llama.cpp's kernels for AMX end the process at the first longer prompt."""
    file = tiny_gguf.write(tmp_path / "quantized.gguf", width=256, feed_forward=512, quant=quant)
    async with engine(home, audit, {"tiny": {"file": str(file)}}, {"model": "tiny", "max_tokens": 4}) as one:
        assert await answer(one, user("a long prompt " * 40))


async def test_kill_minus_nine_in_mid_answer_is_said_and_the_next_question_works(
    home: Paths, audit: Any, tiny: Path
) -> None:
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 900}) as one:
        with pytest.raises(WorkerDied, match="signal 9"):  # noqa: PT012
            async for _ in one.generate("persona", "tiny", user("a"), request_id="k"):
                os.kill(one.loaded_models()[0].pid, signal.SIGKILL)
        assert await answer(one, user("again"))
    assert [line["success"] for line in audit.lines if line["event"] == "llm_call"] == [False, True]


async def test_a_hanging_worker_ends_at_the_roles_time_limit(home: Paths, audit: Any, tiny: Path) -> None:
    """S3-01: the limit is enforced."""
    role = {"model": "tiny", "max_tokens": 900, "timeout_s": 1.5}
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, role) as one:
        with pytest.raises(TrayassistError, match=r"did not finish within 1\.5 seconds"):  # noqa: PT012
            async for _ in one.generate("persona", "tiny", user("a"), request_id="h"):
                os.kill(one.loaded_models()[0].pid, signal.SIGSTOP)
        assert await answer(one, user("again"))


async def test_one_heavy_generation_at_a_time(home: Paths, audit: Any, tiny: Path) -> None:
    """S2-07, F-14."""
    said: list[str] = []
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 50}) as one:
        both = asyncio.gather(answer(one, user("a"), "1"), answer(one, user("b"), "2", on_status=said.append))
        texts = await both
        assert all(texts)
        assert "waiting for another answer" in said
        second = one.usage("2")
        assert second is not None
        assert second.queue_ms > 0


async def test_an_idle_model_is_unloaded_and_its_process_is_gone(home: Paths, audit: Any, tiny: Path) -> None:
    models = {"tiny": {"file": str(tiny)}}
    async with engine(home, audit, models, {"model": "tiny", "max_tokens": 4}, idle_unload_s=0.3) as one:
        await answer(one, user("a"))
        pid = one.loaded_models()[0].pid
        async with asyncio.timeout(10):
            while psutil.pid_exists(pid):  # noqa: ASYNC110  # another process's end is no event of ours
                await asyncio.sleep(0.05)
        assert one.loaded_models() == []
        assert await answer(one, user("again"))


@pytest.mark.parametrize("context", [256])
async def test_old_turns_are_left_out_when_the_context_is_full(
    home: Paths, audit: Any, tiny: Path, context: int
) -> None:
    """S1-17, F-15: counted with the real tokenizer, and said."""
    said: list[str] = []
    models = {"tiny": {"file": str(tiny), "context_length": context}}
    async with engine(home, audit, models, {"model": "tiny", "max_tokens": 8}) as one:
        turns = [Message(speaker="user" if n % 2 == 0 else "assistant", text=f"turn {n} " * 5) for n in range(9)]
        assert await answer(one, turns, on_status=said.append)
        usage = one.usage("r")
        assert usage is not None
        assert usage.trimmed > 0
        assert usage.tokens_in + 8 <= context
        assert any("left out" in text for text in said)
        with pytest.raises(TrayassistError, match="tokens long"):
            await answer(one, user("w" * 1000))


async def test_a_declared_fallback_answers_and_says_so(home: Paths, audit: Any, tiny: Path, tmp_path: Path) -> None:
    """S2-03, C-08: local, declared, announced."""
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(tiny.read_bytes()[:200_000])
    models = {"big": {"file": str(broken)}, "tiny": {"file": str(tiny)}}
    async with engine(home, audit, models, {"model": "big", "fallback": ["tiny"], "max_tokens": 4}) as one:
        may_stand_in(one, "tiny")
        assert await answer(one, user("a"), model="big")
        usage = one.usage("r")
        assert usage is not None
        assert usage.model == "tiny"
        assert usage.fallback.startswith("big could not answer")
    calls = [line for line in audit.lines if line["event"] == "llm_call"]
    assert [(c["configured_model"], c["actual_model"], c["success"]) for c in calls] == [
        ("big", "big", False),
        ("big", "tiny", True),
    ]


async def test_stop_strings_end_the_answer_and_are_not_shown(home: Paths, audit: Any, tiny: Path) -> None:
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 60}) as one:
        text = await answer(one, user("hello"))
    word = text[len(text) // 2 : len(text) // 2 + 3]
    async with engine(
        home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 60, "stop": [word]}
    ) as one:
        stopped = await answer(one, user("hello"))
        assert stopped == text[: text.index(word)]
        usage = one.usage("r")
        assert usage is not None
        assert usage.finish == "stop"


async def test_a_missing_file_leaves_the_role_without_a_model(home: Paths, audit: Any) -> None:
    """F-27: found when it is asked for, not by a failing request."""
    async with engine(home, audit, {"gone": {"file": "gone.gguf"}}, {"model": "gone"}) as one:
        assert one.model_for("persona") is None
        assert "put it at" in one.why_not("persona")
        with pytest.raises(ModelUnavailable, match="missing"):
            await answer(one, user("a"), model="gone")


async def test_a_base_model_without_a_template_answers_and_is_flagged(home: Paths, audit: Any, tmp_path: Path) -> None:
    """S1-18."""
    base = tiny_gguf.write(tmp_path / "base.gguf", template="")
    said: list[str] = []
    async with engine(home, audit, {"base": {"file": str(base)}}, {"model": "base", "max_tokens": 4}) as one:
        assert await answer(one, user("a"), model="base", on_status=said.append)
        assert any("no chat template" in text for text in said)


async def test_a_template_without_a_system_role_gets_it_with_the_question(
    home: Paths, audit: Any, tmp_path: Path
) -> None:
    strict = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + tiny_gguf.TEMPLATE
    file = tiny_gguf.write(tmp_path / "strict.gguf", template=strict)
    async with engine(home, audit, {"strict": {"file": str(file)}}, {"model": "strict", "max_tokens": 4}) as one:
        assert await answer(one, [Message(speaker="system", text="Be brief."), *user("a")], model="strict")


async def test_what_a_model_takes_is_told_before_its_file_is_there(home: Paths, audit: Any) -> None:
    """S4-27: by its parameters and quantization; nothing is told where these are not described."""
    models = {"described": {"file": "a.gguf", "params_b": 3, "quant": "Q4_K_M"}, "not": {"file": "b.gguf"}}
    async with engine(home, audit, models, {"model": "described"}) as one:
        await one.look()
        described, other = one.models()
    assert described.standing == other.standing == "missing"
    assert 1.8e9 < described.estimated < 2.4e9
    assert other.estimated == 0
