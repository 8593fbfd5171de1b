"""The first step: what trayassist does, in three lines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from trayassist.ui.first_run.page import Step
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.theme import SPACE, Theme
from trayassist.ui.widgets.window import column, label

ICON = 24


class Welcome(Step):
    """What it does, and what it does not."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(tr("Your documents, answered"), "")
        for icon, title, text in (
            (
                "search",
                tr("Ask from anywhere"),
                tr("Press a key, type a question. The answer quotes your documents, and each quote opens its page."),
            ),
            (
                "file",
                tr("Drop what it should know"),
                tr("Drop files or folders on the tray icon. They are read, and stay where they are."),
            ),
            (
                "lock",
                tr("It stays on this machine"),
                tr("Nothing is sent anywhere. A model is fetched only when you say so, and it works without one."),
            ),
        ):
            self.content.addWidget(Point(theme, icon, title, text))
        self.content.addWidget(
            label(
                tr("Four short steps follow. Each can be skipped, and Settings has all of them later."),
                "muted",
                wrap=True,
            )
        )


class Point(QWidget):
    """An icon, a few words, a sentence."""

    def __init__(self, theme: Theme, icon: str, title: str, text: str) -> None:
        super().__init__()
        self._theme, self._name, self._icon = theme, icon, QLabel()
        self._icon.setFixedWidth(ICON + SPACE[3])
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, SPACE[2], 0, SPACE[2])
        layout.addWidget(self._icon)
        words = column(label(title, "heading"), label(text, wrap=True), spacing=1)
        layout.addLayout(words, 1)
        self._draw()
        theme.changed.connect(self._draw)

    def _draw(self) -> None:
        self._icon.setPixmap(self._theme.pixmap(self._name, ICON, "accent", self.devicePixelRatioF()))
