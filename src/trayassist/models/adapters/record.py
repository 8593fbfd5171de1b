"""What is known of one adapter: the content of its adapter.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from trayassist.api import TrayassistError
from trayassist.config.snapshots import write_atomically

State = Literal["pending", "approved", "evaluated", "active", "rejected", "reverted"]
Slot = Literal["history", "recent"]
SLOTS: tuple[Slot, ...] = get_args(Slot)
SCALES = (0.0, 2.0)
FILE, CARD = "adapter.gguf", "adapter.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptResult:
    """One golden prompt: both answers, and the checks that each did not pass, in words."""

    name: str
    prompt: str
    checks: int
    text_base: str
    text_adapter: str
    failed_base: tuple[str, ...] = ()
    failed_adapter: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How answers with the adapter compare to those without it. Scores are shares of checks passed, 0..1.

    `held_out_*` are mean log-likelihoods in nats per token of the held-out texts, None where there are none;
    `why` says in a sentence why it passed or not.
    """

    date: str
    role: str
    base_model: str
    base_sha256: str
    scale: float
    score_base: float
    score_adapter: float
    threshold: float
    passed: bool
    why: str
    golden: str
    held_out_base: float | None = None
    held_out_adapter: float | None = None
    prompts: tuple[PromptResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterRecord:
    """One adapter. `base_model` is the registry's name of the model it is bound to, `base_sha256` that model's file.

    `bytes`, `mtime_ns` and `sha256` are of adapter.gguf; `source_sha256` of what was imported; `trained_on` is what
    the adapter says of its base. `problem` is not kept: why the adapter cannot be used at present, in words.
    """

    id: str
    name: str
    role: str
    state: State
    kind: Literal["gguf", "peft"]
    architecture: str
    rank: int
    alpha: float
    tensors: int
    bytes: int
    mtime_ns: int
    sha256: str
    source: str
    source_sha256: str
    trained_on: str
    base_model: str
    base_sha256: str
    imported: str
    evaluation: Evaluation | None = None
    problem: str = ""
    folder: Path = field(default=Path(), compare=False)

    @property
    def file(self) -> Path:
        return self.folder / FILE


class BrokenRecord(TrayassistError):
    """An adapter's folder whose adapter.json cannot be read."""

    code = "adapter_record"


def read(folder: Path) -> AdapterRecord:
    """Return the record of a folder. Raises BrokenRecord, in words."""
    path = folder / CARD
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        known = {one.name for one in fields(AdapterRecord)} - {"folder", "problem"}
        record = AdapterRecord(**{name: given[name] for name in known - {"evaluation"}}, folder=folder)
        if record.id != folder.name or record.state not in get_args(State):
            raise ValueError("id or state")
        evaluation = _evaluation(given["evaluation"]) if given.get("evaluation") else None
    except OSError as error:
        raise BrokenRecord(f"{path} cannot be read: {error.strerror}.", "Import the adapter again.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BrokenRecord(f"{path} is damaged.", "Remove the adapter and import it again.") from error
    return replace(record, evaluation=evaluation)


def write(record: AdapterRecord) -> None:
    """Keep the record in its folder, atomically. Raises TrayassistError when the disk does not take it."""
    given = plain(record)
    del given["problem"]
    try:
        write_atomically(record.folder / CARD, json.dumps(given, ensure_ascii=False, indent=1))
    except OSError as error:
        raise TrayassistError(
            f"{record.folder / CARD} cannot be written: {error.strerror}.", "Free some space or check its permissions."
        ) from error


def plain(record: AdapterRecord) -> dict[str, Any]:
    """Return the record as JSON knows it, without its folder."""
    given = asdict(record)
    del given["folder"]
    return given


def _evaluation(given: Mapping[str, Any]) -> Evaluation:
    known = {one.name for one in fields(Evaluation)} - {"prompts"}
    prompts = []
    for one in given["prompts"]:
        failed = {side: tuple(one[side]) for side in ("failed_base", "failed_adapter")}
        prompts.append(PromptResult(**{**one, **failed}))
    return Evaluation(**{name: given[name] for name in known}, prompts=tuple(prompts))
