"""What memory holds is there before a model's first word, and stays when the model fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

import yaml

from tests.plugins.faulty import SaysHello, entry
from trayassist.api import (
    Answer,
    Chunk,
    Citation,
    Event,
    Evidence,
    Finish,
    Finished,
    Found,
    Host,
    Passage,
    Quote,
    Request,
    Route,
    TrayassistError,
)
from trayassist.assistant import Assistant
from trayassist.ipc import wire
from trayassist.paths import Paths

PAGE = Passage(path="/d/lease.pdf", title="Lease", page=2, start=0, end=40, text="The rent is 900 euros a month.")
QUOTE = Quote(text="The rent is 900 euros a month.", passage=PAGE, start=0, end=30, score=1.0)
LATE = TrayassistError("The model mock did not finish within 1 second.", "Ask for less.")


class Reads(SaysHello):
    """Finds a quote, says what the test says, and fails then."""

    def __init__(self, found: Found, says: Sequence[str], error: TrayassistError | None) -> None:
        super().__init__("reads")
        self._found, self._says, self._error = found, says, error

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        yield Evidence(found=self._found, probability=0.9, passages=(PAGE,), quotes=(QUOTE,), documents=1)
        for text in self._says:
            yield Chunk(text)
        if self._error:
            raise self._error


async def ask(
    home: Paths, found: Found, says: Sequence[str], error: TrayassistError | None = None, model: str | None = "mock"
) -> tuple[list[Event], Finished]:
    told = {
        "models": {"mock": {"provider": "mock", "kind": "instruct", "responses": {"default": "words"}}},
        "roles": {"reads": {"model": model}},
    }
    home.registry.write_text(yaml.safe_dump(told))
    assistant = Assistant(home, found=[entry("reads", register_roles=lambda host: [Reads(found, says, error)])])
    try:
        await assistant.start()
        events = [event async for event in assistant.ask(Request(text="What is the rent?", role="reads"))]
    finally:
        await assistant.stop()
    assert isinstance(events[-1], Finished)
    return events, events[-1]


async def test_quotes_come_before_the_first_word_of_a_model(home: Paths) -> None:
    events, done = await ask(home, Found.YES, ["It is 900 euros."])
    kinds = [type(event) for event in events]
    assert kinds.index(Evidence) < kinds.index(Chunk)
    assert done.answer == "It is 900 euros."
    line = json.loads(json.dumps(wire.event(next(event for event in events if isinstance(event, Evidence)))))
    assert line["event"] == "evidence"
    assert [(one["text"], one["page"]) for one in line["quotes"]] == [(QUOTE.text, 2)]


async def test_quotes_that_the_answer_itself_is_made_of_are_not_shown_twice(home: Paths) -> None:
    events, _ = await ask(home, Found.YES, ["Your documents say …"], model=None)
    assert not any(isinstance(event, Evidence) for event in events)
    events, _ = await ask(home, Found.NO, ["Nothing about this."])
    assert not any(isinstance(event, Evidence) for event in events)


async def test_a_model_that_is_late_leaves_the_quotes_and_a_sentence(home: Paths) -> None:
    events, done = await ask(home, Found.YES, [], LATE)
    assert (done.finish, done.error) == (Finish.STOP, "")
    assert "> The rent is 900 euros a month. [1]" in done.answer
    assert done.fallback == "The model mock did not finish within 1 second. Your documents are quoted instead."
    assert [(one.path, one.page, one.number) for one in done.citations] == [("/d/lease.pdf", 2, 1)]
    assert any(isinstance(event, Citation) for event in events)


async def test_what_was_said_before_the_failure_stays_above_the_quotes(home: Paths) -> None:
    _, done = await ask(home, Found.YES, ["It is 900"], LATE)
    assert done.answer.startswith("It is 900\n\n")
    assert "> The rent is 900 euros a month. [1]" in done.answer


async def test_an_answer_without_a_word_leaves_the_quotes(home: Paths) -> None:
    _, done = await ask(home, Found.WEAK, ["  "])
    assert done.finish is Finish.STOP
    assert "> The rent is 900 euros a month. [1]" in done.answer


async def test_a_failure_with_nothing_to_quote_is_an_error(home: Paths) -> None:
    _, done = await ask(home, Found.NO, [], LATE)
    assert (done.finish, done.error) == (Finish.FAILED, LATE.what)
