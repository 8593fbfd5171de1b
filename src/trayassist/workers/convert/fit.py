"""Whether an adapter belongs to a base: architecture, names and shapes, as llama.cpp compares them when it loads one.

The rules are those of llama.cpp's llama-adapter.cpp, told in words before anything is loaded (F-21). What llama.cpp
would leave out without a word (trained norms) is refused here (F-22).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trayassist.api import NotAllowed, UnreadableFile
from trayassist.gguf_format import DamagedHeader, NoFile, ParsedHeader, UnknownVersion, describe, size_of


@dataclass(frozen=True, slots=True)
class TensorShapes:
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


def read(path: Path) -> TensorShapes:
    """Return the file's header. Raises UnreadableFile, in words; a file that was cut short is one."""
    try:
        size = size_of(path)
        with path.open("rb") as file:
            described = describe(file, size)
        if described is not None:
            return TensorShapes(path, described.keys, _shapes(described))
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
    except DamagedHeader as error:
        raise UnreadableFile(f"{path.name} is damaged or cut short.", "Copy or download it again.") from error
    raise UnreadableFile(f"{path.name} is not a GGUF file.", "Adapters are GGUF files or PEFT folders.")


def read_base(files: Sequence[str]) -> TensorShapes:
    """Return the header of a base model that lies in one file or in several parts. Raises UnreadableFile."""
    parts = [read(Path(file)) for file in files]
    tensors = {name: shape for part in parts for name, shape in part.tensors.items()}
    return TensorShapes(parts[0].path, parts[0].keys, tensors)


def _shapes(described: ParsedHeader) -> dict[str, tuple[int, ...]]:
    """Return the tensors' shapes by name. Raises DamagedHeader for one without a shape, or two of one name."""
    shapes = {tensor.name: tensor.shape for tensor in described.tensors}
    if len(shapes) != len(described.tensors) or not all(shapes.values()):
        raise DamagedHeader
    return shapes


EMBEDDING = "token_embd.weight"
OTHER_BASE = "Import it for the model that it was trained on."


@dataclass(frozen=True, slots=True)
class Fit:
    """What fits: how many tensors of the base the adapter changes, its largest rank, and its alpha."""

    tensors: int
    rank: int
    alpha: float


def check(adapter: TensorShapes, base: TensorShapes) -> Fit:
    """Return what the adapter changes in the base. Raises UnreadableFile or NotAllowed with the tensor and shapes."""
    name = adapter.path.name
    kind = adapter.keys.get("general.type", "model")
    if kind != "adapter":
        raise UnreadableFile(f"{name} is a GGUF file of the kind “{kind}”, not an adapter.", "Name a LoRA adapter.")
    form = adapter.keys.get("adapter.type", "")
    if form != "lora":
        raise UnreadableFile(f"{name} is an adapter of the type “{form}”.", "Only LoRA adapters can be used.")
    if adapter.keys.get("adapter.alora.invocation_tokens"):
        raise NotAllowed(f"{name} is an activated LoRA, which begins in mid-prompt.", "Train a plain LoRA adapter.")
    if adapter.architecture != base.architecture:
        raise NotAllowed(
            f"{name} is for models of the architecture {adapter.architecture}, and {base.path.name} is "
            f"{base.architecture}.",
            OTHER_BASE,
        )
    pairs = _pairs(adapter)
    for tensor, (a, b) in pairs.items():
        shapes(tensor, a, b, base)
    alpha = float(adapter.keys.get("adapter.lora.alpha", 0.0))
    return Fit(len(pairs), max(a[1] for a, _ in pairs.values()), alpha)


def shapes(tensor: str, a: tuple[int, ...], b: tuple[int, ...], base: TensorShapes) -> None:
    """Raise NotAllowed when A and B (ggml's order) do not fit this tensor of the base."""
    wanted = base.tensors.get(tensor)
    if wanted is None:
        raise NotAllowed(f"The adapter changes {tensor}, and {base.path.name} has no such tensor.", OTHER_BASE)
    if len(a) < 2 or len(b) < 2 or len(wanted) < 2:
        raise NotAllowed(f"The adapter's {tensor} is no matrix.", "Train a plain LoRA adapter.")
    if tensor == EMBEDDING:
        fits, rank = (b[1], a[1]) == wanted[:2], a[0] == b[0]
        given = f"{b[1]} × {a[1]}"
    else:
        fits, rank = (a[0], b[1]) == wanted[:2], a[1] == b[0]
        given = f"{a[0]} × {b[1]}"
    if not fits:
        raise NotAllowed(
            f"The adapter does not fit {base.path.name}: {tensor} is {wanted[0]} × {wanted[1]} there and {given} in "
            "the adapter.",
            OTHER_BASE,
        )
    if not rank:
        raise NotAllowed(f"The two matrices of {tensor} have different ranks.", "Convert the adapter anew.")


def _pairs(adapter: TensorShapes) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    sides: dict[str, dict[str, tuple[int, ...]]] = {}
    for tensor, shape in adapter.tensors.items():
        stem, _, side = tensor.rpartition(".")
        if side not in ("lora_a", "lora_b"):
            raise NotAllowed(
                f"{adapter.path.name} holds {tensor}, which llama.cpp would leave out of an adapter.",
                "Train without norms, biases and modules_to_save.",
            )
        sides.setdefault(stem, {})[side] = shape
    for tensor, pair in sides.items():
        if len(pair) < 2:
            raise UnreadableFile(f"{adapter.path.name} has only one of the two matrices of {tensor}.", "Copy it again.")
    if not sides:
        raise UnreadableFile(f"{adapter.path.name} holds no tensors.", "Name a LoRA adapter.")
    return {tensor: (pair["lora_a"], pair["lora_b"]) for tensor, pair in sides.items()}
