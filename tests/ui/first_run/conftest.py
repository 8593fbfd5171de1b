"""Fixtures of the first steps: Qt without a screen, async tests on Qt's loop, a real assistant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tests import qt_loop
from tests.models.catalog import hub as hubs
from tests.ui.conftest import close_all
from trayassist.assistant import Assistant
from trayassist.paths import Paths


@pytest.fixture
def assistant(qapp: QApplication, home: Paths) -> Assistant:
    """The real one; it is started and stopped with the test's loop."""
    qapp.setQuitOnLastWindowClosed(False)
    return Assistant(home)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[hubs.Hub]:
    with hubs.running() as one:
        monkeypatch.setenv("HF_ENDPOINT", one.url)
        yield one


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
