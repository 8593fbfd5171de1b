"""`trayassist adapters`: the whole life of an adapter from the command line, with its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.models.adapters import tiny_models as tiny
from trayassist.paths import Paths

SHAPE = tiny.shape("qwen2")


@pytest.fixture
def there(home: Paths) -> Paths:
    tiny.write(home.models / "base.gguf", SHAPE)
    settings = {
        "models": {"base": {"file": "base.gguf"}},
        "roles": {"persona": {"model": "base"}},
        "runtime_defaults": {"context_length": 512, "n_threads": 1},
        "residency": {"budget_gb": 4, "headroom_gb": 0},
    }
    home.registry.write_text(yaml.safe_dump(settings))
    return home


def golden(home: Paths, check: dict[str, Any]) -> None:
    (home.config / "golden").mkdir(exist_ok=True)
    prompts = [{"prompt": "Who are you?", "system": "", "checks": [check]}]
    (home.config / "golden" / "persona.yaml").write_text(yaml.safe_dump({"prompts": prompts, "max_tokens": 12}))


def run(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        [sys.executable, "-m", "trayassist", "adapters", *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_the_life_of_an_adapter(there: Paths, tmp_path: Path) -> None:
    source = tiny.save_peft(tmp_path / "mine", tiny.lora(SHAPE))
    code, (taken,) = run("import", str(source))
    assert (code, taken["id"], taken["state"]) == (0, "mine", "pending")
    assert run("activate", "mine", "--slot", "recent")[0] == 1
    assert run("approve", "mine")[1][0]["state"] == "approved"
    golden(there, {"contains": "impossible to say for bytes at random"})
    code, (judged,) = run("eval", "mine")
    assert (code, judged["state"]) == (1, "rejected")
    run("approve", "mine")
    golden(there, {"absent": "impossible to say for bytes at random"})
    code, (judged,) = run("eval", "mine")
    assert (code, judged["state"], judged["evaluation"]["passed"]) == (0, "evaluated", True)
    code, (used,) = run("activate", "mine", "--slot", "recent", "--scale", "0.5")
    assert (code, used["active"]) == (0, {"id": "mine", "slot": "recent", "scale": 0.5, "override": ""})
    assert run("scale", "mine", "1.5")[1][0]["active"]["scale"] == 1.5
    code, (found,) = run("verify")
    assert (code, found["bound"], found["applied"]) == (0, True, ["mine"])
    code, (line,) = run("list")
    assert line["active"]["slot"] == "recent"
    assert run("remove", "mine", "--yes")[0] == 1
    assert run("off", "mine")[1][0]["active"] is None
    assert run("revert")[1][0]["active"][0]["id"] == "mine"
    run("off", "mine")
    code, (copied,) = run("export", "mine", str(tmp_path / "out"))
    assert code == 0
    assert (Path(copied["to"]) / "adapter.gguf").is_file()
    assert run("remove", "mine", "--yes") == (0, [{"removed": "mine"}])
    assert run("list") == (0, [])
    events = [
        json.loads(line)["event"] for file in there.audit.glob("*.ndjson") for line in file.read_text().splitlines()
    ]
    for event in ("imported", "approved", "evaluated", "activated", "scaled", "switched_off", "reverted", "removed"):
        assert f"adapter_{event}" in events


@pytest.mark.slow
def test_what_goes_wrong_has_its_exit_code_and_words(there: Paths, tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_text("hello")
    code, (line,) = run("import", str(bad))
    assert code == 3
    assert "not a GGUF file" in line["error"]
    other = tiny.shape("qwen2", width=32)
    foreign = tiny.write_lora(tmp_path / "foreign.gguf", other, tiny.lora(other))
    code, (line,) = run("import", str(foreign))
    assert code == 1
    assert "64 × 64 there and 32 × 32 in the adapter" in line["error"]
    code, (line,) = run("approve", "nobody")
    assert code == 1
    assert "There is no adapter" in line["error"]
    code, (line,) = run("export", "--training", str(tmp_path / "t.jsonl"))
    assert code == 1
    assert "nothing to train on" in line["error"]
    code, (line,) = run("verify")
    assert code == 4
    assert "No adapter is active" in line["error"]
    assert run("export")[0] == 2


def test_an_empty_list_says_how_to_get_one(home: Paths) -> None:
    command = [sys.executable, "-m", "trayassist", "adapters"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ)
    assert (done.returncode, "adapters import PATH" in done.stdout) == (0, True)
    assert run("list") == (0, [])
