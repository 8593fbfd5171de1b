"""Keys as people write them, and the backend for each kind of session."""

from __future__ import annotations

import pytest

from trayassist.config import Hotkey
from trayassist.config.hotkeys import HotkeyRefused, parse
from trayassist.ui.hotkey import Hotkeys, kind_of_session


@pytest.mark.parametrize(
    ("written", "text", "setting", "keysym"),
    [
        ("ctrl+alt+space", "Ctrl+Alt+Space", "ctrl+alt+space", "space"),
        ("Alt + Control + J", "Ctrl+Alt+J", "ctrl+alt+j", "j"),
        ("win+pgup", "Super+Pageup", "super+pageup", "Prior"),
        ("f12", "F12", "f12", "F12"),
        ("shift+f1", "Shift+F1", "shift+f1", "F1"),
        ("ctrl+7", "Ctrl+7", "ctrl+7", "7"),
        ("super+return", "Super+Enter", "super+enter", "Return"),
    ],
)
def test_a_key_is_read(written: str, text: str, setting: str, keysym: str) -> None:
    key = parse(written)
    assert (key.text, key.setting, key.keysym) == (text, setting, keysym)
    assert parse(key.setting) == key


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "not a key"),
        ("ctrl++", "not a key"),
        ("ctrl+alt", "no key besides"),
        ("a", "needed for typing"),
        ("shift+a", "needed for typing"),
        ("space", "needed for typing"),
        ("crtl+space", "Did you mean “ctrl”"),
        ("ctrl+spcae", "Did you mean “space”"),
        ("ctrl+control+a", "names a key twice"),
        ("ctrl+ä", "not a key that can be used"),
        ("ctrl+a+b", "not a key that can be used"),
    ],
)
def test_what_is_no_key_is_refused_in_words(written: str, says: str) -> None:
    with pytest.raises(HotkeyRefused, match=says):
        parse(written)


@pytest.mark.parametrize(
    ("platform", "environment", "kind"),
    [
        ("win32", {}, "windows"),
        ("darwin", {}, "macos"),
        ("linux", {"DISPLAY": ":0"}, "x11"),
        ("linux", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "XDG_SESSION_TYPE": "wayland"}, "portal"),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0", "XDG_SESSION_TYPE": "tty"}, "portal"),
        ("linux", {"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, "x11"),
        ("linux", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "old", "XDG_SESSION_TYPE": "x11"}, "x11"),
        ("linux", {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, ""),
        ("linux", {}, ""),
    ],
)
def test_the_backend_follows_the_kind_of_session(platform: str, environment: dict[str, str], kind: str) -> None:
    assert kind_of_session(platform, environment) == kind


async def test_a_desktop_without_hotkeys_is_told_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    hotkeys = Hotkeys(None)
    await hotkeys.apply(Hotkey())
    assert hotkeys.text == ""
    assert "trayassist toggle" in hotkeys.problem


async def test_a_wrong_key_is_told_and_switching_off_is_no_problem() -> None:
    hotkeys = Hotkeys(None)
    changes: list[str] = []
    hotkeys.changed.connect(lambda: changes.append(hotkeys.problem))
    await hotkeys.apply(Hotkey(ask="ctrl+spcae"))
    await hotkeys.apply(Hotkey(enabled=False))
    assert "Did you mean “space”" in changes[0]
    assert changes[1:] == [""]
