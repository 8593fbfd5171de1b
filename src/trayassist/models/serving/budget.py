"""Whether a model may be loaded: the memory budget, the memory that is really free, and what would have to go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from trayassist.api import ModelUnavailable
from trayassist.models.gguf.estimate import gb
from trayassist.models.registry.schema import Registry
from trayassist.models.serving.state import BudgetState

GIB = 2**30
KEPT_FOR_OTHERS = 6 * GIB  # of a machine's memory, where models may take what is left
MOST_SHARE, LEAST_SHARE = 0.6, 0.25  # of a machine's memory that models may take, however large or small it is

Hold = Literal["", "hot", "busy", "leaving"]
HOLDS: dict[Hold, str] = {
    "hot": "always loaded",
    "busy": "at work",
    "leaving": "being unloaded",
    "": "idle",
}  # for people


class MachineMemory(Protocol):
    """What is asked of a machine's memory, in bytes."""

    vram: int

    def ram(self) -> int: ...
    def available(self) -> int: ...
    def resident(self, pid: int) -> int: ...
    def look_for_gpu(self) -> None: ...


class MemoryNeeds(Protocol):
    """A model that wants memory, in bytes."""

    @property
    def name(self) -> str: ...
    @property
    def ram(self) -> int: ...
    @property
    def gpu(self) -> int: ...


class OutOfBudget(ModelUnavailable):
    """A model does not fit into the memory that is left; `unload` names the models that would have to go (S1-15)."""

    def __init__(self, what: str, todo: str = "", unload: tuple[str, ...] = ()) -> None:
        super().__init__(what, todo)
        self.unload = unload


@dataclass(frozen=True, slots=True)
class Allocation:
    """A model that takes memory. `hold` says why it may not be unloaded for another; "": it may."""

    name: str
    ram: int
    gpu: int
    hold: Hold = ""
    loading: bool = False


class MemoryBudget:
    """The budgets for models, and whether one more fits. Everything in bytes."""

    def __init__(self, registry: Callable[[], Registry], machine: MachineMemory) -> None:
        self._registry, self._machine = registry, machine

    @property
    def limit(self) -> int:
        """Return what models may take together: as configured, or the smaller of RAM less 6 GB and 60 % of RAM."""
        setting = self._registry().residency.budget_gb
        ram = self._machine.ram()
        if setting != "auto":
            return int(setting * GIB)
        return int(max(min(ram - KEPT_FOR_OTHERS, ram * MOST_SHARE), ram * LEAST_SHARE))

    @property
    def gpu_limit(self) -> int:
        """Return what models may take of graphics memory: as configured, or 90 % of what is there."""
        setting, vram = self._registry().residency.vram_budget_gb, self._machine.vram
        return int(vram * 0.9) if setting == "auto" else min(int(setting * GIB), vram)

    @property
    def headroom(self) -> int:
        """Return what models always leave free."""
        return int(self._registry().residency.headroom_gb * GIB)

    def state(self, taken: Sequence[Allocation]) -> BudgetState:
        """Return the budgets, what is taken of them, and what is free."""
        return BudgetState(
            limit=self.limit,
            used=sum(one.ram for one in taken),
            headroom=self.headroom,
            free=self._machine.available(),
            gpu_limit=self.gpu_limit,
            gpu_used=sum(one.gpu for one in taken),
        )

    def fits(self, model: MemoryNeeds, taken: Sequence[Allocation]) -> bool:
        """Return whether the model fits beside what is taken, in both budgets and in what is really free."""
        return not self._lack(model, taken, self._free(taken))

    def could_fit(self, model: MemoryNeeds, taken: Sequence[Allocation], *, busy: bool = False) -> bool:
        """Return whether it would fit with all gone that may go; `busy` counts those that are at work, too."""
        may_go = [one for one in taken if not one.hold or (busy and one.hold in ("busy", "leaving"))]
        staying = [one for one in taken if one not in may_go]
        free = self._free(taken) + sum(one.ram for one in may_go if not one.loading)
        return not self._lack(model, staying, free)

    def helps(self, model: MemoryNeeds, taken: Sequence[Allocation], victim: Allocation) -> bool:
        """Return whether unloading the victim brings what is lacking nearer."""
        on_gpu = sum(one.gpu for one in taken) + model.gpu > self.gpu_limit
        in_ram = sum(one.ram for one in taken) + model.ram > self.limit or self._free(taken) < model.ram
        return bool((on_gpu and victim.gpu) or (in_ram and victim.ram))

    def refusal(self, model: MemoryNeeds, taken: Sequence[Allocation]) -> OutOfBudget:
        """Return the error for a model that does not fit: what is lacking, and what would have to be unloaded."""
        if model.ram > self.limit:
            return OutOfBudget(
                f"The model {model.name} needs {gb(model.ram)}, and models may take {gb(self.limit)} together.",
                "Take a smaller model or a shorter context, or allow models more memory in Settings, Models.",
            )
        if model.gpu > self.gpu_limit:
            return OutOfBudget(
                f"The model {model.name} needs {gb(model.gpu)} of graphics memory, and models may take "
                f"{gb(self.gpu_limit)}.",
                "Lower n_gpu_layers, or take a smaller model.",
            )
        what = f"There is no room for the model {model.name}: {self._lack(model, taken, self._free(taken))}."
        names = tuple(one.name for one in taken if self.helps(model, taken, one))
        held = [f"{one.name} ({HOLDS[one.hold]})" for one in taken if one.name in names]
        if held and self._lack(model, [], self._free(taken) + sum(one.ram for one in taken)) == "":
            return OutOfBudget(what, f"These would have to be unloaded: {', '.join(held)}.", names)
        return OutOfBudget(what, "Close other programs, or take a smaller model.")

    def _free(self, taken: Sequence[Allocation]) -> int:
        """Return what is really free for one more: loading models have not taken theirs yet."""
        return self._machine.available() - self.headroom - sum(one.ram for one in taken if one.loading)

    def _lack(self, model: MemoryNeeds, taken: Sequence[Allocation], free: int) -> str:
        """Return what is lacking, in words; "" when nothing is."""
        ram, gpu = sum(one.ram for one in taken), sum(one.gpu for one in taken)
        if ram + model.ram > self.limit:
            return f"it needs {gb(model.ram)}, and {gb(max(0, self.limit - ram))} of {gb(self.limit)} are left"
        if model.gpu and gpu + model.gpu > self.gpu_limit:
            left = gb(max(0, self.gpu_limit - gpu))
            return f"it needs {gb(model.gpu)} of graphics memory, and {left} of {gb(self.gpu_limit)} are left"
        if model.ram and model.ram > free:
            need, there = gb(model.ram), gb(max(0, free))
            if self.headroom:
                return f"it needs {need}, and the machine has {there} beside the {gb(self.headroom)} that stay free"
            return f"it needs {need}, and the machine has {there}"
        return ""
