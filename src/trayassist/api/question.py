"""A request, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal
from uuid import uuid4


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
    """What the user (or a job) asked. `role` and `model` are set when the user picked one for this question.

    The model "" is none: it is answered without one.
    """

    text: str
    files: tuple[Path, ...] = ()
    role: str | None = None
    model: str | None = None
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
    method: str  # override | slash | drop | rules | examples | default
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
    """A past question and its answer, from the history. `at` is ISO 8601 with time zone.

    `cited` are the paths of the documents that the answer cited, each once.
    """

    question: str
    answer: str
    role: str
    at: str
    request_id: str = ""
    cited: tuple[str, ...] = ()
