"""The hotkey in another program's window: from the key to the first paint of the popup, and to its focused field.

Paint is told by the X server (Damage on the popup's window), from the moment the key was injected (XTest).
The field's focus is told by the app, which runs with one more line of code in its popup.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PRESSES, HELD_S, REST_S, LIMIT_S = 50, 0.03, 0.3, 3.0
BARS = {"p95": 12.0, "max": 33.0}


def child() -> int:
    """Run the app; write the time of each focus of the popup's field to standard output."""
    from PySide6.QtCore import QEvent, QObject

    from trayassist import paths
    from trayassist.ui.app import desktop
    from trayassist.ui.app import start as app

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
            if event.type() == QEvent.Type.FocusIn:
                print(time.monotonic(), flush=True)
            return False

    class Popup(desktop.Popup):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.watch = Watch()
            self.header.field.installEventFilter(self.watch)

    desktop.Popup = Popup  # type: ignore[misc]
    return app.run(paths.current(), show=False)


class Presses:
    """Presses the key and waits for the paint."""

    def __init__(self, desk: Any) -> None:
        from Xlib import XK

        self.desk, self.x = desk, desk.x
        names = ("Control_L", "Alt_L", "space")
        self.keys = [self.x.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
        self.x.damage_query_version()

    def watch(self, window: int) -> None:
        from Xlib.ext import damage

        self.x.create_resource_object("window", window).damage_create(damage.DamageReportRawRectangles)
        self.x.sync()

    def press(self) -> tuple[float, float]:
        """Return when (time.monotonic) the key was pressed and when the popup was painted first."""
        from Xlib import X
        from Xlib.ext import xtest

        for key in self.keys[:2]:
            xtest.fake_input(self.x, X.KeyPress, key)
        self.x.sync()
        time.sleep(HELD_S)
        self._drain()
        began = time.monotonic()
        xtest.fake_input(self.x, X.KeyPress, self.keys[2])
        self.x.flush()
        painted = self._wait_for_damage()
        for key in reversed(self.keys):
            xtest.fake_input(self.x, X.KeyRelease, key)
        self.x.sync()
        return began, painted

    def _drain(self) -> None:
        while self.x.pending_events():
            self.x.next_event()

    def _wait_for_damage(self) -> float:
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            select.select([self.x.fileno()], [], [], 0.05)
            while self.x.pending_events():
                if type(self.x.next_event()).__name__ == "DamageNotify":
                    return time.monotonic()
        return float("inf")


def measure(desk: Any, folder: Path) -> tuple[list[float], list[float]]:
    """Return milliseconds to the paint and to the focus, one each for every press."""
    from tests.e2e.desk import wait_until

    desk.tray("trayer")
    desk.python("victim.py", out=folder / "victim.txt")
    victim = wait_until(lambda: desk.window("victim"), "the other window")
    focuses = folder / "focuses.txt"
    env = {**desk.env, "TRAYASSIST_HOME": str(folder / "home")}
    with focuses.open("wb") as out:
        process = subprocess.Popen([sys.executable, __file__, "--child"], env=env, stdout=out, stdin=subprocess.DEVNULL)
    try:
        presses = Presses(desk)
        time.sleep(4)
        presses.press()
        popup = wait_until(lambda: desk.window("trayassist"), "the popup")
        presses.watch(int(popup))
        began, paints = [], []
        for _ in range(PRESSES):
            desk.do("key", "Escape")
            desk.do("windowactivate", "--sync", victim)
            time.sleep(REST_S)
            start, painted = presses.press()
            began.append(start)
            paints.append((painted - start) * 1e3)
            time.sleep(REST_S)
    finally:
        process.terminate()
        process.wait(20)
    times = [float(line) for line in focuses.read_text().split()]
    focused = []
    for start in began:
        with contextlib.suppress(StopIteration):
            focused.append((next(t for t in times if t >= start) - start) * 1e3)
    return paints, focused


def figures(values: list[float]) -> dict[str, float]:
    values = sorted(values)
    return {
        "median": round(values[len(values) // 2], 1),
        "p95": round(values[int(0.95 * len(values)) - 1], 1),
        "max": round(values[-1], 1),
        "n": len(values),
    }


def main() -> None:
    from tests.e2e.desk import Desk

    with tempfile.TemporaryDirectory() as name:
        desk = Desk(Path(name))
        try:
            paints, focused = measure(desk, Path(name))
        finally:
            desk.close()
    shown, typed = figures(paints), figures(focused)
    good = all(part[key] <= bar for part in (shown, typed) for key, bar in BARS.items())
    result = {
        "benchmark": "hotkey",
        "what": f"{PRESSES} presses, ms from the key to the first paint and to the focused field",
        "first_paint_ms": shown,
        "focused_field_ms": typed,
        "bar": BARS,
        "ok": good and shown["n"] == typed["n"] == PRESSES,
        "load": round(os.getloadavg()[0], 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    sys.exit(child()) if "--child" in sys.argv else main()
