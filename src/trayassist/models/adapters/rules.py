"""What may be done with an adapter, in words when it may not."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from trayassist.api import NotAllowed, TrayassistError
from trayassist.models.adapters.active import State
from trayassist.models.adapters.bases import Base
from trayassist.models.adapters.record import SCALES, Record
from trayassist.models.adapters.record import State as Stage


def stage_when_off(record: Record) -> Stage:
    """Return the state of an adapter that is no longer active."""
    if record.evaluation is None:
        return "approved"
    return "evaluated" if record.evaluation.passed else "rejected"


def settled(record: Record, roles: Mapping[str, State]) -> Record:
    """Return the record with what active.json says of it, which alone decides: a crash may have come between them."""
    on = any(one.modelName == record.id for state in roles.values() for one in state)
    if on == (record.state == "active"):
        return record
    return replace(record, state="active" if on else stage_when_off(record))


def check_scale(scale: float) -> None:
    """Raise NotAllowed for a scale outside 0..2 (1 is as it was trained)."""
    low, high = SCALES
    if not low <= scale <= high:
        raise NotAllowed(f"The scale {scale:g} is not between {low:g} and {high:g}.", "1 is as it was trained.")


def check_activation(record: Record, override: str) -> None:
    """Raise NotAllowed when the adapter may not be switched on."""
    if record.state in ("pending", "rejected") and (record.state == "pending" or not override.strip()):
        why = f" {record.evaluation.why}" if record.state == "rejected" and record.evaluation else ""
        raise NotAllowed(
            f"{record.id} is {record.state}.{why}",
            f"First approve it: trayassist adapters approve {record.id}."
            if record.state == "pending"
            else "Approve and evaluate it again, or give a reason with --override.",
        )
    if problem := file_problem(record):
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


def file_problem(record: Record) -> str:
    """Return in words why the adapter's file cannot be used, "" when it looks as it was imported."""
    try:
        size = record.file.stat().st_size
    except OSError:
        return f"The file of the adapter {record.id} is missing."
    return "" if size == record.bytes else f"The file of the adapter {record.id} was changed."


def base_problem(record: Record, base: Base, sha256: str) -> str:
    """Return in words why the adapter's base is not what it was, given the base's present sha256 ("" = no file)."""
    if not sha256:
        return f"The file of model {base.name} is missing; {record.id} was made for it."
    if sha256 != record.base_sha256:
        return (
            f"{record.id} was made for another file of {base.name} (sha256 {record.base_sha256[:12]}…, "
            f"now {sha256[:12]}…)."
        )
    return ""


def copy(folder: Path, target: Path) -> Path:
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
