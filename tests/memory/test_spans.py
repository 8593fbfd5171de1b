"""The short answer inside a sentence."""

import pytest

from trayassist.workers.memory import spans
from trayassist.workers.memory.asked import read


def short(question: str, sentence: str, near: tuple[str, ...] = ()) -> str:
    places = [(sentence.index(word), sentence.index(word) + len(word)) for word in near]
    span = spans.short_answer(read(question), sentence, question, places)
    return sentence[slice(*span)] if span else ""


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("How much is the deposit?", "A deposit of 1,250.00 euros is due at signing.", "1,250.00 euros"),
        ("How much did the roof cost?", "The roof came to $3.4 million in the end.", "$3.4 million"),
        ("What percentage is withheld?", "Of the fee, 12.5 % is withheld.", "12.5 %"),
        ("How long is the notice period?", "Notice of three months is needed.", "three months"),
        ("How hot may the oil get?", "The oil must stay below 95 °C at all times.", "95 °C"),
        ("When does the lease end?", "The lease runs out on 31 March 2027.", "31 March 2027"),
        ("Who is the caretaker?", "For repairs call the caretaker, Ivo Marek, before noon.", "Ivo Marek"),
    ],
)
def test_the_value_that_is_asked_for(question: str, sentence: str, answer: str) -> None:
    assert short(question, sentence) == answer


def test_of_several_values_the_one_nearest_to_the_words_of_the_question() -> None:
    sentence = "Adults pay 14 euros, children pay 6 euros and dogs travel free."
    assert short("How much do children pay?", sentence, ("children",)) == "6 euros"


def test_a_value_of_the_question_is_no_answer() -> None:
    assert short("How many of the 40 seats are taken?", "Of the 40 seats, 31 are taken.") == "31"


def test_no_value_of_the_kind_no_short_answer() -> None:
    assert short("When does the lease end?", "The lease ends with the death of the tenant.") == ""
    assert short("Why was it late?", "It was late because of the snow.") == ""
