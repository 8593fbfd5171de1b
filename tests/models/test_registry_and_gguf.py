"""registry.yaml and GGUF headers: what is wrong is said before anything is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import tiny_gguf
from trayassist.api import ConfigError, ModelUnavailable
from trayassist.models import gguf, registry
from trayassist.paths import Paths


def test_the_shipped_registry_names_no_model(home: Paths) -> None:
    """S1-25, and useful with no model."""
    shipped = registry.load(home)
    assert shipped.models == {}
    assert shipped.role("persona").temperature == 0.7
    assert shipped.role("coder").temperature == 0.2
    assert shipped.role("unknown").model is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "models:\n  a: {file: a.gguf}\nroles:\n  persona: {modle: a}\n",
            "line 4: “roles.persona.modle” is not a setting. Did you mean “model”?",
        ),
        ("roles:\n  persona:\n    model: nobody\n", "line 3: Model 'nobody' not found in registry"),
        ("models:\n  a: {file: a.gguf}\nroles:\n  coder: {model: a, fallback: [b]}\n", "line 4: Model 'b' not found"),
        ("models:\n  a:\n    path: x\n", "line 3: “models.a.path” is not a setting"),
        ("runtime_defaults: {n_threads: many}\n", "line 1"),
        ("models:\n  a: {file: a.gguf, provider: cloud}\n", "“models.a.provider” is 'cloud'"),
    ],
)
def test_a_wrong_key_is_named(home: Paths, text: str, said: str) -> None:
    """F-07, S4-09."""
    home.registry.write_text(text)
    with pytest.raises(ConfigError) as error:
        registry.load(home)
    assert said in str(error.value)


def test_a_model_needs_a_file(home: Paths) -> None:
    home.registry.write_text("models:\n  a: {kind: code}\n")
    with pytest.raises(ConfigError, match=r"models\.a\.file"):
        registry.load(home)


def test_one_line_changes_the_model_of_a_role(home: Paths) -> None:
    """S0-01."""
    home.registry.write_text("models: {a: {file: a.gguf}, b: {file: b.gguf}}\nroles: {persona: {model: a}}\n")
    assert registry.load(home).role("persona").model == "a"
    home.registry.write_text(home.registry.read_text().replace("model: a", "model: b"))
    assert registry.load(home).role("persona").model == "b"


def test_a_header_is_read(tmp_path: Path) -> None:
    header = gguf.read(tiny_gguf.write(tmp_path / "tiny.gguf", context=777))
    assert (header.architecture, header.context_length, header.name) == ("llama", 777, "tiny")
    assert header.chat_template == tiny_gguf.TEMPLATE


@pytest.mark.parametrize("kept", [0, 3, 10, 30, 500, 5_000, 100_000, -1])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    whole = tiny_gguf.write(tmp_path / "tiny.gguf").read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole[:kept])
    with pytest.raises(ModelUnavailable, match=r"damaged or cut short|not a GGUF"):
        gguf.read(cut)


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.gguf"
    foreign.write_bytes(b"PK\x03\x04" + b"x" * 1000)
    for file, said in (
        (foreign, "not a GGUF file"),
        (tiny_gguf.write_vocabulary_only(tmp_path / "vocabulary.gguf"), "a vocabulary but no model"),
        (tmp_path / "gone.gguf", "is missing"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(ModelUnavailable, match=said):
            gguf.read(file)


def test_every_shipped_vocabulary_is_read_and_refused(data: Path) -> None:
    files = sorted((data / "models" / "ggml_vocabs").glob("*.gguf"))
    for file in files:
        with pytest.raises(ModelUnavailable, match="vocabulary"):
            gguf.read(file)
