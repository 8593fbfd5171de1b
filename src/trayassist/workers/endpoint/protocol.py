"""How an endpoint worker is made: which server, which of its models."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """Where an endpoint is and which of its models answers. The key is none of it: it comes with each request.

    `model` "" is the only model there. `context_length` 0 is what the endpoint says, or unknown.
    """

    provider: str
    base_url: str
    model: str = ""
    context_length: int = 0
