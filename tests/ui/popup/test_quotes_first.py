"""Quotes before a model's first word, and what a question was taken as a follow-up to, in a real popup."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.ui.conftest import Until
from tests.ui.popup.scripted import Scripted, citation, finished_event, passage, route
from trayassist.api import (
    Chunk,
    Citation,
    Evidence,
    FollowUp,
    Found,
    ModelUnavailable,
    Quote,
    Routed,
    Status,
    cite,
    quote_pages,
)
from trayassist.ui.app import language
from trayassist.ui.popup import Popup
from trayassist.ui.popup.controls import Chip
from trayassist.ui.popup.quotes import MOST, cut_to_lines

Make = Callable[..., Popup]
FEE = "Late payments carry a fee of 5 %."
READING = Status(text="reading 640 tokens, about 4 s")
FOLLOW_UP = FollowUp(to="What is the late fee in the lease?", asks="What is the deposit in the lease?")


def quote(text: str, name: str = "Miller-lease.pdf", page: int = 4) -> Quote:
    return Quote(text=text, passage=passage(name, page, text), start=0, end=len(text), score=1.0)


def evidence(*quotes: Quote, found: Found = Found.YES) -> Evidence:
    return Evidence(found=found, probability=0.9, quotes=quotes or (quote(FEE),), documents=1)


def ask(window: Popup, text: str = "And the deposit?") -> None:
    QTest.keyClicks(window.header.field, text)
    QTest.keyClick(window.header.field, Qt.Key.Key_Return)


def shown_quotes(window: Popup) -> list[str]:
    labels = window.panel.quotes.findChildren(QLabel)
    return [one.accessibleName() for one in labels if one.accessibleName() and one.isVisible()]


def top_of_quotes(window: Popup) -> int:
    return window.panel.quotes.mapTo(window, QPoint(0, 0)).y()


async def test_quotes_stand_before_the_first_word_and_do_not_move_for_it(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = [Routed(route(model="m")), evidence(), READING, 30.0]
    window = popup(assistant)
    ask(window)
    await until(lambda: shown_quotes(window) == [FEE] and window.working.words.isVisible())
    before, size = top_of_quotes(window), window.size()
    assert window.working.words.text() == "reading 640 tokens, about 4 s"
    assert window.header.field.hasFocus()
    window.presenter.take(Chunk("The fee is 5 %."))
    await until(lambda: window.panel.view.toPlainText() == "The fee is 5 %.")
    await until(lambda: not window.working.words.isVisible())
    assert window.panel.view.mapTo(window, QPoint(0, 0)).y() < top_of_quotes(window) == before
    assert window.size() == size
    assert window.header.field.hasFocus()


async def test_stop_leaves_quotes_and_words(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Routed(route(model="m")), evidence(), Chunk("The fee is"), 30.0]
    window = popup(assistant)
    ask(window)
    await until(lambda: window.panel.view.toPlainText() == "The fee is")
    before = top_of_quotes(window)
    QTest.keyClick(window.header.field, Qt.Key.Key_Escape)
    await until(lambda: "stopped" in window.footer.words.text())
    assert shown_quotes(window) == [FEE]
    assert top_of_quotes(window) == before
    assert window.isVisible()


async def test_a_crash_leaves_quotes_and_one_sentence(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Routed(route(model="m")), evidence(), ModelUnavailable("The model ended.", "Ask again.")]
    window = popup(assistant)
    ask(window)
    await until(window.panel.error.isVisible)
    assert window.panel.error.words.text() == "The model ended. Ask again."
    assert shown_quotes(window) == [FEE]


async def test_quotes_that_became_the_answer_are_not_shown_twice(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    found = evidence()
    items = list(quote_pages(found))
    text = "".join(item.text for item in items if isinstance(item, Chunk))
    cited = tuple(item for item in items if isinstance(item, Citation))
    why = "The model m did not finish within 60 seconds. Your documents are quoted instead."
    done = finished_event(text, citations=cited, fallback=why)
    assistant.script = [Routed(route(model="m")), found, *items, done]
    window = popup(assistant)
    ask(window)
    await until(lambda: window.panel.note.isVisible())
    assert not window.panel.quotes.isVisible()
    await until(lambda: FEE in window.panel.view.toPlainText())
    assert window.panel.chips.flow.count() == 1


async def test_a_page_whose_quote_is_shown_has_no_second_chip(assistant: Scripted, popup: Make, until: Until) -> None:
    found = evidence()
    shown, other = cite(1, found.quotes[0]), citation(2, "Other.pdf", 9)
    done = finished_event("5 % [1], see [2].", model="m", citations=(shown, other))
    assistant.script = [Routed(route(model="m")), found, Chunk("5 % [1], see [2]."), shown, other, done]
    window = popup(assistant)
    opened: list[Citation] = []
    window.open_page.connect(lambda one, _all: opened.append(one))
    ask(window)
    await until(lambda: window.panel.chips.flow.count() == 1)
    chip = window.panel.chips.flow.itemAt(0)
    assert chip is not None
    assert "Other.pdf" in chip.widget().text()  # type: ignore[union-attr]  # a chip
    own = window.panel.quotes.findChildren(Chip)[0]
    own.click()
    assert opened[-1].quote == FEE


async def test_long_quotes_are_cut_and_never_push_the_answer_out(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    many = [quote(f"{number} " + "and so forth with many words " * 40, page=number) for number in range(1, 8)]
    assistant.script = [Routed(route(model="m")), evidence(*many), Chunk("A long answer. " * 400), 30.0]
    window = popup(assistant)
    ask(window)
    await until(lambda: len(window.panel.view.toPlainText()) > 5_000)
    assert len(shown_quotes(window)) == MOST
    await until(lambda: window.panel.view.height() >= 100)
    bottom = window.panel.view.mapTo(window, QPoint(0, window.panel.view.height())).y()
    assert bottom <= top_of_quotes(window)
    assert window.height() <= window.screen().availableGeometry().height()


def test_a_quote_is_cut_at_a_word(popup: Make) -> None:
    font = popup(None, show=False).font()
    assert cut_to_lines("short", font, 300, 3) == ("short", 1)
    cut, lines = cut_to_lines("word " * 200, font, 300, 3)
    assert cut.endswith("word …")
    assert (lines, cut.count("\n"), len(cut) < 400) == (3, 2, True)
    assert cut_to_lines("x" * 5_000, font, 300, 3)[1] == 3


async def test_a_follow_up_is_shown_and_its_cross_asks_alone(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Routed(route()), FOLLOW_UP, Chunk("Two rents."), finished_event("Two rents.")]
    window = popup(assistant)
    ask(window)
    await until(lambda: window.panel.follow.isVisible())
    item = window.panel.follow.flow.itemAt(0)
    assert item is not None
    chip = item.widget()
    assert chip.accessibleName() == f"Follow-up to: {FOLLOW_UP.to}"  # type: ignore[union-attr]
    assert FOLLOW_UP.asks in chip.accessibleDescription()  # type: ignore[union-attr]
    await until(lambda: not window.asking.running)
    assistant.script = [Routed(route()), Chunk("Alone."), finished_event("Alone.")]
    chip.click()  # type: ignore[union-attr]
    await until(lambda: window.panel.view.toPlainText() == "Alone.")
    first, second = assistant.requests
    assert (second.text, second.files, second.role) == (first.text, first.files, first.role)
    assert second.conversation != first.conversation
    assert not window.panel.follow.isVisible()


async def test_one_key_asks_alone_and_only_a_follow_up(assistant: Scripted, popup: Make, until: Until) -> None:
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    assistant.script = [Routed(route()), Chunk("Plain."), finished_event("Plain.")]
    window = popup(assistant)
    ask(window, "What is the fee?")
    await until(lambda: not window.asking.running and window.panel.answered)
    QTest.keyClick(window.header.field, Qt.Key.Key_N, keys)
    assert len(assistant.requests) == 1
    assistant.script = [Routed(route()), finished_event("Two rents.", follow_up=FOLLOW_UP)]
    ask(window)
    await until(lambda: window.panel.follow.isVisible() and not window.asking.running)
    QTest.keyClick(window.header.field, Qt.Key.Key_N, keys)
    await until(lambda: len(assistant.requests) == 3)
    assert assistant.requests[2].text == assistant.requests[1].text
    assert assistant.requests[2].conversation != assistant.requests[1].conversation
    assert assistant.requests[1].conversation == assistant.requests[0].conversation


async def test_follow_ups_and_quotes_are_german(assistant: Scripted, popup: Make, until: Until) -> None:
    language.speak("de")
    try:
        assistant.script = [Routed(route(model="m")), FOLLOW_UP, evidence(found=Found.WEAK), 30.0]
        window = popup(assistant)
        ask(window)
        await until(lambda: window.panel.quotes.isVisible())
        assert window.panel.quotes.heading.text() == "In den Dokumenten passt nur wenig dazu:"
        item = window.panel.follow.flow.itemAt(0)
        assert item is not None
        assert item.widget().accessibleName() == f"Folgefrage zu: {FOLLOW_UP.to}"  # type: ignore[union-attr]
    finally:
        language.speak("en")


async def test_chips_that_just_fit_have_no_scroll_bar(popup: Make, until: Until) -> None:
    window = popup(None)
    flow = window.panel.chips
    window.panel.begin("q")
    flow.show_all([QLabel("x" * 30) for _ in range(2)])
    await until(lambda: flow.isVisible() and flow.width() > 300)
    assert flow.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    flow.show_all([QLabel("x" * 60) for _ in range(9)])
    await until(lambda: flow.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded)
