"""Roles and inspectors that misbehave: the answer says so, and the next question works."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.plugins import faulty
from trayassist.api import Chunk, Event, Finish, Finished, Flagged, Request, Risk, Routed, Verdict
from trayassist.assistant import Assistant, answering, assistant
from trayassist.paths import Paths
from trayassist.plugins import sandbox
from trayassist.routing import router


@asynccontextmanager
async def assistant_with(home: Paths, *hooks: Any) -> AsyncIterator[Assistant]:
    one = Assistant(home, found=list(hooks))
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


def role_plugin(role: faulty.SaysHello) -> Any:
    return faulty.entry("roles", register_roles=lambda host: [role, faulty.SaysHello("polite")])


async def ask_role(one: Assistant, text: str, role: str) -> list[Event]:
    return [event async for event in one.ask(Request(text=text, role=role))]


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (faulty.Raises, "KeyError"),
        (faulty.Exits, "SystemExit"),
        (faulty.Rubbish, "returned int"),
        (faulty.NotAStream, "it gave str, not an async generator"),
        (faulty.WrongParts, "a Chunk whose text is int"),
        (faulty.Endless, "more than 1,000,000 characters"),
        (faulty.KeepsItsSetupHost, "it called search() of its setup host"),
        (faulty.Silent, "empty answer"),
        (faulty.Blocks, "stopped responding"),
        (faulty.Hangs, "gave no answer"),
    ],
)
async def test_a_role_that_misbehaves_fails_in_words(
    home: Paths, monkeypatch: pytest.MonkeyPatch, role: type[faulty.SaysHello], said: str
) -> None:
    monkeypatch.setattr(sandbox, "PING_S", 0.2)
    monkeypatch.setattr(answering.AnswerRun, "silence_s", 0.5)
    async with assistant_with(home, role_plugin(role("bad"))) as one:
        events = await ask_role(one, "hello", "bad")
        last = events[-1]
        assert isinstance(last, Finished)
        assert (last.finish, said in last.error) == (Finish.FAILED, True), last
        assert "Traceback" not in last.error
        good = await ask_role(one, "hello", "polite")
        assert Chunk("Hello.") in good
        assert isinstance(good[-1], Finished)
        assert good[-1].finish is Finish.STOP


@pytest.mark.parametrize("role", [faulty.ClaimsRaises, faulty.ClaimsExits])
async def test_a_role_whose_claims_raise_is_passed_over(home: Paths, role: type[faulty.SaysHello]) -> None:
    async with assistant_with(home, role_plugin(role("bad"))) as one:
        events = await ask_role(one, "hello", "polite")
        assert Chunk("Hello.") in events
        route = await one.route(Request(text="greet me"))
        assert route.role == "polite"


async def test_what_is_no_text_does_not_get_into_an_answer(home: Paths) -> None:
    async with assistant_with(home, role_plugin(faulty.SteersTheTerminal("bad"))) as one:
        last = (await ask_role(one, "hello", "bad"))[-1]
        assert isinstance(last, Finished)
        assert last.answer == "a\ufffdb\ufffd[31mred\ufffd"


async def test_a_role_whose_claims_hang_is_passed_over_and_rests(home: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router, "CLAIM_S", 0.3)
    hanging = faulty.ClaimsHangs("bad")
    async with assistant_with(home, role_plugin(hanging)) as one:
        for _ in range(3):
            assert (await one.route(Request(text="greet me"))).role == "polite"
        assert hanging.asked == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda: Verdict(risk=Risk.LOW, score=float("nan")), "returned nothing that can be used"),
        (lambda: Verdict(risk=Risk.LOW, tags=5), "returned nothing that can be used"),  # type: ignore[arg-type]
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: "low", "returned nothing that can be used"),
        (lambda: time.sleep(1), "took longer"),
        (lambda: Verdict(risk="low"), "returned nothing that can be used"),  # type: ignore[arg-type]
    ],
)
async def test_an_inspector_that_misbehaves_is_unchecked_never_low(
    home: Paths, monkeypatch: pytest.MonkeyPatch, fault: Any, said: str
) -> None:
    """F-18: fail closed."""
    monkeypatch.setattr(assistant, "INSPECTION_LIMIT_S", 0.2)
    inspecting = faulty.entry("inspectors", register_inspectors=lambda host: [faulty.Inspector(fault)])
    async with assistant_with(home, role_plugin(faulty.SaysHello()), inspecting) as one:
        events = await ask_role(one, "hello", "polite")
        last = events[-1]
        assert isinstance(last, Finished)
        assert last.finish is Finish.STOP
        assert last.verdict.risk is Risk.UNCHECKED
        assert said in last.verdict.reason or "twice" in last.verdict.reason
        assert any(isinstance(event, Flagged) for event in events)


async def test_without_an_inspector_nothing_counts_as_checked(home: Paths) -> None:
    async with assistant_with(home, role_plugin(faulty.SaysHello())) as one:
        last = (await ask_role(one, "hello", "polite"))[-1]
        assert isinstance(last, Finished)
        assert last.verdict.risk is Risk.UNCHECKED


async def test_a_blocking_verdict_ends_it_before_a_role_sees_it(home: Paths) -> None:
    verdict = Verdict(risk=Risk.HIGH, score=1.0, reason="It is forbidden", blocks=True)
    inspecting = faulty.entry("inspectors", register_inspectors=lambda host: [faulty.Inspector(lambda: verdict)])
    async with assistant_with(home, role_plugin(faulty.SaysHello()), inspecting) as one:
        events = await ask_role(one, "hello", "polite")
        assert [type(event) for event in events] == [Flagged, Finished]
        assert isinstance(events[-1], Finished)
        assert events[-1].finish is Finish.BLOCKED
        assert not any(isinstance(event, Routed | Chunk) for event in events)
