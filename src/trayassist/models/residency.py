"""Which models are loaded: a worker process each, loaded when asked for, ended when idle.

Ending a worker's process is how its memory comes back. Nothing here polls: a timer is set when a model falls idle.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trayassist.api import ModelUnavailable, WorkerDied
from trayassist.models import gguf
from trayassist.models.registry import Registry
from trayassist.paths import Paths
from trayassist.safety.audit import Audit
from trayassist.workers.model import Info, Options, main
from trayassist.workers.pool import Worker

LOAD_LIMIT_S = 600.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded model: its worker's process id and the memory that process holds, in bytes."""

    name: str
    pid: int
    bytes: int
    busy: bool
    base: bool


@dataclass(slots=True)
class Resident:
    """A model's worker. `info` is None until the model is loaded; `idle` is the timer that will end it."""

    worker: Worker
    info: Info | None = None
    idle: asyncio.TimerHandle | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the model can answer at once."""
        return self.info is not None and self.worker.pid is not None


class Residency:
    """Loads, lists and unloads the registry's models."""

    def __init__(self, paths: Paths, registry: Registry, audit: Audit) -> None:
        self._paths, self._registry, self._audit = paths, registry, audit
        self._residents: dict[str, Resident] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}

    def file(self, name: str) -> Path:
        """Return where the model's file should be. Raises ModelUnavailable for a model that is not described."""
        if name not in self._registry.models:
            raise ModelUnavailable(f"Model '{name}' not found in registry.", f"Describe it in {self._paths.registry}.")
        return self._paths.models / Path(self._registry.models[name].file).expanduser()

    def loaded(self) -> list[Loaded]:
        """Return the models that are loaded now."""
        import psutil  # here and below: not needed to start

        found = []
        for name, resident in self._residents.items():
            pid, info = resident.worker.pid, resident.info
            if pid is not None and info is not None:
                try:
                    memory = psutil.Process(pid).memory_info().rss
                except psutil.Error:
                    continue  # it ended this moment
                found.append(Loaded(name, pid, memory, resident.worker.busy, info["base"]))
        return found

    async def ready(self, name: str, on_status: Callable[[str], None]) -> tuple[Worker, float]:
        """Return the model's worker, loaded, and how long that took in ms (0 when it was loaded before).

        Raises ModelUnavailable, in words, when the model does not load.
        """
        if (ending := self._ending.get(name)) is not None:
            await asyncio.shield(ending)  # its memory is wanted back first
        resident = self._residents.get(name)
        if resident is not None and resident.idle is not None:
            resident.idle.cancel()
            resident.idle = None
        if resident is not None and resident.is_loaded:
            return resident.worker, 0.0
        began = time.perf_counter()
        header = await asyncio.to_thread(gguf.read, self.file(name))
        resident = self._residents[name] = Resident(Worker(f"model {name}", main, options=self._options(name, header)))
        try:
            resident.info = await self._load(name, resident.worker, on_status)
        except BaseException:
            await asyncio.shield(self._end(name))
            raise
        load_ms = (time.perf_counter() - began) * 1e3
        self._audit.write("model_loaded", actual_model=name, loadMs=load_ms, architecture=header.architecture)
        if resident.info["base"]:
            on_status(f"{name} has no chat template: it is a base model and may ramble")
        return resident.worker, load_ms

    def rest(self, name: str) -> None:
        """Unload the model after `idle_unload_s`, unless it is asked for before."""
        resident = self._residents.get(name)
        if resident is not None:
            delay = self._registry.residency.idle_unload_s
            resident.idle = asyncio.get_running_loop().call_later(delay, self._end, name)

    async def unload(self, name: str) -> None:
        """End the model's worker; its memory is free when this returns."""
        await asyncio.shield(self._end(name))

    async def stop(self) -> None:
        """End all workers, the busy ones at once."""
        for resident in self._residents.values():
            if resident.worker.busy:
                resident.worker.kill()
        for name in list(self._residents):
            self._end(name)
        await asyncio.gather(*self._ending.values())

    # ------------------------------------------------------------ inside

    def _end(self, name: str) -> asyncio.Task[None]:
        """Take the model off the list now, and end its process in a task."""
        resident = self._residents.pop(name, None)
        earlier = self._ending.get(name)
        task = asyncio.get_running_loop().create_task(self._ended(name, resident, earlier))
        self._ending[name] = task
        return task

    async def _ended(self, name: str, resident: Resident | None, earlier: asyncio.Task[None] | None) -> None:
        if earlier is not None:
            await earlier
        if resident is not None:
            if resident.idle is not None:
                resident.idle.cancel()
            await resident.worker.stop()
            if resident.info is not None:
                self._audit.write("model_unloaded", actual_model=name)
        if self._ending.get(name) is asyncio.current_task():
            del self._ending[name]

    async def _load(self, name: str, worker: Worker, on_status: Callable[[str], None]) -> Info:
        on_status(f"loading {name}")
        began = time.perf_counter()
        loading = asyncio.create_task(worker.call("load"))
        try:
            while not (await asyncio.wait({loading}, timeout=1.0))[0]:
                waited = time.perf_counter() - began
                on_status(f"loading {name}, {waited:.0f} s")
                if waited > LOAD_LIMIT_S:
                    raise ModelUnavailable(f"The model {name} did not load within {LOAD_LIMIT_S:.0f} seconds.")
            info: Info = await loading
            return info
        except WorkerDied as error:
            raise ModelUnavailable(
                f"The model {name} does not load: {error.what}", "It may be too large for this machine, or damaged."
            ) from error
        finally:
            loading.cancel()
            await asyncio.wait({loading})

    def _options(self, name: str, header: gguf.Header) -> Options:
        defaults, model = self._registry.runtime_defaults, self._registry.models[name]
        users = [role for role in self._registry.roles.values() if name in (role.model, *role.fallback)]
        wanted = max((role.context_length for role in users if role.context_length), default=defaults.context_length)
        context = model.context_length or wanted
        return Options(
            file=str(self.file(name)),
            context_length=min(context, header.context_length or context),
            n_batch=defaults.n_batch,
            n_threads=usable_cores() if defaults.n_threads == "auto" else defaults.n_threads,
            n_gpu_layers=-1 if defaults.n_gpu_layers == "auto" else defaults.n_gpu_layers,
            use_mmap=defaults.use_mmap,
            plain=model.kind == "base",
        )


def usable_cores() -> int:
    """Return the physical cores this process may run on, less one, at least one.

    One is left to the window and the readers: llama.cpp's threads wait for each other by spinning, so that
    with a busy core among them all slow down (measured: to a tenth).
    """
    import psutil

    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed) - 1)
