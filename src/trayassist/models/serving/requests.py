"""Requests in their lanes: a question answers at once when it is its turn, a job gives way and begins again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from trayassist.api import Chunk
from trayassist.models.serving.calls import Call
from trayassist.models.serving.chain import Chain
from trayassist.models.serving.lanes import Queue, Ticket

Said = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Requests:
    """Streams calls in the order of the queue."""

    queue: Queue
    chain: Chain

    async def stream(self, call: Call, fallbacks: tuple[str, ...], on_status: Said) -> AsyncGenerator[Chunk, None]:
        """Stream the answer when its lane and its role have room; what a call raises is raised here."""
        ticket = Ticket(
            request_id=call.request_id,
            role=call.role,
            model=call.configured,
            lane=call.settings.lane,
            most=call.settings.max_concurrent,
            job=bool(call.job),
        )
        work = self._as_job if call.job else self._as_question
        async with aclosing(work(call, fallbacks, ticket, on_status)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _as_question(
        self, call: Call, fallbacks: tuple[str, ...], ticket: Ticket, on_status: Said
    ) -> AsyncGenerator[Chunk, None]:
        asked = time.perf_counter()
        if not self.queue.is_free(ticket):
            on_status("waiting for another answer")
        async with self.queue.place(ticket):
            call = replace(call, queue_ms=(time.perf_counter() - asked) * 1e3)
            async with aclosing(self.chain.stream(call, fallbacks, on_status)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def _as_job(
        self, call: Call, fallbacks: tuple[str, ...], ticket: Ticket, on_status: Said
    ) -> AsyncGenerator[Chunk, None]:
        """Hold the answer back until it is whole: a job that gave way begins again, and nobody saw half of it."""
        asked, chunks = time.perf_counter(), None
        while chunks is None:
            async with self.queue.place(ticket):
                call = replace(call, queue_ms=(time.perf_counter() - asked) * 1e3)
                work = asyncio.create_task(self._whole(call, fallbacks, on_status))
                ticket.give_up = work.cancel
                try:
                    chunks = await work
                except asyncio.CancelledError:
                    task = asyncio.current_task()
                    if not ticket.preempted or (task is not None and task.cancelling()):
                        raise
                    on_status("made way for a question, and begins again")
                finally:
                    ticket.give_up = None
                    work.cancel()
                    await asyncio.gather(work, return_exceptions=True)
        for chunk in chunks:
            yield chunk

    async def _whole(self, call: Call, fallbacks: tuple[str, ...], on_status: Said) -> list[Chunk]:
        async with aclosing(self.chain.stream(call, fallbacks, on_status)) as chunks:
            return [chunk async for chunk in chunks]
