"""What an adapter and its base say of themselves: GGUF keys, and the names and shapes of tensors."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trayassist.api import UnreadableFile
from trayassist.gguf_format import Damaged, Described, NoFile, UnknownVersion, describe, size_of


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


def read(path: Path) -> Header:
    """Return the file's header. Raises UnreadableFile, in words; a file that was cut short is one."""
    try:
        size = size_of(path)
        with path.open("rb") as file:
            described = describe(file, size)
        if described is not None:
            return Header(path, described.keys, _shapes(described))
    except FileNotFoundError:
        raise UnreadableFile(f"{path} is missing.", "Name a file that is there.") from None
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror or error}.", "Check its permissions.") from None
    except NoFile:
        raise UnreadableFile(f"{path} is not a file.", "Name a GGUF file.") from None
    except UnknownVersion as error:
        raise UnreadableFile(
            f"{path.name} is GGUF version {error}, which is not known here.", "Convert it anew."
        ) from None
    except (struct.error, ValueError, TypeError, KeyError, OverflowError, Damaged) as error:
        raise UnreadableFile(f"{path.name} is damaged or cut short.", "Copy or download it again.") from error
    raise UnreadableFile(f"{path.name} is not a GGUF file.", "Adapters are GGUF files or PEFT folders.")


def read_base(files: Sequence[str]) -> Header:
    """Return the header of a base model that lies in one file or in several parts. Raises UnreadableFile."""
    parts = [read(Path(file)) for file in files]
    tensors = {name: shape for part in parts for name, shape in part.tensors.items()}
    return Header(parts[0].path, parts[0].keys, tensors)


def _shapes(described: Described) -> dict[str, tuple[int, ...]]:
    """Return the tensors' shapes by name. Raises Damaged for one without a shape, or two of one name."""
    shapes = {tensor.name: tensor.shape for tensor in described.tensors}
    if len(shapes) != len(described.tensors) or not all(shapes.values()):
        raise Damaged
    return shapes
