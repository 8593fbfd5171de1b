"""Writes small random GGUF models for the tests and benchmarks; nothing is downloaded.

The mechanism of a byte-token llama model with random weights loads, streams, cancels and samples like a real one.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

TEMPLATE = "{% for m in messages %}{{m.role}}: {{m.content}}\n{% endfor %}assistant: "


def write(
    path: Path,
    *,
    vocabulary: int = 512,
    width: int = 64,
    layers: int = 2,
    heads: int = 4,
    feed_forward: int = 128,
    context: int = 2048,
    seed: int = 0,
    template: str = TEMPLATE,
    half: bool = False,
    kv_heads: int = 0,
    quant: str = "",
) -> Path:
    """Write a llama model with random weights and byte tokens; return its path.

    `kv_heads` are as many as `heads` unless said; `quant` (such as Q8_0) is the type of all weights but the norms.
    """
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads or heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(gguf.LlamaFileType[f"MOSTLY_{quant}"] if quant else 1 if half else 0)
    _add_vocabulary(writer, vocabulary)
    if template:
        writer.add_chat_template(template)

    def add(name: str, *shape: int) -> None:
        values = (random.standard_normal(shape, dtype=np.float32) * 0.1).astype(np.float32)
        if quant:
            kind = gguf.GGMLQuantizationType[quant]
            writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, values.astype(np.float16) if half else values)

    ones = np.ones(width, np.float32)
    add("token_embd.weight", vocabulary, width)
    writer.add_tensor("output_norm.weight", ones)
    add("output.weight", vocabulary, width)
    for layer in range(layers):
        block = f"blk.{layer}."
        writer.add_tensor(f"{block}attn_norm.weight", ones)
        writer.add_tensor(f"{block}ffn_norm.weight", ones)
        narrow = width // heads * (kv_heads or heads)
        for name, rows in (("attn_q", width), ("attn_k", narrow), ("attn_v", narrow), ("attn_output", width)):
            add(f"{block}{name}.weight", rows, width)
        add(f"{block}ffn_gate.weight", feed_forward, width)
        add(f"{block}ffn_up.weight", feed_forward, width)
        add(f"{block}ffn_down.weight", width, feed_forward)
    _finish(writer)
    return path


def write_vocabulary_only(path: Path) -> Path:
    """Write a GGUF with a vocabulary and no tensors."""
    writer = gguf.GGUFWriter(path, "llama")
    _add_vocabulary(writer, 300)
    _finish(writer)
    return path


def write_over_100_m(path: Path) -> Path:
    """Write a model of 110 million parameters (16-bit), slow enough to be measured."""
    return write(path, vocabulary=16_000, width=768, layers=12, heads=12, feed_forward=2048, context=4096, half=True)


def _add_vocabulary(writer: gguf.GGUFWriter, size: int) -> None:
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    tokens += [f"▁w{number}" for number in range(len(tokens), size)]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * (size - 259)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * size)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
