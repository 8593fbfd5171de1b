"""How much memory a model will take, from its file's header and how it is to be loaded, before it is loaded.

The parts are those llama.cpp reserves: the weights, keys and values for the whole context (the memory of ggml's
llama_kv_cache: cells padded to 256, for layers with a sliding window, too), the state of recurrent layers, and the
scratch memory of one batch. benchmarks/model_memory.py compares the sum with what really came.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from trayassist.models.gguf.header import Header
from trayassist.workers.model import LoadOptions, packs_weights

MIB = 2**20
BASE = 45 * MIB  # a model worker that has imported llama.cpp and loaded nothing; measured by the benchmark
FIXED = 6 * MIB  # of a context, whatever its size
WORK_COPIES = 1.8  # of a layer's values that lie in memory at once; fitted to nine models, see the benchmark
MASK_BYTES = 6  # for each token of a batch and each of the context: in 32 bit, and again in 16
TOKEN_BYTES = 150  # of llama.cpp's tables for a token or a merge: strings, maps, scores
REPACKED = ("Q4_0", "Q4_K", "IQ4_NL", "MXFP4")  # types that ggml packs anew for the vector units of processors
CELLS = 256  # a context is padded to a multiple of so many cells
BATCH = 512  # llama.cpp reads a prompt in pieces of at most so many tokens (n_ubatch)
KV_BYTES = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
CONVERSATIONS = 4  # full conversations, at most, whose state a worker keeps

# bits per weight of llama.cpp's file types, measured there on 7B models (llama.cpp, tools/quantize/README.md)
BITS = {
    "F32": 32.0, "F16": 16.0, "BF16": 16.0, "Q8_0": 8.5, "Q6_K": 6.6, "Q5_K_M": 5.7, "Q5_K_S": 5.5, "Q5_1": 6.0,
    "Q5_0": 5.5, "Q4_K_M": 4.9, "Q4_K_S": 4.6, "Q4_1": 5.0, "Q4_0": 4.6, "IQ4_NL": 4.6, "IQ4_XS": 4.4, "Q3_K_L": 4.3,
    "Q3_K_M": 3.9, "Q3_K_S": 3.6, "IQ3_M": 3.8, "IQ3_XXS": 3.2, "Q2_K": 3.2, "IQ2_M": 2.9, "IQ2_XXS": 2.4,
}  # fmt: skip
F16_BYTES = 2
COMPUTE_BYTES = 300_000_000  # a batch's scratch memory and logits of a model that answers
EMBEDDER_COMPUTE_BYTES = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a model takes, part by part, in bytes. `gpu` of it lies in graphics memory, the rest in the machine's.

    `draft` is all that a draft model beside it takes; `conversations` the bound of the states that may be kept.
    `copied` are weights that lie in memory a second time; the system drops the mapped file's pages when it needs them.
    """

    weights: int
    kv: int
    compute: int
    vocabulary: int = 0
    copied: int = 0
    logits: int = 0
    mmproj: int = 0
    draft: int = 0
    conversations: int = 0
    base: int = BASE
    gpu: int = 0

    @property
    def total(self) -> int:
        """All that is taken once the model has answered; without kept conversations."""
        needed = self.weights + self.kv + self.compute + self.vocabulary + self.logits + self.mmproj + self.draft
        return needed + self.copied + self.base

    @property
    def ram(self) -> int:
        """What is needed of the machine's memory, kept conversations included: this is held against the budget."""
        return self.total - self.copied - self.gpu + self.conversations


def estimate(
    header: Header, options: LoadOptions, *, draft: Header | None = None, mmproj_bytes: int = 0, gpu: bool = False
) -> Estimate:
    """Return what a model takes when it is loaded with these options; `gpu` says that llama.cpp has one."""
    kv = kv_bytes(header, options.context_length, options.kv_type)
    compute = compute_bytes(header, options)
    logits = logits_bytes(header, options)
    weights = header.weights or header.file_bytes
    return Estimate(
        weights=weights,
        kv=kv,
        compute=compute,
        vocabulary=vocabulary_bytes(header),
        copied=copied_bytes(header) if packs_weights() and not gpu else 0,
        logits=logits,
        mmproj=mmproj_bytes,
        draft=_draft_bytes(draft, options) if draft else 0,
        conversations=options.conversation_cache_bytes,
        gpu=_on_gpu(header, options, weights + kv, compute) if gpu else 0,
    )


def kv_bytes(header: Header, context: int, kv_type: Literal["f16", "q8_0", "q4_0"] = "f16") -> int:
    """Return the bytes of keys and values for `context` tokens, and of recurrent state where layers have it.

    A layer with a sliding window keeps all tokens, too (swa_full): what lies before the window is needed where a
    prompt is read from the middle on. An embedder that sees all of a text at once keeps none.
    """
    if not header.causal:
        return 0
    each = 0.0
    for layer, heads in enumerate(header.kv_heads):
        each += heads * (header.key_lengths[layer] + header.value_lengths[layer]) * pad(context, CELLS)
    return int(each * KV_BYTES[kv_type]) + _state_bytes(header)


def compute_bytes(header: Header, options: LoadOptions) -> int:
    """Return the scratch memory of one batch: what the widest layer works on in 32 bit, and who may look at whom.

    Without flash attention the attention of all heads lies there, too.
    """
    tokens = min(options.n_batch, BATCH if options.purpose == "generate" else options.n_batch, options.context_length)
    seen = pad(options.context_length, CELLS)
    values = 2 * header.feed_forward_length + 4 * header.embedding_length
    if options.flash_attention == "off":
        values += header.heads * seen
    return FIXED + int(tokens * values * 4 * WORK_COPIES) + tokens * seen * MASK_BYTES


def vocabulary_bytes(header: Header) -> int:
    """Return what llama.cpp's tables of tokens and merges take."""
    merges = header.keys.get("tokenizer.ggml.merges", 0)
    return (header.vocabulary + (merges if isinstance(merges, int) else 0)) * TOKEN_BYTES


def copied_bytes(header: Header) -> int:
    """Return the bytes of weights that llama.cpp packs anew for the processor, beside the mapped file.

    The table of token embeddings is only looked up, and stays as it is.
    """
    found = sum(size for name, size in header.tensor_bytes.items() if name in REPACKED)
    name, size = header.embedding_table
    return found - (size if name in REPACKED else 0)


def logits_bytes(header: Header, options: LoadOptions) -> int:
    """Return the memory of the scores of the next token; with a draft, of every token that was drafted."""
    if options.purpose != "generate":
        return 0
    rows = 1 + (options.draft.k if options.draft else 0)
    return rows * header.vocabulary * 4


def gpu_layers_that_fit(header: Header, options: LoadOptions, room: int) -> int:
    """Return how many layers fit into `room` bytes of graphics memory, the scratch memory left out of it."""
    kv = kv_bytes(header, options.context_length, options.kv_type)
    each = ((header.weights or header.file_bytes) + kv) / (header.layers + 1)
    left = room - compute_bytes(header, options)
    return max(0, min(header.layers + 1, int(left / each))) if each else 0


def pad(count: int, to: int) -> int:
    """Return `count` rounded up to a multiple of `to`."""
    return math.ceil(count / to) * to


def _on_gpu(header: Header, options: LoadOptions, spread: int, compute: int) -> int:
    layers = header.layers + 1  # the output counts as one
    there = layers if options.n_gpu_layers < 0 else min(options.n_gpu_layers, layers)
    return int(spread * there / layers) + compute if there else 0


def _draft_bytes(draft: Header, options: LoadOptions) -> int:
    """Return all that a draft model takes: it runs beside the model in one process, with a context as long."""
    kv = kv_bytes(draft, options.context_length, "f16")
    return (draft.weights or draft.file_bytes) + kv + compute_bytes(draft, options) + vocabulary_bytes(draft)


def _state_bytes(header: Header) -> int:
    """Return the state that recurrent layers keep: a convolution's last values and the state itself, in 32 bit."""
    own = {name.removeprefix(f"{header.architecture}."): value for name, value in header.keys.items()}
    inner, state = own.get("ssm.inner_size", 0), own.get("ssm.state_size", 0)
    convolution, groups = own.get("ssm.conv_kernel", 0), own.get("ssm.group_count", 0)
    if not all(isinstance(value, int) for value in (inner, state, convolution, groups)) or not inner:
        return 0
    layers = sum(heads == 0 for heads in header.kv_heads) or header.layers
    return int(layers * (max(convolution - 1, 0) * (inner + 2 * groups * state) + state * inner) * 4)


# ------------------------------------------------------------ before the file is here


def weights_bytes(params_b: float, quant: str) -> int:
    """Return about how many bytes the file of a model has, from its parameters in billions. 0 without parameters."""
    bits = BITS.get(quant.upper()) or _bits_by_digit(quant)
    return int(params_b * 1e9 * bits / 8)


def described_bytes(params_b: float | None, quant: str) -> int:
    """Return about how much memory a model takes whose file is not here; 0 when its size is not described."""
    return weights_bytes(params_b, quant) + COMPUTE_BYTES if params_b else 0


def context_bytes(layers: int, heads: int, width: int, context: int) -> int:
    """Return the bytes of a full context: keys and values of every layer."""
    return 2 * layers * heads * width * F16_BYTES * context


def gb(value: float) -> str:
    """Return bytes in words, decimal as shops and hubs count: 2.1 GB, 640 MB."""
    return f"{value / 1e9:.1f} GB" if value >= 995_000_000 else f"{value / 1e6:.0f} MB"


def _bits_by_digit(quant: str) -> float:
    """Return the bits of a type that the table does not have (UD-Q4_K_XL, MXFP4): its digit and a little."""
    digit = re.search(r"[2-8]", quant)
    return int(digit.group()) * 1.15 if digit else BITS["Q4_K_M"]
