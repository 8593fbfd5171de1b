"""What all tests share: a home of their own, async tests, data that may be there."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import real_models
from trayassist import paths

# The same examples in each run, and no limit on an example's time: a run is red for what changed, not for the load
# of the machine. `--hypothesis-profile=search` looks for new examples.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("same"), derandomize=False, max_examples=2000)
settings.load_profile("same")

DATA = Path(os.environ.get("TRAYASSIST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[paths.Paths]:
    """A TRAYASSIST_HOME of this test's own, so that no test reads or writes a person's files.

    The current folder, the umask and sys.path, which the program's own entry points change, are as before when the
    test ends.
    """
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("TRAYASSIST_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(Path.cwd())  # noted now, gone back to at the end
    old = os.umask(0o077)
    where = paths.current()
    where.make()
    yield where
    os.umask(old)


@pytest.fixture(scope="module", autouse=True)
def what_stays() -> None:
    """Leave what was loaded so far out of later collections: each of a thousand walked through all of it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a few thousand random weights."""
    from tests import tiny_gguf

    return tiny_gguf.write(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that needs seconds for a prompt of 3,000 tokens on one core."""
    from tests import tiny_gguf

    file = tmp_path_factory.mktemp("models") / "slow.gguf"
    return tiny_gguf.write(file, width=512, layers=8, heads=8, feed_forward=1536, context=4096)


@pytest.fixture
def data() -> Path:
    """The folder of evaluation data; the test is skipped where there is none."""
    if not DATA.is_dir():
        pytest.skip("evaluation data is not here (set TRAYASSIST_DATA)")
    return DATA


@pytest.fixture(scope="session")
def trained() -> Callable[[str], Path]:
    """Return the file of a trained model by its name in real_models.FILES; the test is skipped without it."""

    def find(name: str) -> Path:
        file = real_models.find(name)
        if file is None:
            pytest.skip(f"the trained model {name} is not in {real_models.folder()}")
        return file

    return find


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests on an event loop of their own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
