"""Re-indexing: memory's passages get the vectors of another embedder, while the old ones go on serving.

The work lies in a second table (workers/memory/rebuild.py) that is put in force in one step when it is whole. It can
be cancelled, or the process killed, at any point: the next run goes on where this one ended.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol

from trayassist.api import Busy, TrayassistError, WorkerDied
from trayassist.api.words import count
from trayassist.memory.embedding import Embedding
from trayassist.workers.memory.errors import MemoryInUse
from trayassist.workers.memory.messages import BUILTIN, IndexState, Stamp
from trayassist.workers.pool import Worker

PASSAGES_AT_ONCE = 32
BUILTIN_AT_ONCE = 500
SAMPLE = 6  # passages by which the time is estimated
BUILTIN_PASSAGES_PER_S = 2000.0
INDEXING_S = 2.0  # at the least, and 0.2 ms a passage
POLL_S = 0.1  # only while indexes are made
DEATHS_IN_A_ROW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A re-index that would make memory fit its embedder. `done` of `passages` were done by an earlier run.

    `seconds` is how long the rest would take, None where that was not measured. `serves` says what searches go by
    until then; `problem` why there can be no re-index now, or is empty.
    """

    made_with: str
    now: str
    passages: int
    done: int = 0
    seconds: float | None = None
    serves: Literal["old", "words"] = "old"
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReindexProgress:
    """How far a re-index is. `phase`: embedding, indexing, done. `seconds_left` is None while it is not known."""

    phase: Literal["embedding", "indexing", "done"]
    done: int
    passages: int
    passages_per_s: float = 0.0
    seconds_left: float | None = None


class IndexedMemory(Protocol):
    """What a re-index needs of memory. While `writing` is held no new pages come."""

    worker: Worker
    writing: asyncio.Lock

    async def index(self) -> IndexState: ...
    async def claim(self, purpose: str) -> None: ...
    async def release(self, purpose: str) -> None: ...
    def look_again(self) -> None: ...


class Reindex:
    """At most one re-index at a time, in a task of its own; windows and the command line follow it.

    `changed` are called on the loop whenever `progress`, `problem` or `running` changed.
    """

    def __init__(self, memory: IndexedMemory, embedding: Embedding) -> None:
        self._memory, self._embedding = memory, embedding
        self._task: asyncio.Task[None] | None = None
        self._rates: dict[Stamp, float] = {}
        self.progress: ReindexProgress | None = None
        self.problem = ""
        self.changed: list[Callable[[], None]] = []

    @property
    def running(self) -> bool:
        """Whether a re-index is under way."""
        return self._task is not None

    async def offer(self, *, measure: bool = False) -> Offer | None:
        """Return what a re-index would do; None when memory fits the embedder that is set, or is empty.

        With `measure` a few passages are embedded to tell how long it would take; that loads the model.
        """
        state = await self._memory.index()
        try:
            wanted = await self._wanted_stamp()
        except TrayassistError as error:
            serves = await self._serves(state)
            if not state.passages or serves == "old":
                return None  # `wanted_problem` says what is wrong with the one that is set
            return Offer(made_with=state.stamp.name, now="", passages=state.passages, serves=serves, problem=str(error))
        fits = state.stamp.same_vectors(wanted)
        if fits and state.building not in (None, wanted):
            with suppress(MemoryInUse):
                await self._memory.worker.call("stop_rebuild")  # for an embedder that is set no more
            state = await self._memory.index()
        if not state.passages or (fits and state.building is None):
            return None
        done = state.built if state.building == wanted else 0
        seconds, problem = None, ""
        try:
            if measure or wanted.builtin or wanted in self._rates:
                seconds = await self._seconds(wanted, state.passages - done, state.passages)
        except TrayassistError as error:
            problem = str(error)
        return Offer(
            made_with=state.stamp.name,
            now=wanted.name,
            passages=state.passages,
            done=done,
            seconds=seconds,
            serves=await self._serves(state),
            problem=problem,
        )

    async def wanted_problem(self) -> str:
        """Return why the embedder that is set cannot be used, in words, or ""."""
        try:
            await self._wanted_stamp()
        except TrayassistError as error:
            return str(error)
        return ""

    def start(self, *, again: bool = False) -> None:
        """Begin, or go on; `again` also when memory fits its embedder. Raises Busy when one is under way."""
        if self._task is not None:
            raise Busy("A re-index is under way.", "Wait for its end, or cancel it.")
        self.problem, self.progress = "", None
        self._task = asyncio.get_running_loop().create_task(self._run(again))
        self._task.add_done_callback(self._on_end)
        self._tell()

    async def cancel(self) -> None:
        """Stop at the next passages; what is done is kept for the next run. The old vectors go on serving."""
        if self._task is not None:
            task = self._task
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def discard(self) -> None:
        """Stop, and remove what was done."""
        await self.cancel()
        await self._memory.worker.call("stop_rebuild")
        self._memory.look_again()
        self._tell()

    async def follow(self) -> AsyncGenerator[ReindexProgress, None]:
        """Yield how far it is until it ends. Raises TrayassistError when it failed."""
        came = asyncio.Event()
        self.changed.append(came.set)
        try:
            last = None
            while self._task is not None:
                if self.progress is not None and self.progress is not last:
                    yield (last := self.progress)
                await came.wait()
                came.clear()
            if self.progress is not None and self.progress is not last:
                yield self.progress
        finally:
            self.changed.remove(came.set)
        if self.problem:
            raise TrayassistError(self.problem, "What is done is kept: go on with trayassist memory reindex.")

    # ------------------------------------------------------------ the run

    async def _run(self, again: bool) -> None:
        wanted, state = await self._wanted_stamp(), await self._memory.index()
        if state.stamp.same_vectors(wanted) and state.building is None and not again:
            self._say(ReindexProgress(phase="done", done=state.passages, passages=state.passages))
            return
        deaths = 0
        try:
            while True:
                try:
                    await self._memory.claim("reindex")
                    await self._once(wanted)
                    break
                except WorkerDied:  # the memory worker: what it had written is there
                    deaths += 1
                    if deaths == DEATHS_IN_A_ROW:
                        raise
        finally:
            await asyncio.shield(self._memory.release("reindex"))

    async def _once(self, wanted: Stamp) -> None:
        done, every = await self._memory.worker.call("rebuild", made_by=wanted)
        meter = _Meter(done)
        self._say(meter.at(done, every))
        await self._fill(wanted, meter)
        self._say(ReindexProgress(phase="indexing", done=every, passages=every))
        await self._memory.worker.call("index")
        while await self._memory.worker.call("upkeep_running"):  # noqa: ASYNC110  # another process is asked
            await asyncio.sleep(POLL_S)
        async with self._memory.writing:
            while not await self._memory.worker.call("switch"):  # passages came meanwhile
                every = await self._fill(wanted, meter)
        self._memory.look_again()
        self._say(ReindexProgress(phase="done", done=every, passages=every))

    async def _fill(self, wanted: Stamp, meter: _Meter) -> int:
        """Give vectors to all passages that lack them; return how many passages there are."""
        every = 0
        count = BUILTIN_AT_ONCE if wanted.builtin else PASSAGES_AT_ONCE
        while texts := await self._memory.worker.call("missing", count=count):
            made = None if wanted.builtin else await self._embedding.of_passages(wanted, texts)
            done, every = await self._memory.worker.call("fill", made=made)
            self._say(meter.at(done, every))
        return every

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self.problem = str(error) if isinstance(error, TrayassistError) else f"{type(error).__name__}: {error}"
        self._memory.look_again()  # how much is done has changed
        self._tell()

    def _say(self, progress: ReindexProgress) -> None:
        self.progress = progress
        self._tell()

    def _tell(self) -> None:
        for callback in list(self.changed):
            callback()

    # ------------------------------------------------------------ what it would be

    async def _wanted_stamp(self) -> Stamp:
        embedders = self._embedding.embedders
        return BUILTIN if embedders is None else await embedders.stamp_in_force()

    async def _serves(self, state: IndexState) -> Literal["old", "words"]:
        return "words" if await self._embedding.missing(state.stamp) else "old"

    async def _seconds(self, wanted: Stamp, left: int, every: int) -> float:
        """Return how long embedding `left` passages and indexing all of them takes, from a sample of them."""
        if wanted not in self._rates:
            self._rates[wanted] = BUILTIN_PASSAGES_PER_S if wanted.builtin else await self._measure_rate(wanted)
        return left / self._rates[wanted] + INDEXING_S + every * 2e-4

    async def _measure_rate(self, wanted: Stamp) -> float:
        texts = await self._memory.worker.call("sample", count=SAMPLE)
        await self._embedding.of_passages(wanted, texts[:1])  # loads the model
        began = time.perf_counter()
        await self._embedding.of_passages(wanted, texts)
        return len(texts) / max(1e-6, time.perf_counter() - began)


class _Meter:
    """Passages a second since this run began."""

    def __init__(self, done: int) -> None:
        self._first, self._began = done, time.perf_counter()

    def at(self, done: int, every: int) -> ReindexProgress:
        spent = time.perf_counter() - self._began
        rate = (done - self._first) / spent if spent > 0.5 else 0.0
        left = (every - done) / rate if rate > 0 else None
        return ReindexProgress(
            phase="embedding", done=done, passages=every, passages_per_s=round(rate, 1), seconds_left=left
        )


def in_words(offer: Offer) -> str:
    """Return an offer as sentences: what memory was made with, what is set, what serves, what to do."""
    text = f"Your memory was made with {offer.made_with}"
    text += f"; {offer.now} is set now." if offer.now and offer.now != offer.made_with else "."
    if offer.serves == "words":
        text += f" {offer.made_with[0].upper()}{offer.made_with[1:]} is not here, so searches go by words only."
    else:
        text += f" Until it is re-indexed, searches go by {offer.made_with}."
    if offer.problem:
        return f"{text} {offer.problem}"
    time = f" (about {duration(offer.seconds)})" if offer.seconds is not None else ""
    begun = f", {offer.done:,} of them {'is' if offer.done == 1 else 'are'} done" if offer.done else ""
    return f"{text} Re-index {count(offer.passages, 'passage')}{time}{begun}: trayassist memory reindex."


def duration(seconds: float) -> str:
    """Return a length of time to come: "8 s", "3 min", "2 h 5 min"."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
