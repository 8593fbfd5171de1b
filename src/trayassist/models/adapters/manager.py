"""The adapters of this installation: import, approval, evaluation, switching on and off, export, removal.

States: pending → approved → evaluated → active, and rejected or reverted. An adapter is bound to its base by
architecture, shapes and sha256 when it is imported; it is switched on only after an evaluation that it passed, or
with a reason that the audit log keeps.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path

from trayassist.api import ModelUnavailable, NotAllowed, TrayassistError
from trayassist.models.adapters import asking, evaluation, training
from trayassist.models.adapters import record as records
from trayassist.models.adapters.applied import AdapterChoice, AppliedAdapters, State, active_entry
from trayassist.models.adapters.bases import Base, Bases
from trayassist.models.adapters.evaluation import EvaluationProgress
from trayassist.models.adapters.record import SCALES, SLOTS, AdapterRecord, BrokenRecord, Evaluation, Slot
from trayassist.models.adapters.store import Store, now
from trayassist.models.registry.resolve import resolve
from trayassist.models.registry.schema import Registry
from trayassist.paths import Paths
from trayassist.safety.audit import Audit
from trayassist.workers import convert
from trayassist.workers.convert import ConvertStep, ImportedAdapter
from trayassist.workers.pool import Worker

ROLE = "persona"


class Adapters:
    """All that can be done with adapters. `registry` returns the one in force; `applied` is also the engine's."""

    def __init__(
        self,
        paths: Paths,
        registry: Callable[[], Registry],
        engine: asking.AnswerEngine,
        audit: Audit,
        applied: AppliedAdapters | None = None,
    ) -> None:
        self.paths, self.registry, self.engine, self._audit = paths, registry, engine, audit
        self._applied = applied or AppliedAdapters(paths, registry)
        self.store, self.active, self._bases = self._applied.store, self._applied.active, self._applied.bases
        self._changing = asyncio.Lock()
        self.changed: list[Callable[[], None]] = []  # called on the loop after each change

    # ------------------------------------------------------------ what applies

    def applied_to(self, role: str, model: str) -> AdapterChoice:
        """Return what the role answers with now when `model` answers, and why an active adapter is left out."""
        return self._applied.of(role, model)

    async def list(self) -> tuple[list[AdapterRecord], dict[str, BrokenRecord]]:
        """Return all adapters, each with its present problem, and the folders that cannot be read."""
        found, broken = await asyncio.to_thread(self.store.all)
        found = [_with_state(one, self.active.roles()) for one in found]
        return [replace(one, problem=self._problem(one)) for one in found], broken

    def model_of(self, role: str = ROLE) -> str:
        """Return the role's model. Raises ModelUnavailable or NotAllowed when there is none."""
        return resolve(self.registry(), role).model

    def slots(self, role: str = ROLE) -> State:
        """Return the role's active adapters, history before recent."""
        return self.active.of(role)

    # ------------------------------------------------------------ a new adapter

    async def take(
        self, source: Path, *, base: str = "", role: str = ROLE, name: str = ""
    ) -> AsyncGenerator[ConvertStep | AdapterRecord, None]:
        """Yield where the import stands, then the new AdapterRecord, which waits for approval. Close it to cancel.

        `base` is the registry's name of the model it was trained on; without one, the model of the role. Raises
        UnreadableFile, NotAllowed (does not fit the base: which tensor, which shape), TrayassistError.
        """
        base = base or self.model_of(role)
        found = self._bases.find(base)
        stream = _take(self.store, self._bases, source, base=found, role=role, name=name)
        async with aclosing(stream) as items:
            async for item in items:
                if isinstance(item, AdapterRecord):
                    self._audit.write(
                        "adapter_imported", adapter=item.id, role=role, kind=item.kind, base_model=base,
                        base_sha256=item.base_sha256, sha256=item.sha256,
                    )  # fmt: skip
                    self._tell()
                yield item

    async def approve(self, adapter_id: str, *, actor: str = "user") -> AdapterRecord:
        """Approve an adapter that was looked at. Raises NotAllowed when it is past that."""
        return await self._decide(adapter_id, "approved", ("pending", "rejected"), actor)

    async def reject(self, adapter_id: str, *, actor: str = "user") -> AdapterRecord:
        """Reject an adapter; it stays, and cannot be switched on. Raises NotAllowed for an active one."""
        return await self._decide(adapter_id, "rejected", ("pending", "approved", "evaluated", "reverted"), actor)

    async def evaluate(
        self, adapter_id: str, *, scale: float = 1.0, actor: str = "user"
    ) -> AsyncGenerator[EvaluationProgress | AdapterRecord, None]:
        """Yield where the evaluation stands, then the AdapterRecord with it. Close it to cancel; nothing is kept then.

        Raises NotAllowed before approval and when the base is another one now, ConfigError without golden prompts.
        """
        record = await self._get(adapter_id)
        if record.state == "pending":
            raise NotAllowed(f"{record.id} is not approved yet.", f"See trayassist adapters approve {record.id}.")
        _check_scale(scale)
        if problem := await self._base_problem(record):
            raise NotAllowed(problem, "Import it for the model that is to answer.")
        file = await asyncio.to_thread(evaluation.load_golden, self.paths, record.role)
        stream = evaluation.evaluate(self.engine, self.paths, record, file, scale)
        async with aclosing(stream) as items:
            async for item in items:
                yield await self._keep_evaluation(record.id, item, actor) if isinstance(item, Evaluation) else item

    # ------------------------------------------------------------ on and off

    async def activate(
        self, adapter_id: str, slot: Slot, *, scale: float = 1.0, override: str = "", actor: str = "user"
    ) -> AdapterRecord:
        """Switch an adapter on in a slot of its role, from the next answer on. What was in the slot goes off.

        Raises NotAllowed when it did not pass its evaluation (unless `override` gives a reason), and when its base
        is another one now.
        """
        _check_scale(scale)
        if slot not in SLOTS:
            raise NotAllowed(f"There is no slot “{slot}”.", f"Use one of {', '.join(SLOTS)}.")
        async with self._changing:
            record = await self._get(adapter_id)
            _check_activation(record, override)
            if problem := await self._base_problem(record):
                raise NotAllowed(problem, "Import it for the model that is to answer.")
            passed = record.evaluation is not None and record.evaluation.passed
            reason = "" if passed else override.strip()
            entry = active_entry(record, slot, scale, at=now(), by=actor, override=reason)
            others = tuple(one for one in self.slots(record.role) if slot != one.slot and one.modelName != record.id)
            await self._put(record.role, (*others, entry))
            self._audit.write(
                "adapter_activated", adapter=record.id, role=record.role, slot=slot, scale=scale, actor=actor,
                base_model=record.base_model, base_sha256=record.base_sha256,
                eval_score=entry.evalScore, override=reason or None,
            )  # fmt: skip
        self._tell()
        return await self._get(adapter_id)

    async def scale(self, adapter_id: str, scale: float, *, actor: str = "user") -> AdapterRecord:
        """Change how much an active adapter counts, from the next answer on; `revert` brings the scale before back.

        Raises NotAllowed when it is off.
        """
        _check_scale(scale)
        async with self._changing:
            record = await self._get(adapter_id)
            state = self.slots(record.role)
            if all(one.modelName != record.id for one in state):
                raise NotAllowed(f"{record.id} is not active.", f"See trayassist adapters activate {record.id}.")
            new = tuple(replace(one, scale=scale) if one.modelName == record.id else one for one in state)
            if new == state:
                return record
            await asyncio.to_thread(self.active.put, record.role, new)
            self._audit.write("adapter_scaled", adapter=record.id, role=record.role, scale=scale, actor=actor)
        self._tell()
        return record

    async def revert(self, role: str = ROLE, *, actor: str = "user") -> State:
        """Put the role's adapters back to what they were before the last change; return what is active now."""
        async with self._changing:
            old = self.slots(role)
            new = await asyncio.to_thread(self.active.revert, role)
            await self._mark(old, new, gone="reverted")
            self._audit.write(
                "adapter_reverted", role=role, actor=actor, adapters=[one.modelName for one in new],
                before=[one.modelName for one in old],
            )  # fmt: skip
        self._tell()
        return self.slots(role)

    async def switch_off(self, adapter_id: str, *, actor: str = "user") -> AdapterRecord:
        """Take an adapter out of its slot; `revert` brings it back. Raises NotAllowed when it is not active."""
        async with self._changing:
            record = await self._get(adapter_id)
            state = self.slots(record.role)
            rest = tuple(one for one in state if one.modelName != record.id)
            if rest == state:
                raise NotAllowed(f"{record.id} is not active.", "Nothing was changed.")
            await self._put(record.role, rest)
            self._audit.write("adapter_switched_off", adapter=record.id, role=record.role, actor=actor)
        self._tell()
        return await self._get(adapter_id)

    async def remove(self, adapter_id: str, *, actor: str = "user") -> None:
        """Remove an adapter and its folder. Raises NotAllowed while it is active."""
        async with self._changing:
            if any(one.modelName == adapter_id for state in self.active.roles().values() for one in state):
                raise NotAllowed(f"{adapter_id} is active.", f"First: trayassist adapters off {adapter_id}.")
            await asyncio.to_thread(self.store.remove, adapter_id)
            await asyncio.to_thread(self.active.forget, adapter_id)
            self._audit.write("adapter_removed", adapter=adapter_id, actor=actor)
        self._tell()

    # ------------------------------------------------------------ out of here

    async def export(self, adapter_id: str, target: Path) -> Path:
        """Copy an adapter's folder into `target`; return the copy. Raises NotAllowed when it is there already."""
        record = await self._get(adapter_id)
        return await asyncio.to_thread(_copy_folder, record.folder, target / record.id)

    async def export_training(self, turns: Iterable[training.Past], target: Path) -> training.ExportResult:
        """Write past turns of the role persona as training data (see training.export)."""
        found = await asyncio.to_thread(training.export, turns, target)
        self._audit.write("training_exported", pairs=found.pairs, left_out=dict(found.left_out))
        return found

    # ------------------------------------------------------------ inside

    async def _get(self, adapter_id: str) -> AdapterRecord:
        return _with_state(await asyncio.to_thread(self.store.get, adapter_id), self.active.roles())

    async def _decide(
        self, adapter_id: str, state: records.State, allowed: tuple[records.State, ...], actor: str
    ) -> AdapterRecord:
        def decide(kept: AdapterRecord) -> AdapterRecord:
            now = _with_state(kept, self.active.roles()).state
            if now not in allowed:
                raise NotAllowed(f"{adapter_id} is {now} already.", f"Only {', '.join(allowed)} ones can be.")
            return replace(kept, state=state)

        async with self._changing:
            record = await asyncio.to_thread(self.store.change, adapter_id, decide)
            if state == "rejected":
                await asyncio.to_thread(self.active.forget, adapter_id)  # revert must not bring it back
            self._audit.write(f"adapter_{state}", adapter=adapter_id, role=record.role, actor=actor)
        self._tell()
        return record

    async def _keep_evaluation(self, adapter_id: str, judged: Evaluation, actor: str) -> AdapterRecord:
        def keep(kept: AdapterRecord) -> AdapterRecord:  # it may have changed while the model answered
            state = _with_state(kept, self.active.roles()).state
            if state != "active":
                state = "evaluated" if judged.passed else "rejected"
            return replace(kept, evaluation=judged, state=state)

        async with self._changing:
            record = await asyncio.to_thread(self.store.change, adapter_id, keep)
            if not judged.passed:
                await asyncio.to_thread(self.active.forget, adapter_id)  # nor what did not pass
            self._audit.write(
                "adapter_evaluated", adapter=adapter_id, role=record.role, actor=actor, passed=judged.passed,
                score_base=judged.score_base, score_adapter=judged.score_adapter, threshold=judged.threshold,
                held_out_base=judged.held_out_base, held_out_adapter=judged.held_out_adapter, scale=judged.scale,
            )  # fmt: skip
        self._tell()
        return record

    async def _put(self, role: str, state: State) -> None:
        old = self.slots(role)
        await asyncio.to_thread(self.active.put, role, state)
        await self._mark(old, state)

    async def _mark(self, old: State, new: State, gone: records.State | None = None) -> None:
        """Let the records say what active.json says, which alone decides."""
        before, after = {one.modelName for one in old}, {one.modelName for one in new}
        for adapter_id in before ^ after:
            try:
                mark = partial(_with_mark, on=adapter_id in after, gone=gone)
                await asyncio.to_thread(self.store.change, adapter_id, mark)
            except TrayassistError:
                continue  # its record is gone or damaged, or the disk is full: what it says is settled when it is read

    async def _base_problem(self, record: AdapterRecord) -> str:
        base = self._bases.find(record.base_model)
        if "adapters" in self.registry().models[base.name].forbid:
            return f"The model {base.name} forbids adapters (forbid in registry.yaml)."
        sha256 = await self._bases.sha256(base)
        return _base_problem(record, base, sha256)

    def _problem(self, record: AdapterRecord) -> str:
        if problem := _file_problem(record):
            return problem
        try:
            base = self._bases.find(record.base_model)
        except TrayassistError as error:
            return error.what
        known = self._bases.known_sha256(base)
        return _base_problem(record, base, known) if known or base.stamp() is None else ""

    def _tell(self) -> None:
        for callback in list(self.changed):
            callback()


def _with_mark(record: AdapterRecord, *, on: bool, gone: records.State | None) -> AdapterRecord:
    return replace(record, state="active" if on else gone or _state_when_off(record))


def _state_when_off(record: AdapterRecord) -> records.State:
    """Return the state of an adapter that is no longer active."""
    if record.evaluation is None:
        return "approved"
    return "evaluated" if record.evaluation.passed else "rejected"


def _with_state(record: AdapterRecord, roles: Mapping[str, State]) -> AdapterRecord:
    """Return the record with what active.json says of it, which alone decides: a crash may have come between them."""
    on = any(one.modelName == record.id for state in roles.values() for one in state)
    if on == (record.state == "active"):
        return record
    return replace(record, state="active" if on else _state_when_off(record))


def _check_scale(scale: float) -> None:
    """Raise NotAllowed for a scale outside 0..2 (1 is as it was trained)."""
    low, high = SCALES
    if not low <= scale <= high:
        raise NotAllowed(f"The scale {scale:g} is not between {low:g} and {high:g}.", "1 is as it was trained.")


def _check_activation(record: AdapterRecord, override: str) -> None:
    """Raise NotAllowed when the adapter may not be switched on."""
    if record.state == "pending":
        raise NotAllowed(
            f"{record.id} is not approved yet.", f"First approve it: trayassist adapters approve {record.id}."
        )
    if record.state == "rejected" and not override.strip():
        why = record.evaluation.why if record.evaluation else ""
        raise NotAllowed(
            f"{record.id} was rejected. {why}".strip(),
            "Approve and evaluate it again, or give a reason with --override.",
        )
    if problem := _file_problem(record):
        raise NotAllowed(problem, "Remove it and import it again.")
    evaluation = record.evaluation
    if override.strip():
        return
    if evaluation is None:
        raise NotAllowed(
            f"{record.id} was not evaluated.",
            f"First: trayassist adapters eval {record.id}. Or give a reason with --override.",
        )
    if not evaluation.passed:
        raise NotAllowed(
            f"{record.id} did not pass its evaluation. {evaluation.why}",
            "Train it further, or give a reason with --override.",
        )


def _file_problem(record: AdapterRecord) -> str:
    """Return in words why the adapter's file cannot be used, "" when it looks as it was imported."""
    try:
        size = record.file.stat().st_size
    except OSError:
        return f"The file of the adapter {record.id} is missing."
    return "" if size == record.bytes else f"The file of the adapter {record.id} was changed."


def _base_problem(record: AdapterRecord, base: Base, sha256: str) -> str:
    """Return in words why the adapter's base is not what it was, given the base's present sha256 ("" = no file)."""
    if not sha256:
        return f"The file of model {base.name} is missing; {record.id} was made for it."
    if sha256 != record.base_sha256:
        return (
            f"{record.id} was made for another file of {base.name} (sha256 {record.base_sha256[:12]}…, "
            f"now {sha256[:12]}…)."
        )
    return ""


def _copy_folder(folder: Path, target: Path) -> Path:
    """Copy an adapter's folder; return the copy. Raises NotAllowed when it is there, TrayassistError for the disk."""
    if target.exists():
        raise NotAllowed(f"{target} is there already.", "Name another folder.")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copytree(folder, target)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(target, ignore_errors=True)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise TrayassistError(f"{target} cannot be written: {reason}.", "Name another place.") from error
    return target


async def _take(
    store: Store, bases: Bases, source: Path, *, base: Base, role: str, name: str = ""
) -> AsyncGenerator[ConvertStep | AdapterRecord, None]:
    """Yield where the import stands, then the AdapterRecord. Close it to cancel; nothing half stays, whatever happens.

    Raises UnreadableFile, NotAllowed (does not fit, is here already), ModelUnavailable (no base), TrayassistError.
    """
    if base.stamp() is None:
        raise ModelUnavailable(
            f"The file of model {base.name} is missing, so it cannot be an adapter's base.",
            f"Put it at {base.files[0]}, or name another model.",
        )
    worker = Worker("convert", convert.main)
    staging: Path | None = None
    try:
        staging = await asyncio.to_thread(store.staging)
        taken: ImportedAdapter | None = None
        files = [str(file) for file in base.files]
        async with aclosing(worker.stream("take", source=str(source), folder=str(staging), base=files)) as steps:
            async for step in steps:
                taken = step["taken"] or taken
                yield step
        assert taken is not None
        await asyncio.to_thread(store.refuse_twice, taken)  # before the base is hashed, which may take a minute
        async for hashing in _hash_base(worker, bases, base):
            yield hashing
        keep = (base.name, bases.known_sha256(base))
        if not keep[1]:
            raise TrayassistError(f"The file of model {base.name} changed meanwhile.", "Import the adapter again.")
        record = await asyncio.to_thread(store.keep, staging, taken, source=source, name=name, role=role, base=keep)
        staging = None
        yield record
    finally:
        await worker.stop(grace_s=0.2)
        if staging is not None:
            await asyncio.to_thread(shutil.rmtree, staging, ignore_errors=True)


async def _hash_base(worker: Worker, bases: Bases, base: Base) -> AsyncGenerator[ConvertStep, None]:
    """Yield where hashing the base stands; afterwards `bases` knows its sha256, which may be at once."""
    stamp = base.stamp()
    if stamp is None or bases.known_sha256(base):
        return
    stream = worker.stream("hash", files=[str(file) for file in base.files])
    async with aclosing(stream) as steps:
        async for step in steps:
            if step["sha256"] and base.stamp() == stamp:
                bases.keep(base, stamp, step["sha256"])
            yield step
