"""`trayassist memory reindex` and what status says of the embedder, through the verbs, with a real embedding GGUF."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tests.workers.model import kinds
from trayassist.assistant import Assistant
from trayassist.cli import verbs
from trayassist.cli.main import group
from trayassist.paths import Paths


async def run_verb(assistant: Assistant, verb: str, **arguments: Any) -> list[dict[str, Any]]:
    return [line async for line in verbs.run(assistant, verb, arguments)]


@asynccontextmanager
async def memory_with_lease(home: Paths, tmp_path: Path) -> AsyncIterator[Assistant]:
    """An assistant with one document of the built-in embedder, and a GGUF embedder that was set since."""
    assistant = Assistant(home)
    try:
        await assistant.start()
        lease = tmp_path / "lease.txt"
        lease.write_text("The rent of the boat is due. A late fee follows.")
        assert (await run_verb(assistant, "ingest", paths=[str(lease)]))[-1]["exit"] == 0
        kinds.encoder(home.models / "one.gguf", pooling=1)
        described = {
            "models": {"one": {"file": "one.gguf", "kind": "embedding"}},
            "roles": {"embedder": {"model": "one"}},
        }
        home.registry.write_text(yaml.safe_dump(described))
        await assistant.reload_registry()
        yield assistant
    finally:
        await assistant.stop()


async def test_status_offers_it_and_the_verb_does_it_s0_21(home: Paths, tmp_path: Path) -> None:
    async with memory_with_lease(home, tmp_path) as assistant:
        (status,) = await run_verb(assistant, "status")
        (warning,) = [line for line in status["warnings"] if "made with" in line]
        assert "made with the built-in model; one is set now" in warning
        assert "trayassist memory reindex" in warning
        (check,) = await run_verb(assistant, "reindex", action="check")
        assert (check["exit"], check["offer"]["passages"]) == (1, 1)
        *steps, last = await run_verb(assistant, "reindex")
        assert all("progress" in step for step in steps)
        assert last == {"embedder": "one", "dimensions": 32, "passages": 1, "exit": 0}
        assert [line for line in (await run_verb(assistant, "status"))[0]["warnings"] if "made with" in line] == []
        (check,) = await run_verb(assistant, "reindex", action="check")
        assert (check["exit"], check["offer"]) == (0, None)
        (found,) = await run_verb(assistant, "search", query="late fee of the boat")
        assert (len(found["results"]), found["note"]) == (1, "")


async def test_a_search_by_words_only_says_so_s1_01(home: Paths, tmp_path: Path) -> None:
    async with memory_with_lease(home, tmp_path) as assistant:
        await run_verb(assistant, "reindex")
        (home.models / "one.gguf").unlink()
        await assistant.engine.unload("one")
        await assistant.reload_registry()
        (found,) = await run_verb(assistant, "search", query="late fee of the lease")
        assert len(found["results"]) == 1
        assert "Searched by words only" in found["note"]
        *_, failed = await run_verb(assistant, "reindex")
        assert failed["exit"] == 4
        assert "missing" in failed["error"]


@pytest.mark.parametrize("option", ["--check", "--again", "--discard"])
def test_the_options_are_there(option: str) -> None:
    shown = CliRunner().invoke(group, ["memory", "reindex", "--help"])
    assert shown.exit_code == 0
    assert option in shown.output
