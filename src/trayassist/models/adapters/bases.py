"""Which files a model of the registry has, and their sha256, computed once for each size and time of change."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trayassist.api import ModelUnavailable
from trayassist.config.state_file import StateFile
from trayassist.models.registry.resolve import file_of
from trayassist.models.registry.schema import Registry
from trayassist.paths import Paths

_PART = re.compile(r"^(?P<stem>.+)-00001-of-(?P<parts>\d{5})\.gguf$")


@dataclass(frozen=True, slots=True)
class Base:
    """A model as an adapter's base: its name, and its file, or its parts in order."""

    name: str
    files: tuple[Path, ...]

    def stamp(self) -> list[list[int]] | None:
        """Return sizes and times of change, None when a file is missing."""
        try:
            return [[status.st_size, status.st_mtime_ns] for status in (file.stat() for file in self.files)]
        except OSError:
            return None


class Bases:
    """Finds the files of the registry's models, and remembers their hashes in `<adapters>/bases.json`."""

    def __init__(self, paths: Paths, registry: Callable[[], Registry]) -> None:
        self._paths, self._registry = paths, registry
        self._cache = StateFile(paths.adapters / "bases.json", _hashes, "bases are hashed anew")
        self._known: dict[str, tuple[list[list[int]], str]] = {}
        self._read_at: tuple[int, int] | None = None  # size and time of change of the cache when it was read

    def find(self, model: str) -> Base:
        """Return the base of that name. Raises ModelUnavailable when it has no file of its own on this machine."""
        described = self._registry().models.get(model)
        if described is None:
            raise ModelUnavailable(f"Model '{model}' not found in registry.", f"Describe it in {self._paths.registry}.")
        if not described.file:
            raise ModelUnavailable(
                f"The model {model} has no file here (its provider is {described.provider}).",
                "Adapters work with models that llama.cpp runs on this machine.",
            )
        return Base(model, _parts(file_of(self._paths, described)))

    def known_sha256(self, base: Base) -> str:
        """Return the base's sha256 if it was computed and the files did not change since, else ""."""
        stamp = base.stamp()
        if stamp is None:
            return ""
        old, sha256 = self._read().get(str(base.files[0]), ([], ""))
        return sha256 if old == stamp else ""

    def keep(self, base: Base, stamp: list[list[int]], sha256: str) -> None:
        """Remember a hash that was computed while the files had this stamp."""
        self._cache.keep_change(lambda known: known | {str(base.files[0]): (stamp, sha256)})

    async def sha256(self, base: Base, tell: Callable[[int], None] = lambda _: None) -> str:
        """Return the base's sha256, computed in a thread where it is not known; "" when a file is missing.

        `tell` is called in the thread with the bytes read so far.
        """
        if known := self.known_sha256(base):
            return known
        stamp = base.stamp()
        sha256 = await asyncio.to_thread(sha256_of, base.files, tell)
        if sha256 and stamp is not None and base.stamp() == stamp:
            self.keep(base, stamp, sha256)
        return sha256

    def _read(self) -> dict[str, tuple[list[list[int]], str]]:
        try:
            found = self._cache.path.stat()
            stamp = (found.st_size, found.st_mtime_ns)
        except OSError:
            stamp = (0, 0)
        if stamp != self._read_at:  # another room of ours writes it, too
            self._known, self._read_at = self._cache.read(), stamp
        return self._known


def sha256_of(files: Sequence[Path], tell: Callable[[int], None] = lambda _: None) -> str:
    """Return the sha256 of the files' contents one after the other, "" when one cannot be read."""
    digest, done = hashlib.sha256(), 0
    try:
        for path in files:
            with path.open("rb") as file:
                while piece := file.read(4 * 2**20):
                    digest.update(piece)
                    done += len(piece)
                    tell(done)
    except OSError:
        return ""
    return digest.hexdigest()


def _hashes(given: Any) -> dict[str, tuple[list[list[int]], str]]:
    return {str(file): (stamp, str(sha256)) for file, (stamp, sha256) in given.items()}


def _parts(file: Path) -> tuple[Path, ...]:
    match = _PART.match(file.name)
    if match is None:
        return (file,)
    count = int(match["parts"])
    return tuple(file.with_name(f"{match['stem']}-{number:05d}-of-{count:05d}.gguf") for number in range(1, count + 1))
