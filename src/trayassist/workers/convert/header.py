"""Reads what an adapter and its base say of themselves: GGUF keys, and the names and shapes of tensors.

The format is described in ggml's docs/gguf.md. Long arrays (the vocabulary) are skipped, which is why this is
hundreds of times faster than the reader of the gguf package on a base model.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import gguf

from trayassist.api import UnreadableFile

MOST_ITEMS = 10_000_000  # more keys, tensors or array items than any real file has: the header is damaged
LONGEST_ARRAY = 4096  # longer ones are the vocabulary's
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9


@dataclass(frozen=True, slots=True)
class Header:
    """The keys of a GGUF file, and its tensors: name to shape, in ggml's order (the fastest dimension first)."""

    path: Path
    keys: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def architecture(self) -> str:
        return str(self.keys.get("general.architecture", ""))

    def text(self, key: str) -> str:
        """Return a key as text, "" when it is not there."""
        return str(self.keys.get(key, ""))


class _Damaged(Exception):
    pass


def read(path: Path) -> Header:
    """Return the file's header. Raises UnreadableFile, in words; a file that was cut short is one."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _read(path, file, size)
    except FileNotFoundError:
        raise UnreadableFile(f"{path} is missing.", "Name a file that is there.") from None
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror or error}.", "Check its permissions.") from None
    except (struct.error, ValueError, TypeError, KeyError, OverflowError, _Damaged) as error:
        raise UnreadableFile(f"{path.name} is damaged or cut short.", "Copy or download it again.") from error


def read_base(files: Sequence[str]) -> Header:
    """Return the header of a base model that lies in one file or in several parts. Raises UnreadableFile."""
    parts = [read(Path(file)) for file in files]
    tensors = {name: shape for part in parts for name, shape in part.tensors.items()}
    return Header(parts[0].path, parts[0].keys, tensors)


def _read(path: Path, file: BinaryIO, size: int) -> Header:
    if file.read(4) != b"GGUF":
        raise UnreadableFile(f"{path.name} is not a GGUF file.", "Adapters are GGUF files or PEFT folders.")
    version, tensors, pairs = _unpack(file, "<IQQ")
    if version not in (2, 3):
        raise UnreadableFile(f"{path.name} is GGUF version {version}, which is not known here.", "Convert it anew.")
    if max(tensors, pairs) > MOST_ITEMS:
        raise _Damaged
    keys = {_string(file): _value(file, *_unpack(file, "<I")) for _ in range(pairs)}
    shapes: dict[str, tuple[int, ...]] = {}
    end = 0
    for _ in range(tensors):
        name = _string(file)
        (dimensions,) = _unpack(file, "<I")
        if not 0 < dimensions <= 8 or name in shapes:
            raise _Damaged
        shapes[name] = _unpack(file, f"<{dimensions}Q")
        kind, offset = _unpack(file, "<IQ")
        end = max(end, offset + _bytes(kind, shapes[name]))
    alignment = int(keys.get("general.alignment", gguf.GGUF_DEFAULT_ALIGNMENT))
    if alignment < 1 or (tensors and math.ceil(file.tell() / alignment) * alignment + end > size):
        raise _Damaged
    return Header(path, keys, shapes)


def _bytes(kind: int, shape: tuple[int, ...]) -> int:
    try:
        per_block, block_bytes = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType(kind)]
    except (ValueError, KeyError):
        return 0  # a newer type: llama.cpp decides
    return int(math.prod(shape) // per_block * block_bytes)


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    if kind != _ARRAY:
        return _unpack(file, _SCALARS[kind])[0]
    item, count = _unpack(file, "<IQ")
    if count > MOST_ITEMS:
        raise _Damaged
    if item == _STRING:
        for _ in range(count):
            file.seek(_unpack(file, "<Q")[0], 1)
        return count
    if count > LONGEST_ARRAY:
        file.seek(struct.calcsize(_SCALARS[item]) * count, 1)
        return count
    return [_unpack(file, _SCALARS[item])[0] for _ in range(count)]


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<Q")
    if length > MOST_ITEMS:
        raise _Damaged
    return file.read(length).decode("utf-8")


def _unpack(file: BinaryIO, form: str) -> tuple[Any, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
