"""Tables of PDF pages: their rows as cells with tabs, what is left as prose, and the place of a cell on the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from tests.memory.ingest import pdfs
from trayassist.api import PageView, ReadOptions
from trayassist.workers.memory.cell_choice import best_cells, read_asked
from trayassist.workers.memory.page_tables import find_tables
from trayassist_ingest.pdf import PdfIngestor

OPTIONS = ReadOptions(settings={"ocr": False})
SIZE = 9

type Placed = tuple[float, float, str]  # x, y and text; of a figure x is the right edge


def draw(path: Path, left: Sequence[Placed], right: Sequence[Placed] = (), rotation: int = 0) -> Path:
    """Write a page with texts that begin and texts that end at a place."""
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        for x, y, text in left:
            page.insert_text((x, y), text, fontsize=SIZE)
        for x, y, text in right:
            page.insert_text((x - pymupdf.get_text_length(text, fontsize=SIZE), y), text, fontsize=SIZE)
        page.set_rotation(rotation)
        document.save(path)
    return path


def text_of(path: Path) -> str:
    (page,) = PdfIngestor().read(path, OPTIONS)
    return page.text


def rows_of(path: Path) -> list[str]:
    return [line for line in text_of(path).split("\n") if "\t" in line]


def centred(x: float, y: float, text: str) -> Placed:
    return (x - pymupdf.get_text_length(text, fontsize=SIZE) / 2, y, text)


def accounts(path: Path, rotation: int = 0) -> Path:
    left = [
        (60, 80, "Statement of the ferry company"),
        (60, 94, "(in millions of dollars)"),
        centred(314, 120, "Three months"),
        centred(454, 120, "Twelve months"),
        (60, 152, "Fares:"),
        (70, 166, "Island"),
        (70, 180, "Mainland, with the harbours of the"),
        (70, 191, "northern coast"),
        (60, 208, "Total fares"),
        (60, 222, "Repairs"),
        (60, 260, "These figures were checked by the auditors of the company in the spring of the year that followed."),
    ]
    columns = (300, 370, 440, 510)
    figures = [
        (134, ("2021", "2020", "2021", "2020")),
        (166, ("310.5", "290.0", "1,240.0", "1,105.5")),
        (191, ("95.0", "101.0", "402.0", "377.0")),
        (208, ("405.5", "391.0", "1,642.0", "1,482.5")),
        (222, ("(17.0)", "(4.0)", "(31.0)", "(6.0)")),
    ]
    right = [(x, y, text) for y, texts in figures for x, text in zip(columns, texts, strict=True)]
    signs = [(x - 42, 166, "$") for x in columns]
    return draw(path, [*left, *signs], right, rotation)


@pytest.mark.parametrize("rotation", [0, 90])
def test_rows_have_the_same_number_of_cells_and_heads_are_repeated(tmp_path: Path, rotation: int) -> None:
    if rotation:  # a page that was drawn sideways and is shown upright
        with pymupdf.open(accounts(tmp_path / "upright.pdf")) as upright, pymupdf.open() as document:
            page = document.new_page(width=842, height=595)
            page.show_pdf_page(page.rect, upright, 0, rotate=90)
            page.set_rotation(90)
            document.save(tmp_path / "a.pdf")
    path = tmp_path / "a.pdf" if rotation else accounts(tmp_path / "a.pdf")
    assert rows_of(path) == [
        "\tThree months\tThree months\tTwelve months\tTwelve months",
        "\t2021\t2020\t2021\t2020",
        "Fares:\t\t\t\t",
        "Island\t$ 310.5\t$ 290.0\t$ 1,240.0\t$ 1,105.5",
        "Mainland, with the harbours of the northern coast\t95.0\t101.0\t402.0\t377.0",
        "Total fares\t405.5\t391.0\t1,642.0\t1,482.5",
        "Repairs\t(17.0)\t(4.0)\t(31.0)\t(6.0)",
    ]
    assert "(in millions of dollars)\n\tThree" in text_of(path)


def test_a_cell_is_read_from_the_page_with_its_unit(tmp_path: Path) -> None:
    (table,) = find_tables(text_of(accounts(tmp_path / "a.pdf")))
    asked = read_asked("What did repairs cost in the three months of 2020?", lambda stem: 1.0)
    assert best_cells(table, asked)[0].answer == "Repairs, Three months – 2020: \u2212$4.0 million"


def test_the_cell_is_marked_on_the_page(tmp_path: Path) -> None:
    path = accounts(tmp_path / "a.pdf")
    text = text_of(path)

    def show(row: str, column: int) -> PageView:
        start = text.index(row) + len("\t".join(row.split("\t")[:column])) + 1
        return PdfIngestor().draw(path, 1, 595, (start, start + len(row.split("\t")[column])), OPTIONS)

    repairs = show("Repairs\t(17.0)\t(4.0)\t(31.0)\t(6.0)", 3)
    ((x0, y0, x1, y1),) = repairs.quads
    assert 405 < x0 < x1 < 445
    assert 210 < y0 < 222 < y1 < 230
    ((x0, y0, x1, y1),) = show("\tThree months\tThree months\tTwelve months\tTwelve months", 4).quads
    assert 400 < x0 < 454 < x1 < 510
    assert 108 < y0 < 120 < y1 < 126


def test_a_table_in_one_column_of_a_page_leaves_the_other_alone(tmp_path: Path) -> None:
    left = [(40.0, 80 + 12 * n, f"The left column tells of boat number {n} and its crew") for n in range(12)]
    words = [(320.0, 80 + 12 * n, name) for n, name in enumerate(("Oban", "Leith", "Ayr", "Wick"))]
    more = [(320.0, 140 + 12 * n, f"The right column goes on about boat {n} here") for n in range(7)]
    figures = [(540.0, 80 + 12 * n, str(4110 - 977 * n)) for n in range(4)]
    path = draw(tmp_path / "a.pdf", [*left, *words], figures)
    lines = text_of(draw(tmp_path / "b.pdf", [*left, *words, *more], figures)).splitlines()
    assert rows_of(path) == ["Oban\t4110", "Leith\t3133", "Ayr\t2156", "Wick\t1179"]
    assert [line for line in lines if line.startswith("The left")] == [text for _, _, text in left]


def test_contents_lists_and_forms_are_no_tables(tmp_path: Path) -> None:
    names = ("Preface", "The harbour", "The boats", "The people", "Appendix")
    contents = draw(
        tmp_path / "contents.pdf",
        [(60.0, 80 + 14 * n, name) for n, name in enumerate(names)],
        [(500.0, 80 + 14 * n, str(3 + 11 * n)) for n in range(5)],
    )
    items = draw(
        tmp_path / "items.pdf",
        [(60.0, 80 + 14 * n, f"{n + 1}.") for n in range(5)]
        + [(80.0, 80 + 14 * n, f"{name}s") for n, name in enumerate(names)],
    )
    for path in (contents, items):
        assert find_tables(text_of(path)) == [] or all(len(table.columns) < 2 for table in find_tables(text_of(path)))


def test_pages_of_prose_are_read_as_before(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(seed) for seed in range(3)])
    with pymupdf.open(path) as document:
        assert [page.text for page in PdfIngestor().read(path, OPTIONS)] == [page.get_text() for page in document]
