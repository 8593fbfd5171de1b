"""A route on which memory has a word: asked only where it can change something, never waited for without end."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trayassist.api import Evidence, Fact, Found, Kind, Request, Route, TrayassistError
from trayassist.assistant import assistant as story
from trayassist.assistant.assistant import route_request
from trayassist.routing.router import Router
from trayassist_coder.role import Coder
from trayassist_curator.role import Curator
from trayassist_persona.role import Persona

ROUTER = Router({"persona": Persona(), "coder": Coder()}, lambda role: None)


class Remembers:
    """Stands for memory: answers every search with one probability, or fails as told."""

    facts_score = 0.0

    def __init__(self, probability: float, documents: int = 3, fails: Callable[[], Any] | None = None) -> None:
        self.evidence = Evidence(found=Found.WEAK, probability=probability, documents=documents)
        self.fails = fails
        self.asked: list[str] = []

    async def search(self, query: str, limit: int) -> Evidence:
        self.asked.append(query)
        if self.fails is not None:
            await self.fails()
        return self.evidence

    async def facts(self, query: str, limit: int) -> list[Fact]:
        return [Fact(id="f", text="the garage is 6 metres", created="", score=self.facts_score)]


def decide(text: str, memory: Remembers, folder: Path) -> Route:
    return asyncio.run(route_request(ROUTER, memory, folder, Request(text=text), None))  # type: ignore[arg-type]


def test_what_memory_holds_is_listed_and_the_reason_says_so(tmp_path: Path) -> None:
    memory = Remembers(0.9)
    route = decide("find the renewal terms", memory, tmp_path)
    assert (route.kind, memory.asked) == (Kind.SEARCH, ["find the renewal terms"])
    assert "Memory holds something" in route.reason


def test_what_memory_does_not_hold_is_no_search(tmp_path: Path) -> None:
    assert decide("search for cheap flights", Remembers(0.05), tmp_path).kind is Kind.CHAT
    assert decide("find the renewal terms", Remembers(0.4), tmp_path).kind is Kind.CHAT


def test_an_empty_memory_has_no_word(tmp_path: Path) -> None:
    assert decide("search for the deposit", Remembers(0.0, documents=0), tmp_path).kind is Kind.SEARCH


def test_a_question_stays_a_question_which_is_answered_with_citations(tmp_path: Path) -> None:
    assert decide("what was our refund policy again?", Remembers(0.99), tmp_path).kind is Kind.CHAT


@pytest.mark.parametrize("text", ["search my documents for rent", "/search rent", "Write a function", "hello", "7 * 8"])
def test_memory_is_not_asked_where_words_are_sure(text: str, tmp_path: Path) -> None:
    memory = Remembers(0.9)
    decide(text, memory, tmp_path)
    assert memory.asked == []


def test_without_a_memory_on_disk_no_worker_is_started(tmp_path: Path) -> None:
    memory = Remembers(0.9)
    assert decide("find the renewal terms", memory, tmp_path / "none").kind is Kind.CHAT
    assert memory.asked == []


def test_a_memory_that_fails_or_hangs_leaves_the_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail() -> None:
        raise TrayassistError("The memory worker ended.", "Ask again.")

    async def hang() -> None:
        await asyncio.Event().wait()

    assert decide("find the renewal terms", Remembers(0.9, fails=fail), tmp_path).kind is Kind.CHAT
    monkeypatch.setattr(story, "MEMORY_LIMIT_S", 0.05)
    assert decide("find the renewal terms", Remembers(0.9, fails=hang), tmp_path).kind is Kind.CHAT


@pytest.mark.parametrize(
    ("text", "score", "kind"),
    [
        ("Actually the garage is 7 metres", 0.8, Kind.CURATE),
        ("No, the garage is 7 metres long", 0.8, Kind.CURATE),
        ("Actually the capital of France is Paris", 0.2, Kind.CHAT),
        ("Actually, how long is the garage?", 0.8, Kind.CHAT),
        ("actually how long is the garage", 0.8, Kind.CHAT),
        ("sorry, what is the length of the garage", 0.8, Kind.CHAT),
        ("sorry, could you tell me what the garage is", 0.8, Kind.CHAT),
        ("nein, wie lang ist die Garage", 0.8, Kind.CHAT),
    ],
)
def test_a_correction_of_a_remembered_fact_goes_to_who_keeps_facts(
    text: str, score: float, kind: Kind, tmp_path: Path
) -> None:
    memory = Remembers(0.1)
    memory.facts_score = score
    keeps = Router({"persona": Persona(), "curator": Curator()}, lambda role: None)
    off = Router(
        {"persona": Persona(), "curator": Curator()}, lambda role: None, lambda role: "off" * (role != "persona")
    )
    for router, wanted in ((keeps, kind), (off, Kind.CHAT)):
        route = asyncio.run(route_request(router, memory, tmp_path, Request(text=text), None))  # type: ignore[arg-type]
        assert route.kind is wanted


@pytest.mark.parametrize(
    "text",
    [
        "Actually forget that my locker code is 4411",
        "no, forget that I live in Berlin",
        "sorry, please remember that my code is 4411",
        "Actually, what do you remember about me",
        "no, list my facts",
    ],
)
def test_a_wish_after_actually_is_routed_by_itself(text: str, tmp_path: Path) -> None:
    memory = Remembers(0.1)
    memory.facts_score = 0.8
    router = Router({"persona": Persona(), "curator": Curator()}, lambda role: None)
    route = asyncio.run(route_request(router, memory, tmp_path, Request(text=text), None))  # type: ignore[arg-type]
    assert route.kind is Kind.CURATE
    assert "corrects" not in route.reason
