"""The hotkey on Wayland, against a portal on a D-Bus of the test's own."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

from trayassist.api import TrayassistError
from trayassist.config.hotkeys import HotkeyRefused, parse
from trayassist.ui.hotkey.portal import PortalHotkey

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")
KEY = parse("ctrl+alt+space")
Start = Callable[[str], Path]


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Returns a function that starts a portal in a mode; it returns the file in which the portal tells what it did."""
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert bus.stdout is not None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
    started: list[subprocess.Popen[bytes]] = []

    def start(mode: str) -> Path:
        told = tmp_path / "portal.txt"
        with told.open("wb") as out:
            command = [sys.executable, str(Path(__file__).with_name("portal.py")), mode]
            started.append(subprocess.Popen(command, stdout=out))
        for _ in range(200):
            if "up" in told.read_text():
                return told
            time.sleep(0.05)
        pytest.fail("the portal did not start")

    yield start
    for process in (*started, bus):
        process.kill()
        process.wait(10)
    bus.stdout.close()


def press() -> None:
    with open_dbus_connection(bus="SESSION") as connection:
        address = DBusAddress("/org/freedesktop/portal/desktop", "org.freedesktop.portal.Desktop", "test.Press")
        connection.send_and_get_reply(new_method_call(address, "Press"))


class HotkeyEvents:
    """What the backend tells."""

    def __init__(self) -> None:
        self.presses: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self.lost: list[TrayassistError] = []

    def backend(self) -> PortalHotkey:
        return PortalHotkey(lambda at, token: self.presses.put_nowait((at, token)), self.lost.append)


@pytest.mark.parametrize("mode", ["grant", "old"])
async def test_a_granted_key_is_named_as_the_desktop_names_it_and_fires(portal: Start, mode: str) -> None:
    told = portal(mode)
    news = HotkeyEvents()
    backend = news.backend()
    assert await backend.grab(KEY) == "Press Ctrl+Alt+Space"
    assert "bind ask CTRL+ALT+space" in told.read_text()
    assert ("registered trayassist" in told.read_text()) is (mode == "grant")
    await asyncio.to_thread(press)
    at, token = await asyncio.wait_for(news.presses.get(), 5)
    assert at > 0
    assert token == "token-1"
    await backend.close()


async def test_a_key_of_an_earlier_session_needs_no_dialog(portal: Start) -> None:
    told = portal("remember")
    backend = HotkeyEvents().backend()
    assert await backend.grab(KEY) == "Meta+J"
    assert "bind" not in told.read_text()
    await backend.close()


async def test_a_declined_dialog_is_told_with_a_way_out(portal: Start) -> None:
    portal("deny")
    backend = HotkeyEvents().backend()
    with pytest.raises(HotkeyRefused, match=r"declined.*trayassist toggle"):
        await backend.grab(KEY)


async def test_without_a_portal_or_a_bus_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    with pytest.raises(HotkeyRefused, match="no global hotkey"):
        await HotkeyEvents().backend().grab(KEY)


async def test_a_key_that_was_given_back_can_be_taken_again(portal: Start) -> None:
    portal("grant")
    backend = HotkeyEvents().backend()
    await backend.grab(KEY)
    await backend.release()
    assert await backend.grab(KEY) == "Press Ctrl+Alt+Space"
    await backend.close()
