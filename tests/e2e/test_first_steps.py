"""The first steps in the real program: at the first start only, over a painted icon, by keys alone."""

from __future__ import annotations

import time

import pytest

from tests.e2e.conftest import Start
from tests.e2e.desk import Desk, wait_until
from trayassist.paths import Paths

pytestmark = pytest.mark.e2e


def test_they_are_shown_at_the_first_start_only(xserver: Desk, start: Start, home: Paths) -> None:
    xserver.tray("tint2")
    app = start(first_steps=True)
    window = wait_until(lambda: xserver.window("First steps"), "the first steps", 40)
    assert xserver.icon()
    assert home.first_steps.exists()
    assert not app.popup()
    for _ in range(5):
        xserver.do("windowactivate", "--sync", window, "key", "Escape")
        time.sleep(0.4)
    wait_until(lambda: not xserver.window("First steps"), "the end of the first steps")
    app.end()
    again = start(first_steps=True).ready()
    time.sleep(3.0)
    assert not xserver.window("First steps")
    assert again.verb("config")


def test_they_are_not_shown_at_log_in(xserver: Desk, start: Start, home: Paths) -> None:
    xserver.tray("tint2")
    start("--hidden", first_steps=True).ready()
    time.sleep(3.0)
    assert not xserver.window("First steps")
    assert not home.first_steps.exists()


def test_they_speak_the_language_that_is_set(xserver: Desk, start: Start, home: Paths) -> None:
    xserver.tray("tint2")
    home.app_config.parent.mkdir(parents=True, exist_ok=True)
    home.app_config.write_text("look: {language: de}\n")
    start(first_steps=True)
    wait_until(lambda: xserver.window("Erste Schritte"), "the first steps in German", 40)
