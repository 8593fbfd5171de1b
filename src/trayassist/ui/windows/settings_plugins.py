"""The plugins page: what each plugin is, how it fares, and its switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout

from trayassist.ui.theme import SPACE
from trayassist.ui.windows.base import label, row
from trayassist.ui.windows.settings_rows import Findable, Page
from trayassist.ui.windows.words import tr

if TYPE_CHECKING:
    from trayassist.plugins import PluginInfo


class PluginsPage(Page):
    """A card for each installed plugin; `switch(name, on)` is called when one is switched."""

    def __init__(self, switch: Callable[[str, bool], object]) -> None:
        super().__init__(tr("Plugins"))
        self._switch = switch
        self.add(label(tr("A plugin that does not work is left out, and the reason stands here."), "muted", wrap=True))
        self.cards: dict[str, Card] = {}

    def fill(self, infos: list[PluginInfo]) -> None:
        """Show these plugins; cards that are there already stay, with their focus."""
        for name in [name for name in self.cards if name not in {info.name for info in infos}]:
            card = self.cards.pop(name)
            self.rows.remove(card)
            card.deleteLater()
        for info in infos:
            if info.name not in self.cards:
                self.cards[info.name] = card = Card(info.name, self._switch)
                self.add(card)
            self.cards[info.name].show_info(info)


class Card(Findable):
    """One plugin; found by its name and what it provides."""

    def __init__(self, name: str, switch: Callable[[str, bool], object]) -> None:
        super().__init__(name)
        self.box = QCheckBox(tr("On"))
        self._title = label(name, "heading")
        self._about = label("", "small", wrap=True)
        self._state = label("", "danger", wrap=True)
        self.box.setAccessibleName(tr("Plugin {} is on").format(name))
        self.box.toggled.connect(lambda on: switch(name, on))
        frame = QFrame()
        frame.setProperty("look", "raised")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(SPACE[3], SPACE[2], SPACE[3], SPACE[2])
        inner.setSpacing(SPACE[1])
        inner.addLayout(row(self._title, None, self.box))
        inner.addWidget(self._about)
        inner.addWidget(self._state)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, SPACE[2], 0, 0)
        outer.addWidget(frame)

    def show_info(self, info: PluginInfo) -> None:
        """Show how the plugin fares."""
        self.box.blockSignals(True)
        self.box.setChecked(info.state != "off")
        self.box.blockSignals(False)
        source = " ".join(part for part in (info.distribution, info.version) if part)
        provides = ", ".join(info.provides) if info.provides else ""
        self._about.setText(" · ".join(part for part in (source, provides) if part))
        self._state.setVisible(info.state == "broken")
        self._state.setText(tr("Left out. {}").format(info.reason))
        self.find_by(info.name, source, provides, info.state, info.reason)
