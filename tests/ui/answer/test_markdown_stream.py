"""The answer as it streams is the document that the whole Markdown gives, however it was cut (F: streaming)."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextCursor, QTextDocument, QTextFormat

from trayassist.ui.answer.markdown_look import LANGUAGE, MarkdownLook
from trayassist.ui.answer.markdown_split import LONGEST
from trayassist.ui.answer.markdown_stream import FEATURES, ClosedDocument, MarkdownStream
from trayassist.ui.widgets.theme import Theme

PARTS = [
    "A paragraph with **bold**, *italics* and `code`.\nIts second line.\n",
    "# Heading with *emphasis*\n",
    "Setext\n------\n",
    "- one\n- two\n  - nested\n    1. deeper\n    2. still\n- three\n",
    "1. first\n\n   its second paragraph\n\n2. second\n",
    "7) seven\n8) eight\n",
    "- item with code\n\n  ```py\n  x = 1\n\n  y = 2\n  ```\n\n- last\n",
    "| a | b |\n|---|--:|\n| 1 | **2** |\n| 3 | 4 |\n",
    "```python\ndef f(x):\n\n\treturn x\n```\n",
    "~~~\nplain ``` inside\n\n- no list\n~~~\n",
    "   ```sh\n   echo indented\n     more\n   ```\n",
    "````\n```\ninner\n```\n````\n",
    "> quoted\n> text\n\n> another\n",
    "    indented code\n\n    more of it\n",
    "---\n",
    "* * *\n",
    "- [ ] open\n- [x] done\n",
    "Line with a [link](https://example.org/a) and ~~gone~~.\n",
    "para\n- interrupts\n\nthen text\n",
    "- a\n# heading ends the list\n\ntext\n",
    "- a\nlazy line\n\nnot lazy\n",
    "text\n```c\nint x;\n```\nafter\n",
    "Ümlaut, 漢字, emoji 🙂 and a tab\there.\n",
]
UNCLOSED = [
    "```js\nlet x = 1\n\nlet y",
    "text with `open code",
    "| a | b |\n|---|---|\n| 1",
    "- a\n  - b\n    ",
    "~~~\n",
]


def shape(document: QTextDocument) -> list[tuple[object, ...]]:
    """The document as people see it, without our margins and fonts."""
    result: list[tuple[object, ...]] = []
    block = document.begin()
    while block.isValid():
        look, items = block.blockFormat(), block.textList()
        is_rule = look.hasProperty(QTextFormat.Property.BlockTrailingHorizontalRulerWidth)
        if block.text() or items or is_rule or is_empty_cell(block):
            result.append(
                (
                    block.text(),
                    look.headingLevel(),
                    str(look.property(LANGUAGE) or "") if look.hasProperty(LANGUAGE) else None,
                    look.property(QTextFormat.Property.BlockQuoteLevel),
                    look.marker() if items else None,  # Qt's parser leaks a task's tick into what follows
                    is_rule,
                    (items.format().style(), items.format().indent(), items.itemNumber(block)) if items else None,
                    QTextCursor(block).currentTable() is not None,
                    () if look.hasProperty(LANGUAGE) else tuple(letters(block, bool(look.headingLevel()))),
                )
            )
        block = block.next()
    return result


def is_empty_cell(block: object) -> bool:
    """Whether the block is all there is in a table's cell. Qt's parser leaves a stray empty one beside text."""
    cursor = QTextCursor(block)  # type: ignore[call-overload]
    table = cursor.currentTable()
    if table is None:
        return False
    cell = table.cellAt(cursor)
    return bool(cell.firstCursorPosition().blockNumber() == cell.lastCursorPosition().blockNumber())


def letters(block: object, heading: bool) -> list[tuple[object, ...]]:
    result: list[tuple[object, ...]] = []
    iterator = block.begin()  # type: ignore[attr-defined]
    in_header_row = (table := QTextCursor(block).currentTable()) and table.cellAt(QTextCursor(block)).row() == 0  # type: ignore[call-overload]
    while not iterator.atEnd():
        fragment = iterator.fragment()
        look = fragment.charFormat()
        bold = heading or in_header_row or look.fontWeight() > 500
        kind = (bold, look.fontItalic(), look.fontFixedPitch(), look.fontStrikeOut(), look.anchorHref())
        if result and result[-1][1] == kind:
            result[-1] = (str(result[-1][0]) + fragment.text(), kind)
        else:
            result.append((fragment.text(), kind))
        iterator += 1
    return result


def whole(markdown: str) -> list[tuple[object, ...]]:
    document = ClosedDocument()
    document.setMarkdown("\n" + markdown, FEATURES)
    return shape(document)


def stream_markdown(markdown: str, cuts: list[int]) -> MarkdownStream:
    stream = MarkdownStream(ClosedDocument(), MarkdownLook(Theme("light")))
    edges = [0, *sorted(cuts), len(markdown)]
    for start, end in pairwise(edges):
        stream.feed(markdown[start:end])
    stream.finish()
    return stream


@pytest.mark.usefixtures("qapp")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=6),
    glue=st.lists(st.sampled_from(["\n", "\n", "\n\n", "  \n"]), min_size=6, max_size=6),
    end=st.sampled_from(["", "", *UNCLOSED]),
    seed=st.integers(0, 2**32),
    size=st.integers(1, 60),
)
def test_any_split_gives_what_a_full_parse_gives(
    parts: list[str], glue: list[str], end: str, seed: int, size: int
) -> None:
    """F: re-parsing only the last open block must not change what is shown."""
    markdown = "".join(part + between for part, between in zip(parts, glue, strict=False)) + end
    chance = random.Random(seed)
    cuts = [chance.randint(0, len(markdown)) for _ in range(len(markdown) // size)]
    assert shape(stream_markdown(markdown, cuts).document) == whole(markdown)


@pytest.mark.parametrize("markdown", [*PARTS, *UNCLOSED])
def test_letter_by_letter(qapp: object, markdown: str) -> None:
    stream = stream_markdown(markdown, list(range(len(markdown))))
    assert shape(stream.document) == whole(markdown)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="ab `*_#>-+1.|\n\t[]()!~:\\", max_size=120), step=st.integers(1, 9))
def test_rubbish_neither_raises_nor_loses_letters(qapp: object, text: str, step: int) -> None:
    stream = stream_markdown(text, list(range(0, len(text), step)))
    shown = stream.document.toPlainText()
    again = stream_markdown(text, []).document.toPlainText()
    assert shown == again
    assert shown.count("a") == text.count("a")


def test_text_after_an_empty_item_is_no_item(qapp: object) -> None:
    """CommonMark: an item that begins with a blank line is over. Qt's own parser counts the text in."""
    stream = stream_markdown("-\n\nafter\n", [2])
    assert stream.document.lastBlock().text() == "after"
    assert stream.document.lastBlock().textList() is None


def test_lone_carriage_returns_count_as_newlines(qapp: object) -> None:
    one = stream_markdown("a\r\n\r\n- b\r\n- c", [2, 3])
    assert shape(one.document) == whole("a\n\n- b\n- c")


def test_html_is_text_and_images_are_their_description(qapp: object) -> None:
    """S: nothing in an answer may be run or fetched."""
    stream = stream_markdown(
        'x <script>alert(1)</script> <img src="http://evil.example/a.png">\n\n![a chart](http://evil.example/b.png)\n',
        [5, 40],
    )
    text = stream.document.toPlainText()
    assert "<script>alert(1)</script>" in text
    assert "[a chart]" in text
    assert "\ufffc" not in text
    assert stream.document.loadResource(2, QUrl("http://evil.example/b.png")) is None


def test_only_web_links_are_links(qapp: object) -> None:
    stream = stream_markdown(
        "[a](javascript:alert(1)) [b](file:///etc/passwd) [c](https://example.org) [d](cite:1)", []
    )
    links = {kind[4] for _text, kind in letters(stream.document.begin(), False)}  # type: ignore[index]
    assert links == {"", "https://example.org"}


def test_a_late_definition_stays_text_and_cannot_capture_a_citation(qapp: object) -> None:
    stream = stream_markdown("See [1].\n\n[1]: http://evil.example\n", [4])
    assert "[1]: http://evil.example" in stream.document.toPlainText()
    stream.cite(1)
    links = {kind[4] for _text, kind in letters(stream.document.begin(), False)}  # type: ignore[index]
    assert links == {"", "cite:1"}


def test_citation_marks_become_links_before_and_after_they_are_known_but_not_in_code(qapp: object) -> None:
    stream = MarkdownStream(ClosedDocument(), MarkdownLook(Theme("light")))
    stream.feed("Early [1] and `a[1]`.\n\n```py\na[1]\n```\n")
    stream.cite(1)
    stream.feed("Late [1], unknown [2].\n")
    stream.finish()
    links = []
    block = stream.document.begin()
    while block.isValid():
        links += [text for text, kind in letters(block, False) if kind[4] == "cite:1"]  # type: ignore[index]
        block = block.next()
    assert links == ["[1]", "[1]"]


def test_code_ranges_name_language_and_lines(qapp: object) -> None:
    stream = stream_markdown("a\n\n```py\nx\ny\n```\n\n- b\n\n  ```c\n  z\n  ```\n", [9])
    found = [
        (code.language, [stream.document.findBlockByNumber(n).text() for n in range(code.first, code.last + 1)])
        for code in stream.codes
    ]
    assert found == [("py", ["x", "y"]), ("c", ["z"])]
    assert all(code.done for code in stream.codes)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("paragraphs", "Some words here, **bold** ones too.\n\n" * 2_700),
        ("one code block", "```py\n" + "value = compute(1, 2)\n" * 4_600),
        ("one paragraph", "word and *another* " * 5_300),
        ("one list", "- an item of a long list\n" * 4_000),
        ("one table", "| a | b |\n|---|---|\n" + "| one cell | another |\n" * 4_400),
        ("one line of letters", "x" * 100_000),
    ],
)
def test_a_hundred_thousand_characters_are_not_parsed_again_and_again(qapp: object, name: str, text: str) -> None:
    """Counts parsed characters: at 20 new ones a tick, no shape of answer may grow quadratic."""
    stream = MarkdownStream(ClosedDocument(), MarkdownLook(Theme("light")))
    most = 0
    for start in range(0, len(text), 2_000):
        before = stream.reparsed
        stream.feed(text[start : start + 2_000])
        most = max(most, stream.reparsed - before)
    stream.finish()
    assert most <= 3 * LONGEST + 4_000, name
    words = "".join(stream.document.toPlainText().split())
    assert words.count("x" if "letters" in name else "o") >= text.count("x" if "letters" in name else "o")


def test_no_table_has_so_many_cells_that_laying_it_out_is_felt(qapp: object) -> None:
    row = "| 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |\n"
    markdown = row + "|---" * 10 + "|\n" + row * 100
    stream = stream_markdown(markdown, list(range(400, len(markdown), 400)))  # as the view feeds it
    cells: dict[int, int] = {}
    block = stream.document.begin()
    while block.isValid():
        if (table := QTextCursor(block).currentTable()) is not None:
            cells[table.firstPosition()] = table.rows() * table.columns()
        block = block.next()
    assert sum(cells.values()) >= 1_000
    assert max(cells.values()) <= 300
