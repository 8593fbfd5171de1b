"""How large a model is before its file is here: from parameters, quantization and context (S4-27)."""

from __future__ import annotations

import re

# bits per weight of llama.cpp's file types, measured there on 7B models (llama.cpp, tools/quantize/README.md)
BITS = {
    "F32": 32.0, "F16": 16.0, "BF16": 16.0, "Q8_0": 8.5, "Q6_K": 6.6, "Q5_K_M": 5.7, "Q5_K_S": 5.5, "Q5_1": 6.0,
    "Q5_0": 5.5, "Q4_K_M": 4.9, "Q4_K_S": 4.6, "Q4_1": 5.0, "Q4_0": 4.6, "IQ4_NL": 4.6, "IQ4_XS": 4.4, "Q3_K_L": 4.3,
    "Q3_K_M": 3.9, "Q3_K_S": 3.6, "IQ3_M": 3.8, "IQ3_XXS": 3.2, "Q2_K": 3.2, "IQ2_M": 2.9, "IQ2_XXS": 2.4,
}  # fmt: skip
KV_BYTES = 2  # f16
COMPUTE_BYTES = 300_000_000  # a batch's scratch memory and logits of a model that answers
EMBEDDER_COMPUTE_BYTES = 100_000_000


def weights(params_b: float, quant: str) -> int:
    """Return about how many bytes the file of a model has, from its parameters in billions. 0 without parameters."""
    bits = BITS.get(quant.upper()) or _bits_by_digit(quant)
    return int(params_b * 1e9 * bits / 8)


def described(params_b: float | None, quant: str) -> int:
    """Return about how much memory a model takes whose file is not here; 0 when its size is not described."""
    return weights(params_b, quant) + COMPUTE_BYTES if params_b else 0


def kv(layers: int, heads: int, width: int, context: int) -> int:
    """Return the bytes of a full context: keys and values of every layer."""
    return 2 * layers * heads * width * KV_BYTES * context


def gb(value: float) -> str:
    """Return bytes in words, decimal as shops and hubs count: 2.1 GB, 640 MB."""
    return f"{value / 1e9:.1f} GB" if value >= 995_000_000 else f"{value / 1e6:.0f} MB"


def _bits_by_digit(quant: str) -> float:
    """Return the bits of a type that the table does not have (UD-Q4_K_XL, MXFP4): its digit and a little."""
    digit = re.search(r"[2-8]", quant)
    return int(digit.group()) * 1.15 if digit else BITS["Q4_K_M"]
