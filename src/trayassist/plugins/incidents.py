"""Records which plugin of another distribution ended or stalled the process, so that the next start leaves it out.

A plugin that hangs or crashes while it is loaded costs seconds at each start, and one that ends the process while it
answers takes the app with it. Both are left out until the plugin changes, or is switched off and on again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from trayassist import __version__
from trayassist.config.state_file import StateFile
from trayassist.paths import Paths

logger = logging.getLogger(__name__)

MOST = 50  # plugins that are remembered
MOST_FILES = 500  # of one plugin that are looked at
REASON_CHARACTERS = 500
AGAIN = "It is tried again when its files or settings change, or when you switch it off and on."
_BLOCK = 4096  # bytes of the file about running code
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def stamp(entry: EntryPoint, settings: Mapping[str, Any]) -> str:
    """Return what changes when the plugin does: of its version, the size and time of its files, and its settings."""
    version = entry.dist.version if entry.dist else ""
    about = [__version__, sys.version, version, json.dumps(dict(settings), sort_keys=True, default=str)]
    try:
        spec = find_spec(entry.module.partition(".")[0])  # imports nothing
    except (ImportError, ValueError, AttributeError):
        spec = None
    files: list[Path] = []
    if spec is not None and spec.submodule_search_locations:
        for folder in spec.submodule_search_locations:
            files += sorted(Path(folder).rglob("*.py"))[:MOST_FILES]
    elif spec is not None and spec.origin:
        files = [Path(spec.origin)]
    for file in files:
        with suppress(OSError):
            state = file.stat()
            about.append(f"{file} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(about).encode("utf-8", "backslashreplace")).hexdigest()


class Incidents:
    """The plugins that are left out because of what they did, in plugins.json of the data folder."""

    def __init__(self, paths: Paths) -> None:
        self._file = StateFile(paths.data / "plugins.json", _parse, "broken plugins are tried once more")
        self._running = paths.data / "plugin-code"

    def reason(self, name: str, stamp: str) -> str:
        """Return why the plugin, as it is now, is left out; "" when it is not."""
        known = self._file.read().get(name)
        return known[1] if known is not None and known[0] == stamp else ""

    def note(self, name: str, stamp: str, reason: str) -> None:
        """Leave the plugin out from now on, until its stamp is another."""

        def add(known: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
            others = [(other, value) for other, value in known.items() if other != name]
            return dict([*others, (name, (stamp, reason[:REASON_CHARACTERS]))][-MOST:])

        self._file.keep_change(add)

    def forget(self, name: str) -> None:
        """Try the plugin again at the next load."""
        if name in self._file.read():
            self._file.keep_change(lambda known: {other: value for other, value in known.items() if other != name})

    def note_ended_processes(self) -> None:
        """Note the plugins whose code ran when an earlier process of ours ended without a word."""
        for file in sorted(self._running.glob("*.json")) if self._running.is_dir() else ():
            if not file.stem.isdigit() or _is_alive(int(file.stem)):
                continue
            with suppress(OSError, ValueError, TypeError, KeyError):
                found = json.loads(file.read_text(encoding="utf-8"))
                if found["boot"] == _boot():  # else the machine was switched off meanwhile
                    for name, stamped, what in found["running"]:
                        self.note(
                            name,
                            stamped,
                            f"trayassist ended while {what[:1].lower()}{what[1:]} of it was running. {AGAIN}",
                        )
            with suppress(OSError):
                file.unlink()


class RunningCode:
    """A file that says at any time whose code runs in this process; it is gone after a regular end.

    `stamps` are those of the plugins that are not ours, by name; the code of others is not noted.
    """

    def __init__(self, paths: Paths) -> None:
        self.stamps: Mapping[str, str] = {}
        self._file = paths.data / "plugin-code" / f"{os.getpid()}.json"
        self._running: list[tuple[str, str, str]] = []
        self._descriptor: int | None = None
        self._lock = threading.Lock()

    @contextmanager
    def during(self, plugin: str, what: str) -> Iterator[None]:
        """Note that code of the plugin runs, such as "the role x"."""
        if plugin not in self.stamps:
            yield
            return
        item = (plugin, self.stamps[plugin], what)
        self._change(lambda: self._running.append(item))
        try:
            yield
        finally:
            self._change(lambda: self._running.remove(item))

    def close(self) -> None:
        """Remove the file."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
                with suppress(OSError):
                    self._file.unlink()

    def _change(self, change: Callable[[], None]) -> None:
        with self._lock:
            change()
            data = json.dumps({"boot": _boot(), "running": self._running}).encode()
            try:
                if self._descriptor is None:
                    self._file.parent.mkdir(mode=0o700, exist_ok=True)
                    self._descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
                os.lseek(self._descriptor, 0, os.SEEK_SET)
                os.write(self._descriptor, data.ljust(_BLOCK))  # over what stood there, in one piece
            except OSError as error:
                logger.warning("%s cannot be written: %s", self._file, error.strerror)


def _parse(found: Any) -> dict[str, tuple[str, str]]:
    return {str(name): (str(value[0]), str(value[1])) for name, value in found.items()}


def _is_alive(pid: int) -> bool:
    import psutil  # here: only after a process that ended without a word

    return psutil.pid_exists(pid)


@cache
def _boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


# ---------------------------------------------------------------- what would end the process


_ENDS = ("_exit", "abort", "fork", "forkpty", "execv", "execve")
_guarded = False


def guard_process() -> None:
    """Make the calls that end, replace or copy this process raise: from now on plugins of others run in it.

    Our own modules still can. Native code and signals can still end the process.
    """
    global _guarded
    if _guarded:
        return
    _guarded = True
    for name in _ENDS:
        if hasattr(os, name):
            setattr(os, name, _refusing(name))


def _refusing(name: str) -> Callable[..., Any]:
    original = getattr(os, name)

    def refuse(*arguments: Any) -> Any:
        if sys._getframe(1).f_globals.get("__name__", "").startswith("trayassist."):
            return original(*arguments)
        raise RuntimeError(f"os.{name}() would end, replace or copy trayassist, and no plugin may do that")

    return refuse
