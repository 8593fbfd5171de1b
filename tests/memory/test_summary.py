"""What a document is and which of its sentences stand for it: letters, contracts, papers, reports, forms, scans."""

from __future__ import annotations

import pytest

from trayassist.api import Passage, Quote
from trayassist.workers.memory.embedder import Embedder
from trayassist.workers.memory.headline import language_of
from trayassist.workers.memory.summary import PageText, Summariser, body_spans


@pytest.fixture(scope="module")
def summariser() -> Summariser:
    return Summariser(Embedder())


def summarise(
    summariser: Summariser, *pages: str, heads: tuple[str, ...] = (), count: int = 7, name: str = ""
) -> tuple[str, list[str]]:
    """Return the line that says what it is, and the texts of the sentences."""
    whole = [
        PageText(
            Passage(path="/d/x.pdf", title=name, page=n, start=0, end=len(text), text=text),
            heads[n - 1] if n <= len(heads) else "",
        )
        for n, text in enumerate(pages, 1)
    ]
    line, quotes = summariser.summarise(name, whole, count)
    for quote in [*quotes, *([line] if line else [])]:
        assert_place(quote, pages)
    return line.text if line else "", [quote.text for quote in quotes]


def assert_place(quote: Quote, pages: tuple[str, ...]) -> None:
    cut = pages[quote.passage.page - 1][quote.start : quote.end]
    assert cut.strip()
    if quote.passage.text != cut:  # a sentence; a headline is made of several places, its passage is the main one
        assert "".join(cut.split()).replace("-", "") == "".join(quote.text.split()).replace("-", "")


LETTER = """Wasserwerk Tannfurt GmbH
Kundenservice
Brunnenweg 8
01234 Tannfurt
Telefon 0351 555-0200

Herrn
Ottokar Wendt
Mühlgasse 3

4. Februar 2023

Betreff: Austausch Ihres Wasserzählers

Sehr geehrter Herr Wendt,

Ihr Wasserzähler ist sechs Jahre alt und wird am 21. Februar 2023 ausgetauscht. Der Austausch dauert etwa zwanzig
Minuten und kostet Sie nichts. Bitte sorgen Sie dafür, dass der Zähler im Keller frei zugänglich ist. Der neue Zähler
meldet seinen Stand über Funk, deshalb entfällt künftig die jährliche Ablesung.

Bei Rückfragen erreichen Sie uns werktags unter der oben genannten Nummer.

Mit freundlichen Grüßen

Isolde Karsten
"""


def test_a_letter_is_told_by_its_subject_sender_and_date(summariser: Summariser) -> None:
    line, points = summarise(summariser, LETTER)
    assert line == "Brief: Austausch Ihres Wasserzählers, Isolde Karsten, Wasserwerk Tannfurt GmbH, 4. Februar 2023"
    assert any("ausgetauscht" in point for point in points)
    assert not any("erreichen Sie uns" in point or "Telefon" in point for point in points)


LEASE = """LEASE AGREEMENT

This agreement is made on 5 May 2021 between Agnes Thornbury (the "Landlord") and Rufus Okafor (the "Tenant").

1. Property
The Landlord lets to the Tenant the boathouse at 2 Weir Lane, Marlow, with its two jetties.

2. Rent
The Tenant shall pay a rent of 640 pounds a month in advance on the third day of each month.

3. Term
The lease begins on 1 June 2021 and runs for three years unless one side gives six weeks' notice in writing.

4. Severability
If any provision of this agreement is held to be invalid, the remaining provisions shall continue in full force.

5. Governing law
This agreement shall be governed by and construed in accordance with the laws of England.
"""


def test_a_contract_is_told_by_its_parties_and_its_terms_not_by_its_boilerplate(summariser: Summariser) -> None:
    line, points = summarise(summariser, LEASE, count=4)
    assert "Agnes Thornbury – Rufus Okafor" in line
    assert line.startswith("LEASE AGREEMENT")
    assert line.endswith("5 May 2021")
    assert any("640 pounds" in point for point in points)
    assert any("boathouse" in point for point in points)
    assert not any("provision" in point or "construed" in point for point in points)


PAPER = """Moss as a Cheap Filter for Roof Water
Linnea Strand, Paavo Itkonen
Department of Hydrology, University of Kemi

Abstract
We present a filter of living moss that takes zinc and copper out of roof water. In a trial over two winters it held
back 71 percent of the zinc. The filter costs a fifth of a sand filter and needs no power.

1 Introduction
Zinc from roofs is washed into streams by every rain. Sand filters hold it back but must be renewed each year.

References
[1] Berg, A. Roofs and rain. Journal of Drains, vol. 3, pp. 11-19, 2004.
[2] Lund, K. and Holm, P. Copper in streams. Proceedings of the Drains Conference, 2009.
"""


def test_a_paper_is_told_by_title_authors_and_abstract_not_by_its_references(summariser: Summariser) -> None:
    heads = ("Moss as a Cheap Filter for Roof Water Abstract 1 Introduction References",)
    line, points = summarise(summariser, PAPER, heads=heads, count=3)
    assert line == "Paper: Moss as a Cheap Filter for Roof Water, Linnea Strand, Paavo Itkonen"
    assert "We present a filter of living moss that takes zinc and copper out of roof water." in points
    assert not any("Journal" in point or "Proceedings" in point for point in points)


def test_a_title_is_not_run_into_the_names_below_it(summariser: Summariser) -> None:
    text = PAPER.replace("Linnea Strand, Paavo Itkonen", "Linnea Strand")
    heads = ("Moss as a Cheap Filter for Roof Water Linnea Strand Abstract",)
    assert summarise(summariser, text, heads=heads)[0] == "Paper: Moss as a Cheap Filter for Roof Water, Linnea Strand"


def test_an_official_report_is_told_by_its_form_who_files_it_and_the_period(summariser: Summariser) -> None:
    cover = (
        "UNITED STATES\nSECURITIES AND EXCHANGE COMMISSION\nWashington, D.C. 20549\nFORM 10-Q\n"
        "QUARTERLY REPORT PURSUANT TO SECTION 13\nFor the quarterly period ended September 30, 2021\n"
        "Harbour Lamps Inc.\n(Exact name of registrant as specified in its charter)\n"
        "Indicate by check mark whether the registrant has filed all reports. Yes No\n"
    )
    results = (
        "Item 2. Results\nNet sales increased by 4 % to 81 million dollars in the third quarter of 2021.\n"
        "The company opened two new lamp works in Norway during the quarter.\n"
        "Demand for ship lamps rose because three shipyards reopened.\n"
        "This report contains forward-looking statements within the meaning of the Securities Act.\n"
    )
    line, points = summarise(summariser, cover, results, heads=("", "Item 2. Results"), count=4)
    assert line == "Form 10-Q (quarterly report), Harbour Lamps Inc, September 30, 2021"
    assert any("81 million" in point for point in points)
    assert not any("forward-looking" in point or "check mark" in point for point in points)


def test_an_invoice_is_told_by_its_number_date_and_total(summariser: Summariser) -> None:
    invoice = (
        "Ateliers Roussel SARL\n4 quai des Brumes\n76600 Le Havre\nTél. 02 35 00 00 00\n\nFACTURE N° 118\n"
        "Date : 3 mars 2022\nClient : Monsieur Noé Perrin\n\nRéparation de deux voiles\t2\t140,00 €\t280,00 €\n"
        "Total TTC\t336,00 €\n"
    )
    line, points = summarise(summariser, invoice)
    assert line == "FACTURE N° 118, Ateliers Roussel SARL, 3 mars 2022"
    assert any("Total TTC" in point and "336,00" in point for point in points)
    assert any("Noé Perrin" in point for point in points)
    assert not any("02 35" in point for point in points)


def test_a_scan_without_a_title_is_told_by_its_running_head_however_it_was_read(summariser: Summariser) -> None:
    pages = [
        f"{head} {n}\nwent ashore with the doctor and bought bread for the crew.\n"
        f"JUNE {n}.—I saw {beast} on the ice at noon, and I wrote to my brother about it.\n"
        for n, (head, beast) in enumerate(
            [("A VOYAGE TO SPITSBERGEN.", "a bear"), ("A VOYAGE TO SPITSBERGFN.", "four seals"),
             ("A V0YAGE TO SPITSBERGEN.", "a white fox"), ("A VOYAGE TO SPITSBERGEN.", "two whales")], 12
        )
    ]  # fmt: skip
    line, points = summarise(summariser, *pages)
    assert line == "Diary: A VOYAGE TO SPITSBERGEN"
    assert points
    assert not any("VOYAGE" in point for point in points)


def test_what_begins_in_the_middle_of_a_sentence_has_no_title(summariser: Summariser) -> None:
    text = (
        "and so the mill was sold to the town.\nThe town runs it as a museum since 1990.\nVisits are free on Sundays.\n"
    )
    assert summarise(summariser, text)[0] == ""


def test_contents_and_what_leans_on_the_sentence_before_are_left_out(summariser: Summariser) -> None:
    text = (
        "Beekeeping in Towns\n\nContents\nHives on roofs . . . . . . . . 4\nHoney and taxes . . . . . . . 9\n\n"
        "Bees in towns find flowers from March to October. However, they lack water in dry summers. "
        "A hive on a roof gives thirty kilograms of honey a year. Each hive must be reported to the veterinary office. "
        "The roof must carry two hundred kilograms for each hive. A swarm in May is worth more than one in July. "
        "See chapter 4 for the tools."
    )
    _, points = summarise(summariser, text, heads=("Beekeeping in Towns Contents",), count=4)
    assert not any(". . ." in point or point.startswith("However") or "chapter 4" in point for point in points)
    assert len(points) == 4


def test_the_same_thing_is_not_said_twice(summariser: Summariser) -> None:
    text = (
        "The ferry leaves at seven each morning. The ferry leaves at seven each morning from the pier. "
        "Bicycles travel free of charge. Tickets are sold on board for three euros. Dogs must wear a muzzle on deck."
    )
    _, points = summarise(summariser, text)
    assert sum("leaves at seven" in point for point in points) == 1


def test_sentences_come_from_all_parts_of_a_long_document(summariser: Summariser) -> None:
    said = (
        "The harbour was dug by hand in the years of the great frost.",
        "Tar and rope were made in the long sheds beside the church.",
        "A fire took half of the town on a windy night in March.",
        "The railway brought guests who came for the sea air.",
        "Herring left the bay, and many families moved to the city.",
        "Today the old sheds hold a school for wooden boats.",
    )
    filler = "\n".join(f"Line {n} of a list that says little" for n in range(12))
    _, points = summarise(summariser, *(f"{one}\n{filler}" for one in said), count=4)
    places = [said.index(point) for point in points]
    assert places == sorted(places)
    assert places[0] < 2
    assert places[-1] >= 4


# ---------------------------------------------------------------- page furniture


def test_lines_that_stand_on_page_after_page_are_no_body() -> None:
    pages = [f"Annual report of the mill\nThe {thing} was repaired.\nMilltown {n}\nPage {n} of 4" for n, thing in
             enumerate(["wheel", "roof", "dam", "door"], 1)]  # fmt: skip
    bodies = [page[a:b] for page, (a, b) in zip(pages, body_spans(pages), strict=True)]
    assert bodies == [f"The {thing} was repaired." for thing in ("wheel", "roof", "dam", "door")]


def test_a_single_page_has_no_furniture_but_its_number() -> None:
    page = "The mill\nIt was built in 1820.\n7"
    assert [page[a:b] for a, b in body_spans([page])] == ["The mill\nIt was built in 1820."]
    assert body_spans(["", "  \n "]) == [(0, 0), (0, 0)]


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("The mill was sold and is now a museum.", "en"),
        ("Die Mühle ist verkauft und nicht mehr in Betrieb.", "de"),
        ("Le moulin est vendu et les visites sont gratuites dans la semaine.", "fr"),
    ],
)
def test_the_language_of_a_document_is_told_by_its_small_words(words: str, language: str) -> None:
    assert language_of(words) == language
