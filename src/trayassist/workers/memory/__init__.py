"""The memory worker: LanceDB tables, the embedder, search, quotes and facts, in a process of their own.

Naming `main` costs nothing: the heavy libraries are imported when it runs, in the child process.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from trayassist.workers.child import Channel


def main(channel: Channel, folder: str) -> None:
    """Open (or make) the memory in `folder` and answer requests until the parent closes the pipe."""
    os.environ.setdefault("LANCEDB_LOG", "error")  # its warnings are about its own index files, not for people
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    limit_heaps()
    leave_out_web_client()
    from trayassist.workers.memory.service import MemoryService

    service = MemoryService(folder, cancelled=channel.cancelled)
    gc.freeze()  # what was loaded stays: looking through it again and again would only hold searches up
    gc.set_threshold(20_000)  # nor through all documents while some are written: hardly anything here is in a circle
    try:
        channel.serve(service.operations())
    finally:
        service.close()


def limit_heaps() -> None:
    """Have glibc keep less of what is freed: two heaps for all of LanceDB's threads. Elsewhere nothing is done.

    Large blocks are not given back one by one (M_MMAP_THRESHOLD): that took a quarter of the time of a search.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(-8, 2)  # M_ARENA_MAX


class Unavailable:
    """Stands for what the web client does, so that LanceDB can be imported; it cannot be used."""

    def __init__(self, *_: object, **__: object) -> None:
        raise NotImplementedError("this program uses LanceDB in a folder, never as a service")


def leave_out_web_client() -> None:
    """Have `import lancedb` leave out the client of LanceDB's web service, which a folder on this disk never needs.

    LanceDB imports it in any case: 190 modules, two thirds of the processor time of its import. Here its packages are
    made without running their `__init__`, so that only the few modules that LanceDB names itself are imported.
    Where the packages are not found, as with another version of LanceDB, nothing is done.
    """
    interface, client = find_spec("lance_namespace"), find_spec("lance_namespace_urllib3_client")
    if "lancedb" in sys.modules or not (interface and interface.origin and client and client.origin):
        return
    places = {"lance_namespace": Path(interface.origin).parent, client.name: Path(client.origin).parent}
    places[f"{client.name}.models"] = places[client.name] / "models"
    for name, place in places.items():
        package = sys.modules[name] = ModuleType(name)
        package.__path__ = [str(place)]
    sys.modules["lance_namespace"].__getattr__ = _name_of_client  # type: ignore[method-assign]


def _name_of_client(name: str) -> object:
    """Return the shape of the service's answer that LanceDB asks for by `name`; of anything else, what is no use."""
    if name.startswith("__"):
        raise AttributeError(name)
    module = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    if name.endswith("Response"):
        return getattr(import_module(f"lance_namespace_urllib3_client.models.{module}"), name)
    return type(name, (Unavailable,), {})
