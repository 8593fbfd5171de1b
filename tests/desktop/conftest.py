"""Fixtures of the desktop's tests: Qt without a screen, async tests on Qt's loop, as the application runs."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests of this folder on Qt's own loop."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    import qasync

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    names = pyfuncitem._fixtureinfo.argnames
    work = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        runner.run(asyncio.wait_for(work, 60))
    return True


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Collect a test's widgets here: the collector must not meet them later in a thread, where Qt cannot end them."""
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
