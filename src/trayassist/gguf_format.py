"""The bytes of a GGUF header: its keys and the descriptions of its tensors, in plain Python.

The format is described in ggml's docs/gguf.md: a magic, a version, counts, typed key-value pairs, tensor
descriptions, then the aligned tensor data.
"""

from __future__ import annotations

import math
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = b"GGUF"
KNOWN_VERSIONS = (2, 3)
MOST_ITEMS = 10_000_000  # more array items, or bytes of a text, than any real file has: the header is damaged
MOST_ENTRIES = 100_000  # the same for keys and tensors
MOST_KEPT = 4096  # longer arrays are token lists and their like: only how many there are is kept
ALIGNMENT = 32  # ggml's default, unless general.alignment says otherwise

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

# ggml type id -> (name, values per block, bytes per block), from ggml's type table
BLOCKS = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
}  # fmt: skip

# general.file_type -> the name of the quantization, from llama.cpp's llama_ftype
FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS",
    20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M",
    28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip


class Damaged(Exception):
    """The bytes are no whole GGUF header."""


class UnknownVersion(Exception):
    """A GGUF of a version that is not known here; the argument says which."""


class NoFile(Exception):
    """A folder, a pipe or a device: reading it might never end."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor as the header describes it. `bytes` is 0 for a type that is not known here."""

    name: str
    shape: tuple[int, ...]
    type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Described:
    """All that a header says. Of an array that is long, or of strings, `keys` holds how many items it has."""

    keys: dict[str, Any]
    tensors: tuple[Tensor, ...]


def size_of(path: Path) -> int:
    """Return the size of a file in bytes. Raises NoFile for anything but a file, OSError for what is not there."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise NoFile
    return found.st_size


def describe(file: BinaryIO, size: int) -> Described | None:
    """Return what the header of an open file of `size` bytes says; None when it is no GGUF file.

    Raises Damaged, or what reading a cut file raises (struct.error, ValueError, TypeError, KeyError, OverflowError),
    and UnknownVersion.
    """
    if file.read(4) != MAGIC:
        return None
    (version,) = _unpack(file, "<I")
    if version not in KNOWN_VERSIONS:
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
        raise UnknownVersion(f"{swapped} in big-endian order" if swapped in KNOWN_VERSIONS else version)
    tensors, pairs = _unpack(file, "<QQ")
    if max(tensors, pairs) > MOST_ENTRIES:
        raise Damaged
    keys: dict[str, Any] = {}
    for _ in range(pairs):
        if (name := _string(file)) in keys:  # llama.cpp refuses it, too
            raise Damaged
        keys[name] = _value(file, *_unpack(file, "<I"))
    alignment = int(keys.get("general.alignment", ALIGNMENT))
    if alignment < 1:
        raise Damaged
    found, end = _tensors(file, tensors)
    start = math.ceil(file.tell() / alignment) * alignment
    if tensors and start + end > size:
        raise Damaged
    return Described(keys, tuple(found))


def _tensors(file: BinaryIO, count: int) -> tuple[list[Tensor], int]:
    """Return the tensors, and how many bytes of tensor data they need."""
    found, end = [], 0
    for _ in range(count):
        name = _string(file)
        (dimensions,) = _unpack(file, "<I")
        if dimensions > 8:
            raise Damaged
        shape = _unpack(file, f"<{dimensions}Q")
        kind, offset = _unpack(file, "<IQ")
        named, per_block, block_bytes = BLOCKS.get(kind, (f"type {kind}", 1, 0))
        size = math.prod(shape) // per_block * block_bytes
        found.append(Tensor(name, shape, named, size))
        end = max(end, offset + size)
    return found, end


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    if kind != _ARRAY:
        return _unpack(file, _SCALARS[kind])[0]
    item, count = _unpack(file, "<IQ")
    if count > MOST_ITEMS:
        raise Damaged
    if item == _STRING:
        for _ in range(count):
            _skip(file, *_unpack(file, "<Q"))
        return count
    form = _SCALARS[item]  # llama.cpp knows no arrays of arrays
    if count > MOST_KEPT:
        _skip(file, struct.calcsize(form) * count)
        return count
    return _unpack(file, f"<{count}{form[1]}")


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<Q")
    if length > MOST_ITEMS:
        raise Damaged
    return file.read(length).decode("utf-8")


def _skip(file: BinaryIO, count: int) -> None:
    file.seek(count, 1)


def _unpack(file: BinaryIO, form: str) -> tuple[Any, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
