"""What the configured models will take of memory, before any is loaded: the bar of the settings, and its colour."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Literal

from trayassist.api import TrayassistError
from trayassist.models.registry.schema import Registry, Residence
from trayassist.models.serving.plans import Planner

Level = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one model takes once it has answered, in bytes of the machine's memory and of graphics memory."""

    name: str
    ram: int
    gpu: int
    residence: Residence


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The models that roles use, in the order of the registry. `unknown` are those whose file cannot be read."""

    shares: tuple[Share, ...] = ()
    unknown: tuple[str, ...] = ()

    def together(self, gpu: bool = False) -> int:
        """Return the bytes that all of them take at once."""
        return sum(_bytes(share, gpu) for share in self.shares)

    def least(self, gpu: bool = False) -> int:
        """Return the bytes that must be there: all hot models, and the largest of the others beside them."""
        hot = sum(_bytes(share, gpu) for share in self.shares if share.residence == "hot")
        return hot + max((_bytes(share, gpu) for share in self.shares if share.residence != "hot"), default=0)

    def level(self, limit: int, gpu: bool = False) -> Level:
        """Return green when all fit into `limit` together, amber when they take turns, red when one cannot load."""
        if self.together(gpu) <= limit:
            return "green"
        return "amber" if self.least(gpu) <= limit else "red"


async def forecast(planner: Planner, registry: Registry) -> Forecast:
    """Return what `registry` would take, read with the planner's headers; the planner itself stays as it is."""
    asked = copy.copy(planner)
    asked.registry = registry
    shares, unknown = [], []
    for name in registry.models:
        if not asked.roles(name):
            continue
        try:
            plan = await asked.plan(name)
        except TrayassistError:
            unknown.append(name)
            continue
        if not plan.remote:
            shares.append(Share(name=name, ram=plan.ram, gpu=plan.gpu, residence=plan.residence))
    return Forecast(shares=tuple(shares), unknown=tuple(unknown))


def _bytes(share: Share, gpu: bool) -> int:
    return share.gpu if gpu else share.ram
