"""Follow-up questions through the real assistant and memory: what they are taken for is told, kept and looked for."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

from trayassist.api import Event, FollowUp, Found, Request
from trayassist.assistant import Assistant
from trayassist.ipc import wire
from trayassist.paths import Paths

RENTS = (
    "Rents of the offices.\n\nThe Lyon office cost 900 euros a month in 2019.\n\nThe Lyon office cost 950 in 2020.\n"
)
LEASE = "Lease of the garage.\n\nThe garage has room for two vans. Its rent in 2020 was 75 euros a month.\n"


async def ask(assistant: Assistant, text: str, conversation: str = "c", model: str | None = None) -> list[Event]:
    request = Request(text=text, conversation=conversation, model=model)
    async with aclosing(assistant.ask(request)) as events:
        return [event async for event in events]


async def test_a_follow_up_is_told_kept_and_looked_for_where_the_answer_came_from(home: Paths, tmp_path: Path) -> None:
    files = [tmp_path / "rents.txt", tmp_path / "garage.txt"]
    for file, text in zip(files, (RENTS, LEASE), strict=True):
        file.write_text(text)
    assistant = Assistant(home)
    try:
        await assistant.start()
        async with aclosing(assistant.ingest.ingest(files)) as news:
            [item async for item in news]
        first = await ask(assistant, "How much was the rent of the Lyon office in 2019?")
        assert wire.event(first[-1])["follow_up"] is None
        assert "900" in wire.event(first[-1])["answer"]
        (turn,) = await assistant.history.turns("c")
        assert turn.cited[0] == str(files[0])
        second = await ask(assistant, "And in 2020?")
        asks = "How much was the rent of the Lyon office in 2020?"
        told = FollowUp(to="How much was the rent of the Lyon office in 2019?", asks=asks)
        assert [event for event in second if isinstance(event, FollowUp)] == [told]
        end = wire.event(second[-1])
        assert end["follow_up"] == {"to": told.to, "asks": asks}
        assert end["citations"][0]["path"] == str(files[0])
        assert "950" in end["answer"]
        alone = await ask(assistant, "And in 2020?", conversation="another")
        assert wire.event(alone[-1])["follow_up"] is None
    finally:
        await assistant.stop()


async def test_nearest_pages_are_offered_for_questions_about_documents_only(home: Paths, tmp_path: Path) -> None:
    file = tmp_path / "rents.txt"
    file.write_text(RENTS)
    assistant = Assistant(home)
    try:
        await assistant.start()
        async with aclosing(assistant.ingest.ingest([file])) as news:
            [item async for item in news]
        asked = wire.event((await ask(assistant, "Who repaired the roof of the chapel?", ""))[-1])
        assert (asked["match"], bool(asked["nearest"])) == (Found.NO.value, True)
        for text in ("17 + 25", "Write a function that adds two numbers", "Hello!"):
            assert wire.event((await ask(assistant, text, ""))[-1])["nearest"] == []
        quoted = wire.event((await ask(assistant, "How much was the Lyon office in 2019?", "", model=""))[-1])
        assert (quoted["model"], quoted["route"]["model"]) == (None, None)
    finally:
        await assistant.stop()
