"""Fixtures of the popup's tests: Qt without a screen, Qt's event loop for async tests, a popup that ends cleanly."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
from collections.abc import Awaitable, Callable, Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

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
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    import qasync

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    names = pyfuncitem._fixtureinfo.argnames
    work = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    loop = qasync.QEventLoop(app)
    try:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(asyncio.wait_for(work, 60))
    finally:
        loop.run_until_complete(_end_tasks())
        asyncio.set_event_loop(None)
        loop.close()
    return True


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Collect a test's widgets here: the collector must not meet them later in a thread, where Qt cannot end them."""
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


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
    """Return a function that waits for a condition, and fails after five seconds without it."""

    async def wait(condition: Callable[[], object]) -> None:
        for _ in range(500):
            if condition():
                return
            await asyncio.sleep(0.01)
        pytest.fail("this did not become so within five seconds")

    return wait
