"""What the engine tells of its models, roles and queue: values for the command line and the windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trayassist.models.registry.schema import Lane, Residence

Standing = Literal["missing", "cold", "loading", "warm", "hot", "busy", "remote", "resting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """One model now. Sizes in bytes; `estimated` 0 means unknown. `problem` says in words why it cannot answer.

    `standing`: missing (no file), cold (not loaded), loading, warm (loaded), hot (loaded and pinned), busy,
    remote (an endpoint answers), resting (the circuit breaker holds it back). `accepted` of the `drafted` tokens of
    the last requests were right; `speculation` says what is drafted with, or why it is off.
    """

    name: str
    standing: Standing
    roles: tuple[str, ...]
    residence: Residence
    file: str = ""
    quant: str = ""
    architecture: str = ""
    file_bytes: int = 0
    estimated: int = 0
    measured: int = 0
    tokens_per_s: float = 0.0
    load_ms: float = 0.0
    gpu_layers: int = 0
    context_length: int = 0
    base: bool = False
    pid: int | None = None
    speculation: str = ""
    drafted: int = 0
    accepted: int = 0
    license: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetState:
    """Memory for models, in bytes: `limit` is the budget, `used` what loaded models take, `free` the machine's."""

    limit: int
    used: int
    headroom: int
    free: int
    gpu_limit: int = 0
    gpu_used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRequest:
    """A request in a lane. `running` False means that it waits; `job` that interactive work goes before it."""

    request_id: str
    role: str
    model: str
    lane: Lane
    running: bool
    job: bool
    since_s: float
