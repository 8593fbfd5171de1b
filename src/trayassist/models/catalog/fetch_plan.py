"""The plan of a download: which files, how large, under which licences, and whether they fit on the disk.

Nothing is fetched without a plan that the user saw and confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trayassist.models.gguf.estimate import gb
from trayassist.models.gguf.hardware import disk_free
from trayassist.workers.download import HubFile, part_of

ROOM_LEFT = 2_000_000_000  # bytes that a download leaves free on the disk
LARGEST = 50_000_000_000  # the hub gives larger files by another protocol only


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A model to fetch: its name here, where it is on the hub, and what registry.yaml is to say of it.

    `sha256` is what the file must have when that is known before; `entry` are the keys of its description,
    `roles` those that are to name it, and `settings` what else is to be set there, by dotted keys. All may be empty:
    then registry.yaml stays as it is.
    """

    name: str
    repo: str
    file: str
    revision: str = "main"
    sha256: str = ""
    entry: Mapping[str, Any] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """One file. Sizes in bytes; `have` is what an earlier attempt left, or all of it when the file is there."""

    model: str
    repo: str
    file: str
    commit: str
    bytes: int
    sha256: str
    license: str
    target: str
    have: int = 0

    @property
    def left(self) -> int:
        """Bytes to fetch."""
        return max(0, self.bytes - self.have)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPlan:
    """What would be fetched. `problems` (what, what to do) are of models that cannot be; sizes in bytes."""

    wants: tuple[Want, ...]
    files: tuple[PlannedFile, ...]
    disk_free: int
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files)

    @property
    def left(self) -> int:
        """Bytes to fetch."""
        return sum(file.left for file in self.files)

    @property
    def short(self) -> int:
        """Bytes that the disk lacks; 0 when there is room, and ROOM_LEFT besides."""
        return max(0, self.left + ROOM_LEFT - self.disk_free)

    @property
    def refusal(self) -> str:
        """Why the plan cannot be carried out, in words; "" when it can."""
        if not self.files:
            return " ".join(self.problems[0]) if self.problems else "There is nothing to fetch."
        if self.short:
            return (
                f"The disk lacks {gb(self.short)}: {gb(self.left)} are to be fetched, {gb(self.disk_free)} are free, "
                f"and {gb(ROOM_LEFT)} are left alone. Make room, or choose smaller models."
            )
        return ""

    def of(self, model: str) -> tuple[PlannedFile, ...]:
        """Return the files of one model."""
        return tuple(file for file in self.files if file.model == model)


def make(wants: Sequence[Want], found: Mapping[str, Sequence[HubFile]], models: Path) -> FetchPlan:
    """Return the plan for what the hub said of each wanted model. Reads the disk: use a thread."""
    files: list[PlannedFile] = []
    problems: list[tuple[str, str]] = []
    for want in wants:
        answers = found.get(want.name, ())
        problem = next(filter(None, (_problem(want, answer, models) for answer in answers)), None)
        if problem is not None:
            problems.append(problem)
            continue
        files += [_plan_file(want, answer, models) for answer in answers]
    able = {file.model for file in files}
    return FetchPlan(
        wants=tuple(want for want in wants if want.name in able),
        files=tuple(_once(files)),
        disk_free=disk_free(models),
        problems=tuple(dict.fromkeys(problems)),  # one hub that cannot be reached is one problem
    )


def target_of(file: str, models: Path) -> Path:
    """Return where a file of the hub is put: in the models folder itself, without the folders it has there."""
    return models / Path(file).name


def _plan_file(want: Want, answer: HubFile, models: Path) -> PlannedFile:
    target = target_of(answer["file"], models)
    return PlannedFile(
        model=want.name,
        repo=answer["repo"],
        file=answer["file"],
        commit=answer["commit"],
        bytes=answer["bytes"],
        sha256=answer["sha256"],
        license=answer["license"],
        target=str(target),
        have=_have(target, answer),
    )


def _have(target: Path, answer: HubFile) -> int:
    """Return how many bytes are there: of the file itself, or of its part file."""
    for path in (target, part_of(target, answer["sha256"], answer["commit"])):
        try:
            return min(path.stat().st_size, answer["bytes"])
        except OSError:
            continue
    return 0


def _problem(want: Want, answer: HubFile, models: Path) -> tuple[str, str] | None:
    if answer["problem"]:
        return answer["problem"], answer["todo"]
    if want.sha256 and answer["sha256"] and want.sha256 != answer["sha256"] and want.file == answer["file"]:
        return (
            f"{answer['repo']} has another {answer['file']} now than registry.yaml names by its sha256.",
            f"Look at its page; when the new file is wanted, remove models.{want.name}.sha256.",
        )
    if answer["bytes"] > LARGEST:
        return f"{answer['file']} has {gb(answer['bytes'])}, more than can be fetched here.", "Choose a smaller one."
    target = target_of(answer["file"], models)
    if target.is_file() and target.stat().st_size != answer["bytes"]:
        return f"{target} is there, with another content.", "Move it away, or add it as a model of its own."
    return None


def _once(files: Iterable[PlannedFile]) -> list[PlannedFile]:
    """Return the files without those that two models share."""
    return list({file.target: file for file in reversed(list(files))}.values())[::-1]
