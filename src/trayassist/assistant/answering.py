"""One answer under way: the role's items and the application's own events, merged into one stream."""

from __future__ import annotations

import dataclasses
import re
import time
from types import TracebackType

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
    FollowUp,
    Found,
    Kind,
    ModelUnavailable,
    Passage,
    Request,
    Risk,
    Role,
    Route,
    Status,
    Timings,
    TrayassistError,
    Verdict,
    WorkerDied,
    quote_pages,
)
from trayassist.assistant.host import Run, Services
from trayassist.models.serving.generation import Usage
from trayassist.plugins import validation

SILENCE_S = 120.0
CUT = {"length": Finish.LENGTH, "loop": Finish.LOOP}  # by how the worker says that an answer ended
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # would steer a terminal, or is no UTF-8
QUOTED_INSTEAD = "Your documents are quoted instead."
ABOUT_DOCUMENTS = (Kind.CHAT, Kind.SEARCH, Kind.SUMMARISE)
LONGEST = 1_000_000  # characters: more is nothing that anyone reads, and would fill the memory


class AnswerRun(Run):
    """Runs one role for one request. `next_event` until `ended`; `outcome` says how it ended, also when cancelled.

    `asked` is the verdict on the request, `began` when it came (time.perf_counter), `mode` that of the registry.
    """

    silence_s = SILENCE_S

    def __init__(
        self,
        services: Services,
        request: Request,
        route: Route,
        role: Role,
        *,
        owner: str,
        asked: Verdict,
        began: float,
        mode: str = "",
    ) -> None:
        super().__init__(services, request, owner=owner, what=f"The role {role.name}", actor=request.actor)
        self._route, self._role = route, role
        self._began, self.mode = began, mode
        self.ended = False
        self._inspected = False  # whether the answer as a whole was
        self._text: list[str] = []
        self._length = 0
        self._thought = False
        self._citations: list[Citation] = []
        self._evidence: Evidence | None = None
        self._follow_up: FollowUp | None = None
        self._first_ms = 0.0
        self._fallback = ""
        self._failed: Usage | None = None  # of a model that could not answer
        self._verdict = asked
        self._finish, self._error, self._todo = Finish.CANCELLED, "", ""

    async def next_event(self) -> Event:
        """Wait for the next event and return it. The last one is Finished; `ended` is true from then on."""
        item: Event | None = await self._items.get()
        if item is None and not self._inspected:
            self._inspected = True
            verdict = await self._services.inspect(self._exchange(), self.id)
            if verdict.risk >= Risk.MEDIUM:
                self._items.put_nowait(None)
                item = Flagged(verdict=verdict, stage="answer")
            else:
                self._raise_verdict(verdict)
        if item is None:
            self.ended = True
            return self.outcome()[1]
        if isinstance(item, Flagged):
            self._raise_verdict(item.verdict)
        return item

    def _raise_verdict(self, verdict: Verdict) -> None:
        self._verdict = max(self._verdict, verdict, key=lambda v: (v.risk, v.score))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        self._record()

    def outcome(self) -> tuple[Request, Finished]:
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
            nearest=self._nearest(usage),
            model=usage.model if usage else None,
            fallback=self._fallback or (usage.fallback if usage else ""),
            adapters=usage.adapters if usage else (),
            trimmed=usage.trimming if usage else "",
            speculation=usage.speculation if usage else "",
            host=last.host if last else "",
            error=self._error,
            todo=self._todo,
            follow_up=self._follow_up,
        )

    def _nearest(self, usage: Usage | None) -> tuple[Passage, ...]:
        """Return the nearest pages where a question about documents found none, or only a weak match.

        One that a model answered from its own knowledge is none, nor are sums and code.
        """
        evidence = self._evidence
        if evidence is None or evidence.found is Found.YES or self._route.kind not in ABOUT_DOCUMENTS:
            return ()
        own_knowledge = usage is not None and evidence.found is Found.NO
        return () if own_knowledge else evidence.passages[:4]

    async def _plugin_work(self) -> None:
        """Let the role answer; when its model cannot, once more without one, and say so."""
        try:
            try:
                await self._role_answers(self._route)
            except (ModelUnavailable, WorkerDied) as error:
                if self._route.model is None or self._text:
                    raise
                self._failed = self._services.engine.usage(self._request.id)
                self._fallback = f"{error.what} Answered without a model."
                self._items.put_nowait(Status(text=self._fallback))
                self._route = dataclasses.replace(self._route, model=None)
                await self._role_answers(self._route)
            usage = self._services.engine.usage(self._request.id)
            self._finish = CUT.get(usage.finish, Finish.STOP) if usage else Finish.STOP
            if not "".join(self._text).strip():
                raise self._empty_answer()
        except TrayassistError as error:
            if not self._leave_quotes(error):
                self._finish, self._error, self._todo = Finish.FAILED, error.what, error.todo

    def _leave_quotes(self, error: TrayassistError) -> bool:
        """Answer with what memory holds where a model failed on it, and say why; return whether there is something."""
        evidence = self._evidence
        if self._route.model is None or evidence is None or not evidence.quotes or evidence.found is Found.NO:
            return False
        self._fallback = f"{error.what} {QUOTED_INSTEAD}"
        if "".join(self._text).strip():
            self._take(Chunk("\n\n"))
        for item in quote_pages(evidence, 1 + max((one.number for one in self._citations), default=0)):
            self._take(item)
        self._finish = Finish.STOP
        return True

    def _empty_answer(self) -> TrayassistError:
        """Return the error for an answer without a word; one that was thought all the way is said so."""
        if self._thought and self._finish is Finish.LOOP:
            return TrayassistError(
                "The model repeated itself while it was thinking, and was stopped.",
                "Ask again, or pick another model.",
            )
        if self._thought and self._finish is Finish.LENGTH:
            return TrayassistError(
                "The model was still thinking when it had used all tokens of the answer.",
                f"Raise the longest answer of the role {self._role.name} in Settings, Models, or max_tokens in "
                "registry.yaml, or pick a model that thinks less.",
            )
        return TrayassistError(f"The role {self._role.name} gave an empty answer.", "Ask again, or pick another role.")

    async def _role_answers(self, route: Route) -> None:
        await self._in_sandbox(lambda host: self._role.answer(self._request, route, host), self._take)

    def _take(self, item: Answer) -> None:
        if problem := validation.answer_problem(item):
            raise TrayassistError(f"The role {self._role.name} returned {problem}.", validation.ASK_ITS_AUTHOR)
        if isinstance(item, Evidence):
            self._evidence = item
            if self._route.model is None or not item.quotes or item.found is Found.NO:
                return  # the answer itself quotes it, or there is nothing to read until a model's words come
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
        elif isinstance(item, FollowUp):
            if item == self._follow_up:
                return  # the role answers once more, without its model
            self._follow_up = item
        self._items.put_nowait(item)

    def _exchange(self) -> Exchange:
        return Exchange(
            request=self._request,
            route=self._route,
            passages=tuple(self._trace.passages.values()),
            answer="".join(self._text),
        )

    def _record(self) -> None:
        finished = self.outcome()[1]
        self._services.audit.write(
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
            success=finished.finish in (Finish.STOP, *CUT.values()),
            error=finished.error or None,
        )
