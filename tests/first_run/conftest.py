"""Fixtures of the first steps: Qt without a screen, async tests on Qt's loop, a real assistant."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from tests import qt_loop
from tests.getting import hub as hubs
from tests.windows.conftest import close_all, pytest_itemcollected
from tests.windows.parts import ListHotkeys
from trayassist.assistant import Assistant
from trayassist.paths import Paths
from trayassist.ui.windows.base import Window

__all__ = ["pytest_itemcollected"]  # the offscreen platform warns of each call it knows nothing of


@pytest.fixture
def assistant(qapp: QApplication, home: Paths) -> Assistant:
    """The real one; it is started and stopped with the test's loop."""
    qapp.setQuitOnLastWindowClosed(False)
    return Assistant(home)


@pytest.fixture
def hotkeys(qapp: QApplication) -> ListHotkeys:
    return ListHotkeys()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[hubs.Hub]:
    with hubs.running() as one:
        monkeypatch.setenv("HF_ENDPOINT", one.url)
        yield one


@pytest.fixture(autouse=True)
def no_window_left() -> Iterator[None]:
    yield
    close_all()
    assert not Window.alive


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests on Qt's own loop, as the app does; the assistant starts and ends in the same loop."""
    return qt_loop.run(pyfuncitem, _with_assistant)


@asynccontextmanager
async def _with_assistant(arguments: dict[str, Any]) -> AsyncIterator[None]:
    ours = arguments.get("assistant")
    try:
        if isinstance(ours, Assistant):
            await ours.start()
        yield
    finally:
        close_all()
        if isinstance(ours, Assistant):
            await ours.stop()
