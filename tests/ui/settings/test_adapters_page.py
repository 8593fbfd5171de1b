"""The adapters page as a person uses it: import, approve, evaluate, use, scale, compare, revert, remove (S4-18)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tests.models.adapters import tiny_models as tiny
from tests.models.adapters.writing import WrittenEngine
from tests.ui.parts import ListHotkeys, PartAssistant
from tests.waiting import until
from trayassist.api import TrayassistError
from trayassist.models.adapters import Adapters
from trayassist.models.registry import file as registry_file
from trayassist.ui.settings.adapters import AdaptersPage
from trayassist.ui.settings.window import SettingsWindow

SHAPE = tiny.shape("qwen2")


@pytest.fixture
def engine() -> WrittenEngine:
    return WrittenEngine()


@pytest.fixture
def page(assistant: PartAssistant, hotkeys: ListHotkeys, engine: WrittenEngine) -> Any:
    """Return a function that opens the page: a window needs a running loop."""
    home = assistant.paths
    tiny.write(home.models / "base.gguf", SHAPE)
    home.registry.write_text(
        yaml.safe_dump({"models": {"base": {"file": "base.gguf"}}, "roles": {"persona": {"model": "base"}}})
    )
    (home.config / "golden").mkdir()
    golden = {"prompts": [{"prompt": "Who are you?", "checks": [{"contains": "Ada"}]}]}
    (home.config / "golden" / "persona.yaml").write_text(yaml.safe_dump(golden))
    registry = registry_file.load(home)
    assistant.adapters = Adapters(home, lambda: registry, engine, assistant.audit)  # type: ignore[attr-defined, arg-type]

    def opened() -> AdaptersPage:
        window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
        window.show_page("adapters")
        window.show()
        found = window.page("adapters")
        assert isinstance(found, AdaptersPage)
        return found

    return opened


COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drag_onto(page: AdaptersPage, data: QMimeData) -> QDragEnterEvent:
    """Drag something onto the page; return the event."""
    event = QDragEnterEvent(QPointF(9, 9), COPY, data, LEFT, NONE)
    QApplication.sendEvent(page.viewport(), event)
    return event


def source(folder: Path, name: str = "mine", seed: int = 5) -> Path:
    return tiny.write_lora(folder / f"{name}.gguf", SHAPE, tiny.lora(SHAPE, seed=seed))


def room(page: AdaptersPage) -> Adapters:
    return page._room


def visible_texts(widget: Any) -> list[str]:
    """Return the texts of the labels that are to be seen."""
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisibleTo(widget) and one.text()]


def buttons(card: Any) -> list[str]:
    return [one.text() for one in card.findChildren(QPushButton) if one.isVisibleTo(card)]


async def import_adapter(page: AdaptersPage, folder: Path, name: str = "mine", seed: int = 5) -> Any:
    page.take([source(folder, name, seed)])
    await until(lambda: name in page.cards)
    return page.cards[name]


async def in_use(page: AdaptersPage, folder: Path, name: str = "mine", seed: int = 5) -> Any:
    card = await import_adapter(page, folder, name, seed)
    card.buttons["approve"].click()
    await until(lambda: "Evaluate" in buttons(card))
    card.buttons["evaluate"].click()
    await until(lambda: "Use as recent" in buttons(card))
    card.buttons["recent"].click()
    await until(lambda: card.record.state == "active")
    return card


async def test_an_empty_page_says_what_adapters_are_and_how_to_get_one(page: Any) -> None:
    page = page()
    await until(lambda: any("none yet" in text for text in visible_texts(page)))
    assert any("trayassist adapters export --training" in text for text in visible_texts(page))
    assert not page.slots.isVisibleTo(page)
    assert page.importing.file_button.isVisibleTo(page)


async def test_a_dropped_file_is_imported(page: Any, tmp_path: Path) -> None:
    page = page()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(source(tmp_path)))])
    assert drag_onto(page, data).isAccepted()
    assert page.importing.property("hovered")
    QApplication.sendEvent(page.viewport(), QDropEvent(QPointF(9, 9), COPY, data, LEFT, NONE))
    assert not page.importing.property("hovered")
    await until(lambda: "mine" in page.cards)
    card = page.cards["mine"]
    assert card.state.text() == "waits for approval"
    assert any("for base" in text and "rank 4" in text for text in visible_texts(card))
    assert buttons(card) == ["Approve", "Reject", "Remove…"]
    text = QMimeData()
    text.setText("hello")
    assert not drag_onto(page, text).isAccepted()


async def test_what_cannot_be_imported_is_said_in_place(page: Any, tmp_path: Path) -> None:
    page = page()
    bad = tmp_path / "notes.gguf"
    bad.write_text("dear diary")
    other = tiny.shape("qwen2", width=32)
    foreign = tiny.write_lora(tmp_path / "foreign.gguf", other, tiny.lora(other))
    page.take([bad, foreign])
    await until(lambda: page.importing.error.isVisibleTo(page))
    said = page.importing.error.text()
    assert "notes.gguf is not a GGUF file" in said
    assert "64 × 64 there and 32 × 32 in the adapter" in said
    assert not page.importing.busy


async def test_an_import_can_be_cancelled(page: Any, tmp_path: Path, assistant: PartAssistant) -> None:
    page = page()
    page.take([source(tmp_path)])
    assert page.importing.busy
    page.importing.stop_button.click()
    await until(lambda: not page.importing.busy)
    await asyncio.sleep(0.1)
    assert page.cards == {}
    assert list(assistant.paths.adapters.glob(".import*")) == []


async def test_from_approval_to_use_and_back(page: Any, tmp_path: Path) -> None:
    page = page()
    card = await in_use(page, tmp_path)
    assert card.state.text() == "in use"
    assert card.score.text().startswith("100% of the checks pass, 0% without it")
    assert buttons(card) == ["Show the answers", "Evaluate again", "Switch off"]
    slot = page.slots.rows["recent"]
    assert slot.adapter.text() == "mine"
    assert page.slots.rows["history"].adapter.text() == "empty"
    card.judged.button.click()
    assert "I am Ada." in visible_texts(card)
    assert "passes" in visible_texts(card)
    page.slots.revert_button.click()
    await until(lambda: slot.adapter.text() == "empty")
    assert card.state.text() == "taken back"
    assert room(page).slots() == ()


async def test_the_scale_slider_is_written_when_it_rests_and_works_by_keyboard(page: Any, tmp_path: Path) -> None:
    page = page()
    await in_use(page, tmp_path)
    slider = page.slots.rows["recent"].slider
    assert slider.value() == 20
    slider.setFocus()
    for _ in range(5):
        QTest.keyClick(slider, Qt.Key.Key_Left)
    assert page.slots.rows["recent"].value.text() == "× 0.75"
    await until(lambda: room(page).slots()[0].scale == 0.75)
    assert slider.accessibleName() == "Scale of Recent"


async def test_an_evaluation_can_be_cancelled_and_its_failure_is_said(
    page: Any, tmp_path: Path, engine: WrittenEngine
) -> None:
    page = page()
    card = await import_adapter(page, tmp_path)
    card.buttons["approve"].click()
    await until(lambda: "Evaluate" in buttons(card))
    held = asyncio.Event()
    engine.on_answer.append(held.wait)
    card.buttons["evaluate"].click()
    await until(lambda: "Answer 1 of 2, without it: Who are you?" in visible_texts(card))
    assert "Cancel" in buttons(card)
    assert "Evaluate" not in buttons(card)
    card.cancel()
    await until(lambda: not card.busy)
    assert "Evaluate" in buttons(card)
    assert card.record.evaluation is None
    engine.broken = TrayassistError("The model is gone.", "Load it.")
    card.buttons["evaluate"].click()
    await until(lambda: card.error.isVisibleTo(card))
    assert "The model is gone." in card.error.text()


async def test_a_rejected_adapter_needs_a_reason_to_be_used(page: Any, tmp_path: Path, engine: WrittenEngine) -> None:
    engine.with_adapter = "Bob"
    page = page()
    card = await import_adapter(page, tmp_path)
    card.buttons["approve"].click()
    await until(lambda: "Evaluate" in buttons(card))
    card.buttons["evaluate"].click()
    await until(lambda: card.state.text() == "rejected")
    assert "70% are needed" in card.score.text()
    card.buttons["anyway"].click()
    recent = next(one for one in card._anyway.findChildren(QPushButton) if one.text() == "Use as recent")
    recent.click()
    await asyncio.sleep(0.05)
    assert card.record.state == "rejected", "without a reason nothing happens"
    card.reason.setText("I trained it myself")
    recent.click()
    await until(lambda: card.record.state == "active")
    assert room(page).slots()[0].override == "I trained it myself"


async def test_both_answers_are_compared_as_they_are_made(page: Any, tmp_path: Path, engine: WrittenEngine) -> None:
    page = page()
    await in_use(page, tmp_path)
    preview = page.preview
    preview.field.setText("Who are you?")
    QTest.keyClick(preview.field, Qt.Key.Key_Return)
    await until(lambda: preview.sides[True].answer == "I am Ada. " and not preview.busy)
    assert preview.sides[False].answer == "I am a model. "
    plain, adapted = engine.asked[-2:]
    assert plain["adapters"] == ()
    assert adapted["adapters"][0]["scale"] == 1.0
    assert plain["adjustment"] == adapted["adjustment"]
    assert plain["adjustment"].seed is not None
    engine.with_adapter = "Ada, half."
    page.slots.rows["recent"].slider.setValue(10)
    await until(lambda: preview.sides[True].answer == "Ada, half. " and not preview.busy)
    assert engine.asked[-1]["adapters"][0]["scale"] == 0.5
    assert engine.asked[-2] is adapted, "only the side with adapters is asked again"
    held = asyncio.Event()
    engine.on_answer.append(held.wait)
    preview.button.click()
    assert preview.button.text() == "&Stop"
    preview.button.click()
    await until(lambda: not preview.busy)
    assert preview.button.text() == "&Compare"


async def test_removing_asks_in_place(page: Any, tmp_path: Path, assistant: PartAssistant) -> None:
    page = page()
    card = await import_adapter(page, tmp_path)
    folder = card.record.folder
    card.buttons["remove"].click()
    assert "Remove the adapter mine" in page.notice.text
    assert folder.is_dir()
    page.notice._yes.click()
    await until(lambda: "mine" not in page.cards)
    assert not folder.exists()


async def test_a_lost_file_and_a_damaged_record_are_said(page: Any, tmp_path: Path) -> None:
    page = page()
    card = await in_use(page, tmp_path)
    other = await import_adapter(page, tmp_path, "other", 9)
    (other.record.folder / "adapter.json").write_text("{")
    card.record.file.unlink()
    await page.fill()
    assert "The file of the adapter mine is missing." in visible_texts(card)
    assert "The file of the adapter mine is missing." in visible_texts(page.slots)
    assert "other" not in page.cards
    await until(lambda: any("adapter.json is damaged" in text for text in visible_texts(page)))


async def test_every_control_has_a_name(page: Any, tmp_path: Path) -> None:
    page = page()
    card = await in_use(page, tmp_path)
    for button in card.findChildren(QPushButton):
        assert button.accessibleName() or button.text()
    assert page.preview.which.accessibleName()
    assert page.preview.field.accessibleName()
    assert len({one.accessibleName() for one in card.buttons.values()}) == len(card.buttons)


async def test_a_closed_window_stops_listening(page: Any, tmp_path: Path, assistant: PartAssistant) -> None:
    page = page()
    adapters = room(page)
    assert len(adapters.changed) == 1
    page.take([source(tmp_path)])
    page.window().close()
    await until(lambda: adapters.changed == [])
    await asyncio.sleep(0.5)
    assert list(assistant.paths.adapters.glob("mine")) == []
