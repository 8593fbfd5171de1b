"""Both answers to one question side by side, as they are made: without adapters, and with them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from trayassist.api import TrayassistError
from trayassist.models.adapters import comparing
from trayassist.models.adapters.record import AdapterRecord
from trayassist.ui.settings.controls import Combo
from trayassist.ui.settings.rows import Findable
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import label, row

if TYPE_CHECKING:
    from trayassist.models.adapters import Adapters
    from trayassist.ui.settings.window import SettingsWindow

IN_USE = ""  # the choice that means those in use, with their scales


class Preview(Findable):
    """Asks the model twice under one seed. A change of scale asks the side with adapters again."""

    def __init__(self, window: SettingsWindow, room: Adapters) -> None:
        super().__init__(tr("Compare"), tr("preview answers with and without"))
        self._window, self._room = window, room
        self._task: asyncio.Task[None] | None = None
        self.which = Combo()
        self.which.setAccessibleName(tr("What is compared with the model itself"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("A question to compare both answers on"))
        self.field.setAccessibleName(self.field.placeholderText())
        self.button = QPushButton(tr("&Compare"))
        self.status, self.error = label("", "small", wrap=True), label("", "danger", wrap=True)
        self.sides = {False: PreviewSide(tr("Without")), True: PreviewSide(tr("With"))}
        self._both = QWidget()
        self._lay_out()
        self.button.clicked.connect(self._on_press)
        self.field.returnPressed.connect(self._on_press)

    @property
    def busy(self) -> bool:
        """Whether answers are being made."""
        return self._task is not None

    def fill(self, records: Sequence[AdapterRecord]) -> None:
        """Offer the adapters in use, and each one alone."""
        chosen = self.which.currentData()
        self.which.blockSignals(True)
        self.which.clear()
        self.which.addItem(tr("what is in use"), IN_USE)
        for record in records:
            self.which.addItem(record.id, record.id)
        self.which.setCurrentIndex(max(0, self.which.findData(chosen)))
        self.which.blockSignals(False)

    def again(self) -> None:
        """Ask the side with adapters anew, when there is something to compare it with."""
        if self.sides[False].answer and self.field.text().strip() and self.which.currentData() == IN_USE:
            self._begin((True,))

    def stop(self) -> None:
        """End what is being made; what is there stays."""
        if self._task is not None:
            self._task.cancel()

    # ------------------------------------------------------------ inside

    def _on_press(self) -> None:
        if self._task is not None:
            self.stop()
        elif self.field.text().strip():
            self._begin((False, True))
        else:
            self.field.setFocus()

    def _begin(self, sides: tuple[bool, ...]) -> None:
        before = self._task
        self.stop()
        self.error.hide()
        self._say("")
        self.button.setText(tr("&Stop"))
        self._task = self._window.run(self._ask(sides, before))
        self._task.add_done_callback(self._on_end)

    async def _ask(self, sides: tuple[bool, ...], before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        self._both.show()
        for side in sides:
            self.sides[side].begin()
        stream = comparing.compare(
            self._room,
            self.field.text().strip(),
            adapter_id=self.which.currentData() or "",
            sides=sides,
            on_status=self._say,
        )
        try:
            async with aclosing(stream) as pieces:
                async for piece in pieces:
                    self._say("")
                    self.sides[piece.with_adapters].add(piece.text)
        except TrayassistError as error:
            self.error.setText(local(str(error)))
            self.error.show()
        else:
            self._say_whether_different()

    def _on_end(self, task: asyncio.Task[None]) -> None:
        if isValid(self) and self._task is task:  # the window may be closed, and another question asked
            self._task = None
            self.button.setText(tr("&Compare"))
            if task.cancelled():
                self._say("")

    def _say(self, text: str) -> None:
        self.status.setText(local(text))
        self.status.setVisible(bool(text))

    def _say_whether_different(self) -> None:
        same = self.sides[False].answer == self.sides[True].answer
        self._say(tr("Both answers are the same.") if same else "")

    def _lay_out(self) -> None:
        self.status.hide()
        self.error.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE[4], 0, 0)
        layout.setSpacing(SPACE[2])
        layout.addLayout(row(label(tr("Compare"), "heading"), None, label(tr("with"), "small"), self.which))
        line = row(self.field, self.button)
        line.setStretch(0, 1)
        layout.addLayout(line)
        both = QHBoxLayout(self._both)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(SPACE[2])
        for side in self.sides.values():
            both.addWidget(side, 1)
        layout.addWidget(self._both)
        self._both.hide()  # until something is asked
        layout.addWidget(self.status)
        layout.addWidget(self.error)


class PreviewSide(QFrame):
    """One answer as it grows."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("look", "raised")
        self.answer = ""
        self.text = label("", "", wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setAccessibleName(title)
        self.text.setMinimumHeight(72)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE[3], SPACE[2], SPACE[3], SPACE[2])
        layout.setSpacing(SPACE[1])
        layout.addWidget(label(title, "small"))
        layout.addWidget(self.text, 1)

    def begin(self) -> None:
        """Empty it for a new answer."""
        self.answer = ""
        self.text.setText("")

    def add(self, text: str) -> None:
        """Show a further piece."""
        self.answer += text
        self.text.setText(self.answer)
