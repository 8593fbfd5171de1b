"""The weights and the vocabulary of one GGUF file: loading in words, text to tokens and back, what it runs on."""

from __future__ import annotations

import ctypes
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama_cpp
from jinja2 import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from trayassist.api import ModelUnavailable
from trayassist.workers.model.prompt import PLAIN_TEMPLATE
from trayassist.workers.model.protocol import LoadOptions, packs_weights

native = llama_cpp.llama_cpp  # the functions of llama.h; the classes above them cannot all that is needed here
# What llama_tokenize reads as one token: control and unknown ones with parse_special only, the user's own always
SPECIAL = native.LLAMA_TOKEN_ATTR_CONTROL | native.LLAMA_TOKEN_ATTR_UNKNOWN | native.LLAMA_TOKEN_ATTR_USER_DEFINED
SPLITS = {
    "none": native.LLAMA_SPLIT_MODE_NONE,
    "layer": native.LLAMA_SPLIT_MODE_LAYER,
    "row": native.LLAMA_SPLIT_MODE_ROW,
}
PIECE_BYTES = 256  # room for the text of a token; longer ones are asked for again
KEY_BYTES = 127  # longest name of an override in llama.h
_GPU_KINDS = (1, 2)  # ggml_backend_dev_type: a graphics card of its own, or one that shares the machine's memory
_LOGGED_BY = re.compile(r"^\w+: (?=\S)")
_OFFLOADED = re.compile(r"offloaded (\d+)/\d+ layers")
_WARNING = 3  # ggml_log_level: and 4 is an error
_log_lines: deque[tuple[int, str]] = deque(maxlen=200)  # the last lines that llama.cpp logged, and how bad each is


@native.llama_log_callback  # type: ignore[untyped-decorator]  # llama_cpp has no types
def _note(level: int, text: bytes, _data: Any) -> None:  # native code calls it as long as the process lives
    _log_lines.append((level, text.decode("utf-8", "replace").strip()))


class LlamaModel:
    """A loaded model. `gpu_layers` are those that llama.cpp put on a GPU; `base` has no chat template of its own."""

    def __init__(self, options: LoadOptions) -> None:
        native.llama_log_set(_note, None)
        native.llama_backend_init()
        self.name = Path(options.file).name
        self._kept: list[Any] = []  # arrays that native code reads while it loads
        self.pointer = self._load(options)
        self.vocab = native.llama_model_get_vocab(self.pointer)
        self.vocabulary: int = native.llama_vocab_n_tokens(self.vocab)
        self.architecture = self.metadata("general.architecture")
        self.gpu = has_gpu()
        self.gpu_layers = self._count_offloaded()
        self._buffer = ctypes.create_string_buffer(PIECE_BYTES)
        template = "" if options.plain else self.metadata("tokenizer.chat_template")
        self.base = not template
        self.template = template or PLAIN_TEMPLATE
        self.render = self._renderer()

    @property
    def steps_back(self) -> bool:
        """Whether tokens can be taken back one by one; a model with running state can only begin anew."""
        pointer = self.pointer
        return not (native.llama_model_is_recurrent(pointer) or native.llama_model_is_hybrid(pointer))

    def metadata(self, key: str) -> str:
        """Return a value of the file's header as text, or "" when it has none of that name."""
        length = native.llama_model_meta_val_str(self.pointer, key.encode(), None, 0)
        if length < 0:
            return ""
        buffer = ctypes.create_string_buffer(length + 1)
        native.llama_model_meta_val_str(self.pointer, key.encode(), buffer, length + 1)
        return buffer.value.decode("utf-8", "replace")

    def tokenize(self, *parts: str) -> list[int]:
        """Return the parts' tokens; the texts of special tokens become those tokens, BOS comes first where it belongs.

        Nothing becomes one token across the border of two parts. Lone surrogates become question marks.
        """
        tokens = self.tokens(parts[0], ends=False, special=True)
        for part in parts[1:]:
            tokens += self._tokens_within(part)
        bos = native.llama_vocab_bos(self.vocab)
        if bos >= 0 and native.llama_vocab_get_add_bos(self.vocab) and tokens[:1] != [bos]:
            tokens.insert(0, bos)
        return tokens

    def tokens(self, text: str, *, ends: bool, special: bool) -> list[int]:
        """Return the text's tokens; with `ends` those that the model wants around it, `special` reads control texts."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        buffer = (native.llama_token * room)()
        count = native.llama_tokenize(self.vocab, data, len(data), buffer, room, ends, special)
        if count < 0:
            buffer = (native.llama_token * -count)()
            count = native.llama_tokenize(self.vocab, data, len(data), buffer, -count, ends, special)
        return list(buffer[:count])

    def _tokens_within(self, text: str) -> list[int]:
        """Return the tokens of a text that does not begin one: SentencePiece puts no blank before it."""
        if native.llama_vocab_type(self.vocab) != native.LLAMA_VOCAB_TYPE_SPM:
            return self.tokens(text, ends=False, special=True)
        before = self.tokens("\n", ends=False, special=True)  # a byte, which joins nothing
        tokens = self.tokens(f"\n{text}", ends=False, special=True)
        return tokens[len(before) :] if tokens[: len(before)] == before else self.tokens(text, ends=False, special=True)

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the token's bytes, which may be a part of a character; control tokens only with `special`."""
        room = len(self._buffer)
        length = native.llama_token_to_piece(self.vocab, token, self._buffer, room, 0, special)
        if length < 0:
            self._buffer = ctypes.create_string_buffer(-length)
            length = native.llama_token_to_piece(self.vocab, token, self._buffer, -length, 0, special)
        return self._buffer.raw[: max(length, 0)]

    def special_texts(self) -> Iterator[str]:
        """Yield the texts that are read as one token wherever they stand."""
        for token in range(self.vocabulary):
            if native.llama_vocab_get_attr(self.vocab, token) & SPECIAL:
                yield (native.llama_vocab_get_text(self.vocab, token) or b"").decode("utf-8", "replace")

    def _special(self, token: int) -> str:
        return self.piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""

    def _renderer(self) -> Any:
        try:
            return Jinja2ChatFormatter(
                template=self.template,
                eos_token=self._special(native.llama_vocab_eos(self.vocab)),
                bos_token=self._special(native.llama_vocab_bos(self.vocab)),
            )
        except TemplateError as error:
            raise ModelUnavailable(
                f"{self.name} does not load: its chat template is broken ({error}).",
                "Name another model, or give it kind: base.",
            ) from error

    def _load(self, options: LoadOptions) -> Any:
        _log_lines.clear()
        pointer = native.llama_model_load_from_file(options.file.encode(), self._parameters(options))
        if not pointer:
            raise ModelUnavailable(f"{self.name} does not load: {complaint()}.", "Copy it again or name another.")
        return pointer

    def _parameters(self, options: LoadOptions) -> Any:
        parameters = native.llama_model_default_params()
        parameters.n_gpu_layers = options.n_gpu_layers
        parameters.split_mode = SPLITS[options.split_mode]
        parameters.main_gpu = options.main_gpu
        parameters.use_extra_bufts = packs_weights()
        parameters.load_mode = native.LLAMA_LOAD_MODE_MMAP if options.use_mmap else native.LLAMA_LOAD_MODE_NONE
        if options.tensor_split:
            most = native.llama_max_devices()
            if len(options.tensor_split) > most:
                raise ModelUnavailable(
                    f"tensor_split has {len(options.tensor_split)} shares, and llama.cpp takes {most} at most.",
                    "Give one share for each GPU.",
                )
            shares = (ctypes.c_float * most)(*options.tensor_split)
            self._kept.append(shares)
            parameters.tensor_split = shares
        if options.kv_overrides:
            parameters.kv_overrides = self._overrides(options)
        return parameters

    def _overrides(self, options: LoadOptions) -> Any:
        entries = (native.llama_model_kv_override * (len(options.kv_overrides) + 1))()  # an empty one ends it
        for entry, (key, value) in zip(entries, options.kv_overrides.items(), strict=False):
            entry.key = key.encode()[:KEY_BYTES]
            entry.tag = native.LLAMA_KV_OVERRIDE_TYPE_INT
            entry.value.val_i64 = value
        self._kept.append(entries)
        return entries

    def _count_offloaded(self) -> int:
        """Return how many layers llama.cpp says it put on a GPU: its own count, not what was asked for."""
        if not self.gpu:
            return 0
        found = [match for _, line in _log_lines if (match := _OFFLOADED.search(line))]
        return int(found[-1][1]) if found else 0


def has_gpu() -> bool:
    """Return whether this build of llama.cpp can use a GPU and found one."""
    from llama_cpp._ggml import libggml  # the devices are asked of ggml itself: the package has no names for them

    if not native.llama_supports_gpu_offload():
        return False
    libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    libggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    libggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    libggml.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    devices = (libggml.ggml_backend_dev_get(n) for n in range(libggml.ggml_backend_dev_count()))
    return any(libggml.ggml_backend_dev_type(device) in _GPU_KINDS for device in devices)


def complaint() -> str:
    """Return what llama.cpp last said was wrong, without the name of the function that said it."""
    lines = [
        line for level, line in _log_lines if level >= _WARNING or "error" in line.lower() or "failed" in line.lower()
    ]
    errors = [line for line in lines if "error" in line.lower() or "failed" in line.lower()] or lines
    if not errors:
        return "llama.cpp does not say why"
    complaint_text = errors[0].split("error loading model: ")[-1].split(": error: ")[-1].rstrip(".")
    return _LOGGED_BY.sub("", complaint_text)


def forget_complaints() -> None:
    """Forget what llama.cpp said so far, so that a complaint is about what comes next."""
    _log_lines.clear()
