"""Ingestors that misbehave, each in one way, as plugins of a reader worker."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from trayassist.api import Host, Ingestor, Page, ReadOptions, hookimpl


class Acting:
    """Reads files with its name as suffix; `act` is called for page 2 and may do harm."""

    def __init__(self, name: str, act: Callable[[ReadOptions], object]) -> None:
        self.name, self._act = name, act
        self.suffixes: Sequence[str] = (f".{name}",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        for number in range(options.first_page, 4):
            if number == 2:
                self._act(options)
            yield Page(number=number, text=f"{path.read_text()} page {number}", total=3)


class Rubbish(Acting):
    """Yields things that are no pages."""

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        yield "not a page"  # type: ignore[misc]


class Backwards(Acting):
    """Yields pages in the wrong order."""

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        yield Page(number=2, text="two")
        yield Page(number=1, text="one")


class Huge(Acting):
    """Yields a page that no document has."""

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        yield Page(number=1, text="word " * 1_200_000, total=1)


class Mistyped(Acting):
    """Yields a page with a part of another type."""

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        yield Page(number=1, text="a page", title=5)  # type: ignore[arg-type]


class Waits(Acting):
    """Gives the second page when there is a file `go` two folders above."""

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        text = path.read_text()
        for number in range(options.first_page, 3):
            while number == 2 and not (path.parents[2] / "go").exists():
                time.sleep(0.01)
            yield Page(number=number, text=f"{text} page {number}", total=2)


class HangsFrom(Acting):
    """Hangs at a page and at all after it."""

    def __init__(self, name: str, page: int) -> None:
        super().__init__(name, _raise)
        self._page = page

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        for number in range(options.first_page, 10):
            if number >= self._page:
                time.sleep(3600)
            yield Page(number=number, text=f"{path.read_text()} page {number}", total=9)


class AlwaysCrash(Acting):
    """Crashes before the first page, whatever is asked for."""

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        _segfault(options)
        yield Page(number=1, text="never")


class Plugin:
    """A plugin that hands over one ingestor."""

    def __init__(self, ingestor: Ingestor) -> None:
        self._ingestor = ingestor

    @hookimpl
    def register_ingestors(self, host: Host) -> Sequence[Ingestor]:
        return [self._ingestor]


def _segfault(options: ReadOptions) -> None:
    ctypes.string_at(0)


def _eat_memory(options: ReadOptions) -> None:
    hoard = []
    while True:
        hoard.append(bytearray(64 * 2**20))


def _raise(options: ReadOptions) -> None:
    raise ZeroDivisionError("made for this test")


def _interrupt(options: ReadOptions) -> None:
    raise KeyboardInterrupt


def _noise(options: ReadOptions) -> None:
    os.write(1, b"native chatter\n")


hang = Plugin(Acting("hang", lambda options: time.sleep(3600)))
segfault = Plugin(Acting("segfault", _segfault))
exits = Plugin(Acting("exits", lambda options: os._exit(3)))
hog = Plugin(Acting("hog", _eat_memory))
raises = Plugin(Acting("raises", _raise))
slow = Plugin(Acting("slow", lambda options: time.sleep(0.4)))
waits = Plugin(Waits("waits", _raise))
always_hangs = Plugin(HangsFrom("always_hangs", 1))
hangs_on = Plugin(HangsFrom("hangs_on", 3))
noise = Plugin(Acting("noise", _noise))
rubbish = Plugin(Rubbish("rubbish", _raise))
quits = Plugin(Acting("quits", lambda options: sys.exit(3)))
interrupts = Plugin(Acting("interrupts", _interrupt))
huge = Plugin(Huge("huge", _raise))
mistyped = Plugin(Mistyped("mistyped", _raise))
backwards = Plugin(Backwards("backwards", _raise))
crash = Plugin(AlwaysCrash("crash", _segfault))


def __getattr__(name: str) -> Plugin:
    if name == "ends_at_import":
        os._exit(9)
    raise AttributeError(name)
