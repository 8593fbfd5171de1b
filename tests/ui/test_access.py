"""Every window by keyboard and screen reader: each control has a name, takes the focus, and Esc closes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QWidget,
)

from tests.ui.parts import ListHotkeys, PartAssistant, document
from tests.waiting import until
from trayassist.ui.activity.window import ActivityWindow
from trayassist.ui.memory.window import MemoryWindow
from trayassist.ui.page.view import PageWindow
from trayassist.ui.settings.window import SettingsWindow
from trayassist.ui.widgets.colors import contrast
from trayassist.ui.widgets.theme import Theme
from trayassist.ui.widgets.window import Window

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit)
Build = Callable[[PartAssistant, ListHotkeys, Theme], Window]
WINDOWS: dict[str, Build] = {
    "memory": lambda a, h, t: MemoryWindow(a, t),  # type: ignore[arg-type]
    "activity": lambda a, h, t: ActivityWindow(a, t),  # type: ignore[arg-type]
    "settings": lambda a, h, t: SettingsWindow(a, h, t),  # type: ignore[arg-type]
    "page view": lambda a, h, t: PageWindow(a, t),  # type: ignore[arg-type]
}


def controls(window: QWidget) -> list[QWidget]:
    """Return our controls: not the parts that Qt's own widgets are made of."""
    return [
        widget
        for kind in CONTROLS
        for widget in window.findChildren(kind)
        if not widget.objectName().startswith("qt_")
        and not isinstance(widget, QHeaderView)
        and not isinstance(widget.parentWidget(), QLineEdit | QComboBox | QAbstractSpinBox | QAbstractItemView)
        and widget.parentWidget().metaObject().className() != "QComboBoxPrivateContainer"
    ]


def name(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


@pytest.mark.parametrize("which", WINDOWS)
async def test_every_control_has_a_name_and_takes_the_focus(
    assistant: PartAssistant, hotkeys: ListHotkeys, which: str
) -> None:
    window = WINDOWS[which](assistant, hotkeys, Theme("light"))
    window.show()
    await until(lambda: len(controls(window)) > 4 and all(name(w) or w.isHidden() for w in controls(window)))
    found = controls(window)
    # the one button of a place that says and offers nothing at present has no words yet
    assert [w for w in found if not name(w) and not w.isHidden()] == []
    assert [w for w in found if w.focusPolicy() == Qt.FocusPolicy.NoFocus] == []
    assert window.accessibleName() or which == "page view"


@pytest.mark.parametrize("which", WINDOWS)
async def test_escape_closes(assistant: PartAssistant, hotkeys: ListHotkeys, which: str) -> None:
    window = WINDOWS[which](assistant, hotkeys, Theme("light"))
    window.show()
    await asyncio.sleep(0.05)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    await until(lambda: not Window.alive)


@pytest.mark.parametrize("which", WINDOWS)
async def test_a_change_of_theme_reaches_an_open_window(
    assistant: PartAssistant, hotkeys: ListHotkeys, which: str
) -> None:
    theme = Theme("light")
    window = WINDOWS[which](assistant, hotkeys, theme)
    window.show()
    light = window.styleSheet()
    theme.set_mode("dark")
    assert window.styleSheet() != light
    assert window.palette().window().color().name() == theme.colors.surface
    window.close()
    await until(lambda: not Window.alive)
    theme.set_mode("light")  # a window that is gone is not dressed any more


@pytest.mark.parametrize("mode", ["light", "dark"])
async def test_risk_colours_can_be_read(assistant: PartAssistant, mode: str) -> None:
    theme = Theme(mode)  # type: ignore[arg-type]
    colors = theme.colors
    for text in (colors.danger, colors.amber, colors.muted, colors.text, colors.accent):
        for ground in (colors.surface, colors.raised, colors.selection):
            least = 4.5 if ground != colors.selection or text == colors.text else 3.0
            assert contrast(text, ground) >= least, (text, ground)


async def test_the_list_is_walked_and_opened_by_keyboard(assistant: PartAssistant) -> None:
    assistant.memory.kept = [document(f"/d/{name}.pdf") for name in "abc"]
    window = MemoryWindow(assistant)  # type: ignore[arg-type]
    window.show()
    await until(lambda: window.documents.table.rows.shown)
    opened: list[str] = []
    window.documents.opened.connect(lambda citations, _: opened.append(citations[0].path))
    table = window.documents.table
    table.setFocus()
    table.select([0])
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened == ["/d/b.pdf"]
    QTest.keyClick(window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert window.sidebar.currentRow() == 1
