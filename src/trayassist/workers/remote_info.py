"""What workers say of a model that is not in their process: none of it is on the GPU, and nothing is drafted."""

from __future__ import annotations

from trayassist.workers.model import Info, Report


def info(context_length: int, load_ms: float = 0.0) -> Info:
    """Return what `load` answers; a context length of 0 is unknown."""
    return {"load_ms": load_ms, "context_length": context_length, "base": False, "gpu": False, "gpu_layers": 0}


def report(tokens_out: int, first_ms: float, tokens_per_s: float, finish: str, cached_tokens: int = 0) -> Report:
    """Return the last item of `generate`."""
    return {
        "tokens_out": tokens_out,
        "cached_tokens": cached_tokens,
        "first_ms": first_ms,
        "tokens_per_s": tokens_per_s,
        "finish": finish,
        "drafted": 0,
        "accepted": 0,
        "speculation_off": "",
    }
