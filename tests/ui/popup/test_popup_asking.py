"""Asking in the popup, from key to footer, with real key events and a scripted assistant."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.bundled.roles.fake_host import FakeHost
from tests.ui.conftest import Until
from tests.ui.popup.scripted import Scripted, citation, finished_event, passage, route, simple
from trayassist.api import (
    Approval,
    Chunk,
    Fact,
    Finish,
    Flagged,
    Found,
    Kind,
    ModelUnavailable,
    Request,
    Risk,
    Routed,
    Status,
    Timings,
    Verdict,
)
from trayassist.config import App
from trayassist.models.registry.schema import Model
from trayassist.routing.router import Router
from trayassist.ui.app import language
from trayassist.ui.popup import Popup
from trayassist_curator.role import Curator
from trayassist_persona.role import Persona

Make = Callable[..., Popup]
ASKED = "Why is password=Sesame4711x refused?"


def type_in(popup: Popup, text: str) -> None:
    QTest.keyClicks(popup.header.field, text)


def press(popup: Popup, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(popup.header.field, key, modifiers)


def answer_text(popup: Popup) -> str:
    return popup.panel.view.toPlainText()


async def test_the_footer_names_the_adapters_that_were_applied(assistant: Scripted, popup: Make, until: Until) -> None:
    """S1-10: the fold names the adapters beside the model; one that was left out is said over the footer."""
    left_out = "The file of the adapter recent is missing; the model answered without it."
    done = finished_event(model="base", adapters=("lifetime", "latest"), fallback=left_out)
    assistant.registry.models["base"] = Model(file="/models/SmolLM2-135M-Q8_0.gguf")
    assistant.script = [Routed(route()), Chunk("An answer."), done]
    window = popup(assistant)
    type_in(window, "who?")
    press(window, Qt.Key.Key_Return)
    await until(lambda: "38 ms" in window.footer.words.text())
    assert window.footer.words.text() == "SmolLM2-135M-Q8_0 · 38 ms"
    assert not window.footer.details.isVisible()
    press(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    await until(window.footer.details.isVisible)
    assert window.footer.details.text().split("\n") == [
        "Answered by: Assistant",
        "Model: SmolLM2-135M-Q8_0",
        "Adapters: lifetime, latest",
        "Time: 38 ms",
        "Check: low risk",
    ]
    assert window.panel.note.text() == left_out


async def test_what_a_role_says_without_a_model_is_german_and_quotes_stay(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    nothing, quote = "Nothing was forgotten.", "Nothing was forgotten. [1]"
    language.speak("de")
    try:
        window = popup(assistant)
        for answer, citations, shown in (
            (nothing, (), "Nichts wurde vergessen."),
            (quote, (citation(),), f"In den Dokumenten steht:\n{quote}"),
        ):
            heading = (
                (
                    Chunk("Your documents say:\n"),
                    Chunk("\n"),
                )
                if citations
                else ()
            )
            assistant.script = [
                Routed(route()), *heading, Chunk(answer), finished_event(answer, citations=citations, found=Found.YES)
            ]  # fmt: skip
            type_in(window, "forget it")
            press(window, Qt.Key.Key_Return)
            await until(lambda shown=shown: answer_text(window) == shown)
    finally:
        language.speak("en")


async def test_enter_asks_and_the_answer_streams(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [
        Routed(route()), Chunk("Late fees are "), Chunk("**5 %** [1]."), citation(),
        finished_event(
            "Late fees are **5 %** [1].", citations=(citation(),), timings=Timings(total_ms=38, tokens_out=9)
        ),
    ]  # fmt: skip
    window = popup(assistant)
    type_in(window, "late fees?")
    press(window, Qt.Key.Key_Return)
    await until(lambda: "38 ms" in window.footer.words.text())
    await until(lambda: answer_text(window) == "Late fees are 5 % [1].")
    assert assistant.requests[0].text == "late fees?"
    assert window.header.field.text() == ""
    assert "late fees?" in window.panel.question.text()
    assert window.footer.words.text() == "From your documents · 38 ms"
    assert not window.working.line.moving


async def test_shift_enter_begins_a_new_line_and_the_field_grows_to_six(assistant: Scripted, popup: Make) -> None:
    window = popup(assistant)
    heights = [window.header.field.height()]
    for _ in range(8):
        type_in(window, "x")
        press(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        heights.append(window.header.field.height())
    assert assistant.requests == []
    assert heights[:6] == sorted(set(heights[:6]))
    assert heights[5:] == [heights[5]] * 4


async def test_empty_enter_asks_nothing(assistant: Scripted, popup: Make) -> None:
    window = popup(assistant)
    type_in(window, "  ")
    press(window, Qt.Key.Key_Return)
    await asyncio.sleep(0.02)
    assert assistant.requests == []


async def test_a_question_before_the_assistant_waits_with_a_word(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = simple()
    window = popup(None)
    type_in(window, "early")
    press(window, Qt.Key.Key_Return)
    await until(lambda: window.working.words.text() == "starting")
    assert window.working.line.moving
    window.set_assistant(assistant)
    await until(lambda: answer_text(window) == "An answer.")


async def test_an_assistant_that_cannot_start_is_said(popup: Make, until: Until) -> None:
    window = popup(None)
    type_in(window, "early")
    press(window, Qt.Key.Key_Return)
    window.give_up(ModelUnavailable("app.yaml, line 3 is wrong.", "Mend that line."))
    await until(window.panel.error.isVisible)
    assert window.panel.error.words.text() == "app.yaml, line 3 is wrong. Mend that line."


async def test_escape_stops_once_and_hides_twice(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Routed(route()), Chunk("Half"), 30.0]
    window = popup(assistant)
    type_in(window, "long one")
    press(window, Qt.Key.Key_Return)
    await until(lambda: answer_text(window) == "Half")
    press(window, Qt.Key.Key_Escape)
    await until(lambda: assistant.cancelled == ["long one"])
    assert window.isVisible()
    assert "stopped" in window.footer.words.text()
    assert answer_text(window) == "Half"
    press(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


async def test_stop_button_and_again(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Routed(route()), Chunk("Half"), 30.0]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window) == "Half")
    window.footer.stop.click()
    await until(lambda: assistant.cancelled == ["q"])
    assistant.script = simple("Whole.")
    window.footer.again.click()
    await until(lambda: answer_text(window) == "Whole.")
    assert [request.text for request in assistant.requests] == ["q", "q"]
    assert assistant.requests[0].id != assistant.requests[1].id
    assert assistant.requests[0].conversation == assistant.requests[1].conversation != ""


async def test_a_new_question_ends_the_one_before(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Chunk("old"), 30.0]
    window = popup(assistant)
    window.submit("first")
    await until(lambda: answer_text(window) == "old")
    assistant.script = simple("new")
    window.submit("second")
    await until(lambda: answer_text(window) == "new")
    assert assistant.cancelled == ["first"]
    assert "stopped" not in window.footer.words.text()


async def test_copy_puts_the_markdown_on_the_clipboard(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = simple("**bold**")
    window = popup(assistant)
    window.submit("q")
    await until(window.footer.copy.isVisible)
    window.footer.copy.click()
    assert QGuiApplication.clipboard().text() == "**bold**"
    assert window.footer.copy.accessibleName() == "Copied"
    await until(lambda: window.footer.copy.accessibleName() == "Copy the answer")


async def test_edit_and_resend(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = simple()
    window = popup(assistant)
    window.submit("what is ti?")
    await until(lambda: answer_text(window) == "An answer.")
    window.panel.question.click()
    assert window.header.field.text() == "what is ti?"
    for _ in range(3):
        press(window, Qt.Key.Key_Backspace)
    type_in(window, "it?")
    press(window, Qt.Key.Key_Return)
    await until(lambda: len(assistant.requests) == 2)
    assert assistant.requests[1].text == "what is it?"


async def test_up_and_down_recall_questions_and_keep_the_draft(assistant: Scripted, popup: Make, until: Until) -> None:
    window = popup(assistant)
    await until(lambda: window.typing.recall.known)
    type_in(window, "draft")
    press(window, Qt.Key.Key_Up)
    assert window.header.field.text() == "an older question"
    press(window, Qt.Key.Key_Up)
    press(window, Qt.Key.Key_Up)
    assert window.header.field.text() == "the oldest question"
    press(window, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_Down)
    assert window.header.field.text() == "draft"


async def test_a_question_that_was_forgotten_is_not_offered_any_more(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    """Forgotten in another window while it stood in the field, where it gives way to the draft."""
    window = popup(assistant)
    await until(lambda: window.typing.recall.known)
    type_in(window, "draft")
    press(window, Qt.Key.Key_Up)
    assistant.history.forget("an older question")
    await until(lambda: window.header.field.text() == "draft")
    press(window, Qt.Key.Key_Up)
    assert window.header.field.text() == "the oldest question"
    assistant.history.forget("the oldest question")
    await until(lambda: not window.typing.recall.known)
    assert window.header.field.text() == "draft"
    press(window, Qt.Key.Key_Up)
    assert window.header.field.text() == "draft"


@pytest.mark.parametrize(("masks", "wanted"), [(True, "Why is password=[secret: password] refused?"), (False, ASKED)])
async def test_a_question_of_this_session_is_offered_as_the_history_keeps_it(
    assistant: Scripted, popup: Make, until: Until, masks: bool, wanted: str
) -> None:
    assistant.config = App.model_validate({"history": {"mask_secrets": masks}})
    assistant.script = simple()
    window = popup(assistant)
    await until(lambda: window.typing.recall.known)
    window.submit(ASKED)
    await until(lambda: answer_text(window) == "An answer.")
    await window.tasks.settle()
    press(window, Qt.Key.Key_Up)
    assert window.header.field.text() == wanted


async def test_chips_open_the_page_by_mouse_enter_and_mark(
    assistant: Scripted, popup: Make, until: Until, qtbot: object
) -> None:
    """The citation is a chip with file and page; its quote is the tooltip, as text even when it looks like HTML."""
    cited = citation(quote="<img src='file:///x.png'> fee")
    assistant.script = [Chunk("See [1]."), cited, finished_event("See [1].", citations=(cited, citation(2, page=7)))]
    window = popup(assistant)
    opened: list[tuple[object, object]] = []
    window.open_page.connect(lambda one, every: opened.append((one, every)))
    window.submit("q")
    await until(lambda: window.panel.chips.flow.count() == 2)
    chip = window.panel.chips.flow.itemAt(0).widget()  # type: ignore[union-attr]
    assert chip.text() == "Miller-lease.pdf · p. 4"  # type: ignore[attr-defined]
    assert "&lt;img" in chip.toolTip()
    chip.click()  # type: ignore[attr-defined]
    QTest.keyClick(chip, Qt.Key.Key_Return)  # type: ignore[call-overload]
    window.panel.view.anchorClicked.emit("cite:1")
    assert opened == [(cited, (cited, citation(2, page=7)))] * 3


async def test_the_keyboard_s_way_to_the_answer_is_seen(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [
        Chunk("It is due on 1 March [1]."),
        citation(),
        finished_event("It is due.", citations=(citation(),)),
    ]
    window = popup(assistant)
    window.submit("q")
    view = window.panel.view
    await until(lambda: "cite:1" in view.toHtml() and window.footer.isVisible())
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not view.framed
    window.header.field.setFocus()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    await until(lambda: view.framed)
    accent = QColor(window.theme.colors.accent)
    picture = view.viewport().grab().toImage()
    assert QColor(picture.pixel(picture.width() // 2, 0)) == accent
    QTest.keyClick(view, Qt.Key.Key_Tab)  # type: ignore[call-overload]  # on to the mark in the text
    assert view.textCursor().hasSelection()
    assert not view.framed


async def test_a_page_that_is_cited_twice_has_one_chip(assistant: Scripted, popup: Make, until: Until) -> None:
    cited = (citation(1, quote="the fee"), citation(2, quote="the grace period"), citation(3, page=7))
    assistant.script = [Chunk("[1] [2] [3]"), *cited, finished_event("[1] [2] [3]", citations=cited)]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: window.panel.chips.flow.count() == 2 and window.footer.isVisible())
    chip = window.panel.chips.flow.itemAt(0).widget()  # type: ignore[union-attr]
    assert "the fee" in chip.toolTip()
    assert "the grace period" in chip.toolTip()


async def test_many_chips_leave_the_answer_its_room_and_all_are_reached(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    cited = tuple(citation(number, page=number) for number in range(1, 41))
    assistant.script = [Chunk("See all.\n\n" * 40), *cited, finished_event("See all.", citations=cited)]
    window = popup(assistant)
    window.submit("q")
    chips = window.panel.chips
    await until(lambda: chips.flow.count() == len(cited) and chips.height() > 0)
    first, last = (chips.flow.itemAt(at).widget() for at in (0, len(cited) - 1))  # type: ignore[union-attr]
    assert 3 * first.height() <= chips.heightForWidth(chips.width()) < 4 * first.height()
    view = window.panel.view
    await until(lambda: view.height() >= view.minimumSizeHint().height())
    last.setFocus(Qt.FocusReason.BacktabFocusReason)
    await until(lambda: not last.visibleRegion().isEmpty())


async def test_nearest_pages_are_offered_when_nothing_was_found(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [
        Chunk("Nothing in your documents seems to be about this."),
        finished_event("Nothing.", found=Found.NO, nearest=(passage(), passage("manual.pdf", 12))),
    ]
    window = popup(assistant)
    opened: list[object] = []
    window.open_page.connect(lambda page, _every: opened.append(page))
    window.submit("q")
    await until(window.panel.nearest.isVisible)
    assert not window.panel.chips.isVisible()
    window.panel.nearest.flow.itemAt(1).widget().click()  # type: ignore[union-attr, attr-defined]
    assert (opened[0].path, opened[0].page) == ("/docs/manual.pdf", 12)  # type: ignore[attr-defined]


async def test_a_failure_is_a_sentence_and_one_action(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [
        Routed(route()),
        finished_event("", finish=Finish.FAILED, error="The model does not load.", todo="Download it again."),
    ]
    window = popup(assistant)
    window.submit("q")
    await until(window.panel.error.isVisible)
    assert window.panel.error.words.text() == "The model does not load. Download it again."
    assistant.script = simple("Works now.")
    window.panel.error.button.click()
    await until(lambda: answer_text(window) == "Works now.")
    assert not window.panel.error.isVisible()


async def test_a_blocked_request_offers_no_second_try(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [
        Flagged(verdict=Verdict(risk=Risk.HIGH, reason="It is refused.", blocks=True), stage="request"),
        finished_event("", finish=Finish.BLOCKED, error="It is refused.", todo="Change the request."),
    ]
    window = popup(assistant)
    window.submit("q")
    await until(window.panel.error.isVisible)
    assert not window.panel.error.button.isVisible()


@pytest.mark.parametrize("error", [ModelUnavailable("No model.", "Name one."), ZeroDivisionError("1/0")])
async def test_an_error_that_escapes_is_words_too(
    assistant: Scripted, popup: Make, until: Until, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    assistant.script = [Chunk("Half"), error]
    window = popup(assistant)
    window.submit("q")
    await until(window.panel.error.isVisible)
    words = window.panel.error.words.text()
    assert "ZeroDivision" not in words
    assert "Traceback" not in words
    await until(lambda: answer_text(window) == "Half")
    assert not window.working.line.moving


async def test_status_words_replace_each_other_until_the_first_token(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = [
        Status(text="loading qwen-coder"),
        0.1,
        Status(text="reading", done=12, total=340),
        0.1,
        Chunk("x"),
        30.0,
    ]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: window.working.words.text() == "loading qwen-coder")
    assert window.working.line.moving
    await until(lambda: window.working.words.text() == "reading, 12 of 340")
    assert not window.working.line.moving
    await until(lambda: answer_text(window) == "x")
    assert not window.working.words.isVisible()
    assert window.working.line.moving


async def test_a_long_wait_shows_its_seconds(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Status(text="loading qwen-coder"), 30.0]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: re.fullmatch(r"loading qwen-coder, [2-9] s", window.working.words.text()))


async def test_yes_or_no_in_place(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Approval(id="a", question="Forget this?", yes="Forget"), 0.05, *simple("Done.")]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: window.panel.questions.frames)
    buttons = window.panel.questions.frames["a"].findChildren(QPushButton)
    assert [button.text() for button in buttons] == ["Forget", "No"]
    assert window.focusWidget() is buttons[1]  # a stray Enter must say no
    buttons[0].click()
    assert assistant.approvals == [("a", True)]
    assert not window.panel.questions.frames


async def test_an_open_question_goes_when_the_answer_is_stopped(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Approval(id="a", question="Forget this?", yes="Forget"), 30.0]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: window.panel.questions.frames)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.panel.questions.frames
    assert assistant.approvals == []


async def test_medium_risk_is_a_dot_with_its_reason(assistant: Scripted, popup: Make, until: Until) -> None:
    verdict = Verdict(risk=Risk.MEDIUM, reason="It archives mail.")
    assistant.script = [Chunk("x"), Flagged(verdict=verdict, stage="answer"), finished_event("x", verdict=verdict)]
    window = popup(assistant)
    window.submit("q")
    await until(window.footer.dot.isVisible)
    assert "It archives mail." in window.footer.dot.toolTip()
    assert not window.panel.banner.isVisible()
    assert not window.panel.view.locked


async def test_a_lock_ends_with_its_question_and_not_with_a_translation(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    verdict = Verdict(risk=Risk.HIGH, reason="It removes everything.")
    answer = "Nothing was forgotten."  # a role's own words, which German windows say in German
    assistant.script = [Routed(route()), Chunk(answer), finished_event(answer, verdict=verdict)]
    language.speak("de")
    try:
        window = popup(assistant)
        window.submit("q")
        await until(lambda: "vergessen" in answer_text(window))
        assert window.panel.view.locked
        assert not window.footer.copy.isEnabled()
        assistant.script = [Routed(route()), Chunk("Half"), 30.0]
        window.submit("another")
        await until(lambda: answer_text(window) == "Half")
        window.asking.stop()
        await until(window.footer.copy.isVisible)
        assert window.footer.copy.isEnabled()
    finally:
        language.speak("en")


async def test_high_risk_locks_copying_until_it_is_opened(assistant: Scripted, popup: Make, until: Until) -> None:
    answer = "```sh\nrm -rf /\n```\n"
    verdict = Verdict(risk=Risk.HIGH, reason="It removes everything.")
    assistant.script = [
        Chunk(answer),
        Flagged(verdict=verdict, stage="answer"),
        finished_event(answer, verdict=verdict),
    ]
    window = popup(assistant)
    QGuiApplication.clipboard().setText("before")
    window.submit("q")
    await until(window.panel.banner.isVisible)
    await until(lambda: "high risk" in window.footer.words.text() and answer_text(window))
    view = window.panel.view
    assert "It removes everything" in window.panel.banner.words.text()
    assert not view.copy_last_code()
    window.footer.copy.click()
    view.selectAll()
    view.copy()
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() in ("before", "")
    window.panel.banner.button.click()
    assert not window.panel.banner.isVisible()
    assert view.copy_last_code()
    assert QGuiApplication.clipboard().text() == "rm -rf /"
    assert window.footer.copy.isEnabled()


async def test_a_reason_that_is_markup_is_shown_as_text(assistant: Scripted, popup: Make, until: Until) -> None:
    verdict = Verdict(risk=Risk.HIGH, reason="<b>x</b>")
    assistant.script = [Flagged(verdict=verdict, stage="answer"), *simple()]
    window = popup(assistant)
    window.submit("<i>q</i>")
    await until(window.panel.banner.isVisible)
    assert window.panel.banner.words.textFormat() == Qt.TextFormat.PlainText
    assert "<b>x</b>" in window.panel.banner.words.text()


@pytest.mark.parametrize(
    ("kind", "words", "text", "role"),
    [
        (Kind.CODE, "Answer with code", "/code sort a list", None),
        (Kind.CURATE, "Keep or forget it as a fact", "/remember sort a list", None),
    ],
)
async def test_other_ways_to_answer(
    assistant: Scripted, popup: Make, until: Until, kind: Kind, words: str, text: str, role: str | None
) -> None:
    decided = route(text="sort a list", alternatives=(kind,))
    assistant.script = [Routed(decided), Chunk("x"), finished_event("x", route=decided)]
    window = popup(assistant)
    window.submit("sort a list")
    await until(window.panel.others.isVisible)
    button = window.panel.others.flow.itemAt(0).widget()  # type: ignore[union-attr]
    assert button.text() == words  # type: ignore[attr-defined]
    button.click()  # type: ignore[attr-defined]
    await until(lambda: len(assistant.requests) == 2)
    assert (assistant.requests[1].text, assistant.requests[1].role) == (text, role)


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        ("my name is Anna Schmidt", [], ["my name is Anna Schmidt"]),
        ("I live in Berlin", [], ["I live in Berlin"]),
        ("call me Bob", [], ["call me Bob"]),
        ("I'm allergic to nuts.", [], ["I'm allergic to nuts."]),
        ("@persona forget that I live in Berlin", ["I live in Berlin"], []),
        ("@persona remember that I like tea", [], ["I like tea"]),
    ],
)
async def test_what_is_kept_or_forgotten_as_a_fact_is(
    assistant: Scripted, popup: Make, until: Until, said: str, before: list[str], after: list[str]
) -> None:
    router = Router({"persona": Persona(), "curator": Curator()}, lambda role: None)
    decided = router.decide(Request(text=said))
    if not said.startswith("@"):
        assert Kind.CURATE in decided.alternatives
    decided = dataclasses.replace(decided, alternatives=(Kind.CURATE,))
    assistant.script = [Routed(decided), Chunk("x"), finished_event("x", route=decided)]
    window = popup(assistant)
    window.submit(said)
    await until(window.panel.others.isVisible)
    window.panel.others.flow.itemAt(0).widget().click()  # type: ignore[union-attr]
    await until(lambda: len(assistant.requests) == 2)
    request = assistant.requests[1]
    again = router.decide(request)
    assert again.role == "curator"
    host = FakeHost(stored=[Fact(id=text, text=text, created="") for text in before])
    answer = [item async for item in Curator().answer(request, again, host)]  # type: ignore[arg-type]
    assert "Nothing was changed" not in str(answer)
    assert [fact.text for fact in host.stored] == after


async def test_a_fallback_is_said(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = [Chunk("x"), finished_event("x", fallback="The model is missing. Answered without a model.")]
    window = popup(assistant)
    window.submit("q")
    await until(window.panel.note.isVisible)
    assert window.panel.note.text() == "The model is missing. Answered without a model."


# ---------------------------------------------------------------- versions, edits, a new conversation


async def test_an_answer_that_is_asked_again_is_kept_beside_the_new_one(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = [
        Routed(route()),
        Chunk("First [1]."),
        citation(),
        finished_event("First [1].", citations=(citation(),)),
    ]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window) == "First [1]." and window.footer.again.isVisible())
    assert not window.footer.version.isVisible()
    assistant.script = simple("Second.")
    window.footer.again.click()
    await until(lambda: answer_text(window) == "Second." and window.footer.version.text() == "2/2")
    press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    await until(lambda: answer_text(window) == "First [1].")
    assert window.footer.version.text() == "1/2"
    assert window.footer.words.text() == "From your documents · 38 ms"
    assert window.panel.chips.flow.count() == 1
    assert not window.footer.earlier.isEnabled()
    window.footer.later.click()
    await until(lambda: answer_text(window) == "Second.")
    window.submit("another question")
    assert not window.footer.version.isVisible()


async def test_an_answer_under_way_goes_on_while_an_earlier_one_is_read(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = simple("First.")
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window) == "First." and window.footer.again.isVisible())
    assistant.script = [Routed(route()), Chunk("Se"), 0.3, Chunk("cond."), finished_event("Second.")]
    window.ask_again()
    await until(lambda: answer_text(window) == "Se")
    window.footer.earlier.click()
    await until(lambda: not window.asking.running)
    assert answer_text(window) == "First."
    window.footer.later.click()
    await until(lambda: answer_text(window) == "Second.")


async def test_what_an_answer_waits_for_is_there_again_after_leafing(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = simple("First.")
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window) == "First." and window.footer.again.isVisible())
    assistant.script = [
        Approval(id="a", question="Forget this?", yes="Forget"),
        Approval(id="b", question="And that?", yes="Forget"),
        30.0,
    ]
    window.ask_again()
    await until(lambda: len(window.panel.questions.frames) == 2)
    window.panel.questions.frames["a"].findChildren(QPushButton)[0].click()
    window.footer.earlier.click()
    assert not window.panel.questions.frames
    window.footer.later.click()
    assert list(window.panel.questions.frames) == ["b"]
    window.footer.earlier.click()
    window.asking.stop()
    await until(lambda: not window.asking.running)
    window.footer.later.click()
    assert not window.panel.questions.frames


async def test_a_click_for_stop_that_comes_too_late_asks_nothing(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    assistant.script = [Routed(route()), Chunk("Half"), 30.0]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window) == "Half" and window.footer.stop.isVisible())
    spot = window.footer.stop.mapTo(window, window.footer.stop.rect().center())
    window.footer.stop.click()
    await until(window.footer.again.isVisible)
    QTest.mouseClick(window.childAt(spot), Qt.MouseButton.LeftButton)
    await asyncio.sleep(0.05)
    assert len(assistant.requests) == 1
    assert answer_text(window) == "Half"


async def test_a_new_conversation_begins_by_key_and_by_button(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = simple()
    window = popup(assistant)
    assert not window.header.new.isVisible(), "there is nothing to leave"
    window.submit("q")
    await until(lambda: answer_text(window) == "An answer.")
    type_in(window, "draft")
    press(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.panel.empty
    assert not window.footer.isVisible()
    assert window.header.field.text() == "draft"
    press(window, Qt.Key.Key_Return)
    await until(lambda: answer_text(window) == "An answer.")
    assert assistant.requests[0].conversation != assistant.requests[1].conversation
    assistant.script = [Chunk("Half"), 30.0]
    window.submit("long one")
    await until(lambda: answer_text(window) == "Half")
    window.header.new.click()
    await until(lambda: assistant.cancelled == ["long one"])
    assert window.panel.empty


async def test_escape_in_an_edit_ends_the_edit(assistant: Scripted, popup: Make, until: Until) -> None:
    assistant.script = simple()
    window = popup(assistant)
    window.submit("what is ti?")
    await until(lambda: answer_text(window) == "An answer.")
    type_in(window, "draft")
    window.panel.question.click()
    assert "Esc" in window.typing.hint.text()
    type_in(window, "!")
    press(window, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.header.field.text() == "draft"
    assert not window.typing.hint.isVisible()
    press(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


# ---------------------------------------------------------------- links


async def test_a_link_shows_its_whole_address_and_asks(
    assistant: Scripted, popup: Make, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: went.append(bytes(url.toEncoded().data()).decode()))
    text = "[your bank](https://b\u0430nk.example/login?" + "x" * 300 + ")"
    assistant.script = simple(text)
    window = popup(assistant)
    window.submit("q")
    await until(lambda: answer_text(window) == "your bank" and window.footer.again.isVisible())
    link = QUrl("https://b\u0430nk.example/login?" + "x" * 300)
    address = "https://xn--bnk-6cd.example/login?" + "x" * 300
    window.panel.view.highlighted.emit(link)
    assert window.footer.words.accessibleName() == address
    assert address in window.panel.view.toolTip()
    window.panel.view.highlighted.emit(QUrl())
    assert window.footer.words.text() == "Without a model · 38 ms"
    window.panel.view.anchorClicked.emit(link)
    box = window.panel.link
    assert box.isVisible()
    assert went == []
    assert "xn--bnk-6cd.example" in box.words.text()
    assert box.address.text().replace("\u200b", "") == address
    assert window.focusWidget() is box.cancel
    press(window, Qt.Key.Key_Escape)
    assert not box.isVisible()
    assert window.isVisible()
    window.panel.view.anchorClicked.emit(link)
    box.open_button.click()
    assert went == [address]


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "javascript:alert(1)", "https://", "https:///x", "smb://x/y", "https://a.b/" + "x" * 3000],
)
async def test_what_is_no_web_address_or_too_long_to_show_is_not_opened(
    assistant: Scripted, popup: Make, address: str
) -> None:
    window = popup(assistant)
    window.panel.view.anchorClicked.emit(QUrl(address))
    assert window.panel.link.isHidden()


async def test_names_of_files_cannot_turn_the_text_around(assistant: Scripted, popup: Make, until: Until) -> None:
    cited = citation(name="invoice\u202efdp.exe\n<b>.pdf")
    assistant.script = [Chunk("See [1]."), cited, finished_event("See [1].", citations=(cited,))]
    window = popup(assistant)
    window.submit("q")
    await until(lambda: window.panel.chips.flow.count() == 1)
    chip = window.panel.chips.flow.itemAt(0).widget()  # type: ignore[union-attr]
    assert chip.text() == "invoice\ufffdfdp.exe <b>.pdf · p. 4"  # type: ignore[attr-defined]
