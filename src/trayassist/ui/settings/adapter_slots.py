"""The two adapters that answers are written with, each with its scale; and undoing the last change."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QSlider, QVBoxLayout, QWidget

from trayassist.api import TrayassistError
from trayassist.models.adapters.record import SCALES, SLOTS, AdapterRecord, Slot
from trayassist.ui.settings.rows import Findable
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label, row

if TYPE_CHECKING:
    from trayassist.models.adapters import Adapters
    from trayassist.models.adapters.applied import Active
    from trayassist.ui.settings.window import SettingsWindow

STEPS = 20  # of the slider, for a scale of 1
REST_MS = 250  # a slider that rested so long is written


class Slots(Findable):
    """What is in use. `scaled` follows each change of a scale that was written."""

    scaled = Signal()

    def __init__(self, window: SettingsWindow, room: Adapters) -> None:
        super().__init__(tr("In use for answers"), "slot scale history recent revert persona")
        self._window, self._room = window, room
        self.rows: dict[Slot, SlotRow] = {slot: SlotRow(slot) for slot in SLOTS}
        self.revert_button = QPushButton(tr("Re&vert the last change"))
        self.revert_button.setAccessibleDescription(tr("Brings back the adapters that were in use before."))
        self.error = label("", "danger", wrap=True)
        self.error.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE[4], 0, 0)
        layout.setSpacing(SPACE[2])
        layout.addLayout(row(label(tr("In use for answers"), "heading"), None, self.revert_button))
        for slot, one in self.rows.items():
            layout.addWidget(one)
            one.wanted.connect(lambda value, slot=slot: window.run(self._scale(slot, value)))
            one.off_button.clicked.connect(lambda _=False, slot=slot: window.run(self._off(slot)))
        layout.addWidget(self.error)
        self.revert_button.clicked.connect(lambda: window.run(self._revert()))

    def fill(self, records: Sequence[AdapterRecord]) -> None:
        """Show what is in the slots now, and why one of them is left out."""
        active = {one.slot: one for one in self._room.slots()}
        problems = {record.id: record.problem for record in records}
        for slot, one in self.rows.items():
            entry = active.get(slot)
            one.show_entry(entry, problems.get(entry.modelName, "") if entry else "")
        self.revert_button.setEnabled(self._room.active.before("persona") is not None)

    async def _scale(self, slot: Slot, value: float) -> None:
        entry = next((one for one in self._room.slots() if one.slot == slot), None)
        if entry is not None and await self._did(self._room.scale(entry.modelName, value)):
            self.scaled.emit()

    async def _off(self, slot: Slot) -> None:
        entry = next((one for one in self._room.slots() if one.slot == slot), None)
        if entry is not None and await self._did(self._room.switch_off(entry.modelName)):
            self._window.tell(tr("{} is off from the next answer on.").format(entry.modelName))

    async def _revert(self) -> None:
        if await self._did(self._room.revert()):
            self._window.tell(tr("The adapters are as they were before."))

    async def _did(self, work: Awaitable[object]) -> bool:
        try:
            await work
        except TrayassistError as error:
            self.error.setText(local(str(error)))
            self.error.show()
            return False
        self.error.hide()
        return True


class SlotRow(QFrame):
    """One slot. `wanted` carries a new scale once the slider rests."""

    wanted = Signal(float)

    def __init__(self, slot: Slot) -> None:
        super().__init__()
        title, about = {
            "history": (tr("History"), tr("what was learned over the whole time")),
            "recent": (tr("Recent"), tr("what was learned lately; it comes on top")),
        }[slot]
        self.setProperty("look", "raised")
        self._name, self._about = label(title, "heading"), label(about, "small")
        self.adapter, self.problem = label("", ""), label("", "danger", wrap=True)
        self.slider = Scale(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Scale of {}").format(title))
        self.slider.setAccessibleDescription(tr("0 is off, 1 is as it was trained, 2 is twice as much."))
        self.value = label("", "")
        self.value.setMinimumWidth(48)
        self.off_button = QPushButton(tr("Switch off"))
        self.off_button.setAccessibleName(tr("Switch {} off").format(title))
        self._scale_box = QWidget()
        self._scale_box.setLayout(row(label(tr("Scale"), "small"), self.slider, self.value, self.off_button))
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(lambda: self.wanted.emit(self.scale))
        self.slider.valueChanged.connect(self._on_move)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE[3], SPACE[2], SPACE[3], SPACE[2])
        layout.setSpacing(SPACE[1])
        layout.addLayout(row(self._name, self._about, None, self.adapter))
        layout.addWidget(self._scale_box)
        layout.addWidget(self.problem)

    @property
    def scale(self) -> float:
        """The scale that the slider shows."""
        return self.slider.value() / STEPS

    def show_entry(self, entry: Active | None, problem: str) -> None:
        """Show what is in the slot; a slider under the user's hand stays as it is."""
        self.adapter.setText(entry.modelName if entry else tr("empty"))
        self.adapter.setProperty("look", "" if entry else "muted")
        self.adapter.style().polish(self.adapter)
        self._scale_box.setVisible(entry is not None)
        self.problem.setText(local(problem))
        self.problem.setVisible(bool(problem))
        if entry is not None and not self._rest.isActive() and not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(round(entry.scale * STEPS))
            self.slider.blockSignals(False)
            self.value.setText(f"× {entry.scale:g}")

    def _on_move(self) -> None:
        self.value.setText(f"× {self.scale:g}")
        self._rest.start()


class Scale(QSlider):
    """A slider from 0 to 2 that the wheel scrolls past."""

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.setRange(round(SCALES[0] * STEPS), round(SCALES[1] * STEPS))
        self.setPageStep(STEPS // 4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(160)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()
