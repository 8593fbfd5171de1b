"""Starting the app: the tray icon first, everything else after it is painted.

Only what the first paint needs is imported here at module level.
"""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from trayassist.ipc import EXIT_FAILED
from trayassist.paths import Paths
from trayassist.ui.app.application import Application
from trayassist.ui.tray.tray import Tray

PAINT_WAIT_MS = 300  # a host that has not taken the icon by then does not hold up the rest
# Longest that another thread keeps Qt's thread waiting each time it needs the interpreter; Python's default is 5 ms.
SWITCH_INTERVAL_S = 0.001
USE_THE_COMMAND_LINE = "The command line works without one: see `trayassist --help`, or try `trayassist demo`."


def run(paths: Paths, *, show: bool, prewarm: bool | None = None, first_steps: bool = False) -> int:
    """Run the app until it quits, with the popup open at once if `show`; return the exit code.

    `prewarm` says whether warm models' files are read ahead; None: as configured. `first_steps` shows the first
    steps, unless they were shown before.
    """
    if problem := no_display():
        print(f"{problem} {USE_THE_COMMAND_LINE}", file=sys.stderr)
        return EXIT_FAILED
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = Application(["trayassist"])
    application.setApplicationName("trayassist")
    application.setDesktopFileName("trayassist")
    application.setQuitOnLastWindowClosed(False)
    tray = Tray()
    tray.show()
    _wait_until_painted(tray)

    import asyncio

    import qasync

    from trayassist.ui.app.shell import Shell

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        shell = Shell(application, tray, paths, prewarm=prewarm, first_steps=first_steps)
        return runner.run(shell.run(show=show))


def no_display() -> str:
    """Return why no window can be shown, or "". Qt would end the process without a word that helps."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return ""
    display = os.environ.get("DISPLAY")
    if not display:
        return "There is no display here, so there is no tray."
    import ctypes

    try:
        xcb = ctypes.CDLL("libxcb.so.1")
        ctypes.CDLL("libxcb-cursor.so.0")  # Qt's own part for X11 does not load without it
    except OSError as error:
        return f"A system library for windows is missing ({error}): `make setup` installs it."
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return f"The display {display} cannot be opened, so there is no tray." if refused else ""


class _PaintWatch(QObject):
    """Ends `loop` when the watched widget is painted."""

    def __init__(self, loop: QEventLoop) -> None:
        super().__init__()
        self._loop = loop

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._loop.quit()  # the loop ends after this event: the widget is painted then
        return False


def _wait_until_painted(tray: Tray) -> None:
    """Run Qt until the icon is painted, where it is a window of ours (X11), so that imports do not delay it."""
    widgets = [w for w in QApplication.topLevelWidgets() if w.metaObject().className() == "QSystemTrayIconSys"]
    if not widgets or not tray.docked:
        QApplication.processEvents()
        return
    loop = QEventLoop()
    painted = _PaintWatch(loop)
    widgets[0].installEventFilter(painted)
    QTimer.singleShot(PAINT_WAIT_MS, loop.quit)
    loop.exec()
