"""What the memory worker tells of its index. Imports nothing heavy: the tray process reads it."""

from __future__ import annotations

from dataclasses import dataclass

from trayassist.workers.memory.stamp import Stamp


@dataclass(frozen=True, slots=True)
class State:
    """`stamp` made the vectors of the passages. A re-index for `building` has done `built` of them so far.

    `findings` is what the check at start found wrong, in words, or empty.
    """

    stamp: Stamp
    passages: int
    building: Stamp | None = None
    built: int = 0
    findings: str = ""
