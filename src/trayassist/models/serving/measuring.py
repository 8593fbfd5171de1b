"""How fast a model is on this machine: a fixed prompt, a fixed number of tokens, greedily."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from uuid import uuid4

from trayassist.api import Message, NotAllowed, TrayassistError
from trayassist.models.registry.schema import Adjustment, Registry
from trayassist.models.serving import smoke
from trayassist.models.serving.engine import Engine
from trayassist.models.serving.generation import Usage

TOKENS = 64
LIMIT_S = 900.0
TEXTS = 16
SENTENCE = "The ferry leaves the old harbour at seven, calls at three islands, and is back before the last train. "
PROMPT = SENTENCE * 12 + "Say in many words what a traveller should bring."


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBenchmark:
    """What was measured. Speeds in tokens a second (of an embedder: passages a second), times in ms, memory in bytes.

    `before` is the speed that was measured before this, 0 when none was. `unfit` says which smoke tasks it failed,
    so that it never answers in place of another (F-05); "" when it passed.
    """

    model: str
    load_ms: float
    prompt_tokens: int
    prompt_tokens_per_s: float
    tokens: int
    tokens_per_s: float
    memory: int
    gpu_layers: int
    before: float
    passages_per_s: float = 0.0
    unfit: str = ""


async def measure(
    engine: Engine,
    registry: Registry,
    name: str,
    *,
    tokens: int = TOKENS,
    on_status: Callable[[str], None] = lambda _: None,
) -> ModelBenchmark:
    """Load the model anew, let it read a fixed prompt and write `tokens` tokens; return how fast that was.

    The engine keeps the speed as the model's. Raises NotAllowed for a model of an endpoint, ModelUnavailable when it
    does not load, TrayassistError when it does not finish.
    """
    if name not in registry.models:
        raise NotAllowed(
            f"Model '{name}' not found in registry.", f"Described: {', '.join(registry.models) or 'none'}."
        )
    if registry.provider(name).api != "llama_cpp":
        raise NotAllowed(f"{name} runs elsewhere, so its speed says nothing of this machine.", "Measure a local one.")
    before = _tokens_per_s(engine, name)
    await engine.unload(name)
    on_status(f"loading {name}")
    began = time.perf_counter()
    await engine.load(name, on_status)
    load_ms = (time.perf_counter() - began) * 1e3
    if registry.models[name].kind in ("embedding", "reranker"):
        return await _embedding(engine, name, registry.models[name].kind, load_ms)
    on_status("reading the prompt, then writing")
    return await _writing(engine, registry, name, tokens, load_ms, before, on_status)


async def _writing(
    engine: Engine,
    registry: Registry,
    name: str,
    tokens: int,
    load_ms: float,
    before: float,
    on_status: Callable[[str], None],
) -> ModelBenchmark:
    role = next((role for role, settings in registry.roles.items() if settings.model == name), "persona")
    timed = Adjustment(temperature=0, max_tokens=tokens, seed=1, timeout_s=LIMIT_S)
    _, usage = await _answer(engine, role, name, PROMPT, timed)
    state = next(state for state in engine.models() if state.name == name)
    fresh = usage.tokens_in - usage.cached_tokens
    return ModelBenchmark(
        model=name,
        load_ms=load_ms,
        prompt_tokens=fresh,
        prompt_tokens_per_s=fresh / (usage.first_ms / 1e3) if usage.first_ms else 0.0,
        tokens=usage.tokens_out,
        tokens_per_s=usage.tokens_per_s,
        memory=state.measured,
        gpu_layers=state.gpu_layers,
        before=before,
        unfit=await _unfit(engine, role, name, on_status),
    )


async def _unfit(engine: Engine, role: str, name: str, on_status: Callable[[str], None]) -> str:
    """Give the model the smoke tasks; return why it may not stand in for another, in words."""

    async def ask(prompt: str) -> str:
        return (await _answer(engine, role, name, prompt, smoke.ASKED, smoke.ENOUGH))[0]

    on_status("answering three small tasks")
    return (await engine.smoke.examine(name, ask)).details


async def _answer(
    engine: Engine, role: str, name: str, prompt: str, how: Adjustment, most: int = 0
) -> tuple[str, Usage]:
    """Return the model's own answer and how it used the model. Raises TrayassistError when another one answered.

    With `most` characters the answer is cut.
    """
    request = f"bench-{uuid4().hex}"
    asked = [Message(speaker="user", text=prompt)]
    stream = engine.generate(role, name, asked, request_id=request, adjustment=how, adapters=())
    answer = ""
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            answer += "" if chunk.thought else chunk.text
            if 0 < most < len(answer):
                break
    usage = engine.usage(request)
    if usage is None or usage.model != name:
        raise TrayassistError(f"{name} could not answer, so nothing was measured.", usage.fallback if usage else "")
    return answer, usage


async def _embedding(engine: Engine, name: str, kind: str, load_ms: float) -> ModelBenchmark:
    texts = [f"{number}. {SENTENCE * 8}" for number in range(TEXTS)]
    async with engine.worker_for(name) as worker, asyncio.timeout(LIMIT_S):
        began = time.perf_counter()
        if kind == "reranker":
            await worker.call("rerank", query=SENTENCE, texts=texts)
        else:
            await worker.call("embed", texts=texts)
        seconds = time.perf_counter() - began
    state = next(state for state in engine.models() if state.name == name)
    return ModelBenchmark(
        model=name, load_ms=load_ms, prompt_tokens=0, prompt_tokens_per_s=0.0, tokens=0, tokens_per_s=0.0,
        memory=state.measured, gpu_layers=state.gpu_layers, before=0.0, passages_per_s=TEXTS / seconds,
    )  # fmt: skip


def _tokens_per_s(engine: Engine, name: str) -> float:
    return next((state.tokens_per_s for state in engine.models() if state.name == name), 0.0)
