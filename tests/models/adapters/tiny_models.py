"""Small models in Hugging Face's layout: written as GGUF, and run by plain matrix arithmetic in numpy.

`forward` is the reference: it knows nothing of GGUF, of llama.cpp's order of rows or of adapters, only weights.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors.numpy import save_file

from tests import tiny_gguf

Weights = dict[str, np.ndarray]

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
}
LINEAR = tuple(name for name in NAMES if name.endswith("_proj"))


@dataclass(frozen=True)
class Shape:
    architecture: str = "llama"
    vocabulary: int = 300
    width: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 96
    seed: int = 0
    weights: Weights = field(default_factory=dict, compare=False)

    @property
    def head(self) -> int:
        return self.width // self.heads


def shape(architecture: str, **more: Any) -> Shape:
    """Return a model with random weights in Hugging Face's layout."""
    one = Shape(architecture=architecture, **more)
    random = np.random.default_rng(one.seed)
    kv = one.kv_heads * one.head

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (random.standard_normal((rows, columns)) * 0.15).astype(np.float32)

    def near_one(size: int) -> np.ndarray:
        return (1 + random.standard_normal(size) * 0.1).astype(np.float32)

    one.weights["model.embed_tokens"] = matrix(one.vocabulary, one.width)
    one.weights["model.norm"] = near_one(one.width)
    one.weights["lm_head"] = matrix(one.vocabulary, one.width)
    sizes = {
        "self_attn.q_proj": (one.width, one.width),
        "self_attn.k_proj": (kv, one.width),
        "self_attn.v_proj": (kv, one.width),
        "self_attn.o_proj": (one.width, one.width),
        "mlp.gate_proj": (one.feed_forward, one.width),
        "mlp.up_proj": (one.feed_forward, one.width),
        "mlp.down_proj": (one.width, one.feed_forward),
    }
    for layer in range(one.layers):
        block = f"model.layers.{layer}."
        one.weights.update({f"{block}{name}": matrix(*size) for name, size in sizes.items()})
        one.weights.update({f"{block}{name}": near_one(one.width) for name in NAMES if name.endswith("layernorm")})
        if architecture == "qwen2":
            for name in ("q_proj", "k_proj", "v_proj"):
                rows = sizes[f"self_attn.{name}"][0]
                one.weights[f"{block}self_attn.{name}.bias"] = matrix(rows, 1)[:, 0]
        if architecture == "qwen3":
            one.weights.update({f"{block}self_attn.{name}_norm": near_one(one.head) for name in "qk"})
    return one


def forward(one: Shape, weights: Weights, tokens: list[int]) -> np.ndarray:
    """Return the logits after the last token: a plain decoder with rotary halves and grouped heads."""
    x = weights["model.embed_tokens"][tokens].astype(np.float64)
    for layer in range(one.layers):
        x = x + _attention(one, weights, f"model.layers.{layer}.", x)
        h = _norm(x, weights[f"model.layers.{layer}.post_attention_layernorm"])
        gate, up, down = (weights[f"model.layers.{layer}.mlp.{name}_proj"] for name in ("gate", "up", "down"))
        g = h @ gate.T
        x = x + (g / (1 + np.exp(-g)) * (h @ up.T)) @ down.T
    return np.asarray(_norm(x[-1], weights["model.norm"]) @ weights["lm_head"].T)


def _attention(one: Shape, weights: Weights, block: str, x: np.ndarray) -> np.ndarray:
    h = _norm(x, weights[f"{block}input_layernorm"])
    heads = {}
    for name, count in (("q", one.heads), ("k", one.kv_heads), ("v", one.kv_heads)):
        value = h @ weights[f"{block}self_attn.{name}_proj"].T
        value = value + weights.get(f"{block}self_attn.{name}_proj.bias", 0)
        value = value.reshape(len(x), count, one.head)
        if (norm := weights.get(f"{block}self_attn.{name}_norm")) is not None:
            value = _norm(value, norm)
        value = _rotate(value) if name != "v" else value
        heads[name] = np.repeat(value, one.heads // count, axis=1)
    scores = np.einsum("qhd,khd->hqk", heads["q"], heads["k"]) / np.sqrt(one.head)
    scores = np.where(np.tril(np.ones(scores.shape[1:], bool)), scores, -np.inf)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    mixed = np.einsum("hqk,khd->qhd", shares, heads["v"]).reshape(len(x), one.width)
    return np.asarray(mixed @ weights[f"{block}self_attn.o_proj"].T)


def _norm(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * weight


def _rotate(x: np.ndarray) -> np.ndarray:
    half = x.shape[-1] // 2
    angles = np.arange(len(x))[:, None] * 10000.0 ** (-np.arange(half) / half)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def write(path: Path, one: Shape, *, template: str = tiny_gguf.TEMPLATE) -> Path:
    """Write the model as GGUF, as llama.cpp's converter does: q and k permuted for llama, not for qwen."""
    writer = gguf.GGUFWriter(path, one.architecture)
    writer.add_name("tiny")
    writer.add_context_length(1024)
    writer.add_embedding_length(one.width)
    writer.add_block_count(one.layers)
    writer.add_feed_forward_length(one.feed_forward)
    writer.add_head_count(one.heads)
    writer.add_head_count_kv(one.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(one.head)
    writer.add_key_length(one.head)
    writer.add_value_length(one.head)
    writer.add_vocab_size(one.vocabulary)
    writer.add_file_type(0)
    tiny_gguf._add_vocabulary(writer, one.vocabulary)
    if template:
        writer.add_chat_template(template)
    writer.add_tensor("token_embd.weight", one.weights["model.embed_tokens"])
    writer.add_tensor("output_norm.weight", one.weights["model.norm"])
    writer.add_tensor("output.weight", one.weights["lm_head"])
    for layer in range(one.layers):
        for name, short in NAMES.items():
            weight = one.weights.get(f"model.layers.{layer}.{name}")
            if weight is None:
                continue
            if one.architecture == "llama" and short in ("attn_q", "attn_k"):
                weight = permute(weight, one.heads if short == "attn_q" else one.kv_heads)
            writer.add_tensor(f"blk.{layer}.{short}.weight", weight)
            if (bias := one.weights.get(f"model.layers.{layer}.{name}.bias")) is not None:
                writer.add_tensor(f"blk.{layer}.{short}.bias", bias)
    tiny_gguf._finish(writer)
    return path


def permute(weight: np.ndarray, heads: int) -> np.ndarray:
    """Return the rows with each rotary pair side by side, written out row by row."""
    head = weight.shape[0] // heads
    order = [h * head + side * (head // 2) + pair for h in range(heads) for pair in range(head // 2) for side in (0, 1)]
    return weight[order]


# ---------------------------------------------------------------- PEFT


def lora(one: Shape, modules: dict[str, int] | None = None, *, size: float = 0.3, seed: int = 5) -> Weights:
    """Return random A and B for modules (name: rank), under PEFT's names."""
    random = np.random.default_rng(seed)
    modules = modules or {f"model.layers.{n}.{name}": 4 for n in range(one.layers) for name in LINEAR}
    found: Weights = {}
    for module, rank in modules.items():
        rows, columns = one.weights[module].shape
        found[f"base_model.model.{module}.lora_A.weight"] = (random.standard_normal((rank, columns)) * size).astype(
            "f4"
        )
        found[f"base_model.model.{module}.lora_B.weight"] = (random.standard_normal((rows, rank)) * size).astype("f4")
    return found


def merge_adapter(one: Shape, adapter: Weights, scales: dict[str, float] | float) -> Weights:
    """Return the base's weights + B·A·scale, in plain arithmetic."""
    weights = {name: value.astype(np.float64) for name, value in one.weights.items()}
    for name, a in adapter.items():
        if ".lora_A" not in name:
            continue
        module = name.removeprefix("base_model.model.").removesuffix(".lora_A.weight")
        scale = scales if isinstance(scales, float) else scales[module]
        b = adapter[name.replace("lora_A", "lora_B")].astype(np.float64)
        weights[module] = weights[module] + b @ a.astype(np.float64) * scale
    return weights


def save_peft(folder: Path, adapter: Weights, **config: Any) -> Path:
    """Write a PEFT folder, its weights with the safetensors package itself."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "base_model_name_or_path": "acme/tiny", "bias": "none"}
    (folder / "adapter_config.json").write_text(json.dumps(settings | config))
    save_file(adapter, folder / "adapter_model.safetensors")
    return folder


def write_lora(path: Path, one: Shape, adapter: Weights, *, alpha: float = 8.0, architecture: str = "") -> Path:
    """Write a GGUF adapter for a qwen2 model (no rows change places)."""
    writer = gguf.GGUFWriter(path, architecture or one.architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_name(path.stem)
    for name, value in adapter.items():
        layer, module, side = _parts(name)
        writer.add_tensor(f"blk.{layer}.{NAMES[module]}.weight.{side}", value)
    tiny_gguf._finish(writer)
    return path


def _parts(name: str) -> tuple[str, str, str]:
    _, _, rest = name.partition("model.layers.")
    layer, _, rest = rest.partition(".")
    module, _, side = rest.removesuffix(".weight").rpartition(".lora_")
    return layer, module, f"lora_{side.lower()}"


def logits(model: Path, tokens: list[int], *adapters: tuple[Path, float]) -> np.ndarray:
    """Return llama.cpp's logits after the last token, with these adapters at these scales."""
    import ctypes

    import llama_cpp

    native = llama_cpp.llama_cpp
    one = llama_cpp.Llama(
        str(model), n_ctx=256, n_threads=1, verbose=False, logits_all=True, type_k=0, type_v=0, flash_attn=False
    )
    try:
        loaded = [native.llama_adapter_lora_init(one.model, str(path).encode()) for path, _ in adapters]
        assert all(bool(adapter) for adapter in loaded), "llama.cpp refused the adapter"
        if loaded:
            pointers = (native.llama_adapter_lora_p_ctypes * len(loaded))(*loaded)
            scales = (ctypes.c_float * len(loaded))(*(scale for _, scale in adapters))
            assert native.llama_set_adapters_lora(one.ctx, pointers, len(loaded), scales) == 0
        one.eval(tokens)
        return np.array(one.scores[len(tokens) - 1], np.float64)
    finally:
        one.close()
