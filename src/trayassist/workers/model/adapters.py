"""LoRA adapters of a loaded model: each file is read once, and which are in force can change with every answer."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trayassist.api import TrayassistError
from trayassist.workers.model.context import LlamaContext
from trayassist.workers.model.llama import complaint, forget_complaints, native
from trayassist.workers.model.protocol import Adapter, AdapterUnavailable

Key = tuple[tuple[str, int, int, float], ...]  # file, bytes, time of its last change (ns), scale


class ContextAdapters:
    """The adapters of one context. `key` says which are in force: what was evaluated with others is of no use."""

    def __init__(self, context: LlamaContext) -> None:
        self._context = context
        self._loaded: dict[tuple[str, int, int], Any] = {}
        self.key: Key = ()

    def resolve(self, adapters: Sequence[Adapter]) -> Key:
        """Return the key of these adapters, loading those that were not yet; one of scale 0 counts as none.

        Raises AdapterUnavailable, in words, for a file that is missing or was made for another model.
        """
        return tuple((*self._load(one["file"]), one["scale"]) for one in adapters if one["scale"] != 0)

    def put(self, key: Key) -> None:
        """Let the next evaluation use these adapters. The context must hold no tokens of others."""
        pointers = (native.llama_adapter_lora_p_ctypes * max(len(key), 1))()
        scales = (ctypes.c_float * max(len(key), 1))()
        for n, (file, size, changed, scale) in enumerate(key):
            pointers[n] = self._loaded[file, size, changed]
            scales[n] = scale
        if native.llama_set_adapters_lora(self._context.pointer, pointers, len(key), scales) != 0:
            raise TrayassistError("llama.cpp did not take the adapters.", "Switch them off and on again.")
        self.key = key

    def _load(self, file: str) -> tuple[str, int, int]:
        try:
            found = Path(file).stat()
        except OSError as error:
            raise AdapterUnavailable(
                f"The adapter {file} cannot be read: {error.strerror}.", "Import it again, or take it out of the role."
            ) from error
        stamp = (file, found.st_size, found.st_mtime_ns)
        if stamp not in self._loaded:
            self._loaded[stamp] = self._read(file)
        return stamp

    def _read(self, file: str) -> Any:
        forget_complaints()
        name, model = Path(file).name, self._context.model
        pointer = native.llama_adapter_lora_init(model.pointer, file.encode())
        if not pointer:  # a NULL pointer object, not None
            why = complaint()
            raise AdapterUnavailable(
                f"The adapter {name} does not fit {model.name}: {why}.", "Use one that was trained on this model."
            )
        if native.llama_adapter_get_alora_n_invocation_tokens(pointer):
            raise AdapterUnavailable(
                f"The adapter {name} waits for words that switch it on (aLoRA), which is not supported.",
                "Train a plain LoRA adapter.",
            )
        return pointer
