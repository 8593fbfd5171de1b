"""Qt's application object: quitting on signals, and ending every process of ours at the end."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Signal
from PySide6.QtWidgets import QApplication

logger = logging.getLogger(__name__)

LAST_RESORT_S = 4.5  # after that the process ends whatever still hangs; quitting takes at most five seconds
KILL_WAIT_S = 0.5


class Application(QApplication):
    """Qt's application, which asks before it quits: our processes are to be ended first."""

    quit_wanted = Signal()

    def event(self, event: QEvent) -> bool:
        """Turn Qt's own quit (a session that ends, the Dock's menu) into a wish."""
        if event.type() == QEvent.Type.Quit:
            self.quit_wanted.emit()
            return True
        return super().event(event)


class QuitSignals(QObject):
    """Emits `asked` when the process is told to end (Ctrl+C, SIGTERM, the terminal is closed).

    Python runs signal handlers only when it has control, which Qt's loop may not give it for hours: the
    signal's number is written to a socket that Qt watches.
    """

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda _number, _frame: None)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def _on_signal(self) -> None:
        if self._read.recv(64):
            self.asked.emit()


def end_children() -> None:
    """Kill the processes that this one started, and theirs, if any still run."""
    import psutil  # which the first paint of the icon need not wait for

    try:
        left = psutil.Process().children(recursive=True)
    except psutil.Error:
        return
    for process in left:
        logger.info("process %s is ended", process)
        try:
            process.kill()
        except psutil.Error:
            logger.debug("process %s was gone", process.pid)
    psutil.wait_procs(left, timeout=KILL_WAIT_S)


def end_for_certain(code: int) -> None:
    """From now on this process has LAST_RESORT_S seconds left, whatever hangs in it."""

    def end() -> None:
        end_children()
        os._exit(code)

    timer = threading.Timer(LAST_RESORT_S, end)
    timer.daemon = True
    timer.start()
