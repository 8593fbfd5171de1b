"""Text files, web pages and what programs wrap, as a person sees them. Each test writes its own file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.memory.ingest.conftest import desk
from trayassist.api import Ingestor, Page, ReadOptions, UnreadableFile
from trayassist.workers.reader import kinds
from trayassist_ingest import register_ingestors
from trayassist_ingest.containers import CardIngestor, SavedPageIngestor, SubtitleIngestor, join_speech
from trayassist_ingest.html import HtmlIngestor
from trayassist_ingest.text import MarkdownIngestor, TextIngestor, show_line


def read(ingestor: Ingestor, path: Path, content: bytes | str) -> list[Page]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(ingestor.read(path, ReadOptions(settings={"ocr": False})))


def text_of(tmp_path: Path, content: bytes | str, name: str = "a.txt") -> str:
    return "\n".join(page.text for page in read(TextIngestor(), tmp_path / name, content))


# ---- text of terminals, holes, encodings


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[31mERROR\x1b[0m pump \x1b[1;33;40mhot\x1b[m\n", "ERROR pump hot\n"),
        ("\x1b]0;a title\x07$ ls\x1b[K\n", "$ ls\n"),
        ("\x1b[38;2;255;0;0mred\x1b[39m tide\x1b(B\n", "red tide\n"),
        ("N\x08NA\x08AM\x08ME\x08E  _\x08t_\x08h_\x08e tide\n", "NAME  the tide\n"),
        ("^[[31mERROR^[[0m as text\n", "ERROR as text\n"),
        ("10 %\r50 %\r100 % done\n", "10 %\n50 %\n100 % done\n"),
        ("a [31m in brackets stays\n", "a [31m in brackets stays\n"),
    ],
)
def test_text_is_as_a_terminal_shows_it(tmp_path: Path, written: str, shown: str) -> None:
    assert text_of(tmp_path, written, "run.log") == shown


def test_a_code_between_two_reads_is_none_of_the_text(tmp_path: Path) -> None:
    for length in range(3990, 4004):
        assert "[31m" not in text_of(tmp_path, "x" * length + "\x1b[31mred\x1b[0m tide", "run.log")


@pytest.mark.parametrize(
    "content",
    [
        b"boot ok\n" * 20 + b"\x00" * 3000 + b"gate motor hot at 88 degrees\n",
        b"\x00" * 5000 + b"gate motor hot at 88 degrees\n",
        b"gate motor hot at 88 degrees\x00\nnext\x00\n",
    ],
)
def test_nul_bytes_are_holes_in_a_text(tmp_path: Path, content: bytes) -> None:
    text = text_of(tmp_path, content, "crash.log")
    assert "gate motor hot at 88 degrees" in text
    assert "\x00" not in text


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03" * 500, b"\x00" * 4000, bytes(range(256)) * 20])
def test_binary_data_is_no_text(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        text_of(tmp_path, content)


UNMARKED = {
    "en": "The lease of the boat shed runs for six years.\n",
    "ru": "Договор аренды склада действует шесть лет.\n",
    "el": "Η σύμβαση ισχύει για έξι χρόνια.\n",
    "ja": "契約の期間は五年とする。\n家賃は月額九万円です。\n",
    "ko": "계약 기간은 오 년이다. 월세는 매달 구만 원이다.\n",
}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", UNMARKED)
def test_utf16_without_a_mark_is_read(tmp_path: Path, language: str, encoding: str) -> None:
    assert text_of(tmp_path, UNMARKED[language].encode(encoding)) == UNMARKED[language]


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "cp437", "mac_roman"])
@pytest.mark.parametrize(
    "text",
    [
        "Herr Jägerin mäht die Wiese. Die Gebühr beträgt fünf Euro für große Höfe.",
        "Die Müllerin trägt Säcke.",
        "Où êtes-vous ? Le café de l'école coûte trois euros, ça dépend de l'été.",
        "La señora Muñoz cerrará el jardín mañana, dijo el capitán.",
    ],
)
def test_western_text_of_windows_dos_and_macintosh_is_told_apart(tmp_path: Path, text: str, encoding: str) -> None:
    if encoding == "mac_roman" and text.startswith("Die"):
        pytest.skip("so few letters are words in DOS, too")
    assert text_of(tmp_path, text.encode(encoding)) == text


def test_a_file_of_two_encodings_is_read_in_both(tmp_path: Path) -> None:
    new, old = "Größe der Halle: 40 m\n", "Müllerin übernimmt die Schlüssel für das Büro\n"
    for first, second in ((5, 3), (1, 20), (30, 1)):
        text = text_of(tmp_path, new.encode() * first + old.encode("cp1252") * second)
        assert text == new * first + old * second


def test_text_that_was_decoded_wrongly_once_is_mended(tmp_path: Path) -> None:
    assert text_of(tmp_path, "GrÃ¶ÃŸe, dâ€™eau, 5 â‚¬, SÃ£o") == "Größe, d’eau, 5 €, São"
    assert text_of(tmp_path, "SÃO PAULO, IRMÃ, Â") == "SÃO PAULO, IRMÃ, Â"


# ---- wrapped lines, endless lines, rows far from their head


def test_words_that_lines_part_are_whole_in_prose_and_not_in_data(tmp_path: Path) -> None:
    wrapped = "a new parab-\nolic reflector\n"
    assert text_of(tmp_path, wrapped) == "a new parabolic\nreflector\n"
    assert text_of(tmp_path, wrapped, "a.csv") == wrapped
    (page,) = read(MarkdownIngestor(), tmp_path / "a.md", f"{wrapped}\n```\nls parab-\nolic\n```\n")
    assert "parabolic" in page.text
    assert "parab-\nolic" in page.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '{"b":[' + ",".join(f'{{"id":{n},"boat":"Vessel{n}","fee":{2 * n}}}' for n in range(3000)) + "]}"),
        ("a.xml", "<b>" + "".join(f"<boat><name>Vessel{n}</name></boat>" for n in range(3000)) + "</b>"),
        ("a.js", ";".join(f"var v{n}='Vessel{n}'" for n in range(3000))),
        ("a.txt", ".".join(f"Vessel{n}" for n in range(3000))),
    ],
)
def test_no_word_of_an_endless_line_is_cut(tmp_path: Path, name: str, content: str) -> None:
    pages = read(TextIngestor(), tmp_path / name, content)
    words = {word for page in pages for word in re.findall(r"Vessel\d+", page.text)}
    assert words == {f"Vessel{n}" for n in range(3000)}
    assert len(pages) > 5


def test_every_page_of_a_table_begins_with_its_head_row(tmp_path: Path) -> None:
    rows = "".join(f"W{n:04},part {n},{n}.50\n" for n in range(300))
    pages = read(TextIngestor(), tmp_path / "a.csv", f"sku,product,price_eur\n{rows}")
    assert len(pages) > 3
    assert all(page.text.startswith("sku\tproduct\tprice_eur\n") for page in pages)
    assert sum(page.text.count("sku") for page in pages) == len(pages)
    later = list(TextIngestor().read(tmp_path / "a.csv", ReadOptions(first_page=3)))
    assert [page.text for page in later] == [page.text for page in pages[2:]]
    pages = read(TextIngestor(), tmp_path / "b.csv", rows)  # no row that names columns
    assert not pages[1].text.startswith("W0000")


async def test_a_row_far_down_a_table_answers_by_the_name_of_its_column(tmp_path: Path) -> None:
    rows = "".join(f"K{n:04},lamp {n},{3 * n}.25\n" for n in range(600))
    (tmp_path / "lamps.csv").write_text(f"code,article,weight_kg\n{rows}")
    async with desk() as one:
        await one.read(tmp_path / "lamps.csv")
        found = await one.memory.quote("What is the weight_kg of K0417?")
        assert "1251.25" in found.quotes[0].text


# ---- Markdown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("The <b>fee</b> is **18&nbsp;euros**.", "The fee is 18 euros."),
        ("See [[Berth list|the berths]] and [the map](http://a.b/c_(d) 'title').", "See the berths and the map."),
        ("![a chart](chart.png) and ![[photo.png]]", "a chart and photo.png"),
        ("*Dogs* stay on the __lead__, ***always***.", "Dogs stay on the lead, always."),
        ("> > Quoted **twice**", "Quoted twice"),
        ("> [!NOTE]", "Note"),
        ("> [!warning] Low water", "Warning: Low water"),
        ("Call `snake_case_name(*args)` now", "Call snake_case_name(*args) now"),
        ("file_name_here and 2 * 3 * 4 stay", "file_name_here and 2 * 3 * 4 stay"),
        (r"five \* stars \_here\_", "five * stars _here_"),
        ("- [x] paid ~~late~~", "- [x] paid late"),
        ("A claim[^1] and <https://a.b/c>", "A claim(1) and https://a.b/c"),
        ("[1]: http://a.b 'where'", ""),
        ("if a < b and c > d", "if a < b and c > d"),
        ("| **Berth** | `Fee` |", "| Berth | Fee |"),
        ("Tom &amp; Jerry &lt;3", "Tom & Jerry <3"),
    ],
)
def test_a_line_of_markdown_reads_as_it_is_shown(written: str, shown: str) -> None:
    assert show_line(written) == shown


async def test_markdown_is_quoted_without_its_marks(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Moorings\nThe **harbour** fee is _22&nbsp;crowns_ a [night](x.md).\n")
    async with desk() as one:
        await one.read(tmp_path / "a.md")
        found = await one.memory.quote("What is the harbour fee?")
        assert found.quotes[0].text == "The harbour fee is 22 crowns a night."


# ---- web pages


def page_text(tmp_path: Path, body: str, head: str = "") -> str:
    (page,) = read(
        HtmlIngestor(), tmp_path / "a.html", f"<html><head>{head}</head><body><p>Seen.</p>{body}</body></html>"
    )
    return " ".join(page.text.split())


@pytest.mark.parametrize(
    "body",
    [
        '<div style="display:none">quince</div>',
        '<p style="color: red; visibility : hidden">quince</p>',
        "<p hidden>quince</p>",
        '<p hidden="until-found">quince</p>',
        '<p style="font-size:0">quince</p>',
        '<p style="font-size: 1px">quince</p>',
        '<p style="opacity:0">quince</p>',
        '<p style="color:#fff">quince</p>',
        '<p style="color: white; background-color: WHITE">quince</p>',
        '<p style="color: #123456; background: #123456">quince</p>',
        '<p style="position:absolute; left:-9999px">quince</p>',
        '<p style="text-indent:-5000px">quince</p>',
        '<div style="height:0;overflow:hidden">quince</div>',
        '<p class="off note">quince</p>',
        '<p id="gone">quince</p>',
        '<font color="#FFFFFF">quince</font>',
        '<input type="hidden" value="quince">',
        '<input type="password" value="quince">',
        "<template>quince</template><script>quince</script><!-- quince -->",
        '<div style="display:none"><p>and <b>quince</b></p></div>',
    ],
)
def test_what_a_page_does_not_show_is_no_text(tmp_path: Path, body: str) -> None:
    style = (
        "<style>/* off */ .off { display: none } #gone{visibility:hidden} p::before{display:none} @media x{}</style>"
    )
    assert page_text(tmp_path, body, style) == "Seen."


@pytest.mark.parametrize(
    "body",
    [
        '<p style="color:#fff; background:#003366">quince</p>',
        '<p style="font-size:10px">quince</p>',
        '<p style="opacity:0.8">quince</p>',
        '<p style="left:-20px">quince</p>',
        '<p aria-hidden="true">quince</p>',
        '<p style="height:0.5em">quince</p>',
        "<details><summary>More</summary>quince</details>",
        '<p class="on">quince</p>',
    ],
)
def test_what_a_page_shows_stays(tmp_path: Path, body: str) -> None:
    assert "quince" in page_text(tmp_path, body, "<style>.off{display:none}</style>")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('<ol start="3"><li>Fog</li><li>Ice</li></ol>', "3. Fog 4. Ice"),
        ('<ol><li>Fog</li><li value="7">Ice</li><li>Rain</li></ol>', "1. Fog 7. Ice 8. Rain"),
        ("<ol reversed><li>Fog</li><li>Ice</li></ol>", "2. Fog 1. Ice"),
        ('<ol type="a"><li>Fog</li><li>Ice</li></ol>', "a. Fog b. Ice"),
        ('<ol type="I" start="4"><li>Fog</li></ol>', "IV. Fog"),
        ("<ol><li>One<ul><li>dot</li></ul></li><li>Two</li></ol>", "1. One dot 2. Two"),
        ('<label>Master <input value="Sigrun Dahl"></label>', "Master Sigrun Dahl"),
        ("<label>Soup <input type=checkbox checked></label> <label>Fish <input type=radio></label>", "Soup ☒ Fish ☐"),
        ("<label>Size <select><option>Small<option selected>Large</select></label>", "Size Large"),
        ("<label>Note <textarea>Bring rope</textarea></label><input type=submit value=Send>", "Note Bring rope"),
        ("<p>From <ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>.</p>", "From 東京."),
        ("<p>3 x 10<sup>6</sup> and 40 m<sup>2</sup></p>", "3 x 10⁶ and 40 m²"),
        ("<p>Sales of 4,812<sup>[3]</sup> crowns, H<sub>2</sub>O</p>", "Sales of 4,812 ³ crowns, H2O"),
        ("<p>Haus&shy;ordnung, key&#8203;board, Bu&#776;ro</p>", "Hausordnung, keyboard, Büro"),
    ],
)
def test_a_page_reads_as_it_is_shown(tmp_path: Path, body: str, shown: str) -> None:
    assert page_text(tmp_path, body) == f"Seen. {shown}"


# ---- calendars, cards, subtitles, saved pages

CALENDAR = """BEGIN:VCALENDAR\r
BEGIN:VTIMEZONE\r
DTSTART:19700101T000000\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
DTSTART;TZID=Europe/Oslo:20330412T193000\r
DURATION:PT1H30M\r
RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=6\r
SUMMARY:Rowing course\\, for begin\r
 ners\r
LOCATION:Boathouse\\; upper hall\r
ORGANIZER;CN="Ida Moen":mailto:ida@example.com\r
DESCRIPTION:Bring shoes.\\nNo dogs.\r
BEGIN:VALARM\r
DESCRIPTION:Reminder\r
END:VALARM\r
END:VEVENT\r
BEGIN:VTODO\r
SUMMARY:Paint the hull\r
DUE;VALUE=DATE:20330501\r
END:VTODO\r
END:VCALENDAR\r
"""


def test_a_calendar_reads_as_people_write_dates(tmp_path: Path) -> None:
    (page,) = read(CardIngestor(), tmp_path / "a.ics", CALENDAR)
    first, second = page.text.split("\n\n")
    assert first == (
        "Rowing course, for beginners: Begins: Tuesday, 12 April 2033 (2033-04-12), 19:30; Lasts: 1 hour, 30 minutes; "
        "Repeats: every week on Tue, Thu, 6 times; Place: Boathouse; upper hall; Organised by: Ida Moen.\n"
        "Bring shoes.\nNo dogs."
    )
    assert second == "Paint the hull: Due: Sunday, 1 May 2033 (2033-05-01)."


def test_an_address_card_reads_as_a_sentence(tmp_path: Path) -> None:
    card = (
        "BEGIN:VCARD\nVERSION:3.0\nN:Lindqvist;Sólrún;;;\nFN:Sólrún Lindqvist\nitem1.TEL;TYPE=CELL:+47 555 0199\n"
        "EMAIL;TYPE=work:sol@example.com\nADR;TYPE=HOME:;;Quay 4;Bergen;;5003;\nBDAY:1981-03-09\n"
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\nEND:VCARD\n"
    )
    (page,) = read(CardIngestor(), tmp_path / "a.vcf", card)
    assert page.text == (
        "Sólrún Lindqvist: Telephone (cell): +47 555 0199; E-mail (work): sol@example.com; "
        "Address (home): Quay 4, Bergen, 5003; Birthday: Monday, 9 March 1981 (1981-03-09)."
    )


def test_subtitles_are_running_text() -> None:
    srt = (
        "1\n00:00:01,000 --> 00:00:04,000\n<i>Welcome</i> here.\n\n2\n00:00:05,000 --> 00:00:07,000\nThe crane was\n\n"
    )
    srt += "3\n00:00:07,100 --> 00:00:09,000\nbuilt in 1893.\n"
    assert list(join_speech(srt)) == ["Welcome here. The crane was built in 1893."]
    vtt = "WEBVTT\n\nNOTE a remark\n\nintro\n00:01.000 --> 00:04.000 align:start\n<v Ida>Tom &amp; I\n\n"
    vtt += "00:04.000 --> 00:06.000\nTom &amp; I\n\n00:06.500 --> 00:09.000\nrowed <00:07.000>home.\n"
    assert list(join_speech(vtt)) == ["Tom & I rowed home."]


def test_subtitles_open_in_pieces(tmp_path: Path) -> None:
    cues = "".join(f"{n}\n00:00:01,000 --> 00:00:02,000\nSentence number {n} ends.\n\n" for n in range(1, 600))
    pages = read(SubtitleIngestor(), tmp_path / "a.srt", cues)
    assert len(pages) > 2
    assert all("-->" not in page.text for page in pages)


SAVED = """From: <Saved by Blink>\r
Subject: Tides\r
MIME-Version: 1.0\r
Content-Type: multipart/related; type="text/html"; boundary="--X"\r
\r
----X\r
Content-Type: text/html; charset="%s"\r
Content-Transfer-Encoding: quoted-printable\r
\r
<html><head><title>Tides</title></head><body><p hidden>quince</p><p>High wa=\r
ter at 06:40. F=%s rt.</p></body></html>\r
----X\r
Content-Type: image/png\r
Content-Transfer-Encoding: base64\r
\r
iVBORw0KGgo=\r
----X--\r
"""


@pytest.mark.parametrize(("charset", "letter"), [("utf-8", "C3=A4h"), ("iso-8859-1", "E4h")])
@pytest.mark.parametrize("name", ["a.mhtml", "a.mht"])
def test_the_page_inside_a_saved_page_is_read(tmp_path: Path, name: str, charset: str, letter: str) -> None:
    (page,) = read(SavedPageIngestor(), tmp_path / name, SAVED % (charset, letter))
    assert page.text.split() == ["High", "water", "at", "06:40.", "Fäh", "rt."]
    assert page.title == "Tides"


# ---- names that are not what the file is

TEXT = "Berth\tBoat\n17\tAlbatross, owned by Pavlow\n"


@pytest.mark.parametrize(
    ("name", "content", "read_by", "told"),
    [
        ("a.xls", TEXT, "text", "plain text"),
        ("a.doc", TEXT, "text", "plain text"),
        ("a.dot", 'digraph g { a -> b [label="opens at noon"]; }', "text", "plain text"),
        ("a.pages", TEXT, "text", "plain text"),
        ("a.mp3", TEXT, "text", "plain text"),
        ("a.o", TEXT, "text", "plain text"),
        ("a.pdf", TEXT, "text", "plain text"),
        ("a.png", TEXT, "text", "plain text"),
        ("a.pdf", '{"error": "not found"}', "text", "text (JSON)"),
        ("a.pdf", "<?xml version='1.0'?><error/>", "text", "text (XML)"),
        ("a.pdf", "<!DOCTYPE html><html><body>Sign in</body></html>", "html", "a web page (HTML)"),
        ("a.xls", "<table><tr><td>17</td></tr></table>", "html", "a web page (HTML)"),
        ("a.doc", "%PDF-1.7\n", "pdf", "a PDF"),
        ("a.jpg", "%PDF-1.7\n", "pdf", "a PDF"),
        ("a.png", b"\xff\xd8\xff\xe0", "image", ""),
        ("a.txt", TEXT, "text", ""),
        ("a.xhtml", "<?xml version='1.0'?><html/>", "html", ""),
        ("a", TEXT, "text", ""),
    ],
)
def test_a_file_is_read_as_what_it_is_and_its_line_says_so(
    tmp_path: Path, name: str, content: Any, read_by: str, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert kinds.choose(path, list(register_ingestors(None))).name == read_by  # type: ignore[arg-type]
    note = kinds.tell_misnamed(path)
    assert told in note if told else note == ""


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.eml", b"From: a\n\nhello"), ("a.svg", b"<svg/>"), ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00")],
)
def test_formats_that_are_not_read_are_still_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(kinds.FileRefused):
        kinds.choose(tmp_path / name, list(register_ingestors(None)))  # type: ignore[arg-type]


async def test_the_line_of_a_misnamed_file_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "bill.pdf").write_text("<!doctype html><html><body><h1>Sign in</h1><p>Session over.</p></body></html>")
    async with desk() as one:
        (report,) = await one.read(tmp_path / "bill.pdf")
        assert report.status == "ingested"
        assert "a web page (HTML)" in report.reason
