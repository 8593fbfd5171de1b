"""Every page of the settings by keyboard and screen reader, in small windows, in big letters, built when wanted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from tests.ui.parts import ListHotkeys, PartAssistant
from tests.ui.test_access import controls, name
from tests.waiting import until
from trayassist.ui.settings.models import ModelsPage
from trayassist.ui.settings.rows import SettingRow, SettingsPage
from trayassist.ui.settings.window import LEAST, SettingsWindow
from trayassist.ui.widgets.theme import Theme

NAMES = ("general", "models", "adapters", "providers", "memory", "plugins", "privacy", "about")
REGISTRY = """
models:
  a-model-with-quite-a-long-name-7b-instruct: {file: a.gguf, params_b: 7, license: apache-2.0}
  code: {file: b.gguf, kind: code}
roles:
  persona: {model: a-model-with-quite-a-long-name-7b-instruct, fallback: [code]}
  coder: {model: code, acceleration: {draft: {model: a-model-with-quite-a-long-name-7b-instruct}}}
"""


async def open_settings(assistant: PartAssistant, hotkeys: ListHotkeys, theme: Theme | None = None) -> SettingsWindow:
    assistant.paths.registry.write_text(REGISTRY)
    await assistant.reload_registry()
    window = SettingsWindow(assistant, hotkeys, theme or Theme("light"))  # type: ignore[arg-type]
    window.show()
    await window.build_all()
    models = window.page("models")
    assert isinstance(models, ModelsPage)
    for card in models.cards.values():
        card.more.setChecked(True)
    return window


@pytest.mark.parametrize("page", NAMES)
async def test_every_control_of_a_page_has_a_name_and_takes_the_focus(
    assistant: PartAssistant, hotkeys: ListHotkeys, page: str
) -> None:
    window = await open_settings(assistant, hotkeys)
    window.show_page(page)
    await asyncio.sleep(0.1)
    found = controls(window.page(page))
    assert found
    assert [w for w in found if not name(w) and not w.isHidden()] == []
    assert [w for w in found if w.focusPolicy() == Qt.FocusPolicy.NoFocus] == []


async def test_all_pages_are_looked_at(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    assert tuple(slot.name for slot, _ in window.slots) == NAMES


@pytest.mark.parametrize("percent", [100, 160])
@pytest.mark.parametrize("page", NAMES)
async def test_nothing_is_cut_off_in_the_smallest_window(
    assistant: PartAssistant, hotkeys: ListHotkeys, page: str, percent: int
) -> None:
    """Every control ends inside its page, and every word on a button and of a label that breaks has its room."""
    window = await open_settings(assistant, hotkeys, Theme("light", text_percent=percent))
    window.resize(LEAST)
    window.show_page(page)
    for _ in range(60):  # layouts settle in steps of the loop
        await asyncio.sleep(0.05)
        if not _cut_off(window.page(page)):
            break
    assert _cut_off(window.page(page)) == []


def _cut_off(page: SettingsPage) -> list[str]:
    inner, room = page.widget(), page.viewport().width()
    found = []
    for widget in inner.findChildren(QWidget):
        if not widget.isVisible() or _in_a_scroll_area(widget, page):
            continue
        right = widget.mapTo(inner, QPoint(widget.width(), 0)).x()
        if right > room or _is_cut(widget):
            found.append(f"{_describe(widget)} ends at {right} of {room}")
    return found


def _in_a_scroll_area(widget: QWidget, page: QScrollArea) -> bool:
    parent = widget.parentWidget()
    while parent is not None and parent is not page:
        if hasattr(parent, "horizontalScrollBar"):
            return True
        parent = parent.parentWidget()
    return False


def _is_cut(widget: QWidget) -> bool:
    if isinstance(widget, QPushButton):
        return widget.width() < widget.minimumSizeHint().width() or widget.height() < widget.minimumSizeHint().height()
    if isinstance(widget, QLabel) and widget.wordWrap() and widget.text():
        return widget.height() < widget.heightForWidth(widget.width()) - 1
    if isinstance(widget, QAbstractSpinBox):
        text = widget.lineEdit().text()
        return widget.lineEdit().width() < widget.fontMetrics().horizontalAdvance(text)
    return isinstance(widget, QLabel) and widget.width() < widget.minimumSizeHint().width() - 1


def _describe(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton | QLabel | QLineEdit) else name(widget)
    return f"{type(widget).__name__} {text!r} {widget.width()}x{widget.height()}"


async def test_tab_walks_a_page_from_top_to_bottom(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    window.show_page("general")
    await until(window.isActiveWindow)
    rows = [row for row in window.page("general").rows if isinstance(row, SettingRow)]
    rows[0].control.setFocus()
    met = []
    for _ in rows:
        met.append(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert met == [row.control for row in rows]


async def test_letters_of_the_models_page_reach_its_buttons(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    window = await open_settings(assistant, hotkeys)
    window.show_page("models")
    page = window.page("models")
    assert isinstance(page, ModelsPage)
    await until(lambda: page.list.table.rows.shown)
    assistant.engine.loaded.clear()
    await until(window.isActiveWindow)
    page.list.table.select([1])
    await until(page.list.load_button.isEnabled)
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.AltModifier)
    await until(lambda: "code" in assistant.engine.loaded)


async def test_letters_are_not_given_twice(assistant: PartAssistant, hotkeys: ListHotkeys) -> None:
    """Two buttons of one page with the same letter would only move the focus."""
    window = await open_settings(assistant, hotkeys)
    for page in NAMES:
        buttons = [*window.page(page).findChildren(QAbstractButton), window._undo_button]
        letters = [b.text()[at + 1].lower() for b in buttons if (at := b.text().find("&")) >= 0 and not b.isHidden()]
        assert sorted(letters) == sorted(set(letters)), page


async def test_s0_pages_are_built_between_other_work_and_only_when_they_are_wanted(
    assistant: PartAssistant, hotkeys: ListHotkeys
) -> None:
    """How long a step takes is measured by benchmarks."""
    assistant.paths.registry.write_text(REGISTRY)
    await assistant.reload_registry()
    window = SettingsWindow(assistant, hotkeys)  # type: ignore[arg-type]
    window.show()
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    later = [slot for slot, _ in window.slots if slot.part is None]
    assert len(later) >= len(window.slots) - 1
    for number, slot in enumerate(later):
        assert [other.part for other in later[number:]] == [None] * (len(later) - number)
        before = turns
        await slot.grow()
        assert turns - before >= 2, slot.name
    counting.cancel()


def test_a_combo_box_is_no_wider_than_its_place(qapp: Any) -> None:
    from trayassist.ui.settings.controls import Combo

    box = Combo()
    box.addItem("a name of a model " * 20)
    assert isinstance(box, QComboBox)
    assert box.sizeHint().width() < 400
