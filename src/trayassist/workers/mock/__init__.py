"""The mock worker: a model that needs none. The same question always gets the same answer (S4-23).

For tests, the demonstration and trying out a configuration (S4-29): it loads nothing, and its answers are
those of `responses` in registry.yaml, else a sentence made of the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trayassist.workers.child import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the mock answers. The key `default` is for every question that is not named."""

    responses: Mapping[str, str] = field(default_factory=dict)
    context_length: int = 8192


def main(channel: Channel, options: Options) -> None:
    """Serve the operations of a model worker until the parent closes the pipe."""
    from trayassist.workers.mock.service import Service

    service = Service(channel, options)
    channel.serve(
        {
            "load": service.load,
            "generate": service.generate,
            "embed": service.embed,
            "rerank": service.rerank,
            "tokens": service.tokens,
        }
    )
