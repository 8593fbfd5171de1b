"""Which adapters a role answers with right now, and the reason why an active adapter is left out.

Asked before every answer, on the event loop: two stats and no reading. A file that is not as it was imported is
never used; that its content is still the same is found out in a thread meanwhile, for the answers after this one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from trayassist.api import TrayassistError
from trayassist.config.snapshots import write_atomically
from trayassist.models.adapters.bases import Base, Bases, sha256_of
from trayassist.models.adapters.record import SLOTS, AdapterRecord, Slot
from trayassist.models.adapters.store import Store, adapters_lock
from trayassist.models.registry.schema import Registry
from trayassist.paths import Paths
from trayassist.workers.background import BackgroundTasks
from trayassist.workers.model import Adapter

STATES_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """One adapter in one slot of a role. The names are those of S4-16; `isDualAdapter` says both slots are filled.

    `modelName` is the adapter's id, `baseModel` the registry's name of the model under it, `override` the reason
    for which the evaluation was passed over, or empty.
    """

    modelName: str  # noqa: N815  # here and below: the record's own names
    slot: Slot
    scale: float
    baseModel: str  # noqa: N815
    baseSha256: str  # noqa: N815
    adapterPath: str  # noqa: N815
    ggufAdapterPath: str  # noqa: N815
    evalScore: float | None  # noqa: N815
    isDualAdapter: bool  # noqa: N815
    activatedAt: str  # noqa: N815
    activatedBy: str  # noqa: N815
    override: str = ""


State = tuple[Active, ...]


def active_entry(record: AdapterRecord, slot: Slot, scale: float, *, at: str, by: str, override: str) -> Active:
    """Return the entry of an adapter that is switched on."""
    return Active(
        modelName=record.id,
        slot=slot,
        scale=scale,
        baseModel=record.base_model,
        baseSha256=record.base_sha256,
        adapterPath=str(record.folder),
        ggufAdapterPath=str(record.file),
        evalScore=record.evaluation.score_adapter if record.evaluation else None,
        isDualAdapter=False,
        activatedAt=at,
        activatedBy=by,
        override=override,
    )


class ActiveFile:
    """The file, read again when it changed. Reading costs a stat, so it may be done on the event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._now: dict[str, State] = {}
        self._before: dict[str, list[State]] = {}
        self.problem = ""  # why the file cannot be read, in words; all roles answer on their base then

    def of(self, role: str) -> State:
        """Return what the role answers with, history before recent."""
        self._refresh()
        return self._now.get(role, ())

    def roles(self) -> dict[str, State]:
        """Return all roles that answer with adapters."""
        self._refresh()
        return {role: state for role, state in self._now.items() if state}

    def before(self, role: str) -> State | None:
        """Return what `revert` would bring back, None when there is nothing to go back to."""
        self._refresh()
        earlier = self._before.get(role)
        return earlier[-1] if earlier else None

    def put(self, role: str, state: State) -> None:
        """Make this the role's state; the one before is remembered. Raises TrayassistError; then nothing changed."""
        with self._changing():
            earlier = [*self._before.get(role, []), self._now.get(role, ())][-STATES_KEPT:]
            self._write({**self._now, role: _dual(state)}, {**self._before, role: earlier})

    def revert(self, role: str) -> State:
        """Put the state before back and return it. Raises TrayassistError when there is none."""
        with self._changing():
            earlier = list(self._before.get(role, []))
            if not earlier:
                raise TrayassistError(f"There is no earlier state of {role}'s adapters.", "Nothing was changed.")
            back = earlier.pop()
            self._write({**self._now, role: _dual(back)}, {**self._before, role: earlier})
            return back

    def forget(self, adapter_id: str) -> None:
        """Take an adapter out of the remembered states: it is removed, or may no longer be used."""
        with self._changing():
            before = {
                role: [tuple(one for one in state if one.modelName != adapter_id) for state in earlier]
                for role, earlier in self._before.items()
            }
            if before != self._before:
                self._write(self._now, before)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the file against other processes; what was read of it is up to date within."""
        with adapters_lock(self._path.parent):
            self._refresh()
            yield

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._stamp:
                return
            given = json.loads(self._path.read_text(encoding="utf-8"))
            self._now = {role: _state(of["slots"]) for role, of in given["roles"].items()}
            self._before = {role: [_state(one) for one in of["before"]] for role, of in given["roles"].items()}
            self._stamp, self.problem = stamp, ""
        except FileNotFoundError:
            self._stamp, self._now, self._before, self.problem = None, {}, {}, ""
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._stamp, self._now, self._before = None, {}, {}
            self.problem = f"{self._path} is damaged, so no adapter is in use. Activate yours again."

    def _write(self, now: Mapping[str, State], before: Mapping[str, list[State]]) -> None:
        roles = {
            role: {
                "slots": [asdict(one) for one in state],
                "before": [[asdict(one) for one in earlier] for earlier in before.get(role, [])],
            }
            for role, state in now.items()
        }
        try:
            write_atomically(self._path, json.dumps({"roles": roles}, ensure_ascii=False, indent=1))
        except OSError as error:
            raise TrayassistError(
                f"{self._path} cannot be written: {error.strerror}. Nothing was changed.",
                "Free some space or check its permissions.",
            ) from error
        self._stamp = None
        self._refresh()


def _dual(state: State) -> State:
    both = {one.slot for one in state} == set(SLOTS)
    return tuple(replace(one, isDualAdapter=both) for one in sorted(state, key=lambda one: SLOTS.index(one.slot)))


def _state(given: list[dict[str, Any]]) -> State:
    known = {one.name for one in fields(Active)}
    state = tuple(Active(**{name: value for name, value in one.items() if name in known}) for one in given)
    if any(one.slot not in SLOTS or not isinstance(one.scale, int | float) for one in state):
        raise ValueError("slot or scale")
    return state


Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class AdapterChoice:
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

    def of(self, role: str, model: str) -> AdapterChoice:
        """Return what `role` answers with when `model` answers."""
        state = self.active.of(role)
        if self.active.problem:
            return AdapterChoice(problem=self.active.problem)
        if not state:
            return AdapterChoice()
        adapters: list[Adapter] = []
        ids: list[str] = []
        problems: list[str] = []
        for one in state:
            if problem := self._problem(one, model):
                problems.append(problem)
            elif one.scale:
                adapters.append(Adapter(file=one.ggufAdapterPath, scale=one.scale, id=one.modelName, slot=one.slot))
                ids.append(one.modelName)
        return AdapterChoice(tuple(adapters), tuple(ids), " ".join(dict.fromkeys(problems)))

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
