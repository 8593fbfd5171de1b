"""What of a question and its answer is kept: keys that were pasted are not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.plugins import faulty
from trayassist.api import Answer, Chunk, Citation, Host, Request, Route
from trayassist.assistant import Assistant
from trayassist.paths import Paths

KEY = "ghp_a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8"


class Repeats(faulty.SaysHello):
    """Answers with what it was asked."""

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        yield Citation(number=1, path="/d/a.txt", title="a", page=1, quote=f"token {KEY}", start=0, end=9)
        yield Chunk(f"You wrote {request.text} [1]")


async def ask_and_read(home: Paths) -> tuple[str, list[str], bytes]:
    """Return the answer as it was shown, what lists and searches of the history show, and the history's bytes."""
    one = Assistant(home, found=[faulty.entry("roles", register_roles=lambda host: [Repeats("repeats")])])
    await one.start()
    try:
        request = Request(text=f"Why does {KEY} not work?", role="repeats", conversation="c")
        events = [event async for event in one.ask(request)]
        shown = "".join(event.text for event in events if isinstance(event, Chunk))
        entries = [*await one.history.recent(), *await one.history.search("work")]
        turns = await one.history.turns("c")
        texts = [text for e in entries for text in (e.question, e.answer, e.snippet, *(c.quote for c in e.citations))]
        texts += [*(t.question + t.answer for t in turns), *await one.history.questions()]
    finally:
        await one.stop()
    return shown, texts, b"".join(file.read_bytes() for file in Path(home.data).glob("history*"))


async def test_a_pasted_key_is_masked_in_all_that_is_kept(home: Paths) -> None:
    shown, texts, stored = await ask_and_read(home)
    assert KEY in shown, "the answer itself is shown as it is"
    assert any("Why does [secret: GitHub token] not work?" in text for text in texts)
    assert not any(KEY in text for text in texts)
    assert KEY.encode() not in stored


@pytest.mark.parametrize("text", ["history: {mask_secrets: false}\n"])
async def test_the_switch_keeps_them(home: Paths, text: str) -> None:
    home.app_config.write_text(text)
    _, texts, _ = await ask_and_read(home)
    assert any(KEY in text for text in texts)
    one = Assistant(home, found=[])
    await one.start()
    await one.start_background()
    try:
        await asyncio.sleep(0.2)
        assert any(KEY in entry.question for entry in await one.history.recent())
    finally:
        await one.stop()


async def test_what_was_kept_as_it_was_is_masked_at_the_next_start(home: Paths) -> None:
    home.app_config.write_text("history: {mask_secrets: false}\n")
    await ask_and_read(home)
    home.app_config.unlink()
    one = Assistant(home, found=[])
    await one.start()
    await one.start_background()
    try:
        async with asyncio.timeout(60):
            while any(KEY in entry.question for entry in await one.history.recent()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        (entry,) = await one.history.recent()
        assert entry.question == "Why does [secret: GitHub token] not work?"
    finally:
        await one.stop()
    assert KEY.encode() not in b"".join(file.read_bytes() for file in Path(home.data).glob("history*"))
