"""Import: from a file or folder to an adapter that waits, and nothing half left whatever happens (S4-16, S4-18)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import stat
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.models.adapters import tiny_models as tiny
from tests.models.adapters.conftest import Room
from trayassist.api import ModelUnavailable, NotAllowed, TrayassistError, UnreadableFile, WorkerDied
from trayassist.models.adapters.record import AdapterRecord


def left_over(room: Room) -> list[str]:
    """Return what lies in the adapters folder besides the state files."""
    folder = room.paths.adapters
    return sorted(one.name for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []


async def test_a_gguf_adapter_waits_for_approval_bound_to_its_base(room: Room) -> None:
    source = room.source("My Ädapter 2026")
    record = await room.take(source)
    assert (record.id, record.state, record.role, record.base_model) == (
        "my-adapter-2026",
        "pending",
        "persona",
        "base",
    )
    assert record.base_sha256 == hashlib.sha256((room.paths.models / "base.gguf").read_bytes()).hexdigest()
    assert record.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert record.file.read_bytes() == source.read_bytes()
    for file in record.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(record.folder.stat().st_mode) == 0o700
    assert (await room.adapters.list())[0] == [record]
    assert room.audit.of("adapter_imported")[0]["base_sha256"] == record.base_sha256


async def test_a_peft_folder_is_converted(room: Room) -> None:
    folder = tiny.save_peft(room.sources / "persona-lora", tiny.lora(room.shape))
    record = await room.take(folder)
    assert (record.id, record.kind, record.rank, record.trained_on) == ("persona-lora", "peft", 4, "acme/tiny")
    again = room.sources / "renamed"
    folder.rename(again)
    with pytest.raises(NotAllowed, match="here already, as persona-lora"):
        await room.take(again)
    assert left_over(room) == ["persona-lora"]


async def test_a_file_of_a_peft_folder_means_the_folder(room: Room) -> None:
    folder = tiny.save_peft(room.sources / "persona-lora", tiny.lora(room.shape))
    assert (await room.take(folder / "adapter_model.safetensors")).name == "persona-lora"


async def test_names_may_repeat_and_contents_may_not(room: Room) -> None:
    first, other = room.source("same", seed=1), room.sources / "elsewhere"
    other.mkdir()
    second = tiny.write_lora(other / "same.gguf", room.shape, tiny.lora(room.shape, seed=2))
    assert [(await room.take(first)).id, (await room.take(second)).id] == ["same", "same-2"]
    copy = other / "copy.gguf"
    copy.write_bytes(first.read_bytes())
    with pytest.raises(NotAllowed, match="here already, as same"):
        await room.take(copy)
    assert left_over(room) == ["same", "same-2"]


async def test_the_base_is_hashed_once_and_again_when_it_changes(room: Room) -> None:
    stages = [
        [
            item["stage"]
            async for item in room.adapters.take(room.source(name, seed))
            if not isinstance(item, AdapterRecord)
        ]
        for name, seed in (("a", 1), ("b", 2))
    ]
    hashed = [sum(stage == "hashing" for stage in one) for one in stages]
    assert hashed[0] > hashed[1] == 1, "the second import only hashes the adapter"
    model = room.paths.models / "base.gguf"
    os.utime(model, (1, 1))
    await room.take(room.source("c", 3))
    cache = json.loads((room.paths.adapters / "bases.json").read_text())
    assert cache[str(model)][0][0][1] == 1_000_000_000


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda file: file.write_bytes(b"GGUF"), UnreadableFile, "cut short"),
        (lambda file: file.write_text("hello"), UnreadableFile, "not a GGUF"),
        (lambda file: tiny.write(file, tiny.shape("qwen2")), UnreadableFile, "not an adapter"),
        (
            lambda file: tiny.write_lora(file, one := tiny.shape("qwen2", width=32), tiny.lora(one)),
            NotAllowed,
            "64 × 64 there and 32 × 32 in the adapter",
        ),
        (
            lambda file: tiny.write_lora(file, one := tiny.shape("llama"), tiny.lora(one)),
            NotAllowed,
            "architecture llama",
        ),
    ],
)
async def test_what_does_not_fit_is_told_and_leaves_nothing(
    make: object, kind: type[TrayassistError], words: str, room: Room
) -> None:
    file = room.sources / "bad.gguf"
    make(file)  # type: ignore[operator]
    with pytest.raises(kind, match=words):
        await room.take(file)
    assert left_over(room) == []


async def test_without_its_base_nothing_is_imported(room: Room) -> None:
    with pytest.raises(ModelUnavailable, match="other is missing"):
        await room.take(base="other")
    with pytest.raises(ModelUnavailable, match="not found in registry"):
        await room.take(base="nobody")
    assert left_over(room) == []


async def test_a_cancelled_import_leaves_nothing(room: Room) -> None:
    big = tiny.shape("qwen2", width=1024, feed_forward=2048, layers=4)
    tiny.write(room.paths.models / "base.gguf", big)
    folder = tiny.save_peft(room.sources / "big", tiny.lora(big))
    stream = room.adapters.take(folder)
    async for item in stream:
        assert not isinstance(item, AdapterRecord)
        if item["stage"] == "converting":
            break
    await stream.aclose()
    assert left_over(room) == []


async def test_a_killed_conversion_is_told_and_leaves_nothing(room: Room) -> None:
    async def take_and_kill() -> None:
        async for _ in room.adapters.take(room.source()):
            for child in psutil.Process().children():
                with suppress(psutil.NoSuchProcess):  # killed at an earlier report, and not yet waited for
                    if "spawn_main" in " ".join(child.cmdline()):
                        child.kill()

    with pytest.raises(WorkerDied):
        await take_and_kill()
    assert left_over(room) == []


async def test_a_full_disk_is_told_and_leaves_nothing(room: Room, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.system(f"mount -t tmpfs -o size=20k tmpfs {small} 2>/dev/null") != 0:  # noqa: ASYNC221
        pytest.skip("a file system of a set size cannot be mounted here")
    try:
        room.adapters.store.folder = small
        with pytest.raises(TrayassistError, match="free on the disk"):
            await room.take()
        assert list(small.iterdir()) == []
    finally:
        os.system(f"umount {small}")  # noqa: ASYNC221


async def test_an_import_that_died_is_cleaned_up_by_the_next(room: Room) -> None:
    dead = room.paths.adapters / ".import-999999999-x"
    dead.mkdir(parents=True)
    alive = room.paths.adapters / f".import-{os.getpid()}-y"
    alive.mkdir()
    await room.take()
    assert not dead.exists()
    assert alive.exists()


async def test_two_imports_of_the_same_at_once_keep_one(room: Room) -> None:
    source = room.source()
    results = await asyncio.gather(room.take(source), room.take(source), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["AdapterRecord", "NotAllowed"]
    assert len(left_over(room)) == 1


async def test_a_damaged_record_is_listed_with_its_reason(room: Room) -> None:
    record = await room.take()
    (record.folder / "adapter.json").write_text("{")
    found, broken = await room.adapters.list()
    assert found == []
    assert "damaged" in broken[record.id].what
    with pytest.raises(TrayassistError, match="damaged"):
        await room.adapters.approve(record.id)
    await room.adapters.remove(record.id)
    assert left_over(room) == []


async def test_ids_that_are_paths_are_refused(room: Room) -> None:
    await room.take()
    for bad in ("..", ".", "", ".import-1", "../adapters", "mine/.."):
        with pytest.raises(TrayassistError, match="There is no adapter"):
            await room.adapters.remove(bad)
    assert left_over(room) == ["mine"]
