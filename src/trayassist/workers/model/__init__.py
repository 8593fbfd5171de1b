"""The model worker: one GGUF in one llama.cpp context, one answer at a time, in a process of its own.

Naming `main` costs nothing: llama.cpp is imported when it runs, in the child process.
"""

from __future__ import annotations

import os

from trayassist.workers.child import Channel
from trayassist.workers.model.protocol import (
    Adapter,
    AdapterUnavailable,
    Began,
    DraftOptions,
    Info,
    LoadOptions,
    Lookup,
    Piece,
    Report,
    Sampling,
    packs_weights,
)

__all__ = [
    "Adapter",
    "AdapterUnavailable",
    "Began",
    "DraftOptions",
    "Info",
    "LoadOptions",
    "Lookup",
    "Piece",
    "Report",
    "Sampling",
    "main",
    "packs_weights",
]


def main(channel: Channel, options: LoadOptions) -> None:
    """Serve until the parent closes the pipe. Nothing is loaded before it is asked for.

    Operations: `load`, `generate`, `read_ahead`, `tokens`, `embed`, `rerank`, `likelihood`, `preference`: see the
    methods of ModelService.
    """
    _silence_native_output()
    from trayassist.workers.model.service import ModelService

    service = ModelService(channel, options)
    names = ("load", "generate", "read_ahead", "tokens", "embed", "rerank", "likelihood", "preference")
    channel.serve({name: getattr(service, name) for name in names})


def _silence_native_output() -> None:
    """Native code prints to the terminal; what matters comes back over the pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
