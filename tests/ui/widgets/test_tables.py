"""Tables of thousands of rows, and windows that appear before their parts are built."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from tests.ui.parts import ListHotkeys, PartAssistant, document
from tests.waiting import until
from trayassist.api import Fact, TrayassistError
from trayassist.memory.store import Document
from trayassist.ui.activity.window import ActivityWindow
from trayassist.ui.app import windows
from trayassist.ui.first_run import FirstSteps
from trayassist.ui.memory.documents import columns
from trayassist.ui.memory.window import MemoryWindow
from trayassist.ui.settings.controls import Combo
from trayassist.ui.widgets.lazy import LazyWidget
from trayassist.ui.widgets.table import Table
from trayassist.ui.widgets.theme import Theme
from trayassist.ui.widgets.window import Window

MANY = 10_000


def state(folder: Path) -> QSettings:
    return QSettings(str(folder / "windows.ini"), QSettings.Format.IniFormat)


def path(shown: Document) -> str:
    return shown.path


def _shows(stack: QStackedWidget, part: QWidget) -> bool:
    return stack.currentWidget() is part


async def test_all_of_many_rows_stay_selected_when_the_list_comes_anew(qapp: QApplication, tmp_path: Path) -> None:
    """Row by row this took minutes: each selected row was compared with all the others."""
    table: Table[Document] = Table("t", "t", columns(), state(tmp_path), searched=path)
    rows = [document(f"/d/{number:05}.pdf") for number in range(MANY)]
    table.fill(rows, path)
    table.selectAll()
    assert not table.horizontalHeader().selectionModel().hasSelection()  # it would go through all rows in each paint
    async with asyncio.timeout(30):
        await table.load(rows[1:], path)
    assert [found.path for found in table.selected_rows()] == [row.path for row in rows[1:]]
    table.select([5, 3, 4, 9])
    assert [found.path for found in table.selected_rows()] == [rows[at + 1].path for at in (3, 4, 5, 9)]
    table.deleteLater()


async def test_what_is_typed_while_rows_are_arranged_holds(qapp: QApplication, tmp_path: Path) -> None:
    table: Table[Document] = Table("t", "t", columns(), state(tmp_path), searched=path)
    loading = asyncio.create_task(table.load([document(f"/d/{n:05}.pdf", pages=n) for n in range(MANY)], path))
    await asyncio.sleep(0)
    table.rows.filter("0999")
    table.rows.sort(2, Qt.SortOrder.DescendingOrder)
    await loading
    assert [row.pages for row in table.rows.shown] == [*range(9999, 9989, -1), 999]
    assert table.rows.count == MANY
    table.deleteLater()


async def test_rows_that_are_replaced_let_go_of_what_was_picked(qapp: QApplication, tmp_path: Path) -> None:
    """The record beside the list must not outlive the list it was picked in."""
    table: Table[Document] = Table("t", "t", columns(), state(tmp_path))
    picked: list[int] = []
    table.picked.connect(lambda: picked.append(len(table.selected_rows())))
    table.fill([document("/d/a.pdf")], path)
    table.select([0])
    table.fill([], path)
    assert picked[-1] == 0
    table.deleteLater()


async def test_a_filter_without_a_match_says_so(assistant: PartAssistant) -> None:
    assistant.memory.kept = [document("/d/a.pdf")]
    assistant.memory.facts_kept = [Fact(id="1", text="The bins go out on Tuesday", created="2026-11-02T10:00:00+00:00")]
    window = MemoryWindow(assistant)  # type: ignore[arg-type]
    window.show()
    for page in (window.documents, window.facts):
        stack, table = page._stack, page.table
        await until(partial(_shows, stack, table))
        page.filter.setText("nothing like it")
        assert stack.currentIndex() == 3
        page.filter.clear()
        assert stack.currentWidget() is table


async def test_a_list_that_cannot_be_read_is_not_said_to_be_read(assistant: PartAssistant) -> None:
    assistant.memory.broken = TrayassistError("The memory is damaged.", "Forget everything.")
    window = MemoryWindow(assistant)  # type: ignore[arg-type]
    window.show()
    await until(lambda: "damaged" in window.notice.text)
    assert window.documents._waiting.text() == ""


@pytest.mark.parametrize("name", ["memory", "activity", "first steps"])
async def test_a_window_is_there_before_its_parts(assistant: PartAssistant, hotkeys: ListHotkeys, name: str) -> None:
    """UI thread: the frame is one step of the loop, each part another; every part comes unasked."""
    theme = Theme("light")
    window: Window
    places: list[LazyWidget[Any]]
    if name == "memory":
        memory = window = MemoryWindow(assistant, theme)  # type: ignore[arg-type]
        places = [memory._documents, memory._reading, memory._offer, memory._facts, memory._search]
    elif name == "activity":
        activity = window = ActivityWindow(assistant, theme)  # type: ignore[arg-type]
        places = [activity._records, activity._history]
    else:
        steps = window = FirstSteps(assistant, hotkeys, theme, lambda _: None)  # type: ignore[arg-type]
        places = list(steps._places[1:])
    window.show()
    assert [place.part for place in places] == [None] * len(places)
    await until(lambda: all(place.part is not None for place in places))
    if name == "memory":
        await until(lambda: memory.documents.filter.hasFocus())


async def test_the_opener_imports_in_a_thread_and_makes_one_window(
    assistant: PartAssistant, hotkeys: ListHotkeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[QWidget] = []
    one = windows.Opener(assistant, Theme("light"), hotkeys)  # type: ignore[arg-type]
    place = one._place

    def count_placed(name: str, *how: Any) -> None:
        place(name, *how)
        made.append(one._open[name])

    monkeypatch.setattr(one, "_place", count_placed)
    one.memory()
    one.memory()  # pressed twice while it is on its way
    assert one.shows("memory")
    assert made == []
    await until(lambda: made)
    await one.prepare()
    one.memory()
    assert made == [made[0], made[0]]
    one.close()
    await until(lambda: not one.shows("memory"))


async def test_a_long_choice_ends_in_dots_and_is_told_whole(qapp: QApplication) -> None:
    """Two names that differ beyond the box look alike without the dots; the tip has the whole name."""
    box, name = Combo(), "Qwen2.5-Coder-14B-Instruct-abliterated-uncensored-Q4_K_M-imatrix"
    box.addItem(name)
    box.addItem(name[:12])
    box.setFixedWidth(160)
    box.show()
    assert box.toolTip() == name
    pictures = []
    for text in (name, name[:30] + name[-30:]):  # painted alike: the same beginning, dots, the same end
        box.setItemText(0, text)
        pictures.append(box.grab().toImage())
    assert pictures[0] == pictures[1]
    box.close()
