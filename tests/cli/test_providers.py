"""`trayassist providers`: the real program, a server beside it, a keyring of the test's own (S4-23, S4-24, F-13)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import objects, trayassist
from tests.workers.endpoint.servers import answers, reply, serving
from trayassist.paths import Paths

KEY = "just-some-words-4711"


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "keyring.json"
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.workers.endpoint.keyrings.InAFile")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    monkeypatch.setenv("TEST_KEYRING", str(file))
    return file


def test_the_list_says_what_is_on(keyring: Path) -> None:
    listed = {line["name"]: line for line in objects(trayassist("providers", "--json"))}
    assert {name for name, line in listed.items() if line["enabled"]} == {"llama_cpp", "mock"}
    assert (listed["openai"]["kind"], listed["openai"]["leaves"], listed["openai"]["key"]) == (
        "premium",
        True,
        "nowhere",
    )
    assert (listed["ollama"]["leaves"], listed["ollama"]["key"]) == (False, None)
    assert "https://api.openai.com/v1 · costs money · no key stored" in trayassist("providers", "list").stdout


def test_an_endpoint_of_this_machine_is_added_switched_on_tested_and_off(keyring: Path, home: Paths) -> None:
    home.registry.write_text("# my notes\nmode: dual\n")
    with serving(answers("hi", model="small")) as server:
        assert trayassist("providers", "add", "mine", server.url).returncode == 0
        off = trayassist("providers", "test", "mine", "--json")
        assert (off.returncode, objects(off)[0]["ok"]) == (1, False)
        assert server.connections == 0, "nothing is sent while it is off"
        assert objects(trayassist("providers", "enable", "mine", "--json"))[0]["enabled"] is True
        tested = objects(trayassist("providers", "test", "mine", "--json"))[0]
        assert (tested["ok"], tested["models"]) == (True, 1)
        assert objects(trayassist("providers", "models", "mine", "--json")) == [
            {"model": "small", "described_as": None}
        ]
        assert trayassist("providers", "disable", "mine").returncode == 0
        assert trayassist("providers", "models", "mine").returncode == 1
        assert {got.method for got in server.requests} == {"GET"}
    assert home.registry.read_text().startswith("# my notes\nmode: dual\n"), "the file is edited, not rewritten"
    assert "is removed." in trayassist("providers", "remove", "mine").stdout


def test_another_machine_is_confirmed_by_name(keyring: Path, home: Paths) -> None:
    asked = trayassist("providers", "enable", "openai")
    assert asked.returncode == 1
    assert "are sent to api.openai.com" in asked.stderr
    assert "It may cost money" in asked.stderr
    assert not home.registry.exists()
    assert trayassist("providers", "enable", "openai", "--yes").returncode == 0
    assert "enabled: true" in home.registry.read_text()


def test_a_key_is_read_from_standard_input_and_stands_nowhere_else(keyring: Path, home: Paths, tmp_path: Path) -> None:
    done = trayassist("providers", "key", "openai", given=f"{KEY}\n")
    assert (done.returncode, done.stdout) == (0, "The key of openai is in the keyring.\n")
    assert json.loads(keyring.read_text()) == {"trayassist/openai": KEY}
    listed = {line["name"]: line for line in objects(trayassist("providers", "--json"))}
    assert listed["openai"]["key"] == "keyring"
    others = [file for file in tmp_path.rglob("*") if file.is_file() and file != keyring]
    assert others
    assert not [file for file in others if KEY.encode() in file.read_bytes()]
    assert trayassist("providers", "key", "openai", KEY).returncode == 2, "a key is no argument"
    assert "is removed" in trayassist("providers", "key", "openai", "--forget").stdout
    assert json.loads(keyring.read_text()) == {}


def test_the_key_reaches_the_endpoint_only_as_the_header_it_is_for(keyring: Path, home: Paths) -> None:
    with serving(answers("hi", model="small")) as server:
        trayassist("providers", "add", "mine", server.url)
        trayassist("providers", "key", "mine", given=KEY)
        assert "auth: 'keyring:trayassist/mine'" in home.registry.read_text()
        trayassist("providers", "enable", "mine")
        assert trayassist("providers", "test", "mine").stdout.startswith("mine answers in ")
        assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        assert bytes(server.received).count(KEY.encode()) == len(server.requests)
    with serving(lambda got: reply("401 Unauthorized", {"error": {"message": f"bad key {KEY}"}})) as server:
        trayassist("providers", "remove", "mine")
        assert json.loads(keyring.read_text()) == {}, "nor is its key left"
        trayassist("providers", "add", "mine", server.url)
        trayassist("providers", "key", "mine", given=KEY)
        trayassist("providers", "enable", "mine")
        refused = trayassist("providers", "test", "mine")
        assert refused.returncode == 1
        assert "does not accept the key (401: bad key [key])" in refused.stderr


def test_without_a_keyring_a_single_command_stores_nothing(home: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    done = trayassist("providers", "key", "openai", given=KEY)
    assert done.returncode == 4
    assert "The key is not stored. This system has no keyring" in done.stderr
    assert "start trayassist, which keeps a key in memory" in done.stderr


def test_what_does_not_exist_is_named(keyring: Path) -> None:
    done = trayassist("providers", "enable", "olama")
    assert done.returncode == 1
    assert "Did you mean “ollama”?" in done.stderr
    assert "already" in trayassist("providers", "add", "ollama", "http://127.0.0.1:1/v1").stderr
    wrong = trayassist("providers", "add", "mine", "ftp://somewhere")
    assert "http://" in wrong.stderr
    secret = trayassist("providers", "add", "mine", f"https://me:{KEY}@somewhere/v1")
    assert secret.returncode == 2
    assert KEY not in secret.stderr
