"""From Hugging Face's names and order of rows to those of a GGUF base, as llama.cpp's converter writes them.

Names come from the gguf package's own tensor maps. For the architecture "llama" the converter puts the rows of q and
k into another order (rotary pairs side by side), so B's rows must follow; qwen2 and qwen3 keep theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import gguf
import numpy as np
from numpy.typing import NDArray

from trayassist.api import NotAllowed
from trayassist.workers.convert.fit import EMBEDDING
from trayassist.workers.convert.header import Header

KNOWN = {
    "llama": gguf.MODEL_ARCH.LLAMA,
    "qwen2": gguf.MODEL_ARCH.QWEN2,
    "qwen3": gguf.MODEL_ARCH.QWEN3,
}


class Layout:
    """Names and row order of one base. Raises NotAllowed for an architecture that is not known here."""

    def __init__(self, base: Header) -> None:
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

    def _count(self, base: Header, key: str, default: int = 0) -> int:
        value = base.keys.get(f"{self._architecture}.{key}", default)
        if isinstance(value, Sequence) or not value:
            raise NotAllowed(
                f"{base.path.name} does not say its {key} in one number.",
                "Convert the adapter with llama.cpp's convert_lora_to_gguf.py and import the GGUF file.",
            )
        return int(value)
