"""Reads a GGUF file's header in plain Python, so that a file that cannot work is refused before a worker starts.

The format is described in ggml's docs/gguf.md: a magic, a version, counts, typed key-value pairs, tensor
descriptions, then the aligned tensor data.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from trayassist.api import ModelUnavailable

MAGIC = b"GGUF"
KNOWN_VERSIONS = (2, 3)
MOST_ITEMS = 10_000_000  # more keys, tensors or array items than any real file has: the header is damaged
ALIGNMENT = 32  # ggml's default, unless general.alignment says otherwise

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

# ggml type id -> (values per block, bytes per block), from ggml's type table; unknown ones are not checked for size
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 30: (1, 2),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF says of itself. `context_length` is what the model was made for, 0 if it does not say."""

    path: Path
    architecture: str
    name: str
    context_length: int
    chat_template: str
    tensors: int
    file_bytes: int


def read(path: Path) -> Header:
    """Return the header. Raises ModelUnavailable, in words, for a file that no model can be loaded from."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _read(path, file, size)
    except FileNotFoundError:
        raise ModelUnavailable(f"The model file {path} is missing.", "Put it there, or name another file.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelUnavailable(f"The model file {path} cannot be read: {reason}.", "Check its permissions.") from None
    except (struct.error, ValueError, TypeError, KeyError, OverflowError, _Damaged) as error:
        raise ModelUnavailable(
            f"The model file {path.name} is damaged or cut short.", "Copy or download it again."
        ) from error


class _Damaged(Exception):
    pass


def _read(path: Path, file: BinaryIO, size: int) -> Header:
    if file.read(4) != MAGIC:
        raise ModelUnavailable(f"{path.name} is not a GGUF file.", "Models must be in the GGUF format of llama.cpp.")
    (version,) = _unpack(file, "<I")
    if version not in KNOWN_VERSIONS:
        raise ModelUnavailable(
            f"{path.name} is GGUF version {version}, which is not known here.", "Convert it with a current llama.cpp."
        )
    tensors, pairs = _unpack(file, "<QQ")
    if max(tensors, pairs) > MOST_ITEMS:
        raise _Damaged
    keys = {_string(file): _value(file, *_unpack(file, "<I")) for _ in range(pairs)}
    architecture = str(keys.get("general.architecture", ""))
    _check_purpose(path, keys, architecture, tensors)
    end = _data_end(file, tensors)
    alignment = int(keys.get("general.alignment", ALIGNMENT))
    if alignment < 1:
        raise _Damaged
    start = math.ceil(file.tell() / alignment) * alignment
    if tensors and start + end > size:
        raise _Damaged
    return Header(
        path=path,
        architecture=architecture,
        name=str(keys.get("general.name", "")),
        context_length=int(keys.get(f"{architecture}.context_length", 0)),
        chat_template=str(keys.get("tokenizer.chat_template", "")),
        tensors=tensors,
        file_bytes=size,
    )


def _check_purpose(path: Path, keys: dict[str, Any], architecture: str, tensors: int) -> None:
    """Raise ModelUnavailable for a whole GGUF file that cannot answer: parts, adapters, embedders, vocabularies."""
    kind = str(keys.get("general.type", "model"))
    if kind != "model":
        raise ModelUnavailable(f"{path.name} is a GGUF file of the kind “{kind}”.", "Name the model's own GGUF file.")
    parts = int(keys.get("split.count", 0))
    if parts > 1:
        _check_parts(path, int(keys.get("split.no", 0)), parts)
    elif not tensors:
        raise ModelUnavailable(f"{path.name} holds a vocabulary but no model.", "Use the model's own GGUF file.")
    if keys.get(f"{architecture}.attention.causal") is False:
        raise ModelUnavailable(f"{path.name} makes embeddings, not answers.", "Name a model that answers.")


def _check_parts(path: Path, number: int, parts: int) -> None:
    """Check a model in several files, which llama.cpp names NAME-00001-of-00003.gguf and finds from the first."""
    ending = f"-{number + 1:05d}-of-{parts:05d}.gguf"
    if not path.name.endswith(ending):
        raise ModelUnavailable(
            f"{path.name} is part {number + 1} of {parts}, and llama.cpp finds the others by name only.",
            f"Let its name end in {ending}.",
        )
    stem = path.name.removesuffix(ending)
    names = [f"{stem}-{part:05d}-of-{parts:05d}.gguf" for part in range(1, parts + 1)]
    if number:
        raise ModelUnavailable(f"{path.name} is part {number + 1} of {parts}.", f"Name the first part, {names[0]}.")
    if missing := [name for name in names if not path.with_name(name).is_file()]:
        raise ModelUnavailable(f"{path.name} is one of {parts} parts; {missing[0]} is missing.", "Put it beside it.")


def _data_end(file: BinaryIO, tensors: int) -> int:
    """Return how many bytes of tensor data the header describes."""
    end = 0
    for _ in range(tensors):
        _string(file)
        (dimensions,) = _unpack(file, "<I")
        if dimensions > 8:
            raise _Damaged
        shape = _unpack(file, f"<{dimensions}Q")
        kind, offset = _unpack(file, "<IQ")
        per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
        end = max(end, offset + math.prod(shape) // per_block * block_bytes)
    return end


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        item, count = _unpack(file, "<IQ")
        if count > MOST_ITEMS:
            raise _Damaged
        if item != _STRING:  # token scores and types: long, and not needed here; llama.cpp knows no arrays of arrays
            _skip(file, struct.calcsize(_SCALARS[item]) * count)
            return count
        for _ in range(count):
            _skip(file, *_unpack(file, "<Q"))
        return count
    return _unpack(file, _SCALARS[kind])[0]


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<Q")
    if length > MOST_ITEMS:
        raise _Damaged
    return file.read(length).decode("utf-8")


def _skip(file: BinaryIO, count: int) -> None:
    file.seek(count, 1)


def _unpack(file: BinaryIO, form: str) -> tuple[Any, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
