"""Takes over app.yaml and registry.yaml when they are edited by hand while the app runs."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from trayassist import config
from trayassist.api import ConfigError
from trayassist.config import snapshots
from trayassist.models.registry import file as registry_file
from trayassist.models.registry.schema import Registry

if TYPE_CHECKING:
    from trayassist.assistant import Assistant

logger = logging.getLogger(__name__)

SETTLE_MS = 300  # editors write a file in several steps


class SettingsWatch(QObject):
    """Watches the two files. What is wrong leaves the running settings in force and is told in `problem`.

    `problem` is "" while both files are right. A save of our own is in force already and changes nothing here.
    """

    taken = Signal()  # other settings than before are in force
    problem_changed = Signal(str)

    def __init__(self, assistant: Assistant, problem: str, parent: QObject) -> None:
        super().__init__(parent)
        self._assistant = assistant
        self._paths = assistant.paths
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._kept = False  # a snapshot of the files as they were found at the start
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._look_soon)
        self._files = QFileSystemWatcher(self)
        self._files.fileChanged.connect(lambda _: self._settle.start())
        self._files.directoryChanged.connect(lambda _: self._settle.start())
        self._tell(problem)

    @property
    def problem(self) -> str:
        """Why a file is not in force, "" when all is well."""
        return self._assistant.settings_problem

    def begin(self) -> None:
        """Watch from now on, and look once: a file may have changed since it was read."""
        self._watch()
        self._look_soon()

    async def stop(self) -> None:
        """Watch no more."""
        self._settle.stop()
        self._files.deleteLater()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _watch(self) -> None:
        """Watch the files and the folders they lie in, where links lead, too: a file that is replaced is another."""
        places = {str(self._paths.config)}
        for file in (self._paths.app_config, self._paths.registry):
            if file.exists():
                places |= {str(file), str(file.resolve().parent)}
        if new := places.difference(self._files.files(), self._files.directories()):
            self._files.addPaths(sorted(new))

    def _look_soon(self) -> None:
        if self._task is not None and not self._task.done():
            self._again = True
            return
        self._task = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        try:
            self._watch()
            settings, registry = await asyncio.to_thread(self._load)
            changed = (settings, registry) != (self._assistant.config, self._assistant.registry)
            if changed or not self._kept:
                await asyncio.to_thread(self._keep)
            if changed:
                await self._assistant.reload_config()
                await self._assistant.reload_registry()
                self.taken.emit()
                logger.info("settings that were changed by hand are in force")
        except ConfigError as error:
            self._tell(f"{error} Until it is mended, the settings from before are in force.")
        else:
            self._tell("")
        if self._again:
            self._again = False
            self._settle.start()

    def _load(self) -> tuple[config.App, Registry]:
        """Return what the files say. Raises ConfigError."""
        return config.load(self._paths), registry_file.load(self._paths)

    def _keep(self) -> None:
        """Make a snapshot of what is right now: it stands in when the app starts with a file that is wrong."""
        self._kept = True
        if not (self._paths.app_config.exists() or self._paths.registry.exists()):
            return
        try:
            snapshots.make(self._paths, "taken over as found")
        except ConfigError as error:
            logger.warning("settings: %s", error)

    def _tell(self, problem: str) -> None:
        if problem != self.problem:
            self._assistant.settings_problem = problem
            if problem:
                logger.warning("settings: %s", problem)
        self.problem_changed.emit(problem)
