"""The rooms of one process (memory, models, history, plugins, audit), and how they take over changed settings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from pathlib import Path

from trayassist import config
from trayassist.api import TrayassistError
from trayassist.assistant.inspection import Inspection
from trayassist.memory.history import History
from trayassist.memory.ingest import FileReport, Ingest
from trayassist.memory.store import Memory
from trayassist.memory.viewer import Viewer
from trayassist.models.adapters import Adapters
from trayassist.models.catalog.download import Downloads
from trayassist.models.catalog.entries import Entries
from trayassist.models.catalog.proposal import is_model
from trayassist.models.checks import check as registry_check
from trayassist.models.checks import inventory
from trayassist.models.registry import file as registry_file
from trayassist.models.serving.embedding import Embedders
from trayassist.models.serving.engine import Engine
from trayassist.models.serving.tuning import Tuning
from trayassist.paths import Paths
from trayassist.plugins import discovery, loading
from trayassist.routing.router import Router
from trayassist.safety.audit import Audit
from trayassist.safety.secrets import Secrets

logger = logging.getLogger(__name__)


class Rooms:
    """Builds the rooms, which are its public attributes, and hands them what changes. `found` is as in Assistant."""

    def __init__(self, paths: Paths, found: Sequence[EntryPoint] | None) -> None:
        self.paths = paths
        paths.make()
        self.config = config.load(paths)
        self.audit = Audit(paths.audit, self.config.audit.retention_days)
        self.registry = registry_file.load(paths)
        self.secrets = Secrets()
        self.engine = Engine(paths, self.registry, self.audit, secrets=self.secrets)
        self.adapters = Adapters(paths, lambda: self.registry, self.engine, self.audit)
        self.engine.adapters_of, self.engine.adapters_problem = self.adapters.of, self.adapters.why_not
        self.tuning = Tuning(paths)
        self.engine.tuned = lambda target, draft: self.tuning.depth(self.registry, target, draft)
        self.entries = Entries(paths, lambda: self.registry, self.reload_registry, self.audit)
        self.downloads = Downloads(paths, self.audit, self.entries.fetched)
        self.downloads.offline = self.config.network.offline
        self.embedders = Embedders(paths, self.registry, self.engine.worker_for)
        self.memory = Memory(paths, self.embedders)
        self.history = History(paths)
        settings, own = self.config.plugins, self.config.memory
        self.ingest = Ingest(paths, self.memory, own, self.audit, settings.disabled, plugin_settings=settings.settings)
        self.ingest.set_aside(self._take_model)
        self.viewer = Viewer(paths, own, settings.disabled, plugin_settings=settings.settings)
        self.plugins = discovery.Plugins()
        self.router = Router(self.plugins.roles, self.engine.model_for)
        self.inspection = Inspection(self.audit)
        self.registry_warnings: tuple[str, ...] = ()  # roles and jobs in registry.yaml that no plugin knows
        self._found = found

    async def load_plugins(self) -> None:
        """Load, or load again after a change of settings, all plugins that are on."""
        self.plugins = await loading.load(self.paths, self.config.plugins, self._found)
        await self._use_readers()
        self.router = Router(self.plugins.roles, self.engine.model_for)
        self.inspection.inspectors = self.plugins.inspectors

    async def reload_config(self) -> None:
        """Take over changed settings and the registry; plugins are loaded again when their list or settings changed.

        Raises ConfigError when a file is wrong: all stays as it was then.
        """
        new, registry = config.load(self.paths), registry_file.load(self.paths)
        old, self.config = self.config, new
        if registry != self.registry:
            self.registry = registry
            self._use_registry()
        self.audit.retention_days = self.config.audit.retention_days
        self.downloads.offline = self.config.network.offline
        if old.plugins != self.config.plugins:
            await self.load_plugins()
        elif old.memory != self.config.memory:
            await self._use_readers()

    async def _use_readers(self) -> None:
        """Read and draw with the settings and plugins in force; one that is broken must not break each reader, too."""
        chosen, own = self.config.plugins, self.config.memory
        left_out = tuple(sorted({*chosen.disabled, *self.plugins.not_on()}))
        self.ingest.use(own, left_out, chosen.settings)
        await self.viewer.use(self.paths, own, left_out, plugin_settings=chosen.settings)

    async def _take_model(self, path: str) -> FileReport | None:
        """Add a dropped GGUF file to the models; None for any other file."""
        if not is_model(Path(path)):
            return None
        try:
            return FileReport(path, status="model", reason=(await self.entries.add(Path(path))).says)
        except TrayassistError as error:
            return FileReport(path, status="refused", reason=str(error))

    async def reload_registry(self) -> None:
        """Take over a changed registry.yaml. Raises ConfigError when it is wrong; then the old one holds."""
        self.registry = await asyncio.to_thread(registry_file.load, self.paths)
        self._use_registry()
        await self.look_at_registry()

    async def look_at_registry(self) -> None:
        """Note a change of models or roles in the audit log, and names that no plugin knows."""
        known = registry_check.known(self.plugins)
        self.registry_warnings = await asyncio.to_thread(registry_check.unknown, self.paths, self.registry, known)
        for warning in self.registry_warnings:
            logger.warning("%s", warning)
        await asyncio.to_thread(inventory.record, self.paths, self.registry, self.audit)

    def _use_registry(self) -> None:
        self.engine.reload(self.registry)
        self.embedders.use(self.registry)
        self.memory.look_again()
        if self.ingest.paused_reason:  # the embedder that it waited for may be there now
            self.ingest.resume()
