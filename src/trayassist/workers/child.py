"""The inside of a worker process: one thread, one pipe, one request at a time.

A worker's module has `main(channel, **options)`, which loads its heavy libraries, builds a table of
operations and calls `channel.serve(operations)`. An operation is a function, or a generator whose
items are streamed. Cancelling needs no message: the parent writes the request's number into shared
memory, `channel.cancelled()` compares it, so a native callback can ask without touching the pipe.
(A reader thread in here would starve on the GIL while native code runs.)
"""

from __future__ import annotations

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from trayassist.api import TrayassistError

Operation = Callable[..., Any]

STOP = ""  # the operation's name that ends a worker
LOG = "log"  # the kind of a message that is a log record: (logger's name, level, text)
LONGEST_RECORD = 10_000  # characters
NICENESS = 10  # under full load the window goes first; alone, a worker is as fast as ever


@dataclass
class Channel:
    """This worker's end of the pipe, and the number of the request it works on (0 = none)."""

    connection: Connection
    cancel_flag: Any  # multiprocessing.RawValue("Q"): number of the request to give up
    current: int = field(default=0, init=False)
    machine_limit: str = ""  # what to do about a limit of this session, which is not ours
    _pid: int = field(default_factory=os.getpid, init=False)
    _sending: threading.Lock = field(default_factory=threading.Lock, init=False)
    _sender: int = field(default=0, init=False)  # the thread that is sending, 0 = none

    @property
    def is_copy(self) -> bool:
        """Whether this process was forked from the worker, by a plugin, and cannot speak for it."""
        return os.getpid() != self._pid

    @property
    def is_sending(self) -> bool:
        """Whether this thread is sending just now: a finaliser that runs meanwhile must not send, too."""
        return self._sender == threading.get_ident()

    def cancelled(self) -> bool:
        """Return whether the parent gave up the current request."""
        return bool(self.cancel_flag.value == self.current)

    def send(self, message: tuple[str, int, Any]) -> None:
        """Send a message to the parent. A copy that a plugin forked from this process ends here instead."""
        if self.is_copy:
            os._exit(0)
        with self._sending:  # a library's thread may log at the same time
            self._sender = threading.get_ident()
            try:
                self.connection.send(message)
            finally:
                self._sender = 0

    def serve(self, operations: Mapping[str, Operation]) -> None:
        """Answer requests until the parent closes the pipe."""
        self.send(("ready", 0, os.getpid()))
        while True:
            try:
                number, name, arguments = self.connection.recv()
            except (EOFError, OSError):
                return
            if name == STOP:
                return
            self.current = number
            try:
                self._run(operations[name], arguments)
            except (BrokenPipeError, ConnectionResetError):
                return
            finally:
                self.current = 0
            gc.collect(0)  # between requests, so that it is seldom done inside one

    def _run(self, operation: Operation, arguments: dict[str, Any]) -> None:
        number = self.current
        try:
            result = operation(**arguments)
            if isinstance(result, Generator):
                result = self._stream(result)
            self.send(("done", number, result))
        except (BrokenPipeError, ConnectionResetError):
            raise
        except TrayassistError as error:
            self.send(("error", number, (error, "")))
        except MemoryError:
            words = TrayassistError(
                "This needs more memory than one process of trayassist may use.", self.machine_limit
            )
            self.send(("error", number, (words, "")))
        except Exception as error:  # barrier: everything a worker runs ends here, as an answer to the parent
            words = TrayassistError(f"{type(error).__name__}: {error}")
            self.send(("error", number, (words, traceback.format_exc())))

    def _stream(self, items: Generator[Any, None, Any]) -> Any:
        try:
            while True:
                if self.cancelled():
                    return None
                self.send(("item", self.current, next(items)))
        except StopIteration as end:
            return end.value
        finally:
            items.close()


class _LogHandler(logging.Handler):
    """Hands log records to the parent, which masks secrets and writes the one log file.

    Without a lock of its own: two threads that wait for it and for the channel's would wait for each other.
    """

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel

    def handle(self, record: logging.LogRecord) -> bool:
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        if self._channel.is_copy or self._channel.is_sending:
            return
        try:
            self._channel.send((LOG, 0, (record.name, record.levelno, self.format(record)[:LONGEST_RECORD])))
        except OSError:  # the parent is gone
            return
        except Exception:  # barrier: a record that cannot be formatted must not fail what was logged
            self.handleError(record)


def start(main: Callable[..., None], connection: Connection, cancel_flag: Any, options: dict[str, Any]) -> None:
    """Run in the new process: detach from the terminal's signals and hand over to `main`.

    What `main` raises before it serves is the answer to the parent, which waits for this process to be ready.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the parent, which ends us
    os.umask(0o077)
    _leave_standard_output()
    if sys.platform != "win32":
        os.nice(NICENESS)
        os.register_at_fork(after_in_child=connection.close)  # what a plugin forks cannot speak for this process
    _die_with_parent()
    channel = Channel(connection, cancel_flag, machine_limit=machine_limit())
    logging.raiseExceptions = False  # standard error is masked by nobody
    logging.getLogger().addHandler(_LogHandler(channel))
    try:
        main(channel, **options)
    except MemoryError:
        channel.send(("error", 0, ("there is not enough memory", "")))
    except Exception as error:  # barrier: a library that does not load, a plugin that fails
        channel.send(("error", 0, (f"{type(error).__name__}: {error}", traceback.format_exc())))


def machine_limit() -> str:
    """Return what to do about a limit that this session sets to a program's memory or processes; "" when there is none.

    Programs inherit such limits (ulimit -v, -d, -u) from the shell or the service that started them.
    """
    if sys.platform == "win32":
        return ""
    import resource

    for kind, option, unit in ((resource.RLIMIT_AS, "v", "MB of memory"), (resource.RLIMIT_DATA, "d", "MB of data")):
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY:
            return (
                f"This session allows a program {soft >> 20:,} {unit} (ulimit -{option}), and trayassist may need "
                "4,096. Raise that limit and start trayassist again."
            )
    return ""


def limit_memory(memory_mb: int, *, data: bool = False) -> None:
    """Let this process grow by at most `memory_mb` MB of address space from here. No-op on Windows.

    With `data` only memory that is its own counts, not mapped libraries. A lower limit that it was started with
    (ulimit -v, -d) stays.
    """
    if sys.platform == "win32":
        return
    import resource

    import psutil

    kind = resource.RLIMIT_DATA if data else resource.RLIMIT_AS
    now = psutil.Process().memory_info()
    wanted = (getattr(now, "data", now.vms) if data else now.vms) + memory_mb * 2**20
    ceiling = min([wanted, *(limit for limit in resource.getrlimit(kind) if limit != resource.RLIM_INFINITY)])
    resource.setrlimit(kind, (ceiling, ceiling))


def _leave_standard_output() -> None:
    """Send what is printed in here to standard error: standard output is the command line's, line by line."""
    with suppress(OSError, AttributeError):  # a program without a console has neither
        os.dup2(sys.stderr.fileno(), 1)
        sys.stdout = sys.stderr


def _die_with_parent() -> None:
    """On Linux, be killed when the parent is (kill -9 included); elsewhere the closed pipe ends us."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
        parent = multiprocessing.parent_process()
        if parent is not None and parent.pid != os.getppid():  # it was killed before we asked for that
            os._exit(1)
