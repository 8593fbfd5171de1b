"""Runs tools and jobs of plugins: checks arguments, asks the user where the risk demands it, records the run."""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from trayassist.api import Approval, Flagged, Host, Job, NotAllowed, Request, Risk, Status, Tool, TrayassistError
from trayassist.assistant.host import Run, Services
from trayassist.plugins.validation import ASK_ITS_AUTHOR

SILENCE_S = 600.0
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A tool with its arguments, or a job, ready to run. `detail` follows its name when the user is asked."""

    name: str
    work: Callable[[Host], Awaitable[str]]
    risk: Risk = Risk.LOW
    detail: str = ""
    is_job: bool = False


class ActionRun(Run):
    """One run of a tool or a job: `next_item` gives what it asks and reports, and last what to tell the user."""

    silence_s = SILENCE_S

    def __init__(self, services: Services, action: Action, *, owner: str) -> None:
        super().__init__(
            services,
            Request(text="", actor=f"action {action.name}"),
            owner=owner,
            what=f"The {'job' if action.is_job else 'tool'} {action.name}",
            job=action.name if action.is_job else "",
            action=action.name,
        )
        self._action = action
        self._began = time.perf_counter()

    async def next_item(self) -> Approval | Status | Flagged | str | None:
        """Return the next one, None after the last.

        Raises NotAllowed when the user says no, and TrayassistError when it fails.
        """
        assert self._task is not None
        item: Approval | Status | Flagged | str | None = await self._items.get()
        if item is None:
            await self._task
        return item

    async def __aenter__(self) -> Self:
        self._write("job_started" if self._action.is_job else "action_requested", risk_level=self._action.risk.label)
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        assert self._task is not None
        self._write(
            "job_finished" if self._action.is_job else "action_finished",
            success=not self._task.cancelled() and self._task.exception() is None,
            latencyMs=(time.perf_counter() - self._began) * 1e3,
        )

    def _write(self, event: str, **fields: Any) -> None:
        self._services.audit.write(event, run_id=self.id, action=self._action.name, **fields)

    async def _plugin_work(self) -> None:
        await self._in_sandbox(self._results, self._items.put_nowait)

    async def _results(self, host: Host) -> AsyncIterator[str]:
        action = self._action
        if action.risk >= Risk.MEDIUM and not await host.approve(f"Run {action.name}{action.detail}?", "Run it"):
            raise NotAllowed(f"{action.name} was not run.", "You said no, or nobody answered.")
        work = action.work(host)
        result = await work if inspect.isawaitable(work) else work
        if not isinstance(result, str):
            raise TrayassistError(f"{self._what} returned {type(result).__name__}, not a text.", ASK_ITS_AUTHOR)
        yield result


def of_tool(tool: Tool, arguments: Mapping[str, Any]) -> Action:
    """Return the tool with its arguments. Raises TrayassistError where one is missing, unknown or of a wrong type."""
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
    return Action(name=tool.name, work=lambda host: tool.run(arguments, host), risk=tool.risk, detail=detail)


def of_job(job: Job) -> Action:
    """Return the job as an action."""
    return Action(name=job.name, work=job.run, is_job=True)
