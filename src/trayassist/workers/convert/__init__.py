"""The convert worker: takes LoRA adapters in, from GGUF files and PEFT folders, and hashes large files.

Naming `main` costs nothing: numpy and gguf are imported when it runs, in the child process.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from trayassist.workers.child import Channel


class Taken(TypedDict):
    """What is known of an adapter that was taken in. `bytes` and `sha256` are of its GGUF file.

    `source_sha256` is of what was imported, `trained_on` what the adapter says of its base ("" if nothing).
    """

    kind: Literal["gguf", "peft"]
    name: str
    trained_on: str
    architecture: str
    rank: int
    alpha: float
    tensors: int
    bytes: int
    sha256: str
    source_sha256: str


class Step(TypedDict):
    """Where the work stands, in bytes; the last item carries the result."""

    stage: Literal["reading", "copying", "converting", "hashing"]
    done: int
    total: int
    taken: Taken | None
    sha256: str


def main(channel: Channel) -> None:
    """Serve `take` and `hash` until the parent closes the pipe."""
    from trayassist.workers.convert import service

    channel.serve({"take": service.take, "hash": service.hash_files})
