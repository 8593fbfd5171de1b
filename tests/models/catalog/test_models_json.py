"""S4-05, S4-06: a models.json is taken over, and what is left is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trayassist.api import ConfigError
from trayassist.config import snapshots
from trayassist.models.catalog import models_json
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.resolve import resolve
from trayassist.paths import Paths

ROLES = ("persona", "coder", "curator")
GIVEN: dict[str, Any] = {
    "registry": {
        "qwen3-coder:30b": {
            "provider": "ollama",
            "roles": ["persona", "coder", "narrator"],
            "cognitiveModeMappings": {
                "dual": {"priority": 1, "temperature": 0.7},
                "agent": {"priority": 2, "temperature": 0.5},
                "emulation": {"priority": 1, "temperature": 0.3},
            },
        },
        "llama3.2:3b": {"provider": "ollama", "roles": ["orchestrator", "fallback"]},
        "mistral:7b": {
            "provider": "ollama",
            "roles": ["curator", "persona"],
            "cognitiveModeMappings": {"agent": {"priority": 1}, "emulation": {"priority": 5}, "dream": {"priority": 1}},
        },
        "gpt-4": {"provider": "openai", "roles": ["persona"], "cognitiveModeMappings": {"dual": {"priority": 0}}},
        "odd": {"provider": "llamafile", "roles": ["coder"]},
        "echo": {"provider": "mock", "roles": []},
    },
    "fallbackModel": "llama3.2:3b",
    "roles": {
        "persona": {"defaultModel": "qwen3-coder:30b", "provider": "ollama", "temperature": 0.7, "maxTokens": 2048},
        "coder": {"defaultModel": "qwen3-coder:30b", "temperature": 0.2, "maxTokens": 4096, "topP": 1},
    },
    "providers": {"ollama": {"provider": "ollama", "baseUrl": "http://127.0.0.1:9"}, "openai": {"apiKey": "sk-1"}},
    "hierarchy": [],
}


@pytest.fixture
def models_file(tmp_path: Path) -> Path:
    file = tmp_path / "models.json"
    file.write_text(json.dumps(GIVEN))
    return file


def test_models_roles_and_modes_are_taken_over(home: Paths, models_file: Path) -> None:
    models_json.take_over(home, models_file, ROLES)
    registry = registry_file.load(home)
    assert registry.models["qwen3-coder:30b"].remote_id == "qwen3-coder:30b"
    assert registry.models["echo"].provider == "mock"
    assert registry.providers["ollama"].base_url == "http://127.0.0.1:9/v1"
    assert not registry.providers["ollama"].enabled  # S1-25: only the user switches one on
    coder, persona = registry.role("coder"), registry.role("persona")
    assert (coder.model, coder.temperature, coder.max_tokens) == ("qwen3-coder:30b", 0.2, 4096)
    assert (persona.fallback, registry.role("curator").model) == (("llama3.2:3b",), "mistral:7b")


def test_the_lowest_priority_number_answers_in_each_mode(home: Paths, models_file: Path) -> None:
    models_json.take_over(home, models_file, ROLES)
    registry = registry_file.load(home)
    agent = resolve(registry, "persona", mode="agent")
    assert (agent.model, agent.fallbacks) == ("mistral:7b", ("qwen3-coder:30b", "llama3.2:3b"))
    emulation = resolve(registry, "persona", mode="emulation")
    assert (emulation.model, emulation.settings.temperature) == ("qwen3-coder:30b", 0.3)
    dual = resolve(registry, "persona", mode="dual")
    assert (dual.model, dual.settings.temperature) == ("qwen3-coder:30b", 0.7)


def test_what_is_left_is_said_with_the_reason(home: Paths, models_file: Path) -> None:
    left = dict(models_json.take_over(home, models_file, ROLES).left)
    assert left == {
        "hierarchy": "it has no meaning here",
        "providers.openai.apiKey": "keys go into the keyring: trayassist providers key openai",
        "registry.odd": "its provider 'llamafile' is not known here",
        "roles.coder.topP": "it has no meaning here",
        "roles.narrator": "no plugin has this role",
        "roles.orchestrator": "no plugin has this role",
        "registry.gpt-4.cognitiveModeMappings.dual": "a premium model is never used without your word; "
        "see policy.premium_allowlist",
        "registry.mistral:7b.cognitiveModeMappings.dream": "there is no such mode here",
        "curator in mode emulation": "the role is off in this mode",
    }
    assert "sk-1" not in home.registry.read_text()


def test_a_premium_default_or_fallback_is_left(home: Paths, tmp_path: Path) -> None:
    """S2-04."""
    file = tmp_path / "models.json"
    file.write_text(
        json.dumps({"registry": {"gpt-4": {"provider": "openai", "roles": ["persona"]}}, "fallbackModel": "gpt-4"})
    )
    done = models_json.take_over(home, file, ROLES)
    assert list(done.taken) == [("models", "gpt-4")]
    assert [what for what, _ in done.left] == ["roles.persona.defaultModel gpt-4"]
    file.write_text(
        json.dumps(
            {
                "registry": {"gpt-4": {"provider": "openai"}, "a": {"provider": "ollama", "roles": ["coder"]}},
                "fallbackModel": "gpt-4",
            }
        )
    )
    assert ("fallbackModel", "a premium model is never a fallback; see policy.premium_allowlist") in (
        models_json.take_over(home, file, ROLES).left
    )


def test_what_the_user_wrote_stays_and_a_snapshot_is_made(home: Paths, models_file: Path) -> None:
    mine = "# mine\nmodels:\n  mistral:7b: {file: m.gguf}   # by hand\n"
    home.registry.write_text(mine)
    done = models_json.take_over(home, models_file, ROLES)
    assert ("registry.mistral:7b", "a model of this name is described already, and stays") in done.left
    assert home.registry.read_text().startswith(mine)
    assert snapshots.load_all(home)[0].files["registry.yaml"] == mine.encode()
    assert snapshots.load_all(home)[0].why == "before models.json was taken over"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "has no “registry” of models"),
        ('{"registry": {"a": 1}}', "has no “registry”"),
    ],
)
def test_other_files_are_refused(home: Paths, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ConfigError, match=said):
        models_json.take_over(home, tmp_path / "x.json", ROLES)
    with pytest.raises(ConfigError, match="cannot be read"):
        models_json.take_over(home, tmp_path / "gone.json", ROLES)
    assert not home.registry.exists()


def modes(**wanted: Any) -> dict[str, Any]:
    return {"registry": {"a": {"provider": "ollama", "roles": ["coder"], "cognitiveModeMappings": {"dual": wanted}}}}


@pytest.mark.parametrize(
    ("models_file", "left", "why"),
    [
        ({"registry": {"b": None}}, "registry.b", "it is no description of a model"),
        ({"registry": {"": {"provider": "ollama"}}}, "registry.", "no model can be called so"),
        ({"registry": {"b\n#": {"provider": "ollama"}}}, "registry.b\n#", "no model can be called so"),
        ({"registry": {"b": {"provider": "ollama", "roles": "persona"}}}, "registry.b.roles", "it is no list of roles"),
        ({"registry": {"b": {"provider": ["x"]}}}, "registry.b", "its provider ['x'] is not known here"),
        (modes(temperature=9), "registry.a.cognitiveModeMappings.dual.temperature", "9 is no number from 0 to 2"),
        (modes(priority="1"), "registry.a.cognitiveModeMappings.dual.priority", "'1' is no whole number of 0 or more"),
        (
            modes(priority=True),
            "registry.a.cognitiveModeMappings.dual.priority",
            "True is no whole number of 0 or more",
        ),
        (
            {"roles": {"coder": {"temperature": float("nan")}}},
            "roles.coder.temperature",
            "nan is no number from 0 to 2",
        ),
        ({"roles": {"coder": {"maxTokens": -4}}}, "roles.coder.maxTokens", "-4 is no whole number of 1 or more"),
        ({"roles": {"coder": 5}}, "roles.coder", "it holds no keys and values"),
        ({"roles": ["coder"]}, "roles", "it holds no keys and values"),
        ({"fallbackModel": {"x": 1}}, "fallbackModel", "Model '{'x': 1}' not found in registry"),
        ({"providers": {"ollama": "http://x"}}, "providers.ollama", "it holds no keys and values"),
        ({"providers": {"ollama": {"baseUrl": "localhost:1"}}}, "providers.ollama.baseUrl", "Give an address"),
        (
            {"providers": {"ollama": {"baseUrl": "http://u:p@h"}}},
            "providers.ollama.baseUrl",
            "An address holds no name",
        ),
    ],
)
def test_what_has_an_odd_shape_is_left_and_all_else_is_taken(
    home: Paths, tmp_path: Path, models_file: dict[str, Any], left: str, why: str
) -> None:
    """S4-05: one odd value does not cost the others."""
    models = {"a": {"provider": "ollama", "roles": ["coder"]}, **models_file.get("registry", {})}
    (tmp_path / "x.json").write_text("\ufeff" + json.dumps({**models_file, "registry": models}))
    done = models_json.take_over(home, tmp_path / "x.json", ROLES)
    assert any(what == left and said.startswith(why) for what, said in done.left), done.left
    assert done.taken["roles", "coder", "model"] == "a"
    assert registry_file.load(home).role("coder").model == "a"
