"""What this machine has for models: memory, graphics memory, cores, disk; and the tier of stacks that suits it.

Looking never raises: a program or file that is not there, or does not answer in time, counts as nothing found.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trayassist.paths import Paths

GIB = 2**30
LOOK_LIMIT_S = 4.0  # nvidia-smi may wait for a driver; the wizard does not
SYSFS = Path("/sys/class/drm")
NEARLY_GIB = 0.5  # a “16 GB” card reports a little less: 16,376 MiB
APPLE_SHARE = 0.7  # of unified memory that Metal gives to one process by default (two thirds to three quarters)

Tier = Literal["cpu-small", "cpu", "gpu-12", "gpu-16", "gpu-24"]
TIERS: tuple[Tier, ...] = ("cpu-small", "cpu", "gpu-12", "gpu-16", "gpu-24")
LEAST_RAM_GIB = 12  # of a machine without a graphics card that is not “small”


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card: its memory in bytes; `backends` are the builds of llama.cpp that can use it."""

    name: str
    bytes: int
    backends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What was found, in bytes. `cores` are physical; `backend` is what our llama.cpp was built for, "" = CPU only."""

    ram: int
    available: int
    cores: int
    disk_free: int
    gpus: tuple[Gpu, ...] = ()
    backend: str = ""

    @property
    def vram(self) -> int:
        """Bytes of graphics memory that our build of llama.cpp can use, all cards together; 0 without one."""
        return sum(gpu.bytes for gpu in self.gpus if self.backend in gpu.backends)

    @property
    def unused_vram(self) -> int:
        """Bytes of graphics memory that is there, but of no use to our build of llama.cpp."""
        return sum(gpu.bytes for gpu in self.gpus) - self.vram


def tier(facts: Hardware) -> Tier:
    """Return the tier of a machine (S1-13): by usable graphics memory from 12 GB on, below that by RAM."""
    vram = facts.vram / GIB + NEARLY_GIB
    if vram >= 24:
        return "gpu-24"
    if vram >= 16:
        return "gpu-16"
    if vram >= 12:
        return "gpu-12"
    return "cpu" if facts.ram / GIB + NEARLY_GIB >= LEAST_RAM_GIB else "cpu-small"


def look(models: Path) -> Hardware:
    """Return what this machine has. `models` is the folder that downloads go to. May take seconds: use a thread."""
    import psutil

    memory = psutil.virtual_memory()
    return Hardware(
        ram=memory.total,
        available=memory.available,
        cores=psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        disk_free=disk_free(models),
        gpus=tuple(_gpus(memory.total)),
        backend=backend(),
    )


def disk_free(folder: Path) -> int:
    """Return the free bytes where `folder` is or will be; 0 when that cannot be said."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return 0


def backend() -> str:
    """Return what our llama.cpp was built for besides the CPU: cuda, hip, metal, vulkan, sycl; "" for the CPU alone.

    It is told from the libraries in llama-cpp-python's folder (ggml has one a backend), which needs no import.
    """
    try:
        spec = importlib.util.find_spec("llama_cpp")
    except (ImportError, ValueError):
        return ""
    folders = spec.submodule_search_locations if spec is not None else None
    for folder in folders or ():
        names = [path.name.lower() for path in Path(folder, "lib").glob("*ggml*")]
        for kind in ("cuda", "hip", "metal", "vulkan", "sycl"):
            if any(f"ggml-{kind}" in name for name in names):
                return kind
    return ""


# ------------------------------------------------------------ graphics cards


def _gpus(ram: int) -> Iterator[Gpu]:
    if sys.platform == "darwin":
        if platform.machine() == "arm64":
            yield Gpu("Apple", int(ram * APPLE_SHARE), ("metal",))
        return
    nvidia = list(_nvidia(_output("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")))
    yield from nvidia
    yield from _amd(SYSFS)


def _nvidia(output: str) -> Iterator[Gpu]:
    """Read nvidia-smi's lines such as “NVIDIA GeForce RTX 3060, 12288” (MiB)."""
    for line in output.splitlines():
        name, _, mebibytes = line.rpartition(",")
        if name and mebibytes.strip().isdigit():
            yield Gpu(name.strip(), int(mebibytes) * 2**20, ("cuda", "vulkan"))


def _amd(sysfs: Path) -> Iterator[Gpu]:
    """Read the amdgpu driver's files; a graphics part of the processor has little memory of its own, and counts so."""
    for file in sorted(sysfs.glob("card*/device/mem_info_vram_total")):
        try:
            size = int(file.read_text())
        except (OSError, ValueError):
            continue
        yield Gpu("AMD graphics", size, ("hip", "vulkan"))


def _output(*command: str) -> str:
    """Return what a program prints; "" when it is not there, fails, or takes too long."""
    program = shutil.which(command[0])
    if program is None or not os.path.isabs(program):  # noqa: PTH117  # never one in the current folder
        return ""
    try:
        done = subprocess.run(
            [program, *command[1:]],
            capture_output=True,
            text=True,
            timeout=LOOK_LIMIT_S,
            stdin=subprocess.DEVNULL,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout if done.returncode == 0 else ""


class Machine:
    """This machine. Asking for memory costs some ten microseconds; `look_for_gpu` may take seconds, in a thread."""

    def __init__(self, paths: Paths) -> None:
        self._models = paths.models
        self.vram = 0  # bytes of graphics memory that our llama.cpp can use

    def look_for_gpu(self) -> None:
        """Find out `vram`. Starts no program where llama.cpp was built for the CPU alone."""
        if backend():
            self.vram = look(self._models).vram

    def ram(self) -> int:
        """Return the bytes of memory that are built in."""
        import psutil  # here and below: not needed to start

        return int(psutil.virtual_memory().total)

    def available(self) -> int:
        """Return the bytes that can be taken without swapping; the page cache counts as free."""
        import psutil

        return int(psutil.virtual_memory().available)

    def resident(self, pid: int) -> int:
        """Return the bytes of a process that are in memory, mapped model files among them; 0 when it has ended."""
        import psutil

        try:
            return int(psutil.Process(pid).memory_info().rss)
        except psutil.Error:
            return 0


def cores_that_read() -> int:
    """Return the physical cores this process may run on: a prompt is read on all of them.

    The person waits for nothing else then, and reading takes half the time on a machine of two cores.
    """
    import psutil

    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed))


def usable_cores() -> int:
    """Return the physical cores this process may run on, less one, at least one: an answer is written on these.

    One is left to the window and the readers: llama.cpp's threads wait for each other by spinning, so that
    with a busy core among them all slow down (measured: to a tenth).
    """
    return max(1, cores_that_read() - 1)
