"""Endpoints that harm on purpose, or by a bug: without an end, with too much, with our own words in their errors."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.workers.endpoint.asking import answer_text, endpoint, items, sampling, service
from tests.workers.endpoint.servers import DONE, EVENTS, Got, answers, event, models, reply, serving
from trayassist.api import Message, ModelUnavailable, TrayassistError

SECRET = "My landlord Aurelius Thorne sleeps at the office, and his rent is 417 florins."
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"


def script(answer: Any) -> Any:
    return lambda got: models("big") if got.method == "GET" else answer(got)


def error_text(url: str, question: str) -> str:
    with service(url) as one, pytest.raises(TrayassistError) as error:
        list(one.generate([Message(speaker="user", text=question)], sampling()))
    return str(error.value)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda sent: {"error": {"message": f"Invalid prompt: {sent}"}},
        lambda sent: {"error": {"message": f"cannot parse {json.dumps({'messages': [sent]})} at 12"}},
        lambda sent: {"detail": [{"loc": ["body"], "input": sent}]},
    ],
)
@pytest.mark.parametrize("status", ["400 Bad Request", "500 Internal Server Error", "404 Not Found", "403 Forbidden"])
def test_a_question_that_an_error_repeats_is_in_no_message(wrapped: Any, status: str) -> None:
    """What is told is logged, and the audit log holds no texts."""

    def refuse(got: Got) -> list[bytes]:
        return reply(status, wrapped(got.json["messages"][-1]["content"]))

    with serving(script(refuse)) as server:
        said = error_text(server.url, SECRET)
    assert not any(part in said for part in ("Aurelius", "florins", "sleeps at"))
    assert "[what you sent]" in said


def test_a_short_question_is_not_repeated_either_and_the_servers_own_words_stay() -> None:
    with serving(script(lambda got: reply("400 Bad Request", "hiv test? is no request I serve"))) as server:
        assert "[what you sent] is no request I serve" in error_text(server.url, "hiv test?")


def test_an_error_in_the_stream_is_told_without_what_was_sent() -> None:
    def answer(got: Got) -> list[bytes]:
        sent = got.json["messages"][-1]["content"]
        return [EVENTS, b"data: " + json.dumps({"error": {"message": f"no: {sent}"}}).encode() + b"\n\n"]

    with serving(script(answer)) as server:
        assert "Aurelius" not in error_text(server.url, SECRET)


def test_a_terminal_is_sent_no_commands() -> None:
    with serving(script(lambda got: reply("400 Bad Request", "no\x1b]0;title\x07\x1b[31m red\x00"))) as server:
        said = error_text(server.url, "hello there")
    assert said.isprintable()
    assert "red" in said


def test_a_list_of_models_that_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trayassist.workers.endpoint.service.LOOK_S", 0.5)

    def drip(got: Got) -> Iterator[bytes]:
        yield ENDLESS
        while True:
            time.sleep(0.1)
            yield b" "

    said = r"did not answer within 0\.5 seconds"
    with serving(drip) as server, service(server.url) as one, pytest.raises(ModelUnavailable, match=said):
        one.load()


async def test_an_answer_that_never_ends_costs_the_worker_and_not_the_machine() -> None:
    sent = [0]

    def flood(got: Got) -> Iterator[bytes]:
        yield ENDLESS
        while True:
            yield b"x" * 2**24
            sent[0] += 2**24

    with serving(flood) as server:
        async with endpoint(server.url) as worker:
            with pytest.raises(TrayassistError):
                await worker.call("load")
    assert sent[0] < 2 * 2**30
    with serving(answers("Here.")) as server:
        async with endpoint(server.url) as worker:
            assert answer_text(await items(worker, "again")) == "Here."


def test_an_endpoint_that_does_not_keep_to_the_length_is_cut() -> None:
    sent = []

    def babble(got: Got) -> Iterator[bytes]:
        yield EVENTS
        while len(sent) < 100_000:
            sent.append(1)
            yield event(content="and so on ")
        yield DONE

    with serving(script(babble)) as server, service(server.url) as one:
        found = list(one.generate([Message(speaker="user", text="q")], sampling(max_tokens=20)))
    assert found[-1]["finish"] == "length"
    assert answer_text(found).count("and so on") < 100
    assert len(sent) < 100_000, "the connection is closed"


def test_names_of_models_are_shown_in_one_short_line() -> None:
    listed = models("x\n" * 50_000, "y" * 10**6)
    with serving(lambda _: listed) as server, service(server.url) as one, pytest.raises(ModelUnavailable) as error:
        one.load()
    assert len(str(error.value)) < 500
    assert str(error.value).isprintable()
