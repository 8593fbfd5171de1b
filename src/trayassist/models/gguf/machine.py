"""What the machine has and what processes hold, in bytes; the one place that asks."""

from __future__ import annotations

import os

from trayassist.models.gguf import hardware
from trayassist.paths import Paths


class Machine:
    """This machine. Asking for memory costs some ten microseconds; `look_for_gpu` may take seconds, in a thread."""

    def __init__(self, paths: Paths) -> None:
        self._models = paths.models
        self.vram = 0  # bytes of graphics memory that our llama.cpp can use

    def look_for_gpu(self) -> None:
        """Find out `vram`. Starts no program where llama.cpp was built for the CPU alone."""
        if hardware.backend():
            self.vram = hardware.look(self._models).vram

    def ram(self) -> int:
        """Return the bytes of memory that are built in."""
        import psutil  # here and below: not needed to start

        return int(psutil.virtual_memory().total)

    def available(self) -> int:
        """Return the bytes that can be taken without swapping; the page cache counts as free."""
        import psutil

        return int(psutil.virtual_memory().available)

    def resident(self, pid: int) -> int:
        """Return the bytes of a process that are in memory, mapped model files among them; 0 when it has ended."""
        import psutil

        try:
            return int(psutil.Process(pid).memory_info().rss)
        except psutil.Error:
            return 0


def usable_cores() -> int:
    """Return the physical cores this process may run on, less one, at least one.

    One is left to the window and the readers: llama.cpp's threads wait for each other by spinning, so that
    with a busy core among them all slow down (measured: to a tenth).
    """
    import psutil

    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed) - 1)
