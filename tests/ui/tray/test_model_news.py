"""What the tray says of roles that do without their model (F-27, S1-01)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests import tiny_gguf
from tests.models.fakes import GB, Model, bench, until
from tests.models.running import Lines, engine
from trayassist.paths import Paths
from trayassist.ui.tray.notifications import ModelNews
from trayassist.ui.tray.tray import Tray


async def test_a_missing_file_is_told_with_its_roles_until_it_is_there(
    qapp: object, home: Paths, tmp_path: Path
) -> None:
    home.models.mkdir(parents=True, exist_ok=True)
    async with engine(home, Lines(), {"gone": {"file": "gone.gguf"}}, {"model": "gone"}) as one:
        tray = Tray()
        news = ModelNews(one, tray)
        await one.start()
        await asyncio.sleep(0)
        (told,) = tray.problems.values()
        assert told == f"Assistant: The file of model gone is missing: put it at {home.models / 'gone.gguf'}."
        (home.models / "gone.gguf").write_bytes(tiny_gguf.write(tmp_path / "tiny.gguf").read_bytes())
        await one.look()
        await until(lambda: not tray.problems)
        news.close()
        assert news.look not in one.changed


async def test_a_hot_model_that_does_not_fit_is_told(qapp: object, home: Paths) -> None:
    roles = {"persona": {"model": "giant", "residency": "hot"}, "coder": {"share_with": "persona"}}
    async with bench(home, {"giant": Model(20 * GB)}, roles) as one:
        tray = Tray()
        ModelNews(one.engine, tray)
        await one.engine.start()
        await until(lambda: bool(tray.problems))
        (told,) = tray.problems.values()
        assert told.startswith("Assistant, Code: The model giant needs 20.0 GB, and models may take 10.7 GB together.")
