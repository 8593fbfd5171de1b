"""Makes the pictures in docs/pictures: the real program on an X server of its own.

Those of the settings are made by make_settings_pictures.py.

Look at them before you commit them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from docs import picture_desk  # noqa: E402  # found through the line above
from docs.picture_desk import Box, open_menu  # noqa: E402
from tests.e2e.desk import App, Desk, wait_until  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
SAMPLES = ROOT / "resources" / "samples"
QUESTION = "What is the late fee in the Miller lease?"


def main() -> None:
    """Take all pictures, light and dark."""
    PICTURES.mkdir(exist_ok=True)
    for theme in ("light", "dark"):
        for take in (_take, _first_steps):
            with tempfile.TemporaryDirectory() as folder:
                take(Path(folder), theme)


def _take(folder: Path, theme: str) -> None:
    paths = picture_desk.home(folder, theme)
    with picture_desk.desktop(folder) as desk, App(desk, paths, folder / "home", "--hidden") as app:
        app.ready()
        wait_until(desk.icon, "the icon")
        suffix = "" if theme == "light" else "-dark"
        app.command("ingest", str(shutil.copytree(SAMPLES, folder / "Documents")), timeout=180)
        _popup(desk, app, suffix)
        _windows(desk, app, suffix)
        if not suffix:
            _menu(desk)
            _drop(desk, folder)


def _first_steps(folder: Path, theme: str) -> None:
    """The window of the first start: its first step, the models, and an answer about a sample."""
    paths = picture_desk.home(folder, theme)
    suffix = "" if theme == "light" else "-dark"
    with picture_desk.desktop(folder) as desk, App(desk, paths, folder / "home", first_steps=True):
        window = wait_until(lambda: desk.window("First steps"), "the first steps", 60)
        desk.do("windowactivate", "--sync", window)
        time.sleep(1.0)
        _shoot(desk, f"first-steps{suffix}", window)
        desk.do("key", "Escape", "Escape", "Escape")
        time.sleep(3.0)
        _shoot(desk, f"first-steps-models{suffix}", window)
        desk.do("key", "Escape")
        time.sleep(2.0)
        desk.do("key", "Tab", "Tab", "space")
        time.sleep(15.0)
        _shoot(desk, f"first-steps-answer{suffix}", window)


def _popup(desk: Desk, app: App, suffix: str) -> None:
    desk.do("mousemove", 640, 120)
    desk.do("key", "ctrl+alt+space")
    wait_until(app.popup, "the popup")
    desk.do("key", "Escape")  # the message about the files that were read is read by that
    wait_until(lambda: not app.popup(), "the popup is hidden")
    desk.do("key", "ctrl+alt+space")
    wait_until(app.popup, "the popup")
    time.sleep(1.0)
    _shoot(desk, f"popup-empty{suffix}", app.popup())
    desk.do("type", "--delay", "15", "espresso descaling")
    time.sleep(1.0)
    _shoot(desk, f"popup-results{suffix}", app.popup())
    desk.do("key", "ctrl+a")
    desk.do("type", "--delay", "15", QUESTION)
    desk.do("key", "ctrl+Return")
    time.sleep(2.5)
    _shoot(desk, f"popup{suffix}", app.popup())


def _windows(desk: Desk, app: App, suffix: str) -> None:
    """The page view through the first citation, then the windows through the menu's own entries."""
    desk.do("key", "Tab", "Tab", "Tab", "Tab")
    for _ in range(8):
        desk.do("key", "Return")
        time.sleep(0.8)
        if desk.window("Miller-lease.*"):
            break
        desk.do("key", "Tab")
    view = wait_until(lambda: desk.window("Miller-lease.*"), "the page view")
    time.sleep(6.0)  # until the page is drawn
    _shoot(desk, f"page-view{suffix}", view)
    desk.do("windowactivate", "--sync", view, "key", "Escape")
    time.sleep(0.8)

    for key, title, name in (("m", "Memory", "memory"), ("h", "History", "history"), ("v", "History", "activity")):
        open_menu(desk)
        desk.do("key", key)
        window = wait_until(lambda title=title: desk.window(f"{title}.*"), f"the window {title}")
        time.sleep(2.0)
        _shoot(desk, f"{name}{suffix}", window)
        desk.do("windowactivate", "--sync", window, "key", "Escape")
        time.sleep(0.5)


def _menu(desk: Desk) -> None:
    x, y = open_menu(desk)
    _crop(desk, "menu", (x - 330, y - 260, x + 110, 800))
    desk.do("key", "Escape")


def _drop(desk: Desk, folder: Path) -> None:
    x, y, width, height = wait_until(desk.icon, "the icon")
    desk.python("drag_source.py", str(SAMPLES / "Miller-lease.pdf"), out=folder / "source.txt")
    wait_until(lambda: desk.window("source"), "the source's window")
    desk.do("mousemove", 180, 260, "mousedown", 1)
    time.sleep(0.3)
    for step in range(1, 31):
        at_x, at_y = 180 + (x + width // 2 - 180) * step // 30, 260 + (y + height // 2 - 260) * step // 30
        desk.do("mousemove", at_x, at_y)
        time.sleep(0.04)
    time.sleep(0.5)
    _crop(desk, "drop", (x - 330, y - 200, x + 110, 800))
    desk.do("mouseup", 1)


def _shoot(desk: Desk, name: str, window: str) -> None:
    _crop(desk, name, picture_desk.around(desk, window))


def _crop(desk: Desk, name: str, box: Box) -> None:
    picture_desk.shoot(desk, PICTURES / f"{name}.png", box, few_colors=True)


if __name__ == "__main__":
    main()
