"""What is done with models without a question: reading headers, loading the hot ones, reading warm files ahead."""

from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path

from trayassist.api import TrayassistError
from trayassist.models.serving.background import Behind
from trayassist.models.serving.budget import Memory, Room
from trayassist.models.serving.plans import Plan, Planner, Stamp
from trayassist.models.serving.prewarm import read_once
from trayassist.models.serving.residency import Residency
from trayassist.safety.audit import Audit

logger = logging.getLogger(__name__)


class Upkeep:
    """Keeps what is known of the described models up to date, and what should be loaded loaded.

    `plans` are the last plans made, or why none could be.
    """

    def __init__(
        self, planner: Planner, residency: Residency, room: Room, machine: Memory, audit: Audit, behind: Behind
    ) -> None:
        self._planner, self._residency, self._room, self._machine = planner, residency, room, machine
        self._audit, self._behind = audit, behind
        self.plans: dict[str, Plan | TrayassistError] = {}
        self._stamps: dict[str, Stamp | None] = {}
        self._looking = asyncio.Lock()
        self._started = False
        self._stopped = threading.Event()

    async def look(self) -> None:
        """Read the headers of all described files, those anew that changed."""
        async with self._looking:
            await asyncio.to_thread(self._machine.look_for_gpu)
            for name in list(self._planner.registry.models):
                self._stamps[name] = self._planner.stamp(name)
                try:
                    self.plans[name] = await self._planner.plan(name)
                except TrayassistError as error:
                    self.plans[name] = error
            for name in set(self.plans) - set(self._planner.registry.models):
                del self.plans[name]
        self._behind.tell()

    def look_soon(self) -> None:
        """Look behind the scenes when a described file is new or another one now."""
        names = self._planner.registry.models
        if not self._looking.locked() and any(self._stamps.get(name) != self._planner.stamp(name) for name in names):
            self._behind.run(self.look())

    async def load_hot(self) -> None:
        """Load the hot models, one after the other, in the order of the registry; a failure is said in its state."""
        self._started = True
        for name in list(self._planner.registry.models):
            if self._planner.residence(name) != "hot":
                continue
            try:
                async with self._residency.use(name, lambda _text: None):
                    pass
            except TrayassistError as error:
                logger.warning("the hot model %s is not loaded: %s", name, error)

    async def take_over(self) -> None:
        """Let models go that are described otherwise now; load what became hot, once the hot ones were loaded."""
        await self._residency.take_over()
        await self.look()
        if self._started:
            await self.load_hot()

    def prewarm(self) -> None:
        """Read the files of warm models once, behind the scenes."""
        self._behind.run(self._prewarm())

    def stop(self) -> None:
        """End reading ahead."""
        self._stopped.set()

    async def _prewarm(self) -> None:
        wanted = [file for name in self._planner.registry.models if (file := self._warm_file(name)) is not None]
        read = await asyncio.to_thread(read_once, wanted, self._free, self._stopped)
        self._audit.write("models_prewarmed", files=[file.name for file in read], wanted=len(wanted))

    def _warm_file(self, name: str) -> Path | None:
        file = self._planner.file(name)
        return file if file is not None and file.is_file() and self._planner.residence(name) == "warm" else None

    def _free(self) -> int:
        return self._machine.available() - self._room.headroom
