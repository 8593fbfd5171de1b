"""Reasoning from the model to the last event: thought chunks, and an answer without them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import tiny_gguf
from tests.plugins.faulty import entry
from trayassist.api import Answer, Chunk, Finish, Finished, Host, Request, Route
from trayassist.assistant import Assistant
from trayassist.cli import printers
from trayassist.ipc import wire
from trayassist.paths import Paths

THINKS = tiny_gguf.TEMPLATE + "<think>\n"


class Says:
    """A role whose thoughts and words the test gives."""

    name, title, examples = "says", "Says", ()

    def __init__(self, *chunks: Chunk) -> None:
        self._chunks = chunks

    def claims(self, request: Request) -> str | None:
        return None

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        for chunk in self._chunks:
            yield chunk
        if not self._chunks:
            from trayassist.api import Message

            async for chunk in host.generate(route, [Message(speaker="user", text=route.text)]):
                yield chunk


async def events(home: Paths, role: Says) -> tuple[list[Any], list[str]]:
    """Return the events of one question, and the answers that the history kept."""
    one = Assistant(home, found=[entry("says", register_roles=lambda host: [role])])
    await one.start()
    try:
        found = [event async for event in one.ask(Request(text="q", role="says", conversation="c"))]
        return found, [turn.answer for turn in await one.history.turns("c", 5)]
    finally:
        await one.stop()


async def test_thoughts_are_events_and_no_part_of_the_answer(home: Paths) -> None:
    found, kept = await events(home, Says(Chunk("Hm [1].", thought=True), Chunk("Yes.")))
    chunks = [wire.event(event) for event in found if isinstance(event, Chunk)]
    assert [(chunk["text"], chunk["thought"]) for chunk in chunks] == [("Hm [1].", True), ("Yes.", False)]
    assert isinstance(found[-1], Finished)
    assert (found[-1].answer, found[-1].finish) == ("Yes.", Finish.STOP)
    assert kept == ["Yes."]


async def test_a_model_that_only_thought_is_said_and_what_to_do(home: Paths, tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "thinks.gguf", template=THINKS)
    settings = {
        "models": {"thinks": {"file": str(file)}},
        "roles": {"says": {"model": "thinks", "max_tokens": 12}},
        "runtime_defaults": {"context_length": 256, "n_threads": 1},
    }
    home.registry.write_text(yaml.safe_dump(settings))
    found, _ = await events(home, Says())
    assert any(isinstance(event, Chunk) and event.thought for event in found)
    assert isinstance(found[-1], Finished)
    assert found[-1].finish is Finish.FAILED
    assert found[-1].error == "The model was still thinking when it had used all tokens of the answer."
    assert "Raise the longest answer of the role says" in found[-1].todo


@pytest.mark.parametrize("wanted", [False, True])
def test_the_command_line_prints_thoughts_only_when_asked_to(wanted: bool, capsys: pytest.CaptureFixture[str]) -> None:
    printer = printers.AnswerPrinter(thoughts=wanted)
    for text, thought in (("Let me ", True), ("see.", True), ("Yes.", False)):
        printer({"event": "chunk", "text": text, "thought": thought})
    said = capsys.readouterr()
    assert said.out == "Yes."
    assert ("Let me see." in said.err.replace("\x1b[0m", "").replace("\x1b[2m", "")) == wanted
