"""Windows open within the work area of the right screen, in its middle or where they were, with the app's icon."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.parts import ListHotkeys, PartAssistant
from trayassist.paths import Paths
from trayassist.ui.activity.window import ActivityWindow
from trayassist.ui.first_run import FirstSteps
from trayassist.ui.memory.window import MemoryWindow
from trayassist.ui.settings.window import SettingsWindow
from trayassist.ui.widgets.window import FRAME, Window, place_window

SMALLEST = QSize(960, 500)  # a screen of 1920x1080 at 200 %, with a panel of 40
KINDS = ("memory", "activity", "settings", "first steps")


def make(kind: str, assistant: PartAssistant) -> Window:
    match kind:
        case "memory":
            return MemoryWindow(assistant)  # type: ignore[arg-type]
        case "activity":
            return ActivityWindow(assistant)  # type: ignore[arg-type]
        case "settings":
            return SettingsWindow(assistant, ListHotkeys())  # type: ignore[arg-type]
        case _:
            return FirstSteps(assistant, ListHotkeys(), None, lambda _: None)  # type: ignore[arg-type]


def area(qapp: QApplication) -> QRect:
    return qapp.primaryScreen().availableGeometry()


def with_frame(window: QWidget) -> QRect:
    return QRect(window.pos(), window.size() + FRAME)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_window_opens_inside_the_work_area_with_the_icon(kind: str, qapp: QApplication, home: Paths) -> None:
    assistant = PartAssistant(home)
    window = make(kind, assistant)
    window.resize(5000, 5000)
    window.show()
    assert area(qapp).contains(with_frame(window))
    assert not window.windowIcon().isNull()
    window.close()
    await assistant.stop()


@pytest.mark.parametrize("kind", KINDS)
async def test_no_window_needs_more_than_a_small_screen_has(kind: str, qapp: QApplication, home: Paths) -> None:
    assistant = PartAssistant(home)
    window = make(kind, assistant)
    window.show()
    least = window.layout().totalMinimumSize()
    assert least.width() <= SMALLEST.width() - FRAME.width()
    assert least.height() <= SMALLEST.height() - FRAME.height()
    window.close()
    await assistant.stop()


def test_a_window_opens_in_the_middle_and_stays_where_it_was_put(qapp: QApplication) -> None:
    window = QWidget()
    window.resize(300, 200)
    place_window(window)
    middle = with_frame(window).center() - area(qapp).center()
    assert abs(middle.x()) <= FRAME.width()
    assert abs(middle.y()) <= 1
    window.move(area(qapp).topLeft())
    place_window(window, keep=True)
    assert window.pos() == area(qapp).topLeft()


def test_a_place_on_no_screen_or_over_the_edge_is_given_up(qapp: QApplication) -> None:
    window = QWidget()
    window.resize(300, 200)
    window.move(9000, 9000)
    place_window(window, keep=True)
    assert area(qapp).contains(with_frame(window))
    window.move(area(qapp).right() - 200, area(qapp).bottom() - 120)
    place_window(window, keep=True)
    assert area(qapp).contains(with_frame(window))


def test_the_least_size_of_a_window_is_no_more_than_the_screen(qapp: QApplication) -> None:
    window = QWidget()
    window.setMinimumSize(4000, 3000)
    place_window(window)
    assert area(qapp).contains(with_frame(window))
