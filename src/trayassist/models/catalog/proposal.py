"""What a GGUF file would be described as in registry.yaml, told from its header; and why one is no model to add."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trayassist.api import ModelUnavailable
from trayassist.models.checks import fitness
from trayassist.models.gguf import drafts
from trayassist.models.gguf import header as gguf
from trayassist.models.gguf.header import Header
from trayassist.models.registry.schema import ModelKind, Registry

SUFFIX = ".gguf"
BY_NAME: tuple[tuple[str, ModelKind], ...] = (
    (r"draft", "draft"),
    (r"guard", "guard"),
    (r"\bmath", "math"),
    (r"coder|\bcode|codestral|devstral", "code"),
    (r"\bbase\b", "base"),
)
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a file would be called and described as. `known` is its name when it is described already."""

    path: Path
    files: tuple[Path, ...]
    name: str
    entry: Mapping[str, Any]
    bytes: int
    known: str = ""
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> ModelKind:
        """What kind of model it is."""
        kind: ModelKind = self.entry["kind"]
        return kind


def is_model(path: Path) -> bool:
    """Return whether a dropped file is a model, by its name."""
    return path.suffix.lower() == SUFFIX


def look(path: Path, registry: Registry, models: Path) -> Proposal:
    """Return what the file would be described as. Reads its header: use a thread.

    Raises ModelUnavailable or TrayassistError, in words, for what is no whole model: a file that is cut short or
    foreign, a vocabulary, an adapter, a vision part, a model in parts of which one is missing.
    """
    header = gguf.read(path, "any")
    _check_whole(path, header)
    kind = kind_of(header)
    gguf.read(path, kind)
    name = _free_name(header, registry, path)
    known = next((n for n, m in registry.models.items() if m.file and _same(models / Path(m.file), path)), "")
    return Proposal(
        path=path,
        files=header.files,
        name=known or name,
        entry=_entry(header, kind, written(path, models)),
        bytes=header.file_bytes,
        known=known,
        notes=tuple(_notes(header, kind)),
    )


def kind_of(header: Header) -> ModelKind:
    """Return what a model is for: by what its file can do, then by its name, then by whether it has a template."""
    if header.ranks:
        return "reranker"
    if not header.causal or header.pooling in ("mean", "cls", "last"):
        return "embedding"
    name = f"{header.name} {header.path.stem}".lower()
    for pattern, kind in BY_NAME:
        if re.search(pattern, name):
            return kind
    return "instruct" if header.chat_template else "base"


def written(file: Path, models: Path) -> str:
    """Return how registry.yaml names a file: relative to the models folder when it lies in there."""
    try:
        return file.absolute().relative_to(models.absolute()).as_posix()
    except ValueError:
        return str(file.absolute())


def slug(text: str) -> str:
    """Return a name as registry.yaml has them: small letters, digits, dots and dashes; "" when none is left."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")[:LONGEST_NAME].rstrip("-.")


def _check_whole(path: Path, header: Header) -> None:
    """Raise ModelUnavailable for a whole GGUF file that is something else than a model."""
    if header.adapter or header.kind == "adapter":
        raise ModelUnavailable(
            f"{path.name} is a LoRA adapter, not a model.",
            "Import it with `trayassist adapters import`, or drop it on Settings, Adapters.",
        )
    if header.kind == "mmproj" or header.architecture == "clip":
        raise ModelUnavailable(
            f"{path.name} is the vision part of a model.", "Add the model itself, and name this file as its mmproj."
        )
    if header.kind != "model":
        raise ModelUnavailable(
            f"{path.name} is a GGUF file of the kind “{header.kind}”, not a model.", "Add the model's own GGUF file."
        )
    if not header.tensors:
        raise ModelUnavailable(f"{path.name} holds a vocabulary but no model.", "Add the model's own GGUF file.")


def _entry(header: Header, kind: ModelKind, file: str) -> dict[str, Any]:
    """Return the keys of the description that the file itself tells and that are worth writing down."""
    billions = round(drafts.parameters(header) / 1e9, 2)
    entry: dict[str, Any] = {"file": file, "kind": kind}
    if family := slug(str(header.keys.get("general.basename", ""))) or header.architecture:
        entry["family"] = family
    if billions:
        entry["params_b"] = billions
    if license_ := header.keys.get("general.license"):
        entry["license"] = str(license_)
    return entry


def _notes(header: Header, kind: ModelKind) -> Iterator[str]:
    if kind == "base":
        yield "It has no chat template: a base model goes on with a text and does not answer well."
    if fitness.is_five_bit(header.quant):
        yield f"{header.quant} is 5 bit, which is not yet evaluated here; 4 or 8 bit is usual."
    if kind not in fitness.NO_WRITERS and not header.keys.get("general.license"):
        yield "Its licence is not known: check it before you use it."


def _free_name(header: Header, registry: Registry, path: Path) -> str:
    """Return a name that is not taken: the model's own, with the quantization, with a number."""
    base = slug(header.name) or slug(path.stem) or "model"
    names = [base, slug(f"{base}-{header.quant}"), *(f"{base}-{number}" for number in range(2, 1000))]
    return next(name for name in names if name and name not in registry.models)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
