"""The memory worker: LanceDB tables, the embedder, search, quotes and facts, in a process of their own.

Naming `main` costs nothing: the heavy libraries are imported when it runs, in the child process.
"""

from __future__ import annotations

import gc
import os

from trayassist.workers.child import Channel


def main(channel: Channel, folder: str) -> None:
    """Open (or make) the memory in `folder` and answer requests until the parent closes the pipe."""
    os.environ.setdefault("LANCEDB_LOG", "error")  # its warnings are about its own index files, not for people
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from trayassist.workers.memory.service import MemoryService

    service = MemoryService(folder, cancelled=channel.cancelled)
    gc.freeze()  # what was loaded stays: looking through it again and again would only hold searches up
    try:
        channel.serve(service.operations())
    finally:
        service.close()
