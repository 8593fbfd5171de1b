"""registry.yaml and GGUF headers: what is wrong is said before anything is loaded."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import gguf as files
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import tiny_gguf
from trayassist.api import ConfigError, ModelUnavailable
from trayassist.models.gguf import header as gguf
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths


def test_the_shipped_registry_names_no_model(home: Paths) -> None:
    """S1-25, and useful with no model."""
    shipped = registry_file.load(home)
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
        (
            "runtime_defaults: {n_threads: many}\n",
            "“runtime_defaults.n_threads” is 'many', which is not allowed. Give a whole number, or auto",
        ),
        ("models:\n  a: {file: a.gguf, provider: cloud}\n", "“models.a.provider” is 'cloud'"),
    ],
)
def test_a_wrong_key_is_named(home: Paths, text: str, said: str) -> None:
    """F-07, S4-09."""
    home.registry.write_text(text)
    with pytest.raises(ConfigError) as error:
        registry_file.load(home)
    assert said in str(error.value)


def test_a_model_needs_a_file(home: Paths) -> None:
    home.registry.write_text("models:\n  a: {kind: code}\n")
    with pytest.raises(ConfigError, match=r"models\.a\.file"):
        registry_file.load(home)


def test_one_line_changes_the_model_of_a_role(home: Paths) -> None:
    """S0-01."""
    home.registry.write_text("models: {a: {file: a.gguf}, b: {file: b.gguf}}\nroles: {persona: {model: a}}\n")
    assert registry_file.load(home).role("persona").model == "a"
    home.registry.write_text(home.registry.read_text().replace("model: a", "model: b"))
    assert registry_file.load(home).role("persona").model == "b"


def test_a_header_is_read(tmp_path: Path) -> None:
    header = gguf.read(tiny_gguf.write(tmp_path / "tiny.gguf", context=777))
    assert (header.architecture, header.context_length, header.name) == ("llama", 777, "tiny")
    assert header.chat_template == tiny_gguf.TEMPLATE


def test_a_header_says_what_an_estimate_needs(tmp_path: Path) -> None:
    """S1-16: the quantization, and what memory the layers need for each token."""
    header = gguf.read(tiny_gguf.write(tmp_path / "tiny.gguf", width=64, layers=3, heads=4, half=True))
    assert (header.quant, header.layers, header.heads, header.vocabulary) == ("F16", 3, 4, 512)
    assert (header.kv_heads, header.key_lengths, header.value_lengths) == ((4, 4, 4), (16, 16, 16), (16, 16, 16))
    assert set(header.tensor_bytes) == {"F16", "F32"}
    whole = sum(int(tensor.n_bytes) for tensor in files.GGUFReader(header.path).tensors)
    assert header.weights == whole
    assert header.embedding_table == ("F16", 512 * 64 * 2)


def test_layers_may_differ_in_heads(tmp_path: Path) -> None:
    """Arrays of a value for each layer."""
    file = tmp_path / "odd.gguf"
    writer = files.GGUFWriter(file, "gemma2")
    writer.add_block_count(4)
    writer.add_embedding_length(64)
    writer.add_head_count([4, 4, 8, 8])
    writer.add_head_count_kv([2, 0, 4, 4])
    writer.add_key_length(32)
    writer.add_value_length(16)
    writer.add_tensor("token_embd.weight", np.zeros((4, 32), np.float32))
    tiny_gguf._finish(writer)
    header = gguf.read(file)
    assert (header.heads, header.kv_heads) == (8, (2, 0, 4, 4))
    assert (header.key_lengths, header.value_lengths) == ((32,) * 4, (16,) * 4)


def test_embedders_and_adapters_are_read_as_what_they_are(tmp_path: Path) -> None:
    embedder = write_model(
        tmp_path / "e.gguf", architecture="bert", bert__attention__causal=False, bert__pooling_type=2
    )
    header = gguf.read(embedder, "embedding")
    assert (header.causal, header.pooling, header.ranks) == (False, "cls", False)
    with pytest.raises(ModelUnavailable, match="does not score passages"):
        gguf.read(embedder, "reranker")
    adapter = write_model(tmp_path / "a.gguf", general__type="adapter", adapter__type="lora")
    assert gguf.read(adapter, "adapter").adapter == "lora"
    with pytest.raises(ModelUnavailable, match="of the kind “model”"):
        gguf.read(embedder, "adapter")
    vocabulary = tiny_gguf.write_vocabulary_only(tmp_path / "v.gguf")
    assert gguf.read(vocabulary, "vocabulary").vocabulary == 300
    assert gguf.read(adapter, "any").kind == "adapter"


@pytest.mark.parametrize("kept", [0, 3, 10, 30, 500, 5_000, 100_000, -1])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    whole = tiny_gguf.write(tmp_path / "tiny.gguf").read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole[:kept])
    with pytest.raises(ModelUnavailable, match=r"damaged or cut short|not a GGUF|is empty"):
        gguf.read(cut)


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.gguf"
    foreign.write_bytes(b"PK\x03\x04" + b"x" * 1000)
    for file, said in (
        (foreign, "not a GGUF file"),
        (tiny_gguf.write_vocabulary_only(tmp_path / "vocabulary.gguf"), "a vocabulary but no model"),
        (tmp_path / "gone.gguf", "is missing"),
        (tmp_path, "is a folder"),
    ):
        with pytest.raises(ModelUnavailable, match=said):
            gguf.read(file)


def test_every_shipped_vocabulary_is_read_and_refused(data: Path) -> None:
    for file in sorted((data / "models" / "ggml_vocabs").glob("*.gguf")):
        with pytest.raises(ModelUnavailable, match="vocabulary"):
            gguf.read(file)


def write_model(path: Path, *, tensors: int = 1, **keys: Any) -> Path:
    """Write a small whole GGUF file with these keys (dots as two underscores)."""
    writer = files.GGUFWriter(path, str(keys.pop("architecture", "llama")))
    for name, value in keys.items():
        key = name.replace("__", ".")
        match value:
            case bool():
                writer.add_bool(key, value)
            case int():
                writer.add_uint32(key, value)
            case _:
                writer.add_string(key, str(value))
    for number in range(tensors):
        writer.add_tensor(f"blk.{number}.weight", np.zeros((4, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"general__type": "adapter"}, "of the kind “adapter”"),
        ({"general__type": "mmproj"}, "of the kind “mmproj”"),
        ({"architecture": "bert", "bert__attention__causal": False}, "makes embeddings, not answers"),
        ({"general__alignment": 0}, "damaged"),
        ({"general__alignment": "wide"}, "damaged"),
        ({"llama__context_length": "long"}, "damaged"),
        ({"split__count": 3, "split__no": 0}, r"part 1 of 3.*-00001-of-00003\.gguf"),
    ],
)
def test_files_that_cannot_answer_are_refused_in_words(tmp_path: Path, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelUnavailable, match=said):
        gguf.read(write_model(tmp_path / "odd.gguf", **keys))


def test_a_model_in_parts_is_named_by_its_first_and_needs_them_all(tmp_path: Path) -> None:
    first = write_model(tmp_path / "m-00001-of-00002.gguf", tensors=0, split__count=2, split__no=0)
    with pytest.raises(ModelUnavailable, match=r"m-00002-of-00002\.gguf is missing"):
        gguf.read(first)
    second = write_model(tmp_path / "m-00002-of-00002.gguf", split__count=2, split__no=1)
    assert gguf.read(first).architecture == "llama"
    with pytest.raises(ModelUnavailable, match=r"Name the first part, m-00001-of-00002\.gguf"):
        gguf.read(second)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_header_is_refused_or_read_and_never_anything_else(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    whole = tmp_path / "whole.gguf"
    if not whole.exists():
        tiny_gguf.write(whole)
    data = bytearray(whole.read_bytes())
    for at, value in changes:
        data[at] = value
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(data)
    with suppress(ModelUnavailable):  # any other error fails the test
        gguf.read(damaged)


def test_a_mathematics_model_does_not_chat(home: Paths) -> None:
    """S1-09."""
    home.registry.write_text("models: {sums: {file: s.gguf, kind: math}}\nroles:\n  persona:\n    model: sums\n")
    with pytest.raises(ConfigError, match=r"line 4: Model 'sums' is for mathematics, and the role 'persona' chats"):
        registry_file.load(home)


def test_a_misspelt_model_gets_the_nearest_name(home: Paths) -> None:
    home.registry.write_text("models: {local-fast: {file: s.gguf}}\nroles: {coder: {model: local-fats}}\n")
    with pytest.raises(ConfigError, match="Did you mean “local-fast”"):
        registry_file.load(home)
