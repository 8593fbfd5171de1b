"""One home, the app and other processes at the same time; and reading that was paused, over a restart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.desk import App, Desk, wait_until
from tests.memory.test_one_writer import HOLDER, WORDS, begin, check_all_cited, folders, lines_of, run
from trayassist.paths import Paths

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
LONG_S = 300.0  # the machine may be busy


def status(app: App) -> dict[str, object]:
    return app.verb("status")[0]


def test_app_and_command_lines_that_read_at_once_lose_nothing(xserver: Desk, start: Start, tmp_path: Path) -> None:
    made = folders(tmp_path, 3, 12)
    alone = begin("ingest", made[0], "--json")  # began before the app, so it reads by itself
    app = start("--hidden").ready()
    with_app = begin("ingest", made[1], "--json")
    for reports in (app.verb("ingest", paths=[str(made[2])]), lines_of(alone), lines_of(with_app)):
        assert [line["status"] for line in reports if "status" in line] == ["ingested"] * 12
    check_all_cited(made, 12)
    assert status(app)["queued"] == 0


def test_the_app_waits_for_a_writer_says_so_and_goes_on_when_it_is_killed(
    xserver: Desk, start: Start, home: Paths, tmp_path: Path
) -> None:
    made = folders(tmp_path, 2, 3)
    run("ingest", made[1], "--json")
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(home.memory)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    app = start("--hidden").ready()
    waiting = begin("ingest", made[0], "--json")
    wait_until(lambda: f"(process {os.getpid()}) is writing" in str(status(app)["warnings"]), "it says why", LONG_S)
    found = app.verb("search", query=f"{WORDS[1]}1")[0]["results"]  # asking goes on
    assert found[0]["path"] == str(made[1] / "note1.txt")
    assert waiting.poll() is None
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert [line["status"] for line in lines_of(waiting) if "status" in line] == ["ingested"] * 3
    assert "is writing" not in str(status(app)["warnings"])
    check_all_cited(made, 3)


NO_LOCKS = """
import errno, fcntl
def no_locks(*_):
    raise OSError(errno.ENOLCK, "No locks available")
fcntl.flock = fcntl.lockf = no_locks
"""


def test_a_home_on_a_drive_without_locks_is_refused_in_words(
    xserver: Desk, start: Start, home: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "drive" / "sitecustomize.py").write_text(NO_LOCKS)
    note = tmp_path / "note.txt"
    note.write_text(f"The note about {WORDS[0]}.")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "drive"))
    xserver.env["PYTHONPATH"] = str(tmp_path / "drive")
    for arguments in (("ingest", note), ("search", WORDS[0]), ("config", "check"), ("config", "snapshot"), ("doctor",)):
        done = begin(*arguments)
        _out, err = done.communicate()
        assert "cannot be locked (No locks available)" in err, (arguments, err)
        assert "Set TRAYASSIST_HOME" in err
        assert "Traceback" not in err
        assert done.returncode == 4
    app = start("--hidden")
    wait_until(lambda: "cannot be locked" in app.log.read_text(), "the app says so, too", LONG_S)
    wait_until(lambda: xserver.window("trayassist"), "in a window")
    assert app.process.poll() is None
    assert not home.queue.exists()
    assert not home.history.exists()


def test_reading_that_was_paused_stays_paused_over_a_restart(
    xserver: Desk, start: Start, home: Paths, tmp_path: Path
) -> None:
    (made,) = folders(tmp_path, 1, 3)
    home.window_state.write_text("[reading]\npaused=true\n")
    for _ in range(2):
        app = start("--hidden").ready()
        assert status(app)["paused"]
        queued = app.command("ingest", str(made))  # it does not wait for what does not come
        assert queued.returncode == 1
        assert "Reading is paused" in queued.stderr
        wait_until(lambda app=app: status(app)["queued"] == 3, "the files wait", LONG_S)
        assert not app.documents()
        app.end()
    assert json.loads(begin("status", "--json").communicate()[0])["documents"] == 0


def test_a_pause_in_the_menu_outlasts_a_kill_and_ends_there(xserver: Desk, start: Start) -> None:
    def press_pause() -> None:
        x, y, width, height = wait_until(xserver.icon, "the icon is docked")
        xserver.do("mousemove", x + width // 2, y + height // 2)
        xserver.do("click", 3)
        time.sleep(1)  # the menu takes the keyboard when it is open
        xserver.do("key", "p")

    xserver.tray("tint2")
    app = start("--hidden").ready()
    press_pause()
    wait_until(lambda: status(app)["paused"], "reading is paused")
    time.sleep(1)  # settings are written a moment later
    app.process.kill()
    app.process.wait(40)
    again = start("--hidden").ready()
    assert status(again)["paused"]
    press_pause()
    wait_until(lambda: not status(again)["paused"], "reading goes on")
