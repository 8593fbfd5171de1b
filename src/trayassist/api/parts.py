"""What a plugin hands to the application: roles, readers, inspectors, tools, jobs, settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from trayassist.api.answer import Answer, Exchange, Risk, Verdict
from trayassist.api.errors import ConfigError
from trayassist.api.host import Host
from trayassist.api.memory import Page, ReadOptions
from trayassist.api.question import Request, Route


@runtime_checkable
class Role(Protocol):
    """Someone who answers. Runs in the tray process, async: it must never block."""

    name: str
    title: str
    examples: Sequence[str]  # sentences of two words and more; a request that is nearly one of them comes here

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting of a plugin: a row of its form in the settings window, kept in app.yaml under plugins.settings.NAME.

    Its kind is that of `default`: a bool is a switch, an int or float a number (within `least` and `most`),
    a str a text or one of `choices` (value: what the form shows), a tuple of str a list with an entry a line.
    """

    name: str
    title: str
    default: bool | int | float | str | tuple[str, ...]
    help: str = ""
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: Mapping[str, str] = field(default_factory=dict)

    def of(self, settings: Mapping[str, Any]) -> Any:
        """Return what `settings` say, else the default. Raises ConfigError when the value is not allowed."""
        value = settings.get(self.name, self.default)
        if problem := self.problem(value):
            raise ConfigError(f"The setting “{self.name}” is {value!r}, which is not allowed.", problem)
        return tuple(value) if isinstance(self.default, tuple) else value

    def problem(self, value: object) -> str:
        """Return what the value should be, as a sentence, or "" when it is allowed."""
        if isinstance(self.default, bool):
            return "" if isinstance(value, bool) else "Give true or false."
        if isinstance(self.default, tuple):
            fine = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
            return "" if fine else "Give a list of texts."
        if isinstance(self.default, str):
            if self.choices and value not in self.choices:
                return f"Give one of: {', '.join(self.choices)}."
            return "" if isinstance(value, str) else "Give a text."
        return self._number_problem(value)

    def _number_problem(self, value: object) -> str:
        kinds = int if isinstance(self.default, int) else int | float
        if isinstance(value, bool) or not isinstance(value, kinds):
            return "Give a whole number." if isinstance(self.default, int) else "Give a number."
        assert isinstance(value, int | float)
        if self.least is not None and value < self.least:
            return f"Give {self.least:g} or more."
        if self.most is not None and value > self.most:
            return f"Give {self.most:g} or less."
        return ""
