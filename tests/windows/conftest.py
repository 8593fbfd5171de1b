"""Fixtures of the windows' tests: Qt without a screen, async tests on Qt's loop, an assistant."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from tests.windows.parts import ListHotkeys, PartAssistant
from trayassist.paths import Paths
from trayassist.ui.windows.base import Window

TEST_LIMIT_S = 60


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
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    ours = pyfuncitem.funcargs.get("assistant")

    async def story() -> None:
        try:
            async with asyncio.timeout(TEST_LIMIT_S):
                await pyfuncitem.obj(**arguments)
        finally:
            close_all()
            if isinstance(ours, PartAssistant):
                await ours.stop()

    with asyncio.Runner(loop_factory=lambda: QEventLoop(QApplication.instance())) as runner:
        runner.run(story())
    gc.collect()  # here: Qt objects in cycles must not be collected by a worker's thread of the next test
    return True
