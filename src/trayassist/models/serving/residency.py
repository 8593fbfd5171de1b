"""Which models are loaded: a worker process each, loaded when asked for, ended when idle or to make room.

HOT models stay; WARM ones come when asked for and go when idle; COLD ones come only by hand. Ending a worker's
process is how its memory comes back. Nothing here polls: a timer is set when a model falls idle. How a model is
loaded, what it takes and how much there is come from outside, so that a test can drive all of it without models.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from trayassist.api import ModelUnavailable, TrayassistError
from trayassist.api.words import count
from trayassist.models.registry.schema import ResidencySettings as Settings
from trayassist.models.serving.budget import Allocation, Hold, MachineMemory, MemoryBudget, OutOfBudget
from trayassist.models.serving.plans import LoadPlan
from trayassist.safety.audit import Audit
from trayassist.workers.model import Info
from trayassist.workers.pool import Worker

FAILURES, WITHIN_S, REST_S = 3, 300.0, 60.0


class Breaker:
    """Counts failures of models: after three within five minutes a model rests for a minute.

    `problems` says in words why models did not load when that was last tried, by model.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}
        self._until: dict[str, float] = {}
        self.problems: dict[str, str] = {}
        self.short: set[str] = set()  # models that lacked memory only: they are well, and load once there is enough

    def count_failure(self, name: str) -> bool:
        """Count a failure; return whether the model rests from now on."""
        now = self._clock()
        failures = self._failures.setdefault(name, deque(maxlen=FAILURES))
        failures.append(now)
        if len(failures) < FAILURES or now - failures[0] > WITHIN_S:
            return False
        failures.clear()
        self._until[name] = now + REST_S
        return True

    def note_load(self, name: str, problem: TrayassistError | None) -> None:
        """Note that a model did not load, or did (None). A lack of memory is no failure of the model."""
        self.problems.pop(name, None)
        self.short.discard(name)
        if problem is None:
            return
        self.problems[name] = str(problem)
        if isinstance(problem, OutOfBudget):
            self.short.add(name)
        else:
            self.count_failure(name)

    def resting_s(self, name: str) -> float:
        """Return for how many seconds the model still rests; 0 when it may be asked."""
        return max(0.0, self._until.get(name, 0.0) - self._clock())

    def wake(self, name: str) -> None:
        """Let the model be asked again, with no failures counted: it was changed, or the user loads it by hand."""
        self._until.pop(name, None)
        self._failures.pop(name, None)
        self.problems.pop(name, None)


logger = logging.getLogger(__name__)

PIECE = 4 * 2**20
LOOK_EVERY = 16  # pieces between two looks at what is free
NICENESS = 15
BUSY_WAIT_S = 5.0  # a model that is at work may be about to end, and its memory is waited for so long
MB = 1_000_000

OnStatus = Callable[[str], None]


@dataclass(eq=False, slots=True)
class Resident:
    """A model that is loaded or being loaded. `info` is None until it is; `used` grows with each use.
    `doing` says what is done before it is loaded, in words.

    `turn` is held by who generates: the worker answers one request at a time, and who waits for it is not on the
    clock yet. `leaving` says that it is to end after its answer; `free` is set while nobody uses it.
    """

    plan: LoadPlan
    worker: Worker | None = None
    info: Info | None = None
    users: int = 0
    used: int = 0
    load_ms: float = 0.0
    doing: str = ""
    by_hand: bool = False
    evicts: bool = False
    unload_after: bool = False
    leaving: bool = False
    loading: asyncio.Task[None] | None = None
    ended: asyncio.Task[None] | None = None
    idle: asyncio.TimerHandle | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.free.set()

    @property
    def is_loaded(self) -> bool:
        """Whether the model can answer at once."""
        return self.info is not None and self.worker is not None and self.worker.pid is not None

    @property
    def is_sound(self) -> bool:
        """Whether it is loaded, or about to be; not when loading failed or the worker has died."""
        return self.is_loaded or (self.info is None and (self.loading is None or not self.loading.done()))

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        return self.worker.pid if self.worker is not None else None

    def take(self, turn: int) -> None:
        """Note one user more; it will not fall idle meanwhile."""
        self.users, self.used = self.users + 1, turn
        self.free.clear()
        self.stay()

    def stay(self) -> None:
        """Stop the timer that would unload it."""
        if self.idle is not None:
            self.idle.cancel()
            self.idle = None


class Residency:
    """Loads, lends, lists and unloads models. `changed` is called after each change of what is loaded.

    `on_load` is called after each try to load a model: with the error, or with None when it is loaded.
    """

    def __init__(
        self,
        plan: Callable[[str], Awaitable[LoadPlan]],
        settings: Callable[[], Settings],
        budget: MemoryBudget,
        machine: MachineMemory,
        audit: Audit,
        changed: Callable[[], None],
        on_load: Callable[[str, TrayassistError | None], None],
    ) -> None:
        self._plan, self._settings, self._budget, self._machine = plan, settings, budget, machine
        self._audit, self._changed, self._on_load = audit, changed, on_load
        self._residents: dict[str, Resident] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}
        self._charged: list[Resident] = []  # all that take memory: loading, loaded and not yet ended
        self._making_room = asyncio.Lock()
        self._freed = asyncio.Event()
        self._turns = itertools.count(1)
        self._over = False

    def resident(self, name: str) -> Resident | None:
        """Return the model's place in memory; None when it is not there."""
        return self._residents.get(name)

    def residents(self) -> list[Resident]:
        """Return all models that are loaded or being loaded."""
        return list(self._residents.values())

    def allocations(self) -> list[Allocation]:
        """Return what takes memory now, the least recently used first."""
        order = sorted(self._charged, key=lambda one: one.used)
        return [
            Allocation(one.plan.name, one.plan.ram, one.plan.gpu, self._hold(one), one.info is None and not one.leaving)
            for one in order
        ]

    @asynccontextmanager
    async def use(
        self, name: str, on_status: OnStatus, *, by_hand: bool = False, evict: bool = True, unload_after: bool = False
    ) -> AsyncIterator[tuple[Resident, float]]:
        """Lend the model, loaded, and how long loading took in ms (0 when it was there). Meanwhile it is busy.

        A cold model comes only `by_hand`. Without `evict` nothing is unloaded for it. Raises ModelUnavailable, in
        words, when it does not load, OutOfBudget when it does not fit.
        """
        resident = await self._claim(name, by_hand)
        resident.evicts = resident.evicts or evict
        try:
            yield resident, await self._wait_loaded(resident, on_status)
        finally:
            resident.unload_after = resident.unload_after or unload_after
            await self._release(resident)

    async def unload(self, name: str, reason: str = "asked") -> None:
        """End the model's worker, after its answer if it is at work; its memory is free when this returns."""
        if (resident := self._residents.get(name)) is not None:
            await asyncio.shield(self._end(resident, reason))
        elif (ending := self._ending.get(name)) is not None:
            await asyncio.shield(ending)

    async def take_over(self) -> None:
        """Let models go, after their answers, that are described otherwise now or not at all; others stay loaded."""
        for resident in self.residents():
            try:
                plan = await self._plan(resident.plan.name)
            except TrayassistError:
                self._end(resident, "it is not described any more")
                continue
            if plan.key != resident.plan.key:
                self._end(resident, "its description changed")
            else:
                resident.plan = plan
                if not resident.users:
                    self._start_idle_timer(resident)
        self._changed()

    async def stop(self) -> None:
        """End all workers, the busy ones at once. Nothing is loaded from then on."""
        self._over = True
        for resident in list(self._charged):
            if resident.users and resident.worker is not None:
                resident.worker.kill()
            if resident.users and resident.loading is not None:
                resident.loading.cancel()
        for resident in self.residents():
            self._end(resident, "trayassist ends")
        for resident in list(self._charged):
            resident.free.set()
        await asyncio.gather(*self._ending.values())

    # ------------------------------------------------------------ lending

    async def _claim(self, name: str, by_hand: bool) -> Resident:
        """Return the model's place, one user more on it."""
        while True:
            while (ending := self._ending.get(name)) is not None:
                await asyncio.shield(ending)  # its memory is wanted back first
            try:
                plan = await self._plan(name)
            except TrayassistError:
                if (useless := self._residents.get(name)) is not None:
                    self._end(useless, "its file is gone, or another one now")
                raise
            resident = self._residents.get(name)
            if self._over:
                raise ModelUnavailable(f"The model {name} is not loaded: trayassist ends.")
            if name in self._ending:
                continue
            if resident is None:
                if plan.residence == "cold" and not by_hand:
                    raise ModelUnavailable(
                        f"The model {name} is loaded only by hand.",
                        f"Load it with `trayassist models load {name}`, or in Settings.",
                    )
                resident = self._residents[name] = Resident(plan)
            elif not resident.is_sound or resident.plan.key != plan.key:
                self._end(resident, "its description changed" if resident.is_sound else "its process ended")
                continue
            resident.plan = plan
            resident.by_hand = resident.by_hand or by_hand
            resident.take(next(self._turns))
            self._changed()
            return resident

    async def _release(self, resident: Resident) -> None:
        resident.users -= 1
        if resident.users:
            return
        resident.free.set()
        self._freed.set()
        if resident.leaving:
            return
        if not resident.is_loaded:
            await asyncio.shield(
                self._end(resident, "it did not load" if resident.info is None else "its process died")
            )
        elif resident.unload_after and resident.plan.residence != "hot":
            self._end(resident, "its role unloads it after the answer")
        else:
            self._start_idle_timer(resident)
        self._changed()

    def _start_idle_timer(self, resident: Resident) -> None:
        """Unload the model after `idle_unload_s`, unless it is hot, came by hand, or is asked for before."""
        resident.stay()
        if resident.plan.residence == "hot" or (resident.plan.residence == "cold" and resident.by_hand):
            return
        delay = self._settings().idle_unload_s
        resident.idle = asyncio.get_running_loop().call_later(delay, self._end, resident, "idle")

    # ------------------------------------------------------------ loading

    async def _wait_loaded(self, resident: Resident, on_status: OnStatus) -> float:
        """Wait until the model is loaded; return how long that took in ms."""
        if resident.is_loaded:
            return 0.0
        name, began = resident.plan.name, time.perf_counter()
        if resident.loading is None:
            resident.loading = asyncio.create_task(self._load(resident))
        on_status(f"loading {name}")
        while not (await asyncio.wait({resident.loading}, timeout=1.0))[0]:
            on_status(resident.doing or f"loading {name}, {time.perf_counter() - began:.0f} s")
        if resident.loading.cancelled():
            raise ModelUnavailable(f"Loading the model {name} was stopped.", "Ask again.")
        resident.loading.result()
        return (time.perf_counter() - began) * 1e3

    async def _load(self, resident: Resident) -> None:
        name = resident.plan.name
        try:
            await resident.plan.verify(lambda text: setattr(resident, "doing", text))
            resident.doing = ""
            async with self._making_room:
                await self._make_room(resident)
            self._changed()
            await _start(resident, self._settings().max_load_s, self._machine, self._audit)
        except TrayassistError as error:
            self._on_load(name, error)
            raise
        self._on_load(name, None)
        self._changed()  # it is not loading any more, also while it answers

    async def _make_room(self, resident: Resident) -> None:
        """Unload others, the least recently used first, until the model fits; count its memory as taken (S3-13)."""
        model, until = resident.plan, time.monotonic() + BUSY_WAIT_S
        while not self._budget.fits(model, taken := self.allocations()):
            if not resident.evicts:
                raise self._budget.refusal(model, taken)
            victim = next((one for one in taken if not one.hold and self._budget.helps(model, taken, one)), None)
            if victim is not None and self._budget.could_fit(model, taken):
                reason = f"room for {model.name}"
                await asyncio.shield(self._end(self._residents[victim.name], reason, "model_evicted"))
            elif self._budget.could_fit(model, taken, busy=True) and (left := until - time.monotonic()) > 0:
                await self._wait_for_one(left)
            else:
                raise self._budget.refusal(model, taken)
        self._charged.append(resident)

    async def _wait_for_one(self, limit_s: float) -> None:
        """Wait until a model falls idle or has ended, or the time is over."""
        self._freed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._freed.wait()

    # ------------------------------------------------------------ ending

    def _hold(self, resident: Resident) -> Hold:
        if resident.leaving:
            return "leaving"
        if resident.users:
            return "busy"
        return "hot" if resident.plan.residence == "hot" else ""

    def _end(self, resident: Resident, reason: str, event: str = "model_unloaded") -> asyncio.Task[None]:
        """Take the model off the list now; end its process in a task, after its answer."""
        if resident.ended is None:
            name = resident.plan.name
            if self._residents.get(name) is resident:
                del self._residents[name]
            resident.leaving = True
            earlier = self._ending.get(name)
            resident.ended = asyncio.get_running_loop().create_task(self._end_process(resident, earlier, reason, event))
            self._ending[name] = resident.ended
            self._changed()
        return resident.ended

    async def _end_process(
        self, resident: Resident, earlier: asyncio.Task[None] | None, reason: str, event: str
    ) -> None:
        name = resident.plan.name
        if earlier is not None:
            await earlier
        await resident.free.wait()
        resident.stay()
        began = time.perf_counter()
        held = self._machine.resident(resident.pid) if resident.pid is not None else 0
        if resident.loading is not None:
            resident.loading.cancel()
            await asyncio.gather(resident.loading, return_exceptions=True)  # who waited for it has heard
        if resident.worker is not None:
            await resident.worker.stop()
        if resident in self._charged:
            self._charged.remove(resident)
        if resident.info is not None:
            ms = (time.perf_counter() - began) * 1e3
            self._audit.write(event, actual_model=name, reason=reason, mb=held / MB, ms=ms)
        if self._ending.get(name) is asyncio.current_task():
            del self._ending[name]
        self._freed.set()
        self._changed()


async def _start(resident: Resident, limit_s: float, machine: MachineMemory, audit: Audit) -> None:
    """Load the model into a worker of its own and write the line of it. Raises ModelUnavailable."""
    plan, began = resident.plan, time.perf_counter()
    try:
        async with asyncio.timeout(limit_s):
            resident.worker = worker = await plan.make()
            await worker.start()
            before = machine.resident(worker.pid or 0)
            resident.info = await worker.call("load")
    except TimeoutError:
        raise ModelUnavailable(
            f"The model {plan.name} did not load within {count(limit_s, 'second')}.", "Raise residency.max_load_s."
        ) from None
    except ModelUnavailable:
        raise
    except OSError as error:
        raise ModelUnavailable(
            f"No process can be started for the model {plan.name}: {error.strerror}.", "Close other programs."
        ) from error
    except TrayassistError as error:
        raise ModelUnavailable(
            f"The model {plan.name} does not load: {error.what}", "It may be too large for this machine, or damaged."
        ) from error
    resident.load_ms = (time.perf_counter() - began) * 1e3
    audit.write(
        "model_loaded",
        actual_model=plan.name,
        loadMs=resident.load_ms,
        rss_before=before,
        rss_after=machine.resident(worker.pid or 0),
        vram=plan.gpu,
        estimated=plan.ram + plan.gpu,
        residence=plan.residence,
        architecture=plan.header.architecture if plan.header else None,
    )


def read_once(files: Sequence[Path], free: Callable[[], int], stopped: threading.Event) -> list[Path]:
    """Read models' files from beginning to end, so that they load at memory speed later; return those read whole.

    Runs in a thread, at low priority. What is read stays free memory to everyone else: the system drops it first.
    `free` says how many bytes may be filled. A file that is larger is left out, and reading ends where less is free
    than is still to be read, or when `stopped` is set (S0-24).
    """
    _step_back()
    whole = []
    for file in files:
        try:
            if _read(file, free, stopped):
                whole.append(file)
        except OSError as error:
            logger.info("%s is not read ahead: %s", file.name, error.strerror)
    return whole


def _read(file: Path, free: Callable[[], int], stopped: threading.Event) -> bool:
    left, piece, buffer = file.stat().st_size, 0, bytearray(PIECE)
    with file.open("rb", buffering=0) as opened:
        while not stopped.is_set():
            if piece % LOOK_EVERY == 0 and left > free():
                logger.info("%s is not read ahead: memory is short", file.name)
                return False
            count = opened.readinto(buffer)
            if not count:
                return True
            left, piece = left - count, piece + 1
    return False


def _step_back() -> None:
    """Let this thread go last; only Linux gives a thread a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
