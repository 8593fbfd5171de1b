"""The adapters page: what each adapter is and may do, the two that are in use, and both answers side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from trayassist.api import TrayassistError
from trayassist.ui.settings.adapter_card import AdapterCard
from trayassist.ui.settings.adapter_import import ImportPanel
from trayassist.ui.settings.adapter_preview import Preview
from trayassist.ui.settings.adapter_slots import Slots
from trayassist.ui.settings.rows import Findable, SettingsPage
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import Notice, label, local_files

if TYPE_CHECKING:
    from trayassist.models.adapters.record import AdapterRecord
    from trayassist.ui.settings.window import SettingsWindow


class AdaptersPage(SettingsPage):
    """All adapters of this machine. A GGUF adapter or a PEFT folder that is dropped on the page is imported."""

    def __init__(self, window: SettingsWindow) -> None:
        super().__init__(tr("Adapters"))
        self._window, self._room = window, window.assistant.adapters
        self.notice = Notice(self)
        self.importing = ImportPanel(window, self._room)
        self.slots = Slots(window, self._room)
        self.preview = Preview(window, self._room)
        self.cards: dict[str, AdapterCard] = {}
        self._broken: dict[str, BrokenCard] = {}
        self._about = label(
            tr(
                "An adapter is a small file, trained on top of a model, that changes how it answers: what you know, "
                "your tone. The assistant answers with at most two of them; code and all else stay on the model itself."
            ),
            "muted",
            wrap=True,
        )
        self._empty = _how_to_get_one()
        self._list_heading = heading(tr("All adapters"))
        self._whole = True  # whether all is shown, and not only what is looked for
        self.add(self._about)
        self._layout.addWidget(self.notice)
        layout = self.notice.layout()
        if layout is not None:
            layout.setContentsMargins(0, SPACE[3], 0, 0)  # the page has its own margins
        for part in (self.slots, self.preview, self._list_heading, self._empty, with_space(self.importing)):
            self.add(part)
        self._arrange()
        self.setAcceptDrops(True)
        self._room.changed.append(self._on_change)
        window.closed.connect(self._stop_listening)
        self.slots.scaled.connect(self.preview.again)
        self._on_change()

    # ------------------------------------------------------------ what is shown

    def _on_change(self) -> None:
        self._window.run(self.fill())

    def _stop_listening(self) -> None:
        if self._on_change in self._room.changed:
            self._room.changed.remove(self._on_change)

    async def fill(self) -> None:
        """Show the adapters as they are now; cards that are there already stay, with their focus."""
        try:
            found, broken = await self._room.list()
        except TrayassistError as error:
            self.notice.say(str(error), look="danger")
            return
        if problem := self._room.active.problem:
            self.notice.say(problem, look="danger")
        for name in [name for name in self.cards if name not in {one.id for one in found}]:
            self.take_out(self.cards.pop(name))
        for name in [name for name in self._broken if name not in broken]:
            self.take_out(self._broken.pop(name))
        for record in found:
            self._show(record)
        for name, damage in broken.items():
            if name not in self._broken:
                self._broken[name] = BrokenCard(name, damage.what)
                self.add(self._broken[name])
        self.slots.fill(found)
        self.preview.fill(found)
        self._arrange()

    def look_for(self, words: Sequence[str]) -> int:
        """Show what is about all of the words; what an empty page has no use for stays hidden."""
        self._whole = all(word in self.title.lower() for word in words)
        found = super().look_for(words)
        self._arrange()
        return found if self.cards or self._broken or self._whole else 0

    def _arrange(self) -> None:
        some = bool(self.cards or self._broken)
        self._empty.setVisible(not some and self._whole)
        for part in (self.slots, self.preview, self._list_heading):
            if not some or self._whole:
                part.setVisible(some)

    def _show(self, record: AdapterRecord) -> None:
        if record.id not in self.cards:
            self.cards[record.id] = card = AdapterCard(record, self._window, self._room)
            card.remove_wanted.connect(self.ask_to_remove)
            self.add(card)
        self.cards[record.id].show_record(record)

    def ask_to_remove(self, adapter_id: str) -> None:
        """Ask in place before an adapter and its files go."""
        self.notice.ask(
            tr("Remove the adapter {} and its files? What it was trained on stays.").format(adapter_id),
            tr("Remove"),
            lambda: self._window.run(self._remove(adapter_id)),
        )
        self.ensureWidgetVisible(self.notice)

    async def _remove(self, adapter_id: str) -> None:
        try:
            await self._room.remove(adapter_id)
        except TrayassistError as error:
            self.notice.say(str(error), look="danger")
        else:
            self._window.tell(tr("The adapter {} is removed.").format(adapter_id))

    # ------------------------------------------------------------ dropping files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders; leave all else alone."""
        if local_files(event.mimeData()):
            self.importing.light_up(True)
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self.importing.light_up(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Import what was dropped, one after the other."""
        self.importing.light_up(False)
        event.acceptProposedAction()
        self.take(local_files(event.mimeData()))

    def take(self, sources: list[Path]) -> None:
        """Import these files or folders."""
        self.importing.take(sources)


class BrokenCard(Findable):
    """An adapter's folder whose record cannot be read."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        frame = QFrame()
        frame.setProperty("look", "raised")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(SPACE[3], SPACE[2], SPACE[3], SPACE[2])
        inner.addWidget(label(name, "heading"))
        inner.addWidget(label(local(problem), "danger", wrap=True))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, SPACE[2], 0, 0)
        outer.addWidget(frame)


def heading(text: str) -> QLabel:
    """Return the name of a group of things on the page."""
    result = label(text, "heading")
    result.setContentsMargins(0, SPACE[4], 0, 0)
    return result


def with_space(widget: QWidget) -> QWidget:
    """Return the widget with the space that stands between cards above it."""
    box = QWidget()
    layout = QVBoxLayout(box)
    layout.setContentsMargins(0, SPACE[2], 0, 0)
    layout.addWidget(widget)
    return box


def _how_to_get_one() -> QWidget:
    """Return what an empty page says: there is none, and the three steps to one."""
    steps = (
        tr("1.  Export past answers as training data: trayassist adapters export --training FILE"),
        tr("2.  Train a LoRA with it on the model that writes your answers, with PEFT or llama.cpp."),
        tr("3.  Drop the result below. Nothing is used before you approve it and it passes an evaluation."),
    )
    box = QWidget()
    layout = QVBoxLayout(box)
    layout.setContentsMargins(0, SPACE[4], 0, SPACE[3])
    layout.setSpacing(SPACE[2])
    layout.addWidget(label(tr("There is none yet. To get one:"), "heading"))
    for step in steps:
        line = label(step, "", wrap=True)
        line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(line)
    layout.addWidget(label(tr("docs/adapters.md has every step."), "small"))
    return box
