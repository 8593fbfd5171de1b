"""The verbs models and doctor (S0-02, S0-16, S1-01, S4-09, S4-32): real engine, real llama.cpp, a small hub."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.models.catalog import hub as hubs
from trayassist.assistant import Assistant
from trayassist.cli import verbs
from trayassist.cli.main import cli as _cli
from trayassist.cli.main import group
from trayassist.config import snapshots
from trayassist.models.catalog import stacks
from trayassist.models.gguf import hardware
from trayassist.models.serving.smoke import Result
from trayassist.paths import Paths

Line = dict[str, Any]


@asynccontextmanager
async def assistant(home: Paths) -> AsyncIterator[Assistant]:
    one = Assistant(home)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


async def run_models(one: Assistant, action: str, **arguments: Any) -> list[Line]:
    return [line async for line in verbs.run(one, "models", {"action": action, **arguments})]


async def checks(one: Assistant, **arguments: Any) -> dict[str, Line]:
    lines = [line async for line in verbs.run(one, "doctor", arguments)]
    return {line.get("check", "verdict"): line for line in lines}


def results(lines: list[Line]) -> list[Line]:
    return [line for line in lines if "progress" not in line and "status" not in line]


# ------------------------------------------------------------ models


async def test_recommend_says_what_is_here_what_fits_and_fetches_nothing(home: Paths, hub: hubs.Hub) -> None:
    async with assistant(home) as one:
        machine, *proposed, end = await run_models(one, "recommend")
    assert machine["tier"] in hardware.TIERS
    assert all(line["license"] and line["fit"] and line["bytes"] for line in proposed)
    assert end["download"] > 0
    assert not hub.requests


async def test_a_plan_is_confirmed_fetched_described_and_used(home: Paths, hub: hubs.Hub, tiny: Path) -> None:
    candidate = stacks.load().models["qwen2.5-0.5b"]
    hub.repos[candidate.repo] = hubs.Repo({candidate.file: tiny.read_bytes()}, license="apache-2.0")
    async with assistant(home) as one:
        *files, plan = await run_models(one, "plan", names=["qwen2.5-0.5b"])
        assert [line["file"]["license"] for line in files] == ["apache-2.0"]
        assert not hub.downloads()
        *news, end = await run_models(one, "fetch", confirmed=plan["plan"])
        assert (end["fetched"], end["exit"]) == (1, 0)
        assert results(news)[-1]["state"] == "done"
        model = one.registry.models["qwen2.5-0.5b"]
        assert model.sha256 == hashlib.sha256(tiny.read_bytes()).hexdigest()
        assert model.source is not None
        assert one.registry.role("persona").model == "qwen2.5-0.5b"
        (row,) = await run_models(one, "list")
        assert row["license"] == "Apache-2.0"
        assert row["residence"] == "warm"


async def test_a_tier_fetches_what_lacks_its_file_and_says_what_is_to_be_put_there(
    home: Paths, hub: hubs.Hub, tiny: Path
) -> None:
    hub.repos["some/model-GGUF"].files["hot.gguf"] = tiny.read_bytes()
    home.registry.write_text(
        "models:\n"
        "  hot: {file: hot.gguf, source: {repo: some/model-GGUF, file: hot.gguf}}\n"
        f"  mine: {{file: mine.gguf, sha256: {'a' * 64}}}\n"
        f"  here: {{file: {tiny}, source: {{repo: some/model-GGUF, file: hot.gguf}}}}\n"
        "roles: {persona: {model: hot, residency: hot}, coder: {model: mine}, curator: {model: here}}\n"
    )
    async with assistant(home) as one:
        hot = await run_models(one, "plan", tier="hot")
        assert [line["file"]["model"] for line in hot if "file" in line] == ["hot"]
        everything = await run_models(one, "plan", tier="all")
        by_hand = next(line for line in everything if "by_hand" in line)
        assert str(home.models / "mine.gguf") in by_hand["says"]
        assert "a" * 64 in by_hand["says"]
        fetched = await run_models(one, "fetch", confirmed=hot[-1]["plan"])
        assert fetched[-1]["exit"] == 0
        assert (await run_models(one, "plan", tier="hot"))[-1]["says"] == "No file is missing."


async def test_offline_refuses_and_says_how_else(home: Paths, hub: hubs.Hub) -> None:
    home.app_config.write_text("network: {offline: true}\n")
    async with assistant(home) as one:
        (line,) = await run_models(one, "plan", names=["qwen2.5-0.5b"])
    assert line["exit"] == 1
    assert "offline" in line["error"]
    assert "put the file into the models folder" in line["todo"]
    assert not hub.requests


async def test_a_name_that_is_nowhere_is_answered_with_the_nearest(home: Paths) -> None:
    async with assistant(home) as one:
        (line,) = await run_models(one, "plan", names=["qwen2.5-coder-7"])
    assert (line["exit"], line["todo"]) == (1, "Did you mean qwen2.5-coder-7b?")


async def test_add_load_bench_unload_remove(home: Paths, tiny: Path) -> None:
    async with assistant(home) as one:
        added = results(await run_models(one, "add", path=str(tiny), name="small", roles=["persona"]))[-1]
        assert (added["added"], added["kind"], added["roles"], added["exit"]) == ("small", "instruct", ["persona"], 0)
        assert added["sha256"] == hashlib.sha256(tiny.read_bytes()).hexdigest()
        loaded = results(await run_models(one, "load", name="small"))[-1]
        assert loaded["standing"] == "warm"
        assert loaded["endpoint"] == f"process {loaded['pid']}"
        measured = results(await run_models(one, "bench", name="small", tokens=16))[-1]
        assert measured["tokens"] == 16
        assert measured["tokens_per_s"] > 0
        assert measured["prompt_tokens"] > 100
        assert measured["prompt_tokens_per_s"] > 0
        assert measured["memory"] > 1_000_000
        assert measured["unfit"].startswith("it failed 3 of 3 smoke tasks: math (said")  # F-05: random weights
        (row,) = await run_models(one, "list")
        assert row["tokens_per_s"] == pytest.approx(measured["tokens_per_s"], rel=0.01)
        unloaded = results(await run_models(one, "unload", name="small"))[-1]
        assert (unloaded["standing"], unloaded["pid"]) == ("cold", None)
        assert results(await run_models(one, "remove", name="small"))[-1]["roles"] == ["persona"]
        assert not one.registry.models
    speeds = json.loads((home.data / "speeds.json").read_text())
    assert list(speeds) == ["small"]


async def test_use_gives_a_role_its_model_says_what_changed_and_can_be_taken_back(home: Paths, tiny: Path) -> None:
    async with assistant(home) as one:
        for name, roles in (("small", ["persona"]), ("other", [])):
            copy = tiny.with_name(f"{name}.gguf")
            copy.write_bytes(tiny.read_bytes())
            await run_models(one, "add", path=str(copy), name=name, roles=roles)
        (line,) = await run_models(one, "use", name="other", role="persona")
        assert (line["before"], line["model"], line["exit"]) == ("small", "other", 0)
        assert one.registry.role("persona").model == one.engine.own_model("persona") == "other"
        newest = snapshots.load_all(home)[0].number
        taken_back = f"`trayassist config restore {newest}` takes it back."
        assert line["says"] == f"persona: small → other. {taken_back}"
        (again,) = await run_models(one, "use", name="other", role="persona")
        assert again["says"] == "persona has the model other already."
        snapshots.restore(home, newest)
        await one.reload_registry()
        assert one.registry.role("persona").model == "small"
        assert {state.name for state in one.models_for("persona")} == {"small", "other"}


async def test_use_refuses_in_words_what_cannot_be_and_changes_nothing(home: Paths, tiny: Path) -> None:
    async with assistant(home) as one:
        await run_models(one, "add", path=str(tiny), name="small", roles=["persona"])
        before = home.registry.read_text()
        for name, role, word in (
            ("smal", "persona", "Did you mean “small”?"),
            ("small", "persona2", "There is no role 'persona2'."),
            ("small", "curator", "without a model"),
        ):
            (line,) = await run_models(one, "use", name=name, role=role)
            assert word in f"{line['error']} {line['todo']}"
            assert line["exit"] == 1
        assert home.registry.read_text() == before


@pytest.mark.parametrize("action", ["load", "unload", "bench", "remove"])
async def test_a_model_that_is_not_described_is_refused_in_words(home: Paths, action: str) -> None:
    async with assistant(home) as one:
        lines = results(await run_models(one, action, name="none"))
    assert "not found in registry" in lines[-1]["error"]
    assert lines[-1]["exit"] == 1


async def test_a_file_that_is_no_model_is_unreadable(home: Paths, tmp_path: Path) -> None:
    file = tmp_path / "x.gguf"
    file.write_bytes(b"not a model")
    async with assistant(home) as one:
        (line,) = results(await run_models(one, "add", path=str(file)))
    assert (line["exit"], "not a GGUF file" in line["error"]) == (3, True)


# ------------------------------------------------------------ doctor


async def test_doctor_finds_nothing_wrong_with_a_model_that_works(home: Paths, tiny: Path) -> None:
    async with assistant(home) as one:
        await one.entries.add(tiny)
        await one.entries.wait_for_sha256("tiny")
        found = await checks(one)
    assert found["model of persona"]["state"] == "ok"
    assert found["plugins"]["state"] == "ok"
    assert found["memory"]["state"] == "ok"
    assert found["verdict"]["exit"] == 0


async def test_doctor_names_missing_and_damaged_files_and_what_to_do(home: Paths, tiny: Path) -> None:
    (home.models / "cut.gguf").write_bytes(tiny.read_bytes()[:-1000])
    home.registry.write_text(
        "models: {gone: {file: gone.gguf}, cut: {file: cut.gguf}}\n"
        "roles: {persona: {model: gone}, coder: {model: cut}}\n"
    )
    async with assistant(home) as one:
        found = await checks(one)
    assert found["model of persona"]["state"] == "no"
    assert str(home.models / "gone.gguf") in found["model of persona"]["says"] + found["model of persona"]["todo"]
    assert "damaged or cut short" in found["model of coder"]["says"]
    assert found["model of curator"]["says"] == "works by its rules, without a model"
    assert found["verdict"]["exit"] == 1


async def test_doctor_tells_what_each_role_does_without_its_model(home: Paths) -> None:
    """S1-01, F-27: of the application's own roles, too."""
    home.registry.write_text(
        "models: {small: {file: s.gguf}, vectors: {file: v.gguf, kind: embedding}, spare: {file: x.gguf}}\n"
        "roles: {watchdog: {model: small}, embedder: {model: vectors}, persona: {model: small}}\n"
    )
    async with assistant(home) as one:
        found = await checks(one)
    for role, meanwhile in (("embedder", "by their words"), ("persona", "it quotes")):
        check = found[f"model of {role}"]
        assert check["state"] == "no"
        assert "is missing: put it at" in check["says"]
        assert meanwhile in check["todo"]
    assert found["model spare"]["todo"].startswith("No role uses it")
    assert "model small" not in found
    assert (
        found["model of watchdog"]["says"]
        == "works by its rules, without a model; small is named for it and is not asked"
    )
    assert found["verdict"]["wrong"] == 2


async def test_status_and_settings_name_no_model_for_a_role_that_asks_none(home: Paths) -> None:
    home.registry.write_text("models: {small: {file: s.gguf}}\nroles: {watchdog: {model: small}}\n")
    async with assistant(home) as one:
        (status,) = [line async for line in verbs.run(one, "status", {})]
        (settings,) = [line async for line in verbs.run(one, "config", {})]
    (shown,) = [row for row in settings["roles"] if row["role"] == "watchdog"]
    assert (shown["model"], shown["why"]) == (None, "works by its rules, without a model")
    rows = {row["role"]: row for row in status["roles"]}
    for role in ("watchdog", "curator"):
        assert (rows[role]["model"], rows[role]["note"]) == (None, "works by its rules, without a model")
        assert "standing" not in rows[role]


async def test_doctor_and_status_tell_of_models_that_may_not_stand_in_and_of_long_answers(
    home: Paths, tiny: Path
) -> None:
    """F-05, S4-26."""
    home.registry.write_text(
        f"models: {{tiny: {{file: {tiny}}}, other: {{file: other.gguf}}}}\n"
        "roles: {persona: {model: other, fallback: [tiny], usual_tokens: 50}}\n"
    )
    (home.data / "lengths.json").write_text(json.dumps({"persona": [60] * 30}))
    async with assistant(home) as one:
        found = await checks(one)
        assert "was not given the smoke tasks yet" in found["fallback"]["says"]
        assert "trayassist models bench tiny" in found["fallback"]["todo"]
        one.engine.smoke.note("tiny", Result(("math (said “x” for 42)",), ""))
        found = await checks(one)
        assert "it failed 1 of 3 smoke tasks: math (said “x” for 42)" in found["fallback"]["says"]
        assert found["length"]["says"].startswith("One in twenty answers of the role persona has 60 tokens")
        (status,) = [line async for line in verbs.run(one, "status", {})]
        warnings = " ".join(status["warnings"])
        assert "never answers instead of another" in warnings
        assert "One in twenty answers" in warnings
        assert next(row for row in status["roles"] if row["role"] == "persona")["model"] is None


async def test_doctor_sees_a_model_that_became_slow_a_card_that_is_not_used_and_a_full_disk(
    home: Paths, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = date.today()  # as the speeds are kept
    days = {(today - timedelta(days=8)).isoformat(): (20.0, 5), today.isoformat(): (6.0, 5)}
    (home.data / "speeds.json").write_text(json.dumps({"tiny": days}))
    card = hardware.Gpu("card", 12 * hardware.GIB, ("cuda",))
    facts = hardware.Hardware(ram=16 * hardware.GIB, available=0, cores=4, disk_free=10**9, gpus=(card,))
    monkeypatch.setattr(hardware, "look", lambda _: facts)
    async with assistant(home) as one:
        await one.entries.add(tiny)
        await one.entries.wait_for_sha256("tiny")
        found = await checks(one)
    assert "a week ago it was 20.0" in found["speed"]["says"]
    assert found["graphics card"]["state"] == "note"
    assert "getting-models.md" in found["graphics card"]["todo"]
    assert found["disk"]["state"] == "no"


async def test_doctor_tells_of_downloads_that_did_not_end(home: Paths, hub: hubs.Hub) -> None:
    hub.status = 404
    async with assistant(home) as one:
        *_, plan = await run_models(one, "plan", repo="some/model-GGUF", file="model-q4_k_m.gguf")
        assert (await run_models(one, "fetch", confirmed=plan["plan"]))[-1]["exit"] == 4
        found = await checks(one)
        assert found["download"]["state"] == "note"
        assert results(await run_models(one, "cancel", name="model-q4_k_m"))[-1]["cancelled"] == "model-q4_k_m"
        assert "download" not in await checks(one)


# ------------------------------------------------------------ the command line


def test_the_command_line_asks_before_it_fetches(home: Paths, hub: hubs.Hub) -> None:
    assert _cli is not None
    arguments = ["models", "fetch", "--repo", "some/model-GGUF", "--file", "model-q4_k_m.gguf"]
    done = CliRunner().invoke(group, arguments)
    assert done.exit_code == 1  # nobody can say yes without a terminal
    assert "some/model-GGUF/model-q4_k_m.gguf" in done.output
    assert "2 MB" in done.output
    assert not hub.downloads()


@pytest.mark.parametrize(
    "arguments",
    [
        ["fetch"],
        ["fetch", "a", "--tier", "hot"],
        ["fetch", "a", "--repo", "x/y"],
        ["add", "x.gguf", "--role", "persona", "--no-roles"],
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(group, ["models", *arguments]).exit_code == 2
