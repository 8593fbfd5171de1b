"""Follow-up questions are completed by the one before; questions that stand alone are not mixed with it."""

import pytest

from tests.bundled.roles.fake_host import FakeHost, ask, turn
from trayassist.api import FollowUp
from trayassist_persona.followup import resolve
from trayassist_persona.periods import find_periods, replace_period
from trayassist_persona.role import Persona

RENT = "How high was the rent of the Lyon office in 2019?"
MAIZE = "What was the average price of maize in Ghana in 1998?"
FEE = "What is the late fee in the Miller lease?"
RICE = "How much rice was sold at Tesco in the second quarter of 2020?"
QUARTAL = "Welchen Umsatz machte Nordwind im ersten Quartal 2021?"
MEASLES = "Wie viele Fälle von Masern gab es 2017 in Köln?"
BERTH = "How many berths does Kiel have?"
EXPORTS = "What share of exports went to Japan in 1994?"

FULL = [  # the question before, the follow-up, what it asks in full
    (RENT, "And in 2020?", "How high was the rent of the Lyon office in 2020?"),
    (RENT, "And the year before?", "How high was the rent of the Lyon office in 2018?"),
    (RENT, "What was it two years later?", "How high was the rent of the Lyon office in 2021?"),
    (RENT, "And on June 30 of that year?", "How high was the rent of the Lyon office on June 30, 2019?"),
    (MAIZE, "And in Mali?", "What was the average price of maize in Mali in 1998?"),
    (MAIZE, "And rice?", "What was the average price of rice in Ghana in 1998?"),
    (MAIZE, "And of sorghum in Togo in 2001?", "What was the average price of sorghum in Togo in 2001?"),
    (FEE, "What about the deposit?", "What is the deposit in the Miller lease?"),
    (FEE, "And in the Meyer lease?", "What is the late fee in the Meyer lease?"),
    (RICE, "And in the third?", "How much rice was sold at Tesco in the third quarter of 2020?"),
    (RICE, "How much was it a year later?", "How much rice was sold at Tesco in the second quarter of 2021?"),
    (RICE, "And at Spar?", "How much rice was sold at Spar in the second quarter of 2020?"),
    (BERTH, "And Rostock?", "How many berths does Rostock have?"),
    ("What torque does the M8x20 bolt need?", "And the M10x30 one?", "What torque does the M10x30 bolt need?"),
    ("What is the price of the large tent?", "And the small one?", "What is the price of the small tent?"),
    ("What is the minimum age of drivers?", "And the maximum?", "What is the maximum age of drivers?"),
    ("How many votes did motion 4 receive?", "And motion 5?", "How many votes did motion 5 receive?"),
    ("How many men worked at Brandt in 2019?", "And women?", "How many women worked at Brandt in 2019?"),
    ("What were total assets in 2021?", "And total liabilities?", "What were total liabilities in 2021?"),
    ("What was Acme's revenue in 2021?", "And Globex's?", "What was Globex's revenue in 2021?"),
    ("What was Acme's revenue in 2021?", "What was the revenue in 2020?", "What was Acme's revenue in 2020?"),
    (
        "How much did Acme spend on travel in 2021?",
        "And what did Globex spend?",
        "How much did Globex spend on travel in 2021?",
    ),
    ("What was the profit before tax in 2020?", "And after tax?", "What was the profit after tax in 2020?"),
    (EXPORTS, "And to Korea?", "What share of exports went to Korea in 1994?"),
    (EXPORTS, "What was it the following year?", "What share of exports went to Japan in 1995?"),
    (QUARTAL, "Und im zweiten?", "Welchen Umsatz machte Nordwind im zweiten Quartal 2021?"),
    (QUARTAL, "Und ein Jahr später?", "Welchen Umsatz machte Nordwind im ersten Quartal 2022?"),
    (MEASLES, "Und in Bonn?", "Wie viele Fälle von Masern gab es 2017 in Bonn?"),
    (MEASLES, "Und im Vorjahr?", "Wie viele Fälle von Masern gab es 2016 in Köln?"),
    ("Was kostet der große Koffer?", "Und der kleine?", "Was kostet der kleine Koffer?"),
    (
        "Quel était le loyer du bureau de Lyon en 2019 ?",
        "Et l'année précédente ?",
        "Quel était le loyer du bureau de Lyon en 2018 ?",
    ),
    (
        "Quel est le prix du billet pour les enfants ?",
        "Et pour les adultes ?",
        "Quel est le prix du billet pour les adultes ?",
    ),
    ("¿Cuál fue el beneficio de Sol en 2018?", "¿Y el año anterior?", "¿Cuál fue el beneficio de Sol en 2017?"),
    ("¿Cuántos habitantes tiene Vigo?", "¿Y Lugo?", "¿Cuántos habitantes tiene Lugo?"),
    ("What was the rent in 2018?", "Same question for 2019.", "What was the rent in 2019?"),
    ("What is open on 3 May 2021?", "And the following day?", "What is open on 4 May 2021?"),
    ("What is the highest fare in the table?", "And the lowest?", "What is the lowest fare in the table?"),
    (
        "How many tonnes of cod were landed in Bergen?",
        "And herring?",
        "How many tonnes of herring were landed in Bergen?",
    ),
    ("Which share of boys passed in physics?", "And girls?", "Which share of girls passed in physics?"),
    ("What is the pressure of valve type B?", "And type C?", "What is the pressure of valve type C?"),
    ("Combien de femmes travaillent à Lille ?", "Et d'hommes ?", "Combien d'hommes travaillent à Lille ?"),
    ("Wie viele Männer arbeiten im Werk Ulm?", "Und Frauen?", "Wie viele Frauen arbeiten im Werk Ulm?"),
]


@pytest.mark.parametrize(("before", "question", "full"), FULL)
def test_what_changes_takes_the_place_of_its_like(before: str, question: str, full: str) -> None:
    assert resolve(question, [turn(before)]) == FollowUp(to=before, asks=full)


@pytest.mark.parametrize(
    ("before", "question", "has", "lacks"),
    [
        ("What is the late fee?", "When is it due?", ["late", "fee", "due"], []),
        ("Who signed the contract with Acme?", "When did they sign it?", ["contract", "Acme"], []),
        ("How long is the warranty of the Aurora E3?", "Does it cover water damage?", ["Aurora", "E3", "water"], []),
        ("What is the notice period?", "why?", ["notice", "period"], []),
        ("When was the pump serviced?", "By whom?", ["pump", "serviced"], []),
        ("Where is the Hamburg office?", "How many people work there? And its rent?", ["Hamburg"], []),
        ("How much was paid for the roof in 2018?", "When was it repaired?", ["roof", "repaired"], ["2018"]),
        ("What was Acme's revenue in 2021?", "And what was the dividend?", ["dividend", "Acme", "2021"], ["revenue"]),
        ("Wie hoch ist die Kaution im Mietvertrag Berger?", "Wer hat ihn unterschrieben?", ["Berger"], []),
        ("Quand le bail Durand a-t-il été signé ?", "Par qui ?", ["bail", "Durand"], []),
        ("¿Quién es el dueño del edificio Sol?", "¿Cuándo lo compró?", ["edificio", "Sol", "compró"], []),
    ],
)
def test_a_pronoun_takes_the_topic_along(before: str, question: str, has: list[str], lacks: list[str]) -> None:
    found = resolve(question, [turn(before)])
    assert found is not None
    words = found.asks.replace("?", "").split()
    for word in has:
        assert word in words, words
    for word in lacks:
        assert word not in words, words


@pytest.mark.parametrize(
    "question",
    [
        "What is the boiling point of nitrogen?",
        "Capital of Australia?",
        "Weather in Bergen",
        "dentist bill",
        "opening hours of the library",
        "serial number of the boiler",
        "Who pays for repairs in the Hamburg office lease?",
        "Is it legal to record phone calls in Germany?",
        "How long does it take to renew a passport?",
        "Is it going to rain tomorrow?",
        "What time is it?",
        "Who runs IT at Globex?",
        "Summarise the handbook",
        "When did Anna sign her contract?",
        "When did Globex buy Initech and how much did it pay?",
        "Does Tesla publish its emissions?",
        "Who said that the moon is made of cheese?",
        "What is the maximum load of the crane that stands in hall 4?",
        "Is there a parking space for visitors?",
        "In which year was Globex founded?",
        "How many employees did Globex have in 2020?",
        "And what is the capital of Australia?",
        "And what is inflation?",
        "And who is Angela Merkel?",
        "But what about the weather in Paris today?",
        "Also, how do I boil an egg?",
        "So who won the 2014 World Cup?",
        "Then what was the turnover of Initech in 2018?",
        "And how much does a Tesla Model 3 weigh?",
        "And where is the key for the shed?",
        "Can tenants keep pets if they ask first?",
        "Welche Farbe hat das Auto?",
        "¿Dónde está la llave?",
        "Wie spät ist es?",
        "Wer ist Angela Merkel?",
        "Gibt es einen Parkplatz?",
        "Wann hat Anna ihren Vertrag unterschrieben?",
        "Il y a combien de pages dans le manuel ?",
        "Quelle est la capitale de l'Australie ?",
        "Où se trouve la gare de Lyon ?",
        "¿Cuál es la capital de Australia?",
        "¿Cuánto cuesta el billete a Vigo?",
    ],
)
def test_a_new_topic_is_not_mixed_with_the_old_one(question: str) -> None:
    assert resolve(question, [turn(FEE), turn(MAIZE)]) is None


def test_a_chain_of_follow_ups_reaches_its_first_question() -> None:
    past = [turn("What was the revenue of Acme in 2020?"), turn("and in 2021?"), turn("and of Globex?")]
    found = resolve("and a year later?", past)
    assert found is not None
    assert found.to == "What was the revenue of Globex in 2021?"
    assert found.asks == "What was the revenue of Globex in 2022?"


def test_a_pronoun_means_the_nearest_topic() -> None:
    found = resolve("when is it returned?", [turn(FEE), turn("what about the deposit?")])
    assert found is not None
    assert {"deposit", "Miller", "lease"} <= set(found.asks.split())
    assert not {"late", "fee"} & set(found.asks.split())


def test_the_chain_stops_at_a_question_that_stands_alone() -> None:
    found = resolve("and when is it due?", [turn("How tall is the crane?"), turn("What is the late fee?")])
    assert found is not None
    assert "crane" not in found.asks


def test_talk_between_is_no_topic() -> None:
    found = resolve("And in 2020?", [turn(RENT), turn("thanks")])
    assert found is not None
    assert found.to == RENT


def test_a_year_that_only_the_answer_named_is_counted_from() -> None:
    past = [turn("How high was the tax rate of Acme?", "**Tax rate, 2022: 21 %** [1]\n\n> Tax rate 21 % [1]")]
    found = resolve("And the year before?", past)
    assert found is not None
    assert found.asks == "How high was the tax rate of Acme in 2021?"


def test_a_person_that_the_answer_named_is_meant() -> None:
    past = [turn("Who signed the Miller lease?", "**Jane Doe** [1]\n\n> Signed by Jane Doe. [1]")]
    found = resolve("When did she move in?", past)
    assert found is not None
    assert "Jane Doe" in found.asks


def test_without_a_conversation_nothing_is_added() -> None:
    assert resolve("and in 2022?", []) is None


@pytest.mark.parametrize(
    "question",
    ["", "?", "…", "and", "and?", "a" * 5000, "it " * 2000, "the " * 3000 + "?", "¿", "**", "one", "d'", "the one"],
)
def test_odd_questions_do_no_harm(question: str) -> None:
    resolve(question, [turn(question), turn("What is the fee?")])
    resolve("And in 2020?", [turn(question)])
    resolve("And the small one?", [turn(question or "x")])


@pytest.mark.parametrize(
    ("before", "phrase", "after"),
    [
        ("Sales in Q4 2022?", "the quarter after", "Sales in Q1 2023?"),
        ("Sales in Q2 2022?", "Q3", "Sales in Q3 2022?"),
        ("Sales in fiscal 2022?", "in 2021", "Sales in fiscal 2021?"),
        ("Sales on January 28, 2023?", "in 2022", "Sales in 2022?"),
        ("Sales from 2020 to 2021?", "from 2021 to 2022", "Sales from 2021 to 2022?"),
        ("Rain in March 2020?", "in May", "Rain in May 2020?"),
        ("Sales in 1996-97", "a year later", "Sales in 1997-98"),
        ("Sales in the twelve months to June 2023?", "the year before", "Sales in the twelve months to June 2022?"),
        ("Umsatz im ersten Quartal 2021?", "im Vorquartal", "Umsatz im vierten Quartal 2020?"),
        ("Sales?", "in 2020", "Sales in 2020?"),
    ],
)
def test_periods_are_replaced_by_their_like(before: str, phrase: str, after: str) -> None:
    assert replace_period(before, phrase) == after


def test_may_is_a_month_only_where_it_is_one() -> None:
    assert find_periods("May I park here?") == []
    assert [period.text for period in find_periods("Rain in May?")] == ["May"]


def test_persona_looks_for_the_full_question_in_the_document_it_cited() -> None:
    host = FakeHost(past=[turn("What was the revenue of Acme in 2021?", "**5** [1]", "/docs/acme.pdf")])
    parts = ask(Persona(), host, "and in 2022?")
    assert host.queries == ["What was the revenue of Acme in 2022?"]
    assert host.preferred == ("/docs/acme.pdf",)
    told = FollowUp(to="What was the revenue of Acme in 2021?", asks="What was the revenue of Acme in 2022?")
    assert told in parts.items


def test_persona_prefers_no_document_for_a_new_topic() -> None:
    host = FakeHost(past=[turn(FEE, "**5** [1]", "/docs/lease.pdf")])
    parts = ask(Persona(), host, "Capital of Australia?")
    assert host.queries == ["Capital of Australia?"]
    assert host.preferred == ()
    assert not any(isinstance(item, FollowUp) for item in parts.items)
