"""PDF pages as people read them: raised figures, spaced letters, columns, forms, margins, what is unseen.

Each test makes its own page, and where words are moved or mended the mark must still lie on them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from tests.memory.ingest.conftest import desk
from trayassist.api import Chunk, Page, PageView, ReadOptions, quote_pages
from trayassist_ingest import letters
from trayassist_ingest.pdf import PdfIngestor

OPTIONS = ReadOptions(settings={"ocr": False})


def make(path: Path, *draw: Callable[[Any], None], **save: Any) -> Path:
    with pymupdf.open() as document:
        for one in draw:
            one(document.new_page())
        document.save(path, **save)
    return path


def lines(*rows: str, x: float = 72, y: float = 100, size: float = 11, font: str = "helv") -> Callable[[Any], None]:
    def draw(page: Any) -> None:
        for at, row in enumerate(rows):
            page.insert_text((x, y + 16 * at), row, fontsize=size, fontname=font)

    return draw


def spans(y: float, *pieces: tuple[str, float, float], x: float = 72) -> Callable[[Any], None]:
    """Return what writes pieces (text, size, rise) side by side."""

    def draw(page: Any) -> None:
        at = x
        for text, size, rise in pieces:
            page.insert_text((at, y - rise), text, fontsize=size, fontname="helv")
            at += pymupdf.get_text_length(text, "helv", size)

    return draw


def both(*draws: Callable[[Any], None]) -> Callable[[Any], None]:
    def draw(page: Any) -> None:
        for one in draws:
            one(page)

    return draw


def read(path: Path) -> list[Page]:
    return list(PdfIngestor().read(path, OPTIONS))


def marked(path: Path, words: str, number: int = 1) -> PageView:
    """Return the page drawn with `words` marked, at a pixel a point."""
    text = read(path)[number - 1].text
    at = text.index(words)
    return PdfIngestor().draw(path, number, 595, (at, at + len(words)), OPTIONS)


def lies_on(view: PageView, x: float, y: float) -> bool:
    return any(a <= x <= c and b <= y <= d for a, b, c, d in view.quads)


# ---- words that a line's end parts, accents beside their letters, ligatures


def test_broken_words_are_whole_and_both_halves_are_marked(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", lines("The lease ends in Octo-", "ber, and the depo-", "sit is 900 florins."))
    assert read(path)[0].text.split() == [
        "The",
        "lease",
        "ends",
        "in",
        "October,",
        "and",
        "the",
        "deposit",
        "is",
        "900",
        "florins.",
    ]
    view = marked(path, "deposit")
    assert lies_on(view, 160, 112)  # "depo-" ends the second line ...
    assert lies_on(view, 76, 128)  # ... "sit" begins the third
    assert not lies_on(view, 160, 128)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Mu¨nchen und Ko¨ln", "München und Köln"),
        ("M¨unchen und K¨oln", "München und Köln"),
        ("Universit´e de Montr´eal", "Université de Montréal"),
        ("Espa˜na y Am´erica", "España y América"),
        ("S˜ao Paulo e irm˜a", "São Paulo e irmã"),
        ("Fran¸cois re¸coit", "François reçoit"),
        ("na¨ıve", "naïve"),
        ("don´t and it´s", "don´t and it´s"),
        ("20 ¨ apart", "20 ¨ apart"),
        ("M¨uller und ¨uber", "Müller und über"),
    ],
)
def test_accents_come_onto_their_letters(written: str, read_as: str) -> None:
    assert letters.write_out(written) == read_as


def test_letters_that_share_a_glyph_stay_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 100), "abcde")
        font, stream = page.get_fonts()[0][0], document.get_new_xref()
        codes = {"a": "0627", "b": "FCCC", "c": "0641", "d": "062A", "e": "0627"}  # FCCC is two letters
        rows = "".join(f"<{ord(sign):02x}> <{code}>\n" for sign, code in codes.items())
        document.update_object(stream, "<<>>")
        head = "1 begincodespacerange <00> <ff> endcodespacerange 5 beginbfchar"
        document.update_stream(stream, f"{head} {rows} endbfchar".encode())
        document.xref_set_key(font, "ToUnicode", f"{stream} 0 R")
        document.save(path)
    assert sorted(read(path)[0].text.strip()) == sorted("المفتا")
    assert "لم" in read(path)[0].text


# ---- raised figures


@pytest.mark.parametrize(
    ("pieces", "written"),
    [
        ((("It holds 3 x 10", 11, 0), ("6", 7, 5), (" pebbles.", 11, 0)), "It holds 3 x 10⁶ pebbles."),
        ((("A dose of 5 x 10", 11, 0), ("-3", 7, 5), (" g.", 11, 0)), "A dose of 5 x 10⁻³ g."),
        ((("The plot has 450 m", 11, 0), ("2", 7, 5), (" in all.", 11, 0)), "The plot has 450 m² in all."),
        ((("A tank of 12 cm", 11, 0), ("3", 7, 5), (" holds it.", 11, 0)), "A tank of 12 cm³ holds it."),
        ((("Sales were 4,812", 11, 0), ("3", 7, 5), (" crowns.", 11, 0)), "Sales were 4,812 ³ crowns."),
        ((("Dr. Quenley", 11, 0), ("1", 7, 5), (" wrote it.", 11, 0)), "Dr. Quenley ¹ wrote it."),
        ((("It was sold.", 11, 0), ("12", 7, 5), (" Nobody knew.", 11, 0)), "It was sold ¹². Nobody knew."),
        ((("Ada Lind", 11, 0), ("a,b", 7, 5), (" and others", 11, 0)), "Ada Lind (a,b) and others"),
        ((("On the 1", 11, 0), ("st", 7, 5), (" of May", 11, 0)), "On the 1st of May"),
        ((("so x", 11, 0), ("2", 7, 5), (" grows", 11, 0)), "so x² grows"),
        ((("H", 11, 0), ("2", 7, -3), ("O boils", 11, 0)), "H2O boils"),
    ],
)
def test_raised_figures_are_no_part_of_a_number_or_a_name(
    tmp_path: Path, pieces: tuple[tuple[str, float, float], ...], written: str
) -> None:
    path = make(tmp_path / "a.pdf", spans(100, *pieces))
    assert read(path)[0].text == f"{written}\n"


def test_a_number_with_a_footnote_is_marked_where_it_stands(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", spans(100, ("Sales were 4,812", 11, 0), ("3", 7, 5), (" crowns in May.", 11, 0)))
    view = marked(path, "crowns")
    assert lies_on(view, 80 + pymupdf.get_text_length("Sales were 4,8123 ", "helv", 11), 97)
    assert not lies_on(view, 80, 97)


# ---- letters with spaces, large first letters, columns


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ("W A R R A N T Y", "WARRANTY"),
        ("N O T I C E of sale", "NOTICE of sale"),
        ("A B C", "A B C"),
        ("Class A B c D is a list", "Class A B c D is a list"),
    ],
)
def test_spaced_letters_are_a_word(tmp_path: Path, heading: str, written: str) -> None:
    path = make(tmp_path / "a.pdf", lines(heading, "Covers pumps for five years."))
    assert read(path)[0].text.split("\n")[0] == written


def test_letters_far_apart_are_words_with_wider_gaps_between(tmp_path: Path) -> None:
    def draw(page: Any) -> None:
        x = 72.0
        for sign in "FINAL BILL":
            if sign != " ":
                page.insert_text((x, 80), sign, fontsize=18)
            x += 30
        page.insert_text((72, 120), "Payable within 21 days.")

    path = make(tmp_path / "a.pdf", draw)
    assert read(path)[0].text == "FINAL BILL\nPayable within 21 days.\n"
    assert lies_on(marked(path, "BILL"), 72 + 6 * 30 + 5, 75)


@pytest.mark.parametrize(
    ("first", "rest", "begins"),
    [
        ("W", "olves came back in 1998 and", "Wolves came back"),
        ("T", "he harbour was dug in 1870", "The harbour was"),
        ("A", "fter the war the mill burned", "After the war"),
        ("A", "lighthouse stood here before", "A lighthouse stood"),
        ("I", "n spring the river rises", "In spring"),
    ],
)
def test_a_large_first_letter_belongs_to_its_word(tmp_path: Path, first: str, rest: str, begins: str) -> None:
    def draw(page: Any) -> None:
        page.insert_text((72, 126), first, fontsize=40)
        left = 74 + pymupdf.get_text_length(first, "helv", 40)
        page.insert_text((left, 98), rest)
        page.insert_text((left, 114), "shepherds got 55 dogs from the state.")

    path = make(tmp_path / "a.pdf", draw)
    assert read(path)[0].text.startswith(begins)
    assert lies_on(marked(path, begins.split()[0]), 80, 110)


def write_columns(page: Any, *columns: str, order: tuple[int, ...] = ()) -> None:
    for at in order or range(len(columns)):
        for row, sign in enumerate(columns[at]):
            page.insert_text((420 - 30 * at, 90 + 18 * row), sign, fontname="japan", fontsize=14)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_columns_are_read_from_the_right(tmp_path: Path, order: tuple[int, ...]) -> None:
    columns = ("契約の期間は三年とする。", "家賃は月額七万円とし、毎月末", "に支払うものとする。")
    path = make(tmp_path / "a.pdf", lambda page: write_columns(page, *columns, order=order))
    text = read(path)[0].text
    assert text == "契約の期間は三年とする。\n家賃は月額七万円とし、毎月末に支払うものとする。\n"
    view = marked(path, "家賃")
    assert lies_on(view, 397, 84)
    assert not lies_on(view, 427, 84)


# ---- what nobody sees


def test_text_that_nobody_sees_is_left_out(tmp_path: Path) -> None:
    def draw(page: Any) -> None:
        page.insert_text((72, 90), "The price is 700 florins.")
        page.insert_text((72, 120), "white on white", color=(1, 1, 1))
        page.insert_text((72, 140), "tiny letters here", fontsize=0.5)
        page.insert_text((72, 160), "without ink at all", render_mode=3)
        page.insert_text((72, 180), "clear as air", fill_opacity=0)
        page.draw_rect((60, 190, 300, 215), fill=(0.1, 0.1, 0.4))
        page.insert_text((72, 206), "A white title on blue", color=(1, 1, 1))
        page.insert_text((72, 240), "The fee is 12 florins.")

    path = make(tmp_path / "a.pdf", draw)
    assert read(path)[0].text == "The price is 700 florins.\nA white title on blue\nThe fee is 12 florins.\n"
    assert lies_on(marked(path, "The fee"), 80, 237)


def test_unseen_letters_over_a_picture_are_the_text_of_a_scan(tmp_path: Path) -> None:
    def draw(page: Any) -> None:
        picture = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 100, 100))
        picture.clear_with(230)
        page.insert_image(page.rect, pixmap=picture)
        page.insert_text((72, 300), "The scanned lease runs until 2031 and is signed.", render_mode=3)

    path = make(tmp_path / "a.pdf", draw)
    assert "runs until 2031" in read(path)[0].text


# ---- forms


def widget(kind: int, name: str, box: tuple[float, ...], value: Any, **more: Any) -> Any:
    field = pymupdf.Widget()
    field.field_type, field.field_name, field.rect, field.field_value = kind, name, pymupdf.Rect(box), value
    for key, one in more.items():
        setattr(field, key, one)
    return field


def test_values_and_ticks_stand_after_their_labels(tmp_path: Path) -> None:
    text, box, choice = pymupdf.PDF_WIDGET_TYPE_TEXT, pymupdf.PDF_WIDGET_TYPE_CHECKBOX, pymupdf.PDF_WIDGET_TYPE_COMBOBOX

    def draw(page: Any) -> None:
        for y, label in ((100, "Family name:"), (130, "Needs a berth"), (160, "Brings a dog"), (190, "Meal")):
            page.insert_text((72, y), label)
        page.add_widget(widget(text, "fam", (180, 88, 400, 104), "Thornquist"))
        page.add_widget(widget(box, "berth", (180, 119, 192, 131), True))
        page.add_widget(widget(box, "dog", (180, 149, 192, 161), False))
        page.add_widget(widget(choice, "meal", (180, 178, 400, 194), "Herring", choice_values=["Herring", "Soup"]))
        page.add_widget(widget(box, "left", (72, 219, 84, 231), True))
        page.insert_text((90, 230), "I accept the rules")
        page.add_widget(widget(text, "empty", (180, 248, 400, 264), ""))
        page.insert_text((72, 260), "Remarks:")
        page.add_widget(widget(text, "boat_name", (300, 300, 500, 316), "Petrel"))

    path = make(tmp_path / "form.pdf", draw)
    assert read(path)[0].text.splitlines() == [
        "Family name: Thornquist",
        "Needs a berth: yes",
        "Brings a dog: no",
        "Meal: Herring",
        "I accept the rules: yes",
        "Remarks:",
        "boat name: Petrel",
    ]
    assert lies_on(marked(path, "Thornquist"), 200, 97)


def write_xfa(path: Path, xml: str, *, renders: bool = True) -> Path:
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 90), "Please wait... your viewer may not show this form.")
        stream = document.get_new_xref()
        document.update_object(stream, "<<>>")
        document.update_stream(stream, xml.encode())
        form = document.get_new_xref()
        document.update_object(form, f"<</Fields[]/XFA {stream} 0 R>>")
        document.xref_set_key(document.pdf_catalog(), "AcroForm", f"{form} 0 R")
        if renders:
            document.xref_set_key(document.pdf_catalog(), "NeedsRendering", "true")
        document.save(path)
    return path


XFA = "http://www.xfa.org/schema/xfa-data/1.0/"


def test_the_values_of_an_xfa_form_are_read(tmp_path: Path) -> None:
    data = "<form1><BoatName>Petrel</BoatName><Owner>Sunniva Harke</Owner><Crew/></form1>"
    template = '<field name="Owner"><caption><value><text>Name of the owner</text></value></caption></field>'
    xml = (
        f'<xdp><template xmlns="t">{template}</template>'
        f'<xfa:datasets xmlns:xfa="{XFA}"><xfa:data>{data}</xfa:data></xfa:datasets></xdp>'
    )
    (page,) = read(write_xfa(tmp_path / "x.pdf", xml))
    assert page.text == "Boat name: Petrel\nName of the owner: Sunniva Harke\n"
    assert "XFA" in page.note


def test_an_xfa_form_without_values_says_that_it_cannot_be_read(tmp_path: Path) -> None:
    (page,) = read(write_xfa(tmp_path / "x.pdf", "<xdp><template/></xdp>"))
    assert page.text == ""
    assert "cannot be read" in page.note


# ---- margins, outline


def minutes(subjects: list[str]) -> list[Callable[[Any], None]]:
    def draw(number: int, subject: str) -> Callable[[Any], None]:
        def on(page: Any) -> None:
            page.insert_text((72, 40), "Minutes of the allotment club, not for print", fontsize=9)
            page.insert_text((72, 120), subject)
            page.insert_text((72, 136), "Nobody objected.")
            page.insert_text((280, 815), f"Page {number} of {len(subjects)}", fontsize=9)

        return on

    return [draw(number, subject) for number, subject in enumerate(subjects, 1)]


def test_running_titles_and_page_numbers_belong_to_no_page(tmp_path: Path) -> None:
    path = make(
        tmp_path / "a.pdf", *minutes(["The shed is painted.", "The pump is sold.", "The gate stays.", "Bees come."])
    )
    first, *others = read(path)
    assert first.text.startswith("Minutes of the allotment club, not for print\n\nThe shed")  # found on its first page
    assert [page.text.split("\n")[0] for page in others] == ["The pump is sold.", "The gate stays.", "Bees come."]
    assert not any("Minutes" in page.text or "Page" in page.text for page in others)
    assert lies_on(marked(path, "The gate", 3), 80, 116)
    assert [page.text for page in PdfIngestor().read(path, ReadOptions(first_page=3, settings={"ocr": False}))] == [
        page.text for page in others[1:]
    ]


def test_a_line_that_is_not_repeated_or_not_in_the_margin_stays(tmp_path: Path) -> None:
    pages = [both(lines(f"Chapter {word}", y=40), lines("The same sentence.", y=300)) for word in ("one", "two", "six")]
    for page in read(make(tmp_path / "a.pdf", *pages)):
        assert "Chapter" in page.text
        assert "The same sentence." in page.text


def test_titles_of_the_outline_stand_on_their_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        for text in ("It begins.", "The wreck of the Alma\nA storm comes.", "They rebuild."):
            document.new_page().insert_text((72, 90), text)
        document.set_toc([[1, "Prologue", 1], [1, "The wreck of the Alma", 2], [2, "Bell tower", 3]])
        document.save(path)
    pages = read(path)
    assert pages[0].text == "Prologue\n\nIt begins.\n"
    assert pages[1].text == "The wreck of the Alma\nA storm comes.\n"
    assert [page.headings for page in pages] == [("Prologue",), ("The wreck of the Alma",), ("Bell tower",)]
    assert lies_on(marked(path, "rebuild", 3), 110, 87)


async def test_a_quote_names_the_page_as_the_document_does(tmp_path: Path) -> None:
    path = tmp_path / "journal.pdf"
    with pymupdf.open() as document:
        for text in ("Preface.", "The contents.", "The grey seal dives for 31 minutes.", "References."):
            document.new_page().insert_text((72, 90), text)
        document.set_page_labels(
            [{"startpage": 0, "style": "r", "firstpagenum": 1}, {"startpage": 2, "style": "D", "firstpagenum": 211}]
        )
        document.save(path)
    assert [page.label for page in read(path)] == ["i", "ii", "211", "212"]
    async with desk() as one:
        await one.read(path)
        found = await one.memory.quote("How long does the grey seal dive?")
        assert found.quotes[0].passage.page == 3
        text = "".join(part.text for part in quote_pages(found) if isinstance(part, Chunk))
        assert "**journal.pdf**, page 211 (3 in the file):" in text


def test_pages_that_are_counted_have_no_other_name(tmp_path: Path) -> None:
    assert [page.label for page in read(make(tmp_path / "a.pdf", lines("One."), lines("Two.")))] == ["", ""]
