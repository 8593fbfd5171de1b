"""A GGUF file that is dropped like a document becomes a model (S0-01): told by ingest's own reports."""

from __future__ import annotations

from pathlib import Path

from trayassist.assistant import Assistant
from trayassist.memory.ingest import FileReport
from trayassist.paths import Paths


async def drop(assistant: Assistant, *files: Path) -> dict[str, FileReport]:
    reports = [item async for item in assistant.ingest.ingest(list(files)) if isinstance(item, FileReport)]
    return {Path(report.path).name: report for report in reports}


async def test_a_dropped_model_is_added_and_a_damaged_one_is_refused_in_words(
    home: Paths, tmp_path: Path, tiny: Path
) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:-500])
    assistant = Assistant(home, found=[])
    try:
        await assistant.start()
        reports = await drop(assistant, tiny, cut)
        assert reports["tiny.gguf"].status == "model"
        assert "Added to models as tiny" in reports["tiny.gguf"].reason
        assert reports["cut.gguf"].status == "refused"
        assert "damaged or cut short" in reports["cut.gguf"].reason
        assert assistant.registry.role("persona").model == "tiny"
        assert assistant.engine.model_for("persona") == "tiny"
        again = await drop(assistant, tiny)
        assert again["tiny.gguf"].reason == "It is described already, as tiny."
    finally:
        await assistant.stop()
    assert assistant.ingest.waiting() == 0


async def test_in_the_app_a_model_among_other_files_is_given_to_no_role(home: Paths, tiny: Path) -> None:
    assistant = Assistant(home, found=[], in_app=True)
    try:
        await assistant.start()
        reports = await drop(assistant, tiny)
        assert "Nothing uses it yet" in reports["tiny.gguf"].reason
        assert "tiny" in assistant.registry.models
        assert assistant.registry.role("persona").model is None
    finally:
        await assistant.stop()
