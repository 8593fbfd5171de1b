"""What a question asks for, in four languages."""

import pytest

from trayassist.workers.memory.asked import Answer, Measure, read


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who signed the lease?", Answer.PERSON),
        ("Wer hat den Vertrag unterschrieben?", Answer.PERSON),
        ("Qui a signé le bail ?", Answer.PERSON),
        ("¿Quién firmó el contrato?", Answer.PERSON),
        ("When does the warranty end?", Answer.DATE),
        ("Until when can I cancel?", Answer.DATE),
        ("Bis wann kann ich kündigen?", Answer.DATE),
        ("On which day was the boiler last serviced?", Answer.DATE),
        ("Where is the spare key kept?", Answer.PLACE),
        ("In which city is the head office?", Answer.PLACE),
        ("Why was the flight late?", Answer.REASON),
        ("Warum wurde der Antrag abgelehnt?", Answer.REASON),
        ("How do I descale the kettle?", Answer.STEPS),
        ("Wie kann ich den Filter wechseln?", Answer.STEPS),
        ("What is a deductible?", Answer.DEFINITION),
        ("What does the insurer understand by gross negligence?", Answer.DEFINITION),
        ("Was bedeutet Kulanz?", Answer.DEFINITION),
        ("Which three documents must be handed in?", Answer.LIST),
        ("List the members of the board", Answer.LIST),
        ("Is smoking allowed on the balcony?", Answer.YES_NO),
        ("Darf ich auf dem Balkon grillen?", Answer.YES_NO),
        ("Which company made the boiler?", Answer.NAME),
        ("Was the rent higher in Leeds or in York?", Answer.CHOICE),
        ("What should the driver do when the light comes on?", Answer.ANYTHING),
    ],
)
def test_the_kind_of_answer(question: str, answer: Answer) -> None:
    assert read(question).answer is answer


@pytest.mark.parametrize(
    ("question", "measure"),
    [
        ("How much is the deposit?", Measure.MONEY),
        ("Was kostet eine Monatskarte?", Measure.MONEY),
        ("What percentage of the staff works from home?", Measure.PERCENT),
        ("How long is the notice period?", Measure.TIME),
        ("How hot may the oil get?", Measure.TEMPERATURE),
        ("How high is the fence?", Measure.LENGTH),
        ("How many members has the club?", Measure.NUMBER),
    ],
)
def test_the_measure_of_an_amount(question: str, measure: Measure) -> None:
    asked = read(question)
    assert asked.answer is Answer.AMOUNT
    assert asked.measure is measure


def test_what_is_counted_how_many_items_and_the_choices() -> None:
    assert read("How many members has the club?").counted.startswith("members")
    assert read("What were the four points of the agenda?").items == 4
    assert read("Is it cheaper by train or by bus?").choices


def test_a_long_question_is_read_in_time() -> None:
    assert read("what " * 50_000).answer  # bounded patterns: this would never end otherwise
