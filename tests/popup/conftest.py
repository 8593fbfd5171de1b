"""Fixtures of the popup's tests: Qt without a screen, Qt's event loop for async tests, a popup that ends cleanly."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from tests import qt_loop, waiting
from tests.popup.scripted import Scripted
from trayassist.paths import Paths
from trayassist.ui.popup import Popup
from trayassist.ui.theme import Theme

Until = Callable[[Callable[[], object]], Awaitable[None]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The platform without a screen cannot raise windows, and warns of it."""
    for item in items:
        if "tests/popup" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests of this folder on Qt's own loop, as the application does."""
    return qt_loop.run(pyfuncitem)


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    qt_loop.collect()


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme("light")


@pytest.fixture
def assistant() -> Scripted:
    scripted = Scripted()
    scripted.history.asked = ["an older question", "the oldest question"]
    return scripted


@pytest.fixture
def popup(theme: Theme, home: Paths) -> Iterator[Callable[..., Popup]]:
    """Return a function that makes a shown popup; all are closed down at the end of the test's loop."""
    made: list[Popup] = []

    def make(assistant: Scripted | None, *, show: bool = True) -> Popup:
        window = Popup(theme, home, assistant=assistant)
        made.append(window)
        window.prepare()
        if show:
            window.summon()
        return window

    yield make
    for window in made:
        window.hide()
        window.deleteLater()


@pytest.fixture
def until() -> Until:
    """Return a function that waits for a condition, and fails when it does not become so."""
    return waiting.until
