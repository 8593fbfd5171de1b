"""A worker whose operations misbehave, each in one way."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trayassist.api import NotAllowed
from trayassist.workers.child import Channel, limit_memory


def main(
    channel: Channel,
    memory_mb: int = 0,
    fail_at_start: bool = False,
    start_mb: int = 0,
    killed_starts: str = "",
    kills: int = 0,
) -> None:
    if killed_starts and len(list(Path(killed_starts).iterdir())) < kills:
        (Path(killed_starts) / str(os.getpid())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    bytearray(start_mb * 2**20)
    if fail_at_start:
        raise RuntimeError("no such library")
    if memory_mb:
        limit_memory(memory_mb)

    def count(n: int) -> Iterator[int]:
        yield from range(n)

    def slow(n: int) -> Iterator[int]:
        for number in range(n):
            time.sleep(0.01)
            yield number

    def eat(mb: int) -> int:
        return len(bytearray(mb * 2**20))

    def spin() -> None:
        while True:
            pass

    def work(cpu_s: float) -> str:
        until = time.process_time() + cpu_s
        while time.process_time() < until:
            pass
        return "worked"

    operations: dict[str, Any] = {
        "echo": lambda value: value,
        "pid": os.getpid,
        "count": count,
        "slow": slow,
        "segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
        "exit": lambda: sys.exit(3),
        "os_exit": lambda: os._exit(7),
        "hang": lambda: time.sleep(600),
        "refuse": _refuse,
        "raise": lambda: 1 / 0,
        "unpicklable": lambda: lambda: None,
        "eat": eat,
        "spin": spin,
        "work": work,
        "fork": _fork,
        "log": _log,
        "log_while_sending": LogsWhenSent,
        "die_by": lambda number: os.kill(os.getpid(), number),
    }
    channel.serve(operations)


def _log(text: str) -> None:
    """Log from here, from another thread, wrongly, and from a forked copy: nothing comes of the last two."""
    logger = logging.getLogger("a.library")
    logger.info("beneath notice")
    logger.warning("%s", text)
    thread = threading.Thread(target=logger.error, args=("from a thread",))
    thread.start()
    thread.join()
    logger.warning("%d", "no number")
    if (copy := os.fork()) == 0:
        logger.warning("from a copy")
        os._exit(5)
    assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == 5, "the copy did not get beyond its log line"


class LogsWhenSent:
    """An answer that logs while it is sent, as a finaliser may."""

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        logging.getLogger("a.library").warning("in the middle of a message")
        return str, ("answered",)


def _fork() -> str:
    """Leave a copy of this process behind, which goes on as if it were the worker."""
    os.fork()
    return "answered"


def _refuse() -> None:
    raise NotAllowed("This is not allowed.", "Ask for something else.")
