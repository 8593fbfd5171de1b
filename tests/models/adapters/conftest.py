"""A room of adapters on a small model, with answers that the tests write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.models.adapters import tiny_models as tiny
from tests.models.adapters.writing import Lines, WrittenEngine
from trayassist.models.adapters import Adapters
from trayassist.models.adapters.record import AdapterRecord
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths


@dataclass
class Room:
    """The room, what it stands on, and a way to take an adapter in."""

    adapters: Adapters
    engine: WrittenEngine
    audit: Lines
    paths: Paths
    shape: tiny.Shape
    sources: Path

    def source(self, name: str = "mine", seed: int = 5) -> Path:
        return tiny.write_lora(self.sources / f"{name}.gguf", self.shape, tiny.lora(self.shape, seed=seed))

    async def take(self, source: Path | None = None, **more: str) -> AdapterRecord:
        async for item in self.adapters.take(source or self.source(), **more):
            last = item
        assert isinstance(last, AdapterRecord)
        return last

    async def evaluate_new(self, name: str = "mine", seed: int = 5) -> AdapterRecord:
        """Take one in and lead it through approval and a passed evaluation."""
        record = await self.take(self.source(name, seed))
        await self.adapters.approve(record.id)
        async for item in self.adapters.evaluate(record.id):
            last = item
        assert isinstance(last, AdapterRecord)
        assert last.state == "evaluated", last.evaluation
        return last


@pytest.fixture
def room(home: Paths, tmp_path: Path) -> Room:
    shape = tiny.shape("qwen2")
    tiny.write(home.models / "base.gguf", shape)
    settings = {
        "models": {"base": {"file": "base.gguf"}, "other": {"file": "other.gguf"}},
        "roles": {"persona": {"model": "base"}, "coder": {"model": "base"}},
    }
    home.registry.write_text(yaml.safe_dump(settings))
    (home.config / "golden").mkdir()
    golden = {"prompts": [{"name": "name", "prompt": "Who are you?", "checks": [{"contains": "Ada"}]}]}
    (home.config / "golden" / "persona.yaml").write_text(yaml.safe_dump(golden))
    engine, audit = WrittenEngine(), Lines()
    registry = registry_file.load(home)
    adapters = Adapters(home, lambda: registry, engine, audit)  # type: ignore[arg-type]
    (tmp_path / "sources").mkdir()
    return Room(adapters, engine, audit, home, shape, tmp_path / "sources")
