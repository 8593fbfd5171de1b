"""A desktop of the tests' own: X server, window manager, tray host; and the real program running on it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import psutil
from Xlib import X, display
from Xlib.error import BadDrawable, BadWindow

from trayassist.paths import Paths

HERE = Path(__file__).parent
SCREEN = "1280x800x24"
TRAYER = "--edge bottom --align right --width 10 --height 32 --widthtype percent"
TINT2 = """panel_items = TSC
panel_size = 100% 40
panel_position = bottom center horizontal
panel_background_id = 1
rounded = 0
background_color = #222222 100
border_width = 0
systray = 1
systray_padding = 4 4 4
systray_icon_size = 28
time1_format = %H:%M
"""
LARGEST_ICON = 64
NEEDED = ("Xvfb", "openbox", "trayer", "tint2", "xdotool")


def wait_until(check: Callable[[], Any], what: str, seconds: float = 40.0) -> Any:
    """Return the first true result of `check`; fail with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := check():
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class Desk:
    """An X server on a free display, with openbox; no D-Bus, so that trays are XEmbed and nothing leaks in."""

    def __init__(self, folder: Path, screen: str = SCREEN) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        read, write = os.pipe()
        self._spawn(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp"], {}, pass_fds=(write,)
        )
        os.close(write)
        with os.fdopen(read) as number:
            self.display = f":{number.readline().strip()}"
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("WAYLAND", "XDG_", "QT_", "DBUS", "DESKTOP"))}
        self.env = {
            **kept,
            "DISPLAY": self.display,
            "XDG_RUNTIME_DIR": str(runtime),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
            "QT_QPA_PLATFORM": "xcb",
            "LC_ALL": "C.UTF-8",  # windows are found by their English titles
            "LANGUAGE": "",
        }
        plain = folder / "openbox.xml"
        plain.write_text('<openbox_config xmlns="http://openbox.org/3.4/rc"/>')
        self._spawn(["openbox", "--config-file", str(plain)], self.env)
        self.x = display.Display(self.display)
        wait_until(lambda: self._property(self.x.screen().root, "_NET_SUPPORTING_WM_CHECK"), "a window manager")

    def tray(self, host: str) -> subprocess.Popen[bytes]:
        """Start a tray host ("trayer" or "tint2")."""
        settings = self.folder / "tint2rc"
        settings.write_text(TINT2)
        command = ["trayer", *TRAYER.split()] if host == "trayer" else ["tint2", "-c", str(settings)]
        process = self._spawn(command, self.env)
        tray = self.x.intern_atom("_NET_SYSTEM_TRAY_S0")
        wait_until(lambda: self.x.get_selection_owner(tray) != X.NONE, "a tray host")
        return process

    def program(self, *command: str) -> subprocess.Popen[bytes]:
        """Start another program on this desktop."""
        return self._spawn(list(command), self.env)

    def python(self, file: str, *arguments: str, out: Path) -> subprocess.Popen[bytes]:
        """Start one of the programs beside this file; its output goes to `out`."""
        with out.open("wb") as stream:
            return self._spawn([sys.executable, str(HERE / file), *arguments], self.env, stdout=stream)

    def do(self, *arguments: str | int) -> str:
        """Run xdotool."""
        command = ["xdotool", *map(str, arguments)]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=15, check=False).stdout

    def window(self, title: str) -> str:
        """Return the id of the visible window with this title, or ""."""
        return (self.do("search", "--onlyvisible", "--name", f"^{title}$").split() or [""])[-1]

    def focused_window(self) -> str:
        """Return the id of the active window."""
        return self.do("getactivewindow").strip()

    def icon(self) -> tuple[int, int, int, int] | None:
        """Return place and size of the docked tray icon: a small window of the app inside another program's."""
        for window, depth in self._tree(self.x.screen().root, 0):
            with contextlib.suppress(BadWindow, BadDrawable):
                mapped = window.get_attributes().map_state == X.IsViewable
                size = window.get_geometry()
                ours = "trayassist" in (window.get_wm_class() or ())
                if depth > 1 and mapped and ours and size.width <= LARGEST_ICON:
                    at = window.translate_coords(self.x.screen().root, 0, 0)
                    return -at.x, -at.y, size.width, size.height
        return None

    def drag(self, start: tuple[int, int], target: Callable[[], tuple[int, int]]) -> None:
        """Drag with the mouse; `target` is asked once the drag runs."""
        x, y = start
        self.do("mousemove", x, y)
        time.sleep(0.3)
        self.do("mousedown", 1)
        time.sleep(0.2)
        for _ in range(6):
            x, y = x + 6, y + 4
            self.do("mousemove", x, y)
            time.sleep(0.05)
        time.sleep(0.5)
        to_x, to_y = target()
        for step in range(1, 21):
            self.do("mousemove", x + (to_x - x) * step // 20, y + (to_y - y) * step // 20)
            time.sleep(0.03)
        self.do("mousemove", to_x + 1, to_y + 1)
        time.sleep(0.5)
        self.do("mouseup", 1)

    def close(self) -> None:
        """End everything on this desktop."""
        self.x.close()
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)

    def _spawn(self, command: list[str], env: Mapping[str, str], **options: Any) -> subprocess.Popen[bytes]:
        options.setdefault("stdout", subprocess.DEVNULL)
        process = subprocess.Popen(
            command, env=dict(env) or None, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
        )
        self._processes.append(process)
        return process

    def _tree(self, window: Any, depth: int) -> Iterator[tuple[Any, int]]:
        try:
            children = window.query_tree().children
        except (BadWindow, BadDrawable):
            return
        for child in children:
            yield child, depth + 1
            yield from self._tree(child, depth + 1)

    def _property(self, window: Any, name: str) -> Any:
        return window.get_full_property(self.x.intern_atom(name), X.AnyPropertyType)


class App:
    """`python -m trayassist` on a desk, with a home of its own."""

    def __init__(
        self,
        desk: Desk,
        paths: Paths,
        home: Path,
        *arguments: str,
        wrapped: Sequence[str] = (),
        first_steps: bool = False,
    ) -> None:
        self.desk, self.paths = desk, paths
        self.env = {**desk.env, "TRAYASSIST_HOME": str(home)}
        os.environ["XDG_RUNTIME_DIR"] = desk.env["XDG_RUNTIME_DIR"]  # the socket's name is made in this process, too
        if not first_steps:
            paths.first_steps.touch()
        self.log = home / "stderr.txt"
        # tests that run in a shell's background inherit an ignored SIGINT, which the app would rightly go on ignoring
        ours = ["env", "--default-signal=INT", sys.executable, "-m", "trayassist", *arguments]
        command = [*wrapped, *ours]
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                command, env=self.env, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream
            )

    def ready(self) -> App:
        """Wait until it answers."""
        wait_until(lambda: self.process.poll() is not None or self.verb("config"), "the app answers", 40)
        assert self.process.poll() is None, self.log.read_text()
        return self

    def verb(self, verb: str, **arguments: Any) -> list[dict[str, Any]]:
        """Send a verb over the socket; return its objects, the end included; [] when no app listens."""
        objects: list[dict[str, Any]] = []
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(self.paths.socket)
                connection.sendall(json.dumps({"verb": verb, "arguments": arguments}).encode() + b"\n")
            except OSError:
                return []
            with connection.makefile("rb") as stream:
                for line in stream:
                    objects.append(json.loads(line))
                    if objects[-1].keys() == {"end"}:  # a citation has an end, too
                        break
        return objects

    def command(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run the command line beside the app."""
        command = [sys.executable, "-m", "trayassist", *arguments]
        return subprocess.run(
            command,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def facts(self) -> list[str]:
        """Return what the user asked to remember."""
        return [line["fact"] for line in self.verb("memory", action="list") if "fact" in line]

    def documents(self) -> list[str]:
        """Return the names of the remembered files."""
        return [Path(line["path"]).name for line in self.verb("memory", action="list") if "passages" in line]

    def popup(self) -> str:
        """Return the window id of the visible popup, or ""."""
        return self.desk.window("trayassist")

    def children(self) -> list[psutil.Process]:
        """Return the worker processes."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def output(self) -> str:
        """Return what the app logged and printed."""
        log = self.paths.app_log.read_text() if self.paths.app_log.exists() else ""
        return log + self.log.read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """End it, by force when it does not."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


def missing() -> list[str]:
    """Return the programs that these tests need and this machine lacks."""
    return [name for name in NEEDED if shutil.which(name) is None]


def lines(file: Path) -> list[dict[str, Any]]:
    """Return the JSON lines of a program's output."""
    return [json.loads(line) for line in file.read_text().splitlines() if line.startswith("{")]
