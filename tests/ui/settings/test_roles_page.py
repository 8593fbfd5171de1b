"""The page Models: memory before a change, roles and their models, drafts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu

from tests import tiny_gguf
from tests.ui.parts import ListHotkeys, PartAssistant
from tests.ui.settings.engine_part import GB
from tests.ui.settings.models_page import REGISTRY, form, open_models_page
from tests.waiting import until
from trayassist.models.registry import file as registry_file
from trayassist.models.serving.plans import Forecast, Share
from trayassist.models.serving.state import BudgetState
from trayassist.paths import Paths
from trayassist.ui.settings.memory_bar import filling

# ---------------------------------------------------------------- memory


def budget(limit: float, gpu: float = 0) -> BudgetState:
    return BudgetState(limit=int(limit * GB), used=0, headroom=2 * GB, free=9 * GB, gpu_limit=int(gpu * GB))


def ahead(**sizes: float) -> Forecast:
    shares = (
        Share(name=n, ram=int(s * GB), gpu=int(s * GB), residence="hot" if n.startswith("hot") else "warm")
        for n, s in sizes.items()
    )
    return Forecast(shares=tuple(shares))


@pytest.mark.parametrize(
    ("sizes", "level", "said"),
    [
        ({"hot": 3, "b": 4}, "green", "All models fit together: 7.0 GB of 10 GB."),
        ({"hot": 3, "b": 4, "c": 6}, "amber", "Models take turns: together they need 13 GB, and they may take 10 GB."),
        (
            {"hot": 3, "b": 8},
            "red",
            "Too much: those that are always loaded and the largest",
        ),
        ({"hot": 6, "hot2": 5}, "red", "Too much"),
        ({}, "green", "No model is chosen yet."),
    ],
)
def test_s3_14_the_bar_says_whether_models_fit(sizes: dict[str, float], level: str, said: str) -> None:
    """S3-14: green all at once, amber in turn, red not at all; the same for graphics memory."""
    for gpu in (False, True):
        shown = filling((), budget(10, 10), ahead(**sizes), {}, gpu)
        assert shown.level == level
        assert shown.text.startswith(said)
        assert shown.headroom == (0 if gpu else 2 * GB)


async def test_the_bar_shows_a_context_while_it_is_typed(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    """S3-14: green, amber or red before saving."""
    assistant.engine.limit = 7.0
    page = await open_models_page(assistant, hotkeys)
    await until(lambda: page.ram.text == "All models fit together: 6.0 GB of 7.0 GB.")
    context: Any = form(page, "persona").rows["context_length"].control
    context.setFocus()
    context.selectAll()
    QTest.keyClicks(context, "65536")
    await until(lambda: page.ram.text.startswith("Too much: those") and "8.7 GB" in page.ram.text)
    assert page.cards["persona"]._reasons.text() == page.ram.text
    assert assistant.registry.role("persona").context_length is None, "nothing is written yet"
    context.clear()
    QTest.keyClicks(context, "16384")
    QTest.keyClick(context, Qt.Key.Key_Return)
    await until(lambda: assistant.registry.role("persona").context_length == 16384)
    await until(lambda: page.ram.text == "All models fit together: 6.8 GB of 7.0 GB.")


async def test_the_bar_shows_a_model_while_it_is_looked_at(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    assistant.engine.sizes["v2.5-code"] = 12
    assistant.engine.limit = 10
    page = await open_models_page(assistant, hotkeys, REGISTRY.replace("coder: {model: v2.5-code, ", "coder: {"))
    assert page.ram.text == "All models fit together: 3.0 GB of 10 GB."
    picker = page.cards["coder"].picker
    picker.highlighted.emit(picker.findData("v2.5-code"))
    await until(lambda: page.ram.text.startswith("Too much"))
    picker.activated.emit(0)
    await until(lambda: page.ram.text == "All models fit together: 3.0 GB of 10 GB.")


async def test_graphics_memory_has_a_bar_where_there_is_some(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys)
    assert not page.vram.isVisible()
    assistant.engine.gpu_limit = 8.0
    page.fill()
    await until(page.vram.isVisible)
    assert page.vram.text == "All models fit together: 6.0 GB of 8.0 GB."


# ---------------------------------------------------------------- roles


async def test_s0_15_the_picker_tells_how_well_each_model_fits(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    """S0-15, S1-14, S1-23: green first, red last, each with its reasons; an unknown licence is amber."""
    page = await open_models_page(assistant, hotkeys)
    picker = page.cards["persona"].picker
    names = [picker.itemData(at) for at in range(picker.count())]
    assert names == [None, "small", "v2.5-code", "sums"]
    told = [picker.itemData(at, Qt.ItemDataRole.ToolTipRole) or "" for at in range(picker.count())]
    assert told[1] == "It fits."
    assert "Its licence is not known" in told[2]
    assert told[3] == "It is a mathematics model, and the role Assistant chats."
    assert "licence apache-2.0" in page.cards["persona"]._reasons.text()
    assert page.cards["coder"]._reasons.property("look") == "amber"


async def test_choosing_a_model_is_written_and_undone(
    assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths
) -> None:
    page = await open_models_page(assistant, hotkeys)
    picker = page.cards["persona"].picker
    picker.activated.emit(picker.findData("v2.5-code"))
    await until(lambda: assistant.registry.role("persona").model == "v2.5-code")
    assert registry_file.load(home).role("persona").model == "v2.5-code"
    assert home.registry.read_text().startswith("\n# my models\n"), "the rest of the file stays as it was"
    await until(lambda: "Assistant: model" in page._window._undone.text())
    page._window.undo()
    await until(lambda: assistant.registry.role("persona").model == "small")
    await until(lambda: picker.currentData() == "small")


async def test_what_the_registry_refuses_is_said_on_the_card(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys)
    card = page.cards["persona"]
    card.picker.activated.emit(card.picker.findData("sums"))
    await until(card._error.isVisible)
    assert "is for mathematics" in card._error.text()
    assert assistant.registry.role("persona").model == "small"
    assert card.picker.currentData() == "small"


async def test_every_setting_of_a_role_is_written_and_undone(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys)
    rows = form(page, "coder").rows
    window, controls = page._window, {name: row.control for name, row in rows.items()}
    role = lambda: assistant.registry.role("coder")  # noqa: E731
    wanted: list[tuple[str, Any, Any]] = [
        ("residency", lambda c: c.setCurrentIndex(c.findData("hot")), "hot"),
        ("temperature", lambda c: c.setValue(0.7), 0.7),
        ("max_tokens", lambda c: c.setValue(512), 512),
        ("context_length", lambda c: c.stepBy(1), 8192),
        ("timeout_s", lambda c: c.setValue(30), 30),
        ("max_concurrent", lambda c: c.setValue(2), 2),
        ("lane", lambda c: c.setCurrentIndex(c.findData("light")), "light"),
    ]
    before = {name: getattr(role(), name) for name, _, _ in wanted}
    for name, change, value in wanted:
        change(controls[name])
        await until(lambda name=name, value=value: getattr(role(), name) == value)
        assert controls[name].accessibleName().startswith("Code: ")
    for name, _, _ in reversed(wanted):
        await until(lambda: window.changes.last is not None)
        window.undo()
        await until(lambda name=name: getattr(role(), name) == before[name])
    assert rows["context_length"].control.text() == "usual (8,192)"  # type: ignore[attr-defined]


@pytest.mark.qt_log_ignore(r"This plugin does not support (propagateSizeHints|raise|grabbing the keyboard)")
async def test_what_is_asked_in_turn_is_ordered_by_keyboard(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys, REGISTRY.replace("small.gguf", "Qwen-3B-Q4_K_M.gguf"))
    fallbacks = form(page, "coder").fallbacks
    assert fallbacks.order == ("small",)
    assert fallbacks.list.item(0).text() == "Qwen-3B-Q4_K_M"
    fallbacks.add_button.click()
    menu = fallbacks.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["sums"]
    menu.close()
    fallbacks.add("sums")
    await until(lambda: assistant.registry.role("coder").fallback == ("small", "sums"))
    await until(lambda: fallbacks.order == ("small", "sums"))
    fallbacks.list.setCurrentRow(1)
    QTest.keyClick(fallbacks.tools["chevron-up"], Qt.Key.Key_Space)
    await until(lambda: assistant.registry.role("coder").fallback == ("sums", "small"))
    fallbacks.list.setCurrentRow(0)
    QTest.keyClick(fallbacks.tools["trash"], Qt.Key.Key_Space)
    await until(lambda: assistant.registry.role("coder").fallback == ("small",))


async def test_the_mode_and_the_budget_are_settings_too(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys)
    rows: Any = page._window.rows
    rows["mode",].control.setCurrentIndex(rows["mode",].control.findData("emulation"))
    await until(lambda: assistant.registry.mode == "emulation")
    assert rows["mode",].control.currentText() == "Exact, without notes"
    await until(lambda: rows["mode",].help == "Off: Notes. Assistant answers at temperature 0.3.")
    spin = rows["residency", "budget_gb"].control
    assert spin.text() == "automatic"
    spin.stepBy(1)
    await until(lambda: assistant.registry.residency.budget_gb == 8)
    page._window.undo()
    await until(lambda: assistant.registry.residency.budget_gb == "auto")
    await until(lambda: spin.text() == "automatic")


# ---------------------------------------------------------------- acceleration


async def test_a_draft_is_chosen_and_the_pair_is_checked(
    assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths
) -> None:
    """S0-11..S0-14: the verdict of the two files, in words, before anything is loaded."""
    tiny_gguf.write(home.models / "small.gguf", vocabulary=512)
    tiny_gguf.write(home.models / "code.gguf", vocabulary=512, width=32)
    tiny_gguf.write(home.models / "sums.gguf", vocabulary=1024)
    page = await open_models_page(assistant, hotkeys)
    shown = form(page, "coder").acceleration
    assert not shown.check_button.isEnabled()
    shown.picker.activated.emit(0)
    assert assistant.registry.role("coder").acceleration.draft is None
    shown.picker.setCurrentIndex(shown.picker.findData("small"))
    shown.picker.activated.emit(shown.picker.currentIndex())
    await until(lambda: (draft := assistant.registry.role("coder").acceleration.draft) and draft.model == "small")
    await until(shown.check_button.isEnabled)
    assert shown.drafted.isVisible()
    shown.check_button.click()
    await until(lambda: shown._verdict.text().startswith("They fit"))
    shown.picker.setCurrentIndex(shown.picker.findData("sums"))
    shown.picker.activated.emit(shown.picker.currentIndex())
    await until(lambda: (draft := assistant.registry.role("coder").acceleration.draft) and draft.model == "sums")
    await until(shown.check_button.isEnabled)
    shown.check_button.click()
    await until(lambda: shown._verdict.text().startswith("They are no pair: the vocabularies have 512 and 1,024"))
    for model in ("small", None):
        page._window.undo()
        await until(
            lambda model=model: (d := assistant.registry.role("coder").acceleration.draft) == model or d.model == model
        )


async def test_the_share_that_was_accepted_and_why_it_is_off_are_told(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    page = await open_models_page(assistant, hotkeys)
    shown = form(page, "persona").acceleration
    assert not shown._summary.isVisible()
    state = assistant.engine._state("small")
    assistant.engine.states["small"] = replace(state, speculation="off: vocabulary differs at token 7")
    page.fill()
    assert shown._summary.text() == "Now: off: vocabulary differs at token 7."
    assistant.engine.states["small"] = replace(
        state, speculation="drafts 8 tokens with d.gguf", drafted=200, accepted=150
    )
    page.fill()
    assert shown._summary.text().endswith("Right were 75 % of 200 drafted tokens.")
    lookup: Any = shown.lookup.control
    lookup.click()
    await until(lambda: assistant.registry.role("persona").acceleration.prompt_lookup.enabled)


async def test_a_role_that_works_by_rules_offers_no_model(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    page = await open_models_page(assistant, hotkeys)
    page._window.page("models")
    for role in ("watchdog", "curator"):
        assert page.cards[role].picker.isHidden()
        assert page.cards[role].more.isHidden()
        assert "It works by rules" in [one.text() for one in page.cards[role].findChildren(QLabel)]
    assert not page.cards["persona"].picker.isHidden()
