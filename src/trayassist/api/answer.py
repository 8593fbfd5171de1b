"""The events of an answer: its pieces, citations, approvals, risk and end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from trayassist.api.memory import Evidence, Found, Passage
from trayassist.api.question import Request, Route


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
    LOOP = "loop"  # the model repeated itself, and was stopped
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
class FollowUp:
    """Event: the question was taken as a follow-up to the question `to`; `asks` is what it asks in full."""

    to: str
    asks: str


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
    follow_up: FollowUp | None = None  # None: the question stands alone


# Evidence is an event only before a model answers from it: its quotes can be read until the model's words come.
Event = Routed | Status | FollowUp | Evidence | Chunk | Citation | Approval | Flagged | Finished
Answer = Chunk | Citation | Evidence | Status | FollowUp
