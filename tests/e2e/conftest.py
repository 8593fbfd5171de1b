"""A desktop for each test, and the real program on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.desk import App, Desk, missing
from trayassist.paths import Paths

Start = Callable[..., App]


@pytest.fixture
def xserver(tmp_path: Path) -> Iterator[Desk]:
    """An X server with a window manager and no tray host."""
    if lacking := missing():
        pytest.skip(f"not installed: {', '.join(lacking)}")
    folder = tmp_path / "desk"
    folder.mkdir()
    desk = Desk(folder)
    yield desk
    desk.close()


@pytest.fixture
def start(xserver: Desk, home: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts the app, as often as wanted; all are ended after the test."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", xserver.env["XDG_RUNTIME_DIR"])
    apps: list[App] = []

    def begin(*arguments: str, **options: object) -> App:
        apps.append(App(xserver, home, home.data.parent, *arguments, **options))  # type: ignore[arg-type]
        return apps[-1]

    yield begin
    for app in apps:
        app.end()


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """A small PDF with a name that needs quoting."""
    import pymupdf

    file = tmp_path / "drop dir" / "Rechnung ä 1.pdf"
    file.parent.mkdir()
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Invoice 4711 for the blue bicycle is due on the third of May.")
        document.save(file)
    return file
