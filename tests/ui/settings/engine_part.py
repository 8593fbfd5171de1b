"""An engine without models: what is loaded, waits and fails is what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from trayassist.api import TrayassistError
from trayassist.models.registry.schema import Registry
from trayassist.models.serving.plans import Forecast, Share
from trayassist.models.serving.state import BudgetState, ModelState, QueuedRequest

GB = 1_000_000_000
A_TOKEN = 100_000  # bytes of context, in this engine's arithmetic


class ListEngine:
    """Models of `sizes` gigabytes each (3 unless said). Loading waits for `gate`; `refuses` are raised instead."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.sizes: dict[str, float] = {}
        self.states: dict[str, ModelState] = {}  # states that tests want, instead of the plain ones
        self.waiting: list[QueuedRequest] = []
        self.refuses: dict[str, TrayassistError] = {}
        self.limit, self.gpu_limit = 14.0, 0.0
        self.gate = asyncio.Event()
        self.gate.set()
        self.loaded: set[str] = set()
        self.calls: list[str] = []
        self.changed: list[Callable[[], object]] = []
        self.asked = 0  # how often somebody looked

    def reload(self, registry: Registry) -> None:
        self.registry = registry
        self.tell()

    def tell(self) -> None:
        for callback in list(self.changed):
            callback()

    def models(self) -> list[ModelState]:
        self.asked += 1
        return [self.states.get(name) or self._state(name) for name in self.registry.models]

    def budget(self) -> BudgetState:
        used = int(sum(self.sizes.get(name, 3) for name in self.loaded) * GB)
        return BudgetState(
            limit=int(self.limit * GB), used=used, headroom=2 * GB, free=20 * GB, gpu_limit=int(self.gpu_limit * GB)
        )

    def queue(self) -> list[QueuedRequest]:
        return list(self.waiting)

    def header(self, name: str) -> None:
        return None

    async def forecast(self, registry: Registry) -> Forecast:
        shares = []
        for name in registry.models:
            users = [settings for settings in registry.roles.values() if settings.model == name]
            if users:
                context = max(settings.context_length or 8192 for settings in users)
                ram = int(self.sizes.get(name, 3) * GB) + (context - 8192) * A_TOKEN
                hot = any(settings.residency == "hot" for settings in users)
                shares.append(
                    Share(name=name, ram=ram, gpu=ram if self.gpu_limit else 0, residence="hot" if hot else "warm")
                )
        return Forecast(shares=tuple(shares))

    async def load(self, name: str, on_status: Callable[[str], None] = lambda _: None) -> None:
        self.calls.append(f"load {name}")
        on_status(f"loading {name}, 4 s")
        if name in self.refuses:
            raise self.refuses[name]
        await self.gate.wait()
        self.loaded.add(name)
        self.tell()

    async def unload(self, name: str) -> None:
        self.calls.append(f"unload {name}")
        self.loaded.discard(name)
        self.tell()

    def _state(self, name: str) -> ModelState:
        users = tuple(role for role, settings in self.registry.roles.items() if settings.model == name)
        size = int(self.sizes.get(name, 3) * GB)
        state = ModelState(
            name=name,
            standing="cold",
            roles=users,
            residence="warm",
            estimated=size,
            context_length=8192,
            quant="Q4_K_M",
        )
        if name in self.loaded:
            return replace(state, standing="warm", pid=4242, measured=size - GB // 10, tokens_per_s=31.4, load_ms=3200)
        return state
