"""Models of the tests of the model worker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests import tiny_gguf
from tests.conftest import DATA
from tests.model_worker.asking import with_template


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf.write(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that needs a second for a few hundred tokens on one core."""
    file = tmp_path_factory.mktemp("models") / "slow.gguf"
    return tiny_gguf.write(file, width=512, layers=8, heads=8, feed_forward=1536, context=4096)


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A really trained model of 260,000 weights that goes on with the text it is given."""
    file = DATA / "models" / "stories260K" / "stories260K.gguf"
    if not file.is_file():
        pytest.skip("the trained model is not here")
    to = tmp_path_factory.mktemp("models") / "stories.gguf"
    return asyncio.run(with_template(file, "{{ messages[-1].content }}", to))
