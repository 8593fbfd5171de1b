"""The convert worker: imports LoRA adapters, from GGUF files and PEFT folders, and hashes large files.

Naming `main` costs nothing: numpy and gguf are imported when it runs, in the child process.
"""

from __future__ import annotations

from trayassist.workers.child import Channel
from trayassist.workers.convert.protocol import ConvertStep, ImportedAdapter

__all__ = ["ConvertStep", "ImportedAdapter", "main"]


def main(channel: Channel) -> None:
    """Serve `take` and `hash` until the parent closes the pipe."""
    from trayassist.workers.convert import service

    channel.serve({"take": service.take, "hash": service.hash_files})
