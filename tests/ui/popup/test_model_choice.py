"""Choosing a model for one question in a real popup: by key and by mouse, also none."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.conftest import Until
from tests.ui.popup.scripted import Scripted, simple
from trayassist.models.registry.schema import Model
from trayassist.models.serving.state import ModelState
from trayassist.ui.app import language
from trayassist.ui.popup import Popup

Make = Callable[..., Popup]
CTRL = Qt.KeyboardModifier.ControlModifier


def describe(assistant: Scripted) -> None:
    """Two models that may answer: one that is loaded, one that is not."""
    for name, file in (("small", "/models/Tiny-0.5B-Q4_K_M.gguf"), ("large", "/models/Large-7B-Q4_K_M.gguf")):
        assistant.registry.models[name] = Model(file=file)
    assistant.states = [
        ModelState(name="small", standing="hot", roles=("persona",), residence="hot", tokens_per_s=31.4),
        ModelState(name="large", standing="cold", roles=(), residence="warm", file_bytes=4_700_000_000),
    ]


def press(window: Popup, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.header.field, key, modifiers)


def rows(window: Popup) -> list[tuple[str, str]]:
    return [(entry.title, entry.right) for entry in window.typing.suggestions.entries]


async def test_one_key_lists_the_models_and_the_choice_holds_for_one_question(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    describe(assistant)
    assistant.script = simple()
    window = popup(assistant)
    await until(window.isActiveWindow)
    QTest.keyClicks(window.header.field, "who signed?")
    press(window, Qt.Key.Key_M, CTRL)
    assert assistant.asked_for == ["persona"]
    assert rows(window) == [
        ("Tiny-0.5B-Q4_K_M", "loaded · 31 tokens/s"),
        ("Large-7B-Q4_K_M", "4.7 GB"),
        ("No model: quotes only", ""),
    ]
    assert window.header.field.hasFocus()
    press(window, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_Return)
    assert not window.typing.suggestions.isVisible()
    assert window.header.field.text() == "who signed?"
    chip = window.header.chips.flow.itemAt(0)
    assert chip is not None
    assert chip.widget().accessibleName() == "Remove Large-7B-Q4_K_M, for this question"  # type: ignore[union-attr]
    press(window, Qt.Key.Key_Return)
    await until(lambda: len(assistant.requests) == 1 and not window.asking.running)
    assert assistant.requests[0].model == "large"
    QTest.keyClicks(window.header.field, "and when?")
    press(window, Qt.Key.Key_Return)
    await until(lambda: len(assistant.requests) == 2)
    assert assistant.requests[1].model is None
    assert window.header.chips.flow.count() == 0


async def test_no_model_is_a_choice_and_an_empty_field_asks_the_last_question_again(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    describe(assistant)
    assistant.script = simple()
    window = popup(assistant)
    await until(window.isActiveWindow)
    QTest.keyClicks(window.header.field, "who signed?")
    press(window, Qt.Key.Key_Return)
    await until(lambda: len(assistant.requests) == 1 and not window.asking.running)
    window.header.models.click()
    press(window, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_Return)
    await until(lambda: len(assistant.requests) == 2)
    assert assistant.requests[1].model == ""
    assert assistant.requests[1].text == "who signed?"
    assert window.footer.version.text() == "2/2"


async def test_escape_and_the_key_again_close_the_list_and_keep_the_popup(
    assistant: Scripted, popup: Make, until: Until
) -> None:
    describe(assistant)
    window = popup(assistant)
    await until(window.isActiveWindow)
    QTest.keyClicks(window.header.field, "who")
    for key, modifiers in ((Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_M, CTRL)):
        press(window, Qt.Key.Key_M, CTRL)
        assert window.typing.is_picking
        press(window, key, modifiers)
        assert not window.typing.is_picking
        assert window.isVisible()
    assert window.header.model is None


async def test_a_choice_is_taken_back_by_its_chip(assistant: Scripted, popup: Make, until: Until) -> None:
    describe(assistant)
    window = popup(assistant)
    await until(window.isActiveWindow)
    QTest.keyClicks(window.header.field, "who")
    press(window, Qt.Key.Key_M, CTRL)
    press(window, Qt.Key.Key_Return)
    assert window.header.model == "small"
    chip = window.header.chips.flow.itemAt(0)
    assert chip is not None
    chip.widget().click()  # type: ignore[union-attr]
    assert window.header.model is None


async def test_the_list_is_german(assistant: Scripted, popup: Make, until: Until) -> None:
    language.speak("de")
    try:
        describe(assistant)
        window = popup(assistant)
        await until(window.isActiveWindow)
        QTest.keyClicks(window.header.field, "wer")
        press(window, Qt.Key.Key_M, CTRL)
        assert rows(window)[0] == ("Tiny-0.5B-Q4_K_M", "geladen · 31 Token/s")
        assert rows(window)[-1][0] == "Ohne Modell: nur Zitate"
        assert "Modell für diese Frage" in window.header.models.toolTip()
    finally:
        language.speak("en")
