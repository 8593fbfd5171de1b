"""Tables found in the text of a page, the value of their cells, and the cell that answers a question."""

from __future__ import annotations

import math

import pytest

from trayassist.workers.memory.cell_choice import CellChoice, best_cells, read_asked
from trayassist.workers.memory.page_tables import CellValue, PageTable, find_tables, value_of
from trayassist.workers.memory.periods import period_of

ACCOUNTS = """Consolidated accounts of the ferry company
($ in millions, except per share amounts)
\tThree Months Ended\tThree Months Ended\tTwelve Months Ended\tTwelve Months Ended
\tMay 31, 2021\tMay 31, 2020\tMay 31, 2021\tMay 31, 2020
Fares by route:\t\t\t\t
Island\t$ 310\t$ 290\t$ 1,240\t$ 1,105
Mainland\t95\t101\t402\t377
Total fares\t405\t391\t1,642\t1,482
Fares by season:\t\t\t\t
Island\t12\t13\t14\t15
Loss on sale of boats\t(17)\t(4)\t(31)\t6-
Operating margin %\t9.5\t8.8\t10.1\t9.9
Earnings per share\t$ 0.41\t$ 0.35\t$ 1.52\t$ 1.30
The company has eleven boats.
"""
LIGHTHOUSES = """Year\tKeepers\tShips warned
1911\t4\t1,204
1912\t5\t1,377
Total\t9\t2,581
"""


def ask(page: str, question: str) -> list[CellChoice]:
    asked = read_asked(question, lambda stem: 3.0 if len(stem) > 3 else 1.0)
    found = [choice for table in find_tables(page) for choice in best_cells(table, asked)]
    return sorted(found, key=lambda choice: -choice.score)


def the_table(page: str) -> PageTable:
    (table,) = find_tables(page)
    return table


def test_a_table_has_its_caption_heads_sections_and_cells_with_their_places() -> None:
    table = the_table(ACCOUNTS)
    assert table.caption.startswith("Consolidated accounts of the ferry company")
    assert table.notes == ("$ in millions, except per share amounts",)
    assert table.columns[3].name == "Twelve Months Ended – May 31, 2021"
    assert [row.path for row in table.rows][:3] == [
        ("Fares by route:", "Island"),
        ("Fares by route:", "Mainland"),
        ("Fares by route:", "Total fares"),
    ]
    assert [row.path for row in table.rows][3] == ("Fares by season:", "Island")
    for row in table.rows:
        for cell in row.cells:
            assert ACCOUNTS[cell.start : cell.end] == cell.text


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (0, 1, CellValue(310, 1_000_000, False, "$")),
        (4, 1, CellValue(-17, 1_000_000, False, "$")),
        (4, 4, CellValue(-6, 1_000_000, False, "$")),
        (5, 1, CellValue(9.5, 1, True, "")),
        (6, 3, CellValue(1.52, 1, False, "$")),
    ],
)
def test_values_have_sign_scale_and_unit_of_their_heads(row: int, column: int, value: CellValue) -> None:
    table = the_table(ACCOUNTS)
    assert value_of(table, table.rows[row].cells[column]) == value


def test_a_comma_before_the_decimals_is_told_from_one_between_thousands() -> None:
    table = the_table("Ware\tPreis in Euro\nSchraube\t7,85\nBalken\t1.234,50\n")
    assert [value_of(table, row.cells[1]) for row in table.rows] == [
        CellValue(7.85, 1, False, "€"),
        CellValue(1234.5, 1, False, "€"),
    ]
    other = the_table("Item\tPrice\nScrew\t$7.85\nBeam\t$1,234.50\n")
    prices = [value_of(other, row.cells[1]) for row in other.rows]
    assert [price.number for price in prices if price is not None] == [7.85, 1234.5]


def test_markdown_and_data_files_are_tables_too() -> None:
    markdown = "Text\n\n| Port | Depth (m) |\n|------|----:|\n| Oban | 12 |\n| Leith | 9 |\n\nText | with one mark\n"
    assert [cell.text for row in the_table(markdown).rows for cell in row.cells] == ["Oban", "12", "Leith", "9"]
    data = 'name;town;seats\n"Inn; old";Ayr;40\n"The ""Ship""";Oban;25\n'
    table = the_table(data)
    assert [row.cells[0].text for row in table.rows] == ["Inn; old", 'The "Ship"']
    assert [column.name for column in table.columns] == ["name", "town", "seats"]
    assert ask(data, "How many seats are in Oban?")[0].answer == 'The "Ship" Oban, seats: 25'


def test_prose_and_code_are_no_tables() -> None:
    assert find_tables("One line, with commas, here.\nAnother, with more, of them.\nA last, third, one.\n") == []
    assert find_tables("a || b\nif (x | y) return;\n") == []
    assert find_tables("") == []


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What were the island fares in the twelve months to May 2020?", "$1,105 million"),
        ("What did the mainland route bring in the quarter to May 31, 2021?", "$95 million"),
        ("What were the fares in total in fiscal 2020?", "$1,482 million"),
        ("How large was the operating margin in 2021?", "10.1 %"),
        ("What were earnings per share in 2020?", "$1.30"),
        ("What was the loss on the sale of boats in the three months to May 2020?", "\u2212$4 million"),
    ],
)
def test_period_and_row_decide_the_cell(question: str, answer: str) -> None:
    assert ask(ACCOUNTS, question)[0].answer.endswith(f": {answer}")


def test_without_a_period_the_latest_is_meant() -> None:
    assert "2021" in ask(ACCOUNTS, "What were earnings per share?")[0].answer


def test_a_year_that_the_table_lacks_has_no_cell() -> None:
    assert ask(ACCOUNTS, "What were earnings per share in 2016?") == []
    assert "zeppelins" in ask(LIGHTHOUSES, "How many zeppelins were warned in 1912?")[0].missing


def test_years_may_be_rows() -> None:
    assert ask(LIGHTHOUSES, "How many ships were warned in 1911?")[0].answer == "1911, Ships warned: 1,204"
    assert ask(LIGHTHOUSES, "How many ships were warned?")[0].answer == "Total, Ships warned: 2,581"


def test_ranges_of_numbers_are_compared_as_numbers() -> None:
    page = "Age\tVisitors\tShare\n0–17\t310\t(31 %)\n18–64\t590\t(59 %)\n≥65\t100\t(10 %)\n"
    assert ask(page, "What percentage of visitors were 65 and over?")[0].cell.text == "(10 %)"
    assert ask(page, "How many visitors were 18 to 64 years old?")[0].cell.text == "590"


def test_timetables_and_price_lists_in_german() -> None:
    page = "Film\tInfo\tFr, 04.09\tSa, 05.09\nDer Leuchtturm\t97 min\t18:30\t20:15\nMöwen\t81 min\t16:00\t16:45\n"
    assert ask(page, "Wann läuft Möwen am 05.09.?")[0].cell.text == "16:45"
    assert ask(page, "Wie viele Minuten dauert Der Leuchtturm?")[0].cell.text == "97 min"


@pytest.mark.parametrize(
    ("words", "years", "months", "days", "quarters"),
    [
        ("on July 29, 2023", {2023}, {7}, {29}, set()),
        ("the second quarter of 2024", {2024}, set(), set(), {2}),
        ("am 3. Mai 2022", {2022}, {5}, {3}, set()),
        ("31.12.2021", {2021}, {12}, {31}, set()),
        ("may I pay 1.5 with 2023.5 or march on?", set(), set(), set(), set()),
    ],
)
def test_periods(words: str, years: set[int], months: set[int], days: set[int], quarters: set[int]) -> None:
    period = period_of(words)
    assert (set(period.years), set(period.months), set(period.days), set(period.quarters)) == (
        years,
        months,
        days,
        quarters,
    )
    assert math.isfinite(sum(period.years))
