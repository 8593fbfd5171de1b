"""What a PEFT folder says: its adapter_config.json, and which module each pair of matrices belongs to.

The meaning of r, lora_alpha, rank_pattern, alpha_pattern and use_rslora follows PEFT's LoraLayer.update_layer and
get_pattern_key. What llama.cpp cannot express is refused in words, never left out (F-22).
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from trayassist.api import NotAllowed, UnreadableFile
from trayassist.gguf_format import NoFile, size_of
from trayassist.workers.convert.fit import EMBEDDING, TensorShapes

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PLAIN = "Train a plain LoRA adapter of the linear layers."

# settings under which the adapter is more, or something else, than B·A: the words for each
_REFUSED = {
    "use_dora": "uses DoRA, which also changes magnitudes",
    "modules_to_save": "holds whole modules (modules_to_save)",
    "fan_in_fan_out": "is for layers stored the other way round (fan_in_fan_out)",
    "lora_bias": "trains biases (lora_bias)",
    "layer_replication": "repeats layers of its base (layer_replication)",
    "trainable_token_indices": "trains single tokens (trainable_token_indices)",
    "target_parameters": "changes parameters outside linear layers (target_parameters)",
    "alora_invocation_tokens": "is an activated LoRA, which begins in mid-prompt",
    "use_qalora": "uses QALoRA",
    "use_bdlora": "uses block-diagonal LoRA",
    "arrow_config": "is a mixture of adapters (arrow_config)",
}
_CHANGES_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")  # ways to begin that change the base's own weights
_TENSOR = re.compile(r"^(?:base_model\.model\.)?(?P<module>.+)\.lora_(?P<side>[AB])(?:\.[^.]+)?\.weight$")


@dataclass(frozen=True, slots=True)
class Pair:
    """The names of the two matrices of one module, as the file has them."""

    module: str
    a: str
    b: str


class Config:
    """A LoRA's settings. Raises UnreadableFile or NotAllowed, in words, for what cannot be taken over."""

    def __init__(self, folder: Path) -> None:
        given = _json(folder / CONFIG)
        kind = str(given.get("peft_type", "")).upper()
        if kind != "LORA":
            raise NotAllowed(f"The PEFT folder is of the type {kind or 'unknown'}, not LORA.", PLAIN)
        for key, words in _REFUSED.items():
            if given.get(key):
                raise NotAllowed(f"The adapter {words}; llama.cpp has no such thing.", PLAIN)
        if given.get("bias", "none") != "none":
            raise NotAllowed(f"The adapter trains biases (bias: {given['bias']}).", PLAIN)
        begun = str(given.get("init_lora_weights", "")).lower()
        if begun.startswith(_CHANGES_BASE):
            raise NotAllowed(
                f"The adapter was begun with {begun}, which changes the base itself.",
                "Save it from PEFT as a plain LoRA (path_initial_model_for_weight_conversion).",
            )
        self.trained_on = str(given.get("base_model_name_or_path") or "")
        self._rank, self.alpha = _number(given, "r"), _number(given, "lora_alpha")
        self._ranks, self._alphas = _pattern(given, "rank_pattern"), _pattern(given, "alpha_pattern")
        self._rslora = bool(given.get("use_rslora"))

    def factor(self, module: str, rank: int) -> float:
        """Return what B is multiplied by, so that llama.cpp's scale (alpha / rank) becomes this module's own.

        Raises NotAllowed when the file's rank is not the config's: one of the two is from another training.
        """
        wanted = _matching(self._ranks, module, self._rank)
        if rank != wanted:
            raise NotAllowed(
                f"{module} has rank {rank} in {WEIGHTS} and {wanted:g} in {CONFIG}.", "Copy both files again."
            )
        alpha = _matching(self._alphas, module, self.alpha)
        return alpha / self.alpha * (math.sqrt(rank) if self._rslora else 1.0)


def pairs(names: Iterable[str]) -> list[Pair]:
    """Return the pairs of matrices of a PEFT file. Raises NotAllowed for anything else in it."""
    sides: dict[str, dict[str, str]] = {}
    for name in names:
        match = _TENSOR.match(name)
        if match is None:
            raise NotAllowed(f"The adapter holds {name}: {_why(name)}.", PLAIN)
        found = sides.setdefault(match["module"], {})
        if (other := found.setdefault(match["side"], name)) != name:
            raise NotAllowed(f"The file holds more than one adapter: {other} and {name}.", "Save each by itself.")
    for module, found in sides.items():
        if len(found) < 2:
            raise UnreadableFile(f"{WEIGHTS} has only one of the two matrices of {module}.", "Copy it again.")
    if not sides:
        raise UnreadableFile(f"{WEIGHTS} holds no tensors.", "Name a LoRA adapter.")
    return [Pair(module, found["A"], found["B"]) for module, found in sides.items()]


def _why(name: str) -> str:
    if "lora_embedding" in name or "embed_tokens" in name:
        return "it changes the embeddings"
    if "lora_magnitude_vector" in name:
        return "it uses DoRA"
    return "it trains biases" if name.endswith(".bias") else "it is no pair of LoRA matrices"


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.exists() and not path.is_file():  # reading a pipe might never end
            raise UnreadableFile(f"{path.name} is not a file.", "Copy it again.")
        given = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UnreadableFile(f"{path.name} is missing.", f"A PEFT folder holds it beside {WEIGHTS}.") from None
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}.", "Check its permissions.") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{path.name} is not JSON: {error}.", "Copy it again.") from error
    if not isinstance(given, dict):
        raise UnreadableFile(f"{path.name} holds no settings.", "Copy it again.")
    return given


def _number(given: Mapping[str, Any], key: str) -> float:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise UnreadableFile(f"{CONFIG} says {key}: {value!r}, which must be a number above 0.", "Copy it again.")
    return float(value)


def _pattern(given: Mapping[str, Any], key: str) -> dict[re.Pattern[str], float]:
    patterns = given.get(key) or {}
    if not isinstance(patterns, dict):
        raise UnreadableFile(f"{CONFIG}: {key} must hold names and numbers.", "Copy it again.")
    try:
        return {re.compile(rf"(.*\.)?({name})$"): _number(patterns, name) for name in patterns}
    except re.error as error:
        raise UnreadableFile(f"{CONFIG}: a name in {key} is no pattern ({error}).", "Copy it again.") from error


def _matching(patterns: Mapping[re.Pattern[str], float], module: str, default: float) -> float:
    return next((value for pattern, value in patterns.items() if pattern.match(module)), default)


LONGEST_HEADER = 100_000_000  # the format's own limit
_KINDS = {"F32": ("<f4", 4), "F16": ("<f2", 2), "BF16": ("<u2", 2), "F64": ("<f8", 8)}


@dataclass(frozen=True, slots=True)
class StoredTensor:
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
    def _place(entry: dict[str, object], data: int, size: int) -> StoredTensor:
        dtype, shape, offsets = str(entry["dtype"]), entry["shape"], entry["data_offsets"]
        if not isinstance(shape, list) or not isinstance(offsets, list) or len(offsets) != 2:
            raise TypeError("shape")
        start, end = (data + int(offset) for offset in offsets)
        dimensions = tuple(int(dimension) for dimension in shape)
        wanted = math.prod(dimensions) * _KINDS[dtype][1] if dtype in _KINDS else end - start
        if min(dimensions, default=0) < 0 or not data <= start <= end <= size or end - start != wanted:
            raise ValueError("offsets")
        return StoredTensor(dtype, dimensions, start, end)


def _missing(path: Path) -> UnreadableFile:
    if any(path.parent.glob(f"{path.stem}-*-of-*{path.suffix}")):
        return UnreadableFile("The adapter's weights are in several files.", "Save it with PEFT, which makes it one.")
    return UnreadableFile(f"{path.name} is missing.", "A PEFT folder holds it beside its config.")


KNOWN = {
    "llama": gguf.MODEL_ARCH.LLAMA,
    "qwen2": gguf.MODEL_ARCH.QWEN2,
    "qwen3": gguf.MODEL_ARCH.QWEN3,
}


class BaseLayout:
    """Names and row order of one base. Raises NotAllowed for an architecture that is not known here."""

    def __init__(self, base: TensorShapes) -> None:
        self._architecture = base.architecture
        if self._architecture not in KNOWN:
            raise NotAllowed(
                f"PEFT folders can be converted for {', '.join(KNOWN)} models; {base.path.name} is "
                f"{self._architecture}.",
                "Convert the adapter with llama.cpp's convert_lora_to_gguf.py and import the GGUF file.",
            )
        self._names = gguf.get_tensor_name_map(KNOWN[self._architecture], self._count(base, "block_count"))
        heads = self._count(base, "attention.head_count")
        self._heads = {"attn_q": heads, "attn_k": self._count(base, "attention.head_count_kv", heads)}

    def tensor(self, module: str) -> str:
        """Return the base's name for a module's weight. Raises NotAllowed for one that cannot be changed."""
        for prefix in ("", "model."):  # without "model.": the adapter was trained on the bare model, without its head
            name = self._names.get_name(f"{prefix}{module}.weight", try_suffixes=(".weight",))
            if name is not None:
                break
        else:
            raise NotAllowed(
                f"The adapter changes {module}, which {self._architecture} models do not have.",
                "Import it for the model that it was trained on.",
            )
        if name == EMBEDDING:
            raise NotAllowed("The adapter changes the embeddings.", "Train a plain LoRA adapter of the linear layers.")
        return str(name)

    def rows(self, tensor: str, b: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return B with its rows in the base's order."""
        kind = tensor.split(".")[-2]
        if self._architecture != "llama" or kind not in self._heads:
            return b
        heads = self._heads[kind]
        if b.shape[0] % (2 * heads):
            raise NotAllowed(f"The rows of {tensor} do not divide by {heads} heads.", "Import it for its own base.")
        order = b.reshape(heads, 2, b.shape[0] // heads // 2, *b.shape[1:])
        return np.ascontiguousarray(order.swapaxes(1, 2).reshape(b.shape))

    def _count(self, base: TensorShapes, key: str, default: int = 0) -> int:
        value = base.keys.get(f"{self._architecture}.{key}", default)
        if isinstance(value, Sequence) or not value:
            raise NotAllowed(
                f"{base.path.name} does not say its {key} in one number.",
                "Convert the adapter with llama.cpp's convert_lora_to_gguf.py and import the GGUF file.",
            )
        return int(value)
