"""Follow-up questions keep the topic; questions that stand alone are not mixed with it."""

import pytest

from tests.bundled.roles.fake_host import FakeHost, ask, turn
from trayassist_persona.followup import expand, leans
from trayassist_persona.role import Persona


@pytest.mark.parametrize(
    ("before", "question", "has", "lacks"),
    [
        ("What was Apple's revenue in 2021?", "and in 2022?", ["2022", "Apple's", "revenue"], ["2021"]),
        (
            "What is the late fee in the Miller lease?",
            "What about the deposit?",
            ["deposit", "Miller", "lease"],
            ["late", "fee"],
        ),
        ("What is the late fee?", "When is it due?", ["late", "fee", "due"], []),
        ("Who signed the contract with Acme?", "When did they sign it?", ["contract", "Acme"], []),
        ("How long is the warranty of the Aurora E3?", "Does it cover water damage?", ["Aurora", "E3", "water"], []),
        ("What was net income in Q2 2023?", "And in Q3?", ["net", "income", "2023", "Q3"], ["Q2"]),
        ("What is the notice period?", "why?", ["notice", "period"], []),
        ("Where is the Hamburg office?", "How many people work there? And what about its rent?", ["Hamburg"], []),
    ],
)
def test_a_follow_up_carries_the_topic(before: str, question: str, has: list[str], lacks: list[str]) -> None:
    words = expand(question, [turn(before)]).replace("?", "").split()
    for word in has:
        assert word in words, words
    for word in lacks:
        assert word not in words, words


@pytest.mark.parametrize(
    "question",
    [
        "What is the boiling point of nitrogen?",
        "Who pays for repairs in the Hamburg office lease?",
        "Is it legal to record phone calls in Germany?",
        "Summarise the handbook",
        "When did Anna sign her contract?",
        "What is the maximum load of the crane that stands in hall 4?",
        "Is there a parking space for visitors?",
    ],
)
def test_a_new_topic_is_not_mixed_with_the_old_one(question: str) -> None:
    assert expand(question, [turn("What is the late fee in the Miller lease?")]) == question


def test_a_chain_of_follow_ups_reaches_its_first_question() -> None:
    past = [turn("What was the revenue of Acme in 2020?"), turn("and in 2021?"), turn("and 2022?")]
    words = expand("and in 2023?", past).replace("?", "").split()
    assert {"Acme", "revenue", "2023"} <= set(words)
    assert not {"2020", "2021", "2022"} & set(words)


def test_a_pronoun_means_the_nearest_topic() -> None:
    past = [turn("What is the late fee in the Miller lease?"), turn("what about the deposit?")]
    words = expand("when is it returned?", past).replace("?", "").split()
    assert {"deposit", "Miller", "lease"} <= set(words)
    assert not {"late", "fee"} & set(words)


def test_the_chain_stops_at_a_question_that_stands_alone() -> None:
    past = [turn("How tall is the crane?"), turn("What is the late fee in the lease?")]
    assert "crane" not in expand("and when is it due?", past)


def test_the_file_that_was_cited_is_looked_in_first() -> None:
    past = [turn("What is the late fee?", "Your documents say:\n\n**Miller-lease.pdf**, page 4:\n\n> Five. [1]")]
    assert "Miller-lease" in expand("and the deposit?", past)
    assert "Miller-lease" not in expand("What is the boiling point of nitrogen?", past)


def test_without_a_conversation_nothing_is_added() -> None:
    assert expand("and in 2022?", []) == "and in 2022?"


@pytest.mark.parametrize("question", ["", "?", "…", "and", "a" * 5000, "it " * 2000, "the " * 3000 + "?"])
def test_odd_questions_do_no_harm(question: str) -> None:
    leans(question)
    expand(question, [turn(question), turn("What is the fee?")])


def test_persona_looks_for_the_expanded_question() -> None:
    host = FakeHost(past=[turn("What was the revenue of Acme in 2021?")])
    ask(Persona(), host, "and in 2022?")
    assert "Acme" in host.queries[0]
    assert "2021" not in host.queries[0]
