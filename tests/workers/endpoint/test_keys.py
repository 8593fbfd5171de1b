"""A provider's key as the keyring has it now: a new, removed or broken one holds at the next request (S4-24)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.models.running import Lines
from tests.models.serving.test_providers import ask_model, write
from tests.workers.endpoint.asking import KEY, endpoint, items
from tests.workers.endpoint.servers import answers, serving
from trayassist.api import ModelUnavailable
from trayassist.assistant import Assistant
from trayassist.cli import verbs
from trayassist.models.registry import file as registry_file
from trayassist.models.serving.engine import Engine
from trayassist.paths import Paths
from trayassist.safety.secrets import Secrets

PLACE = ("trayassist", "there")


class SharedKeyring:
    """A keyring that other programs write to, too."""

    def __init__(self, key: str) -> None:
        self.kept = {PLACE: key}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def keyring() -> SharedKeyring:
    return SharedKeyring(KEY)


async def start_engine(home: Paths, url: str, keyring: SharedKeyring) -> AsyncIterator[Engine]:
    write(home, url)
    registry_file.save(home, ("providers", "there", "auth"), "keyring:trayassist/there")
    engine = Engine(home, registry_file.load(home), Lines(), secrets=Secrets(lambda: keyring))  # type: ignore[arg-type]
    try:
        yield engine
    finally:
        await engine.stop()


async def test_a_key_changed_elsewhere_holds_at_the_next_request(home: Paths, keyring: SharedKeyring) -> None:
    with serving(answers("hi", model="tiny")) as server:
        async for engine in start_engine(home, server.url, keyring):
            await ask_model(engine)
            (pid,) = [one.pid for one in engine._residency.residents()]
            keyring.kept[PLACE] = "quite-another-one"
            await ask_model(engine)
            assert server.requests[-1].headers["authorization"] == "Bearer quite-another-one"
            assert [one.pid for one in engine._residency.residents()] == [pid], "and nothing is loaded anew"


async def test_without_its_key_the_next_request_is_not_sent(home: Paths, keyring: SharedKeyring) -> None:
    with serving(answers("hi", model="tiny")) as server:
        async for engine in start_engine(home, server.url, keyring):
            await ask_model(engine)
            del keyring.kept[PLACE]
            before = server.connections
            with pytest.raises(ModelUnavailable, match="key of the provider there is not there"):
                await ask_model(engine)
            async with engine.worker_for("remote") as worker:
                with pytest.raises(ModelUnavailable, match="key of the provider there is not there"):
                    await worker.call("embed", texts=["a"])
            assert server.connections == before


async def test_a_model_that_failed_for_its_key_is_asked_once_it_is_stored(home: Paths, keyring: SharedKeyring) -> None:
    with serving(answers("hi", model="tiny")) as server:
        write(home, server.url)
        registry_file.save(home, ("providers", "there", "auth"), "keyring:trayassist/there")
        del keyring.kept[PLACE]
        one = Assistant(home)
        one.engine._secrets = one.secrets = Secrets(lambda: keyring)
        await one.start()
        try:
            for _ in range(3):
                with pytest.raises(ModelUnavailable, match="key of the provider there is not there"):
                    await ask_model(one.engine)
            with pytest.raises(ModelUnavailable, match="rests"):
                await ask_model(one.engine)
            arguments = {"action": "key", "name": "there", "key": KEY}
            assert [line["key"] async for line in verbs.run(one, "providers", arguments)] == ["keyring"]
            assert await ask_model(one.engine) == "hi"
        finally:
            await one.stop()


async def test_a_provider_that_needs_no_key_any_more_sends_none(home: Paths, keyring: SharedKeyring) -> None:
    with serving(answers("hi", model="tiny")) as server:
        async for engine in start_engine(home, server.url, keyring):
            await ask_model(engine)
            registry_file.save(home, ("providers", "there", "auth"), "")
            engine.reload(registry_file.load(home))
            await ask_model(engine)
            assert "authorization" not in server.requests[-1].headers


@pytest.mark.parametrize("wrong", ["two words", "café-sk-1234567", "line\nend-1234567"])
async def test_what_is_no_key_is_said_without_repeating_it(home: Paths, keyring: SharedKeyring, wrong: str) -> None:
    with serving(answers("hi", model="tiny")) as server:
        keyring.kept[PLACE] = wrong
        async for engine in start_engine(home, server.url, keyring):
            with pytest.raises(ModelUnavailable, match="holds for the provider there is no key") as error:
                await ask_model(engine)
            assert wrong not in str(error.value)
        assert server.connections == 0
        one = Assistant(home)
        one.secrets = Secrets(lambda: keyring)
        try:
            arguments = {"action": "key", "name": "there", "key": wrong}
            (line,) = [line async for line in verbs.run(one, "providers", arguments)]
            assert line["error"].startswith("This is no key")
            assert wrong not in str(line)
        finally:
            await one.stop()


async def test_the_worker_forgets_a_key_when_the_request_without_one_comes() -> None:
    given = [KEY, ""]
    with serving(answers("hi")) as server:
        async with endpoint(server.url) as worker:

            async def next_key() -> str:
                return given.pop(0)

            worker._key = next_key  # type: ignore[attr-defined]
            await items(worker, "one")
            await items(worker, "two")
        first, second = (got.headers for got in server.requests)
        assert first["authorization"] == f"Bearer {KEY}"
        assert "authorization" not in second
