"""Fixtures of the desktop's tests: Qt without a screen, async tests on Qt's loop, as the application runs."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests import qt_loop


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests of this folder on Qt's own loop."""
    return qt_loop.run(pyfuncitem)


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    qt_loop.collect()
