"""Makes models answer: one worker per loaded model, one answer at a time, unloaded when idle.

Ending a worker's process is how its memory comes back. Nothing here polls: a timer is set when a model falls idle.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from trayassist.api import Chunk, Message, ModelUnavailable, TrayassistError, WorkerDied
from trayassist.models import gguf
from trayassist.models.registry import Registry, RoleSettings
from trayassist.paths import Paths
from trayassist.safety.audit import Audit
from trayassist.workers import model as model_worker
from trayassist.workers.pool import Worker

LOAD_LIMIT_S = 600.0
USAGES_KEPT = 100


@dataclass(frozen=True, slots=True)
class Usage:
    """How one request used models. Times in ms. `fallback` says in words why another model answered, or is empty."""

    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_per_s: float = 0.0
    cached_tokens: int = 0
    queue_ms: float = 0.0
    load_ms: float = 0.0
    first_ms: float = 0.0
    trimmed: int = 0
    finish: str = ""
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded model: its worker's process id and the memory that process holds, in bytes."""

    name: str
    pid: int
    bytes: int
    busy: bool


class Engine:
    """The models of the registry, loaded on demand."""

    def __init__(self, paths: Paths, registry: Registry, audit: Audit) -> None:
        self._paths, self._registry, self._audit = paths, registry, audit
        self._workers: dict[str, Worker] = {}
        self._idle: dict[str, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._heavy = asyncio.Lock()  # one heavy generation at a time (S2-07)
        self._usages: OrderedDict[str, Usage] = OrderedDict()

    def model_for(self, role: str) -> str | None:
        """Return the role's model if its file is there, else None (F-27)."""
        name = self._registry.role(role).model
        return name if name is not None and self._file(name).is_file() else None

    def why_not(self, role: str) -> str:
        """Return why the role has no model, in words, or "" when it has one or none is named."""
        name = self._registry.role(role).model
        if name is None or self._file(name).is_file():
            return ""
        return f"The file of model {name} is missing: put it at {self._file(name)}."

    def unavailable(self, role: str) -> ModelUnavailable:
        """Return the error for a role that has no model."""
        todo = f"Name one for the role {role} in {self._paths.registry}."
        return ModelUnavailable(self.why_not(role) or "There is no language model.", todo)

    def usage(self, request_id: str) -> Usage | None:
        """Return how a recent request used models, or None when it used none."""
        return self._usages.get(request_id)

    def loaded(self) -> list[Loaded]:
        """Return the models that are loaded now."""
        found = []
        for name, worker in self._workers.items():
            if (pid := worker.pid) is not None:
                try:
                    found.append(Loaded(name, pid, psutil.Process(pid).memory_info().rss, worker.busy))
                except psutil.Error:
                    continue  # it ended this moment
        return found

    async def generate(
        self,
        role: str,
        model: str,
        messages: Sequence[Message],
        *,
        conversation: str = "",
        request_id: str = "",
        on_status: Callable[[str], None] = lambda _: None,
    ) -> AsyncGenerator[Chunk, None]:
        """Stream an answer of `model`, or of the role's declared fallbacks when it fails before its first piece.

        Raises ModelUnavailable, WorkerDied, or TrayassistError when the role's time limit is over.
        """
        settings = self._registry.role(role)
        asked = time.perf_counter()
        if self._heavy.locked():
            on_status("waiting for another answer")
        async with self._heavy:
            queue_ms = (time.perf_counter() - asked) * 1e3
            problem = ""
            names = [model, *(name for name in settings.fallback if name != model)]
            for number, name in enumerate(names):
                call = _Call(role, model, name, conversation, request_id, len(messages), queue_ms, problem)
                try:
                    async with aclosing(self._one(call, settings, messages, on_status)) as chunks:
                        async for chunk in chunks:
                            call.streamed = True
                            yield chunk
                    return
                except (ModelUnavailable, WorkerDied) as error:
                    if call.streamed or number == len(names) - 1:
                        raise
                    problem = f"{name} could not answer: {error.what}"
                    on_status(f"{problem} Asking {names[number + 1]}")

    async def unload(self, name: str) -> None:
        """End the model's worker; its memory is free when this returns."""
        if (timer := self._idle.pop(name, None)) is not None:
            timer.cancel()
        worker = self._workers.pop(name, None)
        if worker is not None:
            await worker.stop()
            self._audit.write("model_unloaded", actual_model=name)

    async def stop(self) -> None:
        """End all workers."""
        for worker in self._workers.values():
            if worker.busy:
                worker.kill()
        await asyncio.gather(*(self.unload(name) for name in list(self._workers)))

    # ------------------------------------------------------------ inside

    async def _one(
        self, call: _Call, settings: RoleSettings, messages: Sequence[Message], on_status: Callable[[str], None]
    ) -> AsyncGenerator[Chunk, None]:
        """Stream an answer of exactly this model, within the role's time limit; write its audit line."""
        began = time.perf_counter()
        usage = Usage(model=call.actual, queue_ms=call.queue_ms, fallback=call.problem)
        error: BaseException | None = None
        try:
            worker, load_ms = await self._ready(call.actual, settings, on_status)
            usage = replace(usage, load_ms=load_ms)
            defaults = self._registry.runtime_defaults
            async with asyncio.timeout(settings.timeout_s or defaults.timeout_s):
                stream = worker.stream("generate", messages=list(messages), sampling=self._sampling(settings))
                async with aclosing(stream) as items:
                    async for item in items:
                        if isinstance(item, str):
                            yield Chunk(item)
                        else:
                            usage = replace(usage, **item)
            if usage.trimmed:
                on_status("earlier turns were left out: the context is full")
        except TimeoutError as late:
            limit = settings.timeout_s or self._registry.runtime_defaults.timeout_s
            error = TrayassistError(
                f"The model {call.actual} did not finish within {limit:.0f} seconds.",
                "Raise timeout_s, or ask for less.",
            )
            raise error from late
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._remember(call.request_id, usage)
            self._rest(call.actual)
            self._record(call, usage, time.perf_counter() - began, error)

    async def _ready(self, name: str, settings: RoleSettings, on_status: Callable[[str], None]) -> tuple[Worker, float]:
        """Return the model's worker, loaded, and how long loading took in ms (0 when it was loaded)."""
        if (timer := self._idle.pop(name, None)) is not None:
            timer.cancel()
        worker = self._workers.get(name)
        if worker is not None and worker.pid is not None:
            return worker, 0.0
        header = await asyncio.to_thread(gguf.read, self._file(name))
        worker = self._workers.setdefault(
            name, Worker(f"model {name}", model_worker.main, **self._options(name, header))
        )
        began = time.perf_counter()
        loading = asyncio.create_task(worker.call("info"))
        try:
            while not (await asyncio.wait({loading}, timeout=1.0))[0]:
                waited = time.perf_counter() - began
                on_status(f"loading {name}, {waited:.0f} s")
                if waited > LOAD_LIMIT_S:
                    raise ModelUnavailable(f"The model {name} did not load within {LOAD_LIMIT_S:.0f} seconds.")
            await loading
        except TrayassistError:
            await self.unload(name)
            raise
        finally:
            loading.cancel()
        load_ms = (time.perf_counter() - began) * 1e3
        self._audit.write("model_loaded", actual_model=name, loadMs=load_ms, architecture=header.architecture)
        if not header.chat_template:
            on_status(f"{name} has no chat template: it is a base model and may ramble")
        return worker, load_ms

    def _options(self, name: str, header: gguf.Header) -> dict[str, Any]:
        defaults, model = self._registry.runtime_defaults, self._registry.models[name]
        wanted = [s.context_length for s in self._registry.roles.values() if s.model == name and s.context_length]
        context = model.context_length or max(wanted, default=defaults.context_length)
        threads = defaults.n_threads
        return {
            "file": str(self._file(name)),
            "context_length": min(context, header.context_length or context),
            "n_batch": defaults.n_batch,
            "n_threads": (psutil.cpu_count(logical=False) or 2) if threads == "auto" else threads,
            "n_gpu_layers": -1 if defaults.n_gpu_layers == "auto" else defaults.n_gpu_layers,
            "use_mmap": defaults.use_mmap,
        }

    def _sampling(self, settings: RoleSettings) -> model_worker.Sampling:
        defaults = self._registry.runtime_defaults
        return {
            "temperature": defaults.temperature if settings.temperature is None else settings.temperature,
            "max_tokens": settings.max_tokens or defaults.max_tokens,
            "stop": settings.stop,
            "seed": settings.seed,
        }

    def _file(self, name: str) -> Path:
        if name not in self._registry.models:
            raise ModelUnavailable(f"Model '{name}' not found in registry.", f"Describe it in {self._paths.registry}.")
        return self._paths.models / Path(self._registry.models[name].file).expanduser()

    def _rest(self, name: str) -> None:
        """Unload the model when it stays idle."""
        delay = self._registry.runtime_defaults.idle_unload_s
        self._idle[name] = asyncio.get_running_loop().call_later(delay, self._unload_later, name)

    def _unload_later(self, name: str) -> None:
        task = asyncio.get_running_loop().create_task(self.unload(name))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _remember(self, request_id: str, usage: Usage) -> None:
        self._usages[request_id] = usage
        while len(self._usages) > USAGES_KEPT:
            self._usages.popitem(last=False)

    def _record(self, call: _Call, usage: Usage, seconds: float, error: BaseException | None) -> None:
        self._audit.write(
            "llm_call",
            run_id=call.request_id,
            role=call.role,
            configured_model=call.configured,
            actual_model=call.actual,
            provider="llama_cpp",
            kind="local",
            messageCount=call.messages,
            tokensIn=usage.tokens_in,
            tokensOut=usage.tokens_out,
            tokensUsed=usage.tokens_in + usage.tokens_out,
            cachedTokens=usage.cached_tokens,
            ttftMs=usage.first_ms,
            latencyMs=seconds * 1e3,
            queueMs=usage.queue_ms,
            loadMs=usage.load_ms,
            fallback_from=call.configured if call.problem else None,
            fallback_reason=call.problem or None,
            cost=0,
            success=error is None,
            error=None if error is None else f"{type(error).__name__}: {error}",
        )


@dataclass(slots=True)
class _Call:
    role: str
    configured: str
    actual: str
    conversation: str
    request_id: str
    messages: int
    queue_ms: float
    problem: str
    streamed: bool = False
