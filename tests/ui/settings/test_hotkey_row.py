"""The hotkey's row in the settings: pressed, tried, refused in words, switched off, taken back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.parts import ListHotkeys, PartAssistant
from tests.ui.settings.test_window import control, general, open_settings
from tests.waiting import until
from trayassist.ui.settings.hotkey import HotkeyField


async def test_a_new_hotkey_is_pressed_tried_and_written(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    field = general(window).hotkey.field
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    assert field.waiting
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(field, Qt.Key.Key_Control, held)  # a modifier alone is not yet a key
    assert field.waiting
    QTest.keyClick(field, Qt.Key.Key_Space, held)
    await until(lambda: assistant.config.hotkey.ask == "ctrl+shift+space")
    assert ("ctrl+shift+space", True) in hotkeys.applied
    assert not field.waiting


async def test_a_taken_hotkey_is_refused_in_words_and_the_old_one_kept(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    hotkeys.taken.add("ctrl+alt+t")
    window = await open_settings(assistant, hotkeys)
    row = general(window).hotkey
    row.field.captured.emit("ctrl+alt+t")
    await until(lambda: row.error)
    assert row.error.startswith("Ctrl+Alt+T was not taken. The key is already taken by another program.")
    assert assistant.config.hotkey.ask == "ctrl+alt+space"
    assert hotkeys.applied[-1] == ("ctrl+alt+space", True), "the old key is in force again"


async def test_a_hotkey_can_be_switched_off_and_back_by_undo(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    control(window, "hotkey.enabled").click()
    await until(lambda: hotkeys.applied[-1:] == [("ctrl+alt+space", False)])
    await until(lambda: not general(window).hotkey.field.isEnabled())
    window.undo()
    await until(lambda: hotkeys.applied[-1] == ("ctrl+alt+space", True))


@pytest.mark.parametrize(
    ("pressed", "held", "written"),
    [
        (Qt.Key.Key_J, Qt.KeyboardModifier.AltModifier, "alt+j"),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, "f5"),
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier, "ctrl+tab"),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.MetaModifier, "super+pagedown"),
    ],
)
def test_keys_are_written_as_the_settings_file_does(
    qapp: QApplication, pressed: Qt.Key, held: Qt.KeyboardModifier, written: str
) -> None:
    field, got = HotkeyField(), []
    field.captured.connect(got.append)
    field.begin()
    QTest.keyClick(field, pressed, held)
    assert got == [written]


@pytest.mark.parametrize("pressed", [Qt.Key.Key_A, Qt.Key.Key_Space, Qt.Key.Key_VolumeUp])
def test_keys_for_typing_and_unknown_keys_are_refused(qapp: QApplication, pressed: Qt.Key) -> None:
    field, got, said = HotkeyField(), [], []
    field.captured.connect(got.append)
    field.refused.connect(said.append)
    field.begin()
    QTest.keyClick(field, pressed)
    assert got == []
    assert len(said) == 1


def test_escape_keeps_the_old_key(qapp: QApplication) -> None:
    field = HotkeyField()
    field.show_key("Ctrl+Alt+Space")
    field.begin()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not field.waiting
    assert field.text() == "Ctrl+Alt+Space"
