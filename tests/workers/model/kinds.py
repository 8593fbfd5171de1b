"""Writes small random GGUFs of other kinds than a chat model: LoRA adapters, a model with running state, encoders."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from tests import tiny_gguf

WIDTH, LAYERS, HEADS = 64, 2, 4  # those of tiny_gguf.write


def adapter(path: Path, *, width: int = WIDTH, layers: int = LAYERS, rank: int = 4, seed: int = 1) -> Path:
    """Write a LoRA adapter for the queries and values of a llama model of that width."""
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 2.0 * rank)
    for layer in range(layers):
        for name in ("attn_q", "attn_v", "attn_output"):
            for part, shape in (("lora_a", (rank, width)), ("lora_b", (width, rank))):
                values = (random.standard_normal(shape) * 0.3).astype(np.float32)
                writer.add_tensor(f"blk.{layer}.{name}.weight.{part}", values)
    tiny_gguf._finish(writer)
    return path


def recurrent(path: Path, *, width: int = 32, layers: int = 2, state: int = 8, seed: int = 0) -> Path:
    """Write a Mamba model: its state runs on and cannot step back."""
    random, inner, rank = np.random.default_rng(seed), 2 * width, 4
    writer = gguf.GGUFWriter(path, "mamba")
    writer.add_context_length(1024)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_ssm_conv_kernel(4)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    writer.add_vocab_size(300)
    tiny_gguf._add_vocabulary(writer, 300)
    writer.add_chat_template(tiny_gguf.TEMPLATE)

    def weights(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape) * 0.2).astype(np.float32)

    writer.add_tensor("token_embd.weight", weights(300, width))
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    for layer in range(layers):
        block = f"blk.{layer}."
        writer.add_tensor(f"{block}attn_norm.weight", np.ones(width, np.float32))
        writer.add_tensor(f"{block}ssm_in.weight", weights(2 * inner, width))
        writer.add_tensor(f"{block}ssm_conv1d.weight", weights(inner, 4))
        writer.add_tensor(f"{block}ssm_conv1d.bias", weights(inner))
        writer.add_tensor(f"{block}ssm_x.weight", weights(rank + 2 * state, inner))
        writer.add_tensor(f"{block}ssm_dt.weight", weights(inner, rank))
        writer.add_tensor(f"{block}ssm_dt.bias", weights(inner))
        writer.add_tensor(f"{block}ssm_a", -np.abs(weights(inner, state)) - 0.1)
        writer.add_tensor(f"{block}ssm_d", weights(inner))
        writer.add_tensor(f"{block}ssm_out.weight", weights(width, inner))
    tiny_gguf._finish(writer)
    return path


def encoder(path: Path, *, pooling: int | None, width: int = 32, layers: int = 2, seed: int = 0) -> Path:
    """Write a BERT model: pooling 1 mean, 2 first token, 4 a reranker's head, None says nothing."""
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_context_length(512)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(2 * width)
    writer.add_head_count(2)
    writer.add_layer_norm_eps(1e-5)
    writer.add_causal_attention(False)
    if pooling is not None:
        writer.add_uint32("bert.pooling_type", pooling)
    _add_words(writer)

    def weights(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape) * 0.3).astype(np.float32)

    writer.add_tensor("token_embd.weight", weights(len(WORDS), width))
    writer.add_tensor("token_types.weight", weights(2, width))
    writer.add_tensor("position_embd.weight", weights(512, width))
    for name in ("token_embd_norm", *(f"blk.{n}.{norm}" for n in range(layers) for norm in NORMS)):
        writer.add_tensor(f"{name}.weight", np.ones(width, np.float32))
        writer.add_tensor(f"{name}.bias", np.zeros(width, np.float32))
    for layer in range(layers):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", weights(width, width))
            writer.add_tensor(f"blk.{layer}.{name}.bias", weights(width))
        writer.add_tensor(f"blk.{layer}.ffn_up.weight", weights(2 * width, width))
        writer.add_tensor(f"blk.{layer}.ffn_up.bias", weights(2 * width))
        writer.add_tensor(f"blk.{layer}.ffn_down.weight", weights(width, 2 * width))
        writer.add_tensor(f"blk.{layer}.ffn_down.bias", weights(width))
    if pooling == 4:
        writer.add_tensor("cls.weight", weights(width, width))
        writer.add_tensor("cls.bias", weights(width))
        writer.add_tensor("cls.output.weight", weights(1, width))
        writer.add_tensor("cls.output.bias", weights(1))
    tiny_gguf._finish(writer)
    return path


NORMS = ("attn_output_norm", "layer_output_norm")
WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *(f"▁{word}" for word in ("lease", "rent", "fee", "boat", "sea", "late")),
]


def _add_words(writer: gguf.GGUFWriter) -> None:
    writer.add_vocab_size(len(WORDS))
    writer.add_token_type_count(2)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(WORDS)
    writer.add_token_types([gguf.TokenType.CONTROL] * 5 + [gguf.TokenType.NORMAL] * (len(WORDS) - 5))
    writer.add_bos_token_id(2)
    writer.add_sep_token_id(3)
    writer.add_eos_token_id(3)
    writer.add_unk_token_id(1)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)
