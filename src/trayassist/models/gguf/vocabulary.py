"""Reads the vocabulary of a GGUF file, with llama.cpp's own defaults for what the file leaves out.

The defaults are those of llama_vocab::impl::load in llama.cpp's llama-vocab.cpp (llama-cpp-python 0.3.36): the kind
of a tokenizer, its BOS and EOS, and whether they are put around a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from trayassist.api import ModelUnavailable
from trayassist.gguf_format import MOST_STRINGS, DamagedHeader, NoFile, UnknownVersion, describe, size_of

PREFIX = "tokenizer.ggml."
NONE = -1  # llama.cpp's LLAMA_TOKEN_NULL

# tokenizer.ggml.model -> (kind, BOS, EOS, whether BOS is added, whether EOS is)
_KINDS = {
    "llama": ("SPM", 1, 2, True, False),
    "bert": ("WPM", 101, NONE, True, False),
    "gpt2": ("BPE", 11, 11, False, False),
    "hybriddna": ("BPE", 11, 11, False, False),
    "whitespace": ("BPE", 11, 11, False, False),
    "gemma4": ("BPE", NONE, NONE, False, False),
    "t5": ("UGM", NONE, 1, False, True),
    "rwkv": ("RWKV", NONE, NONE, False, False),
    "plamo2": ("PLAMO2", 1, 2, False, False),
    "none": ("NONE", NONE, NONE, False, False),
    "no_vocab": ("NONE", NONE, NONE, False, False),
}
_BPE_ADDS_BOS = frozenset(
    {
        "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano",
        "tekken", "chameleon",
    }
)  # fmt: skip
_BPE_WITHOUT_BOS = frozenset({"chatglm-bpe", "glm4", "glm5"})
_BPE_MUST_ADD_BOS = frozenset({"gemma4", "granite-embed-multi-311m"})


@dataclass(frozen=True, slots=True)
class TokenVocabulary:
    """A file's vocabulary as llama.cpp sees it. `bos` and `eos` are -1 where there is none.

    `kind` is llama.cpp's type of vocabulary, `model` and `pre` the tokenizer's names; `tokens` are the raw texts.
    `names_bos` says whether the file itself names its BOS.
    """

    path: Path
    kind: str
    model: str
    pre: str
    tokens: tuple[bytes, ...]
    bos: int
    eos: int
    adds_bos: bool
    adds_eos: bool
    names_bos: bool

    def text(self, token: int) -> str:
        """Return the token's text, as llama.cpp compares it: to its first NUL, and never empty."""
        raw = self.tokens[token] or f"[EMPTY_{token}]".encode()
        return raw.split(b"\0", 1)[0].decode("utf-8", "replace")


def read(path: Path) -> TokenVocabulary:
    """Return the vocabulary of a GGUF file; read once while the file stays the same.

    Raises ModelUnavailable, in words, for a file that is missing, damaged or has no vocabulary known here.
    """
    try:
        size = size_of(path)
        return _read(path, path.stat().st_mtime_ns, size)
    except FileNotFoundError:
        raise ModelUnavailable(f"The model file {path} is missing.", "Put it there, or name another file.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelUnavailable(f"The model file {path} cannot be read: {reason}.", "Check its permissions.") from None
    except (ValueError, TypeError, OverflowError, DamagedHeader, NoFile, UnknownVersion) as error:
        raise ModelUnavailable(
            f"The model file {path.name} is damaged or cut short.", "Copy or download it again."
        ) from error


@lru_cache(maxsize=4)  # a vocabulary of 150,000 tokens takes some 13 MB
def _read(path: Path, _changed: int, size: int) -> TokenVocabulary:
    with path.open("rb") as file:
        described = describe(file, size, (f"{PREFIX}tokens",))
    if described is None:
        raise ModelUnavailable(f"{path.name} is not a GGUF file.", "Models must be in the GGUF format of llama.cpp.")
    keys = {name.removeprefix(PREFIX): value for name, value in described.keys.items() if name.startswith(PREFIX)}
    sizes = (value for name, value in described.keys.items() if name.endswith(".vocab_size"))
    keys["vocab_size"] = next(sizes, 0)
    return _vocabulary(path, keys, described.strings.get(f"{PREFIX}tokens", ()))


def _vocabulary(path: Path, keys: dict[str, Any], tokens: tuple[bytes, ...]) -> TokenVocabulary:
    model, pre = _words(keys, "model"), _words(keys, "pre")
    if model not in _KINDS:
        what = f"a tokenizer “{model}” that is not known here" if model else "no vocabulary"
        raise ModelUnavailable(f"The file {path.name} has {what}.", "Name the model's own GGUF file.")
    kind, bos, eos, adds_bos, adds_eos = _KINDS[model]
    if kind == "NONE" and "tokens" not in keys:
        tokens = (b"",) * min(int(keys.get("vocab_size", 0)), MOST_STRINGS)
    if kind == "BPE":
        pre = "gemma4" if model == "gemma4" else pre
        adds_bos = pre in _BPE_ADDS_BOS
        bos = NONE if pre in _BPE_WITHOUT_BOS else bos
    return TokenVocabulary(
        path=path,
        kind=kind,
        model=model,
        pre=pre,
        tokens=tokens,
        bos=_token(keys, "bos_token_id", bos, len(tokens)),
        eos=_token(keys, "eos_token_id", eos, len(tokens)),
        adds_bos=bool(keys.get("add_bos_token", adds_bos)) or (kind == "BPE" and pre in _BPE_MUST_ADD_BOS),
        adds_eos=bool(keys.get("add_eos_token", adds_eos)),
        names_bos="bos_token_id" in keys,
    )


def _words(keys: dict[str, Any], name: str) -> str:
    value = keys.get(name, "")
    return value if isinstance(value, str) else ""


def _token(keys: dict[str, Any], name: str, default: int, count: int) -> int:
    """Return the id that the file names, or llama.cpp's default; one outside the vocabulary does not count."""
    named = keys.get(name)
    if isinstance(named, int) and 0 <= named < count:
        return named
    return default if default < count else NONE
