"""The second step: the key that opens the popup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trayassist.ui.first_run.page import Step
from trayassist.ui.settings.hotkey import HotkeyRow, Place
from trayassist.ui.widgets.formats import tr

if TYPE_CHECKING:
    from trayassist.assistant import Assistant
    from trayassist.ui.hotkey import Hotkeys


class Key(Step):
    """The hotkey in force, whether it works, and another one by pressing it."""

    def __init__(self, assistant: Assistant, hotkeys: Hotkeys, place: Place) -> None:
        super().__init__(
            tr("The key to ask"),
            tr(
                "This key opens the popup in every window. Keep it, or press the button and then the keys you like. "
                "Try it: once to see the popup, once more to hide it."
            ),
        )
        self.row = HotkeyRow(assistant, hotkeys, place)
        self.content.addWidget(self.row)
