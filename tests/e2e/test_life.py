"""Starting, starting twice, trays that come and go, and an end that leaves nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import Start
from tests.e2e.desk import App, Desk, wait_until
from trayassist.paths import Paths

pytestmark = pytest.mark.e2e
HEAVY = re.compile(
    r"/(pymupdf|fitz|lancedb|lance|pyarrow|numpy|llama_cpp|wordllama|tokenizers)[^/]*/.*\.so|libllama|libmupdf"
)


def use_it(app: App, pdf: Path) -> None:
    """Remember a file and ask about it, so that every kind of worker there is has run."""
    report = app.verb("ingest", paths=[str(pdf)])
    assert [line["status"] for line in report if "status" in line] == ["ingested"], report
    answer = next(line for line in app.verb("ask", text="When is invoice 4711 due?") if line.get("event") == "finished")
    assert answer["citations"], answer


@pytest.mark.parametrize("host", ["trayer", "tint2"])
def test_the_icon_docks_and_docks_again_after_the_host_restarts(xserver: Desk, start: Start, host: str) -> None:
    first = xserver.tray(host)
    start().ready()
    wait_until(xserver.icon, "the icon is docked")
    first.kill()
    first.wait(10)
    wait_until(lambda: xserver.icon() is None, "the icon is gone with its host")
    xserver.tray(host)
    wait_until(xserver.icon, "the icon is docked again")


def test_without_a_tray_host_it_says_so_and_docks_when_one_comes(xserver: Desk, start: Start) -> None:
    app = start("--hidden").ready()
    wait_until(app.popup, "the popup says that no tray runs")
    assert "no tray host runs" in app.output()
    wait_until(lambda: xserver.focused_window() == app.popup(), "it has the focus")
    xserver.do("key", "Escape")
    wait_until(lambda: not app.popup(), "the popup is hidden")
    time.sleep(0.3)  # no person presses two keys faster
    xserver.do("key", "ctrl+alt+space")
    wait_until(app.popup, "the hotkey works without a tray")
    xserver.tray("trayer")
    wait_until(xserver.icon, "the icon docks when a host comes")


def test_a_second_start_shows_the_popup_of_the_first_and_ends(xserver: Desk, start: Start) -> None:
    xserver.tray("trayer")
    app = start("--hidden").ready()
    assert not app.popup()
    second = app.command()
    assert second.returncode == 0, second.stderr
    wait_until(app.popup, "the first one's popup shows")
    assert app.process.poll() is None


def test_the_command_line_hands_a_question_to_the_running_app(xserver: Desk, start: Start, pdf: Path) -> None:
    app = start("--hidden").ready()
    use_it(app, pdf)
    asked = app.command("ask", "When is invoice 4711 due?", "--json")
    *_, last = [json.loads(line) for line in asked.stdout.splitlines()]
    assert (asked.returncode, last["event"]) == (0, "finished"), asked.stderr
    assert last["citations"]


def test_two_starts_at_the_same_time_are_one_app(xserver: Desk, start: Start) -> None:
    apps = [start("--hidden"), start("--hidden")]
    wait_until(lambda: sum(app.process.poll() is None for app in apps) == 1, "one of them ended", 40)
    assert {app.process.poll() for app in apps} == {None, 0}


def test_a_socket_left_by_a_dead_app_is_no_hindrance(xserver: Desk, start: Start, home: Paths) -> None:
    app = start("--hidden").ready()
    app.process.kill()
    app.process.wait(40)
    assert Path(home.socket).exists(), "the socket of the dead app is left over, else this tests nothing"
    start("--hidden").ready()


@pytest.mark.parametrize("way", ["SIGTERM", "SIGINT", "verb"])
def test_quit_leaves_no_process(xserver: Desk, start: Start, pdf: Path, way: str) -> None:
    app = start("--hidden").ready()
    use_it(app, pdf)
    workers = app.children()
    assert workers
    if way == "verb":
        app.verb("quit")
    else:
        app.process.send_signal(getattr(signal, way))
    assert app.process.wait(40) == 0, app.output()
    assert not psutil.wait_procs(workers, timeout=20)[1]


def test_quit_ends_a_worker_that_hangs(xserver: Desk, start: Start, pdf: Path) -> None:
    app = start("--hidden").ready()
    use_it(app, pdf)
    workers = app.children()
    for worker in workers:
        worker.suspend()
    app.process.terminate()
    app.process.wait(40)
    assert not psutil.wait_procs(workers, timeout=20)[1]


def test_kill_9_leaves_no_orphan(xserver: Desk, start: Start, pdf: Path) -> None:
    app = start("--hidden").ready()
    use_it(app, pdf)
    workers = app.children()
    assert workers
    app.process.kill()
    app.process.wait(40)
    assert not psutil.wait_procs(workers, timeout=20)[1]


def test_quit_while_it_starts(xserver: Desk, start: Start) -> None:
    app = start("--hidden")
    time.sleep(0.6)
    app.process.terminate()
    assert app.process.wait(40) in (0, -signal.SIGTERM), app.output()


def test_the_tray_process_maps_no_heavy_library(xserver: Desk, start: Start, pdf: Path) -> None:
    xserver.tray("trayer")
    app = start("--hidden").ready()
    use_it(app, pdf)
    app.verb("show")
    maps = Path(f"/proc/{app.process.pid}/maps").read_text()
    assert "libQt6Gui" in maps, "else this looks at the wrong process"
    assert not [line for line in maps.splitlines() if HEAVY.search(line)]
    workers = "".join(Path(f"/proc/{worker.pid}/maps").read_text() for worker in app.children())
    assert HEAVY.search(workers), "else the pattern finds nothing anywhere"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_socket_leaves_the_machine(xserver: Desk, start: Start, pdf: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.txt"
    strace = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,bind", "-o", str(trace)]
    app = start("--hidden", wrapped=strace).ready()
    use_it(app, pdf)
    app.verb("quit")
    app.process.wait(40)
    calls = trace.read_text()
    assert "AF_UNIX" in calls, "else nothing was traced"
    inet = [line for line in calls.splitlines() if re.search(r"AF_INET6?\b", line)]
    outside = [
        line for line in inet if not re.search(r'inet_addr\("127\.|"::1"|sin_addr=inet_addr\("0\.0\.0\.0"\)', line)
    ]
    assert not outside


def test_a_wrong_setting_is_told_and_the_app_runs(xserver: Desk, start: Start, home: Paths) -> None:
    home.app_config.write_text("hotkey:\n  aks: ctrl+alt+j\n")
    app = start("--hidden").ready()
    wait_until(lambda: "app.yaml, line 2" in app.output(), "the message names file and line")
    xserver.do("key", "ctrl+alt+space")
    wait_until(app.popup, "the shipped hotkey is in force")


def test_without_a_display_there_are_words_and_no_crash(home: Paths, tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    for display in ("", ":4711"):
        ran = subprocess.run(
            [sys.executable, "-m", "trayassist"],
            env={**env, "DISPLAY": display, "XDG_RUNTIME_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=30,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert ran.returncode == 4
        assert "display" in ran.stderr
        assert "--help" in ran.stderr
