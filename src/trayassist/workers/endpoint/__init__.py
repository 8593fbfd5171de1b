"""The endpoint worker: a model behind an OpenAI-compatible server, with the operations of a model worker.

Naming `main` costs nothing: the `openai` client is imported when it runs, in the child process.
"""

from __future__ import annotations

import os

from trayassist.workers.child import Channel, limit_memory
from trayassist.workers.endpoint.protocol import EndpointOptions

__all__ = ["EndpointOptions", "main"]

SHUT_OUT = ("OPENAI_", "AZURE_OPENAI_")  # beginnings of variables that would give the client a key or an address
MEMORY_MB = 512  # what an endpoint sends must not fill this machine: it may never end, or unpack to anything
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ws_proxy", "wss_proxy")


def main(channel: Channel, options: EndpointOptions) -> None:
    """Serve `load`, `generate`, `embed`, `tokens` and `models` until the parent closes the pipe.

    Each of them takes the `key` to use for this one request, too; "" is none.
    """
    _forget_environment()
    from trayassist.workers.endpoint.service import EndpointService

    service = EndpointService(channel, options)
    limit_memory(MEMORY_MB)
    operations = (service.load, service.generate, service.embed, service.tokens, service.models)
    channel.serve({operation.__name__: service.with_key(operation) for operation in operations})
    service.close()


def _forget_environment() -> None:
    """Drop what would lead requests elsewhere: only registry.yaml and the keyring say where they go, with which key."""
    for name in list(os.environ):
        if name.upper().startswith(SHUT_OUT) or name.lower() in PROXIES:
            del os.environ[name]
