"""One answer under way: the role's items and the application's own events, merged into one stream."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from trayassist.api import (
    Answer,
    Chunk,
    Citation,
    Event,
    Evidence,
    Exchange,
    Finish,
    Finished,
    Flagged,
    Found,
    ModelUnavailable,
    Request,
    Risk,
    Role,
    Route,
    Status,
    Timings,
    TrayassistError,
    Verdict,
    WorkerDied,
)
from trayassist.assistant.host import BoundHost, Services, Trace
from trayassist.models.serving.calls import Usage
from trayassist.plugins import validation
from trayassist.plugins.host import PluginHost
from trayassist.plugins.sandbox import PluginLoop
from trayassist.safety.audit import Audit

SILENCE_S = 120.0
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # would steer a terminal, or is no UTF-8
LONGEST = 1_000_000  # characters: more is nothing that anyone reads, and would fill the memory


class AnswerRun:
    """Runs one role for one request. `events()` once; `finished()` says how it ended, also when cancelled."""

    def __init__(
        self,
        *,
        request: Request,
        route: Route,
        role: Role,
        plain_host: PluginHost,
        services: Services,
        loop: PluginLoop,
        audit: Audit,
        asked: Verdict,
        began: float,
        mode: str = "",
    ) -> None:
        self._request, self._route, self._role = request, route, role
        self._plain_host, self._services, self._loop, self._audit = plain_host, services, loop, audit
        self._began, self.mode = began, mode
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._trace = Trace(emit=self._queue.put_nowait)
        self._task: asyncio.Task[None] | None = None
        self._text: list[str] = []
        self._length = 0
        self._thought = False
        self._citations: list[Citation] = []
        self._evidence: Evidence | None = None
        self._first_ms = 0.0
        self._fallback = ""
        self._failed: Usage | None = None  # of a model that could not answer
        self._verdict = asked
        self._finish, self._error, self._todo = Finish.CANCELLED, "", ""

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield the answer's events, Finished last. Closing it stops the role and the model."""
        self._task = asyncio.create_task(self._run())
        try:
            while (item := await self._queue.get()) is not None:
                if isinstance(item, Flagged):
                    self._verdict = max(self._verdict, item.verdict, key=lambda v: (v.risk, v.score))
                yield item
            verdict = await self._services.inspect(self._exchange())
            if verdict.risk >= Risk.MEDIUM:
                yield Flagged(verdict=verdict, stage="answer")
            self._verdict = max(self._verdict, verdict, key=lambda v: (v.risk, v.score))
            yield self.finished()[1]
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._record()

    def approve(self, approval_id: str, yes: bool) -> None:
        """Answer one of this answer's approvals; others are ignored."""
        waiting = self._trace.approvals.get(approval_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(yes)
            self._audit.write(
                "action_approved" if yes else "action_denied", run_id=self._request.id, actor=self._request.actor
            )

    def cancel(self) -> None:
        """Stop; the stream ends with Finish.CANCELLED."""
        if self._task is not None:
            self._task.cancel()

    def finished(self) -> tuple[Request, Finished]:
        """Return the request and how its answer ended (CANCELLED while it has not)."""
        last = self._services.engine.usage(self._request.id)
        usage = last if last is not self._failed else None
        evidence = self._evidence
        return self._request, Finished(
            finish=self._finish,
            answer="".join(self._text),
            route=self._route,
            verdict=self._verdict,
            timings=Timings(
                route_ms=self._route.ms,
                search_ms=self._trace.search_ms,
                first_ms=self._first_ms,
                total_ms=(time.perf_counter() - self._began) * 1e3,
                tokens_in=usage.tokens_in if usage else 0,
                tokens_out=usage.tokens_out if usage else 0,
                tokens_per_s=usage.tokens_per_s if usage else 0.0,
            ),
            found=evidence.found if evidence else Found.NO,
            citations=tuple(self._citations),
            nearest=evidence.passages[:4] if evidence and evidence.found is not Found.YES else (),
            model=usage.model if usage else None,
            fallback=self._fallback or (usage.fallback if usage else ""),
            adapters=usage.adapters if usage else (),
            trimmed=usage.trimming if usage else "",
            speculation=usage.speculation if usage else "",
            host=last.host if last else "",
            error=self._error,
            todo=self._todo,
        )

    async def _run(self) -> None:
        """Let the role answer; when its model cannot, once more without one, and say so."""
        try:
            try:
                await self._role_answers(self._route)
            except (ModelUnavailable, WorkerDied) as error:
                if self._route.model is None or self._text:
                    raise
                self._failed = self._services.engine.usage(self._request.id)
                self._fallback = f"{error.what} Answered without a model."
                self._queue.put_nowait(Status(text=self._fallback))
                self._route = dataclasses.replace(self._route, model=None)
                await self._role_answers(self._route)
            usage = self._services.engine.usage(self._request.id)
            self._finish = Finish.LENGTH if usage and usage.finish == "length" else Finish.STOP
            if not "".join(self._text).strip():
                raise self._nothing_said()
        except TrayassistError as error:
            self._finish, self._error, self._todo = Finish.FAILED, error.what, error.todo
        finally:
            self._queue.put_nowait(None)

    def _nothing_said(self) -> TrayassistError:
        """Return the error for an answer without a word; one that was thought all the way is said so."""
        if self._thought and self._finish is Finish.LENGTH:
            return TrayassistError(
                "The model was still thinking when it had used all tokens of the answer.",
                f"Raise max_tokens of the role {self._role.name} in registry.yaml, or pick a model that thinks less.",
            )
        return TrayassistError(f"The role {self._role.name} gave an empty answer.", "Ask again, or pick another role.")

    async def _role_answers(self, route: Route) -> None:
        host = BoundHost(self._plain_host, self._services, self._request, self._trace, asyncio.get_running_loop())
        stream = self._loop.stream(
            f"The role {self._role.name}",
            lambda: self._role.answer(self._request, route, host),
            silence_s=SILENCE_S,
            waiting=lambda: self._trace.waiting > 0,
        )
        async with aclosing(stream) as items:
            async for item in items:
                if problem := validation.answer_problem(item):
                    raise TrayassistError(f"The role {self._role.name} returned {problem}.", validation.ASK_ITS_AUTHOR)
                self._note(item)

    def _note(self, item: Answer) -> None:
        if isinstance(item, Evidence):
            self._evidence = item
            return
        if isinstance(item, Chunk) and item.thought:
            self._thought = True  # no part of the answer: not in its text, citations, copy or history
        elif isinstance(item, Chunk):
            self._first_ms = self._first_ms or (time.perf_counter() - self._began) * 1e3
            self._length += len(item.text)
            if self._length > LONGEST:
                raise TrayassistError(
                    f"The role {self._role.name} was stopped: its answer has more than {LONGEST:,} characters.",
                    "Ask for less at once.",
                )
            item = Chunk(_NO_TEXT.sub("\ufffd", item.text))
            self._text.append(item.text)
        elif isinstance(item, Citation):
            self._citations.append(item)
        self._queue.put_nowait(item)

    def _exchange(self) -> Exchange:
        return Exchange(
            request=self._request,
            route=self._route,
            passages=tuple(self._trace.passages.values()),
            answer="".join(self._text),
        )

    def _record(self) -> None:
        finished = self.finished()[1]
        self._audit.write(
            "answer",
            run_id=self._request.id,
            actor=self._request.actor,
            role=self._route.role,
            label=self._route.kind,
            actual_model=finished.model,
            host=finished.host or None,
            mode=self.mode,
            fallback_reason=finished.fallback or None,
            adapters=finished.adapters,
            speculation=finished.speculation or None,
            trimmed=finished.trimmed or None,
            found=finished.found,
            citations=len(finished.citations),
            ttftMs=finished.timings.first_ms,
            latencyMs=finished.timings.total_ms,
            tokensIn=finished.timings.tokens_in,
            tokensOut=finished.timings.tokens_out,
            risk_level=finished.verdict.risk.label,
            tags=finished.verdict.tags,
            finish=finished.finish,
            success=finished.finish in (Finish.STOP, Finish.LENGTH),
            error=finished.error or None,
        )
