"""PDF files: text, headings, scans, passwords, damage. In this process, without workers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from tests.memory.ingest import pdfs
from trayassist.api import Page, PasswordNeeded, ReadOptions, UnreadableFile
from trayassist.api.normal_text import skeleton
from trayassist_ingest import legible, ocr, pdf, pdf_lines, pdf_text
from trayassist_ingest.pdf import PdfIngestor

NO_OCR = {"ocr": False}


def skeleton_of(text: str) -> list[str]:
    return [sign for sign, _ in skeleton(text)]


def read(path: Path, **options: Any) -> list[Page]:
    return list(PdfIngestor().read(path, ReadOptions(**{"settings": NO_OCR} | options)))


def test_text_is_that_of_get_text_and_pages_count_from_one(tmp_path: Path) -> None:
    path = pdfs.plain(tmp_path / "a.pdf", [pdfs.prose(seed) for seed in range(3)])
    pages = read(path)
    with pymupdf.open(path) as document:
        assert [page.text for page in pages] == [page.get_text() for page in document]
    assert [(page.number, page.total) for page in pages] == [(1, 3), (2, 3), (3, 3)]
    assert [page.number for page in read(path, first_page=3)] == [3]


def test_headings_are_large_or_all_bold_lines(tmp_path: Path) -> None:
    path = tmp_path / "headings.pdf"
    with pymupdf.open() as document:
        document.set_metadata({"title": "A  yearly\nreport"})
        page = document.new_page()
        page.insert_text((72, 80), "Large & clear heading", fontsize=18)
        page.insert_text((72, 120), "Bold heading", fontname="hebo", fontsize=10)
        page.insert_text((72, 140), "Half bold", fontname="hebo", fontsize=10)
        end = 72 + pymupdf.get_text_length("Half bold", "hebo", 10)
        page.insert_text((end, 140), " and then not", fontname="helv", fontsize=10)
        page.insert_text((72, 160), "12", fontname="hebo", fontsize=10)
        page.insert_text((72, 180), "a bold line " * 6, fontname="hebo", fontsize=7)
        page.insert_text((72, 220), pdfs.prose(1), fontsize=10)
        document.save(path)
    (read_page,) = read(path)
    assert read_page.headings == ("Large & clear heading", "Bold heading")
    assert read_page.title == "A yearly report"


def test_headings_agree_with_the_slow_way(data: Path) -> None:
    """The quick scan of MuPDF's markup finds what `get_text("dict")` shows, but for a line in a hundred."""
    same = every = 0
    for path in sorted((data / "qa" / "financebench" / "pdfs").glob("*.pdf"))[:6]:
        with pymupdf.open(path) as document:
            for page in document.pages(0, 12):
                slow = _headings_from_dict(page)
                quick = pdf_text.headings(pdf_text.markup_of(pdf_text.parse(page)))
                same += len(set(slow) & set(quick))
                every += len(set(slow) | set(quick))
    assert every > 100
    assert same / every > 0.98


def _headings_from_dict(page: Any) -> list[str]:
    lines = [line for block in page.get_text("dict")["blocks"] for line in block.get("lines", ())]
    weight: dict[float, int] = {}
    for line in lines:
        for span in line["spans"]:
            weight[round(span["size"], 1)] = weight.get(round(span["size"], 1), 0) + len(span["text"].strip())
    if not weight:
        return []
    body = max(weight, key=lambda size: weight[size])
    found = []
    for line in lines:
        text = " ".join("".join(span["text"] for span in line["spans"]).split())
        filled = [span for span in line["spans"] if span["text"].strip()]
        large = max((round(span["size"], 1) for span in filled), default=0) > 1.15 * body
        if (large or all(span["flags"] & 16 for span in filled)) and 1 <= len(text.split()) <= 14:
            found.append(text)
    return [text for text in found if pdf_text.HAS_WORD.search(text)]


def test_form_fields_and_comments_belong_to_the_text(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 72), "Name of the tenant")
        field = pymupdf.Widget()
        field.field_type, field.field_name = pymupdf.PDF_WIDGET_TYPE_TEXT, "tenant"
        field.rect, field.field_value = pymupdf.Rect(72, 100, 300, 120), "Ada Lovelace"
        page.add_widget(field)
        page.add_text_annot((300, 300), "Check this date")
        document.save(path)
    (read_page,) = read(path)
    assert read_page.text == "Name of the tenant: Ada Lovelace\nCheck this date\n"


def test_attachments_are_named(tmp_path: Path) -> None:
    path = tmp_path / "with.pdf"
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "See the attached table")
        document.embfile_add("table.csv", b"a,b")
        document.save(path)
    assert "table.csv" in read(path)[0].note


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotated_pages_read_like_upright_ones(tmp_path: Path, rotation: int) -> None:
    path = tmp_path / "rotated.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 100), pdfs.prose(5))
        page.set_rotation(rotation)
        document.save(path)
    assert read(path)[0].text.split() == pdfs.prose(5).split()


def test_passwords(tmp_path: Path) -> None:
    locked = pdfs.write_encrypted(tmp_path / "locked.pdf", user="öffne", owner="owner")
    with pytest.raises(PasswordNeeded, match=r"locked\.pdf needs a password"):
        read(locked)
    with pytest.raises(PasswordNeeded, match="does not open"):
        read(locked, password="wrong")
    assert "copper lantern" in read(locked, password="öffne")[0].text
    assert "copper lantern" in read(locked, password="o\u0308ffne")[0].text  # as a Mac's keyboard may give it
    assert "copper lantern" in read(locked, password="owner")[0].text


def test_an_owner_password_alone_locks_nobody_out(tmp_path: Path) -> None:
    assert "copper lantern" in read(pdfs.write_encrypted(tmp_path / "owned.pdf", user="", owner="owner"))[0].text


@pytest.mark.parametrize("content", [b"%PDF-1.7\nrubbish", b"%PDF-1.4\n" + b"\x00" * 5000, b"%PDF-1.4\n%%EOF"])
def test_broken_files_are_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        read(path)
    assert str(caught.value).startswith("broken.pdf ")
    assert str(path.parent) not in str(caught.value)  # a sentence for people, not mupdf's own


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_gives_pages_that_are_there_or_a_sentence(tmp_path: Path, kept: float) -> None:
    whole = pdfs.plain(tmp_path / "whole.pdf", [pdfs.prose(seed) for seed in range(30)])
    path = tmp_path / "part.pdf"
    path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * kept)])
    texts = {page.text for page in read(whole)}
    pages, said = [], ""
    try:
        pages = read(path)
    except UnreadableFile as error:
        said = str(error)
    assert said.startswith("part.pdf ") or any(page.text in texts for page in pages)


def test_scans_without_language_data_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "SYSTEM_FOLDERS", ())
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    pages = read(pdfs.write_scan(tmp_path / "scan.pdf"), settings={"tessdata": str(tmp_path / "none")})
    assert pages[0].text.strip() == ""
    assert "OCR language data is missing" in pages[0].note
    assert "eng.traineddata" in pages[0].note


def test_the_gate_tells_scans_from_text_pages(tmp_path: Path) -> None:
    """PEERS 4.14: words inside the margins, corrupt glyphs, pictures; page by page."""
    with pymupdf.open(pdfs.write_scan(tmp_path / "scan.pdf")) as document:
        page = document[0]
        parsed = pdf_text.parse(page)
        assert pdf.needs_ocr(page, parsed, parsed.extractText())
        page.insert_text((200, 20), "Page 3 of 12, received on 4 May by the registry", fontsize=8)  # in the margin
        parsed = pdf_text.parse(page)
        assert pdf.needs_ocr(page, parsed, parsed.extractText())
        page.insert_text((150, 400), "a text layer in the middle of this page", fontsize=8, render_mode=3)
        parsed = pdf_text.parse(page)
        assert not pdf.needs_ocr(page, parsed, parsed.extractText())
    with pymupdf.open(pdfs.plain(tmp_path / "text.pdf", ["Three short words", ""])) as document:
        for page in document:
            parsed = pdf_text.parse(page)
            assert not pdf.needs_ocr(page, parsed, parsed.extractText())  # few words or none, but no picture either


def test_corrupt_text_is_told_from_other_scripts() -> None:
    assert legible.is_corrupt("\ufffd\ufffd\ufffd abc")
    assert legible.is_corrupt("\ue001\ue002\ue003\ue004 a")
    assert legible.is_corrupt("7KH\x03WUHDVXUHU\x03NHHSV\x03WKH\x03FDVK\x03LQ\x03D\x03WLQ\x03RQ\x03WKH\x03VKHOI")
    assert not legible.is_corrupt("Łódź, Ελλάδα, 日本語, العربية, हिन्दी, ﻋﺮﺑﻲ, Việt Nam")
    assert not legible.is_corrupt("")


def test_data_without_a_recogniser_is_refused_in_words(tmp_path: Path) -> None:
    """Tesseract crashes with data of version 3 and with data made to start a training."""
    old = tmp_path / "eng.traineddata"
    old.write_bytes((24).to_bytes(4, "little") + b"\xff" * 8 * 24 + b"\x00" * 100)
    assert not ocr.has_recogniser(old)
    assert "no recogniser" in ocr.find({"tessdata": str(tmp_path)}).problem or ocr.find({}).folder
    old.write_bytes((24).to_bytes(4, "little") + (200).to_bytes(8, "little") * 24 + b"\x00" * 100)
    found = ocr.find({"tessdata": str(tmp_path), "ocr_language": "deu+eng"})
    assert (found.folder, found.language) == (str(tmp_path), "eng")  # those of the wished languages that are there


def _recognise(words: str, width: float = 612, height: float = 792) -> bytes:
    """Return what Tesseract gives for a page: a PDF of that size in pixels with the words as invisible text."""
    with pymupdf.open() as document:
        page = document.new_page(width=width, height=height)
        page.insert_text((width * 0.2, height * 0.5), words, fontsize=height / 40, render_mode=3)
        return bytes(document.tobytes())


@pytest.mark.parametrize("rotation", [0, 90])
def test_ocr_words_lie_where_the_page_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rotation: int
) -> None:
    """The recogniser stands outside of the project: here it is one that always reads the same words."""
    (tmp_path / "eng.traineddata").write_bytes((24).to_bytes(4, "little") + (200).to_bytes(8, "little") * 24)
    monkeypatch.setattr(
        ocr, "recognise", lambda picture, _: _recognise("silver harbour ledger", picture.width, picture.height)
    )
    path = pdfs.write_scan(tmp_path / "scan.pdf")
    with pymupdf.open(path) as document:
        document[0].set_rotation(rotation)
        document.saveIncr()
    options = ReadOptions(settings={"tessdata": str(tmp_path)})
    ingestor = PdfIngestor()
    (page,) = ingestor.read(path, options)
    assert page.ocr
    assert page.text.split() == ["silver", "harbour", "ledger"]
    start = page.text.index("harbour")
    view = ingestor.draw(path, 1, 600, (start, start + len("harbour")), options)
    assert view.text == page.text
    ((x0, y0, x1, y1),) = view.quads
    assert 0.2 * view.width < x0 < x1 < 0.75 * view.width
    assert 0.4 * view.height < y0 < y1 < 0.55 * view.height


def test_ligatures_become_their_letters(tmp_path: Path) -> None:
    path = tmp_path / "ligatures.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_htmlbox(page.rect, "<p>The office is on the first floor.</p>", css="p { font-family: sans-serif }")
        assert "ﬃ" in page.get_text()
        document.save(path)
    assert [page.text for page in read(path)] == ["The office is on the first floor.\n"]


def test_the_cells_of_a_row_come_back_onto_one_line(tmp_path: Path) -> None:
    path = tmp_path / "table.pdf"
    rows = [
        ("Code", "Meaning", "What to do"),
        ("E1", "No water", "Fill it"),
        ("E7", "Blocked\ngroup", "Descale it"),
    ]
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 60), "Error codes of the machine", fontsize=16)
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                page.insert_text((72 + 120 * column, 100 + 40 * number), cell.split("\n"), fontsize=10)
        page.insert_text((72, 260), ["Prose that goes on over two lines is left as", "it is, and so is what follows."])
        document.save(path)
    (read_page,) = read(path)
    assert read_page.text.splitlines() == [
        "Error codes of the machine",
        "Code\tMeaning\tWhat to do",
        "E1\tNo water\tFill it",
        "E7\tBlocked group\tDescale it",
        "Prose that goes on over two lines is left as",
        "it is, and so is what follows.",
    ]


def test_columns_of_prose_are_not_taken_for_a_table(tmp_path: Path) -> None:
    path = tmp_path / "columns.pdf"
    left = [f"The left column has line {number} of its own here" for number in range(8)]
    right = [f"The right column has line {number} of its own too" for number in range(8)]
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((40, 80), left, fontsize=9)
        page.insert_text((320, 80), right, fontsize=9)
        document.save(path)
    (read_page,) = read(path)
    assert read_page.text.splitlines() == [*left, *right]


def test_tables_lose_no_word(data: Path) -> None:
    """Rows of tables are put in order and heads are repeated."""
    for path in sorted((data / "pdf" / "tables").glob("*.pdf")):
        with pymupdf.open(path) as document:
            for page in document:
                parsed = pdf_text.parse(page)
                plain = parsed.extractText()
                lines = pdf_lines.Reading(plain, pdf_text.markup_of(parsed))
                whole, _, _ = pdf_text.text_of(page, parsed, lines)
                missing = Counter(skeleton_of(plain)) - Counter(skeleton_of(whole))
                assert not missing


def test_a_picture_that_is_named_pdf_is_read_as_what_it_is(tmp_path: Path) -> None:
    """MuPDF opens it by its content; it has no attachments to ask for, and asking must cost no page."""
    with pymupdf.open() as document:
        document.new_page(width=200, height=100).get_pixmap().save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.pdf")
    (page,) = read(tmp_path / "a.pdf", settings={"ocr": False})
    assert page.number == 1
