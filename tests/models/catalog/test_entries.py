"""Adding GGUF files to the registry, and taking models out (S0-01, S1-18, S1-23, S3-21): real headers, real files."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from tests import tiny_gguf
from tests.models.catalog.test_downloads import Lines
from trayassist.api import ModelUnavailable, NotAllowed, TrayassistError
from trayassist.models.catalog import entries
from trayassist.models.catalog.entries import Entries
from trayassist.models.catalog.fetch_plan import PlannedFile, Want
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Registry
from trayassist.paths import Paths
from trayassist.workers.child import Channel


class Room:
    """Entries over a registry of their own."""

    def __init__(self, home: Paths) -> None:
        self.home, self.reloads = home, 0
        self.registry = registry_file.load(home)
        self.entries = Entries(home, lambda: self.registry, self.reload, Lines())  # type: ignore[arg-type]

    async def reload(self) -> None:
        self.reloads += 1
        self.registry = registry_file.load(self.home)


@asynccontextmanager
async def room(home: Paths, text: str = "") -> AsyncIterator[Room]:
    home.registry.write_text(text)
    one = Room(home)
    yield one
    await one.entries.stop()


def small(
    path: Path, architecture: str = "llama", tensors: tuple[str, ...] = ("token_embd.weight",), **keys: Any
) -> Path:
    """Write a GGUF of a few numbers: enough for its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, architecture)
    for key, value in keys.items():
        name = key.replace("__", ".")
        if isinstance(value, bool):
            writer.add_bool(name, value)
        elif isinstance(value, int):
            writer.add_uint32(name, value)
        else:
            writer.add_string(name, value)
    for tensor in tensors:
        writer.add_tensor(tensor, np.ones((4, 4), np.float32))
    tiny_gguf._finish(writer)
    return path


# ------------------------------------------------------------ what a file is


@pytest.mark.parametrize(
    ("name", "keys", "kind"),
    [
        ("Some 3B Instruct", {"tokenizer__chat_template": "{{x}}"}, "instruct"),
        ("Some 3B", {}, "base"),
        ("Some Coder 7B Instruct", {"tokenizer__chat_template": "{{x}}"}, "code"),
        ("Some Math 7B", {"tokenizer__chat_template": "{{x}}"}, "math"),
        ("Some Guard 1B", {"tokenizer__chat_template": "{{x}}"}, "guard"),
        ("Some DRAFT 0.5B", {"tokenizer__chat_template": "{{x}}"}, "draft"),
        ("Some 7B Base", {"tokenizer__chat_template": "{{x}}"}, "base"),
        ("Aftermath 7B", {"tokenizer__chat_template": "{{x}}"}, "instruct"),
    ],
)
def test_the_kind_is_told_from_name_and_template(tmp_path: Path, name: str, keys: dict[str, Any], kind: str) -> None:
    file = small(tmp_path / "file.gguf", general__name=name, **keys)
    assert entries.propose(file, Registry(), tmp_path).kind == kind


def test_an_embedder_and_a_reranker_are_told_from_what_they_do(tmp_path: Path) -> None:
    embedder = small(tmp_path / "embed.gguf", "bert", bert__attention__causal=False, bert__pooling_type=1)
    reranker = small(tmp_path / "rank.gguf", "bert", ("cls.weight",), bert__attention__causal=False)
    assert entries.propose(embedder, Registry(), tmp_path).kind == "embedding"
    assert entries.propose(reranker, Registry(), tmp_path).kind == "reranker"


def test_a_model_is_named_after_its_file_licence_and_family_come_from_the_header(tmp_path: Path) -> None:
    file = small(
        tmp_path / "models" / "Some 3B_Q4_K_M.gguf", general__name="Some Model 3B (Instruct)", general__license="mit",
        general__basename="Some Model", tokenizer__chat_template="{{x}}",
    )  # fmt: skip
    found = entries.propose(file, Registry(), tmp_path / "models")
    assert found.name == "some-3b_q4_k_m"
    assert found.entry == {
        "file": "Some 3B_Q4_K_M.gguf",
        "kind": "instruct",
        "family": "some-model",
        "license": "mit",
    }


def test_quantizations_of_one_model_have_names_that_differ(tmp_path: Path) -> None:
    names = []
    for quant in ("q4_k_m", "q8_0"):
        file = small(tmp_path / f"Qwen2.5-Coder-1.5B-Instruct-{quant.upper()}.gguf", general__name="Qwen2.5 Coder")
        names.append(entries.propose(file, Registry(), tmp_path).name)
    assert names == ["qwen2.5-coder-1.5b-instruct-q4_k_m", "qwen2.5-coder-1.5b-instruct-q8_0"]


def test_a_name_that_is_taken_gets_a_number_and_one_without_letters_the_models_own(tmp_path: Path) -> None:
    file = small(tmp_path / "some.gguf", general__name="Other", general__file_type=15)
    taken = Registry.model_validate({"models": {"some": {"file": "a.gguf"}}})
    assert entries.propose(file, taken, tmp_path).name == "some-2"
    both = Registry.model_validate({"models": {"some": {"file": "a.gguf"}, "some-2": {"file": "b.gguf"}}})
    assert entries.propose(file, both, tmp_path).name == "some-3"
    parts = small(tmp_path / "big-00001-of-00001.gguf", general__name="Other")
    assert entries.propose(parts, Registry(), tmp_path).name == "big"
    nameless = small(tmp_path / "模型.gguf", general__name="Other")
    assert entries.propose(nameless, Registry(), tmp_path).name == "other"


def test_five_bit_and_an_unknown_licence_are_said_not_refused(tmp_path: Path) -> None:
    file = small(tmp_path / "x.gguf", general__name="Some", general__file_type=17, tokenizer__chat_template="{{x}}")
    notes = " ".join(entries.propose(file, Registry(), tmp_path).notes)
    assert "5 bit" in notes
    assert "licence is not known" in notes


@pytest.mark.parametrize(
    "what", ["cut", "foreign", "vocabulary", "adapter", "vision", "part", "second part", "missing"]
)
def test_what_is_no_whole_model_is_refused_in_words(tmp_path: Path, tiny: Path, what: str) -> None:
    file = tmp_path / "some-00001-of-00002.gguf"
    words = {
        "cut": "damaged or cut short",
        "foreign": "not a GGUF file",
        "vocabulary": "holds a vocabulary but no model",
        "adapter": "trayassist adapters import",
        "vision": "name this file as its mmproj",
        "part": "some-00002-of-00002.gguf is missing",
        "second part": "Name the first part, other-00001-of-00002.gguf",
        "missing": "is missing",
    }[what]
    if what == "cut":
        file.write_bytes(tiny.read_bytes()[:-1000])
    elif what == "foreign":
        file.write_bytes(b"PK\x03\x04" + bytes(100))
    elif what == "vocabulary":
        tiny_gguf.write_vocabulary_only(file)
    elif what == "adapter":
        small(file, general__type="adapter", adapter__type="lora")
    elif what == "vision":
        small(file, "clip", general__type="mmproj")
    elif what == "part":
        small(file, split__count=2, split__no=0)
    elif what == "second part":
        file = small(tmp_path / "other-00002-of-00002.gguf", split__count=2, split__no=1)
    with pytest.raises(ModelUnavailable) as caught:
        entries.propose(file, Registry(), tmp_path)
    assert words in str(caught.value)


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daa\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (POINTER, "where git-lfs keeps it. Run `git lfs pull`"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html><head><title>some.gguf", "is a saved web page, not a model"),
        (b"<html lang=en>", "is a saved web page, not a model"),
        (b"", "is empty. Download it again"),
        (b"GGML" + bytes(100), "is not a GGUF file"),
    ],
)
def test_what_is_saved_instead_of_a_model_is_called_by_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "some.gguf"
    file.write_bytes(content)
    with pytest.raises(ModelUnavailable) as caught:
        entries.propose(file, Registry(), tmp_path)
    assert words in str(caught.value)


def test_a_folder_is_answered_with_the_file_to_name(tmp_path: Path, tiny: Path) -> None:
    def refusal(folder: Path) -> str:
        with pytest.raises(ModelUnavailable) as caught:
            entries.propose(folder, Registry(), tmp_path)
        return str(caught.value)

    for name in ("empty", "one", "hub"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "b.gguf").write_bytes(tiny.read_bytes())
    (tmp_path / "one" / "A.GGUF").write_bytes(tiny.read_bytes())
    (tmp_path / "hub" / "model.safetensors").touch()
    assert "is a folder without a GGUF file in it" in refusal(tmp_path / "empty")
    assert "is a folder. Name the model's file in it: A.GGUF (or b.gguf)." in refusal(tmp_path / "one")
    assert "in another format than GGUF" in refusal(tmp_path / "hub")


async def test_a_strangers_file_is_read_by_a_worker_and_its_end_is_no_end_of_ours(
    home: Paths, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with room(home) as one:
        found = await one.entries.look(tiny)
        assert found.name == tiny.stem
        monkeypatch.setattr(entries, "inspect", die)
        with pytest.raises(ModelUnavailable, match="cannot be read"):
            await one.entries.look(tiny)


def die(channel: Channel) -> None:
    """A worker that a file kills."""
    channel.serve({"propose": lambda **_: os._exit(7)})


# ------------------------------------------------------------ adding


async def test_a_dropped_model_is_described_given_to_empty_roles_and_hashed(home: Paths, tiny: Path) -> None:
    async with room(home) as one:
        added = await one.entries.add(tiny)
        assert await one.entries.wait_for_sha256(added.name) == hashlib.sha256(tiny.read_bytes()).hexdigest()
        model = one.registry.models["tiny"]
        assert (model.file, model.kind) == (str(tiny), "instruct")
        assert [one.registry.role(role).model for role in ("persona", "coder", "curator")] == ["tiny", "tiny", None]
        assert one.registry.role("watchdog").model is None
        assert added.says.startswith("Added to models as tiny (instruct). Used by persona, coder now.")
    assert stat.S_IMODE(home.registry.stat().st_mode) == 0o600


async def test_roles_that_have_a_model_keep_it(home: Paths, tiny: Path) -> None:
    async with room(home, "models: {mine: {file: a.gguf}}\nroles: {persona: {model: mine}}\n") as one:
        assert (await one.entries.add(tiny)).roles == ("coder",)
        assert one.registry.role("persona").model == "mine"


async def test_a_file_that_is_described_already_is_not_added_twice(home: Paths, tiny: Path) -> None:
    async with room(home) as one:
        await one.entries.add(tiny)
        link = tiny.parent / "link.gguf"
        if not link.exists():
            os.link(tiny, link)
        again = await one.entries.add(link)
        assert (again.new, again.name) == (False, "tiny")
        assert list(one.registry.models) == ["tiny"]


async def test_move_puts_the_file_into_the_models_folder(home: Paths, tmp_path: Path, tiny: Path) -> None:
    mine = tmp_path / "downloads" / "tiny.gguf"
    mine.parent.mkdir()
    mine.write_bytes(tiny.read_bytes())
    async with room(home) as one:
        await one.entries.add(mine, move=True)
        assert one.registry.models["tiny"].file == "tiny.gguf"
        await one.entries.wait_for_sha256("tiny")
    assert not mine.exists()
    assert stat.S_IMODE((home.models / "tiny.gguf").stat().st_mode) == 0o600


async def test_move_over_another_file_is_refused_and_nothing_is_lost(home: Paths, tmp_path: Path, tiny: Path) -> None:
    (home.models / "tiny.gguf").write_bytes(b"another")
    mine = tmp_path / "tiny.gguf"
    mine.write_bytes(tiny.read_bytes())
    async with room(home) as one:
        with pytest.raises(NotAllowed, match="has a file of that name already"):
            await one.entries.add(mine, move=True)
        assert not one.registry.models
    assert mine.exists()
    assert (home.models / "tiny.gguf").read_bytes() == b"another"


async def test_a_move_to_another_disk_copies_with_progress_and_then_removes(
    home: Paths, tmp_path: Path, tiny: Path, small_disk: Path
) -> None:
    mine = small_disk / "tiny.gguf"
    mine.write_bytes(tiny.read_bytes())
    told: list[tuple[int, int]] = []
    async with room(home) as one:
        await one.entries.add(mine, move=True, tell=lambda done, total: told.append((done, total)))
    assert told[-1] == (tiny.stat().st_size, tiny.stat().st_size)
    assert not mine.exists()
    assert (home.models / "tiny.gguf").read_bytes() == tiny.read_bytes()


@pytest.mark.parametrize("name", ["with space", "Upper", "taken"])
async def test_a_name_that_cannot_be_is_refused(home: Paths, tiny: Path, name: str) -> None:
    async with room(home, "models: {taken: {file: a.gguf}}\n") as one:
        with pytest.raises(NotAllowed):
            await one.entries.add(tiny, name=name)
        assert list(one.registry.models) == ["taken"]


async def test_a_wrong_registry_is_said_and_left_as_it_is(home: Paths, tiny: Path) -> None:
    async with room(home) as one:
        home.registry.write_text("models: [broken\n")
        with pytest.raises(TrayassistError, match="not valid YAML"):
            await one.entries.add(tiny)
    assert home.registry.read_text() == "models: [broken\n"


# ------------------------------------------------------------ fetched, removed


async def test_a_fetched_model_is_described_with_source_licence_sum_and_roles(home: Paths, tiny: Path) -> None:
    target = home.models / "tiny.gguf"
    target.write_bytes(tiny.read_bytes())
    want = Want(name="worker-1.5b", repo="some/tiny-GGUF", file="tiny.gguf", entry={"kind": "code"}, roles=("coder",))
    file = PlannedFile(
        model=want.name, repo=want.repo, file=want.file, commit="c", bytes=1, sha256="a" * 64, license="mit",
        target=str(target),
    )  # fmt: skip
    async with room(home) as one:
        await one.entries.add_fetched(want, [file])
        model = one.registry.models["worker-1.5b"]
        assert (model.file, model.kind, model.license, model.sha256) == ("tiny.gguf", "code", "mit", "a" * 64)
        assert model.source is not None
        assert model.source.repo == "some/tiny-GGUF"
        assert one.registry.role("coder").model == "worker-1.5b"


async def test_remove_takes_the_model_from_its_roles_and_leaves_the_file(home: Paths, tiny: Path) -> None:
    async with room(home, "# mine\nmodels:\n  other: {file: o.gguf}\nroles:\n  coder: {model: other}\n") as one:
        await one.entries.add(tiny)
        await one.entries.wait_for_sha256("tiny")
        registry_file.save(home, ("roles", "coder", "fallback"), ["tiny"])
        await one.reload()
        assert sorted(await one.entries.remove("tiny")) == ["coder", "persona"]
        assert list(one.registry.models) == ["other"]
        assert one.registry.role("persona").model is None
        assert one.registry.role("coder").fallback == ()
    assert tiny.exists()
    assert home.registry.read_text().startswith("# mine\n")


async def test_remove_deletes_only_files_of_the_models_folder(home: Paths, tmp_path: Path, tiny: Path) -> None:
    inside, outside = home.models / "in.gguf", tmp_path / "out.gguf"
    for file in (inside, outside):
        file.write_bytes(tiny.read_bytes())
    async with room(home) as one:
        for file, name in ((inside, "in"), (outside, "out")):
            await one.entries.add(file, name=name, roles=())
            await one.entries.wait_for_sha256(name)
            await one.entries.remove(name, delete=True)
    assert not inside.exists()
    assert outside.exists()


async def test_a_model_described_from_the_home_folder_is_known_and_its_file_removed(
    home: Paths, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(home.models.parent))
    monkeypatch.setenv("USERPROFILE", str(home.models.parent))
    file = home.models / "in.gguf"
    file.write_bytes(tiny.read_bytes())
    async with room(home, f"models: {{mine: {{file: ~/{home.models.name}/in.gguf}}}}\n") as one:
        added = await one.entries.add(file)
        assert (added.name, added.new) == ("mine", False)
        await one.entries.remove("mine", delete=True)
    assert not file.exists()


async def test_remove_of_a_model_that_a_mode_names_is_refused(home: Paths, tiny: Path) -> None:
    text = f"models: {{a: {{file: {tiny}}}}}\nmodes: {{agent: {{roles: {{persona: {{model: a}}}}}}}}\n"
    async with room(home, text) as one:
        with pytest.raises(NotAllowed, match=r"modes\.agent\.roles\.persona"):
            await one.entries.remove("a")
        with pytest.raises(NotAllowed, match="not found in registry"):
            await one.entries.remove("b")
    assert home.registry.read_text() == text
