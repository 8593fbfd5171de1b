"""Real drags (XDND) of files from other programs onto the tray icon."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.desk import App, Desk, wait_until

pytestmark = pytest.mark.e2e


def middle(desk: Desk) -> tuple[int, int]:
    x, y, width, height = wait_until(desk.icon, "the icon is docked")
    return x + width // 2, y + height // 2


def check_remembered(app: App, file: Path) -> None:
    wait_until(lambda: file.name in app.documents(), "the dropped file is remembered", 60)

    def find_results() -> list[dict[str, object]]:
        lines = app.verb("search", query="blue bicycle invoice")
        return [result for line in lines for result in line.get("results", ())]

    assert Path(str(wait_until(find_results, "it is found")[0]["path"])) == file
    assert file.exists(), "the file was moved away"


@pytest.mark.parametrize("host", ["trayer", "tint2"])
def test_a_file_dragged_from_another_program_onto_the_icon(
    xserver: Desk, start: Start, pdf: Path, tmp_path: Path, host: str
) -> None:
    xserver.tray(host)
    app = start("--hidden").ready()
    out = tmp_path / "source.txt"
    xserver.python("drag_source.py", str(pdf), out=out)
    wait_until(lambda: xserver.window("source"), "the source's window")
    xserver.drag((180, 260), lambda: middle(xserver))
    check_remembered(app, pdf)
    assert wait_until(out.read_text, "the source knows how it ended").strip() == "CopyAction"


def test_a_file_dragged_from_a_file_manager_onto_the_icon(
    xserver: Desk, start: Start, pdf: Path, tmp_path: Path
) -> None:
    if shutil.which("pcmanfm") is None or shutil.which("dbus-run-session") is None:
        pytest.skip("not installed: pcmanfm or dbus-run-session")
    xserver.tray("tint2")
    app = start("--hidden").ready()
    xserver.env["HOME"] = str(tmp_path)
    xserver.program("dbus-run-session", "--", "pcmanfm", "--no-desktop", str(pdf.parent))
    window = wait_until(lambda: xserver.do("search", "--onlyvisible", "--class", "pcmanfm").split(), "pcmanfm")[-1]
    xserver.do("windowmove", window, 50, 50, "windowsize", window, 640, 420)
    time.sleep(1.5)
    xserver.drag((258, 165), lambda: middle(xserver))
    check_remembered(app, pdf)


def test_the_shelf_takes_the_drop_where_no_tray_tells_its_place(
    xserver: Desk, start: Start, pdf: Path, tmp_path: Path
) -> None:
    app = start("--hidden").ready()
    popup = wait_until(app.popup, "the popup says that no tray runs")
    wait_until(lambda: xserver.focused_window() == popup, "it has the focus")
    xserver.do("key", "Escape")
    xserver.python("drag_source.py", str(pdf), out=tmp_path / "source.txt")
    wait_until(lambda: xserver.window("source"), "the source's window")
    xserver.drag((180, 260), lambda: (1150, 740))
    check_remembered(app, pdf)


def test_dragged_text_shows_nothing_and_takes_nothing(xserver: Desk, start: Start, tmp_path: Path) -> None:
    xserver.tray("trayer")
    app = start("--hidden").ready()
    out = tmp_path / "source.txt"
    xserver.python("drag_source.py", "--text", "only text", out=out)
    wait_until(lambda: xserver.window("source"), "the source's window")
    xserver.drag((180, 260), lambda: middle(xserver))
    assert wait_until(out.read_text, "the source knows how it ended").strip() == "IgnoreAction"
    assert app.documents() == []


def test_a_click_on_the_icon_still_works_after_a_drop(xserver: Desk, start: Start, pdf: Path, tmp_path: Path) -> None:
    xserver.tray("trayer")
    app = start("--hidden").ready()
    xserver.python("drag_source.py", str(pdf), out=tmp_path / "source.txt")
    wait_until(lambda: xserver.window("source"), "the source's window")
    xserver.drag((180, 260), lambda: middle(xserver))
    check_remembered(app, pdf)
    x, y = middle(xserver)
    xserver.do("mousemove", x, y, "click", 1)
    wait_until(app.popup, "a click opens the popup")


def test_the_popup_stays_while_a_file_is_dragged_onto_it_from_another_window(
    xserver: Desk, start: Start, pdf: Path, tmp_path: Path
) -> None:
    """Pressing the mouse in the file manager takes the focus; the popup waits for what is dragged."""
    xserver.tray("tint2")
    app = start("--hidden").ready()
    out = tmp_path / "source.txt"
    xserver.python("drag_source.py", str(pdf), out=out)
    wait_until(lambda: xserver.window("source"), "the source's window")
    app.verb("show")
    popup = wait_until(app.popup, "the popup")
    wait_until(lambda: xserver.focused_window() == popup, "it has the focus")
    shell = xserver.do("getwindowgeometry", "--shell", popup)
    x, y, width, height = (int(line.split("=")[1]) for line in shell.split()[1:5])
    xserver.drag((180, 260), lambda: (x + width // 2, y + height // 2))
    assert wait_until(out.read_text, "the source knows how it ended").strip() == "CopyAction"
    time.sleep(1)
    assert app.popup() == popup, "the popup is gone"
    xserver.do("key", "Return")
    check_remembered(app, pdf)


def test_a_click_into_another_window_hides_the_popup(xserver: Desk, start: Start, tmp_path: Path) -> None:
    xserver.tray("tint2")
    app = start("--hidden").ready()
    xserver.python("drag_source.py", "nothing", out=tmp_path / "source.txt")
    wait_until(lambda: xserver.window("source"), "the source's window")
    app.verb("show")
    popup = wait_until(app.popup, "the popup")
    wait_until(lambda: xserver.focused_window() == popup, "it has the focus")
    xserver.do("mousemove", 180, 340, "click", 1)
    wait_until(lambda: not app.popup(), "the popup is hidden")
