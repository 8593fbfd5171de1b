"""PEFT folders become GGUF adapters that do what B·A says: checked against plain arithmetic in numpy (S4-15, F-22)."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.models.adapters import tiny_models as tiny
from trayassist.api import NotAllowed, TrayassistError, UnreadableFile
from trayassist.workers.convert import ImportedAdapter, service

TOKENS = [1, 70, 105, 35, 200, 44, 90]
CLOSE = 2e-3  # of logits whose spread is some units; llama.cpp computes in 32 bits


def take(source: Path, base: Path, folder: Path) -> ImportedAdapter:
    folder.mkdir(exist_ok=True)
    *_, last = service.take(str(source), str(folder), [str(base)])
    assert last["taken"] is not None
    return last["taken"]


def check(
    one: tiny.Shape, base: Path, gguf_file: Path, expected: tiny.Weights, scale: float = 1.0, close: float = CLOSE
) -> None:
    """The adapter in llama.cpp gives the logits of the merged weights, and these are far from the base's."""
    wanted, plain = tiny.forward(one, expected, TOKENS), tiny.forward(one, one.weights, TOKENS)
    assert np.abs(tiny.logits(base, TOKENS) - plain).max() < CLOSE, "the reference and llama.cpp agree on the base"
    assert np.abs(wanted - plain).max() > 100 * CLOSE, "the adapter changes something"
    assert np.abs(tiny.logits(base, TOKENS, (gguf_file, scale)) - wanted).max() < close


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_a_peft_folder_does_what_its_matrices_say(architecture: str, tmp_path: Path) -> None:
    one = tiny.shape(architecture)
    base = tiny.write(tmp_path / "base.gguf", one)
    adapter = tiny.lora(one)
    taken = take(tiny.save_peft(tmp_path / "peft", adapter), base, tmp_path / "out")
    assert (taken["architecture"], taken["rank"], taken["tensors"]) == (architecture, 4, 2 * 7)
    assert taken["trained_on"] == "acme/tiny"
    check(one, base, tmp_path / "out" / "adapter.gguf", tiny.merge_adapter(one, adapter, 8 / 4))


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_half_the_scale_is_half_the_change(architecture: str, tmp_path: Path) -> None:
    one = tiny.shape(architecture, kv_heads=4, seed=3)
    base = tiny.write(tmp_path / "base.gguf", one)
    adapter = tiny.lora(one)
    take(tiny.save_peft(tmp_path / "peft", adapter), base, tmp_path / "out")
    check(one, base, tmp_path / "out" / "adapter.gguf", tiny.merge_adapter(one, adapter, 0.5 * 8 / 4), scale=0.5)


def test_ranks_and_alphas_of_single_modules_are_kept(tmp_path: Path) -> None:
    one = tiny.shape("llama")
    base = tiny.write(tmp_path / "base.gguf", one)
    ranks = {
        "model.layers.0.self_attn.q_proj": 2,
        "model.layers.1.self_attn.q_proj": 4,
        "model.layers.1.mlp.up_proj": 8,
    }
    adapter = tiny.lora(one, ranks)
    source = tiny.save_peft(
        tmp_path / "peft",
        adapter,
        rank_pattern={"layers.0.self_attn.q_proj": 2, "up_proj": 8},
        alpha_pattern={r".*\.q_proj": 6},
    )
    take(source, base, tmp_path / "out")
    scales = dict(zip(ranks, (6 / 2, 6 / 4, 8 / 8), strict=True))
    check(one, base, tmp_path / "out" / "adapter.gguf", tiny.merge_adapter(one, adapter, scales))


def test_rslora_divides_by_the_root_of_the_rank(tmp_path: Path) -> None:
    one = tiny.shape("qwen3")
    base = tiny.write(tmp_path / "base.gguf", one)
    adapter = tiny.lora(one, {"model.layers.0.mlp.down_proj": 4, "lm_head": 4})
    take(tiny.save_peft(tmp_path / "peft", adapter, use_rslora=True), base, tmp_path / "out")
    check(one, base, tmp_path / "out" / "adapter.gguf", tiny.merge_adapter(one, adapter, 8 / np.sqrt(4).item()))


def test_bfloat16_and_float16_weights_are_read(tmp_path: Path) -> None:
    one = tiny.shape("qwen2")
    base = tiny.write(tmp_path / "base.gguf", one)
    adapter = tiny.lora(one)
    half = {name: value.astype(np.float16) for name, value in adapter.items()}
    folder = tiny.save_peft(tmp_path / "half", half)
    take(folder, base, tmp_path / "out16")
    check(
        one, base, tmp_path / "out16" / "adapter.gguf", tiny.merge_adapter(one, half, 2.0), close=0.02
    )  # llama.cpp rounds what it multiplies with 16 bits
    cut = {name: (value.view(np.uint32) >> 16).astype(np.uint16) for name, value in adapter.items()}
    _save_bfloat16(folder / "adapter_model.safetensors", cut)
    take(folder, base, tmp_path / "outbf")
    exact = {name: (value.astype(np.uint32) << 16).view(np.float32) for name, value in cut.items()}
    check(one, base, tmp_path / "outbf" / "adapter.gguf", tiny.merge_adapter(one, exact, 2.0))


def _save_bfloat16(path: Path, tensors: dict[str, np.ndarray]) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, value in tensors.items():
        header[name] = {"dtype": "BF16", "shape": list(value.shape), "data_offsets": [end, end := end + value.nbytes]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(value.tobytes() for value in tensors.values()))


def test_an_adapter_that_is_gguf_already_is_copied_as_it_is(tmp_path: Path) -> None:
    one = tiny.shape("qwen2")
    base = tiny.write(tmp_path / "base.gguf", one)
    adapter = tiny.lora(one)
    source = tiny.write_lora(tmp_path / "mine.gguf", one, adapter)
    taken = take(source, base, tmp_path / "out")
    assert (taken["kind"], taken["name"], taken["alpha"]) == ("gguf", "mine", 8.0)
    assert (tmp_path / "out" / "adapter.gguf").read_bytes() == source.read_bytes()
    check(one, base, tmp_path / "out" / "adapter.gguf", tiny.merge_adapter(one, adapter, 2.0))


# ---------------------------------------------------------------- refused in words


@pytest.fixture
def there(tmp_path: Path) -> SimpleNamespace:
    one = tiny.shape("llama")
    return SimpleNamespace(
        one=one, base=tiny.write(tmp_path / "base.gguf", one), adapter=tiny.lora(one), out=tmp_path / "out"
    )


def refusal(there: SimpleNamespace, source: Path, kind: type[TrayassistError]) -> str:
    with pytest.raises(kind) as caught:
        take(source, there.base, there.out)
    assert caught.value.todo
    assert not list(there.out.iterdir()), "nothing half is left"
    return caught.value.what


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"fan_in_fan_out": True}, "fan_in_fan_out"),
        ({"bias": "lora_only"}, "biases"),
        ({"lora_bias": True}, "lora_bias"),
        ({"layer_replication": [[0, 2], [1, 2]]}, "layer_replication"),
        ({"init_lora_weights": "pissa_niter_4"}, "pissa_niter_4"),
        ({"init_lora_weights": "lora_ga"}, "lora_ga"),
        ({"peft_type": "IA3"}, "IA3"),
    ],
)
def test_what_llama_cpp_cannot_express_is_refused(
    config: dict[str, Any], words: str, there: SimpleNamespace, tmp_path: Path
) -> None:
    assert words in refusal(there, tiny.save_peft(tmp_path / "peft", there.adapter, **config), NotAllowed)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("base_model.model.model.embed_tokens.lora_embedding_A", "embeddings"),
        ("base_model.model.model.layers.0.mlp.up_proj.lora_magnitude_vector", "DoRA"),
        ("base_model.model.model.layers.0.mlp.up_proj.lora_B.bias", "biases"),
        ("base_model.model.lm_head.weight", "no pair"),
    ],
)
def test_other_tensors_are_refused_not_left_out(name: str, words: str, there: SimpleNamespace, tmp_path: Path) -> None:
    more = there.adapter | {name: np.zeros(4, np.float32)}
    assert words in refusal(there, tiny.save_peft(tmp_path / "peft", more), NotAllowed)


def test_two_adapters_in_one_file_are_refused(there: SimpleNamespace, tmp_path: Path) -> None:
    """F-22: before, the one that came last counted as all of it."""
    named = {
        name.replace(".weight", f".{which}.weight"): value for which in "ab" for name, value in there.adapter.items()
    }
    assert "more than one adapter" in refusal(there, tiny.save_peft(tmp_path / "peft", named), NotAllowed)


def test_one_tensor_under_two_names_is_refused(there: SimpleNamespace, tmp_path: Path) -> None:
    bare = {name.replace("base_model.model.model.", "base_model.model."): v for name, v in there.adapter.items()}
    assert "twice" in refusal(there, tiny.save_peft(tmp_path / "peft", there.adapter | bare), NotAllowed)


def test_weights_in_several_files_and_pipes_are_told(there: SimpleNamespace, tmp_path: Path) -> None:
    folder = tiny.save_peft(tmp_path / "peft", there.adapter)
    weights = folder / "adapter_model.safetensors"
    weights.rename(folder / "adapter_model-00001-of-00002.safetensors")
    assert "several files" in refusal(there, folder, UnreadableFile)
    os.mkfifo(weights)
    assert "is not a file" in refusal(there, folder, UnreadableFile)
    other = tiny.save_peft(tmp_path / "other", there.adapter)
    (other / "adapter_config.json").unlink()
    os.mkfifo(other / "adapter_config.json")
    assert "is not a file" in refusal(there, other, UnreadableFile)


def test_settings_with_a_byte_order_mark_are_read(there: SimpleNamespace, tmp_path: Path) -> None:
    config = tiny.save_peft(tmp_path / "peft", there.adapter) / "adapter_config.json"
    config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes())
    assert take(config.parent, there.base, there.out)["tensors"] == 14


def test_an_adapter_of_the_embeddings_is_refused(there: SimpleNamespace, tmp_path: Path) -> None:
    adapter = tiny.lora(there.one, {"model.embed_tokens": 4})
    assert "embeddings" in refusal(there, tiny.save_peft(tmp_path / "peft", adapter), NotAllowed)


def test_another_shape_is_told_with_its_tensor(there: SimpleNamespace, tmp_path: Path) -> None:
    other = tiny.shape("llama", width=32, feed_forward=64)
    folder = tiny.save_peft(tmp_path / "peft", tiny.lora(other))
    what = refusal(there, folder, NotAllowed)
    assert "blk.0.ffn_down.weight is 96 × 64 there and 64 × 32 in the adapter" in what
    plain = tiny.write_lora(tmp_path / "other.gguf", other, tiny.lora(other))
    assert "64 × 64 there and 32 × 32" in refusal(there, plain, NotAllowed)


def test_more_layers_than_the_base_has_are_refused(there: SimpleNamespace, tmp_path: Path) -> None:
    deep = tiny.shape("llama", layers=3)
    what = refusal(there, tiny.save_peft(tmp_path / "peft", tiny.lora(deep)), NotAllowed)
    assert "model.layers.2" in what or "blk.2" in what


def test_another_architecture_is_refused(there: SimpleNamespace, tmp_path: Path) -> None:
    file = tiny.write_lora(tmp_path / "a.gguf", there.one, there.adapter, architecture="qwen2")
    what = refusal(there, file, NotAllowed)
    assert "qwen2" in what
    assert "llama" in what


def test_a_folder_for_an_unknown_architecture_names_the_way_out(tmp_path: Path) -> None:
    import gguf

    from tests import tiny_gguf

    base = tmp_path / "gemma.gguf"
    writer = gguf.GGUFWriter(base, "gemma2")
    writer.add_tensor("token_embd.weight", np.zeros((4, 4), np.float32))
    tiny_gguf._finish(writer)
    folder = tiny.save_peft(tmp_path / "peft", tiny.lora(tiny.shape("llama")))
    with pytest.raises(NotAllowed, match="gemma2") as caught:
        take(folder, base, tmp_path / "out")
    assert "convert_lora_to_gguf" in caught.value.todo


def test_a_rank_that_is_not_the_configs_is_refused(there: SimpleNamespace, tmp_path: Path) -> None:
    what = refusal(there, tiny.save_peft(tmp_path / "peft", there.adapter, r=16), NotAllowed)
    assert "rank 4" in what
    assert "16" in what


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.99])
def test_cut_files_are_told(keep: float, there: SimpleNamespace, tmp_path: Path) -> None:
    folder = tiny.save_peft(tmp_path / "peft", there.adapter)
    weights = folder / "adapter_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: int(len(whole) * keep)])
    assert "cut short" in refusal(there, folder, UnreadableFile)
    plain = tiny.write_lora(tmp_path / "a.gguf", there.one, there.adapter)
    whole = plain.read_bytes()
    plain.write_bytes(whole[: max(8, int(len(whole) * keep))])
    assert any(words in refusal(there, plain, UnreadableFile) for words in ("cut short", "not a GGUF"))


def test_foreign_files_are_told(there: SimpleNamespace, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("dear diary")
    assert "not a GGUF file" in refusal(there, text, UnreadableFile)
    assert "not an adapter" in refusal(there, there.base, UnreadableFile)
    (tmp_path / "empty").mkdir()
    assert "no adapter" in refusal(there, tmp_path / "empty", UnreadableFile)
    assert "missing" in refusal(there, tmp_path / "nowhere", UnreadableFile)
    pickled = tmp_path / "pickled"
    pickled.mkdir()
    (pickled / "adapter_config.json").write_text("{}")
    (pickled / "adapter_model.bin").write_bytes(b"\x80")
    assert "pickle" in refusal(there, pickled, UnreadableFile)


def test_broken_settings_are_told(there: SimpleNamespace, tmp_path: Path) -> None:
    folder = tiny.save_peft(tmp_path / "peft", there.adapter)
    config = folder / "adapter_config.json"
    for text, words in (
        ("{", "not JSON"),
        ("[]", "no settings"),
        ('{"peft_type": "LORA", "r": 0, "lora_alpha": 8}', "r: 0"),
        ('{"peft_type": "LORA", "r": 4, "lora_alpha": "x"}', "lora_alpha: 'x'"),
        ('{"peft_type": "LORA", "r": 4, "lora_alpha": 8, "rank_pattern": {"(": 4}}', "no pattern"),
    ):
        config.write_text(text)
        assert words in refusal(there, folder, UnreadableFile)
    config.unlink()
    assert "adapter_config.json is missing" in refusal(there, folder, UnreadableFile)


def test_values_that_are_no_numbers_are_told(there: SimpleNamespace, tmp_path: Path) -> None:
    name = next(iter(there.adapter))
    there.adapter[name][0, 0] = np.nan
    with pytest.raises(UnreadableFile, match="no numbers"):
        take(tiny.save_peft(tmp_path / "peft", there.adapter), there.base, there.out)


def test_trained_norms_in_a_gguf_adapter_are_refused(there: SimpleNamespace, tmp_path: Path) -> None:
    import gguf

    from tests import tiny_gguf

    file = tmp_path / "norms.gguf"
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 8)
    writer.add_tensor("blk.0.attn_norm.weight", np.ones(64, np.float32))
    tiny_gguf._finish(writer)
    assert "attn_norm" in refusal(there, file, NotAllowed)


def test_the_hash_is_that_of_all_parts(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"two")
    *_, last = service.hash_files([str(tmp_path / "a"), str(tmp_path / "b")])
    assert last["sha256"] == hashlib.sha256(b"onetwo").hexdigest()
    assert last["done"] == last["total"] == 6
