"""S0-13: /draft-compat in the popup, answered without role, model or memory."""

from __future__ import annotations

import json
from pathlib import Path

from tests import tiny_gguf
from trayassist.api import Chunk, Finish, Finished, Request, Routed
from trayassist.assistant import Assistant
from trayassist.paths import Paths


async def answers(home: Paths, *texts: str) -> list[Finished]:
    assistant, done = Assistant(home, found=[]), []
    try:
        await assistant.start()
        for text in texts:
            events = [event async for event in assistant.ask(Request(text=text))]
            assert isinstance(events[-1], Finished)
            if events[-1].finish is Finish.STOP:
                assert [type(event) for event in events[-3:]] == [Routed, Chunk, Finished]
            done.append(events[-1])
    finally:
        await assistant.stop()
    return done


async def test_the_verdict_is_the_answer(home: Paths, tmp_path: Path) -> None:
    spaced = tmp_path / "with space.gguf"
    tiny_gguf.write(spaced, vocabulary=300)
    tiny_gguf.write(home.models / "big.gguf", vocabulary=512)
    home.registry.write_text("models: {big: {file: big.gguf}}\n")
    ok, no = await answers(home, "/draft-compat big big", f"/draft-compat big '{spaced}'")
    assert ok.answer.startswith("**big.gguf** can draft for **big.gguf**.\n\n- Warning: The draft has 100%")
    assert no.answer.startswith("**with space.gguf** cannot draft for **big.gguf**.\n\n- the vocabularies have 512 and")
    assert (ok.finish, ok.model, ok.route.role) == (Finish.STOP, None, "")
    lines = [json.loads(line) for file in home.audit.iterdir() for line in file.read_text().splitlines()]
    assert [line["event"] for line in lines if line["event"] in ("command", "llm_call")] == ["command", "command"]


async def test_what_is_missing_is_said(home: Paths) -> None:
    first, second, third = await answers(home, "/draft-compat", "/Draft-Compat a b", "/draft-compat 'a b")
    assert first.error == third.error == "/draft-compat compares two models."
    assert "TARGET DRAFT" in first.todo
    assert second.error == "“a” is neither a file nor a model of the registry."
    assert second.finish is Finish.FAILED


async def test_other_slashes_are_routed_as_ever(home: Paths) -> None:
    (other,) = await answers(home, "/draft-compatible is a word")
    assert other.error.startswith("There is no command /draft-compatible")
