"""Reads a safetensors file with numpy, bfloat16 included (which the package's own numpy reader does not know).

The format (huggingface.co/docs/safetensors): the header's length in 8 bytes, a JSON header with dtype, shape and
offsets of each tensor, then the data. Nothing in it can run.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trayassist.api import NotAllowed, UnreadableFile
from trayassist.gguf_format import NoFile, size_of

LONGEST_HEADER = 100_000_000  # the format's own limit
_KINDS = {"F32": ("<f4", 4), "F16": ("<f2", 2), "BF16": ("<u2", 2), "F64": ("<f8", 8)}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's place in the file; `shape` is in PyTorch's order."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


class Tensors:
    """The tensors of one safetensors file. Raises UnreadableFile when it is not a whole one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            size = size_of(path)
            with path.open("rb") as file:
                (length,) = struct.unpack("<Q", file.read(8))
                if not 2 <= length <= min(LONGEST_HEADER, size - 8):
                    raise ValueError("length of the header")
                header = json.loads(file.read(length))
            header.pop("__metadata__", None)
            self.named = {name: self._place(entry, 8 + length, size) for name, entry in header.items()}
        except FileNotFoundError:
            raise _missing(path) from None
        except NoFile:
            raise UnreadableFile(f"{path.name} is not a file.", "Copy it again.") from None
        except OSError as error:
            raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}.", "Check its permissions.") from None
        except (struct.error, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise UnreadableFile(f"{path.name} is damaged or cut short.", "Copy or download it again.") from error

    def load(self, name: str) -> NDArray[np.float32] | NDArray[np.float16]:
        """Return a tensor's values: float16 as it is, all else in 32 bits.

        Raises NotAllowed for other kinds of numbers, UnreadableFile for infinities and NaN.
        """
        place = self.named[name]
        if place.dtype not in _KINDS:
            raise NotAllowed(f"{name} is stored as {place.dtype}.", "Save the adapter in 16 or 32 bits.")
        raw = np.fromfile(
            self._path, np.dtype(_KINDS[place.dtype][0]), count=math.prod(place.shape), offset=place.start
        )
        if place.dtype == "BF16":
            values = (raw.astype(np.uint32) << 16).view(np.float32)
        else:
            values = raw.astype(np.float16 if place.dtype == "F16" else np.float32, copy=False)
        if not np.isfinite(values).all():
            raise UnreadableFile(f"{name} holds values that are no numbers.", "The training failed; train it again.")
        return values.reshape(place.shape)

    @staticmethod
    def _place(entry: dict[str, object], data: int, size: int) -> Tensor:
        dtype, shape, offsets = str(entry["dtype"]), entry["shape"], entry["data_offsets"]
        if not isinstance(shape, list) or not isinstance(offsets, list) or len(offsets) != 2:
            raise TypeError("shape")
        start, end = (data + int(offset) for offset in offsets)
        dimensions = tuple(int(dimension) for dimension in shape)
        wanted = math.prod(dimensions) * _KINDS[dtype][1] if dtype in _KINDS else end - start
        if min(dimensions, default=0) < 0 or not data <= start <= end <= size or end - start != wanted:
            raise ValueError("offsets")
        return Tensor(dtype, dimensions, start, end)


def _missing(path: Path) -> UnreadableFile:
    if any(path.parent.glob(f"{path.stem}-*-of-*{path.suffix}")):
        return UnreadableFile("The adapter's weights are in several files.", "Save it with PEFT, which makes it one.")
    return UnreadableFile(f"{path.name} is missing.", "A PEFT folder holds it beside its config.")
