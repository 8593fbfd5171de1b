"""The model worker: one GGUF in one llama.cpp context, one answer at a time, in a process of its own.

Naming `main` costs nothing: llama.cpp is imported when it runs, in the child process.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TypedDict

from trayassist.workers.child import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to load a model. `plain` leaves the file's chat template aside (a base model); lengths are in tokens."""

    file: str
    context_length: int
    n_batch: int
    n_threads: int
    n_gpu_layers: int
    use_mmap: bool
    plain: bool = False


class Info(TypedDict):
    """What is known of a loaded model. `base` says that it answers without a chat template of its own."""

    load_ms: float
    context_length: int
    base: bool


class Sampling(TypedDict):
    """How an answer is sampled. `seed` None is a new one each time; `temperature` 0 is greedy."""

    temperature: float
    max_tokens: int
    stop: tuple[str, ...]
    seed: int | None


class Began(TypedDict):
    """The first item of an answer: the prompt's length, and how many of the oldest turns were left out of it."""

    tokens_in: int
    trimmed: int


class Piece(TypedDict):
    """A piece of the answer, and how many tokens the answer has so far."""

    text: str
    tokens_out: int


class Report(TypedDict):
    """The last item of an answer. `cached_tokens` of the prompt were known from before; `finish` is stop or length.

    `first_ms` is the time to the first token; `tokens_per_s` is measured from there on.
    """

    tokens_out: int
    cached_tokens: int
    first_ms: float
    tokens_per_s: float
    finish: str


def main(channel: Channel, options: Options) -> None:
    """Serve `load` and `generate` until the parent closes the pipe. Nothing is loaded before it is asked for."""
    _silence_native_output()
    from trayassist.workers.model.service import Service

    service = Service(channel, options)
    channel.serve({"load": service.load, "generate": service.generate})


def _silence_native_output() -> None:
    """Native code prints to the terminal; what matters comes back over the pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
