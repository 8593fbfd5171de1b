"""The whole way with real models: taken in, judged, used, switched without a reload, left out in words (S4-15..S4-18).

What an adapter must do is known from models whose weights were merged by plain arithmetic.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.models.adapters import tiny_models as tiny
from tests.models.adapters.writing import Lines
from trayassist.api import Message
from trayassist.models.adapters import Adapters, AppliedAdapters, comparing
from trayassist.models.adapters.applied import AdapterChoice
from trayassist.models.adapters.record import AdapterRecord
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Adjustment
from trayassist.models.serving.engine import Engine
from trayassist.paths import Paths
from trayassist.workers.model import Adapter, AdapterUnavailable

GREEDY = Adjustment(temperature=0.0, max_tokens=24, seed=1)
ASKED = [Message(speaker="user", text="Who are you?")]


class InUse:
    """The adapters in use, or others `instead`."""

    def __init__(self, real: AppliedAdapters) -> None:
        self.real = real
        self.instead: tuple[Adapter, ...] | None = None

    def of(self, role: str, model: str) -> AdapterChoice:
        return self.real.of(role, model) if self.instead is None else AdapterChoice(adapters=self.instead)


@dataclass
class There:
    engine: Engine
    adapters: Adapters
    audit: Lines
    paths: Paths
    shape: tiny.Shape
    in_use: InUse

    async def say(self, role: str = "persona", model: str = "base", **more: Any) -> str:
        stream = self.engine.generate(role, model, ASKED, adjustment=GREEDY, request_id="r", **more)
        return "".join([chunk.text async for chunk in stream])

    async def take(self, folder: Path, weights: tiny.Weights) -> AdapterRecord:
        """Import a PEFT folder and approve it."""
        async for item in self.adapters.take(tiny.save_peft(folder, weights)):
            last = item
        assert isinstance(last, AdapterRecord)
        return await self.adapters.approve(last.id)

    async def use(self, folder: Path, weights: tiny.Weights, slot: Any, scale: float = 1.0) -> AdapterRecord:
        record = await self.take(folder, weights)
        return await self.adapters.activate(record.id, slot, scale=scale, override="a test")

    def pid(self, model: str = "base") -> int:
        return next(one.pid for one in self.engine.loaded_models() if one.name == model)


@asynccontextmanager
async def open_room(home: Paths, architecture: str, **merge_adapter: tiny.Weights) -> AsyncIterator[There]:
    """Return a room on a base and on models with these weights beside it."""
    shape = tiny.shape(architecture)
    for name, weights in {"base": shape.weights, **merge_adapter}.items():
        in_32_bits = {key: value.astype("f4") for key, value in weights.items()}
        other = tiny.Shape(architecture=architecture, weights=in_32_bits)
        tiny.write(home.models / f"{name}.gguf", other)
    settings = {
        "models": {name: {"file": f"{name}.gguf"} for name in ("base", *merge_adapter)},
        "roles": {"persona": {"model": "base"}, "coder": {"model": "base"}},
        "runtime_defaults": {"context_length": 512, "n_threads": 1},
        "residency": {"budget_gb": 4, "headroom_gb": 0},
    }
    home.registry.write_text(yaml.safe_dump(settings))
    registry = registry_file.load(home)
    audit = Lines()
    applied = InUse(AppliedAdapters(home, lambda: registry))
    engine = Engine(home, registry, audit, adapters=applied)  # type: ignore[arg-type]
    adapters = Adapters(home, lambda: registry, engine, audit)  # type: ignore[arg-type]
    try:
        yield There(engine, adapters, audit, home, shape, applied)
    finally:
        await engine.stop()


def golden(home: Paths, **more: Any) -> None:
    """Write one golden prompt that any answer passes, short enough for models whose tokens are bytes."""
    (home.config / "golden").mkdir()
    prompts = [{"prompt": "Who are you?", "system": "", "checks": [{"absent": "nothing at all"}]}]
    (home.config / "golden" / "persona.yaml").write_text(yaml.safe_dump({"prompts": prompts, "max_tokens": 16, **more}))


@pytest.mark.parametrize("architecture", ["llama", "qwen3"])
async def test_two_slots_answer_like_the_merged_model_and_go_without_a_reload(
    architecture: str, home: Paths, tmp_path: Path
) -> None:
    shape = tiny.shape(architecture)
    old, new = tiny.lora(shape, seed=1, size=0.2), tiny.lora(shape, seed=2, size=0.2)
    one = tiny.merge_adapter(shape, old, 2.0)
    both = tiny.merge_adapter(tiny.Shape(architecture=architecture, weights=one), new, 0.5 * 2.0)
    async with open_room(home, architecture, one=one, both=both) as there:
        plain = await there.say()
        pid = there.pid()
        expected_one, expected_both = await there.say(model="one"), await there.say(model="both")
        assert len({plain, expected_one, expected_both}) == 3
        await there.use(tmp_path / "old", old, "history")
        assert await there.say() == expected_one
        await there.use(tmp_path / "new", new, "recent", scale=0.5)
        assert await there.say() == expected_both
        usage = there.engine.usage("r")
        assert usage is not None
        assert usage.adapters == ("old", "new")
        assert usage.fallback == ""
        assert await there.say("coder") == plain, "the same worker, another role (S4-17)"
        assert await there.say() == expected_both
        await there.adapters.scale("new", 0.0)
        assert await there.say() == expected_one
        await there.adapters.switch_off("old")
        assert await there.say() == plain
        await there.adapters.revert()
        assert await there.say() == expected_one
        assert there.pid() == pid, "nothing was loaded anew"
        line = there.audit.of("llm_call")[-1]
        assert line["adapters"] == [{"id": "old", "slot": "history", "scale": 1.0}]


async def test_a_file_that_is_lost_or_damaged_at_the_call_is_said_in_the_footer(home: Paths, tmp_path: Path) -> None:
    shape = tiny.shape("qwen2")
    async with open_room(home, "qwen2") as there:
        plain = await there.say()
        record = await there.use(tmp_path / "mine", tiny.lora(shape), "recent")
        adapted = await there.say()
        assert adapted != plain
        whole = record.file.read_bytes()
        record.file.unlink()
        assert await there.say() == plain
        usage = there.engine.usage("r")
        assert usage is not None
        assert "adapter mine is missing" in usage.fallback
        assert usage.adapters == ()
        record.file.write_bytes(whole[:2000])
        assert await there.say() == plain
        usage = there.engine.usage("r")
        assert usage is not None
        assert "adapter mine was changed" in usage.fallback
        record.file.write_bytes(whole)
        await there.say()
        await there.adapters._applied.settle()
        assert await there.say() == adapted


async def test_a_file_that_llama_cpp_refuses_is_left_out_in_words(home: Paths, tmp_path: Path) -> None:
    """The last line of defence: the room let it through, the worker does not."""
    async with open_room(home, "qwen2") as there:
        plain = await there.say()
        other = tiny.shape("qwen2", width=32)
        foreign = tiny.write_lora(tmp_path / "foreign.gguf", other, tiny.lora(other))
        bad: Any = ({"file": str(foreign), "scale": 1.0, "id": "foreign"},)
        there.in_use.instead = bad
        assert await there.say() == plain
        usage = there.engine.usage("r")
        assert usage is not None
        assert "foreign.gguf does not fit base.gguf" in usage.fallback
        assert "base answered without it" in usage.fallback
        with pytest.raises(AdapterUnavailable, match="does not fit"):
            await there.say(adapters=bad)
        there.in_use.instead = None
        assert await there.say() == plain


async def test_an_evaluation_on_real_answers_and_held_out_texts(home: Paths, tmp_path: Path) -> None:
    """F-20: what passes is decided by what the model says and finds likely, with the adapter and without."""
    shape = tiny.shape("qwen2")
    weights = tiny.lora(shape)
    async with open_room(home, "qwen2", adapted=tiny.merge_adapter(shape, weights, 2.0)) as there:
        record = await there.take(tmp_path / "mine", weights)
        text = "To be, or not to be."
        golden(home, held_out=[text])
        async for item in there.adapters.evaluate(record.id):
            last = item
        assert isinstance(last, AdapterRecord)
        found = last.evaluation
        assert found is not None
        expected = {}
        for name in ("base", "adapted"):
            async with there.engine.worker_for(name) as worker:
                total, count = await worker.call("likelihood", texts=[text])
                expected[name] = total / count
        assert found.held_out_base == pytest.approx(expected["base"], abs=1e-6)
        assert found.held_out_adapter == pytest.approx(expected["adapted"], abs=0.01)
        (judged,) = found.prompts
        assert judged.text_base != judged.text_adapter
        assert found.passed == (expected["adapted"] >= expected["base"])


async def test_an_adapter_of_zeros_does_nothing_and_is_rejected(home: Paths, tmp_path: Path) -> None:
    shape = tiny.shape("llama")
    zeros = {name: value * 0 for name, value in tiny.lora(shape).items()}
    async with open_room(home, "llama") as there:
        record = await there.take(tmp_path / "zeros", zeros)
        golden(home)
        async for item in there.adapters.evaluate(record.id):
            last = item
        assert isinstance(last, AdapterRecord)
        assert last.state == "rejected"
        assert last.evaluation is not None
        assert "does nothing" in last.evaluation.why
        await there.adapters.activate(record.id, "recent", override="a test")
        found = await comparing.verify(there.adapters, "persona")
        assert not found.bound
        assert "computes the same" in found.why


async def test_verify_says_whether_adapters_are_really_applied(home: Paths, tmp_path: Path) -> None:
    """S4-18, S4-32: asked of the loaded model, not of a file."""
    shape = tiny.shape("qwen3")
    async with open_room(home, "qwen3") as there:
        record = await there.use(tmp_path / "mine", tiny.lora(shape), "recent")
        found = await comparing.verify(there.adapters, "persona")
        assert found.bound
        assert found.applied == ("mine",)
        assert abs(found.difference) > 0.001
        assert found.slots == {"recent": found.difference}
        record.file.unlink()
        found = await comparing.verify(there.adapters, "persona")
        assert not found.bound
        assert "missing" in found.why


async def test_verify_looks_at_each_slot(home: Paths, tmp_path: Path) -> None:
    """One adapter that does nothing is not hidden by the other one."""
    shape = tiny.shape("qwen3")
    async with open_room(home, "qwen3") as there:
        await there.use(tmp_path / "mine", tiny.lora(shape), "recent")
        zeros = {name: value * 0 for name, value in tiny.lora(shape).items()}
        await there.use(tmp_path / "idle", zeros, "history")
        found = await comparing.verify(there.adapters, "persona")
        assert (found.applied, found.bound) == (("idle", "mine"), False)
        assert found.slots["history"] == 0
        assert abs(found.slots["recent"]) > 0.001
        assert "with and without idle:" in found.why
        await there.adapters.switch_off("idle")
        assert (await comparing.verify(there.adapters, "persona")).bound


async def test_comparing_streams_both_answers_under_one_seed(home: Paths, tmp_path: Path) -> None:
    shape = tiny.shape("qwen2")
    async with open_room(home, "qwen2") as there:
        record = await there.take(tmp_path / "mine", tiny.lora(shape))
        (home.config / "prompts").mkdir()
        (home.config / "prompts" / "persona.md").write_text("Be short.")
        rounds = []
        for _ in range(2):
            said = {False: "", True: ""}
            async for side in comparing.compare(there.adapters, "Hello", adapter_id=record.id):
                said[side.with_adapters] += side.text
            rounds.append(said)
        assert rounds[0] == rounds[1], "the same seed: only the adapter makes the difference"
        assert rounds[0][False] != rounds[0][True]
