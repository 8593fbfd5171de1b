"""The settings window: changes at once, errors under the control, undo, search, hotkey, plugins, privacy."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from tests.ui.parts import ListHotkeys, PartAssistant
from tests.waiting import until
from trayassist import config
from trayassist.api import Finish, Finished, Kind, Request, Risk, Route, Timings, Verdict
from trayassist.config import App
from trayassist.paths import Paths
from trayassist.ui.settings.general import GeneralPage
from trayassist.ui.settings.models import ModelsPage
from trayassist.ui.settings.plugins import PluginsPage
from trayassist.ui.settings.providers import ProvidersPage
from trayassist.ui.settings.rows import Spec, setting_row
from trayassist.ui.settings.window import SettingsWindow
from trayassist.ui.widgets.theme import Theme

NOT_SHOWN = {"hotkey.ask", "plugins.disabled", "plugins.settings"}  # they have rows and pages of their own


async def open_settings(assistant: PartAssistant, hotkeys: ListHotkeys, theme: Theme | None = None) -> SettingsWindow:
    window = SettingsWindow(assistant, hotkeys, theme)  # type: ignore[arg-type]
    window.show()
    await window.build_all()
    return window


def general(window: SettingsWindow) -> GeneralPage:
    page = window.page("general")
    assert isinstance(page, GeneralPage)
    return page


def plugins(window: SettingsWindow) -> PluginsPage:
    page = window.page("plugins")
    assert isinstance(page, PluginsPage)
    return page


def control(window: SettingsWindow, key: str) -> Any:
    return window.rows[key].control


async def test_every_setting_there_is_has_a_row(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    keys = {f"{section}.{name}" for section, part in App() for name in type(part).model_fields}
    assert {key for key in window.rows if key in keys} == keys - NOT_SHOWN
    for key, row in window.rows.items():
        assert row.control.accessibleName(), key


async def test_an_open_window_shows_what_was_taken_over_from_the_files(
    assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths
) -> None:
    window = await open_settings(assistant, hotkeys)
    home.app_config.write_text("memory: {readers: 7}\nplugins: {disabled: [coder]}\n")
    home.registry.write_text("providers: {ollama: {enabled: true}}\n")
    await assistant.reload_config()
    await assistant.reload_registry()
    window.follow_files()
    assert control(window, "memory.readers").value() == 7
    shown = window.page("providers")
    assert isinstance(shown, ProvidersPage)
    assert shown.cards["ollama"].box.isChecked()
    assert config.load(home).memory.readers == 7, "showing it writes nothing"
    assert assistant.reloads == 1


async def test_a_change_is_written_and_taken_over_at_once(
    assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths
) -> None:
    window = await open_settings(assistant, hotkeys)
    told: list[tuple[str, object]] = []
    window.changed.connect(lambda key, value: told.append((key, value)))
    control(window, "memory.readers").setValue(5)
    await until(lambda: assistant.reloads == 1)
    assert config.load(home).memory.readers == 5
    assert assistant.config.memory.readers == 5
    await until(lambda: told == [("memory.readers", 5)])
    control(window, "memory.ocr").click()
    await until(lambda: assistant.config.memory.ocr is False)


async def test_undo_takes_changes_back_one_by_one(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    control(window, "memory.readers").setValue(5)
    await until(lambda: assistant.config.memory.readers == 5)
    control(window, "memory.readers").setValue(6)
    await until(lambda: assistant.config.memory.readers == 6)
    await until(lambda: "Ctrl+Z" in window._undone.text())
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: assistant.config.memory.readers == 5)
    await until(lambda: control(window, "memory.readers").value() == 5)
    window.undo()
    await until(lambda: assistant.config.memory.readers == 2)
    window.undo()  # nothing is left to take back
    await asyncio.sleep(0.05)
    assert assistant.config.memory.readers == 2


async def test_what_cannot_be_written_is_said_under_the_control(
    assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths
) -> None:
    window = await open_settings(assistant, hotkeys)
    home.app_config.write_text("look: {theme: purple}\n")  # someone broke the file meanwhile
    control(window, "memory.readers").setValue(5)
    await until(lambda: window.rows["memory.readers"].error)
    error = window.rows["memory.readers"].error
    assert "app.yaml, line 1" in error
    assert "purple" in error
    assert assistant.config.memory.readers == 2
    assert home.app_config.read_text() == "look: {theme: purple}\n", "nothing was written over it"
    home.app_config.unlink()
    control(window, "memory.readers").setValue(4)
    await until(lambda: assistant.config.memory.readers == 4)
    await until(lambda: window.rows["memory.readers"].error == "")


async def test_limits_of_the_settings_are_limits_of_the_controls(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    window = await open_settings(assistant, hotkeys)
    readers = control(window, "memory.readers")
    assert (readers.minimum(), readers.maximum()) == (1, 16)
    assert control(window, "memory.page_time_limit_s").minimum() > 0
    assert control(window, "memory.file_time_limit_s").text() == "3,600 s"


def test_help_comes_from_the_settings_model(qapp: QApplication) -> None:
    row = setting_row(Spec("memory.max_file_mb", "Largest file", unit="MB"))
    assert [found.text() for found in row.findChildren(QLabel) if "refused" in found.text()] == [
        "Larger files are refused."
    ]


async def test_the_theme_changes_every_window(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    theme = Theme("light")
    window = await open_settings(assistant, hotkeys, theme)
    box = control(window, "look.theme")
    box.setCurrentIndex(box.findData("dark"))
    await until(lambda: theme.dark)
    assert theme.colors.surface in window.styleSheet()


async def test_search_finds_settings_by_name_help_and_key(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)

    def pages() -> list[str]:
        bar = window.sidebar
        return [bar.item(at).text() for at in range(bar.count()) if not bar.item(at).isHidden()]

    window.search.setText("tesseract")
    assert pages() == ["Memory"]
    assert window.rows["memory.ocr_language"].isVisible()
    assert not window.rows["memory.readers"].isVisible()
    window.search.setText("retention")
    assert pages() == ["Privacy"]
    window.search.setText("weather")
    assert pages() == ["Plugins"]
    window.search.setText("nonsense here")
    assert pages() == []
    assert window._nothing.text() == "No setting is about “nonsense here”."
    window.search.setText("")
    assert len(pages()) == len(window.slots)
    assert not window.rows["memory.readers"].isHidden()


async def test_the_wheel_scrolls_past_a_number(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    window.show_page("memory")
    box = control(window, "memory.readers")
    nothing = Qt.MouseButton.NoButton
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), nothing, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, event)
    assert box.value() == 2


async def test_starting_with_the_desktop_is_switched_and_undone(
    assistant: PartAssistant, hotkeys: ListHotkeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    window = await open_settings(assistant, hotkeys)
    entry = tmp_path / "autostart" / "trayassist.desktop"
    control(window, "autostart").click()
    await until(entry.exists)
    await until(lambda: "Start with the desktop" in window._undone.text())
    window.undo()
    await until(lambda: not entry.exists())
    await until(lambda: not control(window, "autostart").isChecked())


async def test_the_text_size_changes_every_window(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    theme = Theme("light")
    before = theme.font_px("small")
    window = await open_settings(assistant, hotkeys, theme)
    control(window, "look.text_percent").setValue(150)
    await until(lambda: theme.font_px("small") == round(before * 1.5))
    assert f"font-size: {theme.font_px('small')}px" in window.styleSheet()


async def test_pages_are_built_when_they_are_wanted(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    await until(lambda: [slot.name for slot, _ in window.slots if slot.part is not None] == ["general"])
    await until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    await until(lambda: window.slots[2][0].part is not None)
    window.search.setText("record of activity")  # one search builds all that is left
    await until(lambda: all(slot.part is not None for slot, _ in window.slots))
    await until(lambda: window.slots[window.sidebar.currentRow()][0].name == "privacy")


async def test_about_shows_the_licences_of_models(assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths) -> None:
    """S1-23: a licence that nobody wrote down is amber."""
    home.registry.write_text("models: {small: {file: a.gguf, license: apache-2.0}, large: {file: b.gguf}}\n")
    await assistant.reload_registry()
    window = await open_settings(assistant, hotkeys)
    about = window.page("about")
    shown = {row.control.accessibleName(): row.control.property("look") for row in about.rows}
    assert shown["Model small: apache-2.0"] != "amber"
    assert shown["Model large: Not known"] == "amber"
    await until(lambda: any("pydantic" in row._found_by for row in about.rows))


# ---------------------------------------------------------------- plugins and privacy


async def test_plugins_show_their_state_and_are_switched(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    window.show_page("plugins")
    cards = plugins(window).cards
    assert list(cards) == ["persona", "coder", "curator", "weather"]
    assert cards["persona"]._about.text().startswith("Answers from your documents and talks with you.")
    assert "persona" not in cards["persona"]._about.text()
    assert "no module “sky”" in cards["weather"]._state.text()
    assert cards["weather"]._state.isVisible()
    cards["coder"].box.click()
    await until(lambda: assistant.config.plugins.disabled == ("coder",))
    await until(lambda: assistant.plugins.infos["coder"].state == "off")
    cards["coder"].box.click()
    await until(lambda: assistant.config.plugins.disabled == ())


async def test_the_history_is_forgotten_only_after_a_second_word(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    route = Route(kind=Kind.CHAT, role="persona", text="", confidence=1, method="rules", reason="")
    done = Finished(finish=Finish.STOP, answer="5 %", route=route, verdict=Verdict(risk=Risk.LOW), timings=Timings())
    await assistant.history.add(Request(text="late fee?"), done)
    window = await open_settings(assistant, hotkeys)
    button = next(b for b in window.findChildren(QPushButton) if "history" in b.text())
    button.click()
    assert window.notice.asking
    window.notice._no.click()
    assert len(await assistant.history.recent()) == 1
    button.click()
    window.notice._yes.click()
    await until(lambda: window.notice.text == "1 question is forgotten.")
    assert await assistant.history.recent() == []


async def test_what_is_found_keeps_its_heading_and_no_heading_stands_alone(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    window = await open_settings(assistant, hotkeys)
    page = window.page("general")
    headings = {heading.text(): heading for heading in page._headings}
    window.search.setText("theme")
    await until(lambda: all(slot.part is not None for slot, _ in window.slots))
    assert not headings["Look"].isHidden()
    assert headings["Start"].isHidden()
    window.search.clear()
    assert not headings["Start"].isHidden()
    window.close()


async def test_what_hides_by_itself_is_not_shown_by_a_search(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    page = window.page("models")
    assert isinstance(page, ModelsPage)
    window.search.setText("theme")
    window.search.clear()
    assert page.adding.notice.isHidden()
    window.close()


async def test_that_nothing_was_found_is_said_in_the_middle(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    window.search.setText("zzz")
    await until(lambda: all(slot.part is not None for slot, _ in window.slots))
    await until(lambda: "zzz" in window._nothing.text())
    assert window.sidebar.stack.currentWidget() is window._nothing
    window.search.clear()
    assert window.sidebar.stack.currentWidget() is window.slots[0][0]
    window.close()
