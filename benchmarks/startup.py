"""Process start to painted tray icon, beside the same with bare Qt: a pixmap in a QSystemTrayIcon and nothing else.

This program is the tray host itself: it takes the icon's window and is told by the X server (Damage) when
something is painted into it, so both are measured from outside in the same way, alternating.
"""

from __future__ import annotations

import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.e2e.desk import Desk
from Xlib import X
from Xlib.ext import damage
from Xlib.protocol.event import ClientMessage

ROUNDS, LIMIT_S, SIZE = 12, 20.0, 24
BARE = """
import sys
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
application = QApplication(sys.argv[:1])
pixmap = QPixmap(24, 24)
pixmap.fill(Qt.GlobalColor.transparent)
painter = QPainter(pixmap)
painter.setBrush(QColor("red"))
painter.drawEllipse(2, 2, 20, 20)
painter.end()
tray = QSystemTrayIcon(QIcon(pixmap))
tray.show()
application.exec()
"""


class Host:
    """A tray with one place."""

    def __init__(self, desk: Desk) -> None:
        self.x = desk.x
        self.root = self.x.screen().root
        self.atom = self.x.intern_atom
        self.x.damage_query_version()
        self.window = self.root.create_window(
            0, 0, SIZE, SIZE, 0, X.CopyFromParent, override_redirect=True, background_pixel=0x444444
        )
        self.window.map()
        selection = self.atom("_NET_SYSTEM_TRAY_S0")
        self.window.set_selection_owner(selection, X.CurrentTime)
        told = ClientMessage(
            window=self.root, client_type=self.atom("MANAGER"), data=(32, [0, selection, self.window.id, 0, 0])
        )
        self.root.send_event(told, event_mask=X.StructureNotifyMask)
        self.x.flush()

    def wait_painted(self, process: subprocess.Popen[bytes]) -> float:
        """Return when (time.perf_counter) the icon of the process that was just started is painted."""
        end = time.perf_counter() + LIMIT_S
        while time.perf_counter() < end:
            while self.x.pending_events():
                event = self.x.next_event()
                if event.type == X.ClientMessage and event.client_type == self.atom("_NET_SYSTEM_TRAY_OPCODE"):
                    self._take(event.data[1][2])
                elif type(event).__name__ == "DamageNotify" and self._has_a_picture():
                    return time.perf_counter()
            select.select([self.x.fileno()], [], [], 0.2)
        raise SystemExit(f"no icon within {LIMIT_S:.0f} s (exit code {process.poll()})")

    def _take(self, identifier: int) -> None:
        icon = self.x.create_resource_object("window", identifier)
        icon.damage_create(damage.DamageReportRawRectangles)
        icon.reparent(self.window, 0, 0)
        icon.configure(width=SIZE, height=SIZE)
        icon.map()
        notify = ClientMessage(window=icon, client_type=self.atom("_XEMBED"), data=(32, [0, 0, 0, self.window.id, 0]))
        icon.send_event(notify)
        self.x.flush()

    def _has_a_picture(self) -> bool:
        pixels = self.window.get_image(0, 0, SIZE, SIZE, X.ZPixmap, 0xFFFFFFFF).data
        return len({pixels[i : i + 3] for i in range(0, len(pixels), 4)}) > 1


def one(host: Host, desk: Desk, command: list[str], home: Path) -> float:
    """Return the milliseconds from the start of the process to its painted icon; the process is ended."""
    env: dict[str, Any] = {**desk.env, "TRAYASSIST_HOME": str(home)}
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL)
    try:
        return (host.wait_painted(process) - began) * 1e3
    finally:
        time.sleep(0.5)
        process.terminate()
        process.wait(20)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        try:
            host = Host(desk)
            bare, ours = [sys.executable, "-c", BARE], [sys.executable, "-m", "trayassist", "--hidden"]
            times: dict[str, list[float]] = {"bare": [], "ours": []}
            for number in range(ROUNDS + 1):
                for name, command in (("bare", bare), ("ours", ours)):
                    took = one(host, desk, command, Path(folder) / "home")
                    if number:  # the first of each only warms the file cache
                        times[name].append(took)
        finally:
            desk.close()
    floor, figure = statistics.median(times["bare"]), statistics.median(times["ours"])
    print(
        json.dumps(
            {
                "benchmark": "startup",
                "what": "process start to painted tray icon, ms (median)",
                "trayassist_ms": round(figure, 1),
                "bare_qt_ms": round(floor, 1),
                "ratio": round(figure / floor, 3),
                "bar": 1.5,
                "ok": figure / floor <= 1.5,
                "rounds": ROUNDS,
                "load": round(os.getloadavg()[0], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
