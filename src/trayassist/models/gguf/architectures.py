"""Which architectures cannot take back a token: those keep a running state, or make all tokens at once (S0-09).

Speculation drafts tokens and takes the wrong ones back, so such a model must never be given a draft or prompt
lookup; its answer would silently be another (C-05). The names are those of llm_arch_is_recurrent,
llm_arch_is_hybrid and llm_arch_is_diffusion in llama.cpp's llama-arch.cpp, as built into llama-cpp-python 0.3.36.
Names of later builds are caught by the keys of the state itself.
"""

from __future__ import annotations

from collections.abc import Iterable

RECURRENT = frozenset({"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"})
HYBRID = frozenset(
    {
        "jamba", "falcon-h1", "plamo2", "granitehybrid", "lfm2", "lfm2moe", "nemotron_h", "nemotron_h_moe", "qwen3next",
        "kimi-linear", "bailingmoe3", "kimi-k3", "glm5-next", "qwen35", "qwen35moe", "qwen4exp", "deepseek4",
        "minimax-01",
    }
)  # fmt: skip
DIFFUSION = frozenset({"dream", "llada", "llada-moe", "rnd1"})
STATE_KEYS = (".ssm.", ".wkv.", ".shortconv.")


def why_no_speculation(architecture: str, keys: Iterable[str] = ()) -> str:
    """Return why a model of this architecture must not speculate, as the end of a sentence; "" when it may.

    `keys` are those of its GGUF: the architecture's own keys of a running state count as well as its name.
    """
    if architecture in DIFFUSION:
        return f"its architecture {architecture} does not write token by token"
    own = any(key.startswith(f"{architecture}.") and any(part in key for part in STATE_KEYS) for key in keys)
    if own or architecture in RECURRENT or architecture in HYBRID:
        return f"its architecture {architecture} keeps a running state, from which no token can be taken back"
    return ""
