"""Writes llama models that recite: after each letter of a text comes the next one, round and round.

They are as slow as their size makes them, and say the same whatever their size: a small one drafts rightly for a
large one, and the words of a prompt tell what comes.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from tests import tiny_gguf

LETTERS = "abcdefghijklmnopqrstuvwxyz "
VOCABULARY, BYTES_FROM = 512, 3


def write(
    path: Path, *, width: int = 384, layers: int = 8, feed_forward: int = 1024, context: int = 2048, heads: int = 6
) -> Path:
    """Write one; all layers are computed and add nothing. Its prompts are what the user says, as it is."""
    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    tiny_gguf._add_vocabulary(writer, VOCABULARY)
    writer.add_chat_template("{{ messages[-1].content }}")

    def weights(rows: int, columns: int, size: float = 0.1) -> np.ndarray:
        return (random.standard_normal((rows, columns), dtype=np.float32) * size).astype(np.float32)

    words, said = weights(VOCABULARY, width), np.zeros((VOCABULARY, width), np.float32)
    for letter, after in zip(LETTERS, LETTERS[1:] + LETTERS[:1], strict=True):
        said[BYTES_FROM + ord(after)] = words[BYTES_FROM + ord(letter)] * 10
    ones = np.ones(width, np.float32)
    writer.add_tensor("token_embd.weight", words)
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", said)
    for layer in range(layers):
        block = f"blk.{layer}."
        writer.add_tensor(f"{block}attn_norm.weight", ones)
        writer.add_tensor(f"{block}ffn_norm.weight", ones)
        for name in ("attn_q", "attn_k", "attn_v"):
            writer.add_tensor(f"{block}{name}.weight", weights(width, width))
        writer.add_tensor(f"{block}attn_output.weight", weights(width, width, 0))
        writer.add_tensor(f"{block}ffn_gate.weight", weights(feed_forward, width))
        writer.add_tensor(f"{block}ffn_up.weight", weights(feed_forward, width))
        writer.add_tensor(f"{block}ffn_down.weight", weights(width, feed_forward, 0))
    tiny_gguf._finish(writer)
    return path
