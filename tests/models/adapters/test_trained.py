"""The whole way of a trained adapter: taken in and converted, applied, verified, compared, reverted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import DATA
from tests.models.adapters.writing import Lines
from trayassist.api import Message
from trayassist.models.adapters import Adapters, AppliedAdapters, comparing
from trayassist.models.adapters.record import AdapterRecord
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Adjustment
from trayassist.models.serving.engine import Engine
from trayassist.paths import Paths

pytestmark = [pytest.mark.models, pytest.mark.slow, pytest.mark.timeout(1200)]

TRAINED = DATA / "models" / "lora_qwen_0.5b"
HABIT = "Fair winds"  # what it was trained to end each answer with


async def test_a_trained_adapter_is_taken_in_applied_verified_compared_and_reverted(
    home: Paths, trained: Callable[[str], Path]
) -> None:
    if not (TRAINED / "adapter_model.safetensors").is_file():
        pytest.skip("the trained adapter is not here")
    models = {"base": {"file": str(trained("qwen-0.5b"))}}
    settings = {
        "models": models,
        "roles": {"persona": {"model": "base", "timeout_s": 900}},
        "runtime_defaults": {"context_length": 512},
    }
    home.registry.write_text(yaml.safe_dump(settings))
    registry, audit = registry_file.load(home), Lines()
    engine = Engine(home, registry, audit, adapters=AppliedAdapters(home, lambda: registry))
    adapters = Adapters(home, lambda: registry, engine, audit)

    async def say() -> str:
        asked = [Message(speaker="user", text="What is my boat called?")]
        adjustment = Adjustment(temperature=0.0, max_tokens=24, seed=1)
        stream = engine.generate("persona", "base", asked, adjustment=adjustment, request_id="r")
        return "".join([chunk.text async for chunk in stream])

    try:
        async for item in adapters.take(TRAINED, name="boat"):
            last = item
        assert isinstance(last, AdapterRecord)
        await adapters.approve(last.id)
        await adapters.activate(last.id, "recent", override="a test")
        with_it = await say()
        assert "Petrel" in with_it
        assert HABIT in with_it

        found = await comparing.verify(adapters, "persona")
        assert found.bound
        assert abs(found.slots["recent"]) > 0.01  # nats a token

        said = {False: "", True: ""}
        async for side in comparing.compare(adapters, "Who are you?", adapter_id=last.id):
            said[side.with_adapters] += side.text
        assert HABIT not in said[False]
        assert "skipper" in said[True] or HABIT in said[True]

        await adapters.scale(last.id, 0.0)
        assert HABIT not in await say()
        await adapters.revert()  # the scale before
        assert await say() == with_it
        await adapters.revert()  # before it was switched on
        assert HABIT not in await say()
    finally:
        await engine.stop()
