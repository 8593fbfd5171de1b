"""What is read from pages without a model: sentences, cells, lists, lines of forms, and what the pages do not say."""

from __future__ import annotations

import asyncio

import pytest

from tests.memory.writing import open_memory, write
from trayassist.api import Evidence, Found, Page
from trayassist.paths import Paths

REPORT = [
    Page(
        number=1,
        headings=("Harbour Ferries Annual Report 2023",),
        text="""Harbour Ferries Annual Report 2023
Harbour Ferries runs nine ships between Port Elm and the islands. The company employs 412 people.
A new terminal was opened on 12 June 2023 in Port Elm. It replaced the wooden pier because the old piles had rotted.
""",
    ),
    Page(
        number=2,
        headings=("Results by line",),
        text="""Results by line
in thousands of euros
Line\t2023\t2022
Northern isles\t4,120\t3,870
Southern isles\t2,915\t3,010
Total revenue\t7,035\t6,880
""",
    ),
    Page(
        number=3,
        headings=("Signatures",),
        text="""Signatures
Name: Ottilie Brandt
Title: Managing director
Date: 4 March 2024

Dogs must not be taken along in the following places:
• the upper deck
• the restaurant
• the sleeping cabins
""",
    ),
]
PARTS = [
    Page(
        number=1,
        text="Spare parts for the pump\nSeal ring AB-123/4 fits the inlet. Seal ring AB-123/5 fits the outlet.\n",
    )
]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    root = tmp_path_factory.mktemp("reading")
    paths = Paths(config=root / "config", data=root / "data")

    async def fill() -> None:
        async with open_memory(paths) as memory:
            await write(memory, "/docs/harbour-ferries-2023.pdf", REPORT)
            await write(memory, "/docs/pump-parts.txt", PARTS)

    asyncio.run(fill())
    return paths


async def ask(paths: Paths, question: str) -> Evidence:
    async with open_memory(paths) as memory:
        evidence = await memory.quote(question)
    for quote in evidence.quotes:
        passage = quote.passage
        assert passage.start <= quote.start < quote.end <= passage.end
        assert len(passage.text) == passage.end - passage.start
    return evidence


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many people work for Harbour Ferries?", "412"),
        ("When did Harbour Ferries open the new terminal?", "12 June 2023"),
        ("Who is the managing director of Harbour Ferries?", "Ottilie Brandt"),
    ],
)
async def test_the_short_answer_of_a_sentence_or_of_lines(paths: Paths, question: str, answer: str) -> None:
    evidence = await ask(paths, question)
    assert evidence.quotes[0].answer.startswith(answer)


async def test_a_cell_is_read_with_its_heads_and_marked_where_it_stands(paths: Paths) -> None:
    evidence = await ask(paths, "What revenue did Harbour Ferries have on the southern isles in 2022?")
    best = evidence.quotes[0]
    assert best.text.startswith("Southern isles, 2022: ")
    assert "3,010" in best.answer
    assert REPORT[1].text[best.start : best.end] == "3,010"


async def test_a_quote_far_from_the_best_passage_of_its_page_brings_its_own_lines(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("long")
    paths = Paths(config=root / "config", data=root / "data")
    filler = "".join(
        f"The harbour office of Elm notes that berth {n} of the ferry quay was swept.\n" for n in range(60)
    )
    text = f"Ferry quay of Elm, swept berths of the harbour office\n{filler}The quay was opened in 1911 by Ida Holm.\n"
    async with open_memory(paths) as memory:
        await write(memory, "/docs/quay.txt", [Page(number=1, text=text)])
    evidence = await ask(paths, "Who opened the ferry quay of Elm that the harbour office swept?")
    opened = next(quote for quote in evidence.quotes if "Ida Holm" in quote.text)
    assert "Ida Holm" in opened.passage.text


async def test_a_list_is_quoted_as_a_whole(paths: Paths) -> None:
    evidence = await ask(paths, "In which places are dogs not allowed on Harbour Ferries?")
    assert all(word in evidence.quotes[0].text for word in ("upper deck", "restaurant", "sleeping cabins"))


@pytest.mark.parametrize(
    "question",
    [
        "What does a ticket of Harbour Ferries cost?",
        "What revenue did Harbour Ferries have in 2017?",
        "How many lawsuits does Harbour Ferries face?",
    ],
)
async def test_what_the_document_does_not_say_is_not_answered_from_it(paths: Paths, question: str) -> None:
    evidence = await ask(paths, question)
    assert evidence.found is Found.NO
    assert evidence.passages  # the nearest are still offered


async def test_an_identifier_that_is_not_there_and_the_nearest_ones(paths: Paths) -> None:
    evidence = await ask(paths, "Where does the seal ring AB-123/6 of the pump fit?")
    assert evidence.found is Found.NO
    assert evidence.missing == ("AB-123/6",)
    assert evidence.alike == ("AB-123/4", "AB-123/5")
