"""The global hotkey over another program's window (F: hotkey over another focused window)."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.desk import App, Desk, lines, wait_until
from trayassist.paths import Paths

pytestmark = pytest.mark.e2e
SPACE = 0x20


@pytest.fixture
def victim(xserver: Desk, tmp_path: Path) -> Path:
    """A focused window of another program; returns the file of the keys that it got."""
    keys = tmp_path / "victim.txt"
    xserver.python("victim.py", out=keys)
    window = wait_until(lambda: xserver.window("victim"), "the victim's window")
    xserver.do("windowactivate", "--sync", window)
    wait_until(lambda: xserver.focused_window() == window, "the victim has the focus")
    return keys


def press(desk: Desk, key: str = "ctrl+alt+space") -> None:
    desk.do("key", key)


def shows(app: App) -> str:
    result: str = wait_until(app.popup, "the popup shows")
    wait_until(lambda: app.desk.focused_window() == result, "the popup has the focus")
    return result


def test_typed_text_goes_to_the_popup_and_esc_gives_the_focus_back(xserver: Desk, start: Start, victim: Path) -> None:
    app = start().ready()
    before = xserver.focused_window()
    press(xserver)
    shows(app)
    xserver.do("type", "remember that the shed key hangs behind the door")
    xserver.do("key", "Return")
    wait_until(app.facts, "the popup asked what was typed", 60)
    assert "shed key" in app.facts()[0]
    assert not [line for line in lines(victim) if line["key"] == SPACE or line["text"]], "keys leaked"
    xserver.do("key", "Escape")
    wait_until(lambda: not app.popup(), "Esc hides the popup")
    wait_until(lambda: xserver.focused_window() == before, "the focus is back")
    xserver.do("type", "yo")
    wait_until(lambda: [line["text"] for line in lines(victim)][-2:] == ["y", "o"], "typing goes to the victim again")


def test_what_is_typed_before_the_popup_has_the_focus_arrives(xserver: Desk, start: Start, victim: Path) -> None:
    xserver.tray("trayer")  # without one the popup shows by itself, and says so
    app = start().ready()
    press(xserver)  # once before: what the first showing loads is loaded then
    shows(app)
    xserver.do("key", "Escape")
    wait_until(lambda: not app.popup(), "Esc hides the popup")
    time.sleep(1.0)
    fact = "remember that owl 7 is blue"
    xserver.do("key", "ctrl+alt+space", "sleep", "0.005", "type", "--delay", "2", fact)
    shows(app)
    wait_until(lambda: not xserver.do("key", "Return") and app.facts(), "the popup asked what was typed", 60)
    assert app.facts() == ["owl 7 is blue"]
    assert not [line for line in lines(victim) if line["text"].strip()], "keys leaked"


def test_keys_wait_for_an_app_that_has_no_turn_of_the_processor(xserver: Desk, start: Start, victim: Path) -> None:
    app = start().ready()
    os.kill(app.process.pid, signal.SIGSTOP)
    xserver.do("key", "ctrl+alt+space", "sleep", "0.005", "type", "--delay", "2", "remember that owl 7 is blue")
    time.sleep(0.3)
    os.kill(app.process.pid, signal.SIGCONT)
    shows(app)
    wait_until(lambda: not xserver.do("key", "Return") and app.facts(), "the popup asked what was typed", 60)
    assert app.facts() == ["owl 7 is blue"]
    assert not [line for line in lines(victim) if line["text"].strip()], "keys leaked"
    press(xserver)  # it holds no key back when the popup has the focus
    wait_until(lambda: not app.popup(), "the hotkey hides the popup")
    wait_until(lambda: xserver.focused_window() == xserver.window("victim"), "the focus is back")
    xserver.do("type", "yo")
    wait_until(lambda: [line["text"] for line in lines(victim)][-2:] == ["y", "o"], "typing goes to the victim again")


@pytest.mark.parametrize("after", [0.0, 0.4, 1.0, 3.0])  # seconds after the key is taken
def test_what_is_typed_while_the_app_still_starts_arrives(
    xserver: Desk, start: Start, victim: Path, after: float
) -> None:
    xserver.tray("trayer")
    app = start()
    wait_until(lambda: "hotkey: Ctrl+Alt+Space opens the popup" in app.output(), "the hotkey is taken")
    time.sleep(after)
    xserver.do("key", "ctrl+alt+space", "sleep", "0.005", "type", "--delay", "2", "remember that owl 7 is blue")
    shows(app)
    wait_until(lambda: not xserver.do("key", "Return") and app.facts(), "the popup asked what was typed", 60)
    assert app.facts() == ["owl 7 is blue"]
    assert not [line for line in lines(victim) if line["text"].strip()], "keys leaked"


def test_the_hotkey_right_after_esc_shows_the_popup_for_good(xserver: Desk, start: Start, victim: Path) -> None:
    xserver.tray("trayer")
    app = start().ready()
    for _ in range(6):
        press(xserver)
        shows(app)
        xserver.do("key", "Escape")
        wait_until(lambda: not app.popup(), "Esc hides the popup")
        press(xserver)
        time.sleep(0.6)
        assert app.popup(), "the end of the last showing ended this one"
        xserver.do("key", "Escape")
        wait_until(lambda: not app.popup(), "Esc hides the popup")


def test_a_second_press_hides_and_a_held_key_fires_once(xserver: Desk, start: Start, victim: Path) -> None:
    app = start().ready()
    press(xserver)
    shows(app)
    press(xserver)
    wait_until(lambda: not app.popup(), "the second press hides the popup")
    for key in ("ctrl", "alt", "space"):
        xserver.do("keydown", key)
    shows(app)
    time.sleep(1.2)  # the key repeats meanwhile
    assert app.popup(), "a held key is one press"
    for key in ("space", "alt", "ctrl"):
        xserver.do("keyup", key)


@pytest.mark.parametrize("locks", [("Num_Lock",), ("Caps_Lock",), ("Num_Lock", "Caps_Lock")])
def test_lock_keys_do_not_matter(xserver: Desk, start: Start, victim: Path, locks: tuple[str, ...]) -> None:
    app = start().ready()
    for lock in locks:
        xserver.do("key", lock)
    press(xserver)
    shows(app)
    for lock in locks:
        xserver.do("key", lock)


def test_a_new_keyboard_layout_keeps_the_hotkey(xserver: Desk, start: Start, victim: Path) -> None:
    app = start().ready()
    assert xserver.program("setxkbmap", "-layout", "us,ru").wait(10) == 0
    time.sleep(0.5)
    press(xserver)
    shows(app)


def test_a_taken_key_is_told_and_another_one_works(xserver: Desk, start: Start, home: Paths) -> None:
    from Xlib import XK, X, display

    other = display.Display(xserver.display)
    code = other.keysym_to_keycode(XK.string_to_keysym("space"))
    other.screen().root.grab_key(code, X.ControlMask | X.Mod1Mask, False, X.GrabModeAsync, X.GrabModeAsync)
    other.sync()
    app = start().ready()
    wait_until(lambda: "Ctrl+Alt+Space is already taken by another program." in app.output(), "the message")
    press(xserver)
    time.sleep(0.5)
    assert not app.popup()
    app.end()
    home.app_config.write_text("hotkey:\n  ask: ctrl+alt+j\n")
    app = start().ready()
    press(xserver, "ctrl+alt+j")
    shows(app)
    other.close()


def test_the_hotkey_can_be_switched_off_and_toggle_works_all_the_same(xserver: Desk, start: Start, home: Paths) -> None:
    home.app_config.write_text("hotkey:\n  enabled: false\n")
    app = start().ready()
    press(xserver)
    time.sleep(0.5)
    assert not app.popup()
    assert app.command("toggle").returncode == 0
    shows(app)
    assert app.command("toggle").returncode == 0
    wait_until(lambda: not app.popup(), "toggle hides")
