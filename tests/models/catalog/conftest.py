"""Fixtures of the tests of getting models: a hub of their own, downloads into a home of their own."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.catalog import hub as hubs


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[hubs.Hub]:
    with hubs.running() as one:
        monkeypatch.setenv("HF_ENDPOINT", one.url)
        monkeypatch.setenv("HF_TOKEN", "hf_must-never-be-sent")
        one.repos["some/model-GGUF"] = hubs.Repo({"model-q4_k_m.gguf": content()})
        yield one


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB of its own; the test is skipped where none can be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]).returncode:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def content(size: int = 1_500_000, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)
