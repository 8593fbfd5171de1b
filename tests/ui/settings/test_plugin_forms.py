"""The Plugins page makes a form of the settings that a plugin declares: each kind, at once, undone, mended."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.plugins import faulty
from tests.ui.parts import CURATOR_SETTINGS, ListHotkeys, PartAssistant
from tests.waiting import until
from trayassist import config
from trayassist.api import PluginUnavailable, Setting
from trayassist.assistant import Assistant
from trayassist.paths import Paths
from trayassist.ui.app import language
from trayassist.ui.settings.controls import Field, make
from trayassist.ui.settings.plugins import Card, PluginsPage
from trayassist.ui.settings.window import SettingsWindow


def card(assistant: PartAssistant, hotkeys: ListHotkeys) -> tuple[SettingsWindow, Card]:
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    window.show_page("plugins")
    page = window.page("plugins")
    assert isinstance(page, PluginsPage)
    return window, page.cards["curator"]


def own(assistant: PartAssistant) -> dict[str, Any]:
    return assistant.config.plugins.settings.get("curator", {})


async def test_the_form_shows_every_declared_setting_with_its_default(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    _, shown = card(assistant, hotkeys)
    assert list(shown.form) == [setting.name for setting in CURATOR_SETTINGS]
    controls: dict[str, Any] = {name: row.control for name, row in shown.form.items()}
    assert (controls["depth"].value(), controls["depth"].minimum(), controls["depth"].maximum()) == (4, 1, 12)
    assert controls["depth"].text() == "4 levels"
    assert controls["share"].value() == 0.5
    assert controls["loud"].isChecked() is False
    assert [controls["tone"].itemText(at) for at in range(2)] == ["Plain", "Warm"]
    assert controls["greeting"].text() == "Hello"
    assert controls["words"].toPlainText() == "one\ntwo"
    assert controls["depth"].accessibleName() == "Notes: Depth"


async def test_each_kind_is_written_at_once_and_undone(
    assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths
) -> None:
    window, shown = card(assistant, hotkeys)
    controls: dict[str, Any] = {name: row.control for name, row in shown.form.items()}
    controls["depth"].setValue(7)
    await until(lambda: own(assistant) == {"depth": 7})
    controls["loud"].click()
    await until(lambda: own(assistant).get("loud") is True)
    controls["tone"].setCurrentIndex(1)
    await until(lambda: own(assistant).get("tone") == "warm")
    controls["words"].setFocus()
    controls["words"].setPlainText("three\n\n four ")
    QTest.keyClick(controls["words"], Qt.Key.Key_Tab)
    await until(lambda: own(assistant).get("words") == ["three", "four"])
    assert QApplication.focusWidget() is not controls["words"], "Tab leaves the list"
    assert config.load(home).plugins.settings["curator"]["depth"] == 7
    for left in (3, 2, 1, 0):
        window.undo()
        await until(lambda left=left: len(own(assistant)) == left)
    assert controls["depth"].value() == 4
    assert controls["words"].toPlainText() == "one\ntwo"


async def test_a_value_that_someone_wrote_wrongly_is_said_and_can_be_mended(
    assistant: PartAssistant, hotkeys: ListHotkeys, home: Paths
) -> None:
    home.app_config.write_text("plugins: {settings: {curator: {depth: 40}}}\n")
    await assistant.reload_config()
    _, shown = card(assistant, hotkeys)
    row = shown.form["depth"]
    assert row.error == "Give 12 or less."
    row.control.setValue(12)  # type: ignore[attr-defined]
    await until(lambda: own(assistant) == {"depth": 12})
    await until(lambda: row.error == "")


async def test_a_plugin_without_settings_has_no_form_and_one_that_is_off_hides_it(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    window, shown = card(assistant, hotkeys)
    page = window.page("plugins")
    assert isinstance(page, PluginsPage)
    assert page.cards["persona"].form == {}
    assert shown.form["depth"].isVisible()
    shown.box.click()
    await until(lambda: assistant.config.plugins.disabled == ("curator",))
    await until(lambda: not shown.form["depth"].isVisible())


async def test_the_search_finds_a_plugins_settings(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window, shown = card(assistant, hotkeys)
    window.search.setText("how deep it looks")
    await until(lambda: all(slot.part is not None for slot, _ in window.slots))
    assert shown.isVisible()
    page = window.page("plugins")
    assert isinstance(page, PluginsPage)
    assert not page.cards["persona"].isVisible()


async def test_a_plugin_of_others_is_set_through_its_form_and_takes_it_over(qapp: QApplication, home: Paths) -> None:
    """The real assistant: the plugin is loaded again with what was chosen; one that refuses it says so on its card."""
    depth = Setting(name="depth", title="Depth", default=2, least=1, most=9)
    met: list[int] = []

    def setup(host: Any) -> None:
        met.append(depth.of(host.settings))
        if met[-1] == 7:
            raise PluginUnavailable("Seven is too deep here.", "Choose another depth.")

    entry = faulty.entry("deep", register_settings=lambda: [depth], setup=setup)
    assistant = Assistant(home, found=[entry])
    await assistant.start()
    try:
        window = SettingsWindow(assistant, ListHotkeys())  # type: ignore[arg-type]
        window.show()
        page = window.page("plugins")
        assert isinstance(page, PluginsPage)
        control: Any = page.cards["deep"].form["depth"].control
        control.setValue(5)
        await until(lambda: met[-1] == 5)
        control.setValue(7)
        await until(lambda: "Seven is too deep here. Choose another depth." in page.cards["deep"]._state.text())
        assert page.cards["deep"].form["depth"].control is control, "the form stays, so that it can be mended"
        control.setValue(6)
        await until(lambda: met[-1] == 6)
        await until(page.cards["deep"]._state.isHidden)
        window.close()
    finally:
        await assistant.stop()


@pytest.mark.parametrize(("code", "shown", "typed"), [("de", "2.048 MB", "0,7"), ("en", "2,048 MB", "0.7")])
def test_numbers_are_written_and_read_as_the_language_does(
    qapp: QApplication, code: str, shown: str, typed: str
) -> None:
    language.speak(code)
    try:
        whole, part = make(Field("whole", 1, 9000, "MB")), make(Field("number", 0.0, 2.0))
        whole.show(2048)
        assert whole.widget.property("text") == shown
        part.show(0.3)
        part.widget.show()
        part.widget.selectAll()  # type: ignore[attr-defined]  # a spin box
        QTest.keyClicks(part.widget, typed)
        QTest.keyClick(part.widget, Qt.Key.Key_Return)
        assert part.widget.property("value") == 0.7
        assert part.widget.property("text") == typed
    finally:
        language.speak("en")
