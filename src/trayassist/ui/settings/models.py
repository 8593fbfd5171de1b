"""The page Models and roles: memory, models, roles, queue. It follows the engine while it is seen, and only then."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from trayassist.models.registry.schema import Registry
from trayassist.ui.settings.adding import Adding
from trayassist.ui.settings.controls import Field
from trayassist.ui.settings.downloads_panel import DownloadsPanel
from trayassist.ui.settings.memory_bar import LOOKS, MemoryPanel, filling
from trayassist.ui.settings.memory_rows import memory_rows
from trayassist.ui.settings.model_list import Line, ModelList, use
from trayassist.ui.settings.queue import QueueView
from trayassist.ui.settings.roles import RoleCard
from trayassist.ui.settings.rows import Page, control_row
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.window import column, empty_state, label, row

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow

SOON_MS = 50  # several changes of the engine are shown at once
EVERY_MS = 5000  # what a process takes changes without a word of the engine


class ModelsPage(Page):
    """All of it. `fill` shows the state now; a preview shows what would be, while something is chosen or typed."""

    def __init__(self, window: SettingsWindow) -> None:
        super().__init__(tr("Models and roles"))
        self._window, self._engine = window, window.assistant.engine
        self._asked: asyncio.Task[Any] | None = None
        self.cards: dict[str, RoleCard] = {}
        self.ram = MemoryPanel(tr("Memory for models"), window.theme)
        self.vram = MemoryPanel(tr("Graphics memory for models"), window.theme)
        self.list = ModelList(window)
        self.adding = Adding(window, self)
        self.list.removal.connect(self.adding.ask_to_remove)
        self.queue = QueueView()
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self.fill)
        self._watch = QTimer(self, interval=EVERY_MS)
        self._watch.timeout.connect(self.fill)
        self._make()
        self.setAcceptDrops(True)
        window.changes.registry_changed.connect(self._follow)
        window.closed.connect(self._leave)

    def fill(self) -> None:
        """Show how things are, if the page is seen."""
        if not self.isVisible():
            return
        registry = self._window.assistant.registry
        states = {state.name: state for state in self._engine.models()}
        models = [(states[name], model) for name, model in registry.models.items() if name in states]
        self.list.fill([Line(state, model, use(registry, state.name)) for state, model in models])
        self.list.setVisible(bool(registry.models))
        self._empty.setVisible(not registry.models)
        for card in self.cards.values():
            card.fill(states)
        self.queue.fill(self._engine.queue())
        self._forecast(registry)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the engine from now on."""
        super().showEvent(event)
        if self._soon.start not in self._engine.changed:
            self._engine.changed.append(self._soon.start)
        self._watch.start()
        self._soon.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Follow it no more."""
        super().hideEvent(event)
        self._leave()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take GGUF files."""
        if _ggufs(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)  # the file stays where it is
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the GGUF files to the registry."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.adding.add(_ggufs(event.mimeData()))

    # ------------------------------------------------------------ memory

    def _preview(self, role: str, model: str | None, context: int | None) -> None:
        registry = self._window.assistant.registry
        asked = model is not None or context is not None
        if asked:
            settings = registry.role(role)
            new = {"model": model or settings.model, "context_length": context or settings.context_length}
            roles = {**registry.roles, role: settings.model_copy(update=new)}
            registry = registry.model_copy(update={"roles": roles})
        else:
            self.cards[role].show_memory("", "")
        self._forecast(registry, role if asked else "")

    def _forecast(self, registry: Registry, role: str = "") -> None:
        if self._asked is not None:
            self._asked.cancel()
        self._asked = self._window.run(self._show_forecast(registry, role))

    async def _show_forecast(self, registry: Registry, role: str) -> None:
        ahead = await self._engine.forecast(registry)
        states, budget = self._engine.models(), self._engine.budget()
        shown = filling(states, budget, ahead)
        self.ram.fill(shown)
        if role:
            self.cards[role].show_memory(shown.text, LOOKS[shown.level])
        self.vram.setVisible(budget.gpu_limit > 0)
        if budget.gpu_limit:
            self.vram.fill(filling(states, budget, ahead, gpu=True))

    # ------------------------------------------------------------ inside

    def _follow(self) -> None:
        for card in self.cards.values():
            if card.form is not None:
                card.form.follow()
        self._soon.start()

    def _leave(self) -> None:
        self._watch.stop()
        self._soon.stop()
        if self._soon.start in self._engine.changed:
            self._engine.changed.remove(self._soon.start)

    def _make(self) -> None:
        add = QPushButton(tr("&Add a model…"))
        add.clicked.connect(self.adding.choose)
        self._empty = self._nothing_yet()
        self.add(self.ram)
        self.vram.hide()
        self.add(self.vram)
        head = QWidget()
        head.setLayout(row(label(tr("Models"), "heading"), None, add))
        self.add(head)
        self.add(self.adding.notice)
        self.add(DownloadsPanel(self._window))
        self.add(self._empty)
        self.add(self.list)
        self.heading(tr("Roles"))
        self._add_mode()
        for role, title in self._roles().items():
            self.later(partial(self._add_role, role, title))
        self.later(self._add_rest)

    def _add_role(self, role: str, title: str) -> None:
        card = self.cards[role] = RoleCard(self._window, role, title)
        card.previewed.connect(lambda model, context: self._preview(role, model, context))
        self.add(card)

    def _add_rest(self) -> None:
        self.heading(tr("At work"))
        self.add(self.queue)
        self.heading(tr("Memory and speed"))
        for step in memory_rows(self._window, self):
            self.later(step)
        self._soon.start()

    def _add_mode(self) -> None:
        modes = {name: name for name in self._window.assistant.registry.modes}
        help_text = tr("What a mode changes of each role stands under “modes:” in registry.yaml.")
        line = control_row(tr("Mode"), Field("choice", choices=modes), help_text, ("modes",))
        self._window.bind(("mode",), tr("Mode"), line)
        self.add(line)

    def _roles(self) -> dict[str, str]:
        """Return the roles by name, with their titles: those of the registry, then others that plugins have."""
        known = self._window.assistant.plugins.roles
        names = dict.fromkeys((*self._window.assistant.registry.roles, *known))
        return {name: known[name].title if name in known else name.capitalize() for name in names}

    def _nothing_yet(self) -> QWidget:
        find = QPushButton(tr("&Find one for this machine"))
        find.clicked.connect(lambda: self._window.first_steps_wanted.emit("models"))
        box = empty_state(
            tr("No model yet"),
            tr("Answers are the best sentences of your documents, with their pages. Drop a GGUF file here for answers "
               "in full sentences."),
            find,
        )  # fmt: skip
        holder = QWidget()
        holder.setLayout(column(box))
        return holder


def _ggufs(data: QMimeData) -> list[Path]:
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [file for file in files if file.suffix.lower() == ".gguf"]
