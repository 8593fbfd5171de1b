"""Waiting for what a window does later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(true: Callable[[], object], seconds: float = 20) -> None:
    """Return as soon as something is so; TimeoutError when it does not become so."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # Qt's state has no event to wait for
            await asyncio.sleep(0.01)
