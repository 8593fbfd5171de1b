"""Fixtures of the model tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import tiny_gguf
from tests.models.running import Lines


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf.write(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that needs seconds for a prompt of 3,000 tokens on one core."""
    file = tmp_path_factory.mktemp("models") / "slow.gguf"
    return tiny_gguf.write(file, width=512, layers=8, heads=8, feed_forward=1536, context=4096)


@pytest.fixture
def audit() -> Lines:
    return Lines()
