"""Models of the tests of the model worker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.conftest import DATA
from tests.workers.model.asking import with_template


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A really trained model of 260,000 weights that goes on with the text it is given."""
    file = DATA / "models" / "stories260K" / "stories260K.gguf"
    if not file.is_file():
        pytest.skip("the trained model is not here")
    to = tmp_path_factory.mktemp("models") / "stories.gguf"
    return asyncio.run(with_template(file, "{{ messages[-1].content }}", to))
