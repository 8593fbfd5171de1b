"""Fixtures of the first steps: Qt without a screen, async tests on Qt's loop, a real assistant."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from tests import tiny_gguf
from tests.getting import hub as hubs
from tests.windows.conftest import close_all
from tests.windows.parts import ListHotkeys
from trayassist.assistant import Assistant
from trayassist.paths import Paths
from trayassist.ui.windows.base import Window

TEST_LIMIT_S = 90


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


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf.write(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(autouse=True)
def no_window_left() -> Iterator[None]:
    yield
    close_all()
    assert not Window.alive


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
                if isinstance(ours, Assistant):
                    await ours.start()
                await pyfuncitem.obj(**arguments)
        finally:
            close_all()
            if isinstance(ours, Assistant):
                await ours.stop()

    with asyncio.Runner(loop_factory=lambda: QEventLoop(QApplication.instance())) as runner:
        runner.run(story())
    gc.collect()  # here: Qt objects in cycles must not be collected by a worker's thread of the next test
    return True
