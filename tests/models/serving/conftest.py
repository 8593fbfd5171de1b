"""The server of the endpoint's tests, for the tests that ask it through the engine."""

from tests.workers.endpoint.conftest import llama, unused_port

__all__ = ["llama", "unused_port"]
