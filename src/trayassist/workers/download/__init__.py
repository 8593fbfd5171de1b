"""The download worker: asks the hub what a model's files are, and fetches them. Nothing else here talks to the hub.

Naming `main` costs nothing: the hub's library is imported when it runs, in the child process.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, TypedDict

from trayassist.workers.child import Channel


class Wanted(TypedDict):
    """A model's file on the hub; for a model in parts the first one."""

    repo: str
    file: str
    revision: str


class Found(TypedDict):
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


class Step(TypedDict):
    """How far a file is, in bytes: reading what an earlier attempt left (checking), or fetching."""

    stage: Literal["checking", "fetching"]
    bytes: int


class Fetched(TypedDict):
    """The last item: the file is in its place, with this sha256."""

    sha256: str


def main(channel: Channel, folder: str, wait_s: float = 1.0) -> None:
    """Serve `plan` and `fetch`. `folder` is where the hub's library may keep what it must; no token is read or sent."""
    for name in ("TELEMETRY", "IMPLICIT_TOKEN", "XET", "UPDATE_CHECK", "PROGRESS_BARS", "SYMLINKS_WARNING"):
        os.environ[f"HF_HUB_DISABLE_{name}"] = "1"
    os.environ["HF_HOME"] = folder
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_USER_AGENT_ORIGIN", "HF_DEBUG"):
        os.environ.pop(name, None)
    from trayassist.workers.download.service import Service

    service = Service(channel, wait_s)
    channel.serve({"plan": service.plan, "fetch": service.fetch})


def part_of(target: Path, sha256: str, commit: str) -> Path:
    """Return the part file of a target: beside it, and named after the content that it will have.

    So it is never continued with another content; it has the target's file system, so that a move is one step.
    """
    return target.with_name(f".{target.name}.{(sha256 or commit)[:16]}.part")
