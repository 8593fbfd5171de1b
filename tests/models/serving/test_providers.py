"""Endpoints and the mock behind the engine: the same lanes, fallbacks, cancel and usage as models on this machine."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import tiny_gguf
from tests.models.running import Lines, may_stand_in, user
from tests.workers.endpoint.asking import KEY
from tests.workers.endpoint.servers import answers, serving
from trayassist.api import Finished, ModelUnavailable, Request
from trayassist.assistant import Assistant
from trayassist.cli import verbs
from trayassist.models.registry import file as registry_file
from trayassist.models.serving.engine import Engine
from trayassist.paths import Paths
from trayassist.safety.secrets import Secrets


class LockedKeyring:
    """A keyring that is locked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError("locked")

    def delete_password(self, service: str, username: str) -> None:
        raise OSError("locked")


def write(home: Paths, url: str, **more: Any) -> None:
    settings = {
        "providers": {"there": {"api": "openai", "base_url": url, "enabled": True}},
        "models": {"remote": {"provider": "there", "remote_id": "tiny"}},
        "roles": {"persona": {"model": "remote", "max_tokens": 12, "temperature": 0}},
    }
    for key, value in more.items():
        settings[key] = {**settings.get(key, {}), **value}
    home.registry.write_text(yaml.safe_dump(settings))


async def ask_model(engine: Engine, role: str = "persona", model: str = "remote", **more: Any) -> str:
    stream = engine.generate(role, model, user("hello"), request_id="r", **more)
    async with aclosing(stream) as chunks:
        return "".join([chunk.text async for chunk in chunks])


@pytest.fixture
def audit() -> Lines:
    return Lines()


async def test_a_real_server_answers_through_the_engine(llama: str, home: Paths, audit: Any) -> None:
    write(home, llama)
    engine = Engine(home, registry_file.load(home), audit)
    try:
        assert engine.model_for("persona") == "remote"
        assert await ask_model(engine)
        usage = engine.usage("r")
        assert usage is not None
        assert (usage.model, usage.finish, usage.host) == ("remote", "length", "")
        (state,) = [one for one in engine.models() if one.name == "remote"]
        assert state.problem == ""
        async with aclosing(engine.generate("persona", "remote", user("go on"), request_id="c")) as chunks:
            async for _ in chunks:
                break  # given up in the middle
        assert await ask_model(engine), "the worker goes on"
    finally:
        await engine.stop()
    assert {(line["provider"], line["kind"]) for line in audit.calls()} == {("there", "local")}


async def test_an_endpoint_that_is_down_leaves_the_answer_to_the_fallback(
    home: Paths, audit: Any, tmp_path: Path, unused_port: int
) -> None:
    file = tiny_gguf.write(tmp_path / "tiny.gguf")
    write(
        home,
        f"http://127.0.0.1:{unused_port}/v1",
        models={"near": {"file": str(file), "context_length": 512}},
        roles={"persona": {"model": "remote", "fallback": ["near"], "max_tokens": 4}},
    )
    engine = Engine(home, registry_file.load(home), audit)
    may_stand_in(engine, "near")
    told: list[str] = []
    try:
        assert await ask_model(engine, on_status=told.append)
        usage = engine.usage("r")
        assert usage is not None
        assert usage.model == "near"
        assert f"Nothing answers at 127.0.0.1:{unused_port}" in usage.fallback
    finally:
        await engine.stop()


async def test_a_key_that_is_not_there_is_said_and_nothing_is_sent(home: Paths, audit: Any) -> None:
    with serving(answers("hi", model="tiny")) as server:
        write(home, server.url)
        registry_file.save(home, ("providers", "there", "auth"), "keyring:trayassist/there")
        engine = Engine(home, registry_file.load(home), audit, secrets=Secrets(LockedKeyring))
        try:
            with pytest.raises(ModelUnavailable, match=r"key of the provider there is not there.*The keyring failed"):
                await ask_model(engine)
        finally:
            await engine.stop()
        assert server.connections == 0


async def test_a_running_app_keeps_a_key_for_the_session_and_a_new_one_is_used_at_once(home: Paths) -> None:
    """S4-24: the keyring is locked, the app says so and goes on."""
    with serving(answers("hi", model="tiny")) as server:
        write(home, server.url)
        one = Assistant(home, in_app=True)
        one.engine._secrets = one.secrets = Secrets(LockedKeyring)
        await one.start()
        try:
            for key in (KEY, "another-key-12"):
                (line,) = [
                    line async for line in verbs.run(one, "providers", {"action": "key", "name": "there", "key": key})
                ]
                assert (line["key"], line["provider"]) == ("session", "there")
                assert "The keyring failed" in line["problem"]
                assert await ask_model(one.engine) == "hi"
                assert server.requests[-1].headers["authorization"] == f"Bearer {key}"
        finally:
            await one.stop()


async def test_a_configuration_is_tried_with_the_mock(home: Paths) -> None:
    """S4-29: one role at a time, the same answer each time, nothing loaded."""
    home.registry.write_text(
        "models:\n  pretend: {provider: mock, responses: {default: Pretending.}}\nroles:\n  persona: {model: pretend}\n"
    )
    one = Assistant(home)
    await one.start()
    try:
        for _ in range(2):
            last = [event async for event in one.ask(Request(text="How are you?", role="persona"))][-1]
            assert isinstance(last, Finished)
            assert (last.answer, last.model, last.host) == ("Pretending.", "pretend", "")
    finally:
        await one.stop()
