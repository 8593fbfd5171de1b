"""The answer view: updates together, colours code late, copies it, fetches nothing."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextDocument, QTextFormat, QTextTable
from PySide6.QtTest import QTest

from tests.ui.conftest import Until
from trayassist.ui.answer.answer_view import MOST_BLOCKS, MOST_SHOWN, AnswerView, CopyButton
from trayassist.ui.answer.highlight import spans
from trayassist.ui.answer.markdown_stream import DEEPEST_QUOTE, LINE_SHOWN
from trayassist.ui.widgets.colors import DARK, LIGHT
from trayassist.ui.widgets.theme import Theme

CODE = "Here:\n\n```python\ndef f(x):\n    return 'a'  # why\n```\n\nDone.\n"


def view(theme: Theme) -> AnswerView:
    result = AnswerView(theme)
    theme.dress(result)
    result.resize(500, 400)
    result.show()
    return result


def colours(shown: AnswerView) -> set[str]:
    found: set[str] = set()
    block = shown.document().begin()
    while block.isValid():
        found |= {stretch.format.foreground().color().name() for stretch in block.layout().formats()}  # type: ignore[attr-defined]
        block = block.next()
    return found


def copy_buttons(shown: AnswerView) -> list[CopyButton]:
    return [button for button in shown.findChildren(CopyButton) if button.isVisible()]


async def whole(shown: AnswerView, text: str, until: Until) -> None:
    """Show all of `text`."""
    shown.add_text(text)
    shown.finish()
    await until(lambda: shown.is_complete)


async def test_pieces_are_shown_together(theme: Theme, until: Until) -> None:
    """F: tokens are coalesced; forty pieces at once are one update."""
    shown = view(theme)
    updates: list[int] = []
    shown.document().contentsChanged.connect(lambda: updates.append(1))
    for _ in range(40):
        shown.add_text("word ")
    assert updates == []
    await until(lambda: shown.toPlainText().count("word") == 40)
    assert len(updates) <= 2


async def test_a_huge_piece_is_written_in_slices(theme: Theme, until: Until) -> None:
    shown = view(theme)
    shown.add_text("A sentence of words.\n\n" * 2_000)
    shown.finish()
    turns = 0
    while not shown.is_complete:
        await asyncio.sleep(0)
        turns += 1
    assert shown.toPlainText().count("sentence") == 2_000
    assert turns > 10


async def test_code_is_coloured_when_its_fence_is_closed_in_both_themes(theme: Theme, until: Until) -> None:
    shown = view(theme)
    shown.add_text(CODE[:40])
    await asyncio.sleep(0.2)
    assert colours(shown) == set()
    shown.add_text(CODE[40:])
    shown.finish()
    await until(lambda: {LIGHT.keyword, LIGHT.string, LIGHT.comment} <= colours(shown))
    theme.set_mode("dark")
    await until(lambda: {DARK.keyword, DARK.string, DARK.comment} <= colours(shown))
    assert shown.toPlainText().startswith("Here:")
    assert not {LIGHT.keyword} & colours(shown)


async def test_unknown_languages_stay_plain(theme: Theme, until: Until) -> None:
    shown = view(theme)
    shown.add_text("```nonsense\nfor x in y\n```\n")
    shown.finish()
    await until(lambda: shown.is_complete)
    await asyncio.sleep(0.1)
    assert colours(shown) == set()


def test_spans_say_line_and_column() -> None:
    found = {(span.line, span.start, span.length): span.color for span in spans("python", "x = 1\n# two\n")}
    assert found[1, 0, 5] == "comment"
    assert found[0, 4, 1] == "number"


async def test_each_code_block_has_a_copy_button_that_copies_it(theme: Theme, until: Until) -> None:
    shown = view(theme)
    shown.add_text(CODE + "\n```sh\nls -l\n```\n")
    shown.finish()
    await until(lambda: len(copy_buttons(shown)) == 2)
    first, second = copy_buttons(shown)
    first.click()
    assert QGuiApplication.clipboard().text() == "def f(x):\n    return 'a'  # why"
    second.click()
    assert QGuiApplication.clipboard().text() == "ls -l"
    assert first.pos().y() < second.pos().y()
    shown.lock(locked=True)
    first.click()
    assert QGuiApplication.clipboard().text() == "ls -l"


async def test_nothing_is_ever_fetched(theme: Theme, until: Until) -> None:
    """S: an image or a style sheet in an answer must not call home or read a file."""
    shown = view(theme)
    shown.add_text(
        "![x](file:///etc/passwd) ![y](http://evil.example/y.png)\n\n<img src='http://evil.example/z.png'>\n"
    )
    shown.finish()
    await until(lambda: shown.is_complete)
    for kind in QTextDocument.ResourceType:
        for address in ("file:///etc/passwd", "http://evil.example/y.png", "qrc:/x"):
            assert shown.loadResource(kind.value, QUrl(address)) is None
            assert shown.document().loadResource(kind.value, QUrl(address)) is None
    assert "[x]" in shown.toPlainText()


async def test_only_web_links_go_out_and_marks_go_to_their_page(theme: Theme, until: Until) -> None:
    shown = view(theme)
    links: list[str] = []
    marks: list[int] = []
    shown.link_clicked.connect(lambda link: links.append(link.toString()))
    shown.citation_clicked.connect(marks.append)
    for address in ("file:///etc/passwd", "javascript:alert(1)", "https://example.org/", "cite:7", "trayassist:x"):
        shown.anchorClicked.emit(QUrl(address))
    assert links == ["https://example.org/"]
    assert marks == [7]


async def test_an_answer_that_comes_at_once_is_read_from_its_top(theme: Theme, until: Until) -> None:
    shown = view(theme)
    shown.add_text("A line.\n\n" * 100)
    shown.finish()
    await until(lambda: shown.is_complete and shown.verticalScrollBar().maximum() > 100)
    assert shown.verticalScrollBar().value() == 0


async def test_text_can_be_selected_and_copied_by_keyboard(theme: Theme, until: Until) -> None:
    shown = view(theme)
    shown.add_text("Copy me.")
    shown.finish()
    await until(lambda: shown.is_complete)
    QTest.keySequence(shown, "Ctrl+A")
    QTest.keySequence(shown, "Ctrl+C")
    assert QGuiApplication.clipboard().text() == "Copy me."


# ---------------------------------------------------------------- what Qt would lay out for seconds


@pytest.mark.parametrize("line", ["x = 1; " * 70_000, "a" * 500_000], ids=["words", "one word"])
async def test_an_endless_line_of_code_is_cut_and_copied_whole(theme: Theme, until: Until, line: str) -> None:
    shown = view(theme)
    await whole(shown, f"```python\n{line}\nsecond\n```\n\nAfter.\n", until)
    assert shown.toPlainText().split("\n")[0] == line[:LINE_SHOWN] + "…"
    copy_buttons(shown)[0].click()
    assert QGuiApplication.clipboard().text() == f"{line}\nsecond"


async def test_what_is_too_long_to_be_laid_out_is_left_out_with_a_word_and_copied(theme: Theme, until: Until) -> None:
    for text in (
        "word " * 100_000,
        "- item\n" * 100_000,
        "|a|b|\n|---|---|\n" + "|x|y|\n" * 20_000,
        "# h\n\n" * 50_000,
    ):
        shown = view(theme)
        await whole(shown, text, until)
        assert shown.document().characterCount() < 1.2 * MOST_SHOWN
        assert shown.document().blockCount() < 1.2 * MOST_BLOCKS
        assert "more characters are not shown" in shown.toPlainText().split("\n")[-1]
        assert shown.markdown() == text
        shown.close()


async def test_a_very_wide_table_is_shown_as_it_was_written(theme: Theme, until: Until) -> None:
    row = "|".join(f"c{number}" for number in range(2_000))
    shown = view(theme)
    await whole(shown, f"{row}\n{'|'.join(['---'] * 2_000)}\n{row}\n", until)
    assert not [frame for frame in shown.document().rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert "c1999" in shown.toPlainText()


async def test_quotes_in_quotes_end_somewhere(theme: Theme, until: Until) -> None:
    shown = view(theme)
    await whole(shown, ">" * 5_000 + " deep\n", until)
    assert shown.document().firstBlock().blockFormat().property(QTextFormat.Property.BlockQuoteLevel) <= DEEPEST_QUOTE
    assert shown.toPlainText() == "deep"


async def test_code_that_begins_an_answer_has_its_head_and_its_button(theme: Theme, until: Until) -> None:
    shown = view(theme)
    await whole(shown, "```sh\nls\n```\n", until)
    assert shown.cursorRect(QTextCursor(shown.document().firstBlock())).top() >= 24, "room for language and button"
    assert len(copy_buttons(shown)) == 1
    shown.clear()
    await whole(shown, "Words.\n", until)
    assert shown.cursorRect(QTextCursor(shown.document().firstBlock())).top() < 24
