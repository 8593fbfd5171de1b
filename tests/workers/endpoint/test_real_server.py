"""The endpoint worker and llama-cpp-python's own server: no part of this is ours but the client (S4-23)."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing

import pytest

from tests.workers.endpoint.asking import answer_text, endpoint, items, sampling
from trayassist.api import Message, ModelUnavailable


async def test_the_models_are_listed_and_one_is_loaded(llama: str) -> None:
    async with endpoint(llama, "tiny") as worker:
        assert await worker.call("models") == ["tiny"]
        info = await worker.call("load")
        assert info["base"] is False


async def test_without_a_name_the_only_model_answers(llama: str) -> None:
    async with endpoint(llama, "") as worker:
        await worker.call("load")
        assert (await items(worker, "hello", max_tokens=3))[-1]["finish"] in ("stop", "length")


async def test_an_unknown_model_is_refused_with_the_nearest_name(llama: str) -> None:
    async with endpoint(llama, "tny") as worker:
        with pytest.raises(ModelUnavailable, match=r"has no model “tny”\. It has: tiny"):
            await worker.call("load")


async def test_an_answer_streams_and_the_same_seed_gives_the_same_text(llama: str) -> None:
    async with endpoint(llama, "tiny") as worker:
        first = await items(worker, "hello", max_tokens=16)
        assert set(first[0]) == {"tokens_in", "trimmed", "left_out"}
        assert first[-1]["tokens_out"] > 1
        assert first[-1]["finish"] == "length"
        assert answer_text(await items(worker, "hello", max_tokens=16)) == answer_text(first)


async def test_a_stop_string_is_not_shown(llama: str) -> None:
    async with endpoint(llama, "tiny") as worker:
        whole = answer_text(await items(worker, "hello", max_tokens=30))
        word = whole[len(whole) // 2 : len(whole) // 2 + 3]
        found = await items(worker, "hello", max_tokens=30, stop=[word])
        assert answer_text(found) == whole[: whole.index(word)]
        assert found[-1]["finish"] == "stop"


async def test_a_schema_is_kept_to(llama: str) -> None:
    """This server refuses json_schema and wants json_object with a schema: it is asked again in its own words."""
    schema = {"type": "object", "properties": {"risk": {"enum": ["low", "high"]}}, "required": ["risk"]}
    async with endpoint(llama, "tiny") as worker:
        answer = json.loads(answer_text(await items(worker, "hello", schema=schema, max_tokens=200)))
        assert answer["risk"] in ("low", "high")


async def test_a_grammar_is_kept_to(llama: str) -> None:
    async with endpoint(llama, "tiny") as worker:
        assert answer_text(await items(worker, "hello", grammar='root ::= "chat" | "code"')) in ("chat", "code")


async def test_a_prompt_that_is_too_long_is_said(llama: str) -> None:
    """This server ends the stream without a word then; others say it (see the faults)."""
    async with endpoint(llama, "tiny") as worker:
        with pytest.raises(ModelUnavailable, match=r"before its first word.*too long for its context"):
            await items(worker, "word " * 3000)
        assert answer_text(await items(worker, "hello", max_tokens=4))


async def test_with_a_known_context_the_oldest_turns_are_left_out(llama: str) -> None:
    """S1-17."""
    talk = [Message(speaker="user" if n % 2 == 0 else "assistant", text=f"turn{n}" * 40) for n in range(21)]
    async with endpoint(llama, "tiny", context_length=300) as worker:  # of three characters; the model has bytes
        await worker.call("load")
        found = await items(worker, talk, max_tokens=8)
        assert found[0]["trimmed"] > 0
        assert found[-1]["tokens_out"] > 1


async def test_cancel_frees_the_worker_and_the_next_answer_is_right(llama: str) -> None:
    async with endpoint(llama, "tiny") as worker:
        await worker.call("load")
        expected = answer_text(await items(worker, "hello", max_tokens=8))
        pid = worker.pid
        messages = [Message(speaker="user", text="go on")]
        stream = worker.stream("generate", messages=messages, sampling=sampling(max_tokens=900))
        async with aclosing(stream) as found:
            async for item in found:
                if item.get("text"):
                    break
        async with asyncio.timeout(20):
            assert answer_text(await items(worker, "hello", max_tokens=8)) == expected
        assert worker.pid == pid, "one that does not give up is killed"
