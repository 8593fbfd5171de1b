"""What all tests share: a home of their own, async tests, data that may be there."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from trayassist import paths

DATA = Path(os.environ.get("TRAYASSIST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[paths.Paths]:
    """A TRAYASSIST_HOME of this test's own, so that no test reads or writes a person's files."""
    monkeypatch.setenv("TRAYASSIST_HOME", str(tmp_path / "home"))
    old = os.umask(0o077)
    where = paths.current()
    where.make()
    yield where
    os.umask(old)


@pytest.fixture
def data() -> Path:
    """The folder of evaluation data; the test is skipped where there is none."""
    if not DATA.is_dir():
        pytest.skip("evaluation data is not here (set TRAYASSIST_DATA)")
    return DATA


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests on an event loop of their own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
