"""The answer view: updates together, colours code late, copies it, fetches nothing."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtTest import QTest

from tests.ui.conftest import Until
from trayassist.ui.answer.answer_view import SLICE, AnswerView
from trayassist.ui.answer.highlight import spans
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
    shown.add_text("A sentence of words.\n\n" * 5_000)
    shown.finish()
    most, before = 0, 0
    while not shown._ended:
        await asyncio.sleep(0)
        most, before = max(most, shown.parsed - before), shown.parsed
    assert shown.toPlainText().count("sentence") == 5_000
    assert most <= 3 * SLICE


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
    await until(lambda: shown._ended)
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
    await until(lambda: len([b for b in shown._buttons if b.isVisible()]) == 2)
    first, second = [button for button in shown._buttons if button.isVisible()]
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
    await until(lambda: shown._ended)
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
    await until(lambda: shown._ended and shown.verticalScrollBar().maximum() > 100)
    assert shown.verticalScrollBar().value() == 0


async def test_text_can_be_selected_and_copied_by_keyboard(theme: Theme, until: Until) -> None:
    shown = view(theme)
    shown.add_text("Copy me.")
    shown.finish()
    await until(lambda: shown._ended)
    QTest.keySequence(shown, "Ctrl+A")
    QTest.keySequence(shown, "Ctrl+C")
    assert QGuiApplication.clipboard().text() == "Copy me."
