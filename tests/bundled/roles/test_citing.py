"""What supports a sentence of a model's answer, what stands nowhere, and what a model is given to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.bundled.roles.fake_host import passage, quote
from trayassist.api import Chunk, Citation, Evidence, Found
from trayassist_persona import citing, excerpts, words
from trayassist_persona.citing import AlignedAnswer, Sources, UnsupportedClaimError

REPORT = passage(
    "/d/Northwind-report.pdf",
    12,
    "Net sales rose to $1.2 billion in fiscal 2021. The company employs about 3,400 people in eleven countries. "
    "Maria Lindqvist has led the company since 4 March 2019. Dividends are not paid.",
)
TABLE = passage(
    "/d/Northwind-report.pdf",
    30,
    "Key figures (in millions)\n\t2021\t2020\nRevenue\t1,204\t1,150\nResearch and development\t(96)\t(101)\n"
    "Tax rate\t21.5 %\t20.1 %\n",
)


def align(sentence: str, question: str = "", *read: object) -> citing.Alignment:
    return Sources(read or (REPORT, TABLE), question).align(sentence)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sentence", "supporting"),
    [
        ("Sales were 1,200 million dollars.", "Net sales rose to $1.2 billion in fiscal 2021."),
        ("They grew to USD 1,200,000,000 in 2021.", "Net sales rose to $1.2 billion in fiscal 2021."),
        ("Maria Lindqvist leads it.", "Maria Lindqvist has led the company since 4 March 2019."),
        ("She has led it since March 2019.", "Maria Lindqvist has led the company since 4 March 2019."),
        ("It has about 3,400 people.", "The company employs about 3,400 people in eleven countries."),
        ("The company is in 11 countries.", "The company employs about 3,400 people in eleven countries."),
        ("No dividends are paid.", "Dividends are not paid."),
        ("Revenue was 1,204 million.", "Revenue\t1,204\t1,150"),
        ("Research and development cost 96 million.", "Research and development\t(96)\t(101)"),
    ],
)
def test_a_sentence_rests_on_the_one_that_says_it(sentence: str, supporting: str) -> None:
    found = align(sentence, "What of the company?")
    assert found.holds
    assert [unit.text for unit in found.units] == [supporting]


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("Sales were $1.3 billion.", "$1.3 billion"),
        ("Sales were 1.2 million.", "1.2 million"),
        ("It employs 3,500 people.", "3,500"),
        ("She began on 5 March 2019.", "5 March 2019"),
        ("It is led by Karl Lindqvist.", "Karl Lindqvist"),
        ("See NW-204/1.", "NW-204/1"),
        ("Write to info@northwind.example.", "info@northwind.example"),
        ("The dividend is $1,200.", "$1,200"),
    ],
)
def test_what_stands_nowhere_is_found(sentence: str, missing: str) -> None:
    assert [value.text for value in align(sentence, "What of the company?").missing] == [missing]


@pytest.mark.parametrize(
    ("sentence", "stands"),
    [
        ("It is run from the United States.", True),
        ("Ask Maria P. Lindqvist.", False),
        ("Ask Marina Lindqvist.", False),
        ("Ask Maria Olsen.", False),
        ("It is a member of the EBU.", True),
        ("It is a member of the EBF.", False),
        ("They like the Italian coast.", True),
    ],
)
def test_a_name_stands_where_all_of_it_does(sentence: str, stands: bool) -> None:
    text = "The U.S. office is led by Maria Lindqvist, and Karl Olsen is her deputy."
    text += " It joined the European Banking Union. Italy is near."
    assert (align(sentence, "", passage("/d/a.pdf", 1, text)).missing == ()) is stands


def test_figures_and_names_of_the_question_need_no_support() -> None:
    assert not align("In 2030 Ada Byron will see.", "What will Ada Byron see in 2030?").missing


def test_a_figure_of_something_else_is_no_support() -> None:
    """The number stands in the documents, but beside none of the words."""
    read = passage(
        "/d/a.pdf", 1, "The garden shed is 340 centimetres wide. The kitchen has a new floor. Painting went on."
    )
    assert [value.text for value in align("The kitchen floor was painted for 340 euros.", "", read).missing] == [
        "340 euros"
    ]


def test_the_cell_of_another_year_is_no_support() -> None:
    assert align("It was 21.5 %.", "What was the tax rate in 2021?").holds
    assert [value.text for value in align("It was 20.1 %.", "What was the tax rate in 2021?").missing] == ["20.1 %"]


def test_one_word_that_may_be_a_name_is_looked_up() -> None:
    assert align("Oslo.", "Where does it sit?").missing
    assert align("Lindqvist.", "Who leads it?").holds


def test_a_sentence_that_says_the_opposite_is_no_support() -> None:
    read = passage("/d/a.pdf", 1, "Tenants may not keep dogs. Tenants may keep cats.")
    found = align("Tenants may keep dogs and cats.", "", read)
    assert [unit.text for unit in found.units] == ["Tenants may keep cats."]


def stream(pieces: Sequence[str], answer: AlignedAnswer) -> list[Chunk | Citation]:
    async def chunks() -> AsyncIterator[Chunk]:
        for piece in pieces:
            yield Chunk(piece)

    async def go() -> list[Chunk | Citation]:
        return [item async for item in answer.read(chunks())]

    return asyncio.run(go())


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_an_answer_is_shown_sentence_by_sentence_however_it_is_cut(size: int) -> None:
    text = "Dr. Maria Lindqvist, approx. since 2019, leads it. Sales were $1.2 billion.\n- Dividends are not paid.\n"
    read = passage("/d/a.pdf", 1, f"{REPORT.text} Dr. Maria Lindqvist leads Northwind.")
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    shown = stream(pieces, AlignedAnswer(Sources([read], "Who leads it?")))
    assert [item.text for item in shown if isinstance(item, Chunk)] == [
        "Dr. Maria Lindqvist, approx. since 2019, leads it. [1] ",
        "Sales were $1.2 billion. [2]\n",
        "- Dividends are not paid. [3]\n",
    ]
    assert [item.number for item in shown if isinstance(item, Citation)] == [1, 2, 3]


def test_a_place_is_cited_by_one_number_however_often() -> None:
    answer = AlignedAnswer(Sources([REPORT], "Who?"))
    shown = stream(["Maria Lindqvist leads it. Lindqvist has led it since 2019."], answer)
    assert "".join(item.text for item in shown if isinstance(item, Chunk)).count("[1]") == 2
    assert [one.number for one in answer.cited] == [1]


def test_nothing_of_an_invented_sentence_is_shown() -> None:
    answer = AlignedAnswer(Sources([REPORT], "Who?"))
    with pytest.raises(UnsupportedClaimError):
        stream(["It was ", "Karl Ohm who", " said so. And more."], answer)
    assert answer.said == 0


@pytest.mark.parametrize(
    "sentence",
    [
        "The documents do not say it.",
        "The passage does not mention the fee.",
        "Die Dokumente sagen das nicht.",
        "Les documents ne le disent pas.",
        "Los documentos no dicen nada de eso.",
        "There is no information about that.",
    ],
)
def test_a_refusal_is_known_in_four_languages(sentence: str) -> None:
    assert words.says_not_there(sentence)
    assert not words.says_not_there("The rent does not include heating.")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is the notice period of the lease?", "en"),
        ("Wie lange ist die Frist für den Vertrag?", "de"),
        ("Quelle est la durée du bail ?", "fr"),
        ("¿Cuál es el plazo del contrato?", "es"),
        ("42", ""),
    ],
)
def test_the_language_of_a_question_is_told(text: str, language: str) -> None:
    assert words.language(text) == language


# ---------------------------------------------------------------- what is read

LONG = passage("/d/long.pdf", 3, " ".join(f"Sentence number {n} tells of thing {n} in some words." for n in range(40)))


def evidence(*quotes: object, passages: Sequence[object] = (), found: Found = Found.YES) -> Evidence:
    return Evidence(found=found, probability=1.0, quotes=quotes, passages=tuple(passages))  # type: ignore[arg-type]


def test_with_time_enough_whole_passages_are_read_in_the_order_of_pages() -> None:
    read = excerpts.choose(evidence(quote(TABLE, "Revenue"), passages=[TABLE, LONG, REPORT]), "?", 4, 10_000)
    assert read == [REPORT, TABLE, LONG]
    assert excerpts.choose(evidence(passages=[TABLE, LONG, REPORT]), "?", 1, 10_000) == [TABLE]


def test_a_passage_far_behind_the_best_is_not_read() -> None:
    far = passage("/d/far.pdf", 1, "Something else.")
    object.__setattr__(far, "score", 0.39)
    assert excerpts.choose(evidence(passages=[REPORT, far]), "?", 4, 10_000) == [REPORT]


def test_a_slow_model_reads_the_best_sentences_with_their_neighbours() -> None:
    best = quote(LONG, "Sentence number 20 tells of thing 20 in some words.")
    read = excerpts.choose(evidence(best, passages=[LONG]), "thing 20", 4, 100)
    text = " ".join(part.text for part in read)
    assert "thing 19" in text
    assert "thing 20" in text
    assert "thing 21" in text
    assert sum(excerpts.tokens(part.text) for part in read) <= 100
    for part in read:
        assert LONG.text[part.start - LONG.start : part.end - LONG.start] == part.text


def test_a_row_is_read_with_the_head_of_its_table() -> None:
    row = "Research and development\t(96)\t(101)"
    read = excerpts.choose(evidence(quote(TABLE, row), passages=[TABLE]), "research", 4, 60)
    text = "\n".join(part.text for part in read)
    assert row in text
    assert "2021\t2020" in text


def test_the_best_sentence_is_read_whatever_the_budget() -> None:
    best = quote(LONG, "Sentence number 20 tells of thing 20 in some words.")
    assert [part.text for part in excerpts.choose(evidence(best, passages=[LONG]), "?", 4, 1)] == [best.text]
    assert excerpts.choose(evidence(best, passages=[LONG], found=Found.NO), "?", 4, 1000) == []


def test_what_overlapping_passages_share_is_read_once() -> None:
    later = passage("/d/long.pdf", 3, LONG.text[400:])
    object.__setattr__(later, "start", LONG.start + 400)
    first = quote(LONG, "Sentence number 20 tells of thing 20 in some words.")
    again = quote(later, "Sentence number 20 tells of thing 20 in some words.")
    read = excerpts.choose(evidence(first, again, passages=[LONG, later]), "thing 20", 4, 90)
    assert sum(part.text.count("thing 20 ") for part in read) == 1
