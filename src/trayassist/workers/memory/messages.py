"""What goes over the memory worker's pipe: whose vectors a table has, the state of the index, whole files.

Vectors of two embedders are never in one table (S0-21). Imports nothing heavy: the tray process uses it, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """An embedder. `sha256` and `size` (bytes) are of its model file, "" and 0 where there is none.

    `prefix` is what the model wants before each passage: another prefix makes other vectors.
    """

    embedder: str
    dim: int
    sha256: str = ""
    size: int = 0
    prefix: str = ""

    @property
    def builtin(self) -> bool:
        """Whether it is the embedder inside the memory worker."""
        return self.embedder == BUILTIN.embedder

    @property
    def name(self) -> str:
        """What people read."""
        return "the built-in model" if self.builtin else self.embedder

    def same_vectors(self, other: Stamp) -> bool:
        """Return whether both make the same vectors; a file that only got another name in the registry does."""
        mine, theirs = (self.dim, self.prefix, self.sha256), (other.dim, other.prefix, other.sha256)
        if self.sha256 and other.sha256:
            return mine == theirs
        return mine == theirs and self.embedder == other.embedder

    def metadata(self) -> dict[str, str]:
        """Return it as a table keeps it."""
        kept = {"embedder": self.embedder, "dim": str(self.dim)}
        if not self.builtin:
            kept |= {"sha256": self.sha256, "size": str(self.size), "prefix": self.prefix}
        return kept


def stamp_of_metadata(metadata: Mapping[bytes, bytes] | None) -> Stamp:
    """Return the stamp that a table keeps; one without a stamp is of an unknown embedder."""
    kept = {key.decode(): value.decode() for key, value in (metadata or {}).items()}
    return Stamp(
        embedder=kept.get("embedder", "an unknown model"),
        dim=int(kept.get("dim", 0)),
        sha256=kept.get("sha256", ""),
        size=int(kept.get("size", 0)),
        prefix=kept.get("prefix", ""),
    )


BUILTIN = Stamp(embedder="wordllama-l2-supercat-256-lower", dim=256)


@dataclass(frozen=True, slots=True)
class IndexState:
    """`stamp` made the vectors of the passages. A re-index for `building` has done `built` of them so far.

    `findings` is what the check at start found wrong, in words, or empty.
    """

    stamp: Stamp
    passages: int
    building: Stamp | None = None
    built: int = 0
    findings: str = ""


class WholeFile(NamedTuple):
    """A file that was read whole; `payload` is a pickled list of its pages (api.Page), in order."""

    path: str
    sha256: str
    size: int
    mtime: float
    title: str
    payload: bytes


class WriteResult(NamedTuple):
    """What became of a whole file: written, unchanged (it is in memory), or alone (it is to be written by itself)."""

    outcome: Literal["written", "unchanged", "alone"]
    passages: int = 0
