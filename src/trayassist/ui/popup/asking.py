"""Asks one question at a time and hands its events out as Qt signals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from trayassist.api import Request, Status, TrayassistError
from trayassist.ui.popup.protocols import PopupAssistant
from trayassist.workers.background import BackgroundTasks

logger = logging.getLogger(__name__)


class QuestionRunner(QObject):
    """One question at a time; its events come as signals. A question may come before the assistant does."""

    happened = Signal(object)  # an event of the answer
    failed = Signal(str, str)  # what happened, what to do
    stopped = Signal()
    ended = Signal()  # after the last event, after failed and after stopped

    def __init__(self, tasks: BackgroundTasks, parent: QObject) -> None:
        super().__init__(parent)
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
