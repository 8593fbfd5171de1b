"""What goes over the pipe of a convert worker: where the work stands, and what is known of an adapter."""

from __future__ import annotations

from typing import Literal, TypedDict


class ImportedAdapter(TypedDict):
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


class ConvertStep(TypedDict):
    """Where the work stands, in bytes; the last item carries the result."""

    stage: Literal["reading", "copying", "converting", "hashing"]
    done: int
    total: int
    taken: ImportedAdapter | None
    sha256: str
