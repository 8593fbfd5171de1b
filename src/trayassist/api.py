"""All that a plugin may import from trayassist: values, protocols, errors and the hook marker.

Values are frozen and without effects. Protocols say what the application hands to a plugin and what
a plugin hands to the application. This module imports the standard library and pluggy, nothing else.

The errors, all shown to people as "what happened" and "what to do":

    TrayassistError
    ├── PluginUnavailable    a plugin cannot work on this machine
    ├── ConfigError          a setting is wrong; names file, line and key
    ├── UnreadableFile       a file cannot be read (broken, wrong kind, too large)
    │   └── PasswordNeeded   the file opens with a password
    ├── ModelUnavailable     no model can answer (missing file, does not load)
    ├── WorkerDied           a worker process crashed or was ended
    ├── Busy                 another trayassist holds what is needed
    └── NotAllowed           policy, a verdict or the user said no
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeVar, runtime_checkable
from uuid import uuid4

import pluggy

hookspec = pluggy.HookspecMarker("trayassist")
hookimpl = pluggy.HookimplMarker("trayassist")

T = TypeVar("T")


# ---------------------------------------------------------------- errors


class TrayassistError(Exception):
    """Shown to the user: says what happened, and what to do about it."""

    code: ClassVar[str] = "error"

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(f"{what} {todo}".strip())
        self.what, self.todo = what, todo

    def __reduce__(self) -> tuple[type[TrayassistError], tuple[str, str]]:
        return type(self), (self.what, self.todo)  # crosses process borders whole


class PluginUnavailable(TrayassistError):
    """Raised by a plugin's setup() when it cannot work here; the app runs on without it."""

    code = "plugin_unavailable"


class ConfigError(TrayassistError):
    """A setting is wrong; the message names the file, the line and the nearest right key."""

    code = "config"


class UnreadableFile(TrayassistError):
    """A file cannot be read; only that file is left out."""

    code = "unreadable"


class PasswordNeeded(UnreadableFile):
    """The file is encrypted and no given password opens it."""

    code = "needs_password"


class ModelUnavailable(TrayassistError):
    """No model can answer: none is named, its file is missing, or it does not load."""

    code = "model_unavailable"


class WorkerDied(TrayassistError):
    """A worker process crashed, hung or ran out of memory while it worked on this."""

    code = "worker_died"


class Busy(TrayassistError):
    """Another trayassist process holds what is needed."""

    code = "busy"


class NotAllowed(TrayassistError):
    """Refused by policy, by a verdict, or by the user."""

    code = "not_allowed"


# ---------------------------------------------------------------- a question


class Kind(StrEnum):
    """What a request wants; the router decides it."""

    CHAT = "chat"
    CODE = "code"
    MATH = "math"
    SEARCH = "search"
    TOOL = "tool"
    TASK = "task"
    CURATE = "curate"
    SUMMARISE = "summarise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user (or a job) asked. `role` is set when the user picked a role in the window."""

    text: str
    files: tuple[Path, ...] = ()
    role: str | None = None
    conversation: str = ""  # requests of one conversation share it; empty = stands alone
    actor: str = "user"
    id: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The router's decision, with the stage and the reason that made it.

    `text` is the request without its override ("/code write x" -> "write x"); `confidence` is in
    0..1; `model` is None when the role answers without one; `ms` is how long deciding took.
    """

    kind: Kind
    role: str
    text: str
    confidence: float
    method: str  # override | slash | drop | rules | default
    reason: str
    model: str | None = None
    adapters: tuple[str, ...] = ()
    draft: str | None = None
    fallbacks: tuple[str, ...] = ()
    alternatives: tuple[Kind, ...] = ()
    model_calls: int = 0
    ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn as a model sees it. `speaker` is "system", "user" or "assistant".

    `part` says what may leave a prompt that is too long: turns of the past first, the oldest before others, then
    passages, the last before others, then tools (S1-17). Parts other than a turn belong to the message after them.
    """

    speaker: str
    text: str
    part: Literal["turn", "passage", "tools"] = "turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A past question and its answer, from the history. `at` is ISO 8601 with time zone."""

    question: str
    answer: str
    role: str
    at: str
    request_id: str = ""


# ---------------------------------------------------------------- memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a remembered document.

    `page` counts from 1. `start` and `end` are character offsets into that page's text as the
    ingestor gave it. `path` is "fact:ID" for something the user asked to remember.
    """

    path: str
    title: str
    page: int
    start: int
    end: int
    text: str
    score: float = 0.0

    @property
    def name(self) -> str:
        """The file's name as a person knows it."""
        return self.title if self.path.startswith("fact:") else Path(self.path).name

    def __reduce__(self) -> tuple[Callable[..., Passage], tuple[Any, ...]]:
        # Every search sends some from a worker: this takes half the time of what a dataclass does by itself.
        return _passage, (self.path, self.title, self.page, self.start, self.end, self.text, self.score)


def _passage(path: str, title: str, page: int, start: int, end: int, text: str, score: float) -> Passage:
    return Passage(path=path, title=title, page=page, start=start, end=end, text=text, score=score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence of a passage that answers a question; `start`/`end` are offsets into the page's text."""

    text: str
    passage: Passage
    start: int
    end: int
    score: float


class Found(StrEnum):
    """Whether memory holds something about a question (RECIPES: logistic, p >= .57, .30, below)."""

    YES = "yes"
    WEAK = "weak"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What memory holds about a query, best first. Never empty because of `found`: results are not hidden.

    `quotes` is filled by `Host.quote`, best first; `documents` is how many documents memory holds. `note` says in
    words what was left out while searching (no embedder, a late reranker), or is empty.
    """

    found: Found
    probability: float
    passages: tuple[Passage, ...] = ()
    quotes: tuple[Quote, ...] = ()
    documents: int = 0
    ms: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something the user asked to remember. `created` is ISO 8601 with time zone."""

    id: str
    text: str
    created: str
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page (or block) that an ingestor read. `number` counts from 1 and grows by document.

    `headings` are lines that stand out as headings. `total` is the number of pages of the document,
    0 if not known yet; `title` is the document's own title, if it has one.
    """

    number: int
    text: str
    headings: tuple[str, ...] = ()
    ocr: bool = False
    total: int = 0
    title: str = ""
    note: str = ""  # why this page has no text, for the line about this file


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read a file: from `first_page` on (a resumed file), with this password, these plugin settings."""

    password: str | None = None
    first_page: int = 1
    settings: Mapping[str, Any] = field(default_factory=dict)


# ---------------------------------------------------------------- a plugin's settings


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


# ---------------------------------------------------------------- an answer


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the answer (Markdown) as it is made. `thought` marks the model's reasoning, which is shown folded."""

    text: str
    thought: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The passage behind the mark `[number]` in the answer. `start`/`end` are offsets into the page's text."""

    number: int
    path: str
    title: str
    page: int
    quote: str
    start: int
    end: int


class Risk(IntEnum):
    """How dangerous an exchange looks. UNCHECKED means an inspector could not answer: never LOW."""

    LOW = 0
    MEDIUM = 1
    UNCHECKED = 2
    HIGH = 3

    @property
    def label(self) -> str:
        """low, medium, unchecked or high."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An inspector's opinion. `score` is in 0..1; `matched` are the short spans that raised it.

    `blocks` ends the request before a role sees it; only a deterministic rule may set it.
    """

    risk: Risk
    score: float = 0.0
    tags: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    reason: str = ""
    source: str = "rules"
    blocks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What inspectors look at; a part that is None or empty is not there yet.

    `command` is set when a command is about to run (or is inspected by itself).
    """

    request: Request | None = None
    route: Route | None = None
    passages: tuple[Passage, ...] = ()
    answer: str | None = None
    command: str | None = None


class Finish(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Routed:
    """Event: the route was decided."""

    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Event: a word on what is being done ("loading coder"). `done`/`total` are 0 when unknown."""

    text: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Event: the user must say yes or no before the answer goes on; no answer means no."""

    id: str
    question: str
    yes: str  # the words on the button
    risk: Risk = Risk.MEDIUM


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """Event: an inspector raised the risk. `stage` is request, context or answer."""

    verdict: Verdict
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds: deciding, searching, to the first piece of answer, in all. Tokens are 0 without a model."""

    route_ms: float = 0.0
    search_ms: float = 0.0
    first_ms: float = 0.0
    total_ms: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_per_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Event, always the last one. `error` and `todo` are set when `finish` is FAILED or BLOCKED."""

    finish: Finish
    answer: str
    route: Route
    verdict: Verdict
    timings: Timings
    found: Found = Found.NO
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Passage, ...] = ()
    model: str | None = None
    fallback: str = ""  # said to the user when another model or way answered than the configured one
    adapters: tuple[str, ...] = ()  # ids of the LoRA adapters that were really applied
    trimmed: str = ""  # what was left out of the prompt because the model's context was full, in words
    speculation: str = ""  # how many drafted tokens were right, or why speculation was off; "" when none is set
    host: str = ""  # who was asked, when that was another machine or costs money; "" for this machine
    error: str = ""
    todo: str = ""


Event = Routed | Status | Chunk | Citation | Approval | Flagged | Finished
Answer = Chunk | Citation | Evidence | Status


# ---------------------------------------------------------------- what the application lends


class Host(Protocol):
    """What the application lends to a plugin. During an answer it is bound to that request."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The plugin's own section of app.yaml (`plugins.settings.<name>`)."""
        ...

    def prompt(self, name: str) -> str:
        """Return the prompt `config/prompts/<name>.md`, the user's version if there is one."""
        ...

    def redact(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Return the text with secrets replaced by "[secret: kind]", and the kinds found, each once."""
        ...

    def generate(
        self,
        route: Route,
        messages: Sequence[Message],
        *,
        grammar: str = "",
        schema: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[Chunk]:
        """Stream the answer of the route's model, in its lane and with the settings of its role.

        `grammar` (GBNF) or `schema` (JSON Schema) bind the text to a form; not both. Raises ModelUnavailable when no
        model can answer, NotAllowed when policy forbids the model, TrayassistError when the prompt is too long, the
        time limit is over or the form cannot be kept.
        """
        ...

    async def search(self, query: str, limit: int = 8) -> Evidence:
        """Return the best pages of memory for `query` and whether they are about it."""
        ...

    async def quote(self, query: str, limit: int = 4) -> Evidence:
        """Like search, with the sentences that answer best in `quotes`."""
        ...

    async def summary(self, path: str, sentences: int = 7) -> Evidence:
        """Return the most central sentences of one remembered document, in reading order."""
        ...

    async def find_document(self, text: str) -> str | None:
        """Return the path of the remembered document that `text` names, or None."""
        ...

    async def turns(self, limit: int = 6) -> Sequence[Turn]:
        """Return the last turns of this request's conversation, oldest first."""
        ...

    async def remember(self, text: str) -> Fact:
        """Store a fact. The same text twice is one fact."""
        ...

    async def facts(self, query: str = "", limit: int = 50) -> Sequence[Fact]:
        """Return the stored facts; with a query the ones about it, best first."""
        ...

    async def forget_fact(self, fact_id: str) -> None:
        """Remove one fact."""
        ...

    async def approve(self, question: str, yes: str) -> bool:
        """Ask the user; returns False when nobody answers."""
        ...

    async def in_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Run a blocking function beside the event loop."""
        ...


# ---------------------------------------------------------------- what a plugin hands over


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
