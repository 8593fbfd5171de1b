"""Text, Markdown, HTML and pictures; and which ingestor a file goes to. In this process, without workers."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from tests.memory.ingest import pdfs
from tests.memory.ingest.conftest import desk
from trayassist.api import Ingestor, Page, ReadOptions, UnreadableFile
from trayassist.workers.reader import kinds as reader_kinds
from trayassist_ingest import ocr, pieces, register_ingestors
from trayassist_ingest.html import HtmlIngestor
from trayassist_ingest.image import ImageIngestor
from trayassist_ingest.text import MarkdownIngestor, TextIngestor


def read(ingestor: Ingestor, path: Path, **options: Any) -> list[Page]:
    return list(ingestor.read(path, ReadOptions(**options)))


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ---------------------------------------------------------------- text


def test_text_is_cut_at_paragraphs_and_nothing_is_lost(tmp_path: Path) -> None:
    text = "\n\n".join(pdfs.prose(seed, 90) for seed in range(60))
    pages = read(TextIngestor(), write(tmp_path / "long.txt", text))
    assert "".join(page.text for page in pages) == text
    assert len(pages) > 5
    assert all(len(page.text) <= pieces.MAX_CHARACTERS and page.total == len(pages) for page in pages)
    assert all(page.text.endswith("\n\n") for page in pages[:-1])
    again = read(TextIngestor(), tmp_path / "long.txt", first_page=4)
    assert [page.number for page in again] == list(range(4, len(pages) + 1))
    assert again[0].text == pages[3].text


def test_one_endless_line_is_cut_too(tmp_path: Path) -> None:
    text = "".join(f"{n}," for n in range(20_000))
    pages = read(TextIngestor(), write(tmp_path / "one.csv", text))
    assert "".join(page.text for page in pages) == text
    assert max(len(page.text) for page in pages) <= pieces.MAX_CHARACTERS


def test_a_large_file_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trayassist_ingest.text.COUNTED_BYTES", 1000)
    text = "\n".join(f"line {n} of a log" for n in range(5000)) + "\n"
    stream = TextIngestor().read(write(tmp_path / "big.log", text), ReadOptions())
    first = next(stream)
    assert (first.number, first.total) == (1, 0)  # not known before the end
    assert first.text + "".join(page.text for page in stream) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "Grüße aus Köln, naïve café “quoted”\n" * 3
    (page,) = read(TextIngestor(), write(tmp_path / "a.txt", text.encode(encoding)))
    assert page.text == text


OLD_TEXTS = {
    "cp1251 koi8_r cp866": "Договор аренды заключён на пять лет. Плата составляет сорок тысяч рублей в месяц.",
    "cp1253": "Η σύμβαση μίσθωσης ισχύει για πέντε χρόνια και το ενοίκιο είναι τετρακόσια ευρώ.",
    "cp1255": "חוזה השכירות תקף לחמש שנים ודמי השכירות הם אלף שקלים.",
    "cp1256": "عقد الإيجار ساري لمدة خمس سنوات والإيجار ألف درهم.",
    "gb18030 gb2312": "图书馆的开放时间是每天上午九点到晚上十点。借书期限为三十天，逾期每天罚款五角。",
    "big5": "圖書館的開放時間是每天上午九點到晚上十點。借書期限為三十天，逾期每天罰款五角。",
    "cp932 euc_jp": "図書館の開館時間は午前九時から午後八時までです。貸出期間は二週間です。",
    "cp949 euc_kr": "도서관은 매일 오전 아홉 시부터 오후 열 시까지 엽니다. 대출 기간은 이 주일입니다.",
    "cp1250": "Zażółć gęślą jaźń. Umowa najmu trwa pięć lat, a czynsz płaci się do piątego dnia miesiąca.",
    "cp1250 ": "Nájemní smlouva byla uzavřena na pět let a nájem se platí každý měsíc. Příliš žluťoučký kůň.",
    "cp1250 iso8859-2": "Az árvíztűrő tükörfúrógép szerződése öt évre szól, a bérleti díj havonta fizetendő.",
    "cp1254 iso8859_9": "Kira sözleşmesi beş yıl geçerlidir. Şişli, Çağlayan, ığdır; kira her ay ödenmelidir.",
    "cp1252 latin_1": "El niño pequeño comió una manzana en el jardín; mañana irá a la montaña con su compañía.",
    "cp1252 iso8859_15": "L'élève a été reçu à l'université après ses épreuves ; il mange où la fenêtre est ouverte.",
    "koi8_u cp1251": "Договір оренди укладено на п'ять років. Її їжак іде додому щомісяця, і плата вноситься теж.",
    "cp1252": "Für das Café „Schöne Aussicht“ gilt: Kündigungsfrist 90 Tage – créée, réélue, ßß, Ñandú.",
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for names, text in OLD_TEXTS.items() for name in names.split()]
)
def test_old_encodings_are_told_from_the_text(tmp_path: Path, encoding: str, text: str) -> None:
    assert read(TextIngestor(), write(tmp_path / "old.txt", text.encode(encoding)))[0].text == text
    mixed = f"{text}\nAn English sentence stands below it.\n"
    assert read(TextIngestor(), write(tmp_path / "mixed.txt", mixed.encode(encoding)))[0].text == mixed
    page = f"<p>{text}</p>"
    assert read(HtmlIngestor(), write(tmp_path / "old.html", page.encode(encoding)))[0].text.strip() == text


def test_an_old_encoding_is_told_from_the_few_lines_that_show_it(tmp_path: Path) -> None:
    english = "A line of plain English without any special letter stands here.\n" * 60
    text = f"{english}Zażółć gęślą jaźń, a czynsz płaci się co miesiąc.\n{english}"
    pages = read(TextIngestor(), write(tmp_path / "old.txt", text.encode("cp1250")))
    assert "".join(page.text for page in pages) == text


def test_one_wrong_byte_does_not_spoil_a_utf8_file(tmp_path: Path) -> None:
    content = "Straße, Größe, Übergröße ".encode() + b"\xff" + " und Maß".encode()
    assert read(TextIngestor(), write(tmp_path / "a.txt", content))[0].text == "Straße, Größe, Übergröße \ufffd und Maß"


def test_a_character_at_the_end_of_the_sample_is_not_cut(tmp_path: Path) -> None:
    text = "x" * (pieces.SAMPLE_BYTES - 1) + "é" + "y" * 100
    assert "".join(page.text for page in read(TextIngestor(), write(tmp_path / "a.txt", text))) == text


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03" * 100, b"\x7fELF\x02\x01" + b"\x00" * 50])
def test_binary_data_is_no_text(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"a\.txt is no text file"):
        read(TextIngestor(), write(tmp_path / "a.txt", content))


def test_white_space_alone_is_empty(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="is empty"):
        read(TextIngestor(), write(tmp_path / "a.txt", b" \n\n\t"))


# ---------------------------------------------------------------- Markdown


def test_markdown_headings_and_title(tmp_path: Path) -> None:
    text = (
        "---\ntitle: The manual\n---\n# One #\ntext\n\nTwo\n===\n\n```sh\n# no heading\n```\n### Three\n\n- - -\nend\n"
    )
    (page,) = read(MarkdownIngestor(), write(tmp_path / "a.md", text))
    assert page.headings == ("One", "Two", "Three")
    assert page.title == "The manual"
    shown = "One\n\ntext\n\nTwo\n\n\n```sh\n# no heading\n```\nThree\n\n\n- - -\nend\n"
    assert page.text.endswith(shown)


def test_front_matter_of_either_kind_gives_the_title_and_a_lone_rule_is_none(tmp_path: Path) -> None:
    toml = read(MarkdownIngestor(), write(tmp_path / "a.md", '+++\ntitle = "Boiler notes"\n+++\n# Pressure\nText.\n'))
    assert (toml[0].title, toml[0].headings) == ("Boiler notes", ("Pressure",))
    ruled = read(MarkdownIngestor(), write(tmp_path / "b.md", "---\n\n# Pressure\nText.\n\n## Valves\nMore.\n"))
    assert (ruled[0].title, ruled[0].headings) == ("Pressure", ("Pressure", "Valves"))


def test_a_code_fence_that_spans_pages_holds_no_headings(tmp_path: Path) -> None:
    text = "# Title\n\n```\n" + "# comment\n" * 1500 + "```\n\n## After\n"
    pages = read(MarkdownIngestor(), write(tmp_path / "a.md", text))
    assert len(pages) > 2
    assert [heading for page in pages for heading in page.headings] == ["Title", "After"]
    assert read(MarkdownIngestor(), tmp_path / "a.md", first_page=2)[0].headings == ()


# ---------------------------------------------------------------- HTML


def test_html_is_the_text_a_reader_sees(tmp_path: Path) -> None:
    html = """<!doctype html><html><head><title> My
      page </title><style>p{color:red}</style></head><body><nav><a>Menu</a></nav><h1>Big <b>title</b></h1>
      <p>Some <i>wor</i>ds&nbsp;&amp; more.<br>Next line</p><script>var hidden = 1</script><!-- remark -->
      <table><tr><th>a</th><td>1</td></tr><tr><th>b</th><td>2</td></tr></table>
      <pre>def f():
    return 1</pre><img alt="a lamp"></body></html>"""
    (page,) = read(HtmlIngestor(), write(tmp_path / "a.html", html))
    assert page.title == "My page"
    assert page.headings == ("Big title",)
    assert "Some words & more.\nNext line\n" in page.text
    assert "a\t1\nb\t2\n" in page.text
    assert "def f():\n    return 1\n" in page.text
    assert "a lamp" in page.text
    for hidden in ("Menu", "var", "color", "remark"):
        assert hidden not in page.text


def test_rows_of_html_tables_have_the_same_number_of_cells(tmp_path: Path) -> None:
    html = """<html><body><p>Before</p><table><caption>Fares <b>in thousands</b> of euros</caption>
      <tr><td></td><th colspan=3>2021</th><th colspan=3>2020</th></tr>
      <tr><td colspan=7>By route</td></tr>
      <tr><td>Island</td><td>$</td><td>310</td><td></td><td>$</td><td>290</td><td></td></tr>
      <tr><td>Repairs</td><td></td><td>(17</td><td>)</td><td></td><td>(4</td><td>)</td></tr></table>
      <table><tr><td rowspan=2>Mon</td><td>9:00</td><td>Boat<br>drill</td></tr>
      <tr><td>10:30</td><td>Tea</td></tr></table>
      <table><tr><td>One column of layout</td></tr><tr><td>goes on</td></tr></table></body></html>"""
    (page,) = read(HtmlIngestor(), write(tmp_path / "a.html", html))
    assert page.text.splitlines() == [
        "Before",
        "",
        "Fares in thousands of euros",
        "\t2021\t2020",
        "By route\t\t",
        "Island\t$ 310\t$ 290",
        "Repairs\t(17)\t(4)",
        "",
        "Mon\t9:00\tBoat drill",
        "Mon\t10:30\tTea",
        "",
        "One column of layout",
        "goes on",
        "",
    ]


def test_html_in_its_declared_encoding(tmp_path: Path) -> None:
    html = '<html><head><meta charset="iso-8859-2"></head><body><p>Łódź źrebię</p></body></html>'
    (page,) = read(HtmlIngestor(), write(tmp_path / "a.html", html.encode("iso-8859-2")))
    assert page.text.strip() == "Łódź źrebię"


def test_deeply_nested_html_is_read(tmp_path: Path) -> None:
    html = "<div>" * 5000 + "deep" + "</div>" * 5000
    (page,) = read(HtmlIngestor(), write(tmp_path / "a.html", html))
    assert page.text.strip() == "deep"


def test_html_without_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="has no text"):
        read(HtmlIngestor(), write(tmp_path / "a.html", "<html><body><script>x()</script></body></html>"))


def test_long_html_has_its_headings_on_their_pages(tmp_path: Path) -> None:
    html = "".join(f"<h2>Part {n}</h2><p>{pdfs.prose(n, 300)}</p>" for n in range(12))
    pages = read(HtmlIngestor(), write(tmp_path / "a.html", f"<html><body>{html}</body></html>"))
    assert len(pages) > 3
    assert [heading for page in pages for heading in page.headings] == [f"Part {n}" for n in range(12)]
    assert all(heading in page.text for page in pages for heading in page.headings)


# ---------------------------------------------------------------- pictures


def _picture(path: Path) -> Path:
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=200)
        page.insert_text((30, 100), "Words in a picture", fontsize=24)
        page.get_pixmap(dpi=150).save(path)
    return path


def test_a_picture_without_language_data_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "SYSTEM_FOLDERS", ())
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    with pytest.raises(UnreadableFile, match=r"a\.png is a picture and was not read: OCR language data is missing"):
        read(ImageIngestor(), _picture(tmp_path / "a.png"), settings={"tessdata": str(tmp_path)})


def test_every_frame_of_a_tiff_is_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    frames = [Image.new("RGB", (200, 100), shade) for shade in ("white", "silver", "grey")]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    (tmp_path / "eng.traineddata").write_bytes((24).to_bytes(4, "little") + (200).to_bytes(8, "little") * 24)
    with pymupdf.open() as blank:
        blank.new_page().insert_text((72, 72), "words")
        monkeypatch.setattr(ocr, "recognise", lambda *_: bytes(blank.tobytes()))
        pages = read(ImageIngestor(), tmp_path / "a.tif", settings={"tessdata": str(tmp_path)})
    assert [(page.number, page.total, page.ocr) for page in pages] == [(1, 3, True), (2, 3, True), (3, 3, True)]


@pytest.mark.parametrize("name", ["a.webp", "a.avif", "webp under another name.png"])
def test_pictures_that_mupdf_does_not_open_are_converted(tmp_path: Path, name: str) -> None:
    from PIL import Image

    kind = "AVIF" if name.endswith("avif") else "WEBP"
    Image.new("RGB", (300, 200), "white").save(tmp_path / name, kind)
    view = ImageIngestor().draw(tmp_path / name, 1, 600, (0, 0), ReadOptions(settings={"tessdata": str(tmp_path)}))
    assert (view.width, view.pages) == (600, 1)
    assert set(view.rgb) == {255}


@pytest.mark.parametrize("content", [b"RIFF\x24\x00\x00\x00WEBPVP8 rubbish", b"\x00\x00\x00\x18ftypavif"])
def test_a_damaged_picture_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        read(ImageIngestor(), write(tmp_path / "a.webp", content))


def _large_header() -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


@pytest.mark.parametrize(
    ("content", "words"),
    [(_large_header(), "too large a picture"), (bytes(range(256)), "damaged and cannot be shown")],
)
def test_a_picture_that_opens_and_cannot_be_read_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, words: str
) -> None:
    monkeypatch.setattr(ocr, "find", lambda settings: ocr.Ocr("/nowhere", "eng"))
    path = write(tmp_path / "a.png", b"\x89PNG\r\n\x1a\n" + content)
    with pytest.raises(UnreadableFile, match=words):
        read(ImageIngestor(), path)


@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_real_ocr_reads_a_picture(tmp_path: Path, name: str) -> None:
    """Needs language data with a recogniser on this machine (TESSDATA_PREFIX or the system's)."""
    language = ocr.find({})
    if language.problem:
        pytest.skip(language.problem)
    from PIL import Image

    picture = _picture(tmp_path / "a.png")
    if name != picture.name:
        Image.open(picture).save(tmp_path / name)
    (page,) = read(ImageIngestor(), tmp_path / name)
    assert page.ocr
    assert "picture" in page.text.lower()


# ---------------------------------------------------------------- which ingestor

OURS = register_ingestors(host=None)  # type: ignore[arg-type]  # this plugin asks nothing of its host


@pytest.mark.parametrize(
    ("name", "content", "reader"),
    [
        ("a.pdf", b"%PDF-1.7\n...", "pdf"),
        ("a.PDF", b"junk before\n%PDF-1.7\n...", "pdf"),
        ("a.txt", b"%PDF-1.7\n...", "pdf"),
        ("noname", b"%PDF-1.7\n...", "pdf"),
        ("a.pdf", b"\n <!DOCTYPE html><html>", "html"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n", "image"),
        ("README", b"just words", "text"),
        ("a.strange", b"just words", "text"),
        ("a.txt", b"MZ is how it begins, ID3 too", "text"),
        ("a.py", b"if head.startswith(b'%PDF-'): pass", "text"),
        ("a.md", b"<html> in Markdown", "markdown"),
        ("a.jpeg", b"\x89PNG\r\n\x1a\n", "image"),
        ("page.htm", b"<p>fragment", "html"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBP", "image"),
        ("a.png", b"RIFF\x00\x00\x00\x00WEBP", "image"),
        ("a.avif", b"\x00\x00\x00\x18ftypavif", "image"),
    ],
)
def test_the_ingestor_is_chosen_by_name_and_content(tmp_path: Path, name: str, content: bytes, reader: str) -> None:
    assert reader_kinds.choose(write(tmp_path / name, content), OURS).name == reader


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.docx", b"PK\x03\x04...", "Word files are not read yet"),
        ("a.xlsx", b"PK\x03\x04...", "Spreadsheets are not read yet"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic", "Save it as PNG or JPEG"),
        ("a.pdf", b"PK\x03\x04...", "not read"),
        ("a.txt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "Office files are not read yet"),
        ("a.txt", b"\x7fELF\x02\x01\x00\x00\x00", "Programs are not read"),
        ("a.eml", b"From: someone", "Mail files are not read yet"),
        ("a.zip", b"PK\x03\x04...", "Unpack it"),
        ("strange", b"\x00\x01\x02", "are not read"),
        ("a.pdf", b"", "is empty"),
    ],
)
def test_other_kinds_are_refused_in_words(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    with pytest.raises(reader_kinds.FileRefused, match=words) as caught:
        reader_kinds.choose(write(tmp_path / name, content), OURS)
    assert name in str(caught.value)
    assert caught.value.todo


def test_an_added_plugin_can_take_over_a_suffix(tmp_path: Path) -> None:
    class Theirs:
        name = "theirs"
        suffixes = (".pdf", ".docx")

        def read(self, path: Path, options: ReadOptions) -> Any:
            raise NotImplementedError

    both = (*OURS, Theirs())
    assert reader_kinds.choose(write(tmp_path / "a.pdf", b"%PDF-1.4"), both).name == "theirs"
    assert reader_kinds.choose(write(tmp_path / "a.docx", b"PK\x03\x04"), both).name == "theirs"


# ---------------------------------------------------------------- words that soft hyphens part


async def test_a_word_with_soft_hyphens_is_found_and_quoted_whole(data: Path, tmp_path: Path) -> None:
    page = "<h1>Haus\xadord\xadnung</h1><p>Der Auf\xadzug ist am Mon\xadtag außer Betrieb.</p>"
    (tmp_path / "aushang.html").write_text(f"<html><body>{page}</body></html>")
    async with desk() as one:
        reports = await one.read(data / "cases" / "files" / "hausordnung.pdf", tmp_path / "aushang.html")
        assert [report.status for report in reports] == ["ingested"] * 2
        found = await one.memory.quote("Wo stehen die Fahrräder?")
        assert found.quotes[0].text == "Fahrräder stehen im Keller."
        found = await one.memory.quote("Wann ist der Aufzug außer Betrieb?")
        assert found.quotes[0].text == "Der Aufzug ist am Montag außer Betrieb."
