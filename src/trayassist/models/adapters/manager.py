"""The adapters of this installation: from a file on disk to what a role answers with, and back.

States: pending → approved → evaluated → active, and rejected or reverted. An adapter is bound to its base by
architecture, shapes and sha256 when it is imported; it is switched on only after an evaluation that it passed, or
with a reason that the audit log keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from trayassist.api import NotAllowed, TrayassistError
from trayassist.models.adapters import active as states
from trayassist.models.adapters import asking, evaluation, golden, importer, rules, training
from trayassist.models.adapters import record as records
from trayassist.models.adapters.active import ActiveFile, State
from trayassist.models.adapters.applied import Applied, Standing
from trayassist.models.adapters.bases import Bases
from trayassist.models.adapters.evaluation import Judging
from trayassist.models.adapters.record import SLOTS, BrokenRecord, Evaluation, Record, Slot
from trayassist.models.adapters.store import Store, now
from trayassist.models.registry.resolve import resolve
from trayassist.models.registry.schema import Registry
from trayassist.paths import Paths
from trayassist.safety.audit import Audit
from trayassist.workers.convert import Step
from trayassist.workers.model import Adapter

ROLE = "persona"


class Adapters:
    """All that can be done with adapters. `registry` returns the one in force."""

    def __init__(self, paths: Paths, registry: Callable[[], Registry], engine: asking.Engine, audit: Audit) -> None:
        self.paths, self.registry, self.engine, self._audit = paths, registry, engine, audit
        self.store = Store(paths.adapters)
        self.active = ActiveFile(paths.adapters / "active.json")
        self._bases = Bases(paths, registry)
        self._standing = Standing(self.active, self._bases, registry, self.store.get)
        self._changing = asyncio.Lock()
        self.changed: list[Callable[[], None]] = []  # called on the loop after each change

    # ------------------------------------------------------------ what applies

    def applied(self, role: str, model: str) -> Applied:
        """Return what the role answers with now when `model` answers, and why an active adapter is left out."""
        return self._standing.of(role, model)

    def of(self, role: str, model: str) -> tuple[Adapter, ...]:
        """Return the adapters that `role` answers with on `model` (the engine's hook; S4-17)."""
        return self.applied(role, model).adapters

    def why_not(self, role: str, model: str) -> str:
        """Return in words why an active adapter is left out of an answer, "" when none is (the engine's hook)."""
        return self.applied(role, model).problem

    async def list(self) -> tuple[list[Record], dict[str, BrokenRecord]]:
        """Return all adapters, each with its present problem, and the folders that cannot be read."""
        found, broken = await asyncio.to_thread(self.store.all)
        found = [rules.settled(one, self.active.roles()) for one in found]
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
    ) -> AsyncGenerator[Step | Record, None]:
        """Yield where the import stands, then the new Record, which waits for approval. Close it to cancel.

        `base` is the registry's name of the model it was trained on; without one, the model of the role. Raises
        UnreadableFile, NotAllowed (does not fit the base: which tensor, which shape), TrayassistError.
        """
        base = base or self.model_of(role)
        found = self._bases.named(base)
        stream = importer.take(self.store, self._bases, source, base=found, role=role, name=name)
        async with aclosing(stream) as items:
            async for item in items:
                if isinstance(item, Record):
                    self._audit.write(
                        "adapter_imported", adapter=item.id, role=role, kind=item.kind, base_model=base,
                        base_sha256=item.base_sha256, sha256=item.sha256,
                    )  # fmt: skip
                    self._tell()
                yield item

    async def approve(self, adapter_id: str, *, actor: str = "user") -> Record:
        """Approve an adapter that was looked at. Raises NotAllowed when it is past that."""
        return await self._decide(adapter_id, "approved", ("pending", "rejected"), actor)

    async def reject(self, adapter_id: str, *, actor: str = "user") -> Record:
        """Reject an adapter; it stays, and cannot be switched on. Raises NotAllowed for an active one."""
        return await self._decide(adapter_id, "rejected", ("pending", "approved", "evaluated", "reverted"), actor)

    async def evaluate(
        self, adapter_id: str, *, scale: float = 1.0, actor: str = "user"
    ) -> AsyncGenerator[Judging | Record, None]:
        """Yield where the evaluation stands, then the Record with it. Close it to cancel; nothing is kept then.

        Raises NotAllowed before approval and when the base is another one now, ConfigError without golden prompts.
        """
        record = await self._get(adapter_id)
        if record.state == "pending":
            raise NotAllowed(f"{record.id} is not approved yet.", f"See trayassist adapters approve {record.id}.")
        rules.check_scale(scale)
        if problem := await self._base_problem(record):
            raise NotAllowed(problem, "Import it for the model that is to answer.")
        file = await asyncio.to_thread(golden.load, self.paths, record.role)
        stream = evaluation.evaluate(self.engine, self.paths, record, file, scale)
        async with aclosing(stream) as items:
            async for item in items:
                yield await self._judged(record.id, item, actor) if isinstance(item, Evaluation) else item

    # ------------------------------------------------------------ on and off

    async def activate(
        self, adapter_id: str, slot: Slot, *, scale: float = 1.0, override: str = "", actor: str = "user"
    ) -> Record:
        """Switch an adapter on in a slot of its role, from the next answer on. What was in the slot goes off.

        Raises NotAllowed when it did not pass its evaluation (unless `override` gives a reason), and when its base
        is another one now.
        """
        rules.check_scale(scale)
        if slot not in SLOTS:
            raise NotAllowed(f"There is no slot “{slot}”.", f"Use one of {', '.join(SLOTS)}.")
        async with self._changing:
            record = await self._get(adapter_id)
            rules.check_activation(record, override)
            if problem := await self._base_problem(record):
                raise NotAllowed(problem, "Import it for the model that is to answer.")
            passed = record.evaluation is not None and record.evaluation.passed
            reason = "" if passed else override.strip()
            entry = states.entry(record, slot, scale, at=now(), by=actor, override=reason)
            others = tuple(one for one in self.slots(record.role) if slot != one.slot and one.modelName != record.id)
            await self._put(record.role, (*others, entry))
            self._audit.write(
                "adapter_activated", adapter=record.id, role=record.role, slot=slot, scale=scale, actor=actor,
                base_model=record.base_model, base_sha256=record.base_sha256,
                eval_score=entry.evalScore, override=reason or None,
            )  # fmt: skip
        self._tell()
        return await self._get(adapter_id)

    async def scale(self, adapter_id: str, scale: float, *, actor: str = "user") -> Record:
        """Change how much an active adapter counts, from the next answer on. Raises NotAllowed when it is off."""
        rules.check_scale(scale)
        async with self._changing:
            record = await self._get(adapter_id)
            state = self.slots(record.role)
            if all(one.modelName != record.id for one in state):
                raise NotAllowed(f"{record.id} is not active.", f"See trayassist adapters activate {record.id}.")
            new = tuple(replace(one, scale=scale) if one.modelName == record.id else one for one in state)
            await asyncio.to_thread(self.active.put, record.role, new, remember=False)
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

    async def switch_off(self, adapter_id: str, *, actor: str = "user") -> Record:
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
        return await asyncio.to_thread(rules.copy, record.folder, target / record.id)

    async def export_training(self, turns: Iterable[training.Past], target: Path) -> training.Exported:
        """Write past turns of the role persona as training data (see training.export)."""
        found = await asyncio.to_thread(training.export, turns, target)
        self._audit.write("training_exported", pairs=found.pairs, left_out=dict(found.left_out))
        return found

    # ------------------------------------------------------------ inside

    async def _get(self, adapter_id: str) -> Record:
        return rules.settled(await asyncio.to_thread(self.store.get, adapter_id), self.active.roles())

    async def _decide(
        self, adapter_id: str, state: records.State, allowed: tuple[records.State, ...], actor: str
    ) -> Record:
        async with self._changing:
            record = await self._get(adapter_id)
            if record.state not in allowed:
                raise NotAllowed(f"{adapter_id} is {record.state} already.", f"Only {', '.join(allowed)} ones can be.")
            record = replace(record, state=state)
            await asyncio.to_thread(records.write, record)
            if state == "rejected":
                await asyncio.to_thread(self.active.forget, adapter_id)  # revert must not bring it back
            self._audit.write(f"adapter_{state}", adapter=adapter_id, role=record.role, actor=actor)
        self._tell()
        return record

    async def _judged(self, adapter_id: str, judged: Evaluation, actor: str) -> Record:
        async with self._changing:
            record = await self._get(adapter_id)  # it may have changed, or gone, while the model answered
            state = record.state
            if state != "active":
                state = "evaluated" if judged.passed else "rejected"
            record = replace(record, evaluation=judged, state=state)
            await asyncio.to_thread(records.write, record)
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
                record = await self._get(adapter_id)
                state = "active" if adapter_id in after else gone or rules.stage_when_off(record)
                await asyncio.to_thread(records.write, replace(record, state=state))
            except TrayassistError:
                continue  # its record is gone or damaged, or the disk is full: what it says is settled when it is read

    async def _base_problem(self, record: Record) -> str:
        base = self._bases.named(record.base_model)
        if "adapters" in self.registry().models[base.name].forbid:
            return f"The model {base.name} forbids adapters (forbid in registry.yaml)."
        sha256 = await self._bases.sha256(base)
        return rules.base_problem(record, base, sha256)

    def _problem(self, record: Record) -> str:
        if problem := rules.file_problem(record):
            return problem
        try:
            base = self._bases.named(record.base_model)
        except TrayassistError as error:
            return error.what
        known = self._bases.known(base)
        return rules.base_problem(record, base, known) if known or base.stamp() is None else ""

    def _tell(self) -> None:
        for callback in list(self.changed):
            callback()
