"""Fixtures of all tests with Qt: no screen, async tests on Qt's own loop, an assistant, windows that end cleanly."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from tests import qt_loop, waiting
from tests.ui.parts import ListHotkeys, PartAssistant
from trayassist.paths import Paths
from trayassist.ui.app import language
from trayassist.ui.widgets.theme import Theme
from trayassist.ui.widgets.window import Window

Until = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.fixture
def assistant(qapp: QApplication, home: Paths) -> PartAssistant:
    """An assistant with an empty memory; it ends with the test's loop."""
    return PartAssistant(home)


@pytest.fixture
def hotkeys(qapp: QApplication) -> ListHotkeys:
    return ListHotkeys()


@pytest.fixture(autouse=True)
def no_window_left(qapp: QApplication) -> Iterator[None]:
    """Every window of a test is closed at its end, and then really gone."""
    qapp.setQuitOnLastWindowClosed(False)
    yield
    close_all()
    assert not Window.alive
    qt_loop.collect()


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme("light")


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """The windows speak German."""
    language.speak("de")
    yield
    language.speak("en")


@pytest.fixture
def until() -> Until:
    """Return a function that waits for a condition, and fails when it does not become so."""
    return waiting.until


def close_all() -> None:
    for window in list(Window.alive.values()):
        window.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def pytest_itemcollected(item: pytest.Item) -> None:
    """The offscreen platform warns of each call it knows nothing of; that says nothing about our windows."""
    item.add_marker(pytest.mark.qt_log_ignore(r"This plugin does not support (propagateSizeHints|raise)\(\)"))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests on Qt's own loop, as the app does; the assistant ends in the same loop."""
    return qt_loop.run(pyfuncitem, _with_assistant)


@asynccontextmanager
async def _with_assistant(arguments: dict[str, Any]) -> AsyncIterator[None]:
    ours = arguments.get("assistant")
    try:
        yield
    finally:
        close_all()
        if isinstance(ours, PartAssistant):
            await ours.stop()
