"""What routing is made of: stages with their context and decision, and the rules of the rules stage."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

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

    `corrects_fact` says that it reads like a correction, and that a remembered fact is about the same.
    `claiming` are the roles that may claim it; the name of each goes into `asked` before it is asked.
    """

    roles: Mapping[str, Role]
    claiming: Sequence[Role] = ()
    asked: list[str] = field(default_factory=list)
    previous: Turn | None = None
    memory_hit: float | None = None
    corrects_fact: bool = False


Stage = Callable[[RequestText, Request, RoutingContext], Decision | None]


# ---------------------------------------------------------------- rules

View = Literal["raw", "line", "core", "asked"]
SURE, LIKELY, MAYBE = 0.92, 0.8, 0.62
HINT, FAINT = 0.35, 0.2  # never decide alone, and are offered as alternatives; memory can lift a HINT
DECIDES = 0.5


class Rule(Protocol):
    """Something that speaks for a kind. `reason` is a sentence for the user."""

    @property
    def kind(self) -> Kind: ...

    @property
    def confidence(self) -> float: ...

    @property
    def reason(self) -> str: ...

    def hits(self, text: RequestText) -> bool:
        """Return whether the rule speaks for its kind here. Pure and quick."""
        ...

    def patterns(self) -> Iterator[re.Pattern[str]]:
        """Yield the rule's patterns, compiled from now on."""
        ...


class Lazy:
    """A pattern that is compiled when it is first used: all of them together take a tenth of a second at start."""

    def __init__(self, source: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._source, self._flags = source, flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern itself."""
        return re.compile(self._source, self._flags)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule made of one pattern; `unless` takes it back. Patterns are searched, so anchor with ^ where meant."""

    kind: Kind
    confidence: float
    reason: str
    find: Lazy
    view: View = "core"
    unless: Lazy | None = None

    def hits(self, text: RequestText) -> bool:
        seen: str = getattr(text, self.view)
        if self.find.compiled.search(seen) is None:
            return False
        return self.unless is None or self.unless.compiled.search(text.line) is None

    def patterns(self) -> Iterator[re.Pattern[str]]:
        yield self.find.compiled
        if self.unless is not None:
            yield self.unless.compiled


def pattern(kind: Kind, confidence: float, reason: str, find: str, *, view: View = "core", unless: str = "") -> Pattern:
    """Return a Pattern; on the raw view it is multi-line and minds case, elsewhere the text is lower case already."""
    flags = re.MULTILINE if view == "raw" else re.NOFLAG
    return Pattern(kind, confidence, reason, Lazy(find, flags), view, Lazy(unless) if unless else None)


def any_of(*words: str) -> str:
    """Return a group that matches one of the words (they may be patterns)."""
    return f"(?:{'|'.join(words)})"
