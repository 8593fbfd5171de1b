"""The memory worker: LanceDB tables, the embedder, search, quotes and facts, in a process of their own.

Naming `main` costs nothing: the heavy libraries are imported when it runs, in the child process.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys

from trayassist.workers.child import Channel


def main(channel: Channel, folder: str) -> None:
    """Open (or make) the memory in `folder` and answer requests until the parent closes the pipe."""
    os.environ.setdefault("LANCEDB_LOG", "error")  # its warnings are about its own index files, not for people
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    limit_heaps()
    from trayassist.workers.memory.service import MemoryService

    service = MemoryService(folder, cancelled=channel.cancelled)
    gc.freeze()  # what was loaded stays: looking through it again and again would only hold searches up
    try:
        channel.serve(service.operations())
    finally:
        service.close()


def limit_heaps() -> None:
    """Have glibc keep less of what is freed: two heaps for all threads, and large blocks given back at once.

    LanceDB's threads left 270 MB behind after 3,000 notes; so it is 120 MB. Elsewhere nothing is done.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(-8, 2)  # M_ARENA_MAX
        mallopt(-3, 128 * 1024)  # M_MMAP_THRESHOLD
