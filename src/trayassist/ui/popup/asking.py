"""Runs what the popup asks as tasks that belong to it: one answer, one search while typing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from trayassist.api import Evidence, Request, Status, TrayassistError
from trayassist.ui.popup.protocols import PopupAssistant

logger = logging.getLogger(__name__)

REST_MS = 120
RESULTS = 4
SHORTEST_QUERY = 3


class Tasks(QObject):
    """Holds tasks, so that none is lost while it runs and all end with the popup."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start `work` and log what it raises."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task of the popup failed", exc_info=error)

    async def cancel_all(self) -> None:
        """End all tasks."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Asking(QObject):
    """One question at a time; its events come as signals. A question may come before the assistant does."""

    happened = Signal(object)  # an event of the answer
    failed = Signal(str, str)  # what happened, what to do
    stopped = Signal()
    ended = Signal()  # after the last event, after failed and after stopped

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._tasks = tasks
        self._assistant: PopupAssistant | None = None
        self._problem: TrayassistError | None = None
        self._there = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None

    def use(self, assistant: PopupAssistant) -> None:
        """From now on ask this assistant; a waiting question goes on."""
        self._assistant, self._problem = assistant, None
        self._there.set()

    def give_up(self, problem: TrayassistError) -> None:
        """The assistant cannot start: say so to waiting and later questions."""
        self._problem = problem
        self._there.set()

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def ask(self, request: Request, files: Sequence[Path] = ()) -> None:
        """Ask; a question under way is stopped first. `files` are read into memory before."""
        self.stop()
        self._task = self._tasks.start(self._run(request, files))

    def stop(self) -> None:
        """Stop the answer under way, down to the worker."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            self._task = None
            self.stopped.emit()
            self.ended.emit()

    async def _run(self, request: Request, files: Sequence[Path]) -> None:
        this = asyncio.current_task()
        try:
            await self._events(request, files)
        except TrayassistError as error:
            self.failed.emit(error.what, error.todo)
        except Exception:  # barrier: what a role or a room lets through must not end the popup
            logger.exception("an answer failed")
            self.failed.emit(self.tr("The answer ended early: trayassist met an error that it logged."), "")
        if self._task is this:
            self._task = None
            self.ended.emit()

    async def _events(self, request: Request, files: Sequence[Path]) -> None:
        if not self._there.is_set():
            self.happened.emit(Status(text=self.tr("starting")))
            await self._there.wait()
        if self._problem is not None:
            raise self._problem
        assert self._assistant is not None
        if files:
            self.happened.emit(Status(text=self.tr("reading")))
            async with aclosing(self._assistant.ingest.ingest(files)) as news:  # type: ignore[type-var]  # a generator
                async for _item in news:
                    pass  # the reading panel shows it
        async with aclosing(self._assistant.ask(request)) as events:  # type: ignore[type-var]  # a generator
            async for event in events:
                self.happened.emit(event)


class SearchWhileTyping(QObject):
    """Searches memory after the user has rested from typing; results for older text are dropped.

    The assistant hears of the text too, so that the model that will answer may be loaded meanwhile.
    """

    found = Signal(object)  # Evidence

    def __init__(self, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._tasks = tasks
        self._assistant: PopupAssistant | None = None
        self._text = ""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._begin)

    def use(self, assistant: PopupAssistant) -> None:
        """Search this assistant's memory from now on."""
        self._assistant = assistant

    def look_for(self, text: str) -> None:
        """The text is now this; search when it stays so."""
        self._text = text.strip()
        if len(self._text) < SHORTEST_QUERY or self._text.startswith("/"):
            self._rest.stop()
        else:
            self._rest.start()

    def forget(self) -> None:
        """Nothing is looked for any more; results under way are dropped."""
        self._text = ""
        self._rest.stop()

    def _begin(self) -> None:
        if self._assistant is not None:
            self._tasks.start(self._search(self._assistant, self._text))
            self._tasks.start(self._assistant.preload_for(self._text))

    async def _search(self, assistant: PopupAssistant, text: str) -> None:
        try:
            evidence: Evidence = await assistant.memory.search(text, limit=RESULTS)
        except TrayassistError as error:
            logger.info("search while typing failed: %s", error)
            return
        if text == self._text:
            self.found.emit(evidence)
