"""Tools and jobs of plugins: checked, approved where their risk asks for it, run apart from the main loop, recorded."""

from __future__ import annotations

import asyncio
import functools
import inspect
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any
from uuid import uuid4

from trayassist.api import Approval, Flagged, Job, NotAllowed, Request, Risk, Status, Tool, TrayassistError
from trayassist.assistant.host import BoundHost, Services, Trace
from trayassist.plugins.host import PluginHost
from trayassist.plugins.sandbox import PluginLoop
from trayassist.plugins.validation import ASK_ITS_AUTHOR
from trayassist.safety.audit import Audit

SILENCE_S = 600.0
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


class Action:
    """One run of a tool or a job. `events()` yields what it asks and reports, and last what to tell the user."""

    def __init__(
        self,
        name: str,
        work: Callable[[BoundHost], Awaitable[str]],
        *,
        risk: Risk = Risk.LOW,
        detail: str = "",
        job: str = "",
    ) -> None:
        self.id = uuid4().hex
        self._name, self._work, self._risk, self._detail = name, work, risk, detail
        self._job = job
        self._what = f"The {'job' if job else 'tool'} {name}"
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._trace = Trace(emit=self._queue.put_nowait)
        self._task: asyncio.Task[None] | None = None
        self._write: Callable[..., None] = lambda event, **fields: None  # until it runs

    async def events(
        self, plain_host: PluginHost, services: Services, loop: PluginLoop, audit: Audit
    ) -> AsyncGenerator[Approval | Status | Flagged | str, None]:
        """Run it. Raises NotAllowed when the user says no, and TrayassistError when it fails."""
        request = Request(text="", actor=f"action {self._name}", id=self.id)
        host = BoundHost(plain_host, services, request, self._trace, asyncio.get_running_loop(), self._job)
        began = time.perf_counter()
        self._write = functools.partial(audit.write, run_id=self.id, action=self._name)
        self._write("job_started" if self._job else "action_requested", risk_level=self._risk.label)
        self._task = asyncio.create_task(self._run(host, loop))
        try:
            while (item := await self._queue.get()) is not None:
                yield item
            await self._task
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            failed = self._task.cancelled() or self._task.exception() is not None
            self._write(
                "job_finished" if self._job else "action_finished",
                success=not failed,
                latencyMs=(time.perf_counter() - began) * 1e3,
            )

    def approve(self, approval_id: str, yes: bool) -> None:
        """Answer one of this action's approvals; others are ignored."""
        waiting = self._trace.approvals.get(approval_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(yes)
            self._write("action_approved" if yes else "action_denied")

    def cancel(self) -> None:
        """Stop it."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self, host: BoundHost, loop: PluginLoop) -> None:
        async def work() -> AsyncIterator[str]:
            if self._risk >= Risk.MEDIUM and not await host.approve(f"Run {self._name}{self._detail}?", "Run it"):
                raise NotAllowed(f"{self._name} was not run.", "You said no, or nobody answered.")
            work = self._work(host)
            told = await work if inspect.isawaitable(work) else work
            if not isinstance(told, str):
                raise TrayassistError(f"{self._what} returned {type(told).__name__}, not a text.", ASK_ITS_AUTHOR)
            yield told

        try:
            stream = loop.stream(self._what, work, silence_s=SILENCE_S, waiting=lambda: self._trace.waiting > 0)
            async with aclosing(stream) as results:
                async for result in results:
                    self._queue.put_nowait(result)
        finally:
            self._queue.put_nowait(None)


def of_tool(tool: Tool, arguments: Mapping[str, Any]) -> Action:
    """Return a run of the tool. Raises TrayassistError when an argument is missing, unknown or of another type."""
    properties: Mapping[str, Any] = tool.schema.get("properties", {})
    if missing := [name for name in tool.schema.get("required", ()) if name not in arguments]:
        raise TrayassistError(f"The tool {tool.name} needs “{missing[0]}”.", f"It takes: {', '.join(properties)}.")
    for name, value in arguments.items():
        if name not in properties:
            raise TrayassistError(f"The tool {tool.name} takes no “{name}”.", f"It takes: {', '.join(properties)}.")
        wanted = properties[name].get("type")
        wrong_bool = isinstance(value, bool) and wanted != "boolean"
        if wanted in _TYPES and (wrong_bool or not isinstance(value, _TYPES[wanted])):
            raise TrayassistError(f"“{name}” of the tool {tool.name} must be of type {wanted}.", f"It is {value!r}.")
    detail = f" with {dict(arguments)}" if arguments else ""
    return Action(tool.name, lambda host: tool.run(arguments, host), risk=tool.risk, detail=detail)


def of_job(job: Job) -> Action:
    """Return a run of the job."""
    return Action(job.name, job.run, job=job.name)
