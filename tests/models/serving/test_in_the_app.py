"""The engine inside the application: what a plugin asks for, what an answer's last event and `status` say of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.plugins.faulty import entry
from trayassist import __main__ as program
from trayassist.api import Answer, ConfigError, Finished, Host, Message, Request, Route
from trayassist.assistant import Assistant
from trayassist.cli import verbs
from trayassist.paths import Paths

FORM = {"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"]}


class Asks:
    """A role that hands the question to its model, with a form if the question names one."""

    name, title, examples = "asks", "Asks a model", ()

    def claims(self, request: Request) -> str | None:
        return None

    async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
        schema = FORM if "form" in route.text else None
        async for chunk in host.generate(route, [Message(speaker="user", text=route.text)], schema=schema):
            yield chunk


class Job:
    """A job that asks a model through the host."""

    name, title, trigger = "night", "Asks at night", "by hand"

    async def run(self, host: Host) -> str:
        route = Route(kind="chat", role="asks", text="x", confidence=1, method="rules", reason="")  # type: ignore[arg-type]
        return "".join([chunk.text async for chunk in host.generate(route, [Message(speaker="user", text="x")])])


def write(home: Paths, tiny: Path, **more: Any) -> None:
    role = {"model": "tiny", "max_tokens": 24, "temperature": 0, "seed": 1}
    told: dict[str, Any] = {"mode": "dual", "models": {"tiny": {"file": str(tiny)}}, "roles": {"asks": role}}
    told["runtime_defaults"] = {"context_length": 256, "n_threads": 1}
    told |= more
    home.registry.write_text(yaml.safe_dump(told))


@asynccontextmanager
async def app(home: Paths) -> AsyncIterator[Assistant]:
    plugin = entry("asks", register_roles=lambda host: [Asks()], register_jobs=lambda host: [Job()])
    one = Assistant(home, found=[plugin])
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


async def ask_role(one: Assistant, text: str) -> Finished:
    events = [event async for event in one.ask(Request(text=text, role="asks"))]
    assert isinstance(events[-1], Finished)
    return events[-1]


async def status(one: Assistant) -> dict[str, Any]:
    (line,) = [line async for line in verbs.run(one, "status", {})]
    return line


async def test_a_plugin_gets_the_form_it_asks_for(home: Paths, tiny: Path) -> None:
    """S4-07: through the host, with the settings of its role."""
    write(home, tiny)
    async with app(home) as one:
        done = await ask_role(one, "in this form")
        assert set(json.loads(done.answer)) == {"yes"}
        assert done.model == "tiny"


async def test_what_was_left_out_of_a_prompt_is_in_the_last_event(home: Paths, tiny: Path) -> None:
    """S1-17: said in the answer's footer, and kept in the log."""
    write(home, tiny)

    class Talks(Asks):
        async def answer(self, request: Request, route: Route, host: Host) -> AsyncIterator[Answer]:
            turns = [Message(speaker=("user", "assistant")[n % 2], text=f"turn {n} " * 6) for n in range(8)]
            async for chunk in host.generate(route, [*turns, Message(speaker="user", text="now")]):
                yield chunk

    one = Assistant(home, found=[entry("asks", register_roles=lambda host: [Talks()])])
    await one.start()
    try:
        done = await ask_role(one, "go on")
    finally:
        await one.stop()
    assert "left out: the model's context is full" in done.trimmed
    lines = [json.loads(line) for file in home.audit.iterdir() for line in file.read_text().splitlines()]
    (call,) = [line for line in lines if line["event"] == "llm_call"]
    assert call["trimmedTurns"] > 0
    assert (call["mode"], call["adapters"], call["draft"]) == ("dual", [], None)


async def test_status_has_six_columns_a_role(home: Paths, tiny: Path) -> None:
    """S0-02: model, quantization, memory, residence, speed, process; the speed is measured here and kept."""
    write(home, tiny)
    async with app(home) as one:
        (before,) = (row for row in (await status(one))["roles"] if row["role"] == "asks")
        assert (before["model"], before["quant"], before["residence"]) == ("tiny", "F32", "warm")
        assert (before["standing"], before["pid"], before["tokens_per_s"]) == ("cold", None, 0)
        assert before["memory"] > 20, "estimated"
        await ask_role(one, "hello")
        line = await status(one)
        (after,) = (row for row in line["roles"] if row["role"] == "asks")
        assert after["standing"] == "warm"
        assert after["pid"]
        assert after["tokens_per_s"] > 0
        assert line["budget"]["used"] > 0
    async with app(home) as again:
        (row,) = (row for row in (await status(again))["roles"] if row["role"] == "asks")
        assert row["tokens_per_s"] == after["tokens_per_s"]


async def test_a_changed_registry_is_taken_over_without_a_restart(home: Paths, tiny: Path) -> None:
    """S0-01; a wrong one leaves everything as it was."""
    write(home, tiny)
    async with app(home) as one:
        await ask_role(one, "hello")
        write(home, tiny, models={"tiny": {"file": str(tiny)}, "other": {"file": str(tiny)}})
        told = yaml.safe_load(home.registry.read_text())
        told["roles"]["asks"]["model"] = "other"
        home.registry.write_text(yaml.safe_dump(told))
        await one.reload_registry()
        assert (await ask_role(one, "hello")).model == "other"
        assert {loaded.name for loaded in one.engine.loaded_models()} == {"tiny", "other"}
        home.registry.write_text("roles: {asks: {model: nobody}}")
        with pytest.raises(ConfigError):
            await one.reload_registry()
        assert (await ask_role(one, "hello")).model == "other"


async def test_hot_models_are_loaded_in_the_background_of_the_app(home: Paths, tiny: Path) -> None:
    """S0-04: and warm ones are read ahead when that is wanted."""
    write(home, tiny, models={"tiny": {"file": str(tiny)}, "later": {"file": str(tiny)}})
    told = yaml.safe_load(home.registry.read_text())
    told["roles"] |= {"hot": {"model": "tiny", "residency": "hot"}, "warm": {"model": "later"}}
    told["residency"] = {**told.get("residency", {}), "prewarm": True}
    home.registry.write_text(yaml.safe_dump(told))
    async with app(home) as one:
        await one.start_background()
        async with asyncio.timeout(60):
            while not one.engine.loaded_models():  # noqa: ASYNC110  # another process's start is no event of ours
                await asyncio.sleep(0.02)
            while "models_prewarmed" not in "".join(file.read_text() for file in home.audit.iterdir()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert [loaded.name for loaded in one.engine.loaded_models()] == ["tiny"]
    lines = [json.loads(line) for file in home.audit.iterdir() for line in file.read_text().splitlines()]
    assert [line["files"] for line in lines if line["event"] == "models_prewarmed"] == [[tiny.name]]


@pytest.mark.parametrize(
    ("changed", "loaded"),
    [
        ({}, ["tiny"]),
        ({"residency": {"preload": False}}, []),
        ({"residency": {"budget_gb": 0.001}}, []),
        (
            {"models": {"tiny": {"provider": "ollama", "remote_id": "x"}}, "providers": {"ollama": {"enabled": True}}},
            [],
        ),
    ],
)
async def test_the_model_of_a_question_is_loaded_while_it_is_written(
    home: Paths, tiny: Path, changed: dict[str, Any], loaded: list[str]
) -> None:
    """S3-12: where it fits and is on this machine; an endpoint hears nothing before the user asks."""
    write(home, tiny, **changed)
    async with app(home) as one:
        await one.preload_for("what is the late")
        assert [model.name for model in one.engine.loaded_models()] == loaded
        await one.preload_for("")
    told = [json.loads(line)["event"] for file in home.audit.iterdir() for line in file.read_text().splitlines()]
    assert ("model_loaded" in told) is bool(loaded)


async def test_a_job_that_is_switched_off_does_not_run(home: Paths, tiny: Path) -> None:
    write(home, tiny, jobs={"night": {"enabled": False}})
    async with app(home) as one:
        (listed,) = [line async for line in verbs.run(one, "jobs", {"action": "list"})]
        assert listed["enabled"] is False
        (refused,) = [line async for line in verbs.run(one, "jobs", {"action": "run", "name": "night"})]
    assert (refused["error"], refused["exit"]) == ("The job night is switched off.", 1)


async def test_a_job_asks_the_model_of_its_role_and_is_marked_as_one(home: Paths, tiny: Path) -> None:
    write(home, tiny)
    async with app(home) as one:
        results = [line async for line in verbs.run(one, "jobs", {"action": "run", "name": "night"})]
        assert results[-1]["result"]
    lines = [json.loads(line) for file in home.audit.iterdir() for line in file.read_text().splitlines()]
    assert [line["job"] for line in lines if line["event"] == "llm_call"] == ["night"]


@pytest.mark.parametrize(
    ("arguments", "show", "prewarm"),
    [([], True, None), (["--hidden"], False, None), (["--hot-only"], True, False), (["--preload-warm"], True, True),
     (["--hidden", "--preload-warm"], False, True)],
)  # fmt: skip
def test_how_the_app_is_started(
    home: Paths, monkeypatch: pytest.MonkeyPatch, arguments: list[str], show: bool, prewarm: bool | None
) -> None:
    """S0-04."""
    from trayassist.ui.app import start as window

    seen: dict[str, Any] = {}
    monkeypatch.setattr("sys.argv", ["trayassist", *arguments])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(window, "run", lambda _where, **told: seen.update(told) or 0)
    assert program.main() == 0
    assert (seen["show"], seen["prewarm"]) == (show, prewarm)


def test_two_wishes_that_exclude_each_other_are_said(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("sys.argv", ["trayassist", "--hot-only", "--preload-warm"])
    assert program.main() == 2
    assert "exclude each other" in capsys.readouterr().err


async def test_a_model_picked_for_a_question_answers_it_and_an_unknown_one_is_refused(home: Paths, tiny: Path) -> None:
    """S4-08: the pin goes before the role's own model."""
    models = {"tiny": {"file": str(tiny)}, "other": {"file": str(tiny)}}
    write(home, tiny, models=models)
    async with app(home) as one:
        ask_role = {"text": "hello", "role": "asks"}
        for model, answers in ((None, "tiny"), ("other", "other")):
            lines = [line async for line in verbs.run(one, "ask", {**ask_role, "model": model})]
            assert lines[-1]["model"] == answers
        (refused,) = [line async for line in verbs.run(one, "ask", {**ask_role, "model": "othr"})]
        assert refused["error"] == "Model 'othr' not found in registry."
        assert refused["todo"] == "Did you mean “other”?"
