"""The operations of the convert worker: they write into the folder they are given, and nowhere else."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from trayassist.api import NotAllowed, TrayassistError, UnreadableFile
from trayassist.workers.convert import fit, peft
from trayassist.workers.convert.peft import BaseLayout, Tensors
from trayassist.workers.convert.protocol import ConvertStep, ImportedAdapter

PIECE = 4 * 2**20  # bytes moved between two looks at whether the work was cancelled
ADAPTER = "adapter.gguf"
FREE_AFTER = 16 * 2**20  # bytes that stay free on the disk


def take(source: str, folder: str, base: Sequence[str]) -> Generator[ConvertStep, None, None]:
    """Write `folder`/adapter.gguf from a GGUF adapter or a PEFT folder that fits the base; the last step says what.

    Raises UnreadableFile (broken, foreign), NotAllowed (does not fit, cannot be expressed), TrayassistError (disk).
    """
    found = find(Path(source))
    target = Path(folder) / ADAPTER
    yield _step("reading", 0, 0)
    model = fit.read_base(base)
    with _disk_in_words(target):
        if found.is_dir():
            taken = yield from _convert(found, target, model)
        else:
            taken = yield from _copy(found, target, model)
    yield {"stage": "hashing", "done": 1, "total": 1, "taken": taken, "sha256": taken["sha256"]}


def hash_files(files: Sequence[str]) -> Generator[ConvertStep, None, None]:
    """Yield progress, then the sha256 of the files' contents one after the other. Raises UnreadableFile."""
    total = sum(_size(Path(file)) for file in files)
    done, digest = 0, hashlib.sha256()
    for file in files:
        for piece in _pieces(Path(file)):
            digest.update(piece)
            done += len(piece)
            yield _step("hashing", done, total)
    yield {"stage": "hashing", "done": total, "total": total, "taken": None, "sha256": digest.hexdigest()}


def find(source: Path) -> Path:
    """Return the GGUF file or the PEFT folder that was meant. Raises UnreadableFile, in words."""
    if source.name in (peft.CONFIG, peft.WEIGHTS):
        source = source.parent
    if source.is_dir():
        if (source / peft.WEIGHTS).is_file() or (source / peft.CONFIG).is_file():
            if not (source / peft.WEIGHTS).is_file() and (source / "adapter_model.bin").is_file():
                raise UnreadableFile(
                    "adapter_model.bin is a pickle, which can run programs when it is read.",
                    "Save the adapter with safe_serialization=True.",
                )
            return source
        files = sorted(source.glob("*.gguf"))
        if len(files) == 1:
            return files[0]
        count = f"{len(files)} GGUF files" if files else "no adapter"
        raise UnreadableFile(
            f"The folder {source.name} holds {count}.", "Name one GGUF adapter, or a folder saved by PEFT."
        )
    if not source.exists():
        raise UnreadableFile(f"{source} is missing.", "Name a file or a folder that is there.")
    return source


def _copy(source: Path, target: Path, model: fit.TensorShapes) -> Generator[ConvertStep, None, ImportedAdapter]:
    about = fit.read(source)
    fits = fit.check(about, model)
    total = _size(source)
    _room(target, total)
    done, digest = 0, hashlib.sha256()
    with target.open("wb") as file:
        for piece in _pieces(source):
            file.write(piece)
            digest.update(piece)
            done += len(piece)
            yield _step("copying", done, total)
        _durable(file)
    sha256 = digest.hexdigest()
    return {
        "kind": "gguf",
        "name": about.text("general.name") or source.stem,
        "trained_on": about.text("general.base_model.0.name"),
        "architecture": about.architecture,
        "rank": fits.rank,
        "alpha": fits.alpha,
        "tensors": fits.tensors,
        "bytes": done,
        "sha256": sha256,
        "source_sha256": sha256,
    }


def _convert(source: Path, target: Path, model: fit.TensorShapes) -> Generator[ConvertStep, None, ImportedAdapter]:
    settings, tensors, layout = peft.Config(source), Tensors(source / peft.WEIGHTS), BaseLayout(model)
    planned = [_plan(pair, settings, tensors, layout, model) for pair in peft.pairs(tensors.named)]
    _refuse_twice(planned)
    total = sum(one.bytes for one in planned)
    _room(target, total)
    writer = gguf.GGUFWriter(target, model.architecture)
    try:
        _describe(writer, source.name, settings, planned)
        done = 0
        for one in planned:
            a, b = tensors.load(one.pair.a), layout.rows(one.tensor, tensors.load(one.pair.b))
            writer.write_tensor_data(a.astype(one.dtype, copy=False))
            writer.write_tensor_data(np.multiply(b, one.factor, dtype=one.dtype))
            done += one.bytes
            yield _step("converting", done, total)
    finally:
        writer.close()
    with target.open("rb+") as file:
        _durable(file)
    fits = fit.check(fit.read(target), model)
    return {
        "kind": "peft",
        "name": source.name,
        "trained_on": settings.trained_on,
        "architecture": model.architecture,
        "rank": fits.rank,
        "alpha": fits.alpha,
        "tensors": fits.tensors,
        "bytes": _size(target),
        "sha256": _digest(target),
        "source_sha256": _digest(source / peft.WEIGHTS, source / peft.CONFIG),
    }


class _PlannedTensor:
    """A pair that is about to be written: where to, in which type, times what."""

    def __init__(self, pair: peft.Pair, tensor: str, factor: float, half: bool, a: Any, b: Any) -> None:
        self.pair, self.tensor, self.factor, self.a, self.b = pair, tensor, factor, a, b
        self.dtype = np.float16 if half and factor == 1.0 else np.float32  # never fewer digits than were trained
        size = np.dtype(self.dtype).itemsize
        self.bytes = size * (int(np.prod(a)) + int(np.prod(b)))


def _plan(
    pair: peft.Pair, settings: peft.Config, tensors: Tensors, layout: BaseLayout, model: fit.TensorShapes
) -> _PlannedTensor:
    a, b = tensors.named[pair.a], tensors.named[pair.b]
    if len(a.shape) != 2 or len(b.shape) != 2:
        raise NotAllowed(f"{pair.module} is no linear layer.", peft.PLAIN)
    tensor = layout.tensor(pair.module)
    fit.shapes(tensor, a.shape[::-1], b.shape[::-1], model)
    half = a.dtype == b.dtype == "F16"
    return _PlannedTensor(pair, tensor, settings.factor(pair.module, a.shape[0]), half, a.shape, b.shape)


def _refuse_twice(planned: Sequence[_PlannedTensor]) -> None:
    """Raise NotAllowed when two modules are one tensor of the base: names with and without their prefix."""
    modules: dict[str, str] = {}
    for one in planned:
        if (other := modules.setdefault(one.tensor, one.pair.module)) != one.pair.module:
            raise NotAllowed(f"The adapter changes {one.tensor} twice: {other} and {one.pair.module}.", peft.PLAIN)


def _describe(writer: Any, name: str, settings: peft.Config, planned: Sequence[_PlannedTensor]) -> None:
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, settings.alpha)
    writer.add_name(name)
    if settings.trained_on:
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, settings.trained_on)
    for one in planned:
        for side, shape in (("lora_a", one.a), ("lora_b", one.b)):
            size = int(np.prod(shape)) * np.dtype(one.dtype).itemsize
            writer.add_tensor_info(f"{one.tensor}.{side}", shape, np.dtype(one.dtype), size)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()


def _pieces(path: Path) -> Generator[bytes, None, None]:
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.", "Check that it is there.") from error


def _digest(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        for piece in _pieces(path):
            digest.update(piece)
    return digest.hexdigest()


def _durable(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _room(target: Path, size: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if free < size + FREE_AFTER:
        raise TrayassistError(
            f"The adapter takes {size / 1e6:.0f} MB, and {free / 1e6:.0f} MB are free on the disk.",
            f"Free some space for {target.parent.parent}.",
        )


@contextmanager
def _disk_in_words(target: Path) -> Any:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TrayassistError(
                "The disk became full, so the adapter was not taken.", f"Free some space for {target.parent.parent}."
            ) from error
        raise TrayassistError(
            f"The adapter cannot be written: {error.strerror or error}.", f"Check {target.parent.parent}."
        ) from error


def _step(stage: Any, done: int, total: int) -> ConvertStep:
    return {"stage": stage, "done": done, "total": total, "taken": None, "sha256": ""}
