"""The mock: the same question gets the same answer, in the manners of a model (S4-23, S4-29)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.workers.endpoint.asking import answer_text, items, no_key
from trayassist.models.registry.schema import Model, Provider
from trayassist.models.serving.providers import make_worker
from trayassist.workers.pool import Worker

RESPONSES = {"What is the late fee?": "It is 5 percent of the rent.", "default": "I have nothing on that."}


@asynccontextmanager
async def mock(**responses: str) -> AsyncIterator[Worker]:
    described = Model(provider="mock", responses=responses)
    worker = make_worker("mock", described, Provider(api="mock", enabled=True), no_key)
    try:
        yield worker
    finally:
        await worker.stop()


async def test_the_same_question_gets_the_same_answer_in_every_process() -> None:
    async with mock() as one, mock() as other:
        first = await items(one, "Why is the sky blue?")
        assert answer_text(first) == "This is a made-up answer to “Why is the sky blue”."
        assert answer_text(await items(one, "Why is the sky blue?")) == answer_text(first)
        assert answer_text(await items(other, "Why is the sky blue?")) == answer_text(first)
        assert answer_text(await items(one, "Why is grass green?")) != answer_text(first)
        assert await one.call("embed", texts=["late fee"]) == await other.call("embed", texts=["late fee"])


async def test_answers_come_from_the_registry() -> None:
    async with mock(**RESPONSES) as one:
        assert await one.call("load")
        assert answer_text(await items(one, "what is the  late fee")) == "It is 5 percent of the rent."
        assert answer_text(await items(one, "And the deposit?")) == "I have nothing on that."


async def test_it_streams_counts_and_keeps_to_limits() -> None:
    async with mock(default="one two three four five") as one:
        found = await items(one, "count for me")
        assert [item["text"] for item in found[1:-1]] == ["one", " two", " three", " four", " five"]
        assert (found[0]["tokens_in"], found[-1]["tokens_out"], found[-1]["finish"]) == (3, 5, "stop")
        short = await items(one, "count", max_tokens=2)
        assert (answer_text(short), short[-1]["finish"]) == ("one two", "length")
        stopped = await items(one, "count", stop=["three"])
        assert (answer_text(stopped), stopped[-1]["finish"]) == ("one two ", "stop")


@pytest.mark.parametrize(
    ("question", "label"),
    [("Please write code", "code"), ("Good morning", "chat"), ("Is this search or not?", "search")],
)
async def test_a_grammar_of_labels_gets_one_of_them(question: str, label: str) -> None:
    async with mock() as one:
        assert answer_text(await items(one, question, grammar='root ::= "chat" | "code" | "search"\n')) == label


async def test_a_schema_gets_json_that_fits() -> None:
    schema = {
        "type": "object",
        "properties": {
            "risk": {"enum": ["low", "high"]},
            "score": {"type": "number", "minimum": 0.5},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "note": {"type": "string"},
        },
        "required": ["risk", "score", "tags"],
    }
    async with mock(**RESPONSES) as one:
        answer = json.loads(answer_text(await items(one, "verdict", schema=schema)))
        assert answer == {"risk": "low", "score": 0.5, "tags": ["mock"]}


async def test_texts_that_share_words_are_near() -> None:
    async with mock() as one:
        scores = await one.call("rerank", query="late fee", texts=["the late fee is five", "a boat"])
        assert scores == [1.0, 0.0]
