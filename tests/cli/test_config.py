"""`trayassist config` and `inventory` as a person uses them (S4-29, S4-05, S1-19), also when no app can start."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import tiny_gguf
from tests.cli.test_commands import objects, trayassist
from trayassist.assistant import Assistant
from trayassist.cli import verbs
from trayassist.paths import Paths


def test_check_says_everything_and_ends_with_the_verdict(home: Paths) -> None:
    fine = trayassist("config", "check")
    assert (fine.returncode, fine.stdout) == (0, "0 errors, 0 warnings, 0 notes.\n")
    home.registry.write_text("models: {a: {file: a.gguf}}\nroles:\n  persona: {model: b}\n  cooder: {model: a}\n")
    wrong = trayassist("config", "check")
    assert wrong.returncode == 1
    assert f"error: {home.registry}, line 3: Model 'b' not found in registry (“roles.persona.model”)." in wrong.stdout
    assert "line 4: No plugin has a role “cooder” (“roles.cooder”). Did you mean “coder”?" in wrong.stdout
    assert wrong.stdout.endswith("2 errors, 0 warnings, 0 notes.\n")
    *found, summary = objects(trayassist("config", "check", "--json"))
    assert [(one["level"], one["line"], one["key"]) for one in found] == [
        ("error", 3, "roles.persona.model"),
        ("error", 4, "roles.cooder"),
    ]
    assert summary == {"summary": True, "errors": 2, "warnings": 0, "notes": 0}


def test_show_says_where_each_setting_comes_from(home: Paths) -> None:
    home.registry.write_text("models: {a: {file: a.gguf}}\nroles:\n  persona:\n    model: a\n")
    (shown,) = objects(trayassist("config", "show", "--json"))
    assert shown["sources"]["registry"]["roles.persona.model"] == {"value": "a", "line": 4}
    assert shown["sources"]["registry"]["roles.persona.max_tokens"] == {"value": 2048, "line": 0}
    roles = {role["role"]: role for role in shown["roles"]}
    assert (roles["persona"]["model"], roles["persona"]["temperature"]) == ("a", 0.5)  # the mode's
    assert roles["coder"]["why"] == "No model found for role 'coder'."
    plain = trayassist("config").stdout
    assert plain == trayassist("config", "show").stdout
    assert any(line.split() == ["roles.persona.model:", "a", "#", "line", "4"] for line in plain.splitlines())
    assert "persona: a: it is the model of the role persona" in plain


def test_what_plugins_settings_hold_is_shown_whatever_it_is(home: Paths) -> None:
    values = (
        "{since: 2024-01-01, key: !!binary gIGC, all: !!set {a}, most: .inf, days: {2024-01-02: [1, {b: 2024-01-03}]}}"
    )
    home.app_config.write_text(f"plugins:\n  settings:\n    calendar: {values}\n")
    done = trayassist("config", "--json")
    (shown,) = objects(done)
    given = shown["settings"]["plugins"]["settings"]["calendar"]
    assert given["since"] == "2024-01-01"
    assert given["key"] == "gIGC"
    assert given["all"] == ["a"]
    assert given["most"] == "inf"
    assert given["days"] == {"2024-01-02": [1, {"b": "2024-01-03"}]}
    assert shown["sources"]["app"]["plugins.settings.calendar.since"] == {"value": "2024-01-01", "line": 3}
    assert "plugins.settings.calendar.key: gIGC" in trayassist("config").stdout


def test_snapshots_are_made_listed_and_put_back(home: Paths) -> None:
    home.registry.write_text("mode: dual\n")
    (made,) = objects(trayassist("config", "snapshot", "--json"))
    assert (made["number"], made["files"]) == (1, ["registry.yaml"])
    home.registry.write_text("roles: [")  # no app starts with this
    assert trayassist("status").returncode == 3
    assert trayassist("config").returncode == 3
    done = trayassist("config", "restore")
    assert done.returncode == 0
    assert done.stdout.startswith("put back: 1 ")
    assert home.registry.read_text() == "mode: dual\n"
    assert [one["number"] for one in objects(trayassist("config", "snapshot", "--list", "--json"))] == [2, 1]
    assert trayassist("config", "restore", "2").returncode == 0
    assert home.registry.read_text() == "roles: ["
    gone = trayassist("config", "restore", "9")
    assert (gone.returncode, gone.stderr) == (1, "There is no snapshot 9. Known: 3, 2, 1.\n")
    assert trayassist("config", "restore", "soon").returncode == 2


@pytest.mark.parametrize("now", ["mode: dual\n", "providers: {far: {api: openai, base_url: 'http://127.0.0.1/v1'}}\n"])
def test_a_snapshot_switches_no_provider_on_that_asks_another_machine(home: Paths, now: str) -> None:
    """S1-25: what leaves this machine is confirmed each time it is switched on."""
    far = "providers:\n  far: {api: openai, base_url: 'https://far.example/v1', enabled: true}\n"
    home.registry.write_text(far)
    trayassist("config", "snapshot")
    assert "stays off" not in trayassist("config", "restore", "1").stdout, "it is on already"
    assert "enabled: true" in home.registry.read_text()
    home.registry.write_text(now)
    done = trayassist("config", "restore", "1")
    assert "far sends what it is asked to far.example, so it stays off" in done.stdout
    assert "enabled: false" in home.registry.read_text()
    audited = [json.loads(line) for file in home.audit.glob("*") for line in file.read_text().splitlines()]
    assert not [line for line in audited if "providers.far" in line.get("after", {})]


def test_a_models_json_is_taken_over(home: Paths, tmp_path: Path) -> None:
    file = tmp_path / "models.json"
    file.write_text(json.dumps({"registry": {"a:3b": {"provider": "ollama", "roles": ["persona", "planner"]}}}))
    *lines, summary = objects(trayassist("import", str(file), "--json"))
    assert {"left": "roles.planner", "why": "no plugin has this role"} in lines
    assert summary == {"summary": True, "taken": 2, "left": 1}
    assert home.registry.read_text().endswith("roles:\n  persona:\n    model: a:3b\n")
    assert trayassist("import", str(tmp_path / "gone.json")).returncode == 3


def test_the_inventory(home: Paths) -> None:
    """S1-19."""
    tiny_gguf.write(home.models / "t.gguf", half=True)
    home.registry.write_text("models: {t: {file: t.gguf, license: mit}}\nroles: {persona: {model: t}}\n")
    one, *_ = objects(trayassist("inventory", "--json"))
    assert (one["name"], one["quant"], one["roles"]) == ("t", "F16", ["persona"])
    assert trayassist("inventory").stdout == "t: persona; instruct, F16, mit; t.gguf (llama_cpp)\n"
    assert "| t | persona | – | instruct | F16 |" in trayassist("inventory", "--md").stdout


async def run(assistant: Assistant, verb: str) -> list[dict[str, object]]:
    return [line async for line in verbs.run(assistant, verb, {})]


async def test_the_app_starts_with_an_unknown_role_and_says_so(home: Paths) -> None:
    """C-08: visible, and no crash."""
    home.registry.write_text("models: {a: {file: a.gguf}}\nroles: {persona: {model: a}, persna: {model: a}}\n")
    assistant = Assistant(home)
    try:
        await assistant.start()
        (warning,) = assistant.registry_warnings
        assert warning.endswith("line 2: No plugin has a role “persna” (“roles.persna”). Did you mean “persona”?")
        (status,) = await run(assistant, "status")
        assert status["warnings"] == [warning]
        home.registry.write_text("models: {a: {file: a.gguf}}\nroles: {persona: {model: a}}\nmode: dual\n")
        await run(assistant, "reload")
        assert (assistant.registry.mode, assistant.registry_warnings) == ("dual", ())
    finally:
        await assistant.stop()
    lines = [json.loads(line) for file in home.audit.iterdir() for line in file.read_text().splitlines()]
    changes = [line for line in lines if line["event"] == "models_changed"]
    assert [line["after"].get("mode") for line in changes] == ["agent", "dual"]


async def test_a_wrong_file_is_not_taken_over(home: Paths) -> None:
    assistant = Assistant(home)
    try:
        await assistant.start()
        home.registry.write_text("roles: {persona: {model: nobody}}\n")
        (line,) = await run(assistant, "reload")
        assert "Model 'nobody' not found in registry" in str(line["error"])
        assert assistant.registry.role("persona").model is None
    finally:
        await assistant.stop()


@pytest.mark.parametrize("verb", ["config check", "config show", "config snapshot", "config restore", "import"])
def test_each_has_help(verb: str) -> None:
    assert "--json" in trayassist(*verb.split(), "--help").stdout


def test_the_import_is_found_in_the_help(home: Paths) -> None:
    """S4-05."""
    assert re.search(r"^ +import +Take over the models", trayassist("--help").stdout, re.MULTILINE)
