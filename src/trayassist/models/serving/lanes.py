"""Lanes: how many requests run at once, who goes next, and what waits.

Interactive requests go before jobs, in the order they came. One that finds its lane full of jobs has a job give up
its place; the job waits again, at the head of the jobs.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from trayassist.models.registry.schema import Lane, Lanes
from trayassist.models.serving.state import QueuedRequest


@dataclass(eq=False, slots=True, kw_only=True)
class Ticket:
    """A request's place in a lane. `most` is how many of its role may run at once.

    `give_up` is called when a running job must make room; `preempted` is then True until it runs again.
    """

    request_id: str
    role: str
    model: str
    lane: Lane
    most: int = 1
    job: bool = False
    give_up: Callable[[], object] | None = None
    preempted: bool = False
    since: float = field(default_factory=time.monotonic)
    number: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def order(self) -> tuple[bool, int]:
        return self.job, self.number


class Queue:
    """All lanes. `changed` is called when a request comes, starts or ends."""

    def __init__(self, sizes: Lanes, changed: Callable[[], None] = lambda: None) -> None:
        self._sizes: Mapping[str, int] = sizes.model_dump()
        self._changed = changed
        self._numbers = itertools.count(1)
        self._waiting: list[Ticket] = []
        self._running: list[Ticket] = []

    def resize(self, sizes: Lanes) -> None:
        """Take over other sizes; what runs goes on."""
        self._sizes = sizes.model_dump()
        self._start_who_can()

    def show(self) -> list[QueuedRequest]:
        """Return what runs and what waits, in the order it will run."""
        now = time.monotonic()
        return [
            QueuedRequest(
                request_id=ticket.request_id,
                role=ticket.role,
                model=ticket.model,
                lane=ticket.lane,
                running=ticket in self._running,
                job=ticket.job,
                since_s=now - ticket.since,
            )
            for ticket in (*self._running, *sorted(self._waiting, key=lambda one: one.order))
        ]

    def is_free(self, ticket: Ticket) -> bool:
        """Return whether the ticket would start at once."""
        ahead = any(other.lane == ticket.lane and other.job <= ticket.job for other in self._waiting)
        return not ahead and self._fits(ticket)

    @asynccontextmanager
    async def place(self, ticket: Ticket) -> AsyncIterator[None]:
        """Wait until the ticket may run, and hold its place meanwhile. A ticket may come again: it keeps its turn."""
        ticket.number = ticket.number or next(self._numbers)
        ticket.preempted = False
        ticket.started.clear()
        self._waiting.append(ticket)
        self._start_who_can()
        try:
            if not ticket.started.is_set():
                self._make_way(ticket)
            self._changed()
            await ticket.started.wait()
            yield
        finally:
            (self._running if ticket in self._running else self._waiting).remove(ticket)
            self._start_who_can()
            self._changed()

    def _start_who_can(self) -> None:
        for ticket in sorted(self._waiting, key=lambda one: one.order):
            if self._fits(ticket):
                self._waiting.remove(ticket)
                self._running.append(ticket)
                ticket.started.set()

    def _fits(self, ticket: Ticket) -> bool:
        return self._has_slot(ticket.lane) and not self._role_is_full(ticket)

    def _has_slot(self, lane: Lane) -> bool:
        return sum(one.lane == lane for one in self._running) < self._sizes[lane]

    def _role_is_full(self, ticket: Ticket) -> bool:
        return sum(one.role == ticket.role for one in self._running) >= ticket.most

    def _make_way(self, ticket: Ticket) -> None:
        """Have the job that came last give up its place, unless enough do already."""
        if ticket.job:
            return
        role_full = self._role_is_full(ticket)
        jobs = [one for one in self._running if one.job and (one.role == ticket.role if role_full else True)]
        jobs = [one for one in jobs if one.lane == ticket.lane]
        leaving = sum(one.preempted for one in jobs)
        waiting = sum(not one.job and one.lane == ticket.lane for one in self._waiting)
        candidates = [one for one in jobs if not one.preempted and one.give_up is not None]
        if candidates and leaving < waiting:
            last = max(candidates, key=lambda one: one.number)
            last.preempted = True
            assert last.give_up is not None
            last.give_up()
