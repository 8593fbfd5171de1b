"""What search finds and what it quotes, on a handful of made documents in one memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.memory.writing import open_memory, pages_of, write
from trayassist.api import Evidence, Found, Page
from trayassist.memory.store import Memory
from trayassist.paths import Paths

HANDBOOK = [
    Page(
        number=1,
        headings=("Staff Handbook", "1. Working hours", "2. Annual leave"),
        text="""Staff Handbook
Northgate Instruments Ltd., in force from 1 February 2024

1. Working hours
The regular week is 37.5 hours. Core hours are from 9.30 a.m. to 3 p.m. on Monday to
Thursday. Time sheets are due every Friday.

2. Annual leave
Full-time staff receive 27 days of paid leave per calendar year. Up to 4 unused days may be
carried over until 31 March of the following year.
""",
    ),
    Page(
        number=2,
        headings=("3. Expenses",),
        text="""3. Expenses
Travel costs are paid back within 10 days once the receipts are handed in. The daily meal
allowance is 38 euros. First-class tickets need the approval of the finance director, Ms. Ada Boateng.
""",
    ),
]
MANUAL = [
    Page(
        number=1,
        headings=("KettleMaster 200 Manual", "Descaling"),
        text="""KettleMaster 200 Manual
• Unplug the kettle before cleaning.
• Never put the base under water.

Descaling
Descale the kettle every two months or after 150 litres, whichever comes first. Descaling takes 18 minutes.
""",
    ),
    Page(
        number=2,
        headings=("Technical data", "Error codes"),
        text="""Technical data
Power
2200 W
Capacity
1.7 litres
Warranty
24 months

Error codes
F1 The kettle is empty. Fill it and press Start.
F4 The lid is open.
""",
    ),
]
OLD_MINUTES = pages_of("""Minutes of the council, 9 May 2022
Present: I. Sato, B. Lund
The council granted 1.2 million euros for the new library. The next meeting is on 13 June 2022.
""")
NEW_MINUTES = pages_of("""Minutes of the council, 4 November 2024
Present: I. Sato, P. Reyes
The council granted 1.9 million euros for the new library. The next meeting is on 2 December 2024.
""")
DOCUMENTS = {
    "/docs/staff_handbook_2024.pdf": HANDBOOK,
    "/docs/kettle-manual.pdf": MANUAL,
    "/docs/minutes_2022-05-09.pdf": OLD_MINUTES,
    "/docs/minutes_2024-11-04.pdf": NEW_MINUTES,
}

ANSWERS = [
    ("How many days of paid leave do full-time staff get?", "27 days", "staff_handbook_2024.pdf"),
    ("Until when can unused leave days be carried over?", "31 March", "staff_handbook_2024.pdf"),
    ("what are the core hours", "9.30 a.m. to 3 p.m.", "staff_handbook_2024.pdf"),
    ("Who approves first-class tickets?", "Ada Boateng", "staff_handbook_2024.pdf"),
    ("How high is the daily meal allowance?", "38 euros", "staff_handbook_2024.pdf"),
    ("How often should the kettle be descaled?", "every two months", "kettle-manual.pdf"),
    ("What is the capacity of the KettleMaster?", "1.7 litres", "kettle-manual.pdf"),
    ("What does error code F4 say?", "The lid is open", "kettle-manual.pdf"),
    ("How much did the council grant for the library in the most recent meeting?", "1.9 million", "minutes_2024"),
    ("When is the next meeting according to the latest minutes?", "2 December 2024", "minutes_2024-11-04.pdf"),
]
ELSEWHERE = [
    "What is the capital of Mongolia?",
    "How do I train for a marathon?",
    "Who composed the Moonlight Sonata?",
    "explain photosynthesis",
    "What is the boiling point of mercury?",
    "recommend a novel about pirates",
]


async def _write_documents(paths: Paths) -> None:
    async with open_memory(paths) as memory:
        for path, pages in DOCUMENTS.items():
            await write(memory, path, pages)
        await memory.optimize()


@pytest.fixture(scope="module")
def shared_memory(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A memory with the documents; the tests here only read it."""
    root = tmp_path_factory.mktemp("filled")
    paths = Paths(config=root / "config", data=root / "data")
    asyncio.run(_write_documents(paths))
    return paths


async def test_quotes_hold_the_answer_with_exact_places(shared_memory: Paths) -> None:
    async with open_memory(shared_memory) as memory:
        for question, answer, name in ANSWERS:
            evidence = await memory.quote(question)
            texts = [quote.text for quote in evidence.quotes]
            assert any(answer in text for text in texts), (question, texts)
            assert evidence.found is not Found.NO, (question, evidence.probability)
            assert name in evidence.quotes[0].passage.path, question
            _check_places(evidence)


def _check_places(evidence: Evidence) -> None:
    assert 0 < len(evidence.quotes) <= 4
    assert len({quote.text for quote in evidence.quotes}) == len(evidence.quotes)
    for quote in evidence.quotes:
        page = DOCUMENTS[quote.passage.path][quote.passage.page - 1].text
        assert " ".join(page[quote.start : quote.end].split()) == quote.text
        assert len(quote.text) <= 320
        before, after = page[: quote.start][-1:], page[quote.end :][:1]
        assert not (before.isalnum() and quote.text[0].isalnum())
        assert not (after.isalnum() and quote.text[-1].isalnum())


async def test_questions_about_other_things_are_refused_and_pages_still_offered(shared_memory: Paths) -> None:
    async with open_memory(shared_memory) as memory:
        for question in ELSEWHERE:
            evidence = await memory.quote(question)
            assert evidence.found is Found.NO, (question, evidence.probability)
            assert evidence.passages, question
            assert evidence.documents == len(DOCUMENTS)


async def test_search_shows_each_page_once_best_first(shared_memory: Paths) -> None:
    async with open_memory(shared_memory) as memory:
        found = await memory.search("annual leave of the staff", limit=3)
        assert (found.passages[0].path, found.passages[0].page) == ("/docs/staff_handbook_2024.pdf", 1)
        assert [p.score for p in found.passages] == sorted((p.score for p in found.passages), reverse=True)
        places = [(p.path, p.page) for p in found.passages]
        assert len(places) == len(set(places)) <= 3
        assert len((await memory.search("the council and the kettle", limit=1)).passages) == 1


async def test_odd_queries_are_answered(shared_memory: Paths) -> None:
    async with open_memory(shared_memory) as memory:
        for query in (
            "",
            "   ",
            "?!",
            "the of and",
            "'; DROP TABLE",
            "a" * 5000,
            "*",
            "AND OR NOT",
            '"',
            "\x00",
            "über",
        ):
            evidence = await memory.quote(query)
            assert isinstance(evidence.found, Found)


async def test_a_comparison_shows_more_than_one_document(home: Paths) -> None:
    many = pages_of(*(f"Turbine report, sheet {n}: the turbine ran {n} hours without a fault." for n in range(1, 20)))
    async with open_memory(home) as memory:
        await write(memory, "/d/turbine_alpha.pdf", many)
        await write(memory, "/d/turbine_beta.pdf", pages_of("Turbine report: the turbine stood still for repairs."))
        paths = [p.path for p in (await memory.search("compare the turbine reports", limit=10)).passages]
        assert paths[:10].count("/d/turbine_alpha.pdf") <= 9
        assert "/d/turbine_beta.pdf" in paths[:4]


async def test_a_row_is_quoted_for_the_words_of_its_columns(home: Paths) -> None:
    """The word "deposit" stands in the first row only; the figure in a row that has other words."""
    rows = "\n".join(f"| {name} | {n} m² | {n * 2} euros |" for n, name in enumerate(["Half", "Full", "Double"], 40))
    prose = "Dogs must be kept on a lead. Water may be drawn in the morning. The fee is paid in March."
    memory = Memory(home)
    try:
        table = f"# Rules\n\n{prose}\n\n| Plot | Size | Deposit |\n|---|---|---|\n{rows}\n"
        await write(memory, "/d/rules.md", [Page(number=1, text=table)])
        quotes = [quote.text for quote in (await memory.quote("What deposit is asked for a double plot?")).quotes]
        assert "| Double | 42 m² | 84 euros |" in quotes
    finally:
        await memory.stop()


async def test_a_summary_is_central_sentences_in_reading_order(shared_memory: Paths) -> None:
    async with open_memory(shared_memory) as memory:
        evidence = await memory.summary("/docs/staff_handbook_2024.pdf", sentences=4)
        assert 2 <= len(evidence.quotes) <= 4
        places = [(quote.passage.page, quote.start) for quote in evidence.quotes]
        assert places == sorted(places)
        assert {quote.passage.path for quote in evidence.quotes} == {"/docs/staff_handbook_2024.pdf"}
        assert all(len(quote.text.split()) >= 5 for quote in evidence.quotes)
        _check_places(evidence)


NAMED = [
    ("summarise staff_handbook_2024.pdf", "/docs/staff_handbook_2024.pdf"),
    ("give me a summary of the Staff Handbook 2024", "/docs/staff_handbook_2024.pdf"),
    ("what is in STAFF-HANDBOOK-2024", "/docs/staff_handbook_2024.pdf"),
    ("summarize the staff handbook please", "/docs/staff_handbook_2024.pdf"),
    ("summarise the kettle manual", "/docs/kettle-manual.pdf"),
    ("summarise /docs/kettle-manual.pdf", "/docs/kettle-manual.pdf"),
    ("summarise the latest minutes", "/docs/minutes_2024-11-04.pdf"),
    ("summarise minutes 2022-05-09", "/docs/minutes_2022-05-09.pdf"),
    ("summarise the minutes", None),
    ("summarise the history of Rome", None),
    ("summarise this document", None),
    ("", None),
]


async def test_a_document_is_found_by_how_people_name_it(shared_memory: Paths) -> None:
    async with open_memory(shared_memory) as memory:
        found = [(question, await memory.find_document(question)) for question, _ in NAMED]
    assert found == NAMED


async def _scores(memory: Memory, data: Path) -> tuple[float, float]:
    import sys

    sys.path.insert(0, str(data))
    import load  # type: ignore[import-not-found]

    texts, queries, judged = load.ir("adi")
    for key, text in texts.items():
        await write(memory, f"/adi/{key}.txt", pages_of(text))
    first = 0
    for key, wanted in judged.items():
        found = (await memory.search(queries[key], limit=5)).passages
        first += any(Path(p.path).stem in wanted for p in found)
    return first / len(judged), len(judged)


async def test_abstracts_that_answer_are_among_the_first_five(home: Paths, data: Path) -> None:
    async with open_memory(home) as memory:
        share, questions = await _scores(memory, data)
    assert questions == 35
    assert share >= 0.7
