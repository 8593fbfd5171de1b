"""Reads the header of a GGUF file, so that a file that cannot work is refused with a reason before a worker starts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from trayassist.api import ModelUnavailable
from trayassist.gguf_format import (
    FILE_TYPES,
    DamagedHeader,
    NoFile,
    ParsedHeader,
    Tensor,
    UnknownVersion,
    describe,
    size_of,
)
from trayassist.models.registry.schema import ModelKind

Kind = ModelKind | Literal["adapter", "mmproj", "vocabulary", "any"]

FIRST_BYTES = 512
MOST_NAMES = 10_000  # of a folder that are looked at
MOST_PARTS = 999  # far more than any model has
MOST_LAYERS = 10_000
POOLINGS = {0: "none", 1: "mean", 2: "cls", 3: "last", 4: "rank"}  # llama.cpp's llama_pooling_type


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF says of itself. Lengths are in tokens or values; 0, "" or an empty tuple: it does not say.

    `context_length` is what the model was made for. `kv_heads`, `key_lengths` and `value_lengths` have an entry for
    each layer, and kv_heads is 0 where a layer keeps no keys. `file_bytes` and `tensor_bytes` (by type) are of all
    `files` of a model in parts. `embedding_table` is the type and size of the table of token embeddings where the
    output has a table of its own.
    `ranks` says that it has a head which scores a text. `keys` are all scalar keys and short arrays; of a longer array,
    or one of strings, how many items it has.
    """

    path: Path
    architecture: str
    name: str
    context_length: int
    chat_template: str
    tensors: int
    file_bytes: int
    files: tuple[Path, ...] = ()
    kind: str = "model"
    quant: str = ""
    layers: int = 0
    heads: int = 0
    kv_heads: tuple[int, ...] = ()
    key_lengths: tuple[int, ...] = ()
    value_lengths: tuple[int, ...] = ()
    embedding_length: int = 0
    feed_forward_length: int = 0
    vocabulary: int = 0
    experts: int = 0
    pooling: str = ""
    causal: bool = True
    ranks: bool = False
    adapter: str = ""
    tensor_bytes: Mapping[str, int] = field(default_factory=dict)
    embedding_table: tuple[str, int] = ("", 0)
    keys: Mapping[str, Any] = field(default_factory=dict)

    @property
    def weights(self) -> int:
        """The bytes of all tensors."""
        return sum(self.tensor_bytes.values())


def read(path: Path, kind: Kind = "instruct") -> Header:
    """Return the header of a file that is to be used as `kind`; "any" takes every whole GGUF file.

    Raises ModelUnavailable, in words, for a file that cannot serve as that.
    """
    try:
        described = _describe(path)
        files = _check_purpose(path, described, kind)
        more = [_describe(part) for part in files[1:]]
        return _header(files, described, tuple(t for one in (described, *more) for t in one.tensors))
    except FileNotFoundError:
        raise ModelUnavailable(f"The model file {path} is missing.", "Put it there, or name another file.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelUnavailable(f"The model file {path} cannot be read: {reason}.", "Check its permissions.") from None
    except (ValueError, TypeError, OverflowError, DamagedHeader) as error:
        raise ModelUnavailable(
            f"The model file {path.name} is damaged or cut short.", "Copy or download it again."
        ) from error


def _describe(path: Path) -> ParsedHeader:
    try:
        size = size_of(path)
        with path.open("rb") as file:
            described = describe(file, size)
    except NoFile:
        raise _no_file(path) from None
    except UnknownVersion as version:
        raise ModelUnavailable(
            f"{path.name} is GGUF version {version}, which is not known here.", "Convert it with a current llama.cpp."
        ) from None
    if described is None:
        raise _no_gguf(path)
    return described


def _no_file(path: Path) -> ModelUnavailable:
    """Return the error for a folder or a device, which says what to name instead."""
    if not path.is_dir():
        return ModelUnavailable(f"{path} is not a file.", "Name a GGUF file.")
    names = sorted(itertools.islice((one.name for one in path.iterdir()), MOST_NAMES))
    if files := [name for name in names if name.lower().endswith(".gguf")]:
        several = f" (or {', '.join(files[1:4])})" if files[1:] else ""
        return ModelUnavailable(f"{path} is a folder.", f"Name the model's file in it: {files[0]}{several}.")
    if any(name.endswith((".safetensors", ".bin", ".pth")) for name in names):
        return ModelUnavailable(
            f"{path} is a folder with a model in another format than GGUF.",
            "Look on its page for a GGUF version, or convert it with llama.cpp's convert_hf_to_gguf.py.",
        )
    return ModelUnavailable(f"{path} is a folder without a GGUF file in it.", "Name a GGUF file.")


def _no_gguf(path: Path) -> ModelUnavailable:
    """Return the error for a file that is no GGUF file, which says what it is where that can be told."""
    with path.open("rb") as file:
        begin = file.read(FIRST_BYTES)
    page = begin.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not begin:
        return ModelUnavailable(f"{path.name} is empty.", "Download it again.")
    if begin.startswith(b"version https://git-lfs.github.com"):
        return ModelUnavailable(
            f"{path.name} is not the model but a note of where git-lfs keeps it.",
            "Run `git lfs pull` in its folder, or download the file itself.",
        )
    if page.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")):
        return ModelUnavailable(
            f"{path.name} is a saved web page, not a model.",
            "Download the file itself: the page has a button for it.",
        )
    return ModelUnavailable(f"{path.name} is not a GGUF file.", "Models must be in the GGUF format of llama.cpp.")


# ---------------------------------------------------------------- what it is for


def _check_purpose(path: Path, described: ParsedHeader, kind: Kind) -> tuple[Path, ...]:
    """Return the model's files. Raises ModelUnavailable for a whole GGUF file that cannot serve as `kind`."""
    keys = described.keys
    if kind == "any":
        return (path,) if int(keys.get("split.count", 0)) < 2 else _parts(path, keys)
    own = str(keys.get("general.type", "model"))
    wanted = kind if kind in ("adapter", "mmproj") else "model"
    if own != wanted:
        todo = "Name the model's own GGUF file." if wanted == "model" else f"Name a GGUF file of the kind “{wanted}”."
        raise ModelUnavailable(f"{path.name} is a GGUF file of the kind “{own}”.", todo)
    if int(keys.get("split.count", 0)) > 1:
        return _parts(path, keys)
    if not described.tensors and kind != "vocabulary":
        raise ModelUnavailable(f"{path.name} holds a vocabulary but no model.", "Use the model's own GGUF file.")
    if wanted == "model" and kind != "vocabulary":
        _check_output(path, described, kind)
    return (path,)


def _check_output(path: Path, described: ParsedHeader, kind: Kind) -> None:
    keys, architecture = described.keys, str(described.keys.get("general.architecture", ""))
    embeds = keys.get(f"{architecture}.attention.causal") is False
    ranks = _ranks(described.tensors)
    if kind == "reranker":
        if not ranks:
            raise ModelUnavailable(
                f"{path.name} does not score passages.", "Name a model that scores texts, or give it another kind."
            )
    elif kind != "embedding" and embeds:
        what = "scores passages and does not answer" if ranks else "makes embeddings, not answers"
        raise ModelUnavailable(f"{path.name} {what}.", "Name a model that answers.")


def _ranks(tensors: tuple[Tensor, ...]) -> bool:
    """Return whether there is a head that makes one score of a text, which llama.cpp calls cls."""
    return any(tensor.name in ("cls.weight", "cls.output.weight") for tensor in tensors)


def _parts(path: Path, keys: Mapping[str, Any]) -> tuple[Path, ...]:
    """Return all files of a model that llama.cpp names NAME-00001-of-00003.gguf and finds from the first."""
    number, parts = int(keys.get("split.no", 0)), int(keys.get("split.count", 0))
    if parts > MOST_PARTS or not 0 <= number < parts:
        raise DamagedHeader(f"part {number} of {parts}")
    ending = f"-{number + 1:05d}-of-{parts:05d}.gguf"
    if not path.name.endswith(ending):
        raise ModelUnavailable(
            f"{path.name} is part {number + 1} of {parts}, and llama.cpp finds the others by name only.",
            f"Let its name end in {ending}.",
        )
    stem = path.name.removesuffix(ending)
    names = [f"{stem}-{part:05d}-of-{parts:05d}.gguf" for part in range(1, parts + 1)]
    if number:
        raise ModelUnavailable(f"{path.name} is part {number + 1} of {parts}.", f"Name the first part, {names[0]}.")
    if missing := [name for name in names if not path.with_name(name).is_file()]:
        raise ModelUnavailable(f"{path.name} is one of {parts} parts; {missing[0]} is missing.", "Put it beside it.")
    return tuple(path.with_name(name) for name in names)


# ---------------------------------------------------------------- what it says


def _header(files: tuple[Path, ...], described: ParsedHeader, tensors: tuple[Tensor, ...]) -> Header:
    keys = described.keys
    architecture = str(keys.get("general.architecture", ""))
    own = {name.removeprefix(f"{architecture}."): value for name, value in keys.items()}
    layers = _count(own, "block_count")
    heads = _each(own, "attention.head_count", layers)
    kv_heads = _each(own, "attention.head_count_kv", layers) or heads
    width = _count(own, "embedding_length")
    sizes = _sizes(tensors)
    return Header(
        path=files[0],
        architecture=architecture,
        name=str(keys.get("general.name", "")),
        context_length=_count(own, "context_length"),
        chat_template=str(keys.get("tokenizer.chat_template", "")),
        tensors=len(tensors),
        file_bytes=sum(file.stat().st_size for file in files),
        files=files,
        kind=str(keys.get("general.type", "model")),
        quant=_quant(keys, sizes),
        layers=layers,
        heads=max(heads, default=0),
        kv_heads=kv_heads,
        key_lengths=_lengths(own, "attention.key_length", heads, width),
        value_lengths=_lengths(own, "attention.value_length", heads, width),
        embedding_length=width,
        feed_forward_length=max(_each(own, "feed_forward_length", layers), default=0),
        vocabulary=_count(own, "vocab_size") or _count(keys, "tokenizer.ggml.tokens"),
        experts=_count(own, "expert_count"),
        pooling=POOLINGS.get(int(own.get("pooling_type", -1)), ""),
        causal=own.get("attention.causal") is not False,
        ranks=_ranks(tensors),
        adapter=str(keys.get("adapter.type", "")),
        tensor_bytes=dict(sizes),
        embedding_table=_embedding_table(tensors),
        keys=keys,
    )


def _sizes(tensors: tuple[Tensor, ...]) -> Counter[str]:
    """Return the bytes of all tensors by their type."""
    sizes: Counter[str] = Counter()
    for tensor in tensors:
        sizes[tensor.type] += tensor.bytes
    return sizes


def _embedding_table(tensors: tuple[Tensor, ...]) -> tuple[str, int]:
    """Return type and bytes of the embeddings' table; nothing where it serves as the output's, too."""
    if not any(tensor.name == "output.weight" for tensor in tensors):
        return "", 0
    return next(((one.type, one.bytes) for one in tensors if one.name == "token_embd.weight"), ("", 0))


def _quant(keys: Mapping[str, Any], sizes: Counter[str]) -> str:
    """Return the quantization the file was written with, or the type that most of it is in."""
    if "general.file_type" in keys and (named := FILE_TYPES.get(int(keys["general.file_type"]))):
        return named
    return sizes.most_common(1)[0][0] if sizes else ""


def _count(keys: Mapping[str, Any], name: str) -> int:
    value = keys.get(name, 0)
    return int(max(value, default=0) if isinstance(value, tuple) else value)


def _each(keys: Mapping[str, Any], name: str, layers: int) -> tuple[int, ...]:
    """Return a value of each layer: some files give one for all, some an array."""
    value = keys.get(name)
    if value is None or not 0 <= layers <= MOST_LAYERS:
        return ()
    if not isinstance(value, tuple):
        return (int(value),) * layers
    return tuple(int(one) for one in value[:layers]) + (0,) * (layers - len(value))


def _lengths(keys: Mapping[str, Any], name: str, heads: tuple[int, ...], width: int) -> tuple[int, ...]:
    """Return the length of a head's keys or values in each layer: said, or the width shared among the heads."""
    lengths = _each(keys, name, len(heads))
    return lengths or tuple(width // each if each else 0 for each in heads)


# Architectures that cannot take back a token: they keep a running state, or make all tokens at once. Names of
# llm_arch_is_recurrent, llm_arch_is_hybrid and llm_arch_is_diffusion in llama.cpp's llama-arch.cpp (llama-cpp-python
# 0.3.36); those of later builds are recognised by the keys of the state itself.
RECURRENT = frozenset({"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"})
HYBRID = frozenset(
    {
        "jamba", "falcon-h1", "plamo2", "granitehybrid", "lfm2", "lfm2moe", "nemotron_h", "nemotron_h_moe", "qwen3next",
        "kimi-linear", "bailingmoe3", "kimi-k3", "glm5-next", "qwen35", "qwen35moe", "qwen4exp", "deepseek4",
        "minimax-01",
    }
)  # fmt: skip
DIFFUSION = frozenset({"dream", "llada", "llada-moe", "rnd1"})
STATE_KEYS = (".ssm.", ".wkv.", ".shortconv.")


def why_no_speculation(architecture: str, keys: Iterable[str] = ()) -> str:
    """Return why a model of this architecture must not speculate, as the end of a sentence; "" when it may.

    `keys` are those of its GGUF: the architecture's own keys of a running state count as well as its name.
    """
    if architecture in DIFFUSION:
        return f"its architecture {architecture} does not write token by token"
    own = any(key.startswith(f"{architecture}.") and any(part in key for part in STATE_KEYS) for key in keys)
    if own or architecture in RECURRENT or architecture in HYBRID:
        return f"its architecture {architecture} keeps a running state, from which no token can be taken back"
    return ""
