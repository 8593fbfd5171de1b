"""Grammars and JSON schemas bind what a model says, at any temperature; broken ones are said in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workers.model.asking import ask, sampling, worker
from trayassist.api import TrayassistError

LABELS = 'root ::= ("yes" | "no") " " [a-c]+ "."'
SCHEMA = {
    "type": "object",
    "properties": {"risk": {"enum": ["low", "high"]}, "score": {"type": "integer"}},
    "required": ["risk", "score"],
}


@pytest.mark.parametrize("temperature", [0.0, 0.7, 2.0])
async def test_a_random_model_says_only_what_the_grammar_allows(tiny: Path, temperature: float) -> None:
    async with worker(tiny) as one:
        for seed in range(4):
            sampled = sampling(grammar=LABELS, temperature=temperature, seed=seed, max_tokens=200)
            answer = await ask(one, "is it so", sampled=sampled)
            form = r"(yes|no) [a-c]+\.?" if answer.report["finish"] == "length" else r"(yes|no) [a-c]+\."
            assert re.fullmatch(form, answer.text)


async def test_a_schema_gives_json_of_that_shape(tiny: Path, stories: Path) -> None:
    for file in (tiny, stories):
        async with worker(file) as one:
            answer = await ask(one, "judge", sampled=sampling(schema=SCHEMA, temperature=0.8, max_tokens=400, seed=3))
            if answer.report["finish"] == "stop":
                found = json.loads(answer.text)
                assert found["risk"] in ("low", "high")
                assert isinstance(found["score"], int)
            else:
                assert answer.text.lstrip().startswith("{")


async def test_a_schema_without_choice_is_answered_to_the_end(tiny: Path) -> None:
    async with worker(tiny) as one:
        answer = await ask(one, "judge", sampled=sampling(schema={"const": {"ok": True}}, max_tokens=100))
    assert (json.loads(answer.text), answer.report["finish"]) == ({"ok": True}, "stop")


async def test_quotes_line_breaks_and_letters_of_any_script_are_written_as_they_are(tiny: Path) -> None:
    for value in ('the "best"', "a\\b", "two\nlines", "Größe 日本 😀", {'ä"\\': 1}):
        async with worker(tiny) as one:
            answer = await ask(one, "judge", sampled=sampling(schema={"const": value}, max_tokens=100))
        assert json.loads(answer.text) == value
        assert "\\u" not in answer.text


async def test_names_of_properties_may_be_of_any_script(tiny: Path) -> None:
    schema = {"type": "object", "properties": {'Größe "x"': {"const": None}}, "required": ['Größe "x"']}
    async with worker(tiny) as one:
        answer = await ask(one, "judge", sampled=sampling(schema=schema, max_tokens=100))
    assert json.loads(answer.text) == {'Größe "x"': None}


@pytest.mark.parametrize(
    ("limits", "holds"),
    [
        ({"type": "integer", "minimum": 5, "maximum": 7}, lambda n: n in (5, 6, 7)),
        ({"type": "integer", "exclusiveMinimum": -2.5, "exclusiveMaximum": 0}, lambda n: n in (-2, -1)),
        ({"type": "integer", "minimum": 1}, lambda n: isinstance(n, int) and n >= 1),
        ({"type": "number", "minimum": 0, "maximum": 1}, lambda n: 0 <= n <= 1),
        ({"type": "number", "minimum": -2, "maximum": -1}, lambda n: -2 <= n <= -1),
        ({"type": "number", "minimum": 0}, lambda n: n >= 0),
    ],
)
async def test_limits_of_numbers_hold(tiny: Path, limits: dict[str, Any], holds: Callable[[float], bool]) -> None:
    async with worker(tiny) as one:
        for seed in range(8):
            sampled = sampling(schema=limits, temperature=2.0, seed=seed, max_tokens=100)
            assert holds(json.loads((await ask(one, "judge", sampled=sampled)).text))


async def test_grammar_and_drafts_go_together(stories: Path) -> None:
    sampled = sampling(grammar='root ::= ("Lily saw a big " ("red" | "blue") " ball. ")+', max_tokens=80)
    text = "Lily saw a big red ball. " * 6
    async with worker(stories) as one:
        plain = await ask(one, text, sampled=sampled)
        drafted = await ask(one, text, sampled=sampled, lookup={"k": 6, "ngram": 2})
    assert drafted.text == plain.text
    assert drafted.report["drafted"] > 0


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"grammar": "root ::= ("}, "The grammar is broken"),
        ({"grammar": 'other ::= "a"'}, "does not contain a 'root'"),
        ({"grammar": 'root ::= root "a"'}, "left recursion"),
        ({"schema": {"type": "nonsense"}}, "JSON schema cannot be followed"),
        ({"schema": {"$ref": "#/nowhere"}}, "JSON schema cannot be followed"),
        ({"schema": {"enum": []}}, "an empty enum allows nothing"),
        ({"schema": {"items": [1]}}, "1 is no schema"),
        ({"schema": {"type": "number", "minimum": 0.5}}, "minimum: limits hold for"),
    ],
)
async def test_a_broken_grammar_is_said_and_the_worker_lives(tiny: Path, broken: dict[str, Any], said: str) -> None:
    async with worker(tiny) as one:
        await one.call("load")
        pid = one.pid
        with pytest.raises(TrayassistError, match=said):
            await ask(one, "a", sampled=sampling(**broken))
        assert (await ask(one, "a")).report["tokens_out"] > 0
        assert one.pid == pid
