"""Async tests on Qt's own loop, as the application runs, and widgets that end where they were made."""

from __future__ import annotations

import asyncio
import gc
import inspect
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

LIMIT_S = 180


def run(
    test: pytest.Function, around: Callable[[dict[str, Any]], AbstractAsyncContextManager[None]] | None = None
) -> bool | None:
    """Run an `async def` test on Qt's loop, inside `around(its arguments)`; return None for any other test."""
    if not inspect.iscoroutinefunction(test.obj):
        return None
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    arguments = {name: test.funcargs[name] for name in test._fixtureinfo.argnames}

    async def story() -> None:
        try:
            async with around(test.funcargs) if around else nullcontext(), asyncio.timeout(LIMIT_S):
                await test.obj(**arguments)
        finally:
            for window in QApplication.topLevelWidgets():
                for timer in window.findChildren(QTimer):
                    timer.stop()  # it would begin something after the loop has ended

    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        runner.run(story())
    collect()
    return True


def collect() -> None:
    """Collect a test's widgets here: the collector must not meet them later in a thread, where Qt cannot end them."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
