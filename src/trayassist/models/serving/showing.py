"""What the engine's models look like from outside: one ModelState for each described model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trayassist.api import TrayassistError
from trayassist.models.gguf import sizes
from trayassist.models.serving import providers
from trayassist.models.serving.breaker import Breaker
from trayassist.models.serving.budget import Memory
from trayassist.models.serving.calls import Usage
from trayassist.models.serving.plans import Plan, Planner
from trayassist.models.serving.residency import Residency
from trayassist.models.serving.resident import Resident
from trayassist.models.serving.speeds import Speeds
from trayassist.models.serving.state import ModelState, Standing


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded model: its worker's process id and the memory that process holds, in bytes."""

    name: str
    pid: int
    bytes: int
    busy: bool
    base: bool


def loaded(residency: Residency, machine: Memory) -> list[Loaded]:
    """Return the models that are loaded now."""
    return [
        Loaded(one.plan.name, one.pid, machine.resident(one.pid), bool(one.users), one.info["base"])
        for one in residency.residents()
        if one.pid is not None and one.info is not None
    ]


@dataclass(frozen=True, slots=True)
class Showing:
    """Puts together what is known of a model. `plans` are the last plans made, or why none could be.

    `failures` say why a model that should be loaded is not.
    """

    planner: Planner
    residency: Residency
    machine: Memory
    breaker: Breaker
    speeds: Speeds
    plans: Mapping[str, Plan | TrayassistError]
    failures: Mapping[str, str]
    drafts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def count(self, usage: Usage) -> None:
        """Add an answer's drafted and accepted tokens to those of its model since trayassist began."""
        drafted, accepted = self.drafts.get(usage.model, (0, 0))
        self.drafts[usage.model] = (drafted + usage.drafted, accepted + usage.accepted)

    def state(self, name: str) -> ModelState:
        """Return the model's state now."""
        model, resident = self.planner.model(name), self.residency.resident(name)
        file, seen = self.planner.file(name), self.plans.get(name)
        plan = resident.plan if resident else seen if isinstance(seen, Plan) else None
        header, size = (plan.header, plan.estimate) if plan else (None, None)
        info = resident.info if resident else None
        standing = self._standing(name, resident)
        return ModelState(
            name=name,
            standing=standing,
            roles=self.planner.roles(name),
            residence=self.planner.residence(name),
            file=str(file) if file else "",
            quant=model.quant or (header.quant if header else ""),
            architecture=header.architecture if header else "",
            file_bytes=header.file_bytes if header else 0,
            estimated=size.total if size else 0 if file is None else sizes.described(model.params_b, model.quant),
            measured=self.machine.resident(resident.pid) if resident and resident.pid else 0,
            tokens_per_s=self.speeds.latest(name),
            load_ms=resident.load_ms if resident else 0.0,
            gpu_layers=info["gpu_layers"] if info else 0,
            context_length=info["context_length"]
            if info
            else plan.options.context_length
            if plan and plan.options
            else 0,
            base=info["base"] if info else bool(header and not header.chat_template) or model.kind == "base",
            pid=resident.pid if resident else None,
            speculation=_speculation(plan),
            drafted=self.drafts.get(name, (0, 0))[0],
            accepted=self.drafts.get(name, (0, 0))[1],
            license=model.license,
            problem=self._problem(name, standing, resident, seen),
        )

    def _standing(self, name: str, resident: Resident | None) -> Standing:
        file = self.planner.file(name)
        if self.breaker.resting_s(name):
            return "resting"
        if resident is not None and resident.info is None and resident.is_sound:
            return "loading"
        if resident is not None and resident.users:
            return "busy"
        if file is None:
            return "remote"
        if resident is not None and resident.is_loaded:
            return "hot" if resident.plan.residence == "hot" else "warm"
        return "cold" if file.is_file() else "missing"

    def _problem(
        self, name: str, standing: Standing, resident: Resident | None, seen: Plan | TrayassistError | None
    ) -> str:
        if standing == "missing":
            return f"The file is missing: put it at {self.planner.file(name)}."
        if standing == "resting":
            return f"It failed three times in five minutes and rests for {self.breaker.resting_s(name):.0f} seconds."
        if isinstance(seen, TrayassistError):
            return str(seen)
        if standing == "remote" or self.planner.file(name) is None:
            asker = next(iter(self.planner.roles(name)), "")
            return providers.allowed(self.planner.registry, asker, name) if asker else ""
        if resident is not None and resident.is_loaded:
            return drift(resident, seen)
        return self.failures.get(name, "")


def drift(resident: Resident, configured: Plan | None) -> str:
    """Return how a loaded model differs from what is configured, in words; "" when it does not (F-07)."""
    options, info = resident.plan.options, resident.info
    if options is None or info is None:
        return ""
    if configured is not None and configured.key != resident.plan.key:
        return "It runs with other settings than those configured now; it is loaded anew after its answer."
    if info["context_length"] < options.context_length:
        return f"It runs with a context of {info['context_length']}, and {options.context_length} is configured."
    if options.n_gpu_layers > 0 and not info["gpu"]:
        return f"{options.n_gpu_layers} layers are to be on the GPU, and llama.cpp found none it can use."
    if info["gpu"] and 0 < options.n_gpu_layers != info["gpu_layers"]:
        return f"{info['gpu_layers']} layers are on the GPU, and {options.n_gpu_layers} are configured."
    return ""


def _speculation(plan: Plan | None) -> str:
    if plan is None:
        return ""
    if plan.speculation:
        return f"off: {plan.speculation}"
    draft = plan.options.draft if plan.options else None
    return f"drafts {draft.k} tokens with {plan.draft}" if draft else ""
