"""`config check`: the registry against the files, and everything at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gguf as files
import numpy as np
import pytest

from tests import tiny_gguf
from trayassist.models.checks.check import KnownNames, SettingsProblem, check
from trayassist.models.serving import tuning
from trayassist.paths import Paths

KNOWN = KnownNames(("persona", "coder", "curator"), ())


def write_model(path: Path, architecture: str, **keys: Any) -> Path:
    """Write a small model file that says this of itself (dots as two underscores)."""
    writer = files.GGUFWriter(path, architecture)
    writer.add_chat_template("x")
    for key, value in keys.items():
        writer.add_uint32(f"{architecture}.{key.replace('__', '.')}", value)
    tiny_gguf._add_vocabulary(writer, 300)
    writer.add_tensor("a.weight", np.zeros((32, 32), np.float32))
    tiny_gguf._finish(writer)
    return path


def find_problems(home: Paths, text: str, level: str, known: KnownNames = KNOWN) -> list[SettingsProblem]:
    home.registry.write_text(text)
    return [one for one in check(home, known) if one.level == level]


def test_nothing_is_wrong_with_the_shipped_settings(home: Paths) -> None:
    assert check(home, KNOWN) == []


def test_every_problem_is_told_with_its_line(home: Paths) -> None:
    """S4-29."""
    home.app_config.write_text("look: {theme: pink}\n")
    text = "roles:\n  persona: {model: a}\n  coder:\n    model: b\n  codder: {}\n"
    wrong = find_problems(home, text, "error")
    assert [(Path(one.file).name, one.line, one.key) for one in wrong] == [
        ("app.yaml", 1, "look.theme"),
        ("registry.yaml", 2, "roles.persona.model"),
        ("registry.yaml", 4, "roles.coder.model"),
        ("registry.yaml", 5, "roles.codder"),
    ]
    assert wrong[-1].todo == "Did you mean “coder”?"
    assert [one.level for one in check(home, KnownNames((), (), some_off=True))].count("warning") == 1


def test_each_value_of_a_wrong_form_is_told(home: Paths) -> None:
    """F-07, S4-29: not only the first."""
    text = "roles:\n  persona: {temprature: 1, lane: x}\n  coder:\n    max_tokens: many\nlanes: {heavy: true}\n"
    assert [(one.line, one.key, one.todo) for one in find_problems(home, text, "error")] == [
        (2, "roles.persona.temprature", "Did you mean “temperature”?"),
        (2, "roles.persona.lane", "Give one of: heavy, light, io."),
        (4, "roles.coder.max_tokens", "Give a whole number."),
        (5, "lanes.heavy", "Give a number."),
    ]


@pytest.mark.parametrize("name", ["x" * 300 + ".gguf", '"a\\0b.gguf"', "/tmp", "~", "../../etc/passwd"])
def test_odd_names_of_files_are_said_and_never_a_traceback(home: Paths, name: str) -> None:
    home.registry.write_text(f"models: {{a: {{file: {name}}}}}\nroles: {{persona: {{model: a}}}}\n")
    assert [one for one in check(home, KNOWN) if one.key == "models.a.file"]


@pytest.mark.parametrize(
    "text",
    [
        "runtime_defaults: {context_length: 9999999999999999}",
        "runtime_defaults: {max_tokens: 1000000000000}",
        "runtime_defaults: {n_batch: 1000000}",
        "runtime_defaults: {n_threads: 1000000}",
        "runtime_defaults: {n_gpu_layers: 99999999999}",
        "runtime_defaults: {timeout_s: 1.0e+300}",
        "residency: {idle_unload_s: 1.0e+10}",
        "residency: {budget_gb: 1.0e+308}",
        "residency: {headroom_gb: 1.0e+308}",
        "models: {m: {file: m.gguf, params_b: 1.0e+308}}",
        "roles: {persona: {seed: -1}}",
        "roles: {persona: {seed: 99999999999999}}",
    ],
)
def test_numbers_that_no_machine_has_are_refused(home: Paths, text: str) -> None:
    """They would overflow in a timer, an estimate or llama.cpp itself."""
    (one,) = find_problems(home, text + "\n", "error")
    assert one.todo.startswith("Give ")
    assert "e+" not in one.todo


@pytest.mark.parametrize("key", ["q", "shift+q", "space", "ctrl+ctrl+q", "ctrl+spcae", "''"])
def test_a_hotkey_that_would_be_swallowed_or_is_none_is_an_error(home: Paths, key: str) -> None:
    home.app_config.write_text(f"look: {{theme: dark}}\nhotkey:\n  ask: {key}\n")
    (one,) = find_problems(home, "", "error")
    assert (one.key, one.line) == ("hotkey.ask", 3)
    home.app_config.write_text("hotkey: {ask: f9}\n")
    assert find_problems(home, "", "error") == []


def test_a_file_that_cannot_be_parsed_is_one_error(home: Paths) -> None:
    (one,) = find_problems(home, "roles: [", "error")
    assert "line 1 is not valid YAML" in one.what


def test_a_missing_file_is_a_warning_and_a_foreign_one_an_error(home: Paths) -> None:
    """F-27."""
    (home.models / "foreign.gguf").write_bytes(b"PK" * 50)
    text = "models:\n  a: {file: gone.gguf}\n  b: {file: foreign.gguf}\n"
    assert "gone.gguf is missing. (“models.a.file”)." in find_problems(home, text, "warning")[0].what
    (one,) = find_problems(home, text, "error")
    assert (one.line, "not a GGUF file" in one.what) == (3, True)


@pytest.mark.parametrize("architecture", ["mamba", "qwen3next", "falcon-h1", "dream"])
@pytest.mark.parametrize("part", ["draft: {model: d}", "prompt_lookup: {enabled: true}", "prompt_lookup: true"])
def test_no_speculation_where_no_token_can_be_taken_back(home: Paths, architecture: str, part: str) -> None:
    """S0-09: the error names role, model and architecture."""
    write_model(home.models / "m.gguf", architecture)
    tiny_gguf.write(home.models / "d.gguf")
    models = "models: {m: {file: m.gguf}, d: {file: d.gguf}}\n"
    text = f"{models}roles:\n  coder: {{model: m, acceleration: {{{part}}}}}\n"
    (one,) = find_problems(home, text, "error")
    assert one.line == 3
    assert one.what.startswith("The role 'coder' cannot speculate with model 'm': its architecture " + architecture)


def test_an_unknown_architecture_is_refused_by_the_keys_of_its_state(home: Paths) -> None:
    """C-05."""
    write_model(home.models / "m.gguf", "later", ssm__state_size=16)
    text = "models: {m: {file: m.gguf}}\nroles: {coder: {model: m, acceleration: {prompt_lookup: {enabled: true}}}}\n"
    assert "architecture later keeps a running state" in find_problems(home, text, "error")[0].what
    assert find_problems(home, text.replace("enabled: true", "enabled: false"), "error") == []


@pytest.mark.parametrize(
    ("keys", "experts", "said"),
    [
        ({}, 2, "Model 'm' is no mixture of experts: its file has no llama.expert_count"),
        (
            {"expert_count": 8},
            9,
            "“roles.coder.acceleration.moe.experts” is 9, and model 'm' has 8 (llama.expert_count)",
        ),
        ({"expert_count": 8}, 8, ""),
    ],
)
def test_experts_are_compared_with_the_file(home: Paths, keys: dict[str, int], experts: int, said: str) -> None:
    """S0-10."""
    write_model(home.models / "m.gguf", "llama", **keys)
    coder = f"{{model: m, acceleration: {{moe: {{experts: {experts}}}}}}}"
    wrong = find_problems(home, f"models: {{m: {{file: m.gguf}}}}\nroles: {{coder: {coder}}}\n", "error")
    assert [said in one.what for one in wrong] == ([True] if said else [])


def test_a_draft_of_another_vocabulary_is_warned_of(home: Paths) -> None:
    """S0-11: the role runs, without its draft."""
    tiny_gguf.write(home.models / "big.gguf", vocabulary=512)
    tiny_gguf.write(home.models / "small.gguf", vocabulary=300)
    text = (
        "models: {big: {file: big.gguf, license: mit}, small: {file: small.gguf, license: mit, kind: draft}}\n"
        "roles:\n  coder: {model: big, acceleration: {draft: {model: small}}}\n"
    )
    assert find_problems(home, text, "error") == []
    first = find_problems(home, text, "warning")[0]
    assert (first.line, "speculation off: the vocabularies have 512 and 300 tokens" in first.what) == (3, True)


def test_what_the_file_knows_better_is_said(home: Paths) -> None:
    """S1-18: a base model in a role that chats."""
    tiny_gguf.write(home.models / "base.gguf", template="", context=1024)
    text = (
        "models:\n  m: {file: base.gguf, quant: Q4_K_M, context_length: 4096, license: mit}\n"
        "roles:\n  persona: {model: m}\n"
    )
    said = [one.what for one in find_problems(home, text, "warning")]
    assert said[0] == "“models.m.quant” is Q4_K_M, and its file is F32."
    assert said[1] == "“models.m.context_length” is 4096, and the model was made for 1024."
    assert said[2].startswith("Model 'm' has no chat template: a base model in the role 'persona'")


def test_a_number_over_what_was_measured_here_is_said(home: Paths) -> None:
    """F-06: what tune-draft kept for these two files."""
    target = tiny_gguf.write(home.models / "t.gguf", width=256, layers=6)
    draft = tiny_gguf.write(home.models / "d.gguf")
    kept = {tuning._key(target, draft): {"k": 8}}
    (home.data / "speculation.json").write_text(json.dumps(kept))
    models = "models: {t: {file: t.gguf, license: mit}, d: {file: d.gguf, license: mit, kind: draft}}\n"
    text = f"{models}roles:\n  coder: {{model: t, acceleration: {{draft: {{model: d, k: 24}}}}}}\n"
    said = [(one.line, one.what) for one in find_problems(home, text, "warning") if "measured" in one.what]
    assert said == [(3, "“roles.coder.acceleration.draft.k” is 24, and for this pair 8 was measured best.")]
    assert not [one for one in find_problems(home, text.replace("24", "8"), "warning") if "measured" in one.what]
