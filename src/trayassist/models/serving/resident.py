"""One model's place in memory: its worker, who uses it, and how it is leaving."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from trayassist.models.serving.plans import Plan
from trayassist.workers.model import Info
from trayassist.workers.pool import Worker


@dataclass(eq=False, slots=True)
class Resident:
    """A model that is loaded or being loaded. `info` is None until it is; `used` grows with each use.

    `turn` is held by who generates: the worker answers one request at a time, and who waits for it is not on the
    clock yet. `leaving` says that it is to end after its answer; `free` is set while nobody uses it.
    """

    plan: Plan
    worker: Worker | None = None
    info: Info | None = None
    users: int = 0
    used: int = 0
    load_ms: float = 0.0
    by_hand: bool = False
    evicts: bool = False
    unload_after: bool = False
    leaving: bool = False
    loading: asyncio.Task[None] | None = None
    ended: asyncio.Task[None] | None = None
    idle: asyncio.TimerHandle | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.free.set()

    @property
    def is_loaded(self) -> bool:
        """Whether the model can answer at once."""
        return self.info is not None and self.worker is not None and self.worker.pid is not None

    @property
    def is_sound(self) -> bool:
        """Whether it is loaded, or about to be; not when loading failed or the worker has died."""
        return self.is_loaded or (self.info is None and (self.loading is None or not self.loading.done()))

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        return self.worker.pid if self.worker is not None else None

    def take(self, turn: int) -> None:
        """Note one user more; it will not fall idle meanwhile."""
        self.users, self.used = self.users + 1, turn
        self.free.clear()
        self.stay()

    def stay(self) -> None:
        """Stop the timer that would unload it."""
        if self.idle is not None:
            self.idle.cancel()
            self.idle = None
