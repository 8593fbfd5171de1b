"""The page Models: memory, models, roles, queue. It follows the engine while it is seen, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QFrame, QPushButton, QVBoxLayout, QWidget

from trayassist.api import TrayassistError
from trayassist.gguf_format import is_model
from trayassist.models.catalog.entries import FILLS
from trayassist.models.checks import fitness
from trayassist.models.checks.fitness import ModelFacts
from trayassist.models.registry.rules import BY_RULES
from trayassist.models.registry.schema import Lanes, ModelKind, Registry, ResidencySettings
from trayassist.models.serving.state import QueuedRequest
from trayassist.ui.settings import controls
from trayassist.ui.settings.controls import Field
from trayassist.ui.settings.downloads_panel import DownloadsPanel
from trayassist.ui.settings.memory_bar import LOOKS, MemoryPanel, filling
from trayassist.ui.settings.model_list import ModelLine, ModelList, use
from trayassist.ui.settings.roles import RoleCard
from trayassist.ui.settings.rows import SettingRow, SettingsPage, control_row
from trayassist.ui.widgets.formats import decimal, duration, number, tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import (
    mode_title,
    model_title,
    model_titles,
    role_description,
    role_title,
    role_titles,
)
from trayassist.ui.widgets.window import Notice, column, empty_state, label, local_files, row

if TYPE_CHECKING:
    from trayassist.ui.settings.window import SettingsWindow

SOON_MS = 50  # several changes of the engine are shown at once
EVERY_MS = 5000  # what a process takes changes without a word of the engine


class ModelsPage(SettingsPage):
    """All of it. `fill` shows the state now; a preview shows what would be, while something is chosen or typed."""

    def __init__(self, window: SettingsWindow) -> None:
        super().__init__(tr("Models"))
        self._window, self._engine = window, window.assistant.engine
        self._asked: asyncio.Task[Any] | None = None
        self.cards: dict[str, RoleCard] = {}
        self.ram = MemoryPanel(tr("Memory for models"), window.theme)
        self.vram = MemoryPanel(tr("Graphics memory for models"), window.theme)
        self.list = ModelList(window)
        self.adding = ModelAdder(window, self)
        self.list.removal.connect(self.adding.ask_to_remove)
        self.queue = QueueView()
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self.fill)
        self.list.changed.connect(self._soon.start)
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
        titles = model_titles(registry.models)
        self.list.fill(
            [
                ModelLine(state, model, use(registry, state.name), titles[state.name], state.name == self.list.refused)
                for state, model in models
            ]
        )
        self.list.setVisible(bool(registry.models))
        self._empty.setVisible(not registry.models)
        for card in self.cards.values():
            card.fill(states)
        self.queue.fill(self._engine.queue(), titles)
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
        titles = model_titles(registry.models)
        shown = filling(states, budget, ahead, titles)
        self.ram.fill(shown)
        if role:
            self.cards[role].show_memory(shown.text, LOOKS[shown.level])
        self.vram.setVisible(budget.gpu_limit > 0)
        if budget.gpu_limit:
            self.vram.fill(filling(states, budget, ahead, titles, gpu=True))

    # ------------------------------------------------------------ inside

    def _follow(self) -> None:
        for card in self.cards.values():
            if card.form is not None:
                card.form.follow()
        self._soon.start()

    def _leave(self) -> None:
        self._watch.stop()
        self._soon.stop()
        if self._asked is not None:
            self._asked.cancel()
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
        self.add(self.adding.question)
        self.add(DownloadsPanel(self._window))
        self.add(self._empty)
        self.add(self.list)
        self.heading(tr("What models are used for"))
        self._add_mode()
        for role, text in self._roles().items():
            self.later(partial(self._add_role, role, text))
        self.later(self._add_rest)

    def _add_role(self, role: str, text: str) -> None:
        card = self.cards[role] = RoleCard(self._window, role, text)
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
        modes = {name: mode_title(name) for name in self._window.assistant.registry.modes}
        line = control_row(tr("Mode"), Field("choice", choices=modes), "", ("modes", *modes))
        show = line.show_value

        def show_mode(name: str) -> None:
            show(name)
            line.say_help(what_mode_changes(self._window.assistant.registry, name))

        line.show_value = show_mode
        self._window.bind(("mode",), tr("Mode"), line)
        self.add(line)

    def _roles(self) -> dict[str, str]:
        """Return the roles by name, with what they do: those of the registry, then others that plugins have."""
        known = self._window.assistant.plugins.roles
        names = dict.fromkeys((*self._window.assistant.registry.roles, *known))
        return {name: role_description(name, known[name].title if name in known else "") for name in names}

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


def what_mode_changes(registry: Registry, name: str) -> str:
    """Return in words what a mode changes of the roles: which are off, and which answer in another way."""
    parts = []
    for role, choices in (registry.modes[name].roles if name in registry.modes else {}).items():
        if not choices:
            parts.append(tr("Off: {}.").format(role_title(role)))
            continue
        first = min(choices, key=lambda choice: choice.priority)
        if first.model:
            title = model_title(first.model, registry.models.get(first.model))
            parts.append(tr("{role} uses {model}.").format(role=role_title(role), model=title))
        if first.temperature is not None:
            warmth = decimal(first.temperature, 2)
            parts.append(tr("{role} answers at temperature {value}.").format(role=role_title(role), value=warmth))
    return " ".join(parts) or tr("All is as it is set below.")


def _ggufs(data: QMimeData) -> list[Path]:
    return [file for file in local_files(data) if is_model(file)]


MOST_SAID = 8  # lines about files that were dropped together


class ModelAdder(QObject):
    """Takes GGUF files into the registry, each for what the user says. What happens is said in `notice`.

    What is said of a file stays there while those that came with it are read and asked about.
    """

    def __init__(self, window: SettingsWindow, page: SettingsPage) -> None:
        super().__init__(page)
        self._window = window
        self._files: list[Path] = []
        self._said: list[str] = []
        self._failed = False
        self.notice = Notice(page, margin=0)
        self.question = UseQuestion()
        self.question.answered.connect(lambda roles: self._window.run(self._answer(roles)))
        self.question.given_up.connect(lambda: self._window.run(self._ask_next()))

    def choose(self) -> None:
        """Let the user choose files."""
        dialog = QFileDialog(self._window, tr("Add a model"), str(Path.home()), tr("Models (*.gguf)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, tr("Add"))
        dialog.filesSelected.connect(lambda names: self.add([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def add(self, files: Sequence[Path]) -> None:
        """Ask what each of these files is for, and add it then."""
        waiting = bool(self._files)
        if not waiting:
            self._said, self._failed = [], False
        self._files += [file for file in files if file not in self._files]
        if not waiting:
            self._window.run(self._ask())

    def ask_to_remove(self, name: str) -> None:
        """Ask before a model leaves the registry; roles that use it are named."""
        registry = self._window.assistant.registry
        users = [role for role, settings in registry.roles.items() if name in (settings.model, *settings.fallback)]
        text = tr("Take {} off the list of models? Its file stays where it is.").format(self._title(name))
        if users:
            text += " " + tr("These use it and will have no model: {}.").format(role_titles(users))
        self.notice.ask(text, tr("Remove"), lambda: self._window.run(self._remove(name)))

    async def _ask(self) -> None:
        """Ask about the first file that waits; what is no model, or is there already, is said."""
        self._drop_dismissed()
        while self._files:
            file, assistant = self._files[0], self._window.assistant
            self._say(tr("Reading {}…").format(file.name))
            try:
                found = await assistant.entries.look(file)
            except TrayassistError as error:
                self._note(str(error), failed=True)
                self._files.pop(0)
                continue
            if found.known:
                self._note(tr("{} is on the list of models already.").format(self._title(found.known)))
                self._files.pop(0)
                continue
            self._say()
            self.question.ask(file, found.kind, assistant.registry)
            return
        self._say()

    async def _ask_next(self) -> None:
        self._files = self._files[1:]
        await self._ask()

    async def _answer(self, roles: Sequence[str]) -> None:
        file = self._files[0]
        try:
            await self._window.assistant.entries.add(file, roles=roles)
        except TrayassistError as error:
            self._note(str(error), failed=True)
        else:
            self._window.changes.registry_changed.emit()
            use = tr("It is used for {}.").format(role_titles(roles)) if roles else tr("It is not used yet.")
            self._note(tr("{} is added.").format(file.name) + " " + use)
        await self._ask_next()

    def _note(self, line: str, *, failed: bool = False) -> None:
        """Say a line about a file below those about the others."""
        self._drop_dismissed()
        self._said.append(local(line))
        self._failed = self._failed or failed
        self._say()

    def _drop_dismissed(self) -> None:
        if self.notice.isHidden():
            self._said, self._failed = [], False

    def _say(self, now: str = "") -> None:
        """Show the lines about the files so far, and what is done `now`; nothing where there is neither."""
        more = len(self._said) - MOST_SAID
        lines = [*([tr("{} more before.").format(number(more))] if more > 0 else []), *self._said[-MOST_SAID:]]
        if text := "\n".join([*lines, now] if now else lines):
            self.notice.say(text, look="danger" if self._failed else "raised")
        else:
            self.notice.clear()

    async def _remove(self, name: str) -> None:
        title = self._title(name)
        try:
            roles = await self._window.assistant.entries.remove(name)
        except TrayassistError as error:
            self.notice.say(str(error), look="danger")
            return
        self._window.changes.registry_changed.emit()
        left = tr("These have no model now: {}.").format(role_titles(roles)) if roles else ""
        self.notice.say(" ".join((tr("{} is off the list of models.").format(title), left)).strip())

    def _title(self, name: str) -> str:
        return model_title(name, self._window.assistant.registry.models.get(name))


class UseQuestion(QFrame):
    """Asks in place what a new model is for: a box for each role that it can serve. `answered` carries the roles."""

    answered = Signal(object)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.boxes: dict[str, QCheckBox] = {}
        self.setProperty("look", "raised")
        self._title = label("", "heading", wrap=True)
        self._choices = QVBoxLayout()
        self.add_button, self._leave = QPushButton(tr("Add")), QPushButton(tr("Cancel"))
        self.add_button.setProperty("look", "primary")
        self.add_button.clicked.connect(self._accept)
        self._leave.clicked.connect(self._give_up)
        layout = column(self._title, margin=3, spacing=2)
        layout.addLayout(self._choices)
        layout.addLayout(row(self.add_button, self._leave, None))
        self.setLayout(layout)
        self.hide()

    def ask(self, file: Path, kind: ModelKind, registry: Registry) -> None:
        """Ask about a file of this kind; roles of its kind that have no model are chosen beforehand."""
        self._title.setText(tr("What shall {} be used for?").format(file.name.removesuffix(".gguf")))
        self.setAccessibleName(self._title.text())
        for box in self.boxes.values():
            box.deleteLater()
        self.boxes = {}
        for role, settings in registry.roles.items():
            if role in BY_RULES or fitness.fitness(ModelFacts(kind=kind), settings.needs, role=role).colour == "red":
                continue
            now = registry.models.get(settings.model or "")
            text = role_title(role)
            if now is not None:
                text = tr("{role} (instead of {model})").format(role=text, model=model_title(settings.model or "", now))
            self.boxes[role] = box = QCheckBox(text)
            box.setChecked(now is None and role in FILLS.get(kind, ()))
            self._choices.addWidget(box)
        self.show()
        (next(iter(self.boxes.values()), self.add_button)).setFocus()

    def _accept(self) -> None:
        self.hide()
        self.answered.emit(tuple(role for role, box in self.boxes.items() if box.isChecked()))

    def _give_up(self) -> None:
        self.hide()
        self.given_up.emit()


A_SECOND_MS = 1000


class QueueView(QWidget):
    """A line for each request; the seconds count while something is there and the page is seen."""

    def __init__(self) -> None:
        super().__init__()
        self._queue: tuple[QueuedRequest, ...] = ()
        self._titles: Mapping[str, str] = {}
        self._passed = 0
        self._text = label("", "muted", wrap=True)
        self._text.setAccessibleName(tr("Queue"))
        self.setLayout(column(self._text))
        self._clock = QTimer(self)
        self._clock.setInterval(A_SECOND_MS)
        self._clock.timeout.connect(self._tick)
        self.fill((), {})

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text.text()

    def fill(self, queue: Sequence[QueuedRequest], titles: Mapping[str, str]) -> None:
        """Show these requests; `titles` say what models are called."""
        self._queue, self._titles, self._passed = tuple(queue), titles, 0
        self._show()
        if queue and self.isVisible():
            self._clock.start()
        else:
            self._clock.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop counting while nobody looks."""
        self._clock.stop()
        super().hideEvent(event)

    def _tick(self) -> None:
        self._passed += 1
        self._show()

    def _show(self) -> None:
        lines = [self._line(one) for one in self._queue]
        self._text.setText("\n".join(lines) or tr("No model is at work, and nothing waits."))

    def _line(self, one: QueuedRequest) -> str:
        doing = tr("{role}: {model} is at work") if one.running else tr("{role} waits for {model}")
        model = self._titles.get(one.model, one.model)
        parts = [doing.format(role=role_title(one.role), model=model), duration(one.since_s + self._passed)]
        if one.job:
            parts.append(tr("in the background: questions go first"))
        return " · ".join(parts)


MOST_GB = 4096


def memory_rows(window: SettingsWindow, page: SettingsPage) -> list[Callable[[], None]]:
    """Return what adds the rows to the page, a few at a time."""
    return [lambda: _budgets(window, page), lambda: _residency(window, page), lambda: _lanes(window, page)]


def _budgets(window: SettingsWindow, page: SettingsPage) -> None:
    for name, title in (("budget_gb", tr("Memory for models")), ("vram_budget_gb", tr("Graphics memory for models"))):
        info = ResidencySettings.model_fields[name]
        line = control_row(
            title, Field("number", 0.0, MOST_GB, "GB", unset=tr("automatic"), start=8), _help(info.description)
        )
        _automatic(line)
        _bind(window, page, ("residency", name), title, line)


def _residency(window: SettingsWindow, page: SettingsPage) -> None:
    plain = (
        ("headroom_gb", tr("Kept free"), "GB"),
        ("idle_unload_s", tr("Idle models leave after"), tr("s")),
        ("preload", tr("Load while you write"), ""),
        ("prewarm", tr("Read model files at start"), ""),
    )
    for name, title, unit in plain:
        info = ResidencySettings.model_fields[name]
        wanted = controls.of_model(info, unit=unit)
        wanted = replace(wanted, step=60) if unit == tr("s") else wanted
        _bind(window, page, ("residency", name), title, control_row(title, wanted, _help(info.description)))


def _lanes(window: SettingsWindow, page: SettingsPage) -> None:
    lanes = (
        ("heavy", tr("Long answers at once"), tr("More than one shares the same cores: each gets slower.")),
        ("light", tr("Short tasks at once"), ""),
    )
    for name, title, help_text in lanes:
        line = control_row(title, controls.of_model(Lanes.model_fields[name]), help_text)
        _bind(window, page, ("lanes", name), title, line)


def _bind(window: SettingsWindow, page: SettingsPage, key: tuple[str, ...], title: str, line: SettingRow) -> None:
    window.bind(key, title, line)
    page.add(line)


def _automatic(line: SettingRow) -> None:
    """Let "not set" stand for auto, in both directions."""
    show = line.show_value
    line.show_value = lambda value: show(None if value == "auto" else value)
    line.to_value = lambda value: "auto" if value is None else value


def _help(description: str | None) -> str:
    return tr(description).replace("auto = ", tr("Automatic: ")) if description else ""
