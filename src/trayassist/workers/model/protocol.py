"""What goes over the pipe of a model worker: how to load, what to sample, pieces of the answer, its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from trayassist.api import TrayassistError

CPU_FACTS = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOptions:
    """A draft model that is loaded beside the model: its file, and how many tokens it drafts at once.

    `always` leaves it on where it does not pay: that is for measuring.
    """

    file: str
    k: int
    always: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """How to load a model. `plain` leaves the file's chat template aside (a base model); lengths are in tokens.

    `n_threads` write an answer, `n_threads_read` read its prompt (0: as many).
    `purpose`: generate, embed (vectors) or rerank (scores). `kv_overrides` are GGUF keys set anew, such as
    the experts used. `conversation_cache_bytes` bounds the state kept for conversations that were left.
    """

    file: str
    context_length: int
    n_batch: int
    n_threads: int
    n_threads_read: int = 0
    n_gpu_layers: int
    use_mmap: bool
    plain: bool = False
    split_mode: Literal["none", "layer", "row"] = "layer"
    main_gpu: int = 0
    tensor_split: tuple[float, ...] = ()
    flash_attention: Literal["auto", "on", "off"] = "auto"
    kv_type: Literal["f16", "q8_0", "q4_0"] = "f16"
    kv_overrides: Mapping[str, int] = field(default_factory=dict)
    conversation_cache_bytes: int = 0
    draft: DraftOptions | None = None
    purpose: Literal["generate", "embed", "rerank"] = "generate"


class Info(TypedDict):
    """What is known of a loaded model. `base` says that it answers without a chat template of its own.

    `gpu` says that this build of llama.cpp can use a GPU and found one; `gpu_layers` are those put there.
    """

    load_ms: float
    context_length: int
    base: bool
    gpu: bool
    gpu_layers: int


class Sampling(TypedDict):
    """How an answer is sampled. `seed` None is a new one each time; `temperature` 0 is greedy.

    `grammar` is GBNF, `schema` a JSON Schema; both empty: any text. Never both.
    """

    temperature: float
    max_tokens: int
    stop: tuple[str, ...]
    seed: int | None
    grammar: str
    schema: Mapping[str, Any] | None


class Adapter(TypedDict):
    """A LoRA adapter to answer with: the GGUF file and its scale. Its id and slot are for the log and the footer."""

    file: str
    scale: float
    id: NotRequired[str]
    slot: NotRequired[str]


class AdapterUnavailable(TrayassistError):
    """An adapter cannot be applied: its file is missing, damaged, or made for another model."""

    code = "adapter_unavailable"


class Lookup(TypedDict):
    """Drafting with words of the prompt: tokens at once, and how many must match before."""

    k: int
    ngram: int


class Began(TypedDict):
    """The first item of an answer: the prompt's length, and how many of the oldest turns were left out of it.

    `left_out` counts the passages and tools that had to leave too, once no past turn was left.
    """

    tokens_in: int
    trimmed: int
    left_out: NotRequired[int]


class Piece(TypedDict):
    """A piece of the answer, and how many tokens the answer has so far. `thought` marks reasoning, shown folded."""

    text: str
    tokens_out: int
    thought: bool


class Report(TypedDict):
    """The last item of an answer. `cached_tokens` of the prompt were known from before.

    `finish` is stop, length (the most tokens were written) or loop (it went round in circles, and was ended).
    `first_ms` is the time to the first token; `tokens_per_s` is measured from there on. Of `drafted` tokens
    `accepted` were right; `speculation_off` says in words why it was switched off, or is empty.
    """

    tokens_out: int
    cached_tokens: int
    first_ms: float
    tokens_per_s: float
    finish: str
    drafted: int
    accepted: int
    speculation_off: str


@cache
def packs_weights() -> bool:
    """Return whether llama.cpp packs quantized weights anew for the processor: not where the processor offers AMX.

    The kernels for AMX end the process there: a prompt of some 40 tokens is enough on a quantized model (SIGILL at a
    tile instruction, although the system grants the tiles and they work; llama.cpp issues 20824 and 28756). Its other
    kernels read the same prompt.
    """
    try:
        flags = next((line for line in CPU_FACTS.read_text().splitlines() if line.startswith("flags")), "")
    except OSError:
        return True  # no Linux
    return "amx_tile" not in flags.split()
