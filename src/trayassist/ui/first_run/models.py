"""The fourth step: models that suit this machine, files that are here already, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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
    QVBoxLayout,
    QWidget,
)

from trayassist.api import TrayassistError
from trayassist.models.catalog import selection, stacks
from trayassist.models.catalog.entries import is_model
from trayassist.models.catalog.fetch_plan import FetchPlan
from trayassist.models.catalog.stacks import SLOTS, Fit, Recommendation, Slot, StackChoice, Stacks
from trayassist.models.gguf import hardware
from trayassist.models.gguf.estimate import gb
from trayassist.models.gguf.hardware import Hardware
from trayassist.ui.first_run.page import StepPage
from trayassist.ui.settings.controls import Combo
from trayassist.ui.widgets import formats
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Window, label, row

STACK, OWN, NONE = range(3)
INDENT = 26  # under the words of a radio button


class ModelsStep(StepPage):
    """Three ways. A stack is looked up first, and fetched at a second press; the download goes on behind."""

    def __init__(self, window: Window) -> None:
        super().__init__(
            tr("A language model, if you like"),
            tr("With one, answers are written in full sentences. Without one, they are quotes from your documents."),
        )
        self._window, self._assistant = window, window.assistant
        self._facts: Hardware | None = None
        self._stacks: Stacks | None = None
        self._picked: dict[Slot, str] = {}
        self._asking = False
        self.plan: FetchPlan | None = None
        self.table = StackTable()
        self.own = OwnModels(window)
        self._problem = label("", "danger", wrap=True)
        self._told = label("", "small", wrap=True)
        self.ways = QButtonGroup(self)
        self._boxes: list[QWidget] = []
        self._way(STACK, tr("Fetch &what suits this machine"), self.table, self._told, self._problem)
        self._way(OWN, tr("&Use GGUF files that I have"), self.own)
        nothing = label(tr("You can add one at any time in Settings, Models and roles."), "small", wrap=True)
        self._way(NONE, tr("&No model for now"), nothing)
        self.ways.idToggled.connect(lambda _way, on: self._follow() if on else None)
        self.table.picked.connect(self._pick)
        self.ways.button(NONE).setChecked(True)

    @property
    def way(self) -> int:
        """Which of the three is chosen: STACK, OWN or NONE."""
        return self.ways.checkedId()

    @property
    def primary(self) -> str:
        if self.way != STACK:
            return tr("&Continue")
        if self.plan is None or self.plan.refusal:
            return tr("&Look up the download")
        return tr("&Fetch {}").format(formats.size(self.plan.left)) if self.plan.left else tr("&Take them")

    @property
    def can_go_on(self) -> bool:
        return self.way != STACK or (self._facts is not None and not self._asking)

    def enter(self) -> None:
        """Look at the machine when the step is first shown."""
        if self._facts is None:
            self._told.setText(tr("Looking at this machine…"))
            self._window.run(self._look())

    def skip(self) -> None:
        """Fetch nothing."""
        self.ways.button(NONE).setChecked(True)

    def go_on(self) -> None:
        """Look the download up, begin it, or go on without."""
        if self.way != STACK:
            self.done.emit()
        elif self.plan is None or self.plan.refusal:
            self._window.run(self._look_up())
        else:
            self._begin(self.plan)

    # ------------------------------------------------------------ inside

    def _way(self, number: int, text: str, *content: QWidget) -> None:
        button, box = QRadioButton(text), QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(INDENT, 0, 0, SPACE[2])
        layout.setSpacing(SPACE[2])
        for item in content:
            layout.addWidget(item)
        self.ways.addButton(button, number)
        self._boxes.append(box)
        self.content.addWidget(button)
        self.content.addWidget(box)

    def _follow(self) -> None:
        for number, box in enumerate(self._boxes):
            box.setVisible(number == self.way)
        self._problem.setVisible(bool(self._problem.text()))
        self.changed.emit()

    async def _look(self) -> None:
        self._stacks = await asyncio.to_thread(stacks.load)
        self._facts = await asyncio.to_thread(hardware.look, self._assistant.paths.models)
        self._propose()
        if not self._assistant.registry.models and stacks.recommend(self._facts, self._stacks).fits:
            self.ways.button(STACK).setChecked(True)
        self._follow()

    def _propose(self) -> None:
        assert self._facts is not None
        assert self._stacks is not None
        found = stacks.recommend(self._facts, self._stacks, self._picked)
        self.plan = None
        self._problem.clear()
        self.table.fill(found, self._stacks, self._facts)
        self._told.setText(
            tr("Looking it up asks huggingface.co for names, sizes and licences; nothing of yours is sent. "
               "Only the next press fetches, in the background.")
        )  # fmt: skip

    def _pick(self, slot: Slot, name: str) -> None:
        self._picked[slot] = name
        self._propose()
        self._follow()

    async def _look_up(self) -> None:
        assert self._facts is not None
        assert self._stacks is not None
        found = stacks.recommend(self._facts, self._stacks, self._picked)
        wants = selection.of_stack(found, self._assistant.registry)
        self._asking, self.plan = True, None
        self._problem.clear()
        self._told.setText(tr("Asking the hub…"))
        self._follow()
        try:
            self.plan = await self._assistant.downloads.plan(wants)
        except TrayassistError as error:
            self._problem.setText(str(error))
        finally:
            self._asking = False
        if self.plan is not None:
            self._show_plan(self.plan)
        self._follow()

    def _show_plan(self, plan: FetchPlan) -> None:
        if plan.refusal:
            self._problem.setText(plan.refusal)
            self._told.clear()
            return
        licences = sorted({file.license for file in plan.files if file.license})
        unknown = tr(" One has no known licence: check it first.") if any(not f.license for f in plan.files) else ""
        self._told.setText(
            tr("{files} files, {size} to fetch, {free} free on the disk. Licences: {licences}.{unknown}").format(
                files=len(plan.files), size=formats.size(plan.left), free=formats.size(plan.disk_free),
                licences=", ".join(licences) or tr("none named"), unknown=unknown,
            )
        )  # fmt: skip
        if plan.problems:
            self._problem.setText(" ".join(f"{what} {todo}" for what, todo in plan.problems))

    def _begin(self, plan: FetchPlan) -> None:
        try:
            self._assistant.downloads.start(plan)
        except TrayassistError as error:
            self._problem.setText(str(error))
            self._follow()
            return
        self.done.emit()


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
        if any(is_model(Path(url.toLocalFile())) for url in event.mimeData().urls()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.add([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    async def _add(self, files: Sequence[Path]) -> None:
        for file in files:
            line = label(tr("{}: being read…").format(file.name), "small", wrap=True)
            self._lines.addWidget(line)
            try:
                added = await self._window.assistant.entries.add(file)
            except TrayassistError as error:
                self._say(line, f"{file.name}: {error}", "danger")
            else:
                self._say(line, f"{file.name}: {added.says}", "good")

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
COMBO = 210


class StackTable(QWidget):
    """`picked(slot, name)` says that the user chose another model, "" for none."""

    picked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[Slot, _Row] = {}
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
        graphics = tr(", {} of graphics memory").format(gb(facts.vram)) if facts.vram else ""
        self._machine.setText(
            tr("This machine has {ram} of memory{graphics} and {cores} cores; models may take {room} of it.").format(
                ram=gb(facts.ram), graphics=graphics, cores=facts.cores, room=gb(found.budget)
            )
            + " "
            + tr("The worker answers, the watchdog looks at every exchange, the coder writes code, the embedder finds "
                 "passages by what they mean.")
        )  # fmt: skip
        choices = {choice.slot: choice for choice in found.choices}
        for number, slot in enumerate(SLOTS):
            if slot not in self._rows:
                self._rows[slot] = row = _Row(slot, known)
                row.add_to(self._grid, number)
                row.combo.activated.connect(lambda _, one=row: self.picked.emit(one.slot, one.combo.currentData()))
            self._rows[slot].show_choice(choices.get(slot))
        self._sum.setText(tr("To fetch: about {}.").format(gb(found.download)))
        self._notes.setText(" ".join(found.notes))
        self._notes.setVisible(bool(found.notes))


class _Row:
    """One slot."""

    def __init__(self, slot: Slot, known: Stacks) -> None:
        self.slot: Slot = slot
        names = {
            "worker": tr("Worker"), "watchdog": tr("Watchdog"), "coder": tr("Coder"), "embedder": tr("Embedder"),
        }  # fmt: skip
        self._name = label(names[slot])
        self.combo = Combo()
        self.combo.setFixedWidth(COMBO)
        self.combo.setAccessibleName(tr("Model for the {}").format(names[slot].lower()))
        for name in stacks.alternatives(known, slot):
            self.combo.addItem(name, name)
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
        about = f"{gb(candidate.file_bytes)} · {candidate.license}"
        more = " · ".join(part for part in (choice.note, choice.why) if part)
        self._about.setText(f"{about}\n{more}" if more else about)
        fits = {"fits": tr("fits"), "slow": tr("slow"), "won't fit": tr("won’t fit")}
        self._fit.setText(fits[choice.fit])
        self._fit.setProperty("look", LOOKS[choice.fit])
        self._fit.style().unpolish(self._fit)
        self._fit.style().polish(self._fit)
        self.combo.setAccessibleDescription(f"{about}. {fits[choice.fit]}. {more}")
