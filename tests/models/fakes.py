"""An engine on a machine, models and workers that exist in the tests only: sizes are numbers, answers are counted."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.models.running import Lines, may_stand_in, user
from trayassist.api import ModelUnavailable, WorkerDied
from trayassist.models.registry.schema import Registry
from trayassist.models.serving.engine import Engine
from trayassist.models.serving.plans import LoadPlan, Planner
from trayassist.paths import Paths

GB = 10**9
PROVIDERS = {"llama_cpp": {"api": "llama_cpp", "kind": "local", "enabled": True}}
_pids = itertools.count(10_000)


@dataclass
class Machine:
    """A machine whose processes are the fake workers. `others` is what other programs take."""

    memory: int = 100 * GB
    vram: int = 0
    others: int = 0
    held: dict[int, int] = field(default_factory=dict)

    def look_for_gpu(self) -> None:
        pass

    def ram(self) -> int:
        return self.memory

    def available(self) -> int:
        return self.memory - self.others - sum(self.held.values())

    def resident(self, pid: int) -> int:
        return self.held.get(pid, 0)


@dataclass
class Model:
    """A model of the tests: what it takes, and how it misbehaves."""

    ram: int = GB
    gpu: int = 0
    pieces: int = 3
    loads: bool = True
    dies: bool = False
    version: int = 0
    gone: bool = False  # its file
    hold: asyncio.Event | None = None  # an answer waits for it
    provider: str = "llama_cpp"
    says: Callable[[str], str] | None = None  # of the last message; None: the numbers of the pieces


class FakeWorker:
    """Answers with numbers. Ending it while it answers is an error of the engine, unless it was killed."""

    def __init__(self, model: Model, machine: Machine, log: list[str], name: str) -> None:
        self.name, self._model, self._machine, self._log = name, model, machine, log
        self.pid: int | None = None
        self.busy = self.killed = False
        self.answered = 0
        self.asked: list[dict[str, Any]] = []

    async def start(self) -> None:
        await asyncio.sleep(0)
        self.pid = next(_pids)

    async def call(self, operation: str, /, **_arguments: Any) -> Any:
        assert operation == "load"
        for _ in range(3):
            await asyncio.sleep(0)
        if self.pid is None:
            raise WorkerDied(f"The worker of {self.name} ended.")
        if not self._model.loads:
            raise ModelUnavailable(f"{self.name} does not load.")
        self._machine.held[self.pid] = self._model.ram
        self._log.append(f"load {self.name}")
        return {"load_ms": 1.0, "context_length": 512, "base": False, "gpu": False, "gpu_layers": 0}

    async def stream(self, operation: str, /, **arguments: Any) -> AsyncGenerator[Any, None]:
        assert operation == "generate"
        assert not self.busy, "one request at a time"
        self.busy = True
        self.asked.append(arguments)
        try:
            yield {"tokens_in": 1, "trimmed": 0}
            if self._model.hold is not None:
                await self._model.hold.wait()
            said = self._model.says and self._model.says(arguments["messages"][-1].text)
            if said is not None:
                yield {"text": said, "tokens_out": len(said.split()), "thought": False}
            for number in range(self._model.pieces if said is None else 0):
                await asyncio.sleep(0)
                if self.pid is None or (self._model.dies and number):
                    self.die()
                    raise WorkerDied(f"The worker of {self.name} ended.")
                yield {"text": f"{number} ", "tokens_out": number + 1, "thought": False}
            yield {
                "tokens_out": self._model.pieces, "cached_tokens": 0, "first_ms": 1.0, "tokens_per_s": 10.0,
                "finish": "stop", "drafted": 0, "accepted": 0, "speculation_off": "",
            }  # fmt: skip
            self.answered += 1
        finally:
            self.busy = False

    async def stop(self, grace_s: float = 2.0) -> None:
        assert not self.busy or self.killed or self.pid is None, f"{self.name} was ended in mid-answer"
        await asyncio.sleep(0)
        if self.pid is not None:
            self._log.append(f"end {self.name}")
        self.die()

    def kill(self) -> None:
        self.killed = True
        self.die()

    def die(self) -> None:
        self._machine.held.pop(self.pid or 0, None)
        self.pid = None


class FakePlanner(Planner):
    """Plans with the sizes that the test gives. `workers` are the last ones made, `log` what they did."""

    def __init__(self, paths: Paths, registry: Registry, machine: Machine, models: dict[str, Model]) -> None:
        async def no_key(_name: str, _provider: Any) -> str:
            return ""

        super().__init__(paths, registry, machine, no_key)
        self.models, self.fake = models, machine
        self.workers: dict[str, FakeWorker] = {}
        self.log: list[str] = []

    def file(self, name: str) -> Path | None:
        self.model(name)
        file = self._paths.models / f"{name}.gguf"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch()
        return file

    async def plan(self, name: str) -> LoadPlan:
        self.model(name)
        await asyncio.sleep(0)
        model = self.models[name]
        if model.gone:
            raise ModelUnavailable(f"The model file {name}.gguf is missing.")

        async def make() -> Any:
            self.workers[name] = FakeWorker(model, self.fake, self.log, name)
            return self.workers[name]

        key = (name, model.version)
        return LoadPlan(name=name, residence=self.residence(name), make=make, key=key, ram=model.ram, gpu=model.gpu)


def registry(models: dict[str, Model], roles: dict[str, Any], **more: Any) -> Registry:
    """Return a registry of these models with one mode that changes nothing."""
    described = {name: {"provider": model.provider, "file": f"{name}.gguf"} for name, model in models.items()}
    told = {"models": described, "roles": roles, "providers": PROVIDERS, "modes": {"agent": {}}, **more}
    return Registry.model_validate(told)


@dataclass
class Bench:
    """An engine and all that the test can turn under it."""

    engine: Engine
    machine: Machine
    planner: FakePlanner
    audit: Lines
    models: dict[str, Model]

    async def ask(self, role: str = "persona", model: str | None = None, request_id: str = "r", **more: Any) -> str:
        stream = self.engine.generate(role, model, user("a question"), request_id=request_id, **more)
        return "".join([chunk.text async for chunk in stream])

    def loaded(self) -> set[str]:
        return {one.name for one in self.engine.models() if one.pid is not None}

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.audit.lines if line["event"] == name]


@asynccontextmanager
async def bench(
    home: Paths,
    models: dict[str, Model],
    roles: dict[str, Any],
    *,
    budget_gb: float = 10,
    machine: Machine | None = None,
    fit: tuple[str, ...] | None = None,
    **more: Any,
) -> AsyncIterator[Bench]:
    """Yield an engine whose models may take `budget_gb` (of 2**30 bytes) together. `fit` passed the smoke tasks."""
    residency = {"budget_gb": budget_gb, "headroom_gb": 0, **more.pop("residency", {})}
    told, machine, audit = registry(models, roles, residency=residency, **more), machine or Machine(), Lines()
    planner = FakePlanner(home, told, machine, models)
    engine = Engine(home, told, audit, machine=machine, planner=planner)  # type: ignore[arg-type]
    may_stand_in(engine, *(models if fit is None else fit))
    try:
        yield Bench(engine, machine, planner, audit, models)
    finally:
        await engine.stop()
        assert not machine.held, "a worker was left"


async def until(true: Any) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0)
