"""Reasoning in the popup: one folded line above the answer, never in what is copied."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.ui.conftest import Until
from tests.ui.popup.scripted import Scripted, citation, finished_event, route, simple
from trayassist.api import Chunk, Routed
from trayassist.ui.popup import Popup

Make = Callable[..., Popup]


async def test_thoughts_are_folded_and_the_answer_is_without_them(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = [
        Routed(route()), Chunk("\nLet me see [9].\n", thought=True), 0.05, Chunk("5 % [1]."), citation(),
        finished_event("5 % [1].", citations=(citation(),)),
    ]  # fmt: skip
    window = popup(assistant)
    thoughts = window.panel.thoughts
    assert thoughts.isHidden()
    window.submit("late fees?")
    await until(thoughts.isVisible)
    assert thoughts.line.text() == "Thinking…"
    await until(lambda: "38 ms" in window.footer.words.text())
    await until(lambda: window.panel.view.toPlainText() == "5 % [1].")
    assert thoughts.line.text() == "Thought for 1 s"
    assert thoughts.text.isHidden()
    assert window.panel.copy_answer()
    assert QGuiApplication.clipboard().text() == "5 % [1]."
    assert [known.number for known in window.panel.citations] == [1]


async def test_the_line_opens_with_the_mouse_and_the_keyboard(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Routed(route()), Chunk("First. ", thought=True), 0.2, Chunk("Second.", thought=True), 30.0]
    window = popup(assistant)
    thoughts = window.panel.thoughts
    window.submit("q")
    await until(thoughts.isVisible)
    QTest.mouseClick(thoughts.line, Qt.MouseButton.LeftButton)
    await until(thoughts.text.isVisible)
    await until(lambda: thoughts.text.toPlainText() == "First. Second.")  # it grows while it is open
    assert thoughts.text.isReadOnly()
    assert thoughts.line.accessibleDescription() == "Folds what the model thought away"
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        opened = thoughts.text.isVisible()
        QTest.keyClick(thoughts.line, key)
        assert thoughts.text.isVisible() != opened
    assert thoughts.line.focusPolicy() & Qt.FocusPolicy.TabFocus


async def test_a_short_thought_is_shown_whole_and_from_its_beginning(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    thought = Chunk("I should look at clause four first, and at the grace period. " * 4, thought=True)
    assistant.script = [Routed(route()), thought, *simple("Done.")[1:]]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: window.panel.view.toPlainText() == "Done.")
    window.panel.thoughts.line.click()
    text = window.panel.thoughts.text
    await until(lambda: text.height() > 2 * text.fontMetrics().lineSpacing())
    await until(lambda: text.verticalScrollBar().maximum() == 0)
    assert text.verticalScrollBar().value() == 0


async def test_a_long_thought_scrolls_and_does_not_fill_the_window(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = [Routed(route()), Chunk("A line of thought.\n" * 300, thought=True), *simple("Done.")[1:]]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: window.panel.view.toPlainText() == "Done.")
    window.panel.thoughts.line.click()
    await until(window.panel.thoughts.text.isVisible)
    text = window.panel.thoughts.text
    assert text.height() < 12 * text.fontMetrics().lineSpacing()
    assert text.verticalScrollBar().maximum() > 100


async def test_the_next_question_begins_folded_and_empty(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Routed(route()), Chunk("Old.", thought=True), *simple("One.")[1:]]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: window.panel.view.toPlainText() == "One.")
    window.panel.thoughts.line.click()
    assistant.script = simple("Two.")
    window.submit("q2")
    await until(lambda: window.panel.view.toPlainText() == "Two.")
    assert window.panel.thoughts.isHidden()
    assert window.panel.thoughts.text.toPlainText() == ""
