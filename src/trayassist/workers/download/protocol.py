"""What goes over the pipe of a download worker: what is wanted, what the hub has, how far a file is."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict


class WantedFile(TypedDict):
    """A model's file on the hub; for a model in parts the first one."""

    repo: str
    file: str
    revision: str


class HubFile(TypedDict):
    """What the hub says of one file. `bytes` is its size; `sha256` is "" for small files.

    `problem` and `todo` say in words why it cannot be fetched, or are empty.
    """

    repo: str
    file: str
    commit: str
    bytes: int
    sha256: str
    license: str
    problem: str
    todo: str


class FetchStep(TypedDict):
    """How far a file is, in bytes: reading what an earlier attempt left (checking), or fetching."""

    stage: Literal["checking", "fetching"]
    bytes: int


class FetchedFile(TypedDict):
    """The last item: the file is in its place, with this sha256."""

    sha256: str


def part_of(target: Path, sha256: str, commit: str) -> Path:
    """Return the part file of a target: beside it, and named after the content that it will have.

    So it is never continued with another content; it has the target's file system, so that a move is one step.
    """
    return target.with_name(f".{target.name}.{(sha256 or commit)[:16]}.part")
