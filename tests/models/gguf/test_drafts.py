"""S0-09, S0-11..S0-14, section 3.1: whether a draft fits its target, from the two files alone."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf as files
import numpy as np
import pytest
from click.testing import CliRunner

from tests import tiny_gguf
from trayassist.api import ModelUnavailable
from trayassist.cli.main import group
from trayassist.models.gguf import drafts, header, vocabulary
from trayassist.models.gguf import header as gguf
from trayassist.models.registry.schema import DraftRule
from trayassist.paths import Paths

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a GGUF that holds a vocabulary only; further keys by name, dots as two underscores."""

    def write_gguf(name: str, size: int = 300, *, changed: dict[int, str] | None = None, **keys: Any) -> Path:
        path = tmp_path / f"{name}.gguf"
        architecture = str(keys.pop("architecture", "llama"))
        writer = files.GGUFWriter(path, architecture)
        writer.add_tokenizer_model(str(keys.pop("model", "gpt2")))
        writer.add_tokenizer_pre(str(keys.pop("pre", "qwen2")))
        tokens = [f"t{number}" for number in range(size)]
        for token, text in (changed or {}).items():
            tokens[token] = text
        writer.add_token_list(tokens)
        writer.add_token_merges([f"a b{number}" for number in range(20)])
        for key, value in {"bos_token_id": 1, "eos_token_id": 2, **keys}.items():
            full = key.replace("__", ".") if "__" in key else f"tokenizer.ggml.{key}"
            if value is not None:
                (writer.add_bool if isinstance(value, bool) else writer.add_uint32)(full, value)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path

    return write_gguf


def test_every_pair_of_real_vocabularies_gets_the_expected_verdict(data: Path) -> None:
    """55 pairs. The list compares BOS and EOS always, llama.cpp and we only where they are added: one pair differs."""
    folder = data / "models"
    differing = []
    for pair in json.loads((folder / "vocab_pairs.json").read_text()):
        names = pair["target"], pair["draft"]
        target, draft = (folder / ("ggml_vocabs" if n.startswith("ggml") else "stories260K") / n for n in names)
        found = drafts.compare(target, draft)
        if found.compatible != pair["compatible"]:
            differing.append(names)
            assert found.warnings == ("The EOS tokens differ: 2 “</s>” and 32000 “<|endoftext|>”.",)
        first = found.first_difference
        assert (first and first.token) == pair["first_different_token"], names
        assert list(found.sizes) == pair["sizes"], names
        if pair["reason"] == "vocab type":
            assert found.reasons[0].startswith("the kinds of vocabulary differ"), names
    assert differing == [("ggml-vocab-llama-spm.gguf", "ggml-vocab-phi-3.gguf")]


def test_our_reader_sees_what_llama_cpp_sees(data: Path) -> None:
    """The installed build is the judge of BOS, EOS, whether they are added, and of sizes."""
    code = """
import ctypes, json, sys, llama_cpp as l
quiet = l.llama_log_callback(lambda *_: None)
l.llama_log_set(quiet, ctypes.c_void_p())
for file in sys.argv[1:]:
    params = l.llama_model_default_params()
    params.vocab_only = True
    v = l.llama_model_get_vocab(l.llama_model_load_from_file(file.encode(), params))
    print(json.dumps([l.llama_vocab_type(v), l.llama_vocab_n_tokens(v), l.llama_vocab_bos(v), l.llama_vocab_eos(v),
                      bool(l.llama_vocab_get_add_bos(v)), bool(l.llama_vocab_get_add_eos(v))]))
"""
    folder = data / "models"
    names = [*sorted((folder / "ggml_vocabs").glob("*.gguf")), folder / "stories260K" / "stories260K.gguf"]
    told = subprocess.run([sys.executable, "-c", code, *map(str, names)], capture_output=True, check=True, text=True)
    kinds = ("NONE", "SPM", "BPE", "WPM", "UGM", "RWKV", "PLAMO2")
    for name, line in zip(names, told.stdout.splitlines(), strict=True):
        kind, *theirs = json.loads(line)
        ours = vocabulary.read(name)
        assert ours.kind == kinds[kind]
        assert theirs == [len(ours.tokens), ours.bos, ours.eos, ours.adds_bos, ours.adds_eos], name.name


def test_the_names_of_architectures_are_those_of_the_installed_llama_cpp() -> None:
    """C-05: a name that llama.cpp does not know would refuse nothing."""
    code = "import llama_cpp, pathlib; print(pathlib.Path(llama_cpp.__file__).parent / 'lib')"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    libraries = [p for p in Path(told.stdout.strip()).iterdir() if "llama" in p.name and not p.is_symlink()]
    built = b"".join(library.read_bytes() for library in libraries)
    for name in header.RECURRENT | header.HYBRID | header.DIFFUSION:
        assert name.encode() + b"\0" in built, name


def test_a_pair_that_fits_says_nothing(write: Write) -> None:
    found = drafts.compare(write("a"), write("b"))
    assert (found.compatible, found.reasons, found.warnings) == (True, (), ())
    assert drafts.speculation_verdict(write("a"), write("b")) == ""


@pytest.mark.parametrize(
    ("target", "draft", "said"),
    [
        ({}, {"changed": {151: "other"}}, "vocabulary differs at token 151"),
        ({}, {"size": 500}, "the vocabularies have 300 and 500 tokens, more than 128 apart"),
        ({}, {"model": "llama"}, "the kinds of vocabulary differ: BPE and SPM"),
        ({"add_bos_token": True}, {}, "only the target puts a BOS token before a text"),
        ({"add_bos_token": True}, {"add_bos_token": True, "bos_token_id": 7}, "the BOS tokens differ: 1 “t1” and 7"),
        ({}, {"add_eos_token": True}, "only the draft puts an EOS token after a text"),
        ({"add_eos_token": True}, {"add_eos_token": True, "eos_token_id": 3}, "the EOS tokens differ: 2 “t2” and 3"),
        ({"architecture": "mamba"}, {}, "the target cannot speculate: its architecture mamba keeps a running state"),
        ({}, {"architecture": "nemotron_h"}, "the draft cannot speculate: its architecture nemotron_h keeps"),
        ({"architecture": "new", "new__ssm__state_size": 16}, {}, "its architecture new keeps a running state"),
        ({"architecture": "new", "new__shortconv__l_cache": 3}, {}, "its architecture new keeps a running state"),
        ({"architecture": "llada"}, {}, "its architecture llada does not write token by token"),
        ({"pre": "llama-bpe"}, {}, "only the target puts a BOS token"),  # llama.cpp's default of that pre-tokenizer
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_the_reason(
    write: Write, target: dict[str, Any], draft: dict[str, Any], said: str
) -> None:
    """Rules 1 to 6; S0-11's sentence begins with speculation off."""
    verdict = drafts.speculation_verdict(write("target", **target), write("draft", **draft))
    assert verdict.startswith("speculation off: ")
    assert said in verdict


def test_special_tokens_before_the_fifth_and_up_to_128_missing_ones_do_not_count(write: Write) -> None:
    """C-15: Qwen2.5's sizes differ by 128 and work."""
    found = drafts.compare(write("a", 428), write("b", 300, changed={0: "x", 4: "y"}))
    assert found.compatible
    assert found.warnings == ("The draft's vocabulary is smaller: it can never draft 128 of the target's tokens.",)
    assert not drafts.compare(write("a", 429), write("b", 300)).compatible


def test_what_may_draft_badly_is_only_a_warning(write: Write) -> None:
    """Rule 7, C-16: a BOS that is not added may differ; the comma stands in where the file names none."""
    found = drafts.compare(write("a"), write("b", bos_token_id=None, pre="deepseek-llm"))
    assert found.compatible
    assert found.warnings == (
        "The pre-tokenizers differ: qwen2 and deepseek-llm.",
        "The BOS tokens differ: 1 “t1” and 11 “t11”.",
        "The draft does not name its BOS token; 11 “t11” is llama.cpp's default.",
    )
    windowed = write("w", llama__attention__sliding_window=4096)
    assert "sliding window" in drafts.compare(windowed, write("b")).warnings[0]


def test_advice_on_size_and_quantization(tmp_path: Path) -> None:
    """S0-14: warnings, not errors."""
    big = tiny_gguf.write(tmp_path / "big.gguf", width=256, layers=6, heads=4, feed_forward=512)
    small = tiny_gguf.write(tmp_path / "small.gguf", width=32, layers=1, heads=2, feed_forward=64)
    assert drafts.parameters(gguf.read(small)) == 2 * 512 * 32 + 3 * 32 + 4 * 32 * 32 + 3 * 32 * 64
    assert drafts.compare(big, small).warnings == ("The draft is F32; Q8_0 is advised for drafts.",)
    found = drafts.compare(small, big)
    assert found.compatible
    assert "of the target's parameters; over 12.5% it rarely pays" in found.warnings[0]


def test_families_outside_the_table_are_warned_of(write: Write) -> None:
    """S0-12."""
    rules = (DraftRule(target="qwen3", drafts=("qwen3",)), DraftRule(target="q", drafts=("j",), note="BOS is odd"))
    pair = write("a"), write("b")
    assert drafts.compare(*pair, families=("qwen3", "qwen3"), rules=rules).warnings == ()
    assert drafts.compare(*pair, families=("", "qwen3"), rules=rules).warnings == ()
    assert drafts.compare(*pair, families=("q", "z"), rules=rules).warnings == (
        "draft_rules has j for q, not z (BOS is odd).",
    )
    assert drafts.compare(*pair, families=("llama-9", "z"), rules=rules).warnings == (
        "draft_rules says nothing of the family llama-9.",
    )


def test_files_that_cannot_be_read_are_refused_in_words(write: Write, tmp_path: Path) -> None:
    good = write("good")
    (tmp_path / "foreign.gguf").write_bytes(b"PK" * 100)
    (tmp_path / "cut.gguf").write_bytes(good.read_bytes()[:900])
    for name, said in (("foreign", "not a GGUF file"), ("cut", "damaged or cut short"), ("gone", "is missing")):
        with pytest.raises(ModelUnavailable, match=said):
            drafts.compare(good, tmp_path / f"{name}.gguf")
        with pytest.raises(ModelUnavailable, match=said):
            vocabulary.read(tmp_path / f"{name}.gguf")
        assert drafts.speculation_verdict(good, tmp_path / f"{name}.gguf").startswith("speculation off: ")


def test_a_damaged_vocabulary_is_refused_or_read_and_never_anything_else(write: Write, tmp_path: Path) -> None:
    whole = write("whole").read_bytes()
    random = np.random.default_rng(1)
    for number in range(400):
        data = bytearray(whole)
        for at in random.integers(0, len(data), 3):
            data[at] = random.integers(0, 256)
        damaged = tmp_path / f"damaged-{number}.gguf"
        damaged.write_bytes(data)
        try:
            vocabulary.read(damaged)
        except ModelUnavailable:
            continue


def test_a_pair_of_150_000_tokens_is_compared(write: Write) -> None:
    assert drafts.compare(write("a", 152_064), write("b", 151_936)).compatible


@pytest.mark.parametrize(
    ("draft", "code"), [({}, 0), ({"changed": {9: "nine"}}, 1), ({"bos_token_id": 8}, 2), (None, 3)]
)
def test_the_command_ends_with_the_verdict(write: Write, draft: dict[str, Any] | None, code: int) -> None:
    """S0-13: 0 fits, 1 does not, 2 fits with warnings, 3 unreadable."""
    other = "gone.gguf" if draft is None else str(write("draft", **draft))
    plain = CliRunner().invoke(group, ["draft-compat", str(write("target")), other])
    told = CliRunner().invoke(group, ["draft-compat", str(write("target")), other, "--json"])
    assert (plain.exit_code, told.exit_code) == (code, code)
    line = json.loads(told.stdout)
    if draft is None:
        assert line["error"] == "“gone.gguf” is neither a file nor a model of the registry."
        return
    assert line["compatible"] is (code != 1)
    if code == 1:
        assert line["first_difference"] == {"token": 9, "target": "t9", "draft": "nine"}
        assert "token 9: “t9” and “nine”" in plain.output


@pytest.mark.parametrize("given", [[], ["one.gguf"], ["a.gguf", "b.gguf", "c.gguf"], ["--what", "a.gguf", "b.gguf"]])
def test_wrong_usage_is_no_verdict(given: list[str]) -> None:
    """S0-13: 2 means that the pair fits with warnings."""
    assert CliRunner().invoke(group, ["draft-compat", *given]).exit_code == 3


def test_a_token_of_line_breaks_stays_on_its_line(write: Write) -> None:
    target = write("target", changed={9: "a\n\x1b[31m"})
    told = CliRunner().invoke(group, ["draft-compat", str(target), str(write("draft"))])
    assert r"token 9: “a\n\x1b[31m” and “t9”" in told.output


def test_what_is_no_file_is_refused_and_not_waited_for(write: Write, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    (tmp_path / "folder.gguf").mkdir()
    for name, what in (("pipe", "not a file"), ("folder", "a folder without a GGUF file")):
        with pytest.raises(ModelUnavailable, match=rf"{name}\.gguf is {what}"):
            drafts.compare(write("whole"), tmp_path / f"{name}.gguf")


def test_a_file_of_the_other_byte_order_is_named_so(write: Write, tmp_path: Path) -> None:
    data = bytearray(write("whole").read_bytes())
    data[4:8] = struct.pack(">I", 3)
    (tmp_path / "big.gguf").write_bytes(data)
    with pytest.raises(ModelUnavailable, match="GGUF version 3 in big-endian order"):
        gguf.read(tmp_path / "big.gguf", "any")


@pytest.mark.parametrize("pairs", [9_999_999, 90_000])
def test_a_header_without_end_is_damaged_and_not_read_to_its_end(pairs: int, tmp_path: Path) -> None:
    """Keys of zero bytes, as in a file of which only the beginning arrived: no file says one thing twice."""
    path = tmp_path / "sparse.gguf"
    with path.open("wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, 0, pairs))
        file.truncate(2**33)
    with pytest.raises(ModelUnavailable, match="damaged or cut short"):
        gguf.read(path, "any")


def test_names_of_the_registry_stand_for_their_files(home: Paths, write: Write) -> None:
    write("big").rename(home.models / "big.gguf")
    small = write("small")
    home.registry.write_text(
        f"models:\n  big: {{file: big.gguf, family: qwen3}}\n  small: {{file: {small}, family: llama-3}}\n"
        "  far: {provider: ollama, remote_id: x}\n"
    )
    found = drafts.compare_named(home, "big", "small")
    assert (found.target, found.draft) == (home.models / "big.gguf", small)
    assert found.warnings == ("draft_rules has qwen3 for qwen3, not llama-3.",)
    with pytest.raises(ModelUnavailable, match="Did you mean “small”"):
        drafts.compare_named(home, "big", "smal")
    with pytest.raises(ModelUnavailable, match="far is no file of this machine"):
        drafts.compare_named(home, "big", "far")
    home.registry.write_text("models: [")
    assert drafts.compare_named(home, str(small), str(small)).compatible


def test_a_files_name_steers_no_terminal(write: Write) -> None:
    odd = write("dr\x1b[8maft", changed={9: "nine"})
    for given in ([str(odd), str(write("target"))], [str(write("target")), f"{odd}.gone"]):
        told = CliRunner().invoke(group, ["draft-compat", *given])
        assert "dr\N{REPLACEMENT CHARACTER}[8maft" in told.output
        assert "\x1b" not in told.output
