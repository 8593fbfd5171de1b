"""What the popup wants from the rest of the application, and from the desktop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtGui import QGuiApplication

from trayassist.api import Event, Evidence, Request, Role
from trayassist.memory.reports import FileReport, Progress
from trayassist.ui.widgets.names import NamedModel

if TYPE_CHECKING:
    from trayassist.models.serving.state import ModelState


class LookSettings(Protocol):
    """The section `look` of the settings."""

    @property
    def keep_answer_s(self) -> int: ...
    @property
    def pinned(self) -> bool: ...


class HistorySettings(Protocol):
    """The section `history` of the settings."""

    @property
    def mask_secrets(self) -> bool: ...


class PopupSettings(Protocol):
    """The settings in force."""

    @property
    def look(self) -> LookSettings: ...
    @property
    def history(self) -> HistorySettings: ...


class MemorySearch(Protocol):
    """Memory, as far as results while typing need it."""

    async def search(self, query: str, limit: int = 8) -> Evidence: ...


class ReadingQueue(Protocol):
    """The queue of files on their way into memory."""

    def ingest(self, paths: Sequence[Path], *, password: str | None = None) -> AsyncIterator[FileReport | Progress]: ...
    def enqueue(self, paths: Sequence[Path], password: str | None = None) -> int: ...
    def cancel(self) -> None: ...
    def resume(self) -> None: ...
    @property
    def paused(self) -> bool: ...
    def waiting(self) -> int: ...
    def subscribe(self, callback: Callable[[Progress | FileReport], None]) -> Callable[[], None]: ...
    async def give_password(self, path: str | Path, password: str) -> None: ...


class QuestionHistory(Protocol):
    """Earlier questions and answers."""

    on_forget: list[Callable[[], None]]

    async def questions(self, limit: int = 100) -> list[str]: ...


class HasRoles(Protocol):
    """The loaded plugins, as far as the popup offers their roles."""

    @property
    def roles(self) -> Mapping[str, Role]: ...


class HasModels(Protocol):
    """The registry, as far as the footer names its models."""

    @property
    def models(self) -> Mapping[str, NamedModel]: ...


class PopupAssistant(Protocol):
    """The assistant, as the popup uses it."""

    @property
    def config(self) -> PopupSettings: ...
    @property
    def memory(self) -> MemorySearch: ...
    @property
    def ingest(self) -> ReadingQueue: ...
    @property
    def history(self) -> QuestionHistory: ...
    @property
    def plugins(self) -> HasRoles: ...
    @property
    def registry(self) -> HasModels: ...
    def ask(self, request: Request) -> AsyncIterator[Event]: ...
    async def preload_for(self, text: str) -> None: ...
    def models_for(self, role: str) -> Sequence[ModelState]: ...
    def approve(self, approval_id: str, yes: bool) -> Any: ...


class DesktopActions(Protocol):
    """What only the platform can do for a window that a hotkey summons."""

    def skip_taskbar(self, identifier: int) -> None: ...
    def activate(self, identifier: int, time: int) -> None: ...
    def has_compositor(self) -> bool: ...
    def button_held(self) -> bool: ...
    def hold_keys(self, identifier: int) -> None: ...
    def drop_keys(self) -> None: ...
    def follow_focus(self, *, focused: bool) -> None: ...


class NoDesktop:
    """A platform where Qt's own ways suffice."""

    def skip_taskbar(self, identifier: int) -> None:
        """Do nothing: a tool window has no taskbar entry here."""

    def activate(self, identifier: int, time: int) -> None:
        """Do nothing: Qt's activateWindow() is enough here."""

    def hold_keys(self, identifier: int) -> None:
        """Do nothing: keys go where the focus is."""

    def drop_keys(self) -> None:
        """Do nothing: none were held."""

    def follow_focus(self, *, focused: bool) -> None:
        """Do nothing: no keys are held."""

    def has_compositor(self) -> bool:
        """Return whether see-through corners and a shadow are possible."""
        return QGuiApplication.platformName() != "xcb"

    def button_held(self) -> bool:
        """Return False: nothing here tells of the mouse while it is over another program's window."""
        return False
