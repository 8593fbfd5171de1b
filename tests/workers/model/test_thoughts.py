"""Reasoning before an answer comes apart from it, and no half of its marks is ever shown."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.model.asking import ask, sampling, with_template, worker
from trayassist.workers.model.generator import Detokenizer
from trayassist.workers.model.reasoning import MARKS, ReasoningSplitter, opens_with


def split(text: str, size: int, opened_by: str = "") -> tuple[str, str]:
    """Return thought and answer of a text that comes in pieces of that size."""
    thoughts, found = ReasoningSplitter(opened_by), []
    for at in range(0, len(text), size):
        found += thoughts.feed(text[at : at + size])
    found += thoughts.rest()
    said: Any = {True: "", False: ""}
    for piece, thought in found:
        said[thought] += piece
    return said[True], said[False]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("<think>\nhm\n</think>\n\nYes.", "\nhm\n", "\n\nYes."),
        ("  <think>a</think>b", "a", "b"),
        ("Yes.", "", "Yes."),
        ("<b>bold</b>", "", "<b>bold</b>"),
        ("<thinking>a <think> b</thinking>c", "a <think> b", "c"),
        ("The tag <think> opens and </think> closes.", "", "The tag <think> opens and </think> closes."),
        ("<think>a</think><think>b</think>c", "ab", "c"),
        ("[THINK]a[/THINK]b", "a", "b"),
        ("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b", "a", "b"),
        ("<think>a</b>", "a</b>", ""),
        ("<think>unfinished </thi", "unfinished ", ""),
        ("<thi", "", ""),
        ("<", "", "<"),
        ("", "", ""),
    ],
)
def test_thought_and_answer_come_apart(text: str, thought: str, answer: str, size: int) -> None:
    assert split(text, size) == (thought, answer)


def test_a_thought_that_the_prompt_opened() -> None:
    assert split("hm</think>Yes", 2, "</think>") == ("hm", "Yes")
    assert opens_with("user: x\nassistant: <think>\n") == "</think>"
    assert opens_with("<think>\n\n</think>\n\n") == ""


@given(st.sampled_from(sorted(MARKS)), st.text("ab<>/\n", max_size=12), st.text("ab<>/\n ", max_size=12), st.data())
def test_in_whatever_pieces_it_comes(mark: str, thought: str, answer: str, data: st.DataObject) -> None:
    text, thoughts, found = f"{mark}{thought}{MARKS[mark]}x{answer}", ReasoningSplitter(), []
    while text:
        size = data.draw(st.integers(1, len(text)))
        found += thoughts.feed(text[:size])
        text = text[size:]
    found += thoughts.rest()
    assert "".join(piece for piece, was_thought in found if was_thought) == thought
    assert "".join(piece for piece, was_thought in found if not was_thought) == f"x{answer}"


class Pieces:
    """A vocabulary of whole texts."""

    def __init__(self, *texts: bytes) -> None:
        self._texts = texts

    def piece(self, token: int) -> bytes:
        return self._texts[token]


def detokenize(*texts: bytes, marks: dict[int, bytes] | None = None, **more: Any) -> list[tuple[str, bool]]:
    model: Any = Pieces(*texts)
    one, found = Detokenizer(model, marks or {}, more.pop("stop", ()), **more), []
    for token in range(len(texts)):
        if one.feed(token):
            found += one.take()
        if one.stopped:
            break
    return [*found, *one.end()]


def test_marks_that_are_control_tokens_are_seen_though_they_print_nothing() -> None:
    assert detokenize(b"", b"hm", b"", b"Yes", marks={0: b"[THINK]", 2: b"[/THINK]"}) == [("hm", True), ("Yes", False)]


def test_in_the_answer_control_tokens_print_nothing() -> None:
    assert detokenize(b"Yes", b"", b".", marks={1: b"<think>"}) == [("Yes", False), (".", False)]


def test_a_stop_string_ends_the_answer_and_no_thought() -> None:
    found = detokenize(b"<think>", b"a\nUser: b", b"</think>", b"Yes\nUs", b"er: c", stop=("\nUser:",))
    assert found == [("a\nUser: b", True), ("Yes", False)]


def test_characters_are_whole_across_the_border() -> None:
    boat = "⛵".encode()
    assert detokenize(b"<think>" + boat[:1], boat[1:], b"</think>" + boat[:2], boat[2:]) == [
        ("⛵", True),
        ("⛵", False),
    ]


def test_what_a_grammar_made_is_all_answer() -> None:
    assert detokenize(b"<think>", b"x", split=False) == [("<think>", False), ("x", False)]


async def test_a_template_that_opens_the_thought_itself(stories: Path, tmp_path: Path) -> None:
    """A model of which only the reasoning came says so by its thoughts and an empty answer."""
    template = "{{ messages[-1].content }}<think>\n"
    file = await with_template(stories, template, tmp_path / "thinks.gguf")
    async with worker(file) as one:
        answer = await ask(one, "Once upon a time")
        assert answer.text == ""
        assert len(answer.thoughts) > 20
        bound = await ask(one, "Once upon a time", sampled=sampling(grammar='root ::= "yes"'))
        assert (bound.text, bound.thoughts) == ("yes", "")
    async with worker(stories) as one:
        asked = await ask(one, "I wonder about <think>")  # the user's words, and not the template's
        assert asked.text
        assert asked.thoughts == ""


def test_a_grammar_asks_the_template_for_no_thought() -> None:
    from trayassist.api import Message
    from trayassist.workers.model.prompt import Prompts

    asked: list[dict[str, Any]] = []

    def render(**said: Any) -> SimpleNamespace:
        asked.append(said)
        return SimpleNamespace(prompt="x")

    class Letters:
        context_length = 1000

        def tokenize(self, text: str) -> list[int]:
            return [ord(sign) for sign in text]

    prompts = Prompts(Letters(), render, ())
    prompts.fit([Message(speaker="user", text="a")], 10, think=False)
    assert asked[-1]["enable_thinking"] is False
    prompts.fit([Message(speaker="user", text="a")], 10)
    assert "enable_thinking" not in asked[-1]
