"""The fourth step: a small model, the best for this machine, files that are here already, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from trayassist.api import TrayassistError
from trayassist.gguf_format import is_model
from trayassist.models.catalog import selection, stacks
from trayassist.models.catalog.fetch_plan import FetchPlan, Want
from trayassist.models.catalog.stacks import SLOTS, Fit, Recommendation, Slot, StackChoice, Stacks
from trayassist.models.gguf import hardware
from trayassist.models.gguf.hardware import Hardware
from trayassist.ui.first_run.page import StepPage
from trayassist.ui.settings.controls import Combo
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.names import model_title, model_titles, role_titles
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, label, local_files, row

SMALL, BEST, NONE = range(3)
SMALL_BYTES = 1_600_000_000  # the largest file of a small, quick assistant
SMALL_ROLES = ("persona", "coder")  # one small model serves both


class ModelsStep(StepPage):
    """One choice of three; what it means stands in a fold. It is looked up first, and fetched at a second press."""

    def __init__(self, window: Window) -> None:
        super().__init__(
            tr("A language model, if you like"),
            tr("With one, answers are written in full sentences. Without one, they are quotes from your documents."),
        )
        self._window, self._assistant = window, window.assistant
        self._facts: Hardware | None = None
        self._stacks: Stacks | None = None
        self._picked: dict[int, dict[Slot, str]] = {SMALL: {}, BEST: {}}
        self._asking = False
        self.plan: FetchPlan | None = None
        self.table = StackTable()
        self.own = OwnModels(window)
        self._there, self._problem = label("", "good", wrap=True), label("", "danger", wrap=True)
        self._message = label("", "small", wrap=True)
        self.ways = QButtonGroup(self)
        self.details, self.files = self._fold(tr("Details"), self.table), self._fold(tr("I have model files"), self.own)
        self._lay_out()
        self.ways.idToggled.connect(lambda _way, on: self._follow() if on else None)
        self.table.picked.connect(self._pick)
        self.ways.button(NONE).setChecked(True)

    @property
    def way(self) -> int:
        """Which of the three is chosen: SMALL, BEST or NONE."""
        return self.ways.checkedId()

    @property
    def primary(self) -> str:
        if self.way == NONE:
            return tr("&Continue")
        if self.plan is None or self.plan.refusal:
            return tr("&Look up the download")
        return tr("&Fetch {}").format(formats.size(self.plan.left)) if self.plan.left else tr("&Take them")

    @property
    def can_go_on(self) -> bool:
        return self.way == NONE or (self._facts is not None and not self._asking)

    def enter(self) -> None:
        """Look at the machine when the step is first shown."""
        if self._facts is None:
            self._message.setText(tr("Looking at this machine…"))
            self._window.run(self._look())

    def skip(self) -> None:
        """Fetch nothing."""
        self.ways.button(NONE).setChecked(True)

    def go_on(self) -> None:
        """Look the download up, begin it, or go on without."""
        if self.way == NONE:
            self.done.emit()
        elif self.plan is None or self.plan.refusal:
            self._window.run(self._look_up())
        else:
            self._begin(self.plan)

    # ------------------------------------------------------------ inside

    def _lay_out(self) -> None:
        for number, text in (
            (SMALL, tr("A &small, quick assistant")),
            (BEST, tr("The &best for this machine")),
            (NONE, tr("&None now")),
        ):
            self.ways.addButton(QRadioButton(text), number)
        self.content.addWidget(self._there)
        for button in self.ways.buttons():
            self.content.addWidget(button)
        self.ways.button(SMALL).hide()  # until the machine is known
        self.ways.button(BEST).hide()
        for part in (self._message, self._problem, self.details, self.table, self.files, self.own):
            self.content.addWidget(part)

    def _fold(self, text: str, content: QWidget) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("look", "link")
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.toggled.connect(content.setVisible)
        content.hide()
        return button

    def _follow(self) -> None:
        self.plan = None
        self._problem.clear()
        self._show_way()
        self.changed.emit()

    async def _look(self) -> None:
        self._stacks = await asyncio.to_thread(stacks.load)
        self._facts = await asyncio.to_thread(hardware.look, self._assistant.paths.models)
        registry = self._assistant.registry
        there = model_titles(registry.models)
        self._there.setText(tr("There already: {}.").format(", ".join(there.values())) if there else "")
        fitting = [way for way in (SMALL, BEST) if (found := self._recommend(way)) is not None and found.fits]
        for way in (SMALL, BEST):
            button = self.ways.button(way)
            found = self._recommend(way)
            button.setVisible(way in fitting)
            if found is not None:
                button.setText(f"{button.text()} · {formats.size(found.download)}")
        if fitting and not there:
            self.ways.button(fitting[0]).setChecked(True)
        self._follow()

    def _recommend(self, way: int) -> Recommendation | None:
        """Return what a way fetches; None where no model is small enough for it."""
        assert self._facts is not None
        assert self._stacks is not None
        picked: dict[Slot, str] = {}
        if way == SMALL:
            small = [
                name
                for name in stacks.alternatives(self._stacks, "worker")
                if self._stacks.models[name].file_bytes <= SMALL_BYTES
            ]
            if not small:
                return None
            picked = {"worker": small[-1], "coder": "", "embedder": ""}
        return stacks.recommend(self._facts, self._stacks, picked | self._picked[way])

    def _show_way(self) -> None:
        """Show what the chosen way means."""
        found = self._recommend(self.way) if self.way != NONE and self._facts is not None else None
        self._there.setVisible(bool(self._there.text()))
        self._problem.setVisible(bool(self._problem.text()))
        self.details.setVisible(found is not None)
        self.table.setVisible(found is not None and self.details.isChecked())
        if found is not None and self._stacks is not None and self._facts is not None:
            self.table.fill(found, self._stacks, self._facts)
            self._message.setText(
                tr("Looking it up asks huggingface.co for names, sizes and licences; nothing of yours is sent. "
                   "Only the next press fetches, in the background.")
            )  # fmt: skip
        elif self._facts is not None:
            self._message.setText(
                tr("You can add one at any time in Settings, Models.")
                if any(not button.isHidden() for button in self.ways.buttons()[:2])
                else tr("No model fits the memory of this machine well. Answers are quotes from your documents.")
            )

    def _pick(self, slot: Slot, name: str) -> None:
        self._picked[self.way][slot] = name
        self._follow()

    async def _look_up(self) -> None:
        found = self._recommend(self.way)
        assert found is not None
        small = self.way == SMALL
        wants = selection.of_stack(found, self._assistant.registry)
        if small:
            wants = [_for_all_that_write(want) for want in wants]
        self._asking, self.plan = True, None
        self._problem.clear()
        self._message.setText(tr("Asking the hub…"))
        self.changed.emit()
        try:
            self.plan = await self._assistant.downloads.plan(wants)
        except TrayassistError as error:
            self._problem.setText(local(str(error)))
        finally:
            self._asking = False
        if self.plan is not None:
            self._show_plan(self.plan)
        self._problem.setVisible(bool(self._problem.text()))
        self.changed.emit()

    def _show_plan(self, plan: FetchPlan) -> None:
        if plan.refusal:
            self._problem.setText(local(plan.refusal))
            self._message.clear()
            return
        licences = sorted({file.license for file in plan.files if file.license})
        unknown = tr(" One has no known licence: check it first.") if any(not f.license for f in plan.files) else ""
        self._message.setText(
            tr("{files}, {size} to fetch, {free} free on the disk. Licences: {licences}.{unknown}").format(
                files=formats.count(len(plan.files), tr("{} file"), tr("{} files")), size=formats.size(plan.left),
                free=formats.size(plan.disk_free), licences=", ".join(licences) or tr("none named"), unknown=unknown,
            )
        )  # fmt: skip
        if plan.problems:
            self._problem.setText(" ".join(local(f"{what} {todo}") for what, todo in plan.problems))

    def _begin(self, plan: FetchPlan) -> None:
        try:
            self._assistant.downloads.start(plan)
        except TrayassistError as error:
            self._problem.setText(local(str(error)))
            self._problem.show()
            self.changed.emit()
            return
        self.done.emit()


def _for_all_that_write(want: Want) -> Want:
    """Return the one model of a small assistant for all roles that write."""
    return replace(want, roles=SMALL_ROLES) if "persona" in want.roles else want


DROP_HEIGHT = 88


class OwnModels(QWidget):
    """A place to drop GGUF files, and what became of each."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._lines = QVBoxLayout()
        self._lines.setSpacing(SPACE[1])
        self.button = QPushButton(tr("Choose &GGUF files…"))
        self.button.clicked.connect(self._choose)
        self._box = QFrame()
        self._box.setProperty("look", "raised")
        self._box.setMinimumHeight(DROP_HEIGHT)
        inner = QVBoxLayout(self._box)
        text = label(tr("Drop GGUF files here. They stay where they are."), "muted", wrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner.addWidget(text)
        inner.addLayout(row(None, self.button, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        layout.addLayout(self._lines)
        self.setAcceptDrops(True)

    def add(self, files: Sequence[Path]) -> None:
        """Add these files to the registry."""
        self._window.run(self._add(files))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if any(map(is_model, local_files(event.mimeData()))):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.add(local_files(event.mimeData()))

    async def _add(self, files: Sequence[Path]) -> None:
        for file in files:
            line = label(tr("{}: being read…").format(file.name), "small", wrap=True)
            self._lines.addWidget(line)
            try:
                added = await self._window.assistant.entries.add(file)
            except TrayassistError as error:
                self._say(line, f"{file.name}: {local(str(error))}", "danger")
            else:
                use = role_titles(added.roles)
                text = tr("used for {}").format(use) if use else tr("on the list of models")
                self._say(line, f"{file.name}: {text}", "good")

    def _say(self, line: QWidget, text: str, look: str) -> None:
        line.setText(text)  # type: ignore[attr-defined]  # a label
        line.setProperty("look", look)
        line.style().unpolish(line)
        line.style().polish(line)

    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("Add a model"), str(Path.home()), tr("Models (*.gguf)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, tr("Add"))
        dialog.filesSelected.connect(lambda names: self.add([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


LOOKS: dict[Fit, str] = {"fits": "good", "slow": "amber", "won't fit": "danger"}
COMBO = 260


class StackTable(QWidget):
    """`picked(slot, name)` says that the user chose another model, "" for none."""

    picked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[Slot, StackRow] = {}
        self._machine, self._sum = label("", "small", wrap=True), label("", wrap=True)
        self._notes = label("", "small", wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE[3])
        self._grid.setVerticalSpacing(SPACE[2])
        self._grid.setColumnStretch(2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE[3])
        layout.addWidget(self._machine)
        layout.addLayout(self._grid)
        layout.addWidget(self._sum)
        layout.addWidget(self._notes)

    def fill(self, found: Recommendation, known: Stacks, facts: Hardware) -> None:
        """Show a recommendation."""
        graphics = tr(", {} of graphics memory").format(formats.size(facts.vram)) if facts.vram else ""
        self._machine.setText(
            tr("This machine has {ram} of memory{graphics} and {cores} cores; models may take {room} of it.").format(
                ram=formats.size(facts.ram), graphics=graphics, cores=facts.cores, room=formats.size(found.budget)
            )
        )
        choices = {choice.slot: choice for choice in found.choices}
        for number, slot in enumerate(SLOTS):
            if slot not in self._rows:
                self._rows[slot] = row = StackRow(slot, known)
                row.add_to(self._grid, number)
                row.combo.activated.connect(lambda _, one=row: self.picked.emit(one.slot, one.combo.currentData()))
            self._rows[slot].show_choice(choices.get(slot))
        self._sum.setText(tr("To fetch: about {}.").format(formats.size(found.download)))
        notes = [note for note in found.notes if "graphics" in note]
        self._notes.setText(" ".join(map(local, notes)))
        self._notes.setVisible(bool(notes))


class StackRow:
    """One slot."""

    def __init__(self, slot: Slot, known: Stacks) -> None:
        self.slot: Slot = slot
        names = {"worker": tr("Answers"), "coder": tr("Code"), "embedder": tr("Search by meaning")}
        self._name = label(names[slot])
        self.combo = Combo()
        self.combo.setFixedWidth(COMBO)
        self.combo.setAccessibleName(tr("Model for {}").format(names[slot]))
        for name in stacks.alternatives(known, slot):
            self.combo.addItem(model_title(name, known.models[name]), name)
        if slot != "worker":
            self.combo.addItem(tr("none"), "")
        self._name.setBuddy(self.combo)
        self._about, self._fit = label("", "small", wrap=True), QLabel()

    def add_to(self, grid: QGridLayout, number: int) -> None:
        for column, widget in enumerate((self._name, self.combo, self._about, self._fit)):
            grid.addWidget(widget, number, column)

    def show_choice(self, choice: StackChoice | None) -> None:
        self.combo.setCurrentIndex(self.combo.findData(choice.name if choice is not None else ""))
        if choice is None:
            self._about.clear()
            self._fit.clear()
            self.combo.setAccessibleDescription("")
            return
        candidate = choice.candidate
        about = f"{formats.size(candidate.file_bytes)} · {candidate.license}"
        more = local(choice.why)
        self._about.setText(f"{about}\n{more}" if more else about)
        fits = {"fits": tr("fits"), "slow": tr("slow"), "won't fit": tr("won’t fit")}
        self._fit.setText(fits[choice.fit])
        self._fit.setProperty("look", LOOKS[choice.fit])
        self._fit.style().unpolish(self._fit)
        self._fit.style().polish(self._fit)
        self.combo.setAccessibleDescription(f"{about}. {fits[choice.fit]}. {more}")
