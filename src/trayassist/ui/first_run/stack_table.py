"""The proposed stack: a row for each slot with its model, size, licence, and whether it fits; each can be changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from trayassist.models.catalog import stacks
from trayassist.models.catalog.stacks import SLOTS, Choice, Fit, Recommendation, Slot, Stacks
from trayassist.models.gguf.hardware import Facts
from trayassist.models.gguf.sizes import gb
from trayassist.ui.settings.controls import Combo
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label

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

    def fill(self, found: Recommendation, known: Stacks, facts: Facts) -> None:
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

    def show_choice(self, choice: Choice | None) -> None:
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
