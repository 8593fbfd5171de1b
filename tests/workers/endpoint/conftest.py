"""A real OpenAI-compatible server, started once for the tests of a process."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests import tiny_gguf
from tests.workers.endpoint.servers import llama_server


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of llama-cpp-python's own server with a tiny model named “tiny”."""
    pytest.importorskip("llama_cpp.server.app", exc_type=ImportError)
    file = tiny_gguf.write(tmp_path_factory.mktemp("server") / "tiny.gguf")
    with llama_server(file, "tiny") as url:
        yield url


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
