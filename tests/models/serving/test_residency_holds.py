"""Whatever is asked, loaded, cancelled, ended or fails, in whatever order: the budget holds and every request ends."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.fakes import GB, Bench, Machine, Model, bench, registry
from trayassist.api import TrayassistError
from trayassist.models.registry.schema import Residence
from trayassist.models.serving import residency
from trayassist.paths import Paths

NAMES = ("a", "b", "c", "d", "e")
BUDGET, GPU = 10, 8 * GB

Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ("ask", "ask", "ask", "job", "light", "lend", "load", "preload", "unload", "cancel", "die", "kill", "fail",
             "mend", "others", "reload", "idle", "turn", "turn")
        ),
        st.integers(0, len(NAMES) - 1),
        st.integers(0, 9),
    ),
    min_size=5,
    max_size=60,
)  # fmt: skip
shapes = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from((0, 0, 2, 5)), st.sampled_from(("hot", "warm", "warm", "cold"))),
    min_size=len(NAMES),
    max_size=len(NAMES),
)


@dataclass
class Run:
    """One sequence of steps and what it found broken."""

    one: Bench
    residences: dict[str, Residence]
    requests: list[asyncio.Task[Any]] = field(default_factory=list)
    unloaded: set[str] = field(default_factory=set)

    def check(self) -> None:
        budget = self.one.engine.budget()
        assert budget.used <= budget.limit, "the budget is exceeded"
        assert budget.gpu_used <= budget.gpu_limit, "the budget of graphics memory is exceeded"
        held = sum(self.one.machine.held.values())
        assert held <= budget.used, "a worker holds memory that is not counted"
        for line in self.one.events("model_evicted"):
            assert self.residences[line["actual_model"]] != "hot", "a hot model was evicted"

    async def turn(self, rounds: int) -> None:
        for _ in range(rounds):
            await asyncio.sleep(0)
            self.check()

    def take(self, step: Step) -> None:
        kind, number, count = step
        name, engine = NAMES[number], self.one.engine
        match kind:
            case "ask" | "job" | "light":
                role = f"{name}-light" if kind == "light" else name
                self.begin(self.one.ask(role, request_id=str(len(self.requests)), job=kind == "job"))
            case "lend":
                self.begin(self.lend(name))
            case "load":
                self.begin(engine.load(name))
            case "preload":
                self.begin(engine.preload(name))
            case "unload":
                self.begin(engine.unload(name))
            case "cancel" if self.requests:
                self.requests[count % len(self.requests)].cancel()
            case "die" | "mend":
                self.one.models[name].dies = kind == "die"
            case "kill" if name in self.one.planner.workers:
                self.one.planner.workers[name].die()
            case "fail":
                self.one.models[name].loads = count < 5
            case "others":
                self.one.machine.others = count * 8 * GB
            case "reload":
                self.one.models[name].version = count
                engine.reload(registry(self.one.models, roles(self.residences), residency=residency_settings()))
            case _:
                pass

    def begin(self, work: Any) -> None:
        self.requests.append(asyncio.get_running_loop().create_task(work))

    async def lend(self, name: str) -> None:
        async with self.one.engine.worker_for(name):
            await asyncio.sleep(0)


def residency_settings() -> dict[str, Any]:
    return {"budget_gb": BUDGET, "headroom_gb": 0, "idle_unload_s": 0.001, "vram_budget_gb": "auto"}


def roles(residences: dict[str, Residence]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, (name, residence) in enumerate(residences.items()):
        after = NAMES[(number + 1) % len(NAMES)]
        found[name] = {"model": name, "residency": residence, "fallback": [after] if number % 2 else []}
        found[f"{name}-light"] = {"share_with": name, "lane": "light", "unload_after": number == 0}
    return found


async def sequence(home: Paths, shape: Sequence[tuple[int, int, Any]], todo: Sequence[Step]) -> None:
    models = {name: Model(ram=ram * GB, gpu=gpu * GB) for name, (ram, gpu, _) in zip(NAMES, shape, strict=True)}
    residences: dict[str, Residence] = {name: one[2] for name, one in zip(NAMES, shape, strict=True)}
    machine = Machine(memory=60 * GB, vram=GPU)
    more = {"residency": residency_settings(), "lanes": {"heavy": 2, "light": 2, "io": 1}}
    async with bench(home, models, roles(residences), budget_gb=BUDGET, machine=machine, **more) as one:
        run = Run(one, residences)
        run.begin(one.engine.start())
        for step in todo:
            run.take(step)
            await (asyncio.sleep(0.003) if step[0] == "idle" else run.turn(step[2] if step[0] == "turn" else 1))
            run.check()
        ended = asyncio.gather(*run.requests, return_exceptions=True)
        async with asyncio.timeout(10):
            while not ended.done():
                await asyncio.sleep(0.001)
                run.check()
        wrong = [e for e in ended.result() if isinstance(e, Exception) and not isinstance(e, TrayassistError)]
        assert not wrong, wrong
        assert one.engine.queue() == []
        await one.engine.settle()  # a changed registry may still be loading its hot models
        for name in NAMES:
            await one.engine.unload(name)
        budget = one.engine.budget()
        assert (budget.used, budget.gpu_used) == (0, 0), "memory is counted that nothing takes"
    run.check()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shapes, steps)
def test_the_budget_holds_hot_and_busy_models_stay_and_every_request_ends(
    shape: list[tuple[int, int, Any]], todo: list[Step]
) -> None:
    """S3-13, S1-15. The fake worker itself refuses to be ended while it answers."""
    waited, residency.BUSY_WAIT_S = residency.BUSY_WAIT_S, 0.01
    try:
        with tempfile.TemporaryDirectory() as folder:
            home = Paths(config=Path(folder) / "config", data=Path(folder) / "data")
            asyncio.run(sequence(home, shape, todo))
    finally:
        residency.BUSY_WAIT_S = waited
