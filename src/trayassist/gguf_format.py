"""The bytes of a GGUF header: its keys and the descriptions of its tensors, in plain Python.

The format is described in ggml's docs/gguf.md: a magic, a version, counts, typed key-value pairs, tensor
descriptions, then the aligned tensor data. Files come from strangers, and a sparse one of some KB may claim terabytes:
what is read, walked over and kept of one header is bounded, whatever it says.
"""

from __future__ import annotations

import math
import stat
import struct
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

SUFFIX = ".gguf"
MAGIC = b"GGUF"
KNOWN_VERSIONS = (2, 3)
MOST_ENTRIES = 100_000  # keys and tensors each; far more than any real file has, as all bounds here: it is damaged
MOST_STRINGS = 2_000_000  # in all arrays together; the largest tokenizers have 800,000 tokens and merges
MOST_NUMBERS = 1_000_000  # in all arrays that are kept
MOST_TEXT = 32 * 2**20  # bytes of all texts that are kept
MOST_READ = 128 * 2**20  # bytes read of one header; the largest tokenizers take 25 MB
BLOCK = 2**18  # bytes read at once
MOST_KEPT = 4096  # longer arrays are token lists and their like: only how many there are is kept
ALIGNMENT = 32  # ggml's default, unless general.alignment says otherwise

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
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


def is_model(path: Path) -> bool:
    """Return whether a file is a model, by its name."""
    return path.suffix.lower() == SUFFIX


class DamagedHeader(Exception):
    """The bytes are no whole GGUF header, or one that claims more than any real file has."""


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
class ParsedHeader:
    """All that a header says. Of an array that is long, or of strings, `keys` holds how many items it has.

    `strings` are the arrays of strings that were asked for.
    """

    keys: dict[str, Any]
    tensors: tuple[Tensor, ...]
    strings: dict[str, tuple[bytes, ...]] = field(default_factory=dict)


def size_of(path: Path) -> int:
    """Return the size of a file in bytes. Raises NoFile for anything but a file, OSError for what is not there."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise NoFile
    return found.st_size


def describe(file: BinaryIO, size: int, strings: Collection[str] = ()) -> ParsedHeader | None:
    """Return what the header of an open file of `size` bytes says; None when it is no GGUF file.

    `strings` names the arrays of strings to keep. Raises DamagedHeader and UnknownVersion.
    """
    header = _Header(file, size)
    try:
        if header.take(4) != MAGIC:
            return None
        return _describe(header, size, strings)
    except (struct.error, ValueError, TypeError, KeyError, OverflowError) as error:
        raise DamagedHeader(f"{type(error).__name__}: {error}") from error


def _describe(header: _Header, size: int, strings: Collection[str]) -> ParsedHeader:
    (version,) = header.unpack("I")
    if version not in KNOWN_VERSIONS:
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
        raise UnknownVersion(f"{swapped} in big-endian order" if swapped in KNOWN_VERSIONS else version)
    tensors, pairs = header.unpack("QQ")
    if max(tensors, pairs) > MOST_ENTRIES:
        raise DamagedHeader("too many entries")
    keys: dict[str, Any] = {}
    kept: dict[str, tuple[bytes, ...]] = {}
    for _ in range(pairs):
        if (name := header.text()) in keys:  # llama.cpp refuses it, too
            raise DamagedHeader(f"two keys are named {name}")
        (kind,) = header.unpack("I")
        if kind == _ARRAY:
            item, count = header.unpack("IQ")
            if item == _STRING:
                keys[name] = count
                found = header.strings(count, keep=name in strings)
                if name in strings:
                    kept[name] = tuple(found)
            else:
                keys[name] = header.numbers(_SCALARS[item], count)  # llama.cpp knows no arrays of arrays
        else:
            keys[name] = header.text() if kind == _STRING else header.unpack(_SCALARS[kind])[0]
    alignment = int(keys.get("general.alignment", ALIGNMENT))
    if alignment < 1:
        raise DamagedHeader("the alignment is not positive")
    described, end = _tensors(header, tensors)
    start = math.ceil(header.at / alignment) * alignment
    if tensors and start + end > size:
        raise DamagedHeader("the file ends before its tensors do")
    return ParsedHeader(keys, tuple(described), kept)


def _tensors(header: _Header, count: int) -> tuple[list[Tensor], int]:
    """Return the tensors, and how many bytes of tensor data they need."""
    found, end = [], 0
    for _ in range(count):
        name = header.text()
        (dimensions,) = header.unpack("I")
        if dimensions > 8:
            raise DamagedHeader(f"the tensor {name} has {dimensions} dimensions")
        shape = header.unpack(f"{dimensions}Q")
        kind, offset = header.unpack("IQ")
        named, per_block, block_bytes = BLOCKS.get(kind, (f"type {kind}", 1, 0))
        size = math.prod(shape) // per_block * block_bytes
        found.append(Tensor(name, shape, named, size))
        end = max(end, offset + size)
    return found, end


class _Header:
    """A header that is read from its beginning to its end, in blocks. Raises DamagedHeader where it passes a bound."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        self._block, self._begin, self._place = b"", 0, 0  # the block, where in the file it begins, the place in it
        self._read = self._strings = self._numbers = self._text = 0

    @property
    def at(self) -> int:
        """The place in the file."""
        return self._begin + self._place

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer at the end of the file."""
        self._need(count)
        found = self._block[self._place : self._place + count]
        self._place += len(found)
        return found

    def unpack(self, form: str) -> tuple[Any, ...]:
        """Return values in little-endian order. Raises struct.error at the end of the file."""
        form = f"<{form}"
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def text(self) -> str:
        """Return a string."""
        (length,) = self.unpack("Q")
        self._text += length
        if self._text > MOST_TEXT or length > self._size - self.at:
            raise DamagedHeader("too much text")
        return self.take(length).decode("utf-8")

    def numbers(self, form: str, count: int) -> int | tuple[Any, ...]:
        """Return an array of numbers, or only how many it has where these are many."""
        length = struct.calcsize(f"<{form}") * count
        if length > self._size - self.at:
            raise DamagedHeader("an array is longer than the file")
        if count > MOST_KEPT:
            self._skip(length)
            return count
        self._numbers += count
        if self._numbers > MOST_NUMBERS:
            raise DamagedHeader("too many numbers")
        return self.unpack(f"{count}{form}")

    def strings(self, count: int, *, keep: bool) -> list[bytes]:
        """Walk over an array of strings and return them where they are to be kept."""
        self._strings += count
        if self._strings > MOST_STRINGS or count * 8 > self._size - self.at:
            raise DamagedHeader("too many strings")
        found: list[bytes] = []
        unpack = struct.Struct("<Q").unpack_from
        for _ in range(count):
            if self._place + 8 > len(self._block):
                self._need(8)
            (length,) = unpack(self._block, self._place)
            self._place += 8
            if self._place + length > len(self._block) and length > self._size - self.at:
                raise DamagedHeader("a string is longer than the file")
            if keep:
                self._text += length
                if self._text > MOST_TEXT:
                    raise DamagedHeader("too much text")
                found.append(self.take(length))
            else:
                self._skip(length)
        return found

    def _skip(self, count: int) -> None:
        self._place += count
        if self._place > len(self._block):
            self._begin, self._block, self._place = self.at, b"", 0

    def _need(self, count: int) -> None:
        """Have the next `count` bytes in the block, unless the file ends before."""
        missing = count - (len(self._block) - self._place)
        if missing <= 0:
            return
        if self._read + missing > MOST_READ:
            raise DamagedHeader("the header is too long")
        begin = self.at
        rest = self._block[self._place :]
        self._file.seek(begin + len(rest))
        more = self._file.read(min(max(missing, BLOCK), MOST_READ - self._read))
        self._read += len(more)
        self._block, self._begin, self._place = rest + more, begin, 0
