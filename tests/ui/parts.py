"""A small hand-written assistant: memory and ingest are lists, all else is the real thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from tests.ui.settings.engine_part import ListEngine
from trayassist import config
from trayassist.api import Evidence, Fact, Found, Passage, Setting, TrayassistError
from trayassist.memory.history import History
from trayassist.memory.ingest import FileReport, Progress
from trayassist.memory.reindex import Offer, ReindexProgress
from trayassist.memory.store import Document
from trayassist.memory.viewer import Viewer
from trayassist.models.adapters import Adapters
from trayassist.models.catalog.download import Downloads
from trayassist.models.catalog.entries import Entries
from trayassist.models.registry import file as registry_file
from trayassist.paths import Paths
from trayassist.plugins.discovery import PluginInfo, Plugins
from trayassist.safety.audit import Audit
from trayassist.safety.secrets import Secrets

CURATOR_SETTINGS = (
    Setting(name="depth", title="Depth", default=4, least=1, most=12, unit="levels", help="How deep it looks."),
    Setting(name="share", title="Share kept", default=0.5, least=0, most=1),
    Setting(name="loud", title="Say more", default=False),
    Setting(name="tone", title="Tone", default="plain", choices={"plain": "Plain", "warm": "Warm"}),
    Setting(name="greeting", title="Greeting", default="Hello"),
    Setting(name="words", title="Words", default=("one", "two")),
)
NOW = datetime.now().astimezone()


def document(path: Path | str, pages: int = 3, *, passages: int = 12, size: int = 48_000, age_h: int = 1) -> Document:
    return Document(
        path=str(path),
        title=Path(path).stem,
        pages=pages,
        ocr_pages=0,
        passages=passages,
        bytes=size,
        sha256="0" * 64,
        mtime=0.0,
        added=(NOW - timedelta(hours=age_h)).isoformat(),
        complete=True,
    )


def passage(
    path: Path | str, page: int = 1, text: str = "Late payments carry a fee of 5 %.", start: int = 0
) -> Passage:
    return Passage(path=str(path), title="", page=page, start=start, end=start + len(text), text=text, score=0.9)


class ListMemory:
    """Memory as lists. `broken` is raised by everything while it is set."""

    def __init__(self) -> None:
        self.kept: list[Document] = []
        self.facts_kept: list[Fact] = []
        self.found: list[Passage] = []
        self.queries: list[str] = []
        self.verdict = Found.YES
        self.broken: TrayassistError | None = None
        self.reindex = ListReindex()
        self.notes: list[str] = []

    async def warnings(self) -> list[str]:
        return self.notes

    async def documents(self) -> list[Document]:
        if self.broken:
            raise self.broken
        return list(self.kept)

    async def forget(self, path: str) -> int:
        before = len(self.kept)
        self.kept = [d for d in self.kept if d.path != path]
        return before - len(self.kept)

    async def search(self, query: str, limit: int = 8) -> Evidence:
        self.queries.append(query)
        passages = tuple(self.found[:limit])
        return Evidence(found=self.verdict, probability=0.8, passages=passages, documents=len(self.kept), ms=12.0)

    async def facts(self, query: str = "", limit: int = 50) -> list[Fact]:
        return self.facts_kept[:limit]

    async def remember(self, text: str) -> Fact:
        fact = Fact(id=f"new {len(self.facts_kept)}", text=text, created=NOW.isoformat())
        self.facts_kept.append(fact)
        return fact

    async def forget_fact(self, fact_id: str) -> None:
        self.facts_kept = [fact for fact in self.facts_kept if fact.id != fact_id]


class ListReindex:
    """A re-index that is offered as the test says, and goes as far as it says."""

    def __init__(self) -> None:
        self.offered: Offer | None = None
        self.progress: ReindexProgress | None = None
        self.problem, self.running = "", False
        self.changed: list[Callable[[], None]] = []
        self.measured = False

    async def offer(self, *, measure: bool = False) -> Offer | None:
        self.measured = self.measured or measure
        if self.offered is not None and measure:
            return replace(self.offered, seconds=180.0)
        return self.offered

    def start(self) -> None:
        self.running = True
        self.tell(None)

    async def cancel(self) -> None:
        self.running = False
        self.tell(self.progress)

    def tell(self, progress: ReindexProgress | None) -> None:
        self.progress = progress
        for callback in list(self.changed):
            callback()


class ListIngest:
    """An ingest that takes files and reads none; tests say what happens."""

    def __init__(self, memory: ListMemory) -> None:
        self._memory = memory
        self.queue: list[Path] = []
        self.passwords: list[tuple[Path, str]] = []
        self.earlier: list[FileReport] = []
        self.paused, self.paused_reason = False, ""
        self.on_pause: list[Callable[[], None]] = []
        self.cancelled = False
        self._listeners: list[Callable[[Progress | FileReport], None]] = []

    def enqueue(self, paths: Sequence[Path], password: str | None = None) -> int:
        self.queue += paths
        return len(paths)

    async def forget(self, path: str = "") -> int:
        self.queue = [waiting for waiting in self.queue if str(waiting) != path]
        return await self._memory.forget(path)

    def cancel(self) -> None:
        self.cancelled = True
        self.queue.clear()

    def pause(self, reason: str = "") -> None:
        self.paused, self.paused_reason = True, reason
        for callback in self.on_pause:
            callback()

    def resume(self) -> None:
        self.paused = False
        for callback in self.on_pause:
            callback()

    def waiting(self) -> int:
        return len(self.queue)

    async def problems(self) -> list[FileReport]:
        return list(self.earlier)

    async def clear_problems(self, path: str = "") -> None:
        self.earlier = [report for report in self.earlier if path and report.path != path]

    async def give_password(self, path: Path, password: str) -> None:
        self.passwords.append((path, password))

    def subscribe(self, callback: Callable[[Progress | FileReport], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def tell(self, item: Progress | FileReport) -> None:
        for listener in list(self._listeners):
            listener(item)

    @property
    def followers(self) -> int:
        return len(self._listeners)


class DictKeyring:
    """An empty keyring that keeps what it is given as long as one of it lives."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class ListHotkeys(QObject):
    """Hotkeys where `taken` keys are held by another program."""

    pressed = Signal("quint32", str)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.text, self.problem, self.fixed_by_desktop = "Ctrl+Alt+Space", "", False
        self.taken: set[str] = set()
        self.applied: list[tuple[str, bool]] = []

    async def apply(self, settings: config.Hotkey) -> None:
        self.applied.append((settings.ask, settings.enabled))
        taken = settings.ask in self.taken
        self.problem = "The key is already taken by another program. Choose another one." if taken else ""
        self.text = "" if taken or not settings.enabled else settings.ask.title()
        self.changed.emit()


class PartAssistant:
    """The rooms that the windows use."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.config = config.load(paths)
        self.audit = Audit(paths.audit, 30)
        self.history = History(paths)
        self.viewer = Viewer(paths, self.config.memory)
        self.memory = ListMemory()
        self.ingest = ListIngest(self.memory)
        self.plugins = Plugins()
        self.reloads = 0
        self.registry = registry_file.load(paths)
        self.secrets = Secrets(DictKeyring)
        self.engine = ListEngine(self.registry)
        self.adapters = Adapters(paths, lambda: self.registry, self.engine, self.audit)  # type: ignore[arg-type]
        self.entries = Entries(paths, lambda: self.registry, self.reload_registry, self.audit)
        self.downloads = Downloads(paths, self.audit, self.entries.add_fetched)
        self._list_plugins()

    async def reload_config(self) -> None:
        self.reloads += 1
        self.config = config.load(self.paths)
        self._list_plugins()

    async def reload_registry(self) -> None:
        self.registry = registry_file.load(self.paths)
        self.engine.reload(self.registry)

    def _list_plugins(self) -> None:
        off = self.config.plugins.disabled
        self.plugins.infos = {
            name: PluginInfo(name, "0.1.0", "trayassist", "off" if name in off else "on", "", (f"role {name}",))
            for name in ("persona", "coder", "curator")
        }
        self.plugins.infos["curator"] = replace(
            self.plugins.infos["curator"], distribution="trayassist-third", settings=CURATOR_SETTINGS
        )
        self.plugins.infos["weather"] = PluginInfo(
            "weather", "2.3", "trayassist-weather", "broken", "It did not load: ModuleNotFoundError: no module “sky”."
        )

    async def stop(self) -> None:
        await self.downloads.stop()
        await self.entries.stop()
        await self.viewer.stop()
        await self.history.close()
        self.audit.close()
