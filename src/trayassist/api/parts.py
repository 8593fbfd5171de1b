"""What a plugin hands to the application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from trayassist.api.answer import Answer, Exchange, Risk, Verdict
from trayassist.api.host import Host
from trayassist.api.memory import Page, ReadOptions
from trayassist.api.question import Request, Route


@runtime_checkable
class Role(Protocol):
    """Someone who answers. Runs in the tray process, async: it must never block."""

    name: str
    title: str
    examples: Sequence[str]

    def claims(self, request: Request) -> str | None:
        """Return why this role certainly owns the request, or None. Pure, under a millisecond."""
        ...

    def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        """Yield the answer; citations before or after the chunk that carries their mark."""
        ...


@runtime_checkable
class Ingestor(Protocol):
    """Reads files of some kinds. Runs in a reader worker: it may be slow, crash or eat memory there."""

    name: str
    suffixes: Sequence[str]  # lower case, with the dot

    def read(self, path: Path, options: ReadOptions) -> Iterator[Page]:
        """Yield the pages in order, from `options.first_page` on. Raises UnreadableFile or PasswordNeeded."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page as a picture of `width` x `height` pixels: rows of `stride` bytes, 3 bytes (red, green, blue) a pixel.

    `quads` are the marked rectangles (x0, y0, x1, y1) in pixels, one per line of the marked text;
    `text` is the page's text as the ingestor gave it, `pages` the number of pages of the document.
    """

    width: int
    height: int
    stride: int
    rgb: bytes
    quads: tuple[tuple[float, float, float, float], ...]
    pages: int
    text: str


@runtime_checkable
class PageDrawer(Protocol):
    """An ingestor that can also show its pages. One that cannot has its pages shown as plain text."""

    def draw(self, path: Path, number: int, width: int, mark: tuple[int, int], options: ReadOptions) -> PageView:
        """Return page `number` drawn `width` pixels wide, the characters [mark[0], mark[1]) of its text marked.

        Raises UnreadableFile or PasswordNeeded. Runs in a reader worker.
        """
        ...


@runtime_checkable
class Inspector(Protocol):
    """Looks at every exchange. Runs in the tray process, before anything has an effect: under 5 ms."""

    name: str

    def inspect(self, exchange: Exchange) -> Verdict:
        """Return the verdict on the parts that are there."""
        ...


@runtime_checkable
class Tool(Protocol):
    """Something that can be done. `schema` is the JSON Schema of the arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]
    risk: Risk

    async def run(self, arguments: Mapping[str, Any], host: Host) -> str:
        """Do it and return what to tell the user. Runs in the tray process."""
        ...


@runtime_checkable
class Job(Protocol):
    """Something that can run without being asked. `trigger` is a sentence such as "at start"."""

    name: str
    title: str
    trigger: str

    async def run(self, host: Host) -> str:
        """Do it and return what to tell the user. Runs in the tray process."""
        ...
