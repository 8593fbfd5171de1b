"""What stands in the page's place when there is none to show: a sentence and one action."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from trayassist.api import PasswordNeeded, TrayassistError
from trayassist.ui.page.source import FileMoved, PageSource, PageTarget
from trayassist.ui.widgets.formats import tr
from trayassist.ui.widgets.local import local
from trayassist.ui.widgets.theme import SPACE
from trayassist.ui.widgets.window import column, label, row


class PageProblem(QWidget):
    """Says why a page cannot be shown, with one action: a button, or a field for a password with its button.

    What the user does about it goes to `source`, then the page is tried `again`.
    """

    def __init__(self, source: PageSource, again: Callable[[PageTarget], object]) -> None:
        super().__init__()
        self._source, self._again = source, again
        self.title = label("", "title", wrap=True)
        self.text = label("", "body", wrap=True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName(tr("Password of the file"))
        self.password.setPlaceholderText(tr("Password"))
        self.password.setMaximumWidth(280)
        self.button = QPushButton()
        self.button.setProperty("look", "primary")
        self._act: Callable[[str], object] | None = None
        self.button.clicked.connect(self._go)
        self.button.hide()
        self.password.returnPressed.connect(self._go)
        layout = column(margin=5, spacing=3)
        self.setLayout(layout)
        layout.addStretch(1)
        for item in (self.title, self.text):
            item.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(item)
        layout.addSpacing(SPACE[2])
        layout.addLayout(row(None, self.password, self.button, None))
        layout.addStretch(2)

    def say(self, title: str, text: str, button: str = "", action: Callable[[], object] | None = None) -> None:
        """Show a sentence and at most one button."""
        self._show(title, text, button, None if action is None else lambda _: action())
        self.password.hide()

    def ask_password(self, title: str, text: str, action: Callable[[str], object]) -> None:
        """Show a sentence and a field; `action` gets what was typed."""
        self._show(title, text, tr("Open"), action)
        self.password.clear()
        self.password.show()
        self.password.setFocus()

    def _show(self, title: str, text: str, button: str, action: Callable[[str], object] | None) -> None:
        self.title.setText(local(title))
        self.text.setText(local(text))
        self.setAccessibleName(f"{title} {text}")
        self._act = action
        self.button.setText(button)
        self.button.setVisible(bool(button))

    def _go(self) -> None:
        if self._act is not None:
            self._act(self.password.text())

    def explain(self, place: PageTarget, error: TrayassistError) -> None:
        """Show the error of a page with what can be done: choose its file, give its password, try again."""
        name = Path(place.path).name
        if isinstance(error, FileMoved):
            self.say(name, str(error), tr("Choose the file…"), lambda: self._choose_file(place))
        elif isinstance(error, PasswordNeeded):
            wrong = self._source.had_password(place)
            text = tr("This password does not open it.") if wrong else tr("It opens with a password.")
            self.ask_password(name, text, lambda password: self._use_password(place, password))
        else:
            self.say(name, str(error), tr("Try again"), lambda: self._again(place))

    def _use_password(self, place: PageTarget, password: str) -> None:
        self._source.unlock(place, password)
        self._again(place)

    def _choose_file(self, place: PageTarget) -> None:
        dialog = QFileDialog(self, tr("Where is {} now?").format(Path(place.path).name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.use_file(place, path))
        dialog.open()

    def use_file(self, place: PageTarget, path: str) -> None:
        """Show the passage in the file at its new place."""
        self._source.set_new_place(place, Path(path))
        self._again(place)
