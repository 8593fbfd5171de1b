"""What a role answers with right now: its active adapters, or why the base answers without them, in words.

Asked before every answer, on the event loop: two stats and no reading. A file that is not as it was imported is
never used; that its content is still the same is found out in a thread meanwhile, for the answers after this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from trayassist.api import TrayassistError
from trayassist.models.adapters.active import Active, ActiveFile
from trayassist.models.adapters.bases import Base, Bases, sha256_of
from trayassist.models.adapters.store import Store
from trayassist.models.registry.schema import Registry
from trayassist.paths import Paths
from trayassist.workers.background import BackgroundTasks
from trayassist.workers.model import Adapter

Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Applied:
    """The adapters of one call with their ids, and why others are left out ("" = none is)."""

    adapters: tuple[Adapter, ...] = ()
    ids: tuple[str, ...] = ()
    problem: str = ""


class AppliedAdapters:
    """Says which adapters apply, by the active.json, the bases and the records of one installation."""

    def __init__(self, paths: Paths, registry: Callable[[], Registry]) -> None:
        self.active = ActiveFile(paths.adapters / "active.json")
        self.bases = Bases(paths, registry)
        self.store = Store(paths.adapters)
        self._registry = registry
        self._good: dict[str, tuple[Stamp, str]] = {}  # file: stamp and sha256 for which it was found whole
        self._checks = BackgroundTasks("checking an adapter's file")

    def of(self, role: str, model: str) -> Applied:
        """Return what `role` answers with when `model` answers."""
        state = self.active.of(role)
        if self.active.problem:
            return Applied(problem=self.active.problem)
        if not state:
            return Applied()
        adapters: list[Adapter] = []
        ids: list[str] = []
        problems: list[str] = []
        for one in state:
            if problem := self._problem(one, model):
                problems.append(problem)
            elif one.scale:
                adapters.append(Adapter(file=one.ggufAdapterPath, scale=one.scale, id=one.modelName, slot=one.slot))
                ids.append(one.modelName)
        return Applied(tuple(adapters), tuple(ids), " ".join(dict.fromkeys(problems)))

    async def settle(self) -> None:
        """Wait until the files that are being checked are checked."""
        await self._checks.settle()

    def _problem(self, one: Active, model: str) -> str:
        if model != one.baseModel:
            return f"The adapter {one.modelName} belongs to {one.baseModel}; {model} answered without it."
        described = self._registry().models.get(model)
        if described is not None and "adapters" in described.forbid:
            return f"The model {model} forbids adapters, so it answered without {one.modelName}."
        try:
            base = self.bases.find(model)
        except TrayassistError as error:
            return f"{error.what} It answered without the adapter {one.modelName}."
        if self.bases.known_sha256(base) != one.baseSha256:
            self._check_base(base)
            return f"The file of {model} is not the one that {one.modelName} was made for; it answered without it."
        return self._of_file(one)

    def _of_file(self, one: Active) -> str:
        stamp = _stamp(Path(one.ggufAdapterPath))
        if stamp is None:
            return f"The file of the adapter {one.modelName} is missing; the model answered without it."
        good = self._good.get(one.ggufAdapterPath)
        if good is None:
            good = self._read_record(one)
        if good is None or good[0] != stamp:
            self._check_file(one)
            return f"The file of the adapter {one.modelName} was changed; the model answered without it."
        return ""

    def _read_record(self, one: Active) -> tuple[Stamp, str] | None:
        try:
            record = self.store.get(one.modelName)
        except TrayassistError:
            return None
        self._good[one.ggufAdapterPath] = good = ((record.bytes, record.mtime_ns), record.sha256)
        return good

    def _check_file(self, one: Active) -> None:
        """Find out in a thread whether the file, although its dates are others, holds what was imported."""
        path = Path(one.ggufAdapterPath)
        good = self._good.get(one.ggufAdapterPath)

        async def check() -> None:
            stamp = _stamp(path)
            if good is not None and stamp is not None and stamp[0] == good[0][0]:
                sha256 = await asyncio.to_thread(sha256_of, (path,))
                if sha256 == good[1] and _stamp(path) == stamp:
                    self._good[str(path)] = (stamp, sha256)

        self._run(check())

    def _check_base(self, base: Base) -> None:
        """Hash a base whose dates changed, in a thread: a copy of the same file is the same base."""

        async def check() -> None:
            await self.bases.sha256(base)

        self._run(check())

    def _run(self, work: Coroutine[None, None, None]) -> None:
        if self._checks:  # one at a time; the next answer asks again
            work.close()
        else:
            self._checks.start(work)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
