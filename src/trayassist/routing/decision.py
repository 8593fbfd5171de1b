"""What a routing stage is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from trayassist.api import Kind, Request, Role, Turn
from trayassist.routing.text import RequestText

ROLE_OF_KIND = {Kind.CODE: "coder", Kind.CURATE: "curator"}  # all other kinds are answered by DEFAULT_ROLE
KIND_OF_ROLE = {role: kind for kind, role in ROLE_OF_KIND.items()}
DEFAULT_ROLE = "persona"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one stage decided. `role` and `text` are set only when they are not the kind's and the request's own."""

    kind: Kind
    confidence: float
    method: str
    reason: str
    role: str | None = None
    text: str | None = None
    alternatives: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingContext:
    """What is known besides the request. `memory_hit` is memory's probability that it holds something, if asked.

    `claiming` are the roles that may claim it; the name of each goes into `asked` before it is asked.
    """

    roles: Mapping[str, Role]
    claiming: Sequence[Role] = ()
    asked: list[str] = field(default_factory=list)
    previous: Turn | None = None
    memory_hit: float | None = None


Stage = Callable[[RequestText, Request, RoutingContext], Decision | None]
