"""Loading and unloading: what does not load is said in words, what is loaded goes again, nothing is left behind."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from tests import tiny_gguf
from tests.models.running import Lines, answer, engine, model_processes, user
from trayassist.api import ModelUnavailable
from trayassist.models.adapters import bases
from trayassist.models.checks.files import problems
from trayassist.models.gguf.hardware import usable_cores
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.resolve import path_of
from trayassist.paths import Paths
from trayassist.workers import model as model_worker
from trayassist.workers.pool import Worker


def with_architecture(path: Path, name: str) -> Path:
    """Write a whole GGUF file of an architecture that llama.cpp does not know."""
    writer = gguf.GGUFWriter(path, name)
    tiny_gguf._add_vocabulary(writer, 300)
    writer.add_tensor("token_embd.weight", np.zeros((300, 8), np.float32))
    tiny_gguf._finish(writer)
    return path


async def test_what_llama_cpp_complains_of_is_in_the_message(
    home: Paths, audit: Lines, tmp_path: Path, capfd: Any
) -> None:
    file = with_architecture(tmp_path / "odd.gguf", "martian")
    async with engine(home, audit, {"odd": {"file": str(file)}}, {"model": "odd"}) as one:
        with pytest.raises(ModelUnavailable, match=r"odd\.gguf does not load: .*architecture.*martian"):
            await answer(one, user("a"), model="odd")
        assert one.loaded_models() == []
        assert model_processes() == []
    assert capfd.readouterr() == ("", "")  # native code reaches no terminal
    assert [call["success"] for call in audit.calls()] == [False]


async def test_a_broken_template_is_said_and_kind_base_leaves_it_aside(
    home: Paths, audit: Lines, tmp_path: Path
) -> None:
    file = tiny_gguf.write(tmp_path / "bad.gguf", template="{{ raise_exception('only tools') }}")
    models = {"bad": {"file": str(file)}, "plain": {"file": str(file), "kind": "base"}}
    async with engine(home, audit, models, {"model": "plain", "max_tokens": 4}) as one:
        with pytest.raises(ModelUnavailable, match="only tools"):
            await answer(one, user("a"), model="bad")
        assert await answer(one, user("a"), model="plain")
        assert [loaded.base for loaded in one.loaded_models()] == [False, True]
    broken = tiny_gguf.write(tmp_path / "syntax.gguf", template="{% for m in %}")
    async with engine(home, audit, {"bad": {"file": str(broken)}}, {"model": "bad"}) as one:
        with pytest.raises(ModelUnavailable, match="chat template is broken"):
            await answer(one, user("a"), model="bad")


async def test_a_worker_that_is_ended_at_each_start_is_a_model_that_does_not_load(
    home: Paths, audit: Lines, tiny: Path
) -> None:
    async def kill_each() -> None:
        while True:
            for process in model_processes():
                process.kill()
            await asyncio.sleep(0.005)

    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 4}) as one:
        killing = asyncio.create_task(kill_each())
        with pytest.raises(ModelUnavailable, match="does not load"):
            await answer(one, user("a"))
        killing.cancel()
        assert await answer(one, user("a"))


async def test_cancel_while_loading_leaves_no_process_and_the_next_question_is_answered(
    home: Paths, audit: Lines, tiny: Path
) -> None:
    said: list[str] = []
    async with engine(home, audit, {"tiny": {"file": str(tiny)}}, {"model": "tiny", "max_tokens": 4}) as one:
        asking = asyncio.create_task(answer(one, user("a"), on_status=said.append))
        while not model_processes():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert asking.cancelled()
        assert said == ["loading tiny"]
        assert model_processes() == []
        assert await answer(one, user("a"))
    assert [call["error"] for call in audit.calls()] == ["cancelled", None]


async def test_a_model_that_falls_idle_just_as_it_is_asked_still_answers(home: Paths, audit: Lines, tiny: Path) -> None:
    models = {"tiny": {"file": str(tiny)}}
    async with engine(home, audit, models, {"model": "tiny", "max_tokens": 2}, idle_unload_s=0.02) as one:
        for number in range(12):
            assert await answer(one, user("a"), str(number))
            await asyncio.sleep(0.016 + 0.001 * number)
    assert all(call["success"] for call in audit.calls())
    assert model_processes() == []


async def test_the_memory_of_a_loaded_model_is_shown_and_comes_back(home: Paths, audit: Lines, slow: Path) -> None:
    async with engine(home, audit, {"slow": {"file": str(slow)}}, {"model": "slow", "max_tokens": 2}) as one:
        await answer(one, user("a"), model="slow")
        (loaded,) = one.loaded_models()
        assert loaded.bytes > slow.stat().st_size // 2
        await one.unload("slow")
        assert one.loaded_models() == []
        assert model_processes() == []
    assert [line["event"] for line in audit.lines] == ["model_loaded", "llm_call", "model_unloaded"]


async def test_a_worker_ends_cleanly_when_it_is_told_to(tiny: Path) -> None:
    """No crash of native code while the interpreter goes down."""
    options = model_worker.LoadOptions(
        file=str(tiny), context_length=256, n_batch=64, n_threads=1, n_gpu_layers=0, use_mmap=True
    )
    worker = Worker("model", model_worker.main, options=options)
    await worker.call("load")
    process = worker._process
    await worker.stop(grace_s=20)
    assert process is not None
    assert process.exitcode == 0


def test_threads_stay_within_what_this_process_may_use() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


async def test_a_file_with_another_sha256_is_not_loaded_and_one_that_fits_is_hashed_once(
    home: Paths, audit: Lines, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home.models / "own.gguf"
    file.write_bytes(tiny.read_bytes())
    right = hashlib.sha256(file.read_bytes()).hexdigest()
    hashed: list[str] = []
    real = bases.sha256_of
    monkeypatch.setattr(bases, "sha256_of", lambda files, tell: (hashed.append(files[0].name), real(files, tell))[1])
    described = {"own": {"file": "own.gguf", "sha256": right}}
    async with engine(home, audit, described, {"model": "own"}) as one:
        assert await answer(one, user("hello"), model="own")
        await one.unload("own")
        assert await answer(one, user("hello"), model="own")
        assert hashed == ["own.gguf"], "its size and time of change are the same"
        changed = bytearray(file.read_bytes())
        changed[-1] ^= 1
        file.write_bytes(changed)
        for _ in range(2):
            with pytest.raises(ModelUnavailable, match=f"begins with .*, not with {right[:12]}"):
                await answer(one, user("hello"), model="own")
        assert len(hashed) == 2, "the second time it is known"
        await one.look()
        (state,) = one.models()
        assert state.pid is None
        assert "is not the one that registry.yaml describes" in state.problem
    assert "is not that of “models.own.sha256”" in " ".join(
        one.what for one in problems(home, registry_file.load(home))
    )


async def test_a_missing_vision_part_is_said_and_the_model_answers(home: Paths, audit: Lines, tiny: Path) -> None:
    described = {"tiny": {"file": str(tiny), "mmproj": "eyes.gguf"}}
    async with engine(home, audit, described, {"model": "tiny"}) as one:
        assert await answer(one, user("hello"))
        (state,) = one.models()
        assert state.problem == f"The vision part of tiny is missing: put it at {home.models / 'eyes.gguf'}."
        assert "(“models.tiny.mmproj”)" in " ".join(one.what for one in problems(home, registry_file.load(home)))
        (home.models / "eyes.gguf").touch()
        assert one.models()[0].problem == ""


async def test_every_file_of_the_registry_may_lie_in_the_home_folder(
    home: Paths, audit: Lines, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    shutil.copy(tiny, tmp_path / "mine.gguf")
    described = {"tiny": {"file": "~/mine.gguf", "mmproj": "~/eyes.gguf"}}
    async with engine(home, audit, described, {"model": "tiny"}) as one:
        assert one.models()[0].problem == f"The vision part of tiny is missing: put it at {tmp_path / 'eyes.gguf'}."
        (tmp_path / "eyes.gguf").touch()
        assert one.models()[0].problem == ""
        assert problems(home, registry_file.load(home)) == []
        assert await answer(one, user("hello"))


def test_a_name_that_begins_with_a_tilde_may_be_a_file_of_the_models_folder(tmp_path: Path) -> None:
    assert path_of(tmp_path, "~old.gguf") == tmp_path / "~old.gguf"
    assert path_of(tmp_path, "a/b.gguf") == tmp_path / "a" / "b.gguf"
    assert path_of(tmp_path, str(tmp_path / "c.gguf")) == tmp_path / "c.gguf"
