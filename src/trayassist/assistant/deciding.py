"""The route of a request, with a word from memory where the request alone cannot tell: "find the renewal terms"."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from pathlib import Path

from trayassist.api import Request, Route, TrayassistError, Turn
from trayassist.memory.store import Memory
from trayassist.routing.router import Router
from trayassist.routing.rules import memory_tells

logger = logging.getLogger(__name__)

LIMIT_S = 30.0  # for memory's word; the first question of a process waits for its worker, which persona needs anyway


async def decided(router: Router, memory: Memory, kept: Path, request: Request, previous: Turn | None) -> Route:
    """Return the route; memory is asked once, only where its answer can change it and the folder `kept` exists.

    Raises TrayassistError as Router.decide_apart does. When memory fails or is late, the words decide alone.
    """
    began = time.perf_counter()
    route = await router.decide_apart(request, previous=previous)
    if not memory_tells(route) or not await asyncio.to_thread(kept.is_dir):
        return route
    try:
        async with asyncio.timeout(LIMIT_S):
            evidence = await memory.search(route.text, 1)
    except (TimeoutError, TrayassistError):
        logger.warning("memory was not asked about a route", exc_info=True)
        return route
    if not evidence.documents:
        return route
    route = await router.decide_apart(request, previous=previous, memory_hit=evidence.probability)
    return replace(route, ms=(time.perf_counter() - began) * 1e3)
