"""Training data: past turns of one role as JSON lines, redacted, each with its role and mode (S4-11)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from trayassist.api import NotAllowed, TrayassistError
from trayassist.safety.redaction import redact

ROLE = "persona"  # the one role that is trained; rows of others are refused, never mixed in
LEAST_WORDS = 3
NOT_PAIRS = ("failed", "cancelled", "blocked", "length", "loop")


class Past(Protocol):
    """A past turn, as the history keeps it."""

    @property
    def question(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def model(self) -> str | None: ...
    @property
    def finish(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def request_id(self) -> str: ...
    @property
    def mode(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export wrote, and what it left out and why (in words: how many)."""

    file: Path
    pairs: int
    left_out: Mapping[str, int]


def export(turns: Iterable[Past], target: Path) -> ExportResult:
    """Write the turns that can be trained on to `target`, one JSON object a line, mode 0600.

    Raises NotAllowed when the file exists already or nothing is left, TrayassistError when it cannot be written.
    """
    rows: list[str] = []
    seen: set[tuple[str, str]] = set()
    left: dict[str, int] = {}
    for turn in turns:
        why = _why_not(turn, seen)
        if why:
            left[why] = left.get(why, 0) + 1
            continue
        seen.add((turn.question, turn.answer))
        rows.append(_row(turn))
    if not rows:
        raise NotAllowed(
            f"There is nothing to train on: {sum(left.values())} past turns, none of them an answer of {ROLE}'s model.",
            "Ask a while with a model, then export again.",
        )
    _write(target, "".join(f"{row}\n" for row in rows))
    return ExportResult(target, len(rows), left)


def _why_not(turn: Past, seen: set[tuple[str, str]]) -> str:
    if turn.role != ROLE:
        return f"of another role than {ROLE}"
    if turn.model is None:
        return "answered without a model"
    if turn.finish in NOT_PAIRS:
        return "not finished"
    if len(turn.answer.split()) < LEAST_WORDS or not turn.question.strip():
        return "too short"
    return "there twice" if (turn.question, turn.answer) in seen else ""


def _row(turn: Past) -> str:
    speakers = (("user", turn.question), ("assistant", turn.answer))
    return json.dumps(
        {
            "messages": [{"role": speaker, "content": redact(text)} for speaker, text in speakers],
            "metadata": {
                "role": turn.role,
                "cognitiveMode": turn.mode,
                "timestamp": turn.at,
                "requestId": turn.request_id,
                "model": turn.model,
            },
        },
        ensure_ascii=False,
    )


def _write(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            target.unlink(missing_ok=True)
            raise
    except FileExistsError as error:
        if not target.exists():  # it was the folder that could not be made
            raise TrayassistError(f"{target} cannot be written: {error.strerror}.", "Name another place.") from error
        raise NotAllowed(f"{target} is there already.", "Name another file.") from None
    except OSError as error:
        raise TrayassistError(f"{target} cannot be written: {error.strerror}.", "Name another place.") from error
